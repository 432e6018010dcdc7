import { NativeSelect } from "@mantine/core";
import { useState } from "react";
import { parseSchemaPolicies, type SchemaWord, schemaKinds, schemaPolicyText, schemaWords } from "@/lib/schema_policy";
import layout from "@/styles/layout.module.css";

interface Props {
  /** "apply,drop_column=pause" */
  value: string;
  onChange: (value: string) => void;
}

/** One choice for all that can become of a source table, and one for each kind where somebody wants it. */
export function SchemaPolicyFields({ value, onChange }: Props) {
  const { all, kinds } = parseSchemaPolicies(value);
  const [open] = useState(kinds.size > 0);

  function choose(kind: string, word: string) {
    const next = new Map(kinds);
    if (word) next.set(kind, word as SchemaWord);
    else next.delete(kind);
    onChange(schemaPolicyText({ all, kinds: next }));
  }

  return (
    <fieldset className={layout.plain}>
      <legend className="visually-hidden">Changed tables on the source</legend>
      <div className={layout.stack}>
        <div className={layout.fields}>
          <NativeSelect
            label="Changed tables on the source"
            description="What the copy does when a table is altered"
            value={all}
            data={schemaWords}
            onChange={(event) => onChange(schemaPolicyText({ all: event.currentTarget.value as SchemaWord, kinds }))}
          />
        </div>
        <details open={open}>
          <summary>By kind of change</summary>
          <div className={layout.fields}>
            {schemaKinds.map(([kind, label]) => (
              <NativeSelect
                key={kind}
                label={label}
                value={kinds.get(kind) ?? ""}
                data={[{ value: "", label: "As for all" }, ...schemaWords]}
                onChange={(event) => choose(kind, event.currentTarget.value)}
              />
            ))}
          </div>
        </details>
      </div>
    </fieldset>
  );
}
