/** Changes of source tables as their history shows them: one kind of event for each thing that can be done about one. */
import type { Event } from "@/api/types";
import type { Tone } from "@/components/StatusBadge";

interface Look {
  word: string;
  tone: Tone;
}

export const outcomes = {
  applied: { word: "Followed", tone: "good" },
  ignored: { word: "Copy left as it was", tone: "warn" },
  stopped: { word: "Stopped in front of it", tone: "bad" },
} as const satisfies Record<string, Look>;

export type Outcome = keyof typeof outcomes;

const kFamily = "schema";

export const isOutcome = (word: string): word is Outcome => Object.hasOwn(outcomes, word);

/** What to ask the server for; a word from the address that is no outcome means all. */
export const kindOf = (wanted: string) => (isOutcome(wanted) ? `${kFamily}.${wanted}` : kFamily);

/** A kind that this page does not know, of a newer server, is named as it is. */
export function outcomeOf({ kind }: Pick<Event, "kind">): Look {
  const word = kind.slice(kFamily.length + 1);
  return isOutcome(word) ? outcomes[word] : { word, tone: "info" };
}
