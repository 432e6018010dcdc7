import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { ConnectionReport, Endpoint, Operation, PipelineSpec, SourceCatalog, SourceTable } from "@/api/types";
import type { Side } from "@/lib/server_form";

export const testConnection = (side: Side, connection: Endpoint, signal?: AbortSignal): Promise<ConnectionReport> =>
  answer(api.POST("/api/v1/connections:test", { body: { side, connection }, signal }));

const withoutPassword = ({ password: _, ...rest }: Endpoint) => rest;

/** The whole list without columns; it stays as it is until somebody asks for it anew. */
export function useCatalog(connection: Endpoint, targetSchema: string, enabled: boolean) {
  return useQuery<SourceCatalog>({
    queryKey: ["catalog", withoutPassword(connection), targetSchema],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/v1/connections:tables", { body: { connection, columns: false, targetSchema }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    enabled,
  });
}

export function useTableColumns(connection: Endpoint, entry: string, targetSchema: string) {
  return useQuery<SourceTable | undefined>({
    queryKey: ["catalog", withoutPassword(connection), targetSchema, entry],
    queryFn: async ({ signal }) => {
      const body = { connection, tables: [entry], columns: true, targetSchema };
      return (await answer(api.POST("/api/v1/connections:tables", { body, signal }))).tables[0];
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function shown(spec: PipelineSpec) {
  return { ...spec, source: withoutPassword(spec.source), target: withoutPassword(spec.target) };
}

export function usePlan(spec: PipelineSpec) {
  return useQuery({
    queryKey: ["plan", shown(spec)],
    queryFn: ({ signal }) => answer(api.POST("/api/v1/pipelines:plan", { body: spec, signal })),
    staleTime: 30_000,
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
  });
}

/** Begins the work and says under which operation it goes on. */
export async function startCreate(spec: PipelineSpec, idempotencyKey: string): Promise<Operation> {
  const begun = await answer(
    api.POST("/api/v1/pipelines", {
      body: spec,
      params: { header: { Prefer: "respond-async", "Idempotency-Key": idempotencyKey } },
    }),
  );
  return begun as unknown as Operation;
}
