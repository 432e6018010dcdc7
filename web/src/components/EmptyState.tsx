import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";

interface Props {
  heading: string;
  level?: 1 | 2;
  children?: ReactNode;
}

/** What stands where a list would: why it is empty, and what to do first. */
export function EmptyState({ heading, level = 2, children }: Props) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <section className={styles.empty}>
      <Heading className={styles.heading}>{heading}</Heading>
      {children}
    </section>
  );
}
