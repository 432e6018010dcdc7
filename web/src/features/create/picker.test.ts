import { describe, expect, it } from "vitest";
import type { SourceTable } from "@/api/types";
import { matcher, shownTables } from "./picker";

describe("matcher", () => {
  it.each([
    ["ord", "public.orders", true],
    ["pub ord", "public.orders", true],
    ["sales", "public.orders", false],
    ["sales.*", "sales.orders", true],
    ["sales.*", "presales.orders", false],
    ["*_log", "public.audit_log", true],
    ["*_log", "public.audit_logs", false],
    ["*_log !audit", "public.audit_log", false],
    ["o.d", "public.oxd", false],
    ["", "public.orders", true],
    ["!", "public.orders", true],
    ["(", "public.orders", false],
  ])("%s against %s: %s", (search, name, fits) => expect(matcher(search)(name)).toBe(fits));
});

function table(schema: string, name: string, issues: SourceTable["issues"] = []): SourceTable {
  return {
    schema,
    name,
    partitioned: false,
    estimatedRows: "1",
    bytes: "8192",
    keyKind: "primary-key",
    key: ["id"],
    replicaIdentity: "default",
    columnCount: 2,
    columns: [],
    replicable: true,
    issues,
  };
}

describe("shownTables", () => {
  const issue = { id: "x", severity: "warning" as const, column: "", message: "", fix: "" };
  const all = [table("a", "one"), table("b", "one"), table("b", "two", [issue])];
  const view = { search: "", schema: "", only: "all" as const };
  const names = (list: SourceTable[]) => list.map((found) => `${found.schema}.${found.name}`);

  it("filters by schema, selection and problems", () => {
    expect(names(shownTables(all, { ...view, schema: "b" }, () => false))).toEqual(["b.one", "b.two"]);
    expect(names(shownTables(all, { ...view, only: "selected" }, (it) => it.schema === "a"))).toEqual(["a.one"]);
    expect(names(shownTables(all, { ...view, only: "problems" }, () => false))).toEqual(["b.two"]);
  });

  it("finds among ten thousand", () => {
    const many = Array.from({ length: 10_000 }, (_, i) => table(`s${i % 50}`, `table_${i}`));
    const found = shownTables(many, { ...view, search: "s7.* !99" }, () => false);
    expect(found.length).toBeGreaterThan(100);
    expect(found.every(({ schema, name }) => schema === "s7" && !name.includes("99"))).toBe(true);
  });
});
