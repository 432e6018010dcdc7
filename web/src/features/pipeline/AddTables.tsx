import { Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import { ConfirmModal } from "@/components/ConfirmModal";
import { useToasts } from "@/components/Toasts";
import { addTables } from "./queries";

export function AddTables({ pipeline, onClose }: { pipeline: string; onClose: () => void }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const [text, setText] = useState("");
  const names = text
    .split(/[\n,]+/)
    .map((name) => name.trim())
    .filter(Boolean);
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      title="Add tables"
      confirm="Add and load them"
      danger={false}
      run={async () => {
        const result = await addTables(pipeline, names);
        toasts.done(`Added: ${result.tables.join(", ")}.`);
        await client.invalidateQueries({ queryKey: keys.pipeline(pipeline) });
      }}
    >
      <p>They are loaded while the others go on. Nothing is loaded twice.</p>
      <Textarea
        label="Tables"
        description="One a line: orders, sales.orders, or a pattern such as sales.*"
        rows={5}
        required
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </ConfirmModal>
  );
}
