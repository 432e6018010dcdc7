/** The identity provider that tests/server runs against, for one server of one's own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { root } from "./paths";

export interface Account {
  sub: string;
  email: string;
  email_verified: boolean;
}

export interface Provider {
  url: string;
  /** Whom it asks from now on whether to sign in. */
  expect: (account: Account) => Promise<void>;
  stop: () => Promise<void>;
}

export const client = { id: "millrace", secret: "a secret & more" };

/** Tells `redirectUri`'s server who somebody is, once its page was answered. */
export async function startProvider(redirectUri: string): Promise<Provider> {
  const modules = `${process.env.MILLRACE_DEPS ?? `${root}.deps`}/oidc`;
  const words = [`${root}tests/server/oidc/provider.mjs`, modules, client.id, client.secret, redirectUri];
  const child = spawn("node", words, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const told = once(createInterface({ input: child.stdout }), "line");
  const [line] = await Promise.race([told, ended.then(() => ["nothing"])]);
  const port = /^port (\d+)$/.exec(line)?.[1];
  if (!port) throw new Error(`the identity provider does not start (scripts/deps/oidc.sh): it told ${line}`);
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    expect: async (account) => {
      await fetch(`${url}/test`, { method: "POST", body: JSON.stringify({ account, asks: true }) });
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** The provider knows the server's address before the server runs. */
export async function freePort(): Promise<number> {
  const taken = createServer();
  taken.listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  taken.close();
  await once(taken, "close");
  if (address === null || typeof address === "string") throw new Error("no port is free");
  return address.port;
}
