import { NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import layout from "@/styles/layout.module.css";
import { parseAddress } from "./address";
import { ConnectionTestPanel, type ConnectionTestState } from "./ConnectionTest";
import { type SourceForm, sourceComplete } from "./draft";
import { useDraft } from "./draft_context";

const kTls = [
  { value: "prefer", label: "When the server offers it" },
  { value: "require", label: "Always, any certificate" },
  { value: "verify-ca", label: "Always, known authority" },
  { value: "verify-full", label: "Always, known authority and name" },
  { value: "disable", label: "Never" },
];

export function SourceStep({ test }: { test: ConnectionTestState }) {
  const { draft, secrets, change, setSecret } = useDraft();
  const { source } = draft;
  const set = (more: Partial<SourceForm>) => change((before) => ({ ...before, source: { ...before.source, ...more } }));

  function setHost(text: string) {
    const pasted = parseAddress(text, "source");
    if (!pasted) {
      set({ host: text });
      return;
    }
    set({
      host: pasted.host,
      ...(pasted.port ? { port: pasted.port } : {}),
      ...(pasted.database ? { database: pasted.database } : {}),
      ...(pasted.user ? { user: pasted.user } : {}),
      ...(pasted.options.get("sslmode") ? { sslmode: pasted.options.get("sslmode") } : {}),
    });
    if (pasted.password) setSecret("source", pasted.password);
  }

  return (
    <div className={layout.halves}>
      <fieldset className={layout.card}>
        <legend className="visually-hidden">PostgreSQL, the source</legend>
        <div className={layout.stack}>
          <h2>PostgreSQL, the source</h2>
          <div className={layout.fields}>
            <TextInput
              label="Host"
              description="A name or address; a whole postgres:// URL may be pasted"
              required
              autoComplete="off"
              spellCheck={false}
              value={source.host}
              onChange={(event) => setHost(event.currentTarget.value)}
            />
            <TextInput
              label="Port"
              description="Usually 5432"
              inputMode="numeric"
              value={source.port}
              onChange={(event) => set({ port: event.currentTarget.value })}
            />
          </div>
          <TextInput
            label="Database"
            required
            autoComplete="off"
            spellCheck={false}
            value={source.database}
            onChange={(event) => set({ database: event.currentTarget.value })}
          />
          <div className={layout.fields}>
            <TextInput
              label="User"
              required
              autoComplete="off"
              spellCheck={false}
              value={source.user}
              onChange={(event) => set({ user: event.currentTarget.value })}
            />
            <PasswordInput
              label="Password"
              required
              autoComplete="new-password"
              value={secrets.source}
              onChange={(event) => setSecret("source", event.currentTarget.value)}
            />
          </div>
          <details>
            <summary>Encryption</summary>
            <div className={layout.fields}>
              <NativeSelect
                label="TLS"
                value={source.sslmode}
                data={kTls}
                onChange={(event) => set({ sslmode: event.currentTarget.value })}
              />
              {source.sslmode.startsWith("verify") ? (
                <TextInput
                  label="File of the authority"
                  description="A path on the Millrace server; empty: the system's"
                  value={source.sslrootcert}
                  onChange={(event) => set({ sslrootcert: event.currentTarget.value })}
                />
              ) : null}
            </div>
          </details>
        </div>
      </fieldset>
      <ConnectionTestPanel test={test} ready={sourceComplete(draft, secrets)} />
    </div>
  );
}
