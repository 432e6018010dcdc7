import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { ifMatch } from "@/api/etag";
import { keys } from "@/api/keys";
import { allItems } from "@/api/pages";
import type { Connection, ConnectionPatch } from "@/api/types";
import { type ServerForm, type Side, serverMembers } from "@/lib/server_form";

/** Those of one kind of server, or all. */
export function useConnections(enabled: boolean, kind?: Side) {
  return useQuery({
    queryKey: [...keys.connections, kind ?? ""],
    queryFn: () =>
      allItems((page) =>
        answer(api.GET("/api/v1/connections", { params: { query: { ...page, ...(kind ? { kind } : {}) } } })),
      ),
    enabled,
  });
}

export interface NewConnection {
  name: string;
  side: Side;
  form: ServerForm;
  password: string;
}

export const createConnection = ({ name, side, form, password }: NewConnection) =>
  answer(
    api.POST("/api/v1/connections", {
      body: { name: name.trim(), kind: side, endpoint: { ...serverMembers(side, form), password } },
    }),
  );

const asShown = (connection: Connection) => ({ path: { connection: connection.id }, header: ifMatch(connection) });

export const changeConnection = (connection: Connection, body: ConnectionPatch) =>
  answer(api.PATCH("/api/v1/connections/{connection}", { params: asShown(connection), body }));

export const deleteConnection = (connection: Connection) =>
  answer(api.DELETE("/api/v1/connections/{connection}", { params: asShown(connection) }));

export const testSaved = ({ id, kind }: Connection) =>
  answer(api.POST("/api/v1/connections:test", { body: { side: kind, connection: { connection: id } } }));
