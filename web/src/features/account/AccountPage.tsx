import { Button, PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, Fragment, useState } from "react";
import { keys } from "@/api/keys";
import { asProblem, type Problem } from "@/api/problem";
import type { Session } from "@/api/types";
import { useSession } from "@/app/session";
import { type Column, DataTable } from "@/components/DataTable";
import { Moment } from "@/components/Moment";
import { PageHeader } from "@/components/PageHeader";
import { ProblemPanel } from "@/components/ProblemPanel";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { agentName } from "./agent";
import { changePassword, endSession, useSessions } from "./queries";

export function AccountPage() {
  const { me } = useSession();
  return (
    <div className={layout.page}>
      <PageHeader title="Your account">
        Signed in as {me.user}
        {me.serverAdmin ? ", server administrator" : ""}.
      </PageHeader>
      <section className={layout.card} aria-labelledby="tenants">
        <div className={layout.stack}>
          <h2 id="tenants">Tenants and roles</h2>
          {me.tenants.length === 0 ? (
            <p className={layout.muted}>
              You are a member of no tenant yet. A server administrator can add you to one.
            </p>
          ) : (
            <dl className={layout.facts}>
              {me.tenants.map((tenant) => (
                <Fragment key={tenant.id}>
                  <dt>{tenant.name}</dt>
                  <dd>{tenant.role ?? "no role: seen as server administrator"}</dd>
                </Fragment>
              ))}
            </dl>
          )}
        </div>
      </section>
      <PasswordForm />
      <Sessions />
    </div>
  );
}

function PasswordForm() {
  const client = useQueryClient();
  const toasts = useToasts();
  const { me } = useSession();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const differs = again !== "" && again !== wanted;

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (again !== wanted) return;
    setBusy(true);
    setProblem(null);
    try {
      await changePassword(current, wanted);
      setWanted("");
      setAgain("");
      toasts.done("Password changed. Your other sessions have ended.");
      void client.invalidateQueries({ queryKey: keys.sessions });
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setCurrent("");
      setBusy(false);
    }
  }

  return (
    <section className={layout.card} aria-labelledby="password">
      <form className={`${layout.stack} ${layout.narrow}`} onSubmit={submit}>
        <h2 id="password">Password</h2>
        <p className={layout.muted}>A new one ends all your other sessions. API keys stay.</p>
        {/* For password managers, which ask whose password it is. */}
        <input
          className="visually-hidden"
          aria-hidden
          tabIndex={-1}
          name="username"
          autoComplete="username"
          value={me.user}
          readOnly
        />
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={problem?.fields.get("/currentPassword")}
        />
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          error={problem?.fields.get("/newPassword")}
        />
        <PasswordInput
          label="New password again"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={differs ? "The two new passwords differ." : undefined}
        />
        {problem ? <ProblemPanel problem={problem} /> : null}
        <div>
          <Button type="submit" loading={busy} disabled={differs}>
            Change the password
          </Button>
        </div>
      </form>
    </section>
  );
}

function Sessions() {
  const sessions = useSessions();
  const client = useQueryClient();
  const toasts = useToasts();
  const end = useMutation({
    mutationFn: endSession,
    onSuccess: () => toasts.done("The session has ended."),
    onError: toasts.failed,
    onSettled: () => client.invalidateQueries({ queryKey: keys.sessions }),
  });
  const columns: Column<Session>[] = [
    { heading: "Program", cell: (session) => <span title={session.agent}>{agentName(session.agent)}</span> },
    { heading: "Address", cell: (session) => session.address },
    { heading: "Signed in", cell: (session) => <Moment at={session.createdAt} /> },
    { heading: "Last seen", cell: (session) => <Moment at={session.seenAt} /> },
    { heading: "Ends by itself", cell: (session) => <Moment at={session.expiresAt} /> },
    {
      heading: "Actions",
      actions: true,
      cell: (session) =>
        session.current ? (
          <StatusBadge tone="good">This one</StatusBadge>
        ) : (
          <Button
            variant="default"
            size="xs"
            aria-label={`End the session of ${agentName(session.agent)} at ${session.address}`}
            loading={end.isPending && end.variables === session.id}
            onClick={() => end.mutate(session.id)}
          >
            End
          </Button>
        ),
    },
  ];
  return (
    <section className={layout.stack} aria-labelledby="sessions">
      <h2 id="sessions">Sessions</h2>
      <p className={layout.muted}>Where you are signed in. End what you do not know, then change your password.</p>
      <QueryView query={sessions} what="sessions">
        {({ items }) => (
          <DataTable caption="Sessions" columns={columns} rows={items} rowKey={(session) => session.id} />
        )}
      </QueryView>
    </section>
  );
}
