import { Button, Checkbox, NativeSelect } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { keys } from "@/api/keys";
import type { Pipeline } from "@/api/types";
import { useMay } from "@/app/session";
import { EmptyState } from "@/components/EmptyState";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { SearchInput } from "@/components/SearchInput";
import { useToasts } from "@/components/Toasts";
import { counted } from "@/lib/format";
import { isProblem, shownHealth } from "@/lib/health";
import layout from "@/styles/layout.module.css";
import { type Filter, type ListView, paramsOf, type Sort, shownPipelines, sorts, viewFrom } from "./filter";
import { PipelineRow } from "./PipelineRow";
import { pausePipeline, resumePipeline, usePipelines } from "./queries";

const kFilterLabels: Record<Filter, string> = {
  all: "All",
  problems: "With problems",
  running: "Running",
  loading: "Loading",
  paused: "Paused",
};

export function PipelinesPage() {
  const pipelines = usePipelines();
  const mayCreate = useMay("pipelines.create");
  return (
    <div className={layout.page}>
      <PageHeader
        title="Pipelines"
        actions={
          mayCreate ? (
            <Button component={Link} to="/pipelines/new" leftSection={<IconPlus size={16} aria-hidden />}>
              Create pipeline
            </Button>
          ) : null
        }
      >
        Each keeps a live copy of PostgreSQL tables in SQL Server.
      </PageHeader>
      <QueryView query={pipelines} what="pipelines">
        {(all) => (all.length === 0 ? <NoPipelines mayCreate={mayCreate} /> : <PipelineList all={all} />)}
      </QueryView>
    </div>
  );
}

function NoPipelines({ mayCreate }: { mayCreate: boolean }) {
  return (
    <EmptyState heading="No pipeline yet">
      {mayCreate ? (
        <>
          <p>Give the credentials of a PostgreSQL and of a SQL Server database, choose tables, and it runs.</p>
          <Button component={Link} to="/pipelines/new">
            Create the first pipeline
          </Button>
          <p>
            In a terminal: <code>millrace create pipeline.yaml</code>
          </p>
        </>
      ) : (
        <p>An administrator of this tenant can create one. It then appears here by itself.</p>
      )}
    </EmptyState>
  );
}

function PipelineList({ all }: { all: Pipeline[] }) {
  const [params, setParams] = useSearchParams();
  const view = viewFrom(params);
  const shown = shownPipelines(all, view);
  const mayOperate = useMay("pipelines.operate");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const chosen = shown.filter((pipeline) => selected.has(pipeline.name));
  const change = (more: Partial<ListView>) => setParams(paramsOf({ ...view, ...more }), { replace: true });
  const problems = all.filter((pipeline) => isProblem(shownHealth(pipeline))).length;

  function select(name: string, on: boolean) {
    const next = new Set(selected);
    if (on) next.add(name);
    else next.delete(name);
    setSelected(next);
  }

  return (
    <>
      <div className={layout.row}>
        <SearchInput
          label="Search pipelines"
          placeholder="Search names and servers"
          value={view.search}
          onChange={(value) => change({ search: value })}
        />
        <NativeSelect
          aria-label="Show"
          value={view.filter}
          data={Object.entries(kFilterLabels).map(([value, label]) => ({ value, label }))}
          onChange={(event) => change({ filter: event.currentTarget.value as Filter })}
        />
        <NativeSelect
          aria-label="Sort by"
          value={view.sort}
          data={Object.entries(sorts).map(([value, { label }]) => ({ value, label }))}
          onChange={(event) => change({ sort: event.currentTarget.value as Sort })}
        />
      </div>
      <div className={layout.row}>
        {mayOperate && shown.length > 0 ? (
          <Checkbox
            label="Select all shown"
            checked={chosen.length === shown.length}
            indeterminate={chosen.length > 0 && chosen.length < shown.length}
            onChange={(event) =>
              setSelected(new Set(event.currentTarget.checked ? shown.map((pipeline) => pipeline.name) : []))
            }
          />
        ) : null}
        <span className={layout.muted} role="status">
          {counted(shown.length, "pipeline")}
          {shown.length < all.length ? ` of ${all.length}` : ""}
          {problems > 0 ? `, ${problems} with problems` : ""}
        </span>
        {chosen.length > 0 ? <BulkActions chosen={chosen} /> : null}
      </div>
      {shown.length === 0 ? (
        <EmptyState heading="No pipeline matches">
          <Button variant="default" onClick={() => setParams(new URLSearchParams(), { replace: true })}>
            Clear search and filters
          </Button>
        </EmptyState>
      ) : (
        <ul className={layout.rows} aria-label="Pipelines">
          {shown.map((pipeline) => (
            <PipelineRow
              key={pipeline.name}
              pipeline={pipeline}
              selected={selected.has(pipeline.name)}
              onSelect={mayOperate ? (on) => select(pipeline.name, on) : null}
            />
          ))}
        </ul>
      )}
    </>
  );
}

/** One after the other; what failed is named, what went well stays done. */
function BulkActions({ chosen }: { chosen: Pipeline[] }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const work = useMutation({
    mutationFn: async ({ names, verb }: { names: string[]; verb: "pause" | "resume" }) => {
      let done = 0;
      for (const name of names) {
        try {
          await (verb === "pause" ? pausePipeline(name) : resumePipeline(name));
          ++done;
        } catch (fault) {
          toasts.failed(fault);
        }
      }
      if (done > 0) toasts.done(`${counted(done, "pipeline")} ${verb === "pause" ? "paused" : "resumed"}.`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.pipelines }),
  });
  const paused = chosen.filter((pipeline) => pipeline.state === "paused").map((pipeline) => pipeline.name);
  const active = chosen.filter((pipeline) => pipeline.state === "active").map((pipeline) => pipeline.name);
  return (
    <>
      {active.length > 0 ? (
        <Button
          variant="default"
          size="xs"
          loading={work.isPending}
          leftSection={<IconPlayerPause size={14} aria-hidden />}
          onClick={() => work.mutate({ names: active, verb: "pause" })}
        >
          Pause {active.length}
        </Button>
      ) : null}
      {paused.length > 0 ? (
        <Button
          variant="default"
          size="xs"
          loading={work.isPending}
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          onClick={() => work.mutate({ names: paused, verb: "resume" })}
        >
          Resume {paused.length}
        </Button>
      ) : null}
    </>
  );
}
