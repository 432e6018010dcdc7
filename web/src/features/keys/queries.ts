import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import { allItems } from "@/api/pages";
import type { Role } from "@/api/types";

/** One's own keys, or everybody's in the tenant. */
export function useApiKeys(all: boolean) {
  return useQuery({
    queryKey: [...keys.apiKeys, all],
    queryFn: () =>
      allItems((page) =>
        answer(api.GET("/api/v1/api-keys", { params: { query: { ...page, all: all || undefined } } })),
      ),
  });
}

export interface NewKey {
  name: string;
  role: Role;
  scopes: string[];
  expiresInDays: number | null;
}

export const createApiKey = (body: NewKey) => answer(api.POST("/api/v1/api-keys", { body }));

export const revokeApiKey = (key: string) =>
  answer(api.DELETE("/api/v1/api-keys/{key}", { params: { path: { key } } }));
