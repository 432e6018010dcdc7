import { Button, NativeSelect } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useDeferredValue, useMemo, useState } from "react";
import type { SourceCatalog, SourceTable } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { QueryView } from "@/components/QueryView";
import { SearchInput } from "@/components/SearchInput";
import { bytes, counted } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { endpointOf, sideComplete, type TableChoice, tableKey } from "./draft";
import { useDraft } from "./draft_context";
import { type PickerView, shownTables } from "./picker";
import { useCatalog } from "./queries";
import { TableList } from "./TableList";
import { TableOptions } from "./TableOptions";

export function TablesStep() {
  const { draft, secrets } = useDraft();
  const connection = endpointOf("source", draft.source, secrets.source);
  const targetSchema = draft.target.schema.trim() || "dbo";
  const catalog = useCatalog(connection, targetSchema, sideComplete(draft.source, secrets.source));
  return (
    <QueryView query={catalog} what="the source's tables">
      {(found) => <Picker catalog={found} busy={catalog.isFetching} refresh={() => void catalog.refetch()} />}
    </QueryView>
  );
}

interface PickerProps {
  catalog: SourceCatalog;
  busy: boolean;
  refresh: () => void;
}

function Picker({ catalog, busy, refresh }: PickerProps) {
  const { draft, change } = useDraft();
  const [view, setView] = useState<PickerView>({ search: "", schema: "", only: "all" });
  const [opened, setOpened] = useState<SourceTable | null>(null);
  const deferred = useDeferredValue(view);
  const selected = draft.tables;

  const shown = useMemo(
    () => shownTables(catalog.tables, deferred, (table) => tableKey(table.schema, table.name) in selected),
    [catalog, deferred, selected],
  );
  const gone = useMemo(() => {
    const there = new Set(catalog.tables.map((table) => tableKey(table.schema, table.name)));
    return Object.keys(selected).filter((key) => !there.has(key));
  }, [catalog, selected]);
  const bytesSelected = useMemo(
    () =>
      catalog.tables.reduce(
        (sum, table) => (tableKey(table.schema, table.name) in selected ? sum + Number(table.bytes) : sum),
        0,
      ),
    [catalog, selected],
  );

  function choose(tables: SourceTable[], on: boolean) {
    change((before) => {
      const next: Record<string, TableChoice> = { ...before.tables };
      for (const { schema, name, replicable } of tables) {
        const key = tableKey(schema, name);
        if (!on) delete next[key];
        else if (replicable) next[key] ??= { schema, name };
      }
      return { ...before, tables: next };
    });
  }

  if (catalog.tables.length === 0) {
    return (
      <EmptyState heading="The source has no tables that this user sees">
        <p>Create one, or give the user the right to read: GRANT SELECT ON ALL TABLES IN SCHEMA public.</p>
        <Button variant="default" loading={busy} onClick={refresh}>
          Look again
        </Button>
      </EmptyState>
    );
  }

  const many = shown.filter((table) => table.replicable).length;
  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <SearchInput
          label="Search tables"
          placeholder="Search: orders, sales.*, *_log !tmp"
          value={view.search}
          onChange={(value) => setView({ ...view, search: value })}
        />
        <NativeSelect
          aria-label="Schema"
          value={view.schema}
          data={[
            { value: "", label: "All schemas" },
            ...catalog.schemas.map(({ name, tables }) => ({ value: name, label: `${name} (${tables})` })),
          ]}
          onChange={(event) => setView({ ...view, schema: event.currentTarget.value })}
        />
        <NativeSelect
          aria-label="Show"
          value={view.only}
          data={[
            { value: "all", label: "All" },
            { value: "selected", label: "Selected" },
            { value: "unselected", label: "Not selected" },
            { value: "problems", label: "With remarks" },
          ]}
          onChange={(event) => setView({ ...view, only: event.currentTarget.value as PickerView["only"] })}
        />
        <Button variant="default" loading={busy} leftSection={<IconRefresh size={16} aria-hidden />} onClick={refresh}>
          Refresh
        </Button>
      </div>
      <div className={layout.spread}>
        <p role="status">
          <strong>{counted(Object.keys(selected).length, "table")} selected</strong>
          <span className={layout.muted}>
            {" "}
            of {catalog.tables.length.toLocaleString()}, {bytes(bytesSelected)}
            {shown.length < catalog.tables.length ? `; ${shown.length.toLocaleString()} shown` : ""}
          </span>
        </p>
        <div className={layout.row}>
          <Button variant="default" size="xs" disabled={many === 0} onClick={() => choose(shown, true)}>
            Select all {many.toLocaleString()} shown
          </Button>
          <Button
            variant="default"
            size="xs"
            disabled={Object.keys(selected).length === 0}
            onClick={() => choose(shown, false)}
          >
            Unselect shown
          </Button>
        </div>
      </div>
      {gone.length > 0 ? (
        <p role="alert">
          {counted(gone.length, "selected table")} no longer on the source:{" "}
          {gone.map((key) => JSON.parse(key).join(".")).join(", ")}.{" "}
          <Button
            variant="default"
            size="compact-xs"
            onClick={() =>
              change((before) => ({
                ...before,
                tables: Object.fromEntries(Object.entries(before.tables).filter(([key]) => !gone.includes(key))),
              }))
            }
          >
            Take out
          </Button>
        </p>
      ) : null}
      {shown.length === 0 ? (
        <EmptyState heading="No table matches">
          <Button variant="default" onClick={() => setView({ search: "", schema: "", only: "all" })}>
            Clear search and filters
          </Button>
        </EmptyState>
      ) : (
        <TableList
          tables={shown}
          selected={selected}
          onSelect={(table, on) => choose([table], on)}
          onOpen={setOpened}
        />
      )}
      {opened ? <TableOptions table={opened} onClose={() => setOpened(null)} /> : null}
    </div>
  );
}
