import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import type { SourceColumn, SourceTable } from "@/api/types";
import { CodeBlock } from "@/components/CodeBlock";
import { Dialog } from "@/components/Dialog";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { type ValuePolicy, valuePolicies } from "@/lib/choices";
import layout from "@/styles/layout.module.css";
import { endpointOf, type TableChoice, tableEntry, tableKey } from "./draft";
import { useDraft } from "./draft_context";
import { useTableColumns } from "./queries";
import styles from "./TablesStep.module.css";

interface Props {
  table: SourceTable;
  onClose: () => void;
}

/** One table: its target name, which columns go along, under which name and as what; or why it cannot be replicated. */
export function TableOptions({ table, onClose }: Props) {
  const { draft, secrets, change } = useDraft();
  const targetSchema = draft.target.schema.trim() || "dbo";
  const key = tableKey(table.schema, table.name);
  const [choice, setChoice] = useState<TableChoice>(
    () => draft.tables[key] ?? { schema: table.schema, name: table.name },
  );
  const columns = useTableColumns(endpointOf("source", draft.source, secrets.source), tableEntry(table), targetSchema);

  function save() {
    change((before) => ({ ...before, tables: { ...before.tables, [key]: tidy(choice) } }));
    onClose();
  }

  return (
    <Dialog opened onClose={onClose} title={`${table.schema}.${table.name}`} size="xl">
      <div className={layout.stack}>
        {table.issues.map((issue) => (
          <div key={`${issue.id} ${issue.column}`} className={layout.stack}>
            <p>
              <StatusBadge tone={issue.severity === "error" ? "bad" : "warn"}>
                {issue.severity === "error" ? "Cannot be replicated" : "Remark"}
              </StatusBadge>{" "}
              {issue.column ? `${issue.column}: ` : ""}
              {issue.message}
            </p>
            {issue.fix ? <CodeBlock text={issue.fix} what="the fix" /> : null}
          </div>
        ))}
        {table.replicable ? (
          <>
            <div className={layout.fields}>
              <TextInput
                label="Schema on the target"
                placeholder={targetSchema}
                value={choice.targetSchema ?? ""}
                onChange={(event) => setChoice({ ...choice, targetSchema: event.currentTarget.value })}
              />
              <TextInput
                label="Name on the target"
                placeholder={table.name}
                value={choice.targetName ?? ""}
                onChange={(event) => setChoice({ ...choice, targetName: event.currentTarget.value })}
              />
            </div>
            {table.keyKind === "none" ? (
              <p className={layout.muted}>
                Without a key, rows are only added unless the table has REPLICA IDENTITY FULL. Tick the columns that
                together are different in every row and never NULL, if there are such.
              </p>
            ) : null}
            <QueryView query={columns} what="columns">
              {(found) => (
                <Columns
                  columns={found?.columns ?? []}
                  keyless={table.keyKind === "none"}
                  choice={choice}
                  onChange={setChoice}
                />
              )}
            </QueryView>
          </>
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {table.replicable ? "Cancel" : "Close"}
          </Button>
          {table.replicable ? <Button onClick={save}>Use these choices</Button> : null}
        </Group>
      </div>
    </Dialog>
  );
}

function withOrWithout(names: ReadonlySet<string>, name: string, on: boolean): string[] {
  const others = [...names].filter((other) => other !== name);
  return on ? [...others, name] : others;
}

interface ColumnsProps {
  columns: SourceColumn[];
  /** The table has no key: somebody may say which columns are one. */
  keyless: boolean;
  choice: TableChoice;
  onChange: (choice: TableChoice) => void;
}

function Columns({ columns, keyless, choice, onChange }: ColumnsProps) {
  const excluded = new Set(choice.excludeColumns);
  const key = new Set(choice.keyColumns);

  function include(name: string, on: boolean) {
    onChange({
      ...choice,
      excludeColumns: withOrWithout(excluded, name, !on),
      keyColumns: withOrWithout(key, name, on && key.has(name)),
    });
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={layout.scroll} tabIndex={0} role="region" aria-label="Columns">
      <table className={layout.table}>
        <thead>
          <tr>
            <th scope="col">Copy</th>
            {keyless ? <th scope="col">Key</th> : null}
            <th scope="col">Column</th>
            <th scope="col">PostgreSQL</th>
            <th scope="col">Name on SQL Server</th>
            <th scope="col">Type there</th>
            <th scope="col">Values it cannot hold</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column.name}>
              <td>
                <input
                  type="checkbox"
                  className={styles.box}
                  aria-label={`Copy ${column.name}`}
                  checked={!column.leftOut && !excluded.has(column.name)}
                  disabled={column.leftOut || column.key}
                  onChange={(event) => include(column.name, event.currentTarget.checked)}
                />
              </td>
              {keyless ? (
                <td>
                  <input
                    type="checkbox"
                    className={styles.box}
                    aria-label={`${column.name} is in the key`}
                    checked={key.has(column.name)}
                    disabled={column.leftOut || excluded.has(column.name)}
                    onChange={(event) =>
                      onChange({ ...choice, keyColumns: withOrWithout(key, column.name, event.currentTarget.checked) })
                    }
                  />
                </td>
              ) : null}
              <th scope="row">
                {column.name}
                {column.key ? <span className={layout.muted}> key</span> : null}
                {column.notes.map((note) => (
                  <p key={note} className={styles.note}>
                    {note}
                  </p>
                ))}
              </th>
              <td className={layout.mono}>{column.sourceType}</td>
              {column.leftOut ? (
                <td colSpan={3}>
                  <span className={layout.muted}>left out</span>
                </td>
              ) : (
                <ColumnFields column={column} choice={choice} onChange={onChange} />
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface FieldsProps {
  column: SourceColumn;
  choice: TableChoice;
  onChange: (choice: TableChoice) => void;
}

function ColumnFields({ column, choice, onChange }: FieldsProps) {
  const { name } = column;
  return (
    <>
      <td>
        <TextInput
          size="xs"
          aria-label={`Target name of ${name}`}
          placeholder={name}
          value={choice.columnNames?.[name] ?? ""}
          onChange={(event) =>
            onChange({ ...choice, columnNames: { ...choice.columnNames, [name]: event.currentTarget.value } })
          }
        />
      </td>
      <td>
        <TextInput
          size="xs"
          aria-label={`Target type of ${name}`}
          placeholder={column.targetType ?? ""}
          value={choice.columnTypes?.[name] ?? ""}
          onChange={(event) =>
            onChange({ ...choice, columnTypes: { ...choice.columnTypes, [name]: event.currentTarget.value } })
          }
        />
      </td>
      <td>
        <NativeSelect
          size="xs"
          aria-label={`Values of ${name} that SQL Server cannot hold`}
          value={choice.columnPolicies?.[name] ?? ""}
          data={[{ value: "", label: "As the pipeline" }, ...valuePolicies]}
          onChange={(event) => {
            const { [name]: _, ...others } = choice.columnPolicies ?? {};
            const word = event.currentTarget.value as ValuePolicy | "";
            onChange({ ...choice, columnPolicies: word ? { ...others, [name]: word } : others });
          }}
        />
      </td>
    </>
  );
}

/** The columns that something was typed for; none: nothing. */
function typed(byColumn: Record<string, string> | undefined): Record<string, string> | undefined {
  const entries = Object.entries(byColumn ?? {}).map(([name, text]) => [name, text.trim()] as const);
  const said = entries.filter(([, text]) => text !== "");
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

/** Without what says nothing. */
function tidy(choice: TableChoice): TableChoice {
  const columnNames = typed(choice.columnNames);
  const columnTypes = typed(choice.columnTypes);
  return {
    schema: choice.schema,
    name: choice.name,
    ...(choice.targetSchema?.trim() ? { targetSchema: choice.targetSchema.trim() } : {}),
    ...(choice.targetName?.trim() ? { targetName: choice.targetName.trim() } : {}),
    ...(choice.excludeColumns?.length ? { excludeColumns: choice.excludeColumns } : {}),
    ...(choice.keyColumns?.length ? { keyColumns: choice.keyColumns } : {}),
    ...(columnNames ? { columnNames } : {}),
    ...(columnTypes ? { columnTypes } : {}),
    ...(Object.keys(choice.columnPolicies ?? {}).length > 0 ? { columnPolicies: choice.columnPolicies } : {}),
  };
}
