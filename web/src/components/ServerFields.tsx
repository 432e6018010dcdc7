import { Checkbox, NativeSelect, PasswordInput, TextInput } from "@mantine/core";
import { fromPasted, type ServerForm, type Side, usualPort } from "@/lib/server_form";
import layout from "@/styles/layout.module.css";

const kTls = [
  { value: "prefer", label: "When the server offers it" },
  { value: "require", label: "Always, any certificate" },
  { value: "verify-ca", label: "Always, known authority" },
  { value: "verify-full", label: "Always, known authority and name" },
  { value: "disable", label: "Never" },
];

const kEncrypt = [
  { value: "yes", label: "Always" },
  { value: "strict", label: "Strict (TDS 8)" },
  { value: "no", label: "Only the sign-in" },
];

const kSchemes: Record<Side, string> = { source: "postgres", target: "sqlserver" };

interface Props {
  side: Side;
  form: ServerForm;
  set: (more: Partial<ServerForm>) => void;
  password: string;
  setPassword: (password: string) => void;
  /** One is stored: left empty, it stays. */
  passwordSet?: boolean;
  /** Pipelines live in it: it stays. */
  databaseFixed?: boolean;
  /** What the server said about a member ("host"). */
  faultAt?: (member: string) => string | undefined;
}

/** Where a server is, who signs in, and how the way there is encrypted. */
export function ServerFields(props: Props) {
  const { side, form, set, password, setPassword, passwordSet = false, databaseFixed = false, faultAt } = props;
  const field = (name: "host" | "port" | "database" | "schema" | "user" | "sslrootcert") => ({
    autoComplete: "off",
    spellCheck: false,
    value: form[name],
    error: faultAt?.(name),
    onChange: (event: { currentTarget: { value: string } }) => set({ [name]: event.currentTarget.value }),
  });

  function setHost(text: string) {
    const pasted = fromPasted(side, text);
    set(pasted?.form ?? { host: text });
    if (pasted?.password) setPassword(pasted.password);
  }

  return (
    <>
      <div className={layout.fields}>
        <TextInput
          {...field("host")}
          label="Host"
          description={`A name or address; a whole ${kSchemes[side]}:// URL may be pasted`}
          required
          onChange={(event) => setHost(event.currentTarget.value)}
        />
        <TextInput {...field("port")} label="Port" description={`Usually ${usualPort[side]}`} inputMode="numeric" />
      </div>
      <div className={side === "target" ? layout.fields : undefined}>
        <TextInput
          {...field("database")}
          label="Database"
          required
          disabled={databaseFixed}
          {...(databaseFixed ? { description: "Fixed while pipelines use the connection" } : {})}
        />
        {side === "target" ? <TextInput {...field("schema")} label="Schema" placeholder="dbo" /> : null}
      </div>
      <div className={layout.fields}>
        <TextInput {...field("user")} label="User" required />
        <PasswordInput
          label="Password"
          required={!passwordSet}
          autoComplete="new-password"
          {...(passwordSet ? { placeholder: "set", description: "Empty: stays as it is" } : {})}
          value={password}
          error={faultAt?.("password")}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </div>
      <details open={side === "target" && form.trustServerCertificate}>
        <summary>Encryption</summary>
        {side === "source" ? (
          <div className={layout.fields}>
            <NativeSelect
              label="TLS"
              value={form.sslmode}
              data={kTls}
              onChange={(event) => set({ sslmode: event.currentTarget.value })}
            />
            {form.sslmode.startsWith("verify") ? (
              <TextInput
                {...field("sslrootcert")}
                label="File of the authority"
                description="In the server's folder of certificates; empty: the system's"
              />
            ) : null}
          </div>
        ) : (
          <div className={layout.stack}>
            <NativeSelect
              label="Encrypt"
              value={form.encrypt}
              data={kEncrypt}
              onChange={(event) => set({ encrypt: event.currentTarget.value })}
            />
            <Checkbox
              label="Accept any certificate"
              description="For tests and closed networks: nobody checks who answers"
              checked={form.trustServerCertificate}
              onChange={(event) => set({ trustServerCertificate: event.currentTarget.checked })}
            />
          </div>
        )}
      </details>
    </>
  );
}
