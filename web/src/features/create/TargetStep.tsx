import { Checkbox, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import layout from "@/styles/layout.module.css";
import { parseAddress } from "./address";
import { ConnectionTestPanel, type ConnectionTestState } from "./ConnectionTest";
import { type TargetForm, targetComplete } from "./draft";
import { useDraft } from "./draft_context";

const kEncrypt = [
  { value: "yes", label: "Always" },
  { value: "strict", label: "Strict (TDS 8)" },
  { value: "no", label: "Only the sign-in" },
];

export function TargetStep({ test }: { test: ConnectionTestState }) {
  const { draft, secrets, change, setSecret } = useDraft();
  const { target } = draft;
  const set = (more: Partial<TargetForm>) => change((before) => ({ ...before, target: { ...before.target, ...more } }));

  function setHost(text: string) {
    const pasted = parseAddress(text, "target");
    if (!pasted) {
      set({ host: text });
      return;
    }
    set({
      host: pasted.host,
      ...(pasted.port ? { port: pasted.port } : {}),
      ...(pasted.database ? { database: pasted.database } : {}),
      ...(pasted.user ? { user: pasted.user } : {}),
      ...(pasted.options.get("schema") ? { schema: pasted.options.get("schema") } : {}),
    });
    if (pasted.password) setSecret("target", pasted.password);
  }

  return (
    <div className={layout.halves}>
      <fieldset className={layout.card}>
        <legend className="visually-hidden">SQL Server, the target</legend>
        <div className={layout.stack}>
          <h2>SQL Server, the target</h2>
          <div className={layout.fields}>
            <TextInput
              label="Host"
              description="A name or address; a whole sqlserver:// URL may be pasted"
              required
              autoComplete="off"
              spellCheck={false}
              value={target.host}
              onChange={(event) => setHost(event.currentTarget.value)}
            />
            <TextInput
              label="Port"
              description="Usually 1433"
              inputMode="numeric"
              value={target.port}
              onChange={(event) => set({ port: event.currentTarget.value })}
            />
          </div>
          <div className={layout.fields}>
            <TextInput
              label="Database"
              required
              autoComplete="off"
              spellCheck={false}
              value={target.database}
              onChange={(event) => set({ database: event.currentTarget.value })}
            />
            <TextInput
              label="Schema"
              placeholder="dbo"
              autoComplete="off"
              spellCheck={false}
              value={target.schema}
              onChange={(event) => set({ schema: event.currentTarget.value })}
            />
          </div>
          <div className={layout.fields}>
            <TextInput
              label="User"
              required
              autoComplete="off"
              spellCheck={false}
              value={target.user}
              onChange={(event) => set({ user: event.currentTarget.value })}
            />
            <PasswordInput
              label="Password"
              required
              autoComplete="new-password"
              value={secrets.target}
              onChange={(event) => setSecret("target", event.currentTarget.value)}
            />
          </div>
          <details open={target.trustServerCertificate}>
            <summary>Encryption</summary>
            <div className={layout.stack}>
              <NativeSelect
                label="Encrypt"
                value={target.encrypt}
                data={kEncrypt}
                onChange={(event) => set({ encrypt: event.currentTarget.value })}
              />
              <Checkbox
                label="Accept any certificate"
                description="For tests and closed networks: nobody checks who answers"
                checked={target.trustServerCertificate}
                onChange={(event) => set({ trustServerCertificate: event.currentTarget.checked })}
              />
            </div>
          </details>
        </div>
      </fieldset>
      <ConnectionTestPanel test={test} ready={targetComplete(draft, secrets)} />
    </div>
  );
}
