/** What happens when a source table is altered: a word for every kind of change, and others for some kinds. */
import type { Choice } from "./choices";

export type SchemaWord = "apply" | "pause" | "ignore";

export const schemaWords: Choice<SchemaWord>[] = [
  { value: "apply", label: "Change the copy too" },
  { value: "pause", label: "Stop and ask" },
  { value: "ignore", label: "Leave the copy as it is" },
];

/** In the order in which the documentation lists them. */
export const schemaKinds: [kind: string, label: string][] = [
  ["add_column", "A column is added"],
  ["drop_column", "A column is dropped"],
  ["rename_column", "A column is renamed"],
  ["change_type", "A column gets another type"],
  ["nullability", "A column may be NULL now"],
  ["change_key", "The table gets another key"],
  ["drop_table", "The table is dropped"],
  ["rename_table", "The table gets another name"],
  ["new_table", "A table is made that the list means"],
];

export interface SchemaPolicies {
  all: SchemaWord;
  /** Of the kinds that have a word of their own; also of kinds that only a newer server knows. */
  kinds: ReadonlyMap<string, SchemaWord>;
}

const isWord = (text: string): text is SchemaWord => schemaWords.some(({ value }) => value === text);

/** From "apply,drop_column=pause", as the API has it. */
export function parseSchemaPolicies(text: string): SchemaPolicies {
  let all: SchemaWord = "apply";
  const kinds = new Map<string, SchemaWord>();
  for (const part of text.split(",")) {
    const [name = "", word] = part.split("=").map((piece) => piece.trim());
    if (word === undefined && isWord(name)) all = name;
    else if (word !== undefined && isWord(word)) kinds.set(name, word);
  }
  return { all, kinds };
}

export function schemaPolicyText({ all, kinds }: SchemaPolicies): string {
  const others = [...kinds].filter(([, word]) => word !== all);
  return [all, ...others.map(([kind, word]) => `${kind}=${word}`)].join(",");
}
