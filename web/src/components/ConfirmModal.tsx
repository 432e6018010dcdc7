import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import layout from "@/styles/layout.module.css";
import { Dialog } from "./Dialog";
import { ProblemPanel } from "./ProblemPanel";

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen; say what is dropped and what stays. */
  children: ReactNode;
  /** The button's words: "Delete the pipeline". */
  confirm: string;
  /** A name that must be typed first. */
  typed?: string;
  danger?: boolean;
  /** Closes the dialog when it succeeds; a fault is shown in it. */
  run: () => Promise<unknown>;
}

export function ConfirmModal({ opened, onClose, title, children, confirm, typed, danger = true, run }: Props) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);

  function close() {
    setText("");
    setFault(null);
    onClose();
  }

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      await run();
      close();
    } catch (thrown) {
      setFault(thrown);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog opened={opened} onClose={close} title={title}>
      <form onSubmit={submit} className={layout.stack}>
        {children}
        {typed ? (
          <TextInput
            label={`Type ${typed} to confirm`}
            value={text}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        ) : null}
        {fault ? <ProblemPanel problem={fault} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={danger ? "red" : "blue"}
            loading={busy}
            disabled={typed !== undefined && text.trim() !== typed}
          >
            {confirm}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
