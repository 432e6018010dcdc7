import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  opened: boolean;
  onClose: () => void;
  size?: "md" | "lg" | "xl";
  children: ReactNode;
}

/**
 * A modal window. Put together from Mantine's parts: its ready-made one has a <header>, which screen readers take for a
 * second header of the page, and a scroll lock that the page's CSP refuses.
 */
export function Dialog({ title, opened, onClose, size = "lg", children }: Props) {
  return (
    <Modal.Root opened={opened} onClose={onClose} size={size} lockScroll={false} centered>
      <Modal.Overlay />
      <Modal.Content>
        <div className={styles.head}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
