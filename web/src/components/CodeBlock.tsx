import styles from "./CodeBlock.module.css";
import { CopyButton } from "./CopyButton";

/** Text that belongs into another program, with a button that takes it there. */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div className={styles.block}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className={styles.code} tabIndex={0} aria-label={what} role="group">
        <code>{text}</code>
      </pre>
      <span className={styles.copy}>
        <CopyButton text={text} what={what} />
      </span>
    </div>
  );
}
