import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import layout from "@/styles/layout.module.css";
import type { ConnectionTestState } from "./ConnectionTest";
import { targetComplete } from "./draft";
import { useDraft } from "./draft_context";
import { SideForm, useSide } from "./SideForm";

const kEncrypt = [
  { value: "yes", label: "Always" },
  { value: "strict", label: "Strict (TDS 8)" },
  { value: "no", label: "Only the sign-in" },
];

export function TargetStep({ test }: { test: ConnectionTestState }) {
  const { draft, secrets } = useDraft();
  const { form, set } = useSide("target");
  return (
    <SideForm
      side="target"
      title="SQL Server, the target"
      scheme="sqlserver"
      usualPort="1433"
      fromUrl={(options) => {
        const schema = options.get("schema");
        return schema ? { schema } : {};
      }}
      test={test}
      ready={targetComplete(draft, secrets)}
      schema={
        <TextInput
          label="Schema"
          placeholder="dbo"
          autoComplete="off"
          spellCheck={false}
          value={form.schema}
          onChange={(event) => set({ schema: event.currentTarget.value })}
        />
      }
      encryption={
        <details open={form.trustServerCertificate}>
          <summary>Encryption</summary>
          <div className={layout.stack}>
            <NativeSelect
              label="Encrypt"
              value={form.encrypt}
              data={kEncrypt}
              onChange={(event) => set({ encrypt: event.currentTarget.value })}
            />
            <Checkbox
              label="Accept any certificate"
              description="For tests and closed networks: nobody checks who answers"
              checked={form.trustServerCertificate}
              onChange={(event) => set({ trustServerCertificate: event.currentTarget.checked })}
            />
          </div>
        </details>
      }
    />
  );
}
