import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import type { Orphan } from "@/api/types";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/components/ConfirmModal";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import { bytes } from "@/lib/format";
import layout from "@/styles/layout.module.css";
import { removeOrphan, useOrphans } from "./queries";

const kKinds: Record<Orphan["kind"], { word: string; effect: string }> = {
  slot: { word: "Replication slot", effect: "PostgreSQL no longer keeps WAL for it. Whoever used it cannot go on." },
  publication: { word: "Publication", effect: "The tables in it stay; they are no longer published by it." },
  connector: { word: "Connector", effect: "Kafka Connect stops it and forgets it. Its topics stay." },
};

export function OrphansPage() {
  const orphans = useOrphans();
  const mayClean = useMay("orphans.clean");
  const client = useQueryClient();
  const toasts = useToasts();
  const [removing, setRemoving] = useState<Orphan | null>(null);

  const columns: Column<Orphan>[] = [
    {
      heading: "Name",
      cell: (orphan) => (
        <>
          {orphan.name}
          {orphan.note ? <div className={`${layout.muted} ${layout.small}`}>{orphan.note}</div> : null}
        </>
      ),
    },
    { heading: "Kind", cell: (orphan) => kKinds[orphan.kind].word },
    { heading: "Server", cell: (orphan) => <span className={layout.mono}>{orphan.place}</span> },
    { heading: "Keeps WAL", number: true, cell: (orphan) => bytes(orphan.retainedBytes) },
    {
      heading: "State",
      cell: (orphan) =>
        orphan.active ? (
          <StatusBadge tone="info">In use</StatusBadge>
        ) : (
          <StatusBadge tone="warn">Nobody uses it</StatusBadge>
        ),
    },
  ];
  if (mayClean) {
    columns.push({
      heading: "Actions",
      actions: true,
      cell: (orphan) =>
        orphan.active ? null : (
          <Button variant="default" size="xs" aria-label={`Remove ${orphan.name}`} onClick={() => setRemoving(orphan)}>
            Remove
          </Button>
        ),
    });
  }

  return (
    <div className={layout.page}>
      <PageHeader
        title="Orphans"
        actions={
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={orphans.isFetching}
            onClick={() => void orphans.refetch()}
          >
            Look again
          </Button>
        }
      >
        Slots, publications and connectors on your servers that no pipeline owns. A slot that nobody reads fills the
        disk of its server.
      </PageHeader>
      <QueryView query={orphans} what="what the servers hold">
        {({ items, warnings }) => (
          <>
            {warnings.length > 0 ? (
              <section className={layout.card} aria-labelledby="not-asked">
                <div className={layout.stack}>
                  <h2 id="not-asked">Servers that could not be asked</h2>
                  <ul className={layout.list}>
                    {warnings.map((warning) => (
                      <li key={warning} className={layout.wrap}>
                        {warning}
                      </li>
                    ))}
                  </ul>
                </div>
              </section>
            ) : null}
            {items.length === 0 ? (
              <EmptyState heading="Nothing is left over">
                <p>
                  {warnings.length > 0
                    ? "On the servers that answered."
                    : "The servers of your pipelines hold nothing that looks like ours and that no pipeline owns."}
                </p>
              </EmptyState>
            ) : (
              <DataTable caption="Orphans" columns={columns} rows={items} rowKey={(orphan) => orphan.id} />
            )}
          </>
        )}
      </QueryView>
      {removing ? (
        <ConfirmModal
          opened
          onClose={() => setRemoving(null)}
          title={`Remove ${removing.name}`}
          confirm={`Remove the ${kKinds[removing.kind].word.toLowerCase()}`}
          typed={removing.name}
          run={async () => {
            await removeOrphan(removing.id);
            toasts.done(`${removing.name} is removed.`);
            await client.invalidateQueries({ queryKey: keys.orphans });
          }}
        >
          <p className={layout.wrap}>On {removing.place}.</p>
          <p>{kKinds[removing.kind].effect} It cannot be taken back. It is looked at once more first.</p>
        </ConfirmModal>
      ) : null}
    </div>
  );
}
