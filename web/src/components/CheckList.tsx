import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX } from "@tabler/icons-react";
import type { Check } from "@/api/types";
import styles from "./CheckList.module.css";
import { CodeBlock } from "./CodeBlock";

const kLooks = {
  pass: { icon: IconCircleCheck, word: "Passed" },
  warn: { icon: IconAlertTriangle, word: "Warning" },
  fail: { icon: IconCircleX, word: "Failed" },
  skipped: { icon: IconCircleDashed, word: "Not checked" },
} as const;

/** Check by check, each failure with the statement that resolves it. */
export function CheckList({ checks }: { checks: Check[] }) {
  return (
    <ul className={styles.checks}>
      {checks.map((check) => (
        <CheckItem key={`${check.id} ${check.object}`} check={check} />
      ))}
    </ul>
  );
}

function CheckItem({ check }: { check: Check }) {
  const { icon: Icon, word } = kLooks[check.status];
  const needsFix = check.fix && (check.status === "fail" || check.status === "warn");
  return (
    <li className={styles.check}>
      <Icon size={18} className={styles[check.status]} role="img" aria-label={word} />
      <div>
        <span>
          {check.title}
          {check.object ? `: ${check.object}` : ""}
        </span>
        {check.message ? <p className={styles.message}>{check.message}</p> : null}
        {needsFix ? (
          <div className={styles.fix}>
            {check.fixIsSql ? (
              <CodeBlock text={check.fix} what={`the statement that fixes ${check.title}`} />
            ) : (
              <p>{check.fix}</p>
            )}
          </div>
        ) : null}
      </div>
    </li>
  );
}
