import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconRotateClockwise } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Outlet, useOutletContext, useParams } from "react-router";
import { keys } from "@/api/keys";
import type { Pipeline } from "@/api/types";
import { useSession } from "@/app/session";
import { HealthBadge } from "@/components/Health";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { type Tab, Tabs } from "@/components/Tabs";
import { useToasts } from "@/components/Toasts";
import { pausePipeline, restartPipeline, resumePipeline } from "@/features/pipelines/queries";
import { shownHealth } from "@/lib/health";
import layout from "@/styles/layout.module.css";
import { usePipeline, useProgress } from "./queries";

export interface PipelineContext {
  pipeline: Pipeline;
  etag: string;
}

export const usePipelineContext = () => useOutletContext<PipelineContext>();

/** What all parts of a pipeline's page have above them. */
export function PipelinePage() {
  const { name = "" } = useParams();
  const found = usePipeline(name);
  return (
    <div className={layout.page}>
      <QueryView query={found} what="the pipeline">
        {(context) => (
          <>
            <Header pipeline={context.pipeline} />
            <Outlet context={context satisfies PipelineContext} />
          </>
        )}
      </QueryView>
      {found.isError ? <h1 className="visually-hidden">{name}</h1> : null}
    </div>
  );
}

function Header({ pipeline }: { pipeline: Pipeline }) {
  const { may } = useSession();
  const progress = useProgress(pipeline.name);
  const health = shownHealth(
    progress.data ? { state: pipeline.state, live: progress.data as unknown as Pipeline["live"] } : pipeline,
  );
  const tabs: Tab[] = [
    { to: ".", title: "Overview" },
    { to: "tables", title: "Tables" },
    ...(may("events.read") ? [{ to: "events", title: "Events" }] : []),
    { to: "quarantine", title: "Quarantine" },
    ...(may("operations.read") ? [{ to: "verify", title: "Verify" }] : []),
    ...(may("configs.read") ? [{ to: "configs", title: "Configs" }] : []),
    ...(may("pipelines.update") || may("pipelines.delete") ? [{ to: "settings", title: "Settings" }] : []),
  ];
  return (
    <>
      <PageHeader
        title={pipeline.name}
        actions={
          <>
            <HealthBadge health={health} />
            {may("pipelines.operate") ? <Controls pipeline={pipeline} /> : null}
          </>
        }
      >
        <span className={layout.wrap}>
          {pipeline.source} → {pipeline.target}
        </span>
      </PageHeader>
      <Tabs label="Parts of this pipeline" tabs={tabs} />
    </>
  );
}

const kVerbs = {
  pause: { run: pausePipeline, done: "Paused. The slot keeps the changes, so WAL grows on the source." },
  resume: { run: resumePipeline, done: "Resumed." },
  restart: { run: restartPipeline, done: "Started again." },
} as const;

function Controls({ pipeline }: { pipeline: Pipeline }) {
  const client = useQueryClient();
  const toasts = useToasts();
  const work = useMutation({
    mutationFn: async (verb: keyof typeof kVerbs) => {
      await kVerbs[verb].run(pipeline.name);
      return kVerbs[verb].done;
    },
    onSuccess: toasts.done,
    onError: toasts.failed,
    onSettled: () => {
      void client.invalidateQueries({ queryKey: keys.pipelines });
      void client.invalidateQueries({ queryKey: keys.pipeline(pipeline.name) });
    },
  });
  if (pipeline.state === "creating" || pipeline.state === "deleting") return null;
  return (
    <>
      {pipeline.state === "paused" ? (
        <Button
          loading={work.isPending}
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          onClick={() => work.mutate("resume")}
        >
          Resume
        </Button>
      ) : (
        <>
          <Button
            variant="default"
            loading={work.isPending}
            leftSection={<IconRotateClockwise size={16} aria-hidden />}
            onClick={() => work.mutate("restart")}
          >
            Restart
          </Button>
          <Button
            variant="default"
            loading={work.isPending}
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            onClick={() => work.mutate("pause")}
          >
            Pause
          </Button>
        </>
      )}
    </>
  );
}
