import { Button, Group } from "@mantine/core";
import layout from "@/styles/layout.module.css";
import { CodeBlock } from "./CodeBlock";
import { Dialog } from "./Dialog";

interface Props {
  title: string;
  /** For the copy button: "the API key". */
  what: string;
  secret: string;
  /** How it is used. */
  children?: React.ReactNode;
  onClose: () => void;
}

/** A secret that the server tells once. It lives in this window and goes with it. */
export function SecretOnce({ title, what, secret, children, onClose }: Props) {
  return (
    <Dialog opened onClose={onClose} title={title}>
      <div className={layout.stack}>
        <p>
          <strong>It is shown now and never again.</strong> Copy it to a safe place first.
        </p>
        <CodeBlock text={secret} what={what} />
        {children}
        <Group justify="flex-end">
          <Button onClick={onClose}>I have kept it</Button>
        </Group>
      </div>
    </Dialog>
  );
}
