import { describe, expect, it } from "vitest";
import type { Pipeline, TableProgress } from "@/api/types";
import { copyPercent, tableViews } from "./tables";

const progress = (table: string, state: TableProgress["state"], more: Partial<TableProgress> = {}): TableProgress => ({
  table,
  state,
  inserts: "0",
  updates: "0",
  deletes: "0",
  truncates: "0",
  ...more,
});

describe("tableViews", () => {
  it("joins targets, keeps what nobody has seen yet, and puts problems first", () => {
    const pipeline = {
      tables: [
        { source: "public.a", target: "dbo.a" },
        { source: "public.b", target: "dbo.b" },
        { source: "public.c", target: "dbo.c" },
      ],
    } as unknown as Pipeline;
    const views = tableViews(pipeline, [progress("public.a", "ready"), progress("public.b", "failed")]);
    expect(views.map((view) => [view.table, view.target, view.state])).toEqual([
      ["public.b", "dbo.b", "failed"],
      ["public.c", "dbo.c", "pending"],
      ["public.a", "dbo.a", "ready"],
    ]);
  });
});

describe("copyPercent", () => {
  it("is below 100 while it copies, and silent where it cannot know", () => {
    expect(copyPercent(progress("t", "copying", { rows: "50", estimatedRows: "200" }))).toBe(25);
    expect(copyPercent(progress("t", "copying", { rows: "300", estimatedRows: "200" }))).toBe(99);
    expect(copyPercent(progress("t", "copying", { rows: "300", estimatedRows: null }))).toBeNull();
    expect(copyPercent(progress("t", "ready", { rows: "1", estimatedRows: "2" }))).toBeNull();
  });
});
