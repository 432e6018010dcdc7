/** What became of the source's tables since the pipeline began, and what was done about it. */
import type { Event } from "@/api/types";
import { useSession } from "@/app/session";
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
import { type SchemaChange, schemaChange, together } from "./schema_history";
import { settingsOf } from "./settings";

interface Line extends SchemaChange {
  event: Event;
}

const kColumns: Column<Line>[] = [
  { heading: "Table", cell: ({ table }) => <span className={layout.wrap}>{table || "–"}</span> },
  { heading: "Change", cell: ({ title }) => title },
  {
    heading: "What was done",
    cell: ({ outcome, tone, detail }) => (
      <div>
        <StatusBadge tone={tone}>{outcome}</StatusBadge>
        <p className={`${layout.muted} ${layout.wrap}`}>{detail}</p>
      </div>
    ),
  },
  { heading: "When", cell: ({ event }) => <Moment at={event.time} /> },
];

export function SchemaTab() {
  const { pipeline } = usePipelineContext();
  const { may } = useSession();
  const changed = useEvents({ pipeline: pipeline.name, kind: "target.changed" });
  const failed = useEvents({ pipeline: pipeline.name, kind: "run.failed" });
  const queries = [changed, failed];
  const fault = queries.find(({ isError }) => isError);
  const waits = queries.some(({ isPending }) => isPending);
  const more = queries.some(({ hasNextPage }) => hasNextPage);
  const lines = together(
    queries.map(({ data, hasNextPage }) => ({
      items: data?.pages.flatMap(({ items }) => items) ?? [],
      more: hasNextPage,
    })),
  ).flatMap((event): Line[] => {
    const change = schemaChange(event);
    return change ? [{ ...change, event }] : [];
  });
  return (
    <div className={layout.stack}>
      {may("configs.read") ? <Policy pipeline={pipeline.name} /> : null}
      {fault ? <ProblemPanel problem={fault.error} retry={() => void fault.refetch()} /> : null}
      {waits && !fault ? <Loading what="the schema history" /> : null}
      {!waits && lines.length === 0 && !more ? (
        <EmptyState heading="No change of a source table was met">
          <p>
            When a column is added, dropped, renamed or gets another type, it appears here with what became of the copy.
          </p>
        </EmptyState>
      ) : null}
      {lines.length > 0 ? (
        <DataTable caption="Schema history" columns={kColumns} rows={lines} rowKey={({ event }) => event.id} />
      ) : null}
      <MoreButton
        more={more}
        busy={queries.some(({ isFetchingNextPage }) => isFetchingNextPage)}
        load={() => {
          for (const { hasNextPage, fetchNextPage } of queries) if (hasNextPage) void fetchNextPage();
        }}
      >
        Show older
      </MoreButton>
    </div>
  );
}

/** Which policy holds now. */
function Policy({ pipeline }: { pipeline: string }) {
  const configs = useConfigs(pipeline);
  if (!configs.data) return null;
  return (
    <p className={layout.muted}>
      Policy for changed tables: <code>{settingsOf(configs.data.spec).schemaPolicy}</code>. Changes that it ignores are
      not listed. Kept for 30 days.
    </p>
  );
}
