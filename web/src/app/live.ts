/**
 * Live events into the query cache. Numbers go straight into what is shown; everything else marks what must be read
 * again. Numbers of one quarter second are put in together, so that a busy fleet does not draw the page all the time.
 */
import type { QueryClient } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import type { Event, Pipeline, PipelineLive, PipelineProgress } from "@/api/types";
import type { ServerEvent } from "@/lib/sse";

/** A later message names only the tables that changed since the one before. */
export function mergeProgress(before: PipelineProgress | undefined, next: PipelineProgress): PipelineProgress {
  if (!before) return next;
  const changed = new Map(next.tables.map((table) => [table.table, table]));
  const tables = before.tables.map((table) => {
    const found = changed.get(table.table);
    changed.delete(table.table);
    return found ?? table;
  });
  return { ...next, tables: [...tables, ...changed.values()] };
}

/** The short form that lists show. */
export function shortProgress(progress: PipelineProgress, before: PipelineLive | undefined): PipelineLive {
  const { load, stream, slot, tables } = progress;
  return {
    health: progress.health as PipelineLive["health"],
    reason: progress.reason,
    since: progress.since,
    tablesReady: load?.tablesReady ?? tables.filter((table) => table.state === "ready").length,
    tablesTotal: load?.tablesTotal ?? tables.length,
    loadPercent:
      load?.rows && load.estimatedRows && Number(load.estimatedRows) > 0
        ? Math.min(100, (Number(load.rows) / Number(load.estimatedRows)) * 100)
        : null,
    secondsLeft: load?.secondsLeft ?? null,
    lagBytes: stream?.lagBytes ?? null,
    lagS: stream?.lagS ?? null,
    changesPerS: load?.rowsPerS ?? stream?.changesPerS ?? null,
    retainedBytes: slot?.retainedBytes ?? null,
    slotRisk: slot?.risk ?? null,
    lastChangeAt: stream?.lastChangeAt ?? before?.lastChangeAt ?? null,
  };
}

const kTogetherMs = 250;
/** A load of a thousand tables tells a thousand events: what they change is read once a second at most. */
const kReadAgainMs = 1000;

export class LiveCache {
  private waiting = new Map<string, PipelineProgress>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stale = new Map<string, readonly unknown[]>();
  private staleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  take(event: ServerEvent) {
    if (event.event === "progress") {
      const progress = parse<PipelineProgress>(event.data);
      if (!progress?.pipeline) return;
      this.waiting.set(progress.pipeline, mergeProgress(this.waiting.get(progress.pipeline), progress));
      this.timer ??= setTimeout(() => this.flush(), kTogetherMs);
    } else if (event.event === "reset") {
      void this.client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
    } else {
      const what = parse<Event>(event.data);
      if (what) this.happened(what);
    }
  }

  end() {
    clearTimeout(this.timer);
    clearTimeout(this.staleTimer);
    this.timer = this.staleTimer = undefined;
    this.waiting.clear();
    this.stale.clear();
  }

  flush() {
    this.timer = undefined;
    const waiting = this.waiting;
    this.waiting = new Map();
    for (const [name, progress] of waiting) {
      this.client.setQueryData<PipelineProgress>(keys.progress(name), (before) => mergeProgress(before, progress));
    }
    this.client.setQueryData<Pipeline[]>(keys.pipelines, (list) =>
      list?.map((pipeline) => {
        const progress = waiting.get(pipeline.name);
        if (!progress) return pipeline;
        const whole = this.client.getQueryData<PipelineProgress>(keys.progress(pipeline.name)) ?? progress;
        return { ...pipeline, live: shortProgress(whole, pipeline.live) };
      }),
    );
  }

  private happened(event: Event) {
    if (event.kind.startsWith("operation.")) {
      this.readAgain(keys.operations);
      if (event.kind === "operation.progress") return;
    }
    this.readAgain(keys.events);
    if (event.pipeline) {
      this.readAgain(keys.pipelines);
      this.readAgain(keys.pipeline(event.pipeline));
    }
    if (event.kind.startsWith("alert")) this.readAgain(["alerts"]);
  }

  private readAgain(key: readonly unknown[]) {
    this.stale.set(JSON.stringify(key), key);
    this.staleTimer ??= setTimeout(() => {
      this.staleTimer = undefined;
      const found = [...this.stale.values()];
      this.stale.clear();
      for (const queryKey of found) void this.client.invalidateQueries({ queryKey });
    }, kReadAgainMs);
  }
}

function parse<Shape>(text: string): Shape | null {
  try {
    return JSON.parse(text) as Shape;
  } catch {
    return null;
  }
}
