import { Textarea } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { keys } from "@/api/keys";
import { useSession } from "@/app/session";
import { ConfirmModal } from "@/components/ConfirmModal";
import { useToasts } from "@/components/Toasts";
import { closing, useTyped } from "@/components/useTyped";
import { addTables } from "./queries";

export function AddTables({ pipeline, onClose }: { pipeline: string; onClose: () => void }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const { me } = useSession();
  const { form, change, forget } = useTyped(`tables of ${me.tenant?.id} ${pipeline}`, { text: "" });
  const names = form.text
    .split(/[\n,]+/)
    .map((name) => name.trim())
    .filter(Boolean);
  return (
    <ConfirmModal
      opened
      onClose={closing(forget, onClose)}
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
        value={form.text}
        onChange={(event) => change({ text: event.currentTarget.value })}
      />
    </ConfirmModal>
  );
}
