import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { asProblem } from "@/api/problem";
import styles from "./ProblemPanel.module.css";

interface Props {
  problem: unknown;
  /** Shown as "Try again". */
  retry?: () => void;
}

/** A fault where its cause is: what happened, the way out, and what a support person would ask for. */
export function ProblemPanel({ problem: thrown, retry }: Props) {
  const problem = asProblem(thrown);
  return (
    <div className={styles.panel} role="alert">
      <p className={styles.title}>
        <IconAlertTriangle size={18} aria-hidden />
        <span>{problem.message}</span>
      </p>
      {problem.fix ? <p>{problem.fix}</p> : null}
      {problem.notes.length > 0 ? (
        <ul>
          {problem.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      {retry ? (
        <div>
          <Button variant="default" size="xs" onClick={retry}>
            Try again
          </Button>
        </div>
      ) : null}
      {problem.cause_ || problem.code ? (
        <details className={styles.details}>
          <summary>Details</summary>
          {problem.cause_ ? <p>{problem.cause_}</p> : null}
          <p>
            {problem.code}
            {problem.requestId ? ` · request ${problem.requestId}` : ""}
          </p>
        </details>
      ) : null}
    </div>
  );
}
