import { NativeSelect, TextInput } from "@mantine/core";
import { useEffect } from "react";
import type { Connection } from "@/api/types";
import { useMay } from "@/app/session";
import { ServerFields } from "@/components/ServerFields";
import { useConnections } from "@/features/connections/queries";
import type { ServerForm, Side } from "@/lib/server_form";
import layout from "@/styles/layout.module.css";
import { ConnectionTestPanel, type ConnectionTestState } from "./ConnectionTest";
import { type Draft, type SideDraft, sideComplete } from "./draft";
import { useDraft } from "./draft_context";
import { SaveConnection } from "./SaveConnection";

const kTitles: Record<Side, string> = { source: "PostgreSQL, the source", target: "SQL Server, the target" };

/** One side: a saved connection, or credentials that somebody types. */
export function SideForm({ side, test }: { side: Side; test: ConnectionTestState }) {
  const { draft, secrets, change, setSecret } = useDraft();
  const mayRead = useMay("connections.read");
  const maySave = useMay("connections.write");
  const form = draft[side];
  const saved = useConnections(mayRead, side);
  const set = (more: Partial<SideDraft>) =>
    change((before): Draft => ({ ...before, [side]: { ...before[side], ...more } }));
  const chosen = saved.data?.find(({ id }) => id === form.connection);
  const gone = form.connection !== "" && saved.isSuccess && !chosen;

  // Deleted since, or kept by a draft of another tenant.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is found to be gone
  useEffect(() => {
    if (gone) set({ connection: "" });
  }, [gone]);

  function choose(id: string) {
    const found = saved.data?.find((connection) => connection.id === id);
    set({ connection: id, ...(found && side === "target" ? { schema: found.endpoint.schema } : {}) });
  }

  const passed = test.current && test.report?.ok === true;
  return (
    <div className={layout.halves}>
      <fieldset className={layout.card}>
        <legend className="visually-hidden">{kTitles[side]}</legend>
        <div className={layout.stack}>
          <h2>{kTitles[side]}</h2>
          {saved.data && saved.data.length > 0 ? (
            <NativeSelect
              label="Connection"
              value={form.connection}
              data={[
                { value: "", label: "Type the credentials" },
                ...saved.data.map(({ id, name }) => ({ value: id, label: name })),
              ]}
              onChange={(event) => choose(event.currentTarget.value)}
            />
          ) : null}
          {chosen ? (
            <Chosen connection={chosen} schema={form.schema} set={set} />
          ) : (
            <ServerFields
              side={side}
              form={form}
              set={set}
              password={secrets[side]}
              setPassword={(password) => setSecret(side, password)}
            />
          )}
        </div>
      </fieldset>
      <div className={layout.stack}>
        <ConnectionTestPanel test={test} ready={sideComplete(form, secrets[side])} />
        {passed && maySave && !form.connection ? (
          <SaveConnection
            side={side}
            form={form}
            password={secrets[side]}
            onSaved={({ id }) => {
              set({ connection: id });
              setSecret(side, "");
            }}
          />
        ) : null}
      </div>
    </div>
  );
}

interface ChosenProps {
  connection: Connection;
  schema: string;
  set: (more: Partial<ServerForm>) => void;
}

function Chosen({ connection: { kind, endpoint }, schema, set }: ChosenProps) {
  return (
    <>
      <dl className={layout.facts}>
        <dt>Server</dt>
        <dd>
          {endpoint.host}:{endpoint.port}
        </dd>
        <dt>Database</dt>
        <dd>{endpoint.database}</dd>
        <dt>User</dt>
        <dd>{endpoint.user}</dd>
      </dl>
      {kind === "target" ? (
        <TextInput
          label="Schema"
          placeholder="dbo"
          autoComplete="off"
          spellCheck={false}
          value={schema}
          onChange={(event) => set({ schema: event.currentTarget.value })}
        />
      ) : null}
    </>
  );
}
