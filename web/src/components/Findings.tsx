import type { Finding } from "@/api/types";
import { CodeBlock } from "./CodeBlock";
import styles from "./Findings.module.css";
import { StatusBadge } from "./StatusBadge";

const kLooks = {
  error: { tone: "bad", word: "Must be fixed" },
  warning: { tone: "warn", word: "Warning" },
  info: { tone: "info", word: "Note" },
  ok: { tone: "good", word: "Passed" },
} as const;

const kOrder = ["error", "warning", "info", "ok"];

/** What preflight found, worst first, each with the way out. */
export function Findings({ findings }: { findings: Finding[] }) {
  const sorted = [...findings].sort((a, b) => kOrder.indexOf(a.severity) - kOrder.indexOf(b.severity));
  if (sorted.length === 0) return <p>Nothing stands in the way.</p>;
  return (
    <ul className={styles.list}>
      {sorted.map((finding) => {
        const { tone, word } = kLooks[finding.severity];
        return (
          <li key={`${finding.id} ${finding.object ?? ""} ${finding.found}`} className={styles.finding}>
            <div>
              <StatusBadge tone={tone}>{word}</StatusBadge>{" "}
              {finding.object ? <strong>{finding.object}: </strong> : null}
              {finding.found}
            </div>
            {finding.fix ? <CodeBlock text={finding.fix} what={`the fix for ${finding.id}`} /> : null}
          </li>
        );
      })}
    </ul>
  );
}
