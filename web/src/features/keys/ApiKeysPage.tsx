import { Button, Switch } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import type { ApiKey } from "@/api/types";
import { useMay, useSession } from "@/app/session";
import { useWindow } from "@/app/useWindow";
import { ConfirmModal } from "@/components/ConfirmModal";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { Moment } from "@/components/Moment";
import { PageHeader } from "@/components/PageHeader";
import { QueryView } from "@/components/QueryView";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { NewKeyDialog } from "./NewKeyDialog";
import { revokeApiKey, useApiKeys } from "./queries";
import { byUse, keyState } from "./state";

export function ApiKeysPage() {
  const { me } = useSession();
  const client = useQueryClient();
  const toasts = useToasts();
  const maySeeAll = useMay("api-keys.all");
  const [all, setAll] = useState(false);
  const found = useApiKeys(all && maySeeAll);
  const form = useWindow();
  const [created, setCreated] = useState("");
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const now = Date.now();
  const refresh = () => client.invalidateQueries({ queryKey: keys.apiKeys });

  const columns: Column<ApiKey>[] = [
    {
      heading: "Name",
      cell: (key) => (
        <>
          {key.name} <span className={layout.mono}>millrace_{key.id}_…</span>
        </>
      ),
    },
    ...(all ? [{ heading: "Owner", cell: (key: ApiKey) => key.user }] : []),
    {
      heading: "May do",
      cell: (key) => (key.scopes.length > 0 ? key.scopes.join(", ") : `all that a ${key.role} may`),
    },
    {
      heading: "State",
      cell: (key) => {
        const { word, tone } = keyState(key, now);
        return <StatusBadge tone={tone}>{word}</StatusBadge>;
      },
    },
    { heading: "Last used", cell: (key) => <Moment at={key.lastUsedAt} /> },
    { heading: "Expires", cell: (key) => <Moment at={key.expiresAt} /> },
    {
      heading: "Actions",
      actions: true,
      cell: (key) =>
        keyState(key, now).tone === "quiet" ? null : (
          <Button variant="default" size="xs" aria-label={`Revoke ${key.name}`} onClick={() => setRevoking(key)}>
            Revoke
          </Button>
        ),
    },
  ];

  const create = (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open("create")}>
      Create API key
    </Button>
  );

  return (
    <div className={layout.page}>
      <PageHeader title="API keys" actions={create}>
        For programs that work in {me.tenant?.name ?? "your tenant"}: the command line, scripts, CI.
      </PageHeader>
      {maySeeAll ? (
        <Switch
          label="Show everybody's keys in this tenant"
          checked={all}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
      ) : null}
      <QueryView query={found} what="API keys">
        {(list) =>
          list.length === 0 ? (
            <EmptyState heading={all ? "Nobody has an API key" : "You have no API key"}>
              <p>A program signs in with a key instead of a password. Create one for each program.</p>
              <p>
                It is then sent as <code>Authorization: Bearer millrace_…</code>
              </p>
            </EmptyState>
          ) : (
            <DataTable caption="API keys" columns={columns} rows={list.toSorted(byUse(now))} rowKey={(key) => key.id} />
          )
        }
      </QueryView>
      {form.what === "create" ? (
        <NewKeyDialog
          onClose={form.close}
          onCreated={(key) => {
            setCreated(key);
            void refresh();
          }}
        />
      ) : null}
      {created ? (
        <SecretOnce title="Your new API key" what="the API key" secret={created} onClose={() => setCreated("")}>
          <p className={layout.muted}>
            Programs send it as <code>Authorization: Bearer</code> followed by the key.
          </p>
        </SecretOnce>
      ) : null}
      <ConfirmModal
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${revoking?.name ?? ""}`}
        confirm="Revoke the key"
        run={async () => {
          if (!revoking) return;
          await revokeApiKey(revoking.id);
          toasts.done(`${revoking.name} is revoked.`);
          await refresh();
        }}
      >
        <p>Programs that use it are refused from now on. It cannot be taken back; the key stays in this list.</p>
      </ConfirmModal>
    </div>
  );
}
