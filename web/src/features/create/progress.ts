import type { PipelineProgress } from "@/api/types";
import { percent } from "@/lib/format";

/** Every change that is made on the source from now on arrives by itself. */
export function isLive(progress: PipelineProgress | undefined): boolean {
  if (progress?.health !== "running") return false;
  return progress.stream !== null || progress.connectors.length > 0;
}

/** By rows where they are known, else by tables. */
export function loadPercent(load: NonNullable<PipelineProgress["load"]>): number {
  const rows = Number(load.rows ?? 0);
  const estimate = Number(load.estimatedRows ?? 0);
  if (estimate > 0) return Math.min(99, percent(rows, estimate));
  return percent(load.tablesReady ?? 0, load.tablesTotal ?? 0);
}
