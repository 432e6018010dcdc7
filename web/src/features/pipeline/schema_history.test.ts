import { describe, expect, it } from "vitest";
import { kindOf, outcomeOf, outcomes } from "./schema_history";

describe("kindOf", () => {
  it.each([
    ["", "schema"],
    ["ignored", "schema.ignored"],
    ["stopped", "schema.stopped"],
    ["constructor", "schema"],
  ])("%s in the address asks for %s", (wanted, kind) => expect(kindOf(wanted)).toBe(kind));
});

describe("outcomeOf", () => {
  it.each([
    ["schema.applied", outcomes.applied],
    ["schema.ignored", outcomes.ignored],
    ["schema.stopped", outcomes.stopped],
  ])("%s", (kind, look) => expect(outcomeOf({ kind })).toEqual(look));

  it("names a kind that it does not know", () => {
    expect(outcomeOf({ kind: "schema.toString" })).toEqual({ word: "toString", tone: "info" });
  });
});
