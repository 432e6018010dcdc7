import { NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Connection } from "@/api/types";
import { useSession } from "@/app/session";
import { ConfirmModal } from "@/components/ConfirmModal";
import { FormDialog } from "@/components/FormDialog";
import { ServerFields } from "@/components/ServerFields";
import { closing, useTyped } from "@/components/useTyped";
import { emptyServer, type Side } from "@/lib/server_form";
import layout from "@/styles/layout.module.css";
import { type Applied, connectionPatch, formOf } from "./change";
import { changeConnection, createConnection, deleteConnection } from "./queries";

interface Closing {
  onClose: () => void;
  /** Says what was done, and reads the list again. */
  onDone: (text: string) => Promise<void>;
}

const kKinds: { value: Side; label: string }[] = [
  { value: "source", label: "PostgreSQL, a source" },
  { value: "target", label: "SQL Server, a target" },
];

function NameField({ value, set, error }: { value: string; set: (name: string) => void; error?: string | undefined }) {
  return (
    <TextInput
      label="Name"
      required
      withAsterisk={false}
      data-autofocus
      autoComplete="off"
      spellCheck={false}
      value={value}
      error={error}
      onChange={(event) => set(event.currentTarget.value)}
    />
  );
}

export function NewConnectionDialog({ onClose, onDone }: Closing) {
  const { me } = useSession();
  const [password, setPassword] = useState("");
  const { form, change, forget } = useTyped(`a new connection ${me.tenant?.id}`, {
    name: "",
    side: "source" as Side,
    ...emptyServer("source"),
  });
  const { name, side, ...server } = form;

  async function run() {
    await createConnection({ name, side, form: server, password });
    await onDone(`${name.trim()} is saved.`);
  }

  return (
    <FormDialog title="Save a connection" submit="Save the connection" onClose={closing(forget, onClose)} run={run}>
      {(faultAt) => (
        <>
          <div className={layout.fields}>
            <NameField value={name} set={(text) => change({ name: text })} error={faultAt("/name")} />
            <NativeSelect
              label="Kind of server"
              value={side}
              data={kKinds}
              onChange={(event) => {
                const next = event.currentTarget.value as Side;
                const { host, database, user } = form;
                change({ ...emptyServer(next), side: next, host, database, user });
              }}
            />
          </div>
          <ServerFields
            side={side}
            form={server}
            set={change}
            password={password}
            setPassword={setPassword}
            faultAt={(member) => faultAt(`/endpoint/${member}`)}
          />
        </>
      )}
    </FormDialog>
  );
}

interface ChangeProps extends Closing {
  connection: Connection;
  /** Pipelines that did not take the change. */
  onRefused: (refused: Applied[]) => void;
}

export function ChangeConnectionDialog({ connection: present, onClose, onDone, onRefused }: ChangeProps) {
  // As it was when the window was opened: a change by somebody else is told, not undone.
  const [connection] = useState(present);
  const [password, setPassword] = useState("");
  const { form, change, forget } = useTyped(`connection ${connection.id}`, {
    name: connection.name,
    ...formOf(connection),
  });
  const { name, ...server } = form;

  async function run() {
    const patch = connectionPatch(connection, name, server, password);
    if (!patch) return;
    const { applied } = await changeConnection(connection, patch);
    const refused = applied.filter(({ ok }) => !ok);
    await onDone(`${name.trim()} is changed.`);
    if (refused.length > 0) onRefused(refused);
  }

  return (
    <FormDialog title={`Change ${connection.name}`} submit="Save" onClose={closing(forget, onClose)} run={run}>
      {(faultAt) => (
        <>
          <NameField value={name} set={(text) => change({ name: text })} error={faultAt("/name")} />
          <ServerFields
            side={connection.kind}
            form={server}
            set={change}
            password={password}
            setPassword={setPassword}
            passwordSet={connection.passwordSet}
            databaseFixed={connection.usedBy.length > 0}
            faultAt={(member) => faultAt(`/endpoint/${member}`)}
          />
          <p className={layout.muted}>
            Another host, port, user or encryption needs the password again.
            {connection.usedBy.length > 0
              ? " It is tried first, then every pipeline that uses the connection gets it."
              : ""}
          </p>
        </>
      )}
    </FormDialog>
  );
}

export function DeleteConnectionDialog({ connection, onClose, onDone }: Closing & { connection: Connection }) {
  return (
    <ConfirmModal
      opened
      onClose={onClose}
      title={`Delete ${connection.name}`}
      confirm="Delete the connection"
      run={async () => {
        await deleteConnection(connection);
        await onDone(`${connection.name} is deleted.`);
      }}
    >
      <p>Its password is forgotten with it. Nothing changes on the server that it leads to.</p>
    </ConfirmModal>
  );
}
