import { Button, NativeSelect, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import type { AuditLine } from "@/api/types";
import { useMay, useSession } from "@/app/session";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { Loading } from "@/components/Loading";
import { Moment } from "@/components/Moment";
import { MoreButton } from "@/components/MoreButton";
import { PageHeader } from "@/components/PageHeader";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusBadge, type Tone } from "@/components/StatusBadge";
import layout from "@/styles/layout.module.css";
import { ChainCheck } from "./ChainCheck";
import { useAudit } from "./queries";
import { type AuditView, actorOf, type Outcome, paramsOf, viewFrom } from "./view";

const kOutcomes: Record<Outcome, { word: string; tone: Tone }> = {
  ok: { word: "Done", tone: "good" },
  denied: { word: "Denied", tone: "warn" },
  failed: { word: "Failed", tone: "bad" },
};

export function AuditPage() {
  const { me } = useSession();
  const mayReadAll = useMay("audit.read-all");
  const [params, setParams] = useSearchParams();
  const view = viewFrom(params);
  const audit = useAudit(view, mayReadAll);
  const lines = audit.data?.pages.flatMap((page) => page.items);
  const show = (more: Partial<AuditView>) => setParams(paramsOf({ ...view, ...more }), { replace: true });
  const filtered = view.actor !== "" || view.action !== "" || view.outcome !== "";
  const names = new Map(me.tenants.map((tenant) => [tenant.id, tenant.name]));

  const columns: Column<AuditLine>[] = [
    { heading: "When", cell: (line) => <Moment at={line.time} exact /> },
    { heading: "Who", cell: (line) => line.actor },
    {
      heading: "What",
      cell: (line) => (
        <>
          <span className={layout.mono}>{line.action}</span>
          {line.details ? <div className={`${layout.muted} ${layout.small}`}>{line.details}</div> : null}
        </>
      ),
    },
    { heading: "On", cell: (line) => line.object || "–" },
    {
      heading: "Outcome",
      cell: (line) => <StatusBadge tone={kOutcomes[line.outcome].tone}>{kOutcomes[line.outcome].word}</StatusBadge>,
    },
    { heading: "From", cell: (line) => line.address || "–" },
  ];
  if (view.all && mayReadAll) {
    columns.splice(1, 0, {
      heading: "Tenant",
      cell: (line) => (line.tenant ? (names.get(line.tenant) ?? line.tenant) : "server"),
    });
  }

  return (
    <div className={layout.page}>
      <PageHeader title="Audit log">Who did or tried what, newest first.</PageHeader>
      {mayReadAll ? <ChainCheck /> : null}
      <Filters key={`${view.actor} ${view.action}`} view={view} onShow={show} />
      {mayReadAll ? (
        <Switch
          label="The whole log: all tenants and the server itself"
          checked={view.all}
          onChange={(event) => show({ all: event.currentTarget.checked })}
        />
      ) : null}
      {audit.isError ? <ProblemPanel problem={audit.error} retry={() => void audit.refetch()} /> : null}
      {audit.isPending ? <Loading what="the audit log" rows={8} /> : null}
      {lines?.length === 0 ? (
        filtered ? (
          <EmptyState heading="No line matches">
            <Button variant="default" onClick={() => show({ actor: "", action: "", outcome: "" })}>
              Clear the filters
            </Button>
          </EmptyState>
        ) : (
          <EmptyState heading="Nothing is written down yet">
            <p>Every write, sign-in and refusal is. Create a pipeline, and it stands here.</p>
          </EmptyState>
        )
      ) : null}
      {lines && lines.length > 0 ? (
        <DataTable caption="Audit log" columns={columns} rows={lines} rowKey={(line) => line.id} />
      ) : null}
      <MoreButton more={audit.hasNextPage} busy={audit.isFetchingNextPage} load={() => void audit.fetchNextPage()}>
        Show older lines
      </MoreButton>
    </div>
  );
}

/** Asked for by Enter or the button, so that half a name is not looked for. */
function Filters({ view, onShow }: { view: AuditView; onShow: (more: Partial<AuditView>) => void }) {
  const [actor, setActor] = useState(view.actor);
  const [action, setAction] = useState(view.action);

  function submit(event: FormEvent) {
    event.preventDefault();
    onShow({ actor: actorOf(actor), action: action.trim() });
  }

  return (
    <form className={layout.fields} onSubmit={submit} aria-label="Filters">
      <TextInput
        label="Who"
        placeholder="ann, key:…, millrace"
        autoComplete="off"
        value={actor}
        onChange={(event) => setActor(event.currentTarget.value)}
      />
      <TextInput
        label="What"
        placeholder="user.create"
        autoComplete="off"
        value={action}
        onChange={(event) => setAction(event.currentTarget.value)}
      />
      <NativeSelect
        label="Outcome"
        value={view.outcome}
        data={[
          { value: "", label: "All" },
          ...Object.entries(kOutcomes).map(([value, { word }]) => ({ value, label: word })),
        ]}
        onChange={(event) => onShow({ outcome: event.currentTarget.value as Outcome | "" })}
      />
      <Button type="submit" variant="default" className={layout.below}>
        Filter
      </Button>
    </form>
  );
}
