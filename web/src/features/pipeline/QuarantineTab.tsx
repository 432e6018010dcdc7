import { Button, Checkbox } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { keys } from "@/api/keys";
import { Problem } from "@/api/problem";
import type { ProblemBody, QuarantinedRow } from "@/api/types";
import { useOperation } from "@/app/operations";
import { useSession } from "@/app/session";
import { ConfirmModal } from "@/components/ConfirmModal";
import { Dialog } from "@/components/Dialog";
import { EmptyState } from "@/components/EmptyState";
import { Moment } from "@/components/Moment";
import { ProblemPanel } from "@/components/ProblemPanel";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import { counted } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { usePipelineContext } from "./PipelinePage";
import { discardRows, retryRows, useQuarantine } from "./queries";

/** Rows that could not be carried and were set aside: look at them, bring them over, or let them go. */
export function QuarantineTab() {
  const { pipeline } = usePipelineContext();
  const [discarded, setDiscarded] = useState(false);
  const rows = useQuarantine(pipeline.name, discarded);
  return (
    <div className={layout.stack}>
      <Checkbox
        label="Also those that were discarded"
        checked={discarded}
        onChange={(event) => setDiscarded(event.currentTarget.checked)}
      />
      <QueryView query={rows} what="quarantined rows">
        {({ items, nextPageToken }) =>
          items.length === 0 ? (
            <EmptyState heading="No row is set aside">
              <p>
                With the setting “set them aside” a row that the target refuses is kept here, and the pipeline goes on.
              </p>
            </EmptyState>
          ) : (
            <>
              <Rows pipeline={pipeline.name} items={items} />
              {nextPageToken ? <p className={layout.muted}>The first {items.length} are shown.</p> : null}
            </>
          )
        }
      </QueryView>
    </div>
  );
}

function Rows({ pipeline, items }: { pipeline: string; items: QuarantinedRow[] }) {
  const { may } = useSession();
  const toasts = useToasts();
  const client = useQueryClient();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<QuarantinedRow | null>(null);
  const [discarding, setDiscarding] = useState(false);
  const [retry, setRetry] = useState("");
  const open = items.filter((row) => !row.discardedAt);
  const chosen = open.filter((row) => selected.has(row.id)).map((row) => row.id);
  const selects = may("pipelines.operate") || may("pipelines.repair");

  async function begin() {
    try {
      setRetry((await retryRows(pipeline, chosen)).id);
    } catch (fault) {
      toasts.failed(fault);
    }
  }

  function select(id: string, on: boolean) {
    const next = new Set(selected);
    if (on) next.add(id);
    else next.delete(id);
    setSelected(next);
  }

  return (
    <>
      {selects ? (
        <div className={layout.row}>
          <Checkbox
            label="Select all"
            checked={open.length > 0 && chosen.length === open.length}
            indeterminate={chosen.length > 0 && chosen.length < open.length}
            onChange={(event) => setSelected(new Set(event.currentTarget.checked ? open.map((row) => row.id) : []))}
          />
          {may("pipelines.operate") ? (
            <Button variant="default" size="xs" disabled={chosen.length === 0} onClick={() => void begin()}>
              Retry {chosen.length}
            </Button>
          ) : null}
          {may("pipelines.repair") ? (
            <Button variant="default" size="xs" disabled={chosen.length === 0} onClick={() => setDiscarding(true)}>
              Discard {chosen.length}
            </Button>
          ) : null}
        </div>
      ) : null}
      {retry ? <RetryResult pipeline={pipeline} id={retry} /> : null}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className={`${layout.card} ${layout.scroll}`} tabIndex={0} role="region" aria-label="Quarantined rows">
        <table className={layout.table}>
          <thead>
            <tr>
              {selects ? (
                <th scope="col">
                  <span className="visually-hidden">Select</span>
                </th>
              ) : null}
              <th scope="col">Table and key</th>
              <th scope="col">Change</th>
              <th scope="col">Why</th>
              <th scope="col">Since</th>
              <th scope="col">
                <span className="visually-hidden">Look at it</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((row) => (
              <tr key={row.id}>
                {selects ? (
                  <td>
                    {row.discardedAt ? null : (
                      <Checkbox
                        aria-label={`Select ${row.table} ${row.key}`}
                        checked={selected.has(row.id)}
                        onChange={(event) => select(row.id, event.currentTarget.checked)}
                      />
                    )}
                  </td>
                ) : null}
                <th scope="row">
                  {row.table}
                  <p className={layout.mono}>{row.key || "no key"}</p>
                </th>
                <td>{row.op}</td>
                <td className={layout.wrap}>{row.reason}</td>
                <td>
                  <Moment at={row.since} />
                  {row.discardedAt ? <StatusBadge tone="quiet">Discarded</StatusBadge> : null}
                </td>
                <td>
                  <Button
                    variant="default"
                    size="compact-xs"
                    aria-label={`Inspect ${row.table} ${row.key}`}
                    onClick={() => setOpened(row)}
                  >
                    Inspect
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Dialog opened={opened !== null} onClose={() => setOpened(null)} title={opened ? `A row of ${opened.table}` : ""}>
        {opened ? <RowFacts row={opened} /> : null}
      </Dialog>
      <ConfirmModal
        opened={discarding}
        onClose={() => setDiscarding(false)}
        title="Discard rows"
        confirm={`Discard ${counted(chosen.length, "row")}`}
        run={async () => {
          await discardRows(pipeline, chosen);
          setSelected(new Set());
          await client.invalidateQueries({ queryKey: keys.quarantine(pipeline) });
        }}
      >
        <p>
          The copy stays without {chosen.length === 1 ? "this change" : "these changes"} until the rows change again on
          the source or the table is reloaded. They stay on record as discarded.
        </p>
      </ConfirmModal>
    </>
  );
}

function RowFacts({ row }: { row: QuarantinedRow }) {
  return (
    <div className={layout.stack}>
      <p>{row.reason}</p>
      <dl className={layout.facts}>
        <dt>Target</dt>
        <dd>{row.target}</dd>
        <dt>Change</dt>
        <dd>{row.op}</dd>
        <dt>Position</dt>
        <dd className={layout.mono}>{row.lsn || "–"}</dd>
        <dt>Committed</dt>
        <dd>
          <Moment at={row.committedAt} exact never="not known" />
        </dd>
        {Object.entries((row.row ?? {}) as Record<string, string | null>).map(([column, value]) => (
          <div key={column} style={{ display: "contents" }}>
            <dt>{column}</dt>
            <dd className={layout.mono}>{value ?? "NULL"}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

interface Retried {
  settled?: string;
  left?: string;
  rows?: { table: string; key: string; result: string; reason?: string }[];
}

function RetryResult({ pipeline, id }: { pipeline: string; id: string }) {
  const operation = useOperation(id);
  const client = useQueryClient();
  const state = operation.data?.state ?? "running";

  useEffect(() => {
    if (state === "succeeded") void client.invalidateQueries({ queryKey: keys.quarantine(pipeline) });
  }, [state, client, pipeline]);

  if (state === "running") return <p role="status">Reading the rows again from the source…</p>;
  if (operation.data?.problem) {
    return <ProblemPanel problem={new Problem({ status: 0, ...(operation.data.problem as Partial<ProblemBody>) })} />;
  }
  const result = (operation.data?.result ?? {}) as Retried;
  return (
    <div role="status" className={layout.stack}>
      <p>
        {result.settled ?? "0"} settled, {result.left ?? "0"} left.
      </p>
      <ul className={layout.list}>
        {(result.rows ?? [])
          .filter((row) => row.reason)
          .map((row) => (
            <li key={`${row.table} ${row.key}`}>
              {row.table} {row.key}: {row.result}. {row.reason}
            </li>
          ))}
      </ul>
    </div>
  );
}
