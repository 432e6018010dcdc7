/** Long work on the server: begun by a request, followed here. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";

const kPollMs = 1500;

/** Live events tell about ends; polling is for when they do not come. */
export function useOperation(id: string) {
  return useQuery({
    queryKey: keys.operation(id),
    queryFn: () => answer(api.GET("/api/v1/operations/{operation}", { params: { path: { operation: id } } })),
    refetchInterval: (query) => (query.state.data && query.state.data.state !== "running" ? false : kPollMs),
    enabled: id !== "",
  });
}

/** The newest operations of a pipeline. */
export function useOperationsOf(target: string) {
  return useQuery({
    queryKey: [...keys.operations, "of", target],
    queryFn: () => answer(api.GET("/api/v1/operations", { params: { query: { target, pageSize: 50 } } })),
    select: (page) => page.items,
  });
}
