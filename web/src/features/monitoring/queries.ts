import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import { asProblem, unreachable } from "@/api/problem";
import type { Severity } from "@/api/types";

const kRefreshMs = 15_000;
const kShown = 8;

async function fetchServer() {
  const started = performance.now();
  const [ready, version] = await Promise.all([
    // Not ready is an answer too: it says what is wrong.
    api.GET("/readyz").catch((fault) => {
      throw asProblem(fault);
    }),
    answer(api.GET("/version")),
  ]);
  const health = ready.data ?? (ready.error as unknown as typeof ready.data);
  if (!health?.status) throw unreachable();
  return { health, version: version.version, answeredMs: performance.now() - started };
}

/** How the server itself is. */
export function useServer() {
  return useQuery({ queryKey: keys.server, queryFn: fetchServer, refetchInterval: kRefreshMs });
}

/** The newest of one severity. */
export function useNewest(severity: Severity) {
  return useQuery({
    queryKey: [...keys.events, "newest", severity],
    queryFn: () => answer(api.GET("/api/v1/events", { params: { query: { severity, pageSize: kShown } } })),
  });
}
