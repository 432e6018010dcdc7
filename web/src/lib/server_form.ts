/** What both sides ask for, as somebody types it: where the server is, and who signs in. The password is kept apart. */
import type { Endpoint } from "@/api/types";
import { parseAddress } from "./address";

export type Side = "source" | "target";

export interface ServerForm {
  host: string;
  port: string;
  database: string;
  /** Of a target: where tables are made. */
  schema: string;
  user: string;
  sslmode: string;
  sslrootcert: string;
  encrypt: string;
  trustServerCertificate: boolean;
}

export const usualPort: Record<Side, string> = { source: "5432", target: "1433" };

export const emptyServer = (side: Side): ServerForm => ({
  host: "",
  port: usualPort[side],
  database: "",
  schema: side === "target" ? "dbo" : "",
  user: "",
  sslmode: "prefer",
  sslrootcert: "",
  encrypt: "yes",
  trustServerCertificate: false,
});

export const isComplete = ({ host, database, user }: ServerForm) =>
  Boolean(host.trim() && database.trim() && user.trim());

/** What only one kind of server knows is told to no other. */
export function serverMembers(side: Side, form: ServerForm): Omit<Endpoint, "password" | "url" | "connection"> {
  const port = form.port.trim();
  const common = {
    host: form.host.trim(),
    ...(/^\d+$/.test(port) ? { port: Number(port) } : {}),
    database: form.database.trim(),
    user: form.user.trim(),
  };
  if (side === "source") {
    const file = form.sslrootcert.trim();
    return { ...common, sslmode: form.sslmode as Endpoint["sslmode"], ...(file ? { sslrootcert: file } : {}) };
  }
  return {
    ...common,
    schema: form.schema.trim() || "dbo",
    encrypt: form.encrypt as Endpoint["encrypt"],
    trustServerCertificate: form.trustServerCertificate,
  };
}

/** A URL pasted as host: what it says about the form, and its password. Null: it is a host. */
export function fromPasted(side: Side, text: string): { form: Partial<ServerForm>; password: string } | null {
  const pasted = parseAddress(text, side);
  if (!pasted) return null;
  const { host, port, database, user, password = "", options } = pasted;
  const option = options.get(side === "source" ? "sslmode" : "schema");
  return {
    form: {
      host,
      ...(port ? { port } : {}),
      ...(database ? { database } : {}),
      ...(user ? { user } : {}),
      ...(option ? { [side === "source" ? "sslmode" : "schema"]: option } : {}),
    },
    password,
  };
}
