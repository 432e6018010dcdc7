/** Who is signed in, and what they may do. Permissions are asked for here and nowhere else. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo } from "react";
import { answer, api, onSignedOut, setCsrfToken } from "@/api/client";
import { keys } from "@/api/keys";
import { Problem } from "@/api/problem";
import type { Me } from "@/api/types";

interface Session {
  me: Me;
  may: (permission: string) => boolean;
  signOut: () => Promise<void>;
  /** Works in another tenant from now on: all that is shown is read anew. */
  chooseTenant: (id: string) => Promise<void>;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a signed-in page around it");
  return session;
}

export function useMay(permission: string): boolean {
  return useSession().may(permission);
}

/** Null: nobody is signed in. */
export async function fetchMe(): Promise<Me | null> {
  try {
    const me = await answer(api.GET("/api/v1/auth/me"));
    setCsrfToken(me.csrfToken ?? "");
    return me;
  } catch (fault) {
    if (fault instanceof Problem && fault.status === 401) return null;
    throw fault;
  }
}

export function useMe() {
  return useQuery({ queryKey: keys.me, queryFn: fetchMe, staleTime: 60_000, retry: false });
}

export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  const client = useQueryClient();

  useEffect(() => {
    onSignedOut(() => client.setQueryData(keys.me, null));
    return () => onSignedOut(() => {});
  }, [client]);

  const signOut = useCallback(async () => {
    await answer(api.POST("/api/v1/auth/logout"));
    // What was typed and not saved is nothing for the next person at this browser.
    sessionStorage.clear();
    setCsrfToken("");
    client.setQueryData(keys.me, null);
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
  }, [client]);

  const chooseTenant = useCallback(
    async (tenant: string) => {
      const changed = await answer(api.POST("/api/v1/auth/tenant", { body: { tenant } }));
      setCsrfToken(changed.csrfToken ?? "");
      client.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
      client.setQueryData(keys.me, changed);
    },
    [client],
  );

  const session = useMemo(() => {
    const permitted = new Set(me.permissions);
    return { me, may: (permission: string) => permitted.has(permission), signOut, chooseTenant };
  }, [me, signOut, chooseTenant]);

  return <SessionContext.Provider value={session}>{children}</SessionContext.Provider>;
}
