import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { keys } from "@/api/keys";
import type { Connection } from "@/api/types";
import { useMay } from "@/app/session";
import { useWindow } from "@/app/useWindow";
import { type Column, DataTable } from "@/components/DataTable";
import { Dialog } from "@/components/Dialog";
import { EmptyState } from "@/components/EmptyState";
import { Moment } from "@/components/Moment";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { ChangeConnectionDialog, DeleteConnectionDialog, NewConnectionDialog } from "./ConnectionDialogs";
import type { Applied } from "./change";
import { useConnections } from "./queries";
import { TestDialog } from "./TestDialog";

type Shown = { what: "test" | "delete"; connection: Connection } | { what: "refused"; refused: Applied[] };

export function ConnectionsPage() {
  const connections = useConnections(true);
  const mayWrite = useMay("connections.write");
  const mayTest = useMay("connections.use");
  const client = useQueryClient();
  const toasts = useToasts();
  const [shown, setShown] = useState<Shown | null>(null);
  const close = () => setShown(null);
  const form = useWindow();
  const changed = connections.data?.find(({ id }) => form.what === "change" && id === form.id);
  const refresh = () => client.invalidateQueries({ queryKey: keys.connections });

  async function done(text: string) {
    toasts.done(text);
    await refresh();
  }

  const columns: Column<Connection>[] = [
    { heading: "Name", cell: ({ name }) => <span className={layout.wrap}>{name}</span> },
    { heading: "Server", cell: (connection) => <Server connection={connection} /> },
    { heading: "Password", cell: ({ passwordSet }) => (passwordSet ? "set" : "not set") },
    { heading: "Used by", cell: ({ usedBy }) => <UsedBy pipelines={usedBy} /> },
    { heading: "Last test", cell: ({ lastTest }) => <LastTest test={lastTest} /> },
  ];
  if (mayTest || mayWrite) {
    columns.push({
      heading: "Actions",
      actions: true,
      cell: (connection) => {
        const action = (what: "test" | "change" | "delete", label: string) => (
          <Button
            variant="default"
            size="xs"
            aria-label={`${label}: ${connection.name}`}
            onClick={() => (what === "change" ? form.open(what, connection.id) : setShown({ what, connection }))}
          >
            {label}
          </Button>
        );
        return (
          <Button.Group>
            {mayTest ? action("test", "Test") : null}
            {mayWrite ? action("change", "Change") : null}
            {mayWrite ? action("delete", "Delete") : null}
          </Button.Group>
        );
      },
    });
  }

  return (
    <div className={layout.page}>
      <PageHeader
        title="Connections"
        actions={
          mayWrite ? (
            <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open("create")}>
              Save a connection
            </Button>
          ) : null
        }
      >
        Credentials under a name: chosen when a pipeline is created, changed in one place.
      </PageHeader>
      <QueryView query={connections} what="connections">
        {(list) =>
          list.length === 0 ? (
            <EmptyState heading="No connection is saved">
              <p>
                {mayWrite
                  ? "Save one here, or while a pipeline is created, once its test has passed."
                  : "An administrator of this tenant can save one."}
              </p>
            </EmptyState>
          ) : (
            <DataTable caption="Connections" columns={columns} rows={list} rowKey={({ id }) => id} />
          )
        }
      </QueryView>
      {mayWrite && form.what === "create" ? <NewConnectionDialog onClose={form.close} onDone={done} /> : null}
      {mayWrite && changed ? (
        <ChangeConnectionDialog
          key={changed.id}
          connection={changed}
          onClose={form.close}
          onDone={done}
          onRefused={(refused) => setShown({ what: "refused", refused })}
        />
      ) : null}
      {shown?.what === "delete" ? (
        <DeleteConnectionDialog connection={shown.connection} onClose={close} onDone={done} />
      ) : null}
      {shown?.what === "test" ? (
        <TestDialog
          connection={shown.connection}
          onClose={() => {
            close();
            void refresh();
          }}
        />
      ) : null}
      {shown?.what === "refused" ? <Refused refused={shown.refused} onClose={() => setShown(null)} /> : null}
    </div>
  );
}

function Server({ connection: { kind, endpoint } }: { connection: Connection }) {
  return (
    <>
      {kind === "source" ? "PostgreSQL" : "SQL Server"}
      <div className={layout.mono}>
        {endpoint.user}@{endpoint.host}:{endpoint.port}/{endpoint.database}
      </div>
    </>
  );
}

function UsedBy({ pipelines }: { pipelines: string[] }) {
  if (pipelines.length === 0) return "no pipeline";
  return (
    <ul className={layout.list}>
      {pipelines.map((name) => (
        <li key={name}>
          <Link to={`/pipelines/${encodeURIComponent(name)}`}>{name}</Link>
        </li>
      ))}
    </ul>
  );
}

function LastTest({ test }: { test: Connection["lastTest"] }) {
  if (!test) return "never";
  return (
    <span className={layout.row}>
      <StatusBadge tone={test.ok ? "good" : "bad"}>{test.ok ? "Passed" : "Failed"}</StatusBadge>
      <Moment at={test.at} />
    </span>
  );
}

function Refused({ refused, onClose }: { refused: Applied[]; onClose: () => void }) {
  return (
    <Dialog opened onClose={onClose} title="Saved, but not taken by all">
      <div className={layout.stack}>
        <p>The connection is changed. These pipelines go on with what they had; save once more to try them again.</p>
        <dl className={layout.facts}>
          {refused.map(({ pipeline, message }) => (
            <div key={pipeline} style={{ display: "contents" }}>
              <dt>{pipeline}</dt>
              <dd>{message}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  );
}
