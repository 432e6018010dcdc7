import { PasswordInput, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import layout from "@/styles/layout.module.css";
import { parseAddress } from "./address";
import { ConnectionTestPanel, type ConnectionTestState } from "./ConnectionTest";
import type { Draft, SourceForm, TargetForm } from "./draft";
import { useDraft } from "./draft_context";

interface Forms {
  source: SourceForm;
  target: TargetForm;
}

/** Changes one side of the draft. */
export function useSide<Side extends keyof Forms>(side: Side) {
  const { draft, change } = useDraft();
  const set = (more: Partial<Forms[Side]>) =>
    change((before): Draft => ({ ...before, [side]: { ...before[side], ...more } }));
  return { form: draft[side] as Forms[Side], set };
}

interface Props {
  side: keyof Forms;
  title: string;
  scheme: string;
  usualPort: string;
  /** Members of the form that a pasted URL's options set. */
  fromUrl: (options: ReadonlyMap<string, string>) => Partial<SourceForm & TargetForm>;
  test: ConnectionTestState;
  ready: boolean;
  /** Beside the database. */
  schema?: ReactNode;
  encryption: ReactNode;
}

/** What both sides ask for: where the server is, and who signs in. */
export function SideForm({ side, title, scheme, usualPort, fromUrl, test, ready, schema, encryption }: Props) {
  const { secrets, setSecret } = useDraft();
  const { form, set } = useSide(side);

  function setHost(text: string) {
    const pasted = parseAddress(text, side);
    if (!pasted) {
      set({ host: text });
      return;
    }
    set({
      host: pasted.host,
      ...(pasted.port ? { port: pasted.port } : {}),
      ...(pasted.database ? { database: pasted.database } : {}),
      ...(pasted.user ? { user: pasted.user } : {}),
      ...fromUrl(pasted.options),
    });
    if (pasted.password) setSecret(side, pasted.password);
  }

  const plain = { autoComplete: "off", spellCheck: false };
  return (
    <div className={layout.halves}>
      <fieldset className={layout.card}>
        <legend className="visually-hidden">{title}</legend>
        <div className={layout.stack}>
          <h2>{title}</h2>
          <div className={layout.fields}>
            <TextInput
              {...plain}
              label="Host"
              description={`A name or address; a whole ${scheme}:// URL may be pasted`}
              required
              value={form.host}
              onChange={(event) => setHost(event.currentTarget.value)}
            />
            <TextInput
              label="Port"
              description={`Usually ${usualPort}`}
              inputMode="numeric"
              value={form.port}
              onChange={(event) => set({ port: event.currentTarget.value })}
            />
          </div>
          <div className={schema ? layout.fields : undefined}>
            <TextInput
              {...plain}
              label="Database"
              required
              value={form.database}
              onChange={(event) => set({ database: event.currentTarget.value })}
            />
            {schema}
          </div>
          <div className={layout.fields}>
            <TextInput
              {...plain}
              label="User"
              required
              value={form.user}
              onChange={(event) => set({ user: event.currentTarget.value })}
            />
            <PasswordInput
              label="Password"
              required
              autoComplete="new-password"
              value={secrets[side]}
              onChange={(event) => setSecret(side, event.currentTarget.value)}
            />
          </div>
          {encryption}
        </div>
      </fieldset>
      <ConnectionTestPanel test={test} ready={ready} />
    </div>
  );
}
