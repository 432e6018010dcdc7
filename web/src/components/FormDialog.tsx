import { Button, Group } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import layout from "@/styles/layout.module.css";
import { Dialog } from "./Dialog";
import { ProblemPanel } from "./ProblemPanel";

interface Props {
  title: string;
  /** The button's words: "Create the user". */
  submit: string;
  onClose: () => void;
  /** Closes the dialog when it succeeds; a fault is shown in it. */
  run: () => Promise<unknown>;
  /** The fields; `faultAt` gives what the server said about one, by JSON pointer. */
  children: (faultAt: (pointer: string) => string | undefined) => ReactNode;
}

/** A short form in a window of its own. It is shown by being there: what was typed goes with it. */
export function FormDialog({ title, submit, onClose, run, children }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function send(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await run();
      onClose();
    } catch (thrown) {
      setProblem(asProblem(thrown));
      setBusy(false);
    }
  }

  return (
    <Dialog opened onClose={onClose} title={title}>
      <form onSubmit={send} className={layout.stack}>
        {children((pointer) => problem?.fields.get(pointer))}
        {problem ? <ProblemPanel problem={problem} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            {submit}
          </Button>
        </Group>
      </form>
    </Dialog>
  );
}
