import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";

/** Asks the servers themselves, so only when somebody looks. */
export function useOrphans() {
  return useQuery({
    queryKey: keys.orphans,
    queryFn: () => answer(api.GET("/api/v1/orphans")),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: "always",
    refetchOnWindowFocus: false,
  });
}

export const removeOrphan = (id: string) => answer(api.DELETE("/api/v1/orphans/{id}", { params: { path: { id } } }));
