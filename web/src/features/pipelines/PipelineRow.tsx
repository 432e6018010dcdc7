import { Checkbox } from "@mantine/core";
import { Link } from "react-router";
import type { Pipeline } from "@/api/types";
import { HealthBadge } from "@/components/Health";
import { Moment } from "@/components/Moment";
import { Sparkline } from "@/components/Sparkline";
import { bytes, duration, rate } from "@/lib/format";
import { isProblem, shownHealth } from "@/lib/health";
import layout from "@/styles/layout.module.css";
import styles from "./PipelineRow.module.css";
import { useThroughput } from "./queries";

interface Props {
  pipeline: Pipeline;
  selected: boolean;
  /** Null: nobody who looks at it may pause or resume. */
  onSelect: ((selected: boolean) => void) | null;
}

export function PipelineRow({ pipeline, selected, onSelect }: Props) {
  const { live } = pipeline;
  const health = shownHealth(pipeline);
  return (
    <li className={styles.row}>
      {onSelect ? (
        <Checkbox
          aria-label={`Select ${pipeline.name}`}
          checked={selected}
          onChange={(event) => onSelect(event.currentTarget.checked)}
        />
      ) : (
        <span />
      )}
      <div className={styles.first}>
        <Link className={styles.name} to={`/pipelines/${encodeURIComponent(pipeline.name)}`}>
          {pipeline.name}
        </Link>
        <div className={styles.servers}>
          {pipeline.source} → {pipeline.target}
        </div>
      </div>
      <div className={styles.health}>
        <HealthBadge health={health} />
        {live?.since ? (
          <span className={styles.label}>
            since <Moment at={live.since} />
          </span>
        ) : null}
      </div>
      <div className={styles.lag}>
        <span className={styles.label}>Lag</span>
        {duration(live?.lagS)}
        {live?.lagBytes ? <span className={layout.muted}> · {bytes(live.lagBytes)}</span> : null}
      </div>
      <div>
        <span className={styles.label}>Throughput</span>
        {rate(live?.changesPerS)}
      </div>
      <div className={styles.spark}>
        <Throughput name={pipeline.name} />
      </div>
      <div className={styles.tables}>
        <span className={styles.label}>Tables</span>
        {live ? `${live.tablesReady} of ${live.tablesTotal}` : pipeline.tables.length}
      </div>
      {live?.reason && isProblem(health) ? <p className={styles.reason}>{live.reason}</p> : null}
    </li>
  );
}

function Throughput({ name }: { name: string }) {
  const { data } = useThroughput(name);
  if (!data?.some((value) => value !== null)) return null;
  return <Sparkline values={data} label={`Throughput of ${name} over the last hour`} />;
}
