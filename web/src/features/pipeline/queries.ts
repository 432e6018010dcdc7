import { useQuery } from "@tanstack/react-query";
import { answer, api, full } from "@/api/client";
import { keys } from "@/api/keys";
import type { PipelinePatch, Removed } from "@/api/types";

export type Range = "1h" | "24h" | "7d";

const path = (name: string) => ({ path: { name } });

/** With the ETag that a change must name. */
export function usePipeline(name: string) {
  return useQuery({
    queryKey: keys.pipeline(name),
    queryFn: async () => {
      const { data, response } = await full(api.GET("/api/v1/pipelines/{name}", { params: path(name) }));
      return { pipeline: data, etag: response.headers.get("ETag") ?? "" };
    },
  });
}

const kPollMs = 10_000;

/** Kept up to date by live events; polled slowly for when they do not come. */
export function useProgress(name: string) {
  return useQuery({
    queryKey: keys.progress(name),
    queryFn: () => answer(api.GET("/api/v1/pipelines/{name}/progress", { params: path(name) })),
    refetchInterval: kPollMs,
  });
}

export function useMetrics(name: string, range: Range) {
  return useQuery({
    queryKey: keys.metrics(name, range),
    queryFn: () => answer(api.GET("/api/v1/pipelines/{name}/metrics", { params: { ...path(name), query: { range } } })),
    refetchInterval: range === "1h" ? 10_000 : 60_000,
  });
}

export function useConfigs(name: string, enabled = true) {
  return useQuery({
    queryKey: keys.configs(name),
    queryFn: () => answer(api.GET("/api/v1/pipelines/{name}/configs", { params: path(name) })),
    enabled,
  });
}

export function useQuarantine(name: string, discarded: boolean) {
  return useQuery({
    queryKey: [...keys.quarantine(name), discarded],
    queryFn: () =>
      answer(
        api.GET("/api/v1/pipelines/{name}/quarantine", {
          params: { ...path(name), query: { discarded, pageSize: 200 } },
        }),
      ),
  });
}

export const reloadTable = (name: string, table: string) =>
  answer(api.POST("/api/v1/pipelines/{name}/tables/{table}/reload", { params: { path: { name, table } } }));

export const removeTable = (name: string, table: string, dropTables: boolean) =>
  answer(
    api.DELETE("/api/v1/pipelines/{name}/tables/{table}", { params: { path: { name, table }, query: { dropTables } } }),
  );

export const addTables = (name: string, tables: string[]) =>
  answer(api.POST("/api/v1/pipelines/{name}/tables", { params: path(name), body: { tables } }));

export const startVerify = (name: string, tables: string[], repair: boolean) =>
  answer(api.POST("/api/v1/pipelines/{name}/verify", { params: path(name), body: { tables, repair, maxReport: 100 } }));

export const retryRows = (name: string, ids: string[]) =>
  answer(api.POST("/api/v1/pipelines/{name}/quarantine/retry", { params: path(name), body: { ids } }));

export const discardRows = (name: string, ids: string[]) =>
  answer(api.POST("/api/v1/pipelines/{name}/quarantine/discard", { params: path(name), body: { ids } }));

export const restartConnector = (name: string, connector: string) =>
  answer(
    api.POST("/api/v1/pipelines/{name}/connectors/{connector}/restart", { params: { path: { name, connector } } }),
  );

export const restartTask = (name: string, connector: string, task: number) =>
  answer(
    api.POST("/api/v1/pipelines/{name}/connectors/{connector}/tasks/{task}/restart", {
      params: { path: { name, connector, task } },
    }),
  );

export const changePipeline = (name: string, etag: string, body: PipelinePatch) =>
  answer(api.PATCH("/api/v1/pipelines/{name}", { params: { path: { name }, header: { "If-Match": etag } }, body }));

export interface Removal {
  dropTables: boolean;
  dropTopics: boolean;
  force: boolean;
}

/** Answers when all of it is gone: only who asks for it gets an operation to follow. */
export const deletePipeline = async (name: string, removal: Removal) =>
  (await answer(api.DELETE("/api/v1/pipelines/{name}", { params: { path: { name }, query: removal } }))) as Removed;
