import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import type { AuditView } from "./view";

const kPage = 100;

/** Newest first, a page at a time. */
export function useAudit(view: AuditView, mayReadAll: boolean) {
  const query = {
    actor: view.actor || undefined,
    action: view.action || undefined,
    outcome: view.outcome || undefined,
    all: (view.all && mayReadAll) || undefined,
  };
  return useInfiniteQuery({
    queryKey: [...keys.audit, query],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/audit", {
          params: { query: { ...query, pageSize: kPage, pageToken: pageParam || undefined } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.nextPageToken || undefined,
  });
}

export function useVerifyAudit() {
  return useMutation({
    mutationFn: (expect: string) =>
      answer(api.GET("/api/v1/audit:verify", { params: { query: { expect: expect || undefined } } })),
  });
}
