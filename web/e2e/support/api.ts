/** What a test needs to be there before somebody looks: made over the API, as a signed-in administrator. */
import { inject } from "vitest";
import { adminPassword } from "./server";

export interface Caller {
  call: (method: string, path: string, body?: unknown) => Promise<Record<string, unknown>>;
}

export async function signedIn(user = "admin", password = adminPassword, url = inject("url")): Promise<Caller> {
  const answer = await fetch(new URL("/api/v1/auth/login", url), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user, password }),
  });
  if (!answer.ok) throw new Error(`sign-in of ${user}: ${answer.status} ${await answer.text()}`);
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";", 1)[0]);
  const { csrfToken } = (await answer.json()) as { csrfToken: string };
  return {
    call: async (method, path, body) => {
      const response = await fetch(new URL(path, url), {
        method,
        headers: {
          Cookie: cookies.join("; "),
          "X-CSRF-Token": csrfToken,
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text ? (JSON.parse(text) as Record<string, unknown>) : {};
    },
  };
}

/** Both sides of the lab as the API takes them, with a schema of one's own on the target. */
export function labEndpoints(schema: string) {
  const lab = inject("lab");
  return {
    source: {
      host: lab.PG_HOST,
      port: Number(lab.PG_PORT),
      database: lab.PG_DATABASE,
      user: lab.PG_USER,
      password: lab.PG_PASSWORD,
    },
    target: {
      host: lab.SQLSERVER_HOST,
      port: Number(lab.SQLSERVER_PORT),
      database: lab.SQLSERVER_DATABASE,
      schema,
      user: lab.SQLSERVER_USER,
      password: lab.SQLSERVER_PASSWORD,
      trustServerCertificate: true,
    },
  };
}

export const userPassword = "a long enough password";

/** A user with a role in a tenant; the tenant one works in when none is named. */
export async function makeUser(admin: Caller, name: string, role: string, tenant?: string): Promise<void> {
  const me = (await admin.call("GET", "/api/v1/auth/me")) as { tenant: { id: string } };
  await admin.call("POST", "/api/v1/users", {
    name,
    password: userPassword,
    memberships: [{ tenant: tenant ?? me.tenant.id, role }],
  });
}
