import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconInfoCircle,
  IconLoader2,
  IconPlayerPause,
} from "@tabler/icons-react";
import styles from "./StatusBadge.module.css";

export type Tone = "good" | "warn" | "bad" | "info" | "quiet";

const kIcons = {
  good: IconCircleCheck,
  warn: IconAlertTriangle,
  bad: IconCircleX,
  info: IconInfoCircle,
  quiet: IconCircleDashed,
  busy: IconLoader2,
  paused: IconPlayerPause,
};

interface Props {
  tone: Tone;
  icon?: keyof typeof kIcons;
  children: string;
}

/** A state as icon and word: never by colour alone. */
export function StatusBadge({ tone, icon = tone, children }: Props) {
  const Icon = kIcons[icon];
  return (
    <span className={`${styles.badge} ${styles[tone]}`}>
      <Icon size={14} aria-hidden />
      {children}
    </span>
  );
}
