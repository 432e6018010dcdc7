/** What all pipelines together say. */
import type { Pipeline } from "@/api/types";
import { isProblem, shownHealth } from "@/lib/health";

export interface Totals {
  pipelines: number;
  problems: number;
  /** Null: no pipeline tells it. */
  changesPerS: number | null;
  /** The pipeline that is furthest behind. */
  slowest: { name: string; lagS: number } | null;
  retainedBytes: bigint;
  slotsAtRisk: number;
  tablesReady: number;
  tables: number;
}

export function totalsOf(pipelines: Pipeline[]): Totals {
  const totals: Totals = {
    pipelines: pipelines.length,
    problems: 0,
    changesPerS: null,
    slowest: null,
    retainedBytes: 0n,
    slotsAtRisk: 0,
    tablesReady: 0,
    tables: 0,
  };
  for (const pipeline of pipelines) {
    const { live } = pipeline;
    if (isProblem(shownHealth(pipeline))) ++totals.problems;
    totals.tables += live?.tablesTotal ?? pipeline.tables.length;
    if (!live) continue;
    totals.tablesReady += live.tablesReady;
    if (live.changesPerS !== null && live.changesPerS !== undefined) {
      totals.changesPerS = (totals.changesPerS ?? 0) + live.changesPerS;
    }
    if (live.retainedBytes && /^\d+$/.test(live.retainedBytes)) totals.retainedBytes += BigInt(live.retainedBytes);
    if (live.slotRisk && live.slotRisk !== "ok") ++totals.slotsAtRisk;
    if (typeof live.lagS === "number" && (totals.slowest === null || live.lagS > totals.slowest.lagS)) {
      totals.slowest = { name: pipeline.name, lagS: live.lagS };
    }
  }
  return totals;
}
