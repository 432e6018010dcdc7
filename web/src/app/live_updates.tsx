import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { keys } from "@/api/keys";
import { followStream, type StreamState } from "@/lib/sse";
import { LiveCache } from "./live";
import { useSession } from "./session";

const StateContext = createContext<StreamState>("connecting");

/** Whether what is shown follows the server now. */
export const useLiveState = () => useContext(StateContext);

/** Follows the server's events while somebody is signed in; a change of tenant begins anew. */
export function LiveUpdates({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const { me } = useSession();
  const [state, setState] = useState<StreamState>("connecting");
  const tenant = me.tenant?.id ?? "";

  // biome-ignore lint/correctness/useExhaustiveDependencies: another tenant has another stream
  useEffect(() => {
    const stop = new AbortController();
    const cache = new LiveCache(client);
    let wasLive = false;
    void followStream({
      url: "/api/v1/events/stream",
      signal: stop.signal,
      onEvent: (event) => cache.take(event),
      onState: (next) => {
        // Numbers are not replayed: after a gap they are read again.
        if (next === "live" && wasLive) void client.invalidateQueries({ queryKey: keys.pipelines });
        if (next === "live") wasLive = true;
        if (next === "refused") void client.invalidateQueries({ queryKey: keys.me });
        setState(next);
      },
    });
    return () => {
      stop.abort();
      cache.end();
    };
  }, [client, tenant]);

  return <StateContext.Provider value={state}>{children}</StateContext.Provider>;
}
