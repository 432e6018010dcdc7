import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import type { Pipeline } from "@/api/types";

const kLargestPage = 1000;

/** All of them: what is wrong must come first, wherever it stands in the alphabet. */
async function fetchPipelines(): Promise<Pipeline[]> {
  const all: Pipeline[] = [];
  let pageToken: string | undefined;
  do {
    const page = await answer(
      api.GET("/api/v1/pipelines", { params: { query: { pageSize: kLargestPage, pageToken } } }),
    );
    all.push(...page.items);
    pageToken = page.nextPageToken || undefined;
  } while (pageToken);
  return all;
}

const kMinuteMs = 60_000;

export function usePipelines() {
  return useQuery({ queryKey: keys.pipelines, queryFn: fetchPipelines, refetchInterval: kMinuteMs });
}

/** Throughput of the last hour, for a sparkline. */
export function useThroughput(name: string) {
  return useQuery({
    queryKey: keys.metrics(name, "1h"),
    queryFn: () =>
      answer(api.GET("/api/v1/pipelines/{name}/metrics", { params: { path: { name }, query: { range: "1h" } } })),
    staleTime: kMinuteMs,
    // A list that stays open shows the last hour, not the hour in which it was opened.
    refetchInterval: kMinuteMs,
    select: (history) => history.series.changesPerS ?? [],
  });
}

export const pausePipeline = (name: string) =>
  answer(api.POST("/api/v1/pipelines/{name}/pause", { params: { path: { name } } }));
export const resumePipeline = (name: string) =>
  answer(api.POST("/api/v1/pipelines/{name}/resume", { params: { path: { name } } }));
export const restartPipeline = (name: string) =>
  answer(api.POST("/api/v1/pipelines/{name}/restart", { params: { path: { name } } }));
