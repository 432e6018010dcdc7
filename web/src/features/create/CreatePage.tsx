/** Source, target, tables, review, one button. The step stands in the address, what was typed in the draft. */
import { Button } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { UseQueryResult } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import type { PipelinePlan } from "@/api/types";
import { useMay } from "@/app/session";
import { Loading } from "@/components/Loading";
import { PageHeader } from "@/components/PageHeader";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useConnections } from "@/features/connections/queries";
import layout from "@/styles/layout.module.css";
import { useConnectionTest } from "./ConnectionTest";
import { endpointOf, sideComplete, specOf } from "./draft";
import { useDraft } from "./draft_context";
import { startCreate, usePlan } from "./queries";
import { ReviewStep } from "./ReviewStep";
import { SideForm } from "./SideForm";
import { type Step, Steps, steps, stepTitles } from "./Steps";
import { TablesStep } from "./TablesStep";

export type PlanState = UseQueryResult<PipelinePlan>;

/** So long after the last key the plan is made anew: it asks both servers. */
const kTypingMs = 800;

export function CreatePage() {
  const { draft, secrets, clear } = useDraft();
  const [params, setParams] = useSearchParams();
  const ready = [
    sideComplete(draft.source, secrets.source),
    sideComplete(draft.target, secrets.target),
    Object.keys(draft.tables).length > 0,
    true,
  ];
  const firstOpen = ready.indexOf(false);
  const reachable = firstOpen < 0 ? steps.length - 1 : firstOpen;
  const wanted = (steps as readonly string[]).indexOf(params.get("step") ?? "");
  const place = Math.min(Math.max(wanted, 0), reachable);
  const step = steps[place] ?? "source";
  const heading = useRef<HTMLDivElement>(null);
  const went = useRef(step);

  // A new step is announced, and read from its top.
  useEffect(() => {
    if (went.current === step) return;
    went.current = step;
    heading.current?.focus();
    window.scrollTo(0, 0);
  }, [step]);

  const go = (next: Step) => setParams({ step: next });
  const tooFar = wanted > place;
  const [passwordsLost, setPasswordsLost] = useState(false);

  // After a reload everything is there but the passwords: one is led back to them, and stays there while typing.
  useEffect(() => {
    if (!tooFar) return;
    setPasswordsLost(true);
    setParams({ step }, { replace: true });
  }, [tooFar, step, setParams]);

  return (
    <div className={layout.page}>
      <PageHeader
        title="Create a pipeline"
        documentTitle={`${stepTitles[step]} · Create a pipeline`}
        actions={
          <Button
            variant="subtle"
            onClick={() => {
              clear();
              setParams({});
            }}
          >
            Begin anew
          </Button>
        }
      >
        Two sets of credentials and a choice of tables.
      </PageHeader>
      <Steps current={step} reachable={reachable} onGo={go} />
      {passwordsLost && !(ready[0] && ready[1]) ? (
        <p role="status" className={layout.card}>
          What you typed is still here, except the passwords: those are kept nowhere. Please type them again.
        </p>
      ) : null}
      <div ref={heading} tabIndex={-1} role="group" aria-label={`Step ${place + 1} of 4: ${stepTitles[step]}`}>
        {step === "source" ? <ConnectStep side="source" onNext={() => go("target")} /> : null}
        {step === "target" ? (
          <ConnectStep side="target" onBack={() => go("source")} onNext={() => go("tables")} />
        ) : null}
        {step === "tables" ? <TableStep onBack={() => go("target")} onNext={() => go("review")} /> : null}
        {step === "review" ? <FinalStep onBack={() => go("tables")} /> : null}
      </div>
    </div>
  );
}

interface ConnectProps {
  side: "source" | "target";
  onBack?: () => void;
  onNext: () => void;
}

/** Goes on when every check passed; tests first when that was not done. */
function ConnectStep({ side, onBack, onNext }: ConnectProps) {
  const { draft, secrets } = useDraft();
  const test = useConnectionTest(side, endpointOf(side, draft[side], secrets[side]));
  const saved = useConnections(useMay("connections.read"), side);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (test.current && test.report?.ok) {
      onNext();
      return;
    }
    const report = await test.run();
    if (report?.ok) onNext();
  }

  // Where there are some, the choice among them stands above the fields.
  if (saved.isLoading) return <Loading what="saved connections" />;
  return (
    <form className={layout.stack} onSubmit={submit}>
      <SideForm side={side} test={test} />
      <Buttons onBack={onBack}>
        <Button type="submit" loading={test.busy}>
          {test.current && test.report?.ok ? "Continue" : "Test and continue"}
        </Button>
      </Buttons>
    </form>
  );
}

function TableStep({ onBack, onNext }: { onBack: () => void; onNext: () => void }) {
  const { draft } = useDraft();
  const chosen = Object.keys(draft.tables).length;
  return (
    <div className={layout.stack}>
      <TablesStep />
      <Buttons onBack={onBack}>
        <Button disabled={chosen === 0} onClick={onNext}>
          Continue
        </Button>
      </Buttons>
    </div>
  );
}

function FinalStep({ onBack }: { onBack: () => void }) {
  const { draft, secrets } = useDraft();
  const navigate = useNavigate();
  const spec = useMemo(() => specOf(draft, secrets), [draft, secrets]);
  const [planned] = useDebouncedValue(spec, kTypingMs);
  const plan = usePlan(planned);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  // What is shown must be what is made: not the plan of before the last key.
  const current = planned === spec && plan.isSuccess && !plan.isPlaceholderData;

  async function create() {
    setBusy(true);
    setFault(null);
    try {
      const operation = await startCreate(spec, draft.idempotencyKey);
      navigate(`/create/${operation.id}`);
    } catch (thrown) {
      setFault(thrown);
      setBusy(false);
    }
  }

  return (
    <div className={layout.stack}>
      <ReviewStep plan={plan} />
      {fault ? <ProblemPanel problem={fault} /> : null}
      <Buttons onBack={onBack}>
        <Button variant="default" loading={plan.isFetching} onClick={() => void plan.refetch()}>
          Check again
        </Button>
        <Button disabled={!current || plan.data.blocked} loading={busy} onClick={() => void create()}>
          Create pipeline
        </Button>
      </Buttons>
    </div>
  );
}

function Buttons({ onBack, children }: { onBack?: (() => void) | undefined; children: ReactNode }) {
  return (
    <div className={layout.spread}>
      {onBack ? (
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
      ) : (
        <span />
      )}
      <div className={layout.row}>{children}</div>
    </div>
  );
}
