/** Follows the work from the button to the first live change: being made, loading, streaming. */
import { Button, Progress } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed, IconCircleX, IconLoader2 } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import { Problem } from "@/api/problem";
import type { Operation, PipelineProgress, ProblemBody } from "@/api/types";
import { useOperation } from "@/app/operations";
import { PageHeader } from "@/components/PageHeader";
import { ProblemPanel } from "@/components/ProblemPanel";
import { QueryView } from "@/components/QueryView";
import { count, counted, duration, rate } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { useDraft } from "./draft_context";
import styles from "./ProgressPage.module.css";
import { isLive, loadPercent } from "./progress";

const kPollMs = 1500;

export function ProgressPage() {
  const { operation: id = "" } = useParams();
  const operation = useOperation(id);
  return (
    <div className={`${layout.page} ${layout.narrow}`}>
      <QueryView query={operation} what="the work">
        {(found) => <Stages operation={found} />}
      </QueryView>
    </div>
  );
}

function Stages({ operation }: { operation: Operation }) {
  const { clear } = useDraft();
  const name = operation.target;
  const created = operation.state === "succeeded";
  const progress = useQuery({
    queryKey: keys.progress(name),
    queryFn: () => answer(api.GET("/api/v1/pipelines/{name}/progress", { params: { path: { name } } })),
    enabled: created,
    refetchInterval: (query) => (isLive(query.state.data) ? false : kPollMs),
  });
  const live = created && isLive(progress.data);

  useEffect(() => {
    if (created) clear();
  }, [created, clear]);

  return (
    <>
      <PageHeader title={name || "New pipeline"} documentTitle={`Creating ${name}`} />
      <div role="status">{live ? <p className={styles.success}>Pipeline created! Real-time CDC active.</p> : null}</div>
      <ol className={styles.stages}>
        <Stage title="Make it" state={stateOf(operation)}>
          <ul className={styles.lines} aria-label="What was done">
            {operation.progress.map((line) => (
              <li key={`${line.time} ${line.message}`}>{line.message}</li>
            ))}
          </ul>
        </Stage>
        <Stage title="Copy what is there" state={!created ? "later" : loading(progress.data) ? "now" : "done"}>
          {created && progress.data ? <Load progress={progress.data} /> : null}
        </Stage>
        <Stage title="Follow changes" state={live ? "done" : created && !loading(progress.data) ? "now" : "later"}>
          {live ? <Streaming progress={progress.data} /> : null}
        </Stage>
      </ol>
      {operation.problem ? (
        <ProblemPanel problem={new Problem({ status: 0, ...(operation.problem as Partial<ProblemBody>) })} />
      ) : null}
      {operation.state === "cancelled" ? <p>It was called off. What had been made was taken back.</p> : null}
      {created && progress.data?.lastError ? (
        <ProblemPanel problem={new Problem({ status: 0, detail: progress.data.lastError.message })} />
      ) : null}
      <Ways operation={operation} />
    </>
  );
}

function Ways({ operation }: { operation: Operation }) {
  const navigate = useNavigate();
  const cancel = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/operations/{operation}/cancel", { params: { path: { operation: operation.id } } })),
  });
  if (operation.state === "running") {
    return (
      <div className={layout.stack}>
        {cancel.isError ? <ProblemPanel problem={cancel.error} /> : null}
        <div className={layout.row}>
          <Button
            variant="default"
            loading={cancel.isPending}
            disabled={operation.cancelRequested}
            onClick={() => cancel.mutate()}
          >
            {operation.cancelRequested ? "Calling it off…" : "Call it off"}
          </Button>
          <span className={layout.muted}>You may leave this page: the work goes on.</span>
        </div>
      </div>
    );
  }
  if (operation.state === "succeeded") {
    return (
      <div>
        <Button component={Link} to={`/pipelines/${encodeURIComponent(operation.target)}`}>
          Open the pipeline
        </Button>
      </div>
    );
  }
  return (
    <div>
      <Button onClick={() => navigate("/pipelines/new?step=review")}>Back to the review</Button>
    </div>
  );
}

type StageState = "done" | "now" | "later" | "failed";

function stateOf(operation: Operation): StageState {
  if (operation.state === "succeeded") return "done";
  return operation.state === "running" ? "now" : "failed";
}

const loading = (progress: PipelineProgress | undefined) =>
  !progress || progress.health === "loading" || progress.health === "starting" || progress.load !== null;

const kLooks = {
  done: { icon: IconCircleCheck, word: "Done" },
  now: { icon: IconLoader2, word: "Under way" },
  later: { icon: IconCircleDashed, word: "Later" },
  failed: { icon: IconCircleX, word: "Failed" },
} as const;

function Stage({ title, state, children }: { title: string; state: StageState; children?: ReactNode }) {
  const { icon: Icon, word } = kLooks[state];
  return (
    <li className={styles.stage}>
      <Icon size={22} className={styles[state]} role="img" aria-label={word} />
      <div>
        <h2>{title}</h2>
        {children}
      </div>
    </li>
  );
}

function Load({ progress }: { progress: PipelineProgress }) {
  const { load, tables } = progress;
  if (!load) {
    const ready = tables.filter((table) => table.state === "ready").length;
    return ready > 0 ? <p className={layout.muted}>{counted(ready, "table")} copied.</p> : null;
  }
  const share = loadPercent(load);
  return (
    <div className={layout.stack}>
      <Progress value={share} aria-label="Copied so far" aria-valuetext={`${share}%`} />
      <p className={layout.muted}>
        {load.tablesReady ?? 0} of {load.tablesTotal ?? 0} tables, {count(load.rows)} rows, {rate(load.rowsPerS)}
        {load.secondsLeft === null || load.secondsLeft === undefined
          ? ""
          : `, about ${duration(load.secondsLeft)} left`}
      </p>
    </div>
  );
}

function Streaming({ progress }: { progress: PipelineProgress | undefined }) {
  const stream = progress?.stream;
  if (!stream) return null;
  return (
    <p className={layout.muted}>
      {count(stream.changes)} changes so far, lag {duration(stream.lagS)}.
    </p>
  );
}
