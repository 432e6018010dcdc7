import { fixOf } from "@/api/fixes";
import { Problem } from "@/api/problem";
import type { PipelineProgress } from "@/api/types";
import { Moment } from "@/components/Moment";
import { ProblemPanel } from "@/components/ProblemPanel";
import { isProblem } from "@/lib/health";
import layout from "@/styles/layout.module.css";

/** What went wrong last, while it still matters. */
export function LastError({ progress }: { progress: PipelineProgress }) {
  const { lastError, health } = progress;
  if (!lastError || !isProblem(health)) return null;
  const where = [lastError.table, lastError.lsn ? `at ${lastError.lsn}` : ""].filter(Boolean).join(" ");
  const next = lastError.needsPerson
    ? "It does not go away by itself: once the cause is mended, press Restart."
    : "It is tried again by itself.";
  return (
    <div className={layout.stack}>
      <ProblemPanel
        problem={
          new Problem({
            status: 0,
            code: lastError.code,
            detail: lastError.message,
            fix: [fixOf(lastError.code), next].filter(Boolean).join(" "),
            notes: where ? [where] : [],
          })
        }
      />
      {lastError.at ? (
        <p className={layout.muted}>
          Seen <Moment at={lastError.at} />
        </p>
      ) : null}
    </div>
  );
}
