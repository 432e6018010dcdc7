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

/** Never kept. */
export const kSecrets = ["sourcePassword", "targetPassword"] as const satisfies (keyof Settings)[];

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
