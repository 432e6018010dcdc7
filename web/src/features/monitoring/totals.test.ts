import { expect, it } from "vitest";
import type { Pipeline, PipelineLive } from "@/api/types";
import { totalsOf } from "./totals";

const live = (more: Partial<PipelineLive>): PipelineLive => ({
  health: "running",
  reason: "",
  since: null,
  tablesReady: 2,
  tablesTotal: 2,
  ...more,
});
const pipeline = (name: string, of?: PipelineLive): Pipeline => ({
  name,
  state: "active",
  engine: "embedded",
  source: "",
  target: "",
  tables: [{}, {}, {}],
  sourceConnection: null,
  targetConnection: null,
  createdAt: "2026-01-01T00:00:00Z",
  revision: "1",
  live: of,
});

it("adds up what is known, beyond 2^53 too", () => {
  const totals = totalsOf([
    pipeline("A", live({ changesPerS: 1.5, lagS: 3, retainedBytes: "9007199254740993", slotRisk: "ok" })),
    pipeline("B", live({ changesPerS: 2, lagS: 8, retainedBytes: "1", slotRisk: "alarm", tablesReady: 1 })),
    pipeline("C", live({ health: "failed", changesPerS: null, lagS: null, tablesReady: 0 })),
    pipeline("D"),
  ]);
  expect(totals).toEqual({
    pipelines: 4,
    problems: 1,
    changesPerS: 3.5,
    slowest: { name: "B", lagS: 8 },
    retainedBytes: 9007199254740994n,
    slotsAtRisk: 1,
    tablesReady: 3,
    tables: 9,
  });
});

it("tells no rate that nobody knows", () => {
  expect(totalsOf([pipeline("A")]).changesPerS).toBeNull();
  expect(totalsOf([]).slowest).toBeNull();
});
