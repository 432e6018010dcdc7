import type { ReactNode } from "react";
import styles from "./Stat.module.css";

interface Props {
  label: string;
  children: ReactNode;
  more?: ReactNode;
}

/** One number that matters, with its name and what belongs to it. */
export function Stat({ label, children, more }: Props) {
  return (
    <div className={styles.stat}>
      <p className={styles.label}>{label}</p>
      <p className={styles.value}>{children}</p>
      {more ? <p className={styles.more}>{more}</p> : null}
    </div>
  );
}
