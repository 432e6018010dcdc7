import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import type { Severity } from "@/api/types";

export interface EventFilter {
  pipeline?: string;
  severity?: Severity;
  /** A family ("schema") or one kind ("run.failed"). */
  kind?: string;
}

const kPageSize = 50;

/** Newest first, page by page. */
export function useEvents(filter: EventFilter) {
  return useInfiniteQuery({
    queryKey: [...keys.events, filter],
    queryFn: ({ pageParam }) =>
      answer(
        api.GET("/api/v1/events", {
          params: { query: { ...filter, pageSize: kPageSize, ...(pageParam ? { pageToken: pageParam } : {}) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.nextPageToken || undefined,
    placeholderData: keepPreviousData,
  });
}
