import { describe, expect, it } from "vitest";
import type { Pipeline, PipelineLive } from "@/api/types";
import { byProblems, isProblem, shownHealth } from "./health";

function pipeline(name: string, health: PipelineLive["health"], more: Partial<PipelineLive> = {}): Pipeline {
  const live: PipelineLive = { health, reason: "", since: null, tablesReady: 1, tablesTotal: 1, ...more };
  return {
    name,
    state: "active",
    engine: "embedded",
    source: "",
    target: "",
    tables: [],
    sourceConnection: null,
    targetConnection: null,
    createdAt: "2026-01-01T00:00:00Z",
    revision: "1",
    live,
  };
}

describe("byProblems", () => {
  it("puts what needs somebody before what works", () => {
    const list = [
      pipeline("running", "running"),
      pipeline("paused", "paused"),
      pipeline("retrying", "retrying"),
      pipeline("failed", "failed"),
      pipeline("loading", "loading"),
      pipeline("degraded", "degraded"),
    ];
    expect(list.sort(byProblems).map((item) => item.name)).toEqual([
      "failed",
      "degraded",
      "retrying",
      "loading",
      "paused",
      "running",
    ]);
  });

  it("orders equals by the slot's risk, then lag, then name", () => {
    const list = [
      pipeline("b", "running", { lagS: 1 }),
      pipeline("a", "running", { lagS: 1 }),
      pipeline("slow", "running", { lagS: 90 }),
      pipeline("full", "running", { slotRisk: "alarm" }),
    ];
    expect(list.sort(byProblems).map((item) => item.name)).toEqual(["full", "slow", "a", "b"]);
  });
});

describe("shownHealth", () => {
  it("trusts what was ordered before what was last seen", () => {
    expect(shownHealth({ ...pipeline("a", "running"), state: "deleting" })).toBe("deleting");
    expect(shownHealth({ ...pipeline("a", "running"), state: "paused" })).toBe("paused");
  });
  it("says unknown when nothing was seen, or something it does not know", () => {
    expect(shownHealth({ state: "active", live: undefined })).toBe("unknown");
    expect(shownHealth(pipeline("a", "splendid" as PipelineLive["health"]))).toBe("unknown");
  });
});

it("paused is no problem, retrying is", () => {
  expect(isProblem("paused")).toBe(false);
  expect(isProblem("retrying")).toBe(true);
});
