import { expect, it } from "vitest";
import { fixOf } from "./fixes";

it("knows the way out of an error by its code, and of no other word", () => {
  expect(fixOf("source.schema_changed")).toContain("millrace reload");
  expect(fixOf("constructor")).toBe("");
  expect(fixOf(undefined)).toBe("");
});
