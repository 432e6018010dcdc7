import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Loading } from "./Loading";
import { ProblemPanel } from "./ProblemPanel";

interface Props<Data> {
  query: UseQueryResult<Data>;
  what: string;
  children: (data: Data) => ReactNode;
}

/** One way for all pages to wait and to fail. What was shown before stays while it is read anew. */
export function QueryView<Data>({ query, what, children }: Props<Data>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError ? <ProblemPanel problem={query.error} retry={() => void query.refetch()} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ProblemPanel problem={query.error} retry={() => void query.refetch()} />;
  return <Loading what={what} />;
}
