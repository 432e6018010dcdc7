import { Button, NativeSelect } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMay } from "@/app/session";
import { useAddressFilter } from "@/app/useAddressFilter";
import { useWindow } from "@/app/useWindow";
import { EmptyState } from "@/components/EmptyState";
import { QueryView } from "@/components/QueryView";
import { SearchInput } from "@/components/SearchInput";
import { counted } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { AddTables } from "./AddTables";
import { usePipelineContext } from "./PipelinePage";
import { useProgress } from "./queries";
import { TableRow } from "./TableRow";
import { tableStates, tableViews } from "./tables";

const kShown = 300;

export function TablesTab() {
  const { pipeline } = usePipelineContext();
  const progress = useProgress(pipeline.name);
  const mayUpdate = useMay("pipelines.update");
  const filter = useAddressFilter();
  const form = useWindow();
  const search = filter.get("q");
  const state = filter.get("state");

  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <SearchInput
          label="Search tables"
          placeholder="Search tables"
          value={search}
          onChange={(value) => filter.set("q", value)}
        />
        <NativeSelect
          aria-label="State"
          value={state}
          data={[
            { value: "", label: "All states" },
            ...Object.entries(tableStates).map(([value, { word }]) => ({ value, label: word })),
          ]}
          onChange={(event) => filter.set("state", event.currentTarget.value)}
        />
        {mayUpdate ? (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open("add")}>
            Add tables
          </Button>
        ) : null}
      </div>
      <QueryView query={progress} what="tables">
        {(found) => {
          const all = tableViews(pipeline, found.tables);
          const shown = all.filter(
            (table) =>
              (state === "" || table.state === state) &&
              `${table.table} ${table.target}`.toLowerCase().includes(search.toLowerCase().trim()),
          );
          if (shown.length === 0) {
            return (
              <EmptyState heading="No table matches">
                <Button variant="default" onClick={filter.clear}>
                  Clear search and filters
                </Button>
              </EmptyState>
            );
          }
          return (
            <>
              <p className={layout.muted} role="status">
                {counted(shown.length, "table")}
                {shown.length > kShown ? `, the first ${kShown} are shown: search for the others` : ""}
              </p>
              <ul className={layout.rows} aria-label="Tables">
                {shown.slice(0, kShown).map((table) => (
                  <TableRow key={table.table} pipeline={pipeline.name} table={table} />
                ))}
              </ul>
            </>
          );
        }}
      </QueryView>
      {mayUpdate && form.what === "add" ? <AddTables pipeline={pipeline.name} onClose={form.close} /> : null}
    </div>
  );
}
