import { Button, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import type { Connection } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useToasts } from "@/components/Toasts";
import { createConnection } from "@/features/connections/queries";
import type { ServerForm, Side } from "@/lib/server_form";
import layout from "@/styles/layout.module.css";

interface Props {
  side: Side;
  form: ServerForm;
  password: string;
  onSaved: (connection: Connection) => void;
}

/** Keeps what was tested under a name, for the next pipeline. */
export function SaveConnection({ side, form, password, onSaved }: Props) {
  const client = useQueryClient();
  const toasts = useToasts();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () => createConnection({ name, side, form, password }),
    onSuccess: async (connection) => {
      toasts.done(`${connection.name} is saved.`);
      await client.invalidateQueries({ queryKey: keys.connections });
      onSaved(connection);
    },
  });
  return (
    <details className={layout.card}>
      <summary>Save this connection</summary>
      <div className={layout.stack}>
        <p className={layout.muted}>The next pipeline can choose it, and a new password is given once for all.</p>
        <TextInput
          label="Name of the connection"
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {save.isError ? <ProblemPanel problem={save.error} /> : null}
        <div>
          <Button
            variant="default"
            disabled={name.trim() === ""}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            Save the connection
          </Button>
        </div>
      </div>
    </details>
  );
}
