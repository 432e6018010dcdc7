import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys } from "@/api/keys";
import { asProblem } from "@/api/problem";
import type { AlertChannel } from "@/api/types";
import { useMay } from "@/app/session";
import { useWindow } from "@/app/useWindow";
import { ConfirmModal } from "@/components/ConfirmModal";
import { type Column, DataTable } from "@/components/DataTable";
import { EmptyState } from "@/components/EmptyState";
import { Moment } from "@/components/Moment";
import { QueryView } from "@/components/QueryView";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/StatusBadge";
import { useToasts } from "@/components/Toasts";
import layout from "@/styles/layout.module.css";
import { destination } from "./channel";
import { NewChannelDialog } from "./NewChannelDialog";
import { deleteChannel, testChannel, useChannels } from "./queries";

export function Channels() {
  const channels = useChannels();
  const mayWrite = useMay("alerts.write");
  const client = useQueryClient();
  const toasts = useToasts();
  const form = useWindow();
  const [secret, setSecret] = useState("");
  const [deleting, setDeleting] = useState<AlertChannel | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ["alerts"] });
  const test = useMutation({
    mutationFn: testChannel,
    onSuccess: (delivery) => {
      if (delivery.delivered) toasts.done(`The test arrived: ${delivery.message}`);
      else toasts.failed(new Error(`The test did not arrive: ${delivery.message}`));
    },
    onError: (fault) => toasts.failed(asProblem(fault)),
    onSettled: () => client.invalidateQueries({ queryKey: keys.alertChannels }),
  });

  const columns: Column<AlertChannel>[] = [
    { heading: "Name", cell: (channel) => channel.name },
    { heading: "Kind", cell: (channel) => (channel.kind === "email" ? "E-mail" : "Webhook") },
    { heading: "Goes to", cell: (channel) => <span className={layout.mono}>{destination(channel)}</span> },
    {
      heading: "Secret",
      cell: (channel) => (channel.webhook?.secretSet || channel.email?.passwordSet ? "set" : "none"),
    },
    { heading: "Last message", cell: (channel) => <LastDelivery channel={channel} /> },
  ];
  if (mayWrite) {
    columns.push({
      heading: "Actions",
      actions: true,
      cell: (channel) => (
        <Button.Group>
          <Button
            variant="default"
            size="xs"
            aria-label={`Send a test to ${channel.name}`}
            loading={test.isPending && test.variables === channel.id}
            onClick={() => test.mutate(channel.id)}
          >
            Send a test
          </Button>
          <Button
            variant="default"
            size="xs"
            aria-label={`Delete ${channel.name}`}
            onClick={() => setDeleting(channel)}
          >
            Delete
          </Button>
        </Button.Group>
      ),
    });
  }

  return (
    <section className={layout.stack} aria-labelledby="channels">
      <div className={layout.spread}>
        <h2 id="channels">Channels</h2>
        {mayWrite ? (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => form.open("create")}>
            Create channel
          </Button>
        ) : null}
      </div>
      <QueryView query={channels} what="channels">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState heading="No channel yet">
              <p>
                {mayWrite
                  ? "Create a webhook or an e-mail channel, and send a test. Until then alerts are told nowhere."
                  : "An administrator of this tenant can create one. Until then alerts are told nowhere."}
              </p>
            </EmptyState>
          ) : (
            <DataTable caption="Channels" columns={columns} rows={items} rowKey={(channel) => channel.id} />
          )
        }
      </QueryView>
      {mayWrite && form.what === "create" ? (
        <NewChannelDialog
          onClose={form.close}
          onCreated={(channel) => {
            setSecret(channel.secret ?? "");
            toasts.done(`${channel.name} is there. Send a test to it.`);
            void refresh();
          }}
        />
      ) : null}
      {secret ? (
        <SecretOnce
          title="The webhook's secret"
          what="the webhook's secret"
          secret={secret}
          onClose={() => setSecret("")}
        >
          <p className={layout.muted}>The receiver checks with it that a message is from this server.</p>
        </SecretOnce>
      ) : null}
      {deleting ? (
        <ConfirmModal
          opened
          onClose={() => setDeleting(null)}
          title={`Delete ${deleting.name}`}
          confirm="Delete the channel"
          run={async () => {
            await deleteChannel(deleting.id);
            toasts.done(`${deleting.name} is deleted.`);
            await refresh();
          }}
        >
          <p>Alerts are no longer sent to {destination(deleting)}. Rules that name it tell the other channels.</p>
        </ConfirmModal>
      ) : null}
    </section>
  );
}

function LastDelivery({ channel: { lastDelivery } }: { channel: AlertChannel }) {
  if (!lastDelivery) return <span className={layout.muted}>none yet</span>;
  return (
    <>
      <StatusBadge tone={lastDelivery.delivered ? "good" : "bad"}>
        {lastDelivery.delivered ? "Arrived" : "Failed"}
      </StatusBadge>{" "}
      <Moment at={lastDelivery.at} />
      {lastDelivery.delivered ? null : <div className={layout.small}>{lastDelivery.message}</div>}
    </>
  );
}
