/** What the list shows, as it stands in the page's address. */
import type { Pipeline } from "@/api/types";
import { byProblems, isProblem, shownHealth } from "@/lib/health";

export const sorts = {
  problems: { label: "Problems first", compare: byProblems },
  name: { label: "Name", compare: (a: Pipeline, b: Pipeline) => a.name.localeCompare(b.name) },
  lag: { label: "Largest lag", compare: (a: Pipeline, b: Pipeline) => (b.live?.lagS ?? -1) - (a.live?.lagS ?? -1) },
  throughput: {
    label: "Highest throughput",
    compare: (a: Pipeline, b: Pipeline) => (b.live?.changesPerS ?? -1) - (a.live?.changesPerS ?? -1),
  },
  newest: { label: "Newest", compare: (a: Pipeline, b: Pipeline) => b.createdAt.localeCompare(a.createdAt) },
} as const;

export type Sort = keyof typeof sorts;
export const filters = ["all", "problems", "running", "loading", "paused"] as const;
export type Filter = (typeof filters)[number];

export interface ListView {
  search: string;
  filter: Filter;
  sort: Sort;
}

/** Words that are none of ours fall back to what is usual. */
export function viewFrom(params: URLSearchParams): ListView {
  const sort = params.get("sort") ?? "";
  const filter = params.get("show") ?? "";
  return {
    search: params.get("q") ?? "",
    sort: Object.hasOwn(sorts, sort) ? (sort as Sort) : "problems",
    filter: (filters as readonly string[]).includes(filter) ? (filter as Filter) : "all",
  };
}

/** Only what differs from the usual stands in the address. */
export function paramsOf(view: ListView): URLSearchParams {
  const params = new URLSearchParams();
  if (view.search) params.set("q", view.search);
  if (view.filter !== "all") params.set("show", view.filter);
  if (view.sort !== "problems") params.set("sort", view.sort);
  return params;
}

export function passes(pipeline: Pipeline, filter: Filter): boolean {
  const health = shownHealth(pipeline);
  if (filter === "all") return true;
  if (filter === "problems") return isProblem(health);
  if (filter === "loading") return health === "loading" || health === "starting" || health === "creating";
  return health === filter;
}

/** Search looks at names and at both servers. */
export function shownPipelines(all: Pipeline[], view: ListView): Pipeline[] {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  return all
    .filter((pipeline) => {
      const text = `${pipeline.name} ${pipeline.source} ${pipeline.target}`.toLowerCase();
      return passes(pipeline, view.filter) && words.every((word) => text.includes(word));
    })
    .sort((a, b) => sorts[view.sort].compare(a, b) || a.name.localeCompare(b.name));
}
