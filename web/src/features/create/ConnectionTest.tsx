import { Button } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { asProblem, type Problem } from "@/api/problem";
import type { ConnectionReport, Endpoint } from "@/api/types";
import { CheckList } from "@/components/CheckList";
import { CodeBlock } from "@/components/CodeBlock";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusBadge } from "@/components/StatusBadge";
import type { Side } from "@/lib/server_form";
import layout from "@/styles/layout.module.css";
import { testConnection } from "./queries";

const kAgainMs = 5000;

export interface ConnectionTestState {
  report: ConnectionReport | null;
  /** The report is of what stands in the form now. */
  current: boolean;
  busy: boolean;
  fault: Problem | null;
  run: () => Promise<ConnectionReport | null>;
}

/** Tests what stands in the form. The form stays open meanwhile; what one types makes the answer an old one. */
export function useConnectionTest(side: Side, connection: Endpoint): ConnectionTestState {
  const fingerprint = JSON.stringify(connection);
  const [tested, setTested] = useState<{ report: ConnectionReport; of: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Problem | null>(null);
  const underWay = useRef<AbortController | null>(null);
  const latest = useRef(connection);
  latest.current = connection;

  useEffect(() => () => underWay.current?.abort(), []);

  const run = useCallback(async () => {
    underWay.current?.abort();
    const attempt = new AbortController();
    underWay.current = attempt;
    const given = latest.current;
    setBusy(true);
    setFault(null);
    try {
      const report = await testConnection(side, given, attempt.signal);
      if (attempt.signal.aborted) return null;
      setTested({ report, of: JSON.stringify(given) });
      return report;
    } catch (thrown) {
      if (!attempt.signal.aborted) setFault(asProblem(thrown));
      return null;
    } finally {
      if (underWay.current === attempt) setBusy(false);
    }
  }, [side]);

  const current = tested !== null && tested.of === fingerprint;
  const waits = current && !tested.report.ok && signedIn(tested.report);

  // While somebody gives the missing right elsewhere. Never with a refused password: accounts get locked.
  useEffect(() => {
    if (!waits || busy) return;
    const timer = setTimeout(() => {
      if (document.visibilityState === "visible") void run();
    }, kAgainMs);
    return () => clearTimeout(timer);
  }, [waits, busy, run]);

  return { report: tested?.report ?? null, current, busy, fault, run };
}

const signedIn = (report: ConnectionReport) =>
  report.checks.some((check) => check.id.endsWith(".sign_in") && check.status === "pass");

interface Props {
  test: ConnectionTestState;
  ready: boolean;
}

export function ConnectionTestPanel({ test, ready }: Props) {
  const { report, current, busy, fault, run } = test;
  const waits = report !== null && current && !report.ok && signedIn(report);
  return (
    <section className={layout.card} aria-labelledby="connection-test">
      <div className={layout.stack}>
        <div className={layout.spread}>
          <h2 id="connection-test">Connection test</h2>
          <Button
            variant="default"
            loading={busy}
            disabled={!ready}
            leftSection={<IconPlugConnected size={16} aria-hidden />}
            onClick={() => void run()}
          >
            {report ? "Test again" : "Test connection"}
          </Button>
        </div>
        <div role="status" className={layout.stack}>
          {fault ? <ProblemPanel problem={fault} /> : null}
          {report === null && !fault ? (
            <p className={layout.muted}>
              Looks whether the server answers, the password is right and every right that is needed is there. Nothing
              is changed.
            </p>
          ) : null}
          {report ? (
            <p className={layout.row}>
              <StatusBadge tone={report.ok ? "good" : "bad"}>
                {report.ok ? "Ready" : "Something is missing"}
              </StatusBadge>
              <span>
                {report.product} {report.version}
              </span>
              {current ? null : <span className={layout.muted}>before your last change</span>}
            </p>
          ) : null}
          {waits ? <p className={layout.muted}>Looked at again every 5 s: fix it, and this turns green.</p> : null}
        </div>
        {report ? <CheckList checks={report.checks} /> : null}
        {report?.grantScript ? (
          <details open={!report.ok}>
            <summary>All that is needed in one script</summary>
            <CodeBlock text={report.grantScript} what="the grant script" />
          </details>
        ) : null}
      </div>
    </section>
  );
}
