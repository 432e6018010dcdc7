/** `millrace serve` as a user starts it: its own data directory, a free port. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { binary, root } from "./paths";

export const adminPassword = "correct horse battery";
const kPatienceMs = 30_000;

export interface Server {
  url: string;
  dataDir: string;
  stop: () => Promise<void>;
}

interface Wanted {
  /** 0: a free one. */
  port?: number;
  /** By their names in the environment. */
  settings?: Record<string, string>;
  /** After `millrace serve`. */
  words?: string[];
}

export async function startServer({ port = 0, settings = {}, words = [] }: Wanted = {}): Promise<Server> {
  if (!existsSync(binary)) throw new Error(`no program at ${binary}: run ./dev build, or set MILLRACE_BINARY`);
  const dataDir = await mkdtemp(join(tmpdir(), "millrace-e2e-"));
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("MILLRACE_"));
  // env.sh says where the ODBC driver is.
  const start = 'deps="$1"; shift; MILLRACE_DEPS="$deps" . scripts/env.sh; exec "$@"';
  const serve = [binary, "serve", "--data-dir", dataDir, "--port", String(port), ...words];
  const child = spawn("bash", ["-euc", start, "start", process.env.MILLRACE_DEPS ?? "", ...serve], {
    cwd: root,
    env: { ...Object.fromEntries(others), MILLRACE_ADMIN_PASSWORD: adminPassword, ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = async () => {
    await ended(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const url = await listening(child);
    const page = await fetch(url, { headers: { Accept: "text/html" } });
    if (!(await page.text()).includes('id="root"')) {
      throw new Error("the program carries no web page: run scripts/build_web.sh, then ./dev build");
    }
    return { url, dataDir, stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const told: string[] = [];
    const timer = setTimeout(() => reject(new Error(`the server did not start:\n${told.join("\n")}`)), kPatienceMs);
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        told.push(line);
        const found = /Listens on (\S+)/.exec(line)?.[1];
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      });
    }
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code}:\n${told.join("\n")}`));
    });
  });
}

async function ended(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), kPatienceMs);
  await exit;
  clearTimeout(timer);
}
