/** The settings that may change while a pipeline lives, as a form, and what a change sends. */
import type { PipelinePatch } from "@/api/types";

export interface Settings {
  sourceUser: string;
  sourcePassword: string;
  targetUser: string;
  targetPassword: string;
  valuePolicy: string;
  poison: string;
  schemaPolicy: string;
  loadWorkers: string;
}

/** From a spec without secrets: password fields begin empty, and stay so unless somebody types. */
export function settingsOf(spec: unknown): Settings {
  const text = (...path: string[]) => {
    let value: unknown = spec;
    for (const name of path) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  };
  return {
    sourceUser: text("source", "user"),
    sourcePassword: "",
    targetUser: text("target", "user"),
    targetPassword: "",
    valuePolicy: text("mapping", "valuePolicy") || "fail",
    poison: text("embedded", "poison") || "stop",
    schemaPolicy: text("embedded", "schemaPolicy") || "apply",
    loadWorkers: text("embedded", "loadWorkers") || "4",
  };
}

const kSecrets: readonly string[] = ["sourcePassword", "targetPassword"] satisfies (keyof Settings)[];

type Storage_ = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (owner: string) => `millrace-settings ${owner}`;

/** Only what is different, and no secret: what others change meanwhile is not undone by a form that comes back. */
export function keepChanges(owner: string, present: Settings, wanted: Settings, storage: Storage_ = sessionStorage) {
  const changed = Object.entries(wanted).filter(
    ([name, value]) => !kSecrets.includes(name) && value !== present[name as keyof Settings],
  );
  try {
    if (changed.length === 0) storage.removeItem(keyOf(owner));
    else storage.setItem(keyOf(owner), JSON.stringify(Object.fromEntries(changed)));
  } catch {
    // Full or switched off: what was typed lives as long as the page.
  }
}

/** What is there now, with what was typed and not saved; only what has the right shape is taken. */
export function withKeptChanges(owner: string, present: Settings, storage: Storage_ = sessionStorage): Settings {
  try {
    const kept = JSON.parse(storage.getItem(keyOf(owner)) ?? "{}") as Record<string, unknown>;
    const taken = Object.entries(present).map(([name, value]) => {
      const typed = kSecrets.includes(name) ? undefined : kept[name];
      return [name, typeof typed === "string" ? typed : value];
    });
    return Object.fromEntries(taken) as Settings;
  } catch {
    return present;
  }
}

/** The fields after what was sent has been saved: a secret that went out is not there any more, a newer one is. */
export function withoutSentSecrets(sent: Settings, typed: Settings): Settings {
  const left = (name: "sourcePassword" | "targetPassword") => (typed[name] === sent[name] ? "" : typed[name]);
  return { ...typed, sourcePassword: left("sourcePassword"), targetPassword: left("targetPassword") };
}

/** Null: nothing is different. */
export function patchOf(present: Settings, wanted: Settings): PipelinePatch | null {
  const changed = (name: keyof Settings) => wanted[name] !== present[name];
  const only = (members: Record<string, unknown>) => {
    const given = Object.entries(members).filter(([, value]) => value !== undefined);
    return given.length > 0 ? Object.fromEntries(given) : undefined;
  };
  const patch = only({
    source: only({
      user: changed("sourceUser") ? wanted.sourceUser.trim() : undefined,
      password: wanted.sourcePassword || undefined,
    }),
    target: only({
      user: changed("targetUser") ? wanted.targetUser.trim() : undefined,
      password: wanted.targetPassword || undefined,
    }),
    mapping: only({ valuePolicy: changed("valuePolicy") ? wanted.valuePolicy : undefined }),
    embedded: only({
      poison: changed("poison") ? wanted.poison : undefined,
      schemaPolicy: changed("schemaPolicy") ? wanted.schemaPolicy.trim() : undefined,
      loadWorkers: changed("loadWorkers") ? Number(wanted.loadWorkers) : undefined,
    }),
  });
  return (patch as PipelinePatch | undefined) ?? null;
}
