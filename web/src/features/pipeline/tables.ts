/** A pipeline's tables as its page lists them. */
import type { Pipeline, TableProgress } from "@/api/types";
import type { Tone } from "@/components/StatusBadge";
import { percent } from "@/lib/format";

export interface TableView extends TableProgress {
  target: string;
}

export const tableStates: Record<string, { word: string; tone: Tone; busy?: boolean; order: number }> = {
  failed: { word: "Failed", tone: "bad", order: 0 },
  copying: { word: "Copying", tone: "info", busy: true, order: 1 },
  pending: { word: "Waiting", tone: "quiet", order: 2 },
  ready: { word: "Following", tone: "good", order: 3 },
};

const order = (state: string) => tableStates[state]?.order ?? 2;

/** What has progress, with its target; tables that were never seen wait. Problems first, then by name. */
export function tableViews(pipeline: Pipeline, progress: TableProgress[]): TableView[] {
  const targets = new Map(
    pipeline.tables.map((route) => {
      const { source, target } = route as { source?: string; target?: string };
      return [String(source), String(target ?? "")];
    }),
  );
  const seen = progress.map((table) => ({ ...table, target: targets.get(table.table) ?? "" }));
  for (const table of seen) targets.delete(table.table);
  const waiting = [...targets].map(([table, target]) => ({
    table,
    target,
    state: "pending" as const,
    inserts: "0",
    updates: "0",
    deletes: "0",
    truncates: "0",
  }));
  return [...seen, ...waiting].sort((a, b) => order(a.state) - order(b.state) || a.table.localeCompare(b.table));
}

/** How far a copy is; null where nobody can tell. */
export function copyPercent(table: TableProgress): number | null {
  if (table.state !== "copying" || !table.rows || !table.estimatedRows || Number(table.estimatedRows) <= 0) return null;
  return Math.min(99, percent(Number(table.rows), Number(table.estimatedRows)));
}
