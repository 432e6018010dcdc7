import { Link } from "react-router";
import type { Pipeline } from "@/api/types";
import { useMay } from "@/app/session";
import { EmptyState } from "@/components/EmptyState";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { Stat } from "@/components/Stat";
import { usePipelines } from "@/features/pipelines/queries";
import { bytes, count, counted, duration, rate } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { FleetTable } from "./FleetTable";
import { NewestProblems } from "./NewestProblems";
import { ServerHealth } from "./ServerHealth";
import { totalsOf } from "./totals";

export function MonitoringPage() {
  const pipelines = usePipelines();
  const mayReadEvents = useMay("events.read");
  const mayCreate = useMay("pipelines.create");
  return (
    <div className={layout.page}>
      <PageHeader title="Monitoring">All pipelines of this tenant, and the server that runs them.</PageHeader>
      <QueryView query={pipelines} what="pipelines">
        {(all) =>
          all.length === 0 ? (
            <EmptyState heading="Nothing to watch yet">
              {mayCreate ? (
                <Link to="/pipelines/new">Create the first pipeline</Link>
              ) : (
                <p>An administrator of this tenant can create a pipeline. Its numbers then appear here.</p>
              )}
            </EmptyState>
          ) : (
            <>
              <TotalCards all={all} />
              <FleetTable pipelines={all} />
            </>
          )
        }
      </QueryView>
      {/* Not before what stands above: it would be pushed down. */}
      {pipelines.isPending ? null : (
        <div className={layout.halves}>
          {mayReadEvents ? <NewestProblems /> : null}
          <ServerHealth />
        </div>
      )}
    </div>
  );
}

function TotalCards({ all }: { all: Pipeline[] }) {
  const totals = totalsOf(all);
  return (
    <div className={layout.cards}>
      <Stat
        label="Pipelines"
        more={totals.problems > 0 ? <ProblemLink problems={totals.problems} /> : "none with problems"}
      >
        {count(totals.pipelines)}
      </Stat>
      <Stat label="Tables loaded" more={`of ${count(totals.tables)}`}>
        {count(totals.tablesReady)}
      </Stat>
      <Stat label="Throughput" more="of all together">
        {rate(totals.changesPerS)}
      </Stat>
      <Stat label="Largest lag" more={totals.slowest?.name ?? "nothing streams"}>
        {duration(totals.slowest?.lagS)}
      </Stat>
      <Stat
        label="WAL that slots keep"
        more={totals.slotsAtRisk > 0 ? `${counted(totals.slotsAtRisk, "slot")} at risk` : "no slot at risk"}
      >
        {bytes(String(totals.retainedBytes))}
      </Stat>
    </div>
  );
}

function ProblemLink({ problems }: { problems: number }) {
  return <Link to="/pipelines?show=problems">{problems} with problems</Link>;
}
