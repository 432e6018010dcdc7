import { Link } from "react-router";
import type { Pipeline } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { HealthBadge } from "@/components/Health";
import { Moment } from "@/components/Moment";
import { Sparkline } from "@/components/Sparkline";
import { StatusBadge, type Tone } from "@/components/StatusBadge";
import { useThroughput } from "@/features/pipelines/queries";
import { bytes, duration, rate } from "@/lib/format";
import { byProblems, isProblem, shownHealth } from "@/lib/health";
import layout from "@/styles/layout.module.css";

const kRisk: Record<string, { word: string; tone: Tone }> = {
  ok: { word: "Safe", tone: "good" },
  warning: { word: "Grows", tone: "warn" },
  alarm: { word: "At risk", tone: "bad" },
  lost: { word: "Lost", tone: "bad" },
};

const kColumns: Column<Pipeline>[] = [
  {
    heading: "Pipeline",
    cell: (pipeline) => {
      const health = shownHealth(pipeline);
      return (
        <>
          <Link to={`/pipelines/${encodeURIComponent(pipeline.name)}`}>{pipeline.name}</Link>
          {pipeline.live?.reason && isProblem(health) ? (
            <div className={`${layout.small} ${layout.bad}`}>{pipeline.live.reason}</div>
          ) : null}
        </>
      );
    },
  },
  { heading: "State", cell: (pipeline) => <HealthBadge health={shownHealth(pipeline)} /> },
  {
    heading: "Lag",
    cell: ({ live }) => (
      <div className={layout.oneLine}>
        {duration(live?.lagS)}
        {live?.lagBytes ? <div className={`${layout.muted} ${layout.small}`}>{bytes(live.lagBytes)}</div> : null}
      </div>
    ),
  },
  { heading: "Throughput", number: true, cell: ({ live }) => rate(live?.changesPerS) },
  { heading: "Last hour", cell: ({ name }) => <LastHour name={name} /> },
  {
    heading: "Slot",
    cell: ({ live }) => {
      const risk = live?.slotRisk ? kRisk[live.slotRisk] : undefined;
      if (!risk) return "–";
      return (
        <>
          <StatusBadge tone={risk.tone}>{risk.word}</StatusBadge> keeps {bytes(live?.retainedBytes)}
        </>
      );
    },
  },
  { heading: "Last change", cell: ({ live }) => <Moment at={live?.lastChangeAt} never="–" /> },
];

/** Every pipeline in a line, problems first. */
export function FleetTable({ pipelines }: { pipelines: Pipeline[] }) {
  return (
    <DataTable
      caption="Pipelines, problems first"
      columns={kColumns}
      rows={pipelines.toSorted(byProblems)}
      rowKey={({ name }) => name}
    />
  );
}

function LastHour({ name }: { name: string }) {
  const { data } = useThroughput(name);
  return (
    <span className={layout.spark}>
      {data?.some((value) => value !== null) ? (
        <Sparkline values={data} label={`Throughput of ${name} over the last hour`} />
      ) : (
        "–"
      )}
    </span>
  );
}
