import { NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import type { AlertChannel } from "@/api/types";
import { FormDialog } from "@/components/FormDialog";
import { closing, useTyped } from "@/components/useTyped";
import layout from "@/styles/layout.module.css";
import { type ChannelDraft, channelBody, emptyChannel, type Security, usualPorts } from "./channel";
import { createChannel } from "./queries";

interface FieldsProps {
  draft: ChannelDraft;
  change: (more: Partial<ChannelDraft>) => void;
  faultAt: (pointer: string) => string | undefined;
}

interface Props {
  onClose: () => void;
  onCreated: (channel: AlertChannel) => void;
}

export function NewChannelDialog({ onClose, onCreated }: Props) {
  const { form: draft, change, forget } = useTyped("a new channel", emptyChannel, ["secret", "password"]);
  return (
    <FormDialog
      title="Create a channel"
      submit="Create the channel"
      onClose={closing(forget, onClose)}
      run={async () => onCreated(await createChannel(channelBody(draft)))}
    >
      {(faultAt) => (
        <>
          <div className={layout.fields}>
            <TextInput
              label="Name"
              required
              withAsterisk={false}
              data-autofocus
              autoComplete="off"
              value={draft.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
              error={faultAt("/name")}
            />
            <NativeSelect
              label="Kind"
              value={draft.kind}
              data={[
                { value: "webhook", label: "Webhook: JSON to an address" },
                { value: "email", label: "E-mail" },
              ]}
              onChange={(event) => change({ kind: event.currentTarget.value as ChannelDraft["kind"] })}
            />
          </div>
          {draft.kind === "webhook" ? (
            <WebhookFields draft={draft} change={change} faultAt={faultAt} />
          ) : (
            <MailFields draft={draft} change={change} faultAt={faultAt} />
          )}
        </>
      )}
    </FormDialog>
  );
}

function WebhookFields({ draft, change, faultAt }: FieldsProps) {
  return (
    <>
      <TextInput
        label="Address"
        type="url"
        placeholder="https://example.org/hooks/millrace"
        required
        withAsterisk={false}
        autoComplete="off"
        value={draft.url}
        onChange={(event) => change({ url: event.currentTarget.value })}
        error={faultAt("/webhook/url")}
      />
      <PasswordInput
        label="Secret (optional)"
        description="Signs each message. Left empty, one is made up and shown once"
        autoComplete="off"
        value={draft.secret}
        onChange={(event) => change({ secret: event.currentTarget.value })}
        error={faultAt("/webhook/secret")}
      />
    </>
  );
}

function MailFields({ draft, change, faultAt }: FieldsProps) {
  return (
    <>
      <div className={layout.fields}>
        <TextInput
          label="Mail server"
          placeholder="smtp.example.org"
          required
          withAsterisk={false}
          autoComplete="off"
          value={draft.host}
          onChange={(event) => change({ host: event.currentTarget.value })}
          error={faultAt("/email/host")}
        />
        <NativeSelect
          label="Encryption"
          value={draft.security}
          data={[
            { value: "starttls", label: "STARTTLS" },
            { value: "tls", label: "TLS" },
            { value: "none", label: "None: readable on the way" },
          ]}
          onChange={(event) => change({ security: event.currentTarget.value as Security })}
        />
        <TextInput
          label="Port (optional)"
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          title="A number up to 65535"
          placeholder={String(usualPorts[draft.security])}
          autoComplete="off"
          value={draft.port}
          onChange={(event) => change({ port: event.currentTarget.value })}
          error={faultAt("/email/port")}
        />
      </div>
      <div className={layout.fields}>
        <TextInput
          label="User (optional)"
          autoComplete="off"
          value={draft.user}
          onChange={(event) => change({ user: event.currentTarget.value })}
          error={faultAt("/email/user")}
        />
        <PasswordInput
          label="Password (optional)"
          autoComplete="off"
          value={draft.password}
          onChange={(event) => change({ password: event.currentTarget.value })}
          error={faultAt("/email/password")}
        />
      </div>
      <div className={layout.fields}>
        <TextInput
          label="From"
          type="email"
          placeholder="millrace@example.org"
          required
          withAsterisk={false}
          autoComplete="off"
          value={draft.from}
          onChange={(event) => change({ from: event.currentTarget.value })}
          error={faultAt("/email/from")}
        />
        <TextInput
          label="To"
          description="Several: with commas between"
          required
          withAsterisk={false}
          autoComplete="off"
          value={draft.to}
          onChange={(event) => change({ to: event.currentTarget.value })}
          error={faultAt("/email/to")}
        />
      </div>
    </>
  );
}
