import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keys } from "@/api/keys";
import type { Pipeline, PipelineProgress, TableProgress } from "@/api/types";
import { LiveCache, mergeProgress, shortProgress } from "./live";

const table = (name: string, inserts: string): TableProgress => ({
  table: name,
  state: "ready",
  inserts,
  updates: "0",
  deletes: "0",
  truncates: "0",
});

function progress(pipeline: string, tables: TableProgress[], more: Partial<PipelineProgress> = {}): PipelineProgress {
  return {
    pipeline,
    time: "2026-01-01T00:00:00Z",
    health: "running",
    reason: "",
    since: null,
    nextAttemptAt: null,
    lastError: null,
    failures: "0",
    restarts: "0",
    load: null,
    stream: null,
    slot: null,
    tables,
    connectors: [],
    ...more,
  };
}

describe("mergeProgress", () => {
  it("keeps tables that did not change, takes those that did, and those that are new", () => {
    const before = progress("P", [table("a", "1"), table("b", "1")]);
    const after = mergeProgress(before, progress("P", [table("b", "2"), table("c", "1")], { health: "degraded" }));
    expect(after.tables.map(({ table: name, inserts }) => [name, inserts])).toEqual([
      ["a", "1"],
      ["b", "2"],
      ["c", "1"],
    ]);
    expect(after.tables[0]).toBe(before.tables[0]);
    expect(after.health).toBe("degraded");
  });
});

describe("shortProgress", () => {
  it("counts tables that follow, where no load counts them", () => {
    const tables = [table("a", "0"), { ...table("b", "0"), state: "failed" as const }];
    expect(shortProgress(progress("P", tables), undefined)).toMatchObject({ tablesReady: 1, tablesTotal: 2 });
  });
});

describe("LiveCache", () => {
  let client: QueryClient;
  let cache: LiveCache;
  const send = (event: string, data: unknown) => cache.take({ id: "", event, data: JSON.stringify(data) });

  beforeEach(() => {
    vi.useFakeTimers();
    client = new QueryClient();
    cache = new LiveCache(client);
  });
  afterEach(() => {
    cache.end();
    vi.useRealTimers();
  });

  it("puts numbers of a quarter second in together, and leaves other rows as they are", () => {
    const list = ["P", "Q"].map((name) => ({ name, state: "active", live: undefined }) as unknown as Pipeline);
    client.setQueryData(keys.pipelines, list);
    const writes = vi.spyOn(client, "setQueryData");
    for (let i = 0; i < 20; ++i) send("progress", progress("P", [table("a", String(i))]));
    expect(writes).not.toHaveBeenCalled();
    vi.advanceTimersByTime(250);
    expect(writes).toHaveBeenCalledTimes(2);
    expect(client.getQueryData<PipelineProgress>(keys.progress("P"))?.tables[0]?.inserts).toBe("19");
    const after = client.getQueryData<Pipeline[]>(keys.pipelines);
    expect(after?.[0]?.live?.health).toBe("running");
    expect(after?.[1]).toBe(list[1]);
  });

  it("marks what an event changes, and everything but who is signed in at a reset", () => {
    for (const key of [keys.me, keys.events, keys.pipeline("P"), keys.pipeline("Q")]) client.setQueryData(key, {});
    const stale = (key: readonly unknown[]) => client.getQueryState(key)?.isInvalidated;
    const reads = vi.spyOn(client, "invalidateQueries");
    for (let i = 0; i < 50; ++i) send("run.failed", { kind: "run.failed", pipeline: "P" });
    vi.advanceTimersByTime(1000);
    expect(reads).toHaveBeenCalledTimes(3);
    expect([stale(keys.events), stale(keys.pipeline("P")), stale(keys.pipeline("Q"))]).toEqual([true, true, false]);
    send("reset", {});
    expect([stale(keys.pipeline("Q")), stale(keys.me)]).toEqual([true, false]);
  });

  it("passes over what it cannot read", () => {
    cache.take({ id: "", event: "progress", data: "{" });
    cache.take({ id: "", event: "run.failed", data: "null" });
    vi.advanceTimersByTime(1000);
    expect(client.getQueryCache().getAll()).toHaveLength(0);
  });
});
