import { SegmentedControl } from "@mantine/core";
import { useSearchParams } from "react-router";
import type { PipelineProgress } from "@/api/types";
import { useMay } from "@/app/session";
import { Moment } from "@/components/Moment";
import { QueryView } from "@/components/QueryView";
import { Stat } from "@/components/Stat";
import { TimeChart } from "@/components/TimeChart";
import { bytes, count, duration, milliseconds, rate } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { Connectors } from "./Connectors";
import { LastError } from "./LastError";
import { usePipelineContext } from "./PipelinePage";
import { type Range, useMetrics, useProgress } from "./queries";
import { SlotCard } from "./SlotCard";

export function OverviewTab() {
  const { pipeline } = usePipelineContext();
  const progress = useProgress(pipeline.name);
  const seesMetrics = useMay("metrics.read");
  return (
    <>
      <QueryView query={progress} what="the numbers">
        {(found) => (
          <>
            <LastError progress={found} />
            <Numbers progress={found} />
            <div className={layout.halves}>
              <SlotCard progress={found} />
              <Facts progress={found} />
            </div>
            <Connectors name={pipeline.name} connectors={found.connectors} />
          </>
        )}
      </QueryView>
      {/* Not before what stands above: it would be pushed down. */}
      {seesMetrics && !progress.isPending ? <Charts name={pipeline.name} /> : null}
    </>
  );
}

function Numbers({ progress }: { progress: PipelineProgress }) {
  const { load, stream, tables } = progress;
  const ready = tables.filter((table) => table.state === "ready").length;
  return (
    <div className={layout.cards}>
      <Stat label="Lag" more={stream ? `${bytes(stream.lagBytes)} of WAL not applied` : "nothing streams"}>
        {duration(stream?.lagS)}
      </Stat>
      <Stat
        label={load ? "Load" : "Throughput"}
        more={load ? `${duration(load.secondsLeft)} left` : `${count(stream?.transactions)} transactions`}
      >
        {rate(load ? load.rowsPerS : stream?.changesPerS)}
      </Stat>
      <Stat label="Changes" more="since this run began">
        <span data-testid="changes">{count(stream?.changes)}</span>
      </Stat>
      <Stat
        label="Commit to visible"
        more={
          stream?.latencyMs
            ? `95%: ${milliseconds(stream.latencyMs.p95)}, 99%: ${milliseconds(stream.latencyMs.p99)}`
            : "no changes in the last minute"
        }
      >
        {milliseconds(stream?.latencyMs?.p50)}
      </Stat>
      <Stat label="Tables" more={load ? "being loaded" : "loaded"}>
        {load ? `${load.tablesReady} of ${load.tablesTotal}` : ready}
      </Stat>
    </div>
  );
}

function Facts({ progress }: { progress: PipelineProgress }) {
  const { stream } = progress;
  return (
    <section className={layout.card} aria-labelledby="facts">
      <div className={layout.stack}>
        <h2 id="facts">State</h2>
        <dl className={layout.facts}>
          <dt>Since</dt>
          <dd>
            <Moment at={progress.since} never="not known" />
          </dd>
          {progress.reason ? (
            <>
              <dt>Why</dt>
              <dd>{progress.reason}</dd>
            </>
          ) : null}
          {progress.nextAttemptAt ? (
            <>
              <dt>Next attempt</dt>
              <dd>
                <Moment at={progress.nextAttemptAt} />
              </dd>
            </>
          ) : null}
          <dt>Last change</dt>
          <dd>
            <Moment at={stream?.lastChangeAt} never="none in this run" />
          </dd>
          <dt>Applied up to</dt>
          <dd className={layout.mono}>{stream?.appliedLsn || "–"}</dd>
          <dt>Failures, restarts</dt>
          <dd>
            {count(progress.failures)}, {count(progress.restarts)}
          </dd>
          <dt>Numbers taken</dt>
          <dd>
            <Moment at={progress.time} />
          </dd>
        </dl>
      </div>
    </section>
  );
}

const kRanges = [
  { value: "1h", label: "1 hour" },
  { value: "24h", label: "24 hours" },
  { value: "7d", label: "7 days" },
];

function Charts({ name }: { name: string }) {
  const [params, setParams] = useSearchParams();
  const wanted = params.get("range");
  const range: Range = wanted === "24h" || wanted === "7d" ? wanted : "1h";
  const metrics = useMetrics(name, range);
  return (
    <section className={layout.stack} aria-labelledby="charts">
      <div className={layout.spread}>
        <h2 id="charts">Over time</h2>
        <SegmentedControl
          aria-label="Range"
          data={kRanges}
          value={range}
          transitionDuration={0}
          onChange={(next) => setParams(next === "1h" ? {} : { range: next }, { replace: true })}
        />
      </div>
      <QueryView query={metrics} what="charts">
        {({ times, series }) => (
          <div className={layout.halves}>
            <Chart title="Throughput" times={times} values={series.changesPerS} format={(value) => rate(value)} />
            <Chart title="Lag, time" times={times} values={series.lagS} format={duration} />
            <Chart title="Lag, WAL" times={times} values={series.lagBytes} format={bytes} />
            <Chart title="WAL kept by the slot" times={times} values={series.retainedBytes} format={bytes} />
            <Chart title="Commit to visible" times={times} values={series.latencyMs} format={milliseconds} />
          </div>
        )}
      </QueryView>
    </section>
  );
}

interface ChartProps {
  title: string;
  times: string[];
  values: (number | null)[] | undefined;
  format: (value: number | null) => string;
}

function Chart({ title, times, values, format }: ChartProps) {
  if (!values) return null;
  return (
    <div className={layout.card}>
      <TimeChart title={title} times={times} values={values} format={format} />
    </div>
  );
}
