import { describe, expect, it } from "vitest";
import type { Pipeline } from "@/api/types";
import { type ListView, paramsOf, shownPipelines, viewFrom } from "./filter";

const view = (more: Partial<ListView> = {}): ListView => ({ search: "", filter: "all", sort: "problems", ...more });
const named = (name: string, source = "", state: Pipeline["state"] = "active"): Pipeline => ({
  name,
  state,
  engine: "embedded",
  source,
  target: "",
  tables: [],
  sourceConnection: null,
  targetConnection: null,
  createdAt: "2026-01-01T00:00:00Z",
  revision: "1",
});

describe("the address", () => {
  it("carries the view there and back", () => {
    const wanted = view({ search: "shop db", filter: "problems", sort: "lag" });
    expect(viewFrom(new URLSearchParams(paramsOf(wanted).toString()))).toEqual(wanted);
    expect(paramsOf(view()).toString()).toBe("");
  });
  it("takes nonsense for the usual", () => {
    expect(viewFrom(new URLSearchParams("sort=toString&show=constructor"))).toEqual(view({ sort: "problems" }));
  });
});

describe("shownPipelines", () => {
  it("wants every word, in name or servers", () => {
    const all = [named("P_A", "postgresql://db1/shop"), named("P_B", "postgresql://db2/shop"), named("P_C")];
    expect(shownPipelines(all, view({ search: "SHOP db2" })).map((found) => found.name)).toEqual(["P_B"]);
  });
  it("filters by what is wrong", () => {
    const all = [named("A"), named("B", "", "failed"), named("C", "", "paused")];
    expect(shownPipelines(all, view({ filter: "problems" })).map((found) => found.name)).toEqual(["B"]);
    expect(shownPipelines(all, view({ filter: "paused" })).map((found) => found.name)).toEqual(["C"]);
  });
});
