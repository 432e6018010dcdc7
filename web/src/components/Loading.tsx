import { Skeleton } from "@mantine/core";
import { useEffect, useState } from "react";

const kPatienceMs = 300;

/** Grey bars where a list is to come, and only when it takes long enough to be noticed. */
export function Loading({ what, rows = 4 }: { what: string; rows?: number }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), kPatienceMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={`Loading ${what}`}>
      {long
        ? Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike
            <Skeleton key={row} height={36} mb={8} animate={false} />
          ))
        : null}
    </div>
  );
}
