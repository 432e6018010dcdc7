import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconRotateClockwise } from "@tabler/icons-react";
import { Link, Outlet, useOutletContext, useParams } from "react-router";
import { Problem } from "@/api/problem";
import type { Pipeline } from "@/api/types";
import { useSession } from "@/app/session";
import { EmptyState } from "@/components/EmptyState";
import { HealthBadge } from "@/components/Health";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { type Tab, Tabs } from "@/components/Tabs";
import { useTitle } from "@/components/useTitle";
import { usePipelineVerb, verbs, verbsFor } from "@/features/pipelines/verbs";
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
  if (found.error instanceof Problem && found.error.status === 404) return <NotThere name={name} />;
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

/** Deleted meanwhile, another tenant's, or never there: that is one answer. */
function NotThere({ name }: { name: string }) {
  useTitle("Not there");
  return (
    <EmptyState heading="There is no such pipeline" level={1}>
      <p className={layout.wrap}>The tenant that you work in has none of the name {name}.</p>
      <Link to="/pipelines">To the pipelines</Link>
    </EmptyState>
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
    ...(may("events.read") && pipeline.engine === "embedded" ? [{ to: "schema", title: "Schema history" }] : []),
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

const kIcons = { pause: IconPlayerPause, resume: IconPlayerPlay, restart: IconRotateClockwise };

function Controls({ pipeline: { name, state } }: { pipeline: Pipeline }) {
  const work = usePipelineVerb();
  return verbsFor(state).map((verb) => {
    const Icon = kIcons[verb];
    return (
      <Button
        key={verb}
        variant={verb === "resume" ? "filled" : "default"}
        loading={work.isPending}
        leftSection={<Icon size={16} aria-hidden />}
        onClick={() => work.mutate({ name, verb })}
      >
        {verbs[verb].title}
      </Button>
    );
  });
}
