import { Button, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { keys } from "@/api/keys";
import type { Pipeline, PipelinePatch } from "@/api/types";
import { useSession } from "@/app/session";
import { ProblemPanel } from "@/components/ProblemPanel";
import { QueryView } from "@/components/QueryView";
import { SchemaPolicyFields } from "@/components/SchemaPolicyFields";
import { useToasts } from "@/components/Toasts";
import { poisonPolicies, valuePolicies } from "@/lib/choices";
import { keepTyped, withTyped } from "@/lib/typed";
import layout from "@/styles/layout.module.css";
import { DangerZone } from "./DangerZone";
import { usePipelineContext } from "./PipelinePage";
import { changePipeline, useConfigs } from "./queries";
import { kSecrets, patchOf, type Settings, settingsOf, withoutSentSecrets } from "./settings";

export function SettingsTab() {
  const { pipeline } = usePipelineContext();
  const { may } = useSession();
  const configs = useConfigs(pipeline.name);
  return (
    <div className={`${layout.stack} ${layout.narrow}`}>
      {may("pipelines.update") ? (
        <QueryView query={configs} what="the settings">
          {({ spec }) => <SettingsForm key={JSON.stringify(spec)} present={settingsOf(spec)} />}
        </QueryView>
      ) : null}
      {/* Not before what stands above: it would be pushed down. */}
      {may("pipelines.delete") && !(may("pipelines.update") && configs.isPending) ? <DangerZone /> : null}
    </div>
  );
}

/** Only what was changed is sent. */
function SettingsForm({ present }: { present: Settings }) {
  const { pipeline, etag } = usePipelineContext();
  const client = useQueryClient();
  const toasts = useToasts();
  const { me } = useSession();
  const name = `settings ${me.tenant?.id} ${pipeline.name}`;
  const [settings, setSettings] = useState(() => withTyped(name, present, kSecrets));
  function set(more: Partial<Settings>) {
    const next = { ...settings, ...more };
    setSettings(next);
    keepTyped(name, present, next, kSecrets);
  }
  const field = (member: keyof Settings) => ({
    value: settings[member],
    onChange: (event: { currentTarget: { value: string } }) => set({ [member]: event.currentTarget.value }),
  });
  const patch = patchOf(present, settings);
  const embedded = pipeline.engine === "embedded";
  const save = useMutation({
    mutationFn: ({ body }: { body: PipelinePatch; sent: Settings }) => changePipeline(pipeline.name, etag, body),
    onSuccess: async (_, { sent }) => {
      toasts.done("Saved. A run takes it up within seconds.");
      // What was typed while it was being saved stands, and is not saved yet.
      const typed = withoutSentSecrets(sent, settings);
      setSettings(typed);
      keepTyped(name, sent, typed, kSecrets);
      await client.invalidateQueries({ queryKey: keys.pipeline(pipeline.name) });
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    if (patch) save.mutate({ body: patch, sent: settings });
  }

  return (
    <form className={`${layout.card} ${layout.stack}`} onSubmit={submit} aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <SavedConnections pipeline={pipeline} />
      <div className={layout.fields}>
        {pipeline.sourceConnection ? null : (
          <>
            <TextInput label="User on PostgreSQL" autoComplete="off" {...field("sourceUser")} />
            <PasswordInput
              label="Password on PostgreSQL"
              placeholder="set"
              description="Empty: stays as it is"
              autoComplete="new-password"
              {...field("sourcePassword")}
            />
          </>
        )}
        {pipeline.targetConnection ? null : (
          <>
            <TextInput label="User on SQL Server" autoComplete="off" {...field("targetUser")} />
            <PasswordInput
              label="Password on SQL Server"
              placeholder="set"
              description="Empty: stays as it is"
              autoComplete="new-password"
              {...field("targetPassword")}
            />
          </>
        )}
        <NativeSelect label="Values SQL Server cannot hold" {...field("valuePolicy")} data={valuePolicies} />
        {embedded ? (
          <>
            <NativeSelect label="Rows the target refuses" {...field("poison")} data={poisonPolicies} />
            <TextInput label="Load workers" description="1 to 64" inputMode="numeric" {...field("loadWorkers")} />
          </>
        ) : null}
      </div>
      {embedded ? (
        <SchemaPolicyFields value={settings.schemaPolicy} onChange={(schemaPolicy) => set({ schemaPolicy })} />
      ) : null}
      {save.isError ? <ProblemPanel problem={save.error} /> : null}
      <div className={layout.row}>
        <Button type="submit" disabled={!patch} loading={save.isPending}>
          Save
        </Button>
        <Button variant="default" disabled={!patch || save.isPending} onClick={() => set(present)}>
          Discard changes
        </Button>
      </div>
    </form>
  );
}

/** Credentials that a pipeline shares with others are changed where they are kept. */
function SavedConnections({ pipeline: { sourceConnection, targetConnection } }: { pipeline: Pipeline }) {
  const names = [sourceConnection, targetConnection].flatMap((connection) => (connection ? [connection.name] : []));
  if (names.length === 0) return null;
  return (
    <p className={layout.muted}>
      User and password of {names.join(" and ")} are changed under <Link to="/connections">Connections</Link>.
    </p>
  );
}
