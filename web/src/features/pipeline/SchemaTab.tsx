/** What became of the source's tables since the pipeline began, and what was done about it. */
import { Button, NativeSelect } from "@mantine/core";
import type { Event } from "@/api/types";
import { useSession } from "@/app/session";
import { useAddressFilter } from "@/app/useAddressFilter";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { Loading } from "@/components/Loading";
import { Moment } from "@/components/Moment";
import { MoreButton } from "@/components/MoreButton";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusBadge } from "@/components/StatusBadge";
import { useEvents } from "@/features/events/queries";
import layout from "@/styles/layout.module.css";
import { usePipelineContext } from "./PipelinePage";
import { useConfigs } from "./queries";
import { isOutcome, kindOf, outcomeOf, outcomes } from "./schema_history";
import { settingsOf } from "./settings";

const kColumns: Column<Event>[] = [
  { heading: "Table", cell: ({ table }) => <span className={layout.wrap}>{table || "–"}</span> },
  {
    heading: "Change",
    cell: ({ message, cause }) => (
      <>
        {message}
        {cause ? <p className={`${layout.muted} ${layout.wrap}`}>{cause}</p> : null}
      </>
    ),
  },
  {
    heading: "What was done",
    cell: (event) => {
      const { word, tone } = outcomeOf(event);
      return <StatusBadge tone={tone}>{word}</StatusBadge>;
    },
  },
  {
    heading: "When",
    cell: ({ time, lsn }) => (
      <>
        <Moment at={time} />
        {lsn ? <p className={`${layout.muted} ${layout.mono} ${layout.oneLine}`}>{lsn}</p> : null}
      </>
    ),
  },
];

export function SchemaTab() {
  const { pipeline } = usePipelineContext();
  const { may } = useSession();
  const filter = useAddressFilter();
  const outcome = filter.get("outcome");
  const changes = useEvents({ pipeline: pipeline.name, kind: kindOf(outcome) });
  const configs = useConfigs(pipeline.name, may("configs.read"));
  // Together: one after the other they would push each other down.
  const waits = changes.isPending || configs.isLoading;
  const items = changes.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={layout.stack}>
      <div className={layout.row}>
        <NativeSelect
          aria-label="What was done"
          value={isOutcome(outcome) ? outcome : ""}
          data={[
            { value: "", label: "All changes" },
            ...Object.entries(outcomes).map(([value, { word }]) => ({ value, label: word })),
          ]}
          onChange={(event) => filter.set("outcome", event.currentTarget.value)}
        />
      </div>
      {configs.data && !waits ? (
        <p className={`${layout.muted} ${layout.wrap}`}>
          Policy for changed tables: <code>{settingsOf(configs.data.spec).schemaPolicy}</code>. Kept for 30 days.
        </p>
      ) : null}
      {changes.isError ? <ProblemPanel problem={changes.error} retry={() => void changes.refetch()} /> : null}
      {waits ? <Loading what="the schema history" /> : null}
      {changes.isSuccess && !waits && items.length === 0 ? (
        <NoChange filtered={isOutcome(outcome)} clear={filter.clear} />
      ) : null}
      {items.length > 0 && !waits ? (
        <DataTable caption="Schema history" columns={kColumns} rows={items} rowKey={({ id }) => id} />
      ) : null}
      <MoreButton
        more={changes.hasNextPage}
        busy={changes.isFetchingNextPage}
        load={() => void changes.fetchNextPage()}
      >
        Show older
      </MoreButton>
    </div>
  );
}

function NoChange({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  if (filtered) {
    return (
      <EmptyState heading="No change ended so">
        <Button variant="default" onClick={clear}>
          Show all changes
        </Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState heading="No change of a source table was met">
      <p>
        When a column is added, dropped, renamed or gets another type, it appears here with what became of the copy.
      </p>
    </EmptyState>
  );
}
