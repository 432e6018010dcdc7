import { IconCheck } from "@tabler/icons-react";
import styles from "./Steps.module.css";

export const steps = ["source", "target", "tables", "review"] as const;
export type Step = (typeof steps)[number];

export const stepTitles: Record<Step, string> = {
  source: "Source",
  target: "Target",
  tables: "Tables",
  review: "Review",
};

interface Props {
  current: Step;
  /** The furthest step that may be gone to. */
  reachable: number;
  onGo: (step: Step) => void;
}

export function Steps({ current, reachable, onGo }: Props) {
  const place = steps.indexOf(current);
  return (
    <nav aria-label="Steps">
      <ol className={styles.steps}>
        {steps.map((step, index) => (
          <li key={step}>
            <button
              type="button"
              className={styles.step}
              aria-current={step === current ? "step" : undefined}
              disabled={index > reachable}
              onClick={() => onGo(step)}
            >
              {index < place ? <IconCheck size={16} className={styles.done} aria-hidden /> : <span>{index + 1}</span>}
              {stepTitles[step]}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
