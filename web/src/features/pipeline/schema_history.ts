/** Changes of source tables as their history shows them: what the events about the target and about failed runs tell. */
import type { Event } from "@/api/types";
import type { Tone } from "@/components/StatusBadge";

export interface SchemaChange {
  table: string;
  title: string;
  outcome: string;
  tone: Tone;
  detail: string;
}

/** A run that stopped in front of a change has this code. */
const kStopped = "source.schema_changed";

/** What the engine says after the table's name; the first that fits. */
const kSaid: [RegExp, string][] = [
  [/takes NULL, it is dropped on the source$/, "Column dropped"],
  [/^column .+ dropped$/, "Column dropped"],
  [/^column .+ added$/, "Column added"],
  [/^rows that are there got the default of /, "Column added"],
  [/ renamed to /, "Column renamed"],
  [/^column .+, was /, "Type changed"],
  [/^column .+ takes NULL$/, "NULL allowed"],
  [/^column .+, a key's$/, "Key changed"],
  [/^primary key made over /, "Key changed"],
];

const kTableDropped = /^(.+) was dropped on the source; /;

/** Null: the event is about no change of a table's shape. */
export function schemaChange(event: Pick<Event, "kind" | "code" | "table" | "message" | "cause">): SchemaChange | null {
  if (event.code === kStopped && event.kind === "run.failed") {
    const detail = event.cause ? `${event.message} ${event.cause}` : event.message;
    return { table: event.table ?? "", title: "Not followed", outcome: "Stopped in front of it", tone: "bad", detail };
  }
  if (event.kind !== "target.changed") return null;
  const dropped = kTableDropped.exec(event.message)?.[1];
  if (dropped) return left(dropped, "Table dropped", event.message);
  const colon = event.message.indexOf(": ");
  const table = event.message.slice(0, Math.max(0, colon));
  const said = event.message.slice(colon + 2);
  const title = colon < 0 ? undefined : kSaid.find(([pattern]) => pattern.test(said))?.[1];
  if (!title) return null;
  if (said.endsWith("it is dropped on the source")) return left(table, title, said);
  return { table, title, outcome: "Copy follows", tone: "good", detail: said };
}

const left = (table: string, title: string, detail: string): SchemaChange => ({
  table,
  title,
  outcome: "Copy left as it was",
  tone: "warn",
  detail,
});

interface Pages {
  items: Event[];
  /** There are older ones that were not read yet. */
  more: boolean;
}

/** Two lists as one, newest first; nothing is shown that unread events of the other could stand before. */
export function together(lists: Pages[]): Event[] {
  const readTo =
    lists
      .flatMap(({ items, more }) => (more ? [items.at(-1)?.time ?? ""] : []))
      .sort()
      .at(-1) ?? "";
  return lists
    .flatMap(({ items }) => items)
    .filter(({ time }) => time >= readTo)
    .sort((left, right) => right.time.localeCompare(left.time));
}
