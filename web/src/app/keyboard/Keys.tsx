import styles from "./Keyboard.module.css";

/** "g p" as two keys. */
export function Keys({ keys }: { keys: string }) {
  return (
    <span className={styles.keys}>
      {keys.split(" ").map((key, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be pressed twice
        <kbd key={place} className={styles.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}

/** As this computer's keyboard has it. */
export const paletteKeys = () => (/Mac|iP(hone|ad)/.test(navigator.userAgent) ? "⌘ K" : "Ctrl K");
