/** A saved connection as a form, and what a change of it sends. */
import type { ChangedConnection, Connection, ConnectionPatch } from "@/api/types";
import { emptyServer, type ServerForm, serverMembers } from "@/lib/server_form";

/** How one pipeline took a change. */
export type Applied = ChangedConnection["applied"][number];

export function formOf({ kind, endpoint }: Connection): ServerForm {
  const { port, ...members } = endpoint;
  return { ...emptyServer(kind), ...members, port: String(port) };
}

/** Only what is different is sent. Null: nothing is. */
export function connectionPatch(
  connection: Connection,
  name: string,
  form: ServerForm,
  password: string,
): ConnectionPatch | null {
  const before: Record<string, unknown> = serverMembers(connection.kind, formOf(connection));
  const now: Record<string, unknown> = serverMembers(connection.kind, form);
  const changed = Object.entries(now).filter(([member, value]) => value !== before[member]);
  // A file that is taken away is told as an empty name.
  if ("sslrootcert" in before && !("sslrootcert" in now)) changed.push(["sslrootcert", ""]);
  if (password) changed.push(["password", password]);
  const renamed = name.trim() !== connection.name;
  if (changed.length === 0 && !renamed) return null;
  return {
    ...(renamed ? { name: name.trim() } : {}),
    ...(changed.length > 0 ? { endpoint: Object.fromEntries(changed) } : {}),
  };
}
