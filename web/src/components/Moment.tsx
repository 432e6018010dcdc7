import { useEffect, useState } from "react";
import { ago, localTime, utcTime } from "@/lib/format";

interface Props {
  at: string | null | undefined;
  /** The date and time itself, not how long ago. */
  exact?: boolean;
  never?: string;
}

const kRefreshMs = 15_000;

/** A moment in the viewer's zone, with UTC on hover. */
export function Moment({ at, exact = false, never = "never" }: Props) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (exact) return;
    const timer = setInterval(() => setNow(Date.now()), kRefreshMs);
    return () => clearInterval(timer);
  }, [exact]);
  if (!at) return <span>{never}</span>;
  const full = `${localTime(at)} (${utcTime(at)})`;
  return (
    <time dateTime={at} title={full}>
      {exact ? localTime(at) : ago(at, Math.max(now, Date.now()))}
    </time>
  );
}
