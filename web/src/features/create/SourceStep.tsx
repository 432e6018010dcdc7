import { NativeSelect, TextInput } from "@mantine/core";
import layout from "@/styles/layout.module.css";
import type { ConnectionTestState } from "./ConnectionTest";
import { sourceComplete } from "./draft";
import { useDraft } from "./draft_context";
import { SideForm, useSide } from "./SideForm";

const kTls = [
  { value: "prefer", label: "When the server offers it" },
  { value: "require", label: "Always, any certificate" },
  { value: "verify-ca", label: "Always, known authority" },
  { value: "verify-full", label: "Always, known authority and name" },
  { value: "disable", label: "Never" },
];

export function SourceStep({ test }: { test: ConnectionTestState }) {
  const { draft, secrets } = useDraft();
  const { form, set } = useSide("source");
  return (
    <SideForm
      side="source"
      title="PostgreSQL, the source"
      scheme="postgres"
      usualPort="5432"
      fromUrl={(options) => {
        const sslmode = options.get("sslmode");
        return sslmode ? { sslmode } : {};
      }}
      test={test}
      ready={sourceComplete(draft, secrets)}
      encryption={
        <details>
          <summary>Encryption</summary>
          <div className={layout.fields}>
            <NativeSelect
              label="TLS"
              value={form.sslmode}
              data={kTls}
              onChange={(event) => set({ sslmode: event.currentTarget.value })}
            />
            {form.sslmode.startsWith("verify") ? (
              <TextInput
                label="File of the authority"
                description="A path on the Millrace server; empty: the system's"
                value={form.sslrootcert}
                onChange={(event) => set({ sslrootcert: event.currentTarget.value })}
              />
            ) : null}
          </div>
        </details>
      }
    />
  );
}
