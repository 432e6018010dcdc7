import { describe, expect, it } from "vitest";
import { parseSchemaPolicies, schemaPolicyText } from "./schema_policy";

const parsed = (text: string) => {
  const { all, kinds } = parseSchemaPolicies(text);
  return { all, ...Object.fromEntries(kinds) };
};

describe("parseSchemaPolicies", () => {
  it.each([
    ["", { all: "apply" }],
    ["pause", { all: "pause" }],
    ["apply,drop_column=pause", { all: "apply", drop_column: "pause" }],
    ["drop_column = pause , ignore", { all: "ignore", drop_column: "pause" }],
    ["apply,later_kind=ignore", { all: "apply", later_kind: "ignore" }],
    ["later_word,drop_column=later_word", { all: "apply" }],
  ])("%s", (text, wanted) => expect(parsed(text)).toEqual(wanted));
});

describe("schemaPolicyText", () => {
  it("names only what differs from the word for all", () => {
    const kinds = new Map([
      ["add_column", "apply"],
      ["drop_column", "pause"],
    ] as const);
    expect(schemaPolicyText({ all: "apply", kinds })).toBe("apply,drop_column=pause");
    expect(schemaPolicyText({ all: "pause", kinds })).toBe("pause,add_column=apply");
  });
  it("gives back what it was made from, of kinds that it does not know too", () => {
    const text = "ignore,drop_table=pause,later_kind=apply";
    expect(schemaPolicyText(parseSchemaPolicies(text))).toBe(text);
  });
});
