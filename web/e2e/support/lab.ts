/** PostgreSQL and SQL Server: those that the environment names, or a lab of one's own. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./paths";

const run = promisify(execFile);
const kPrefix = "MILLRACE_LAB_";

export interface Lab {
  /** By the names of `./dev lab env`, without MILLRACE_LAB_. */
  facts: Record<string, string>;
  stop: () => Promise<void>;
}

const factsOf = (variables: [string, string | undefined][]) =>
  Object.fromEntries(
    variables
      .filter(([name, value]) => name.startsWith(kPrefix) && value !== undefined)
      .map(([name, value]) => [name.slice(kPrefix.length), value as string]),
  );

export async function startLab(): Promise<Lab> {
  const given = factsOf(Object.entries(process.env));
  if (given.PG_HOST && given.SQLSERVER_HOST) return { facts: given, stop: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), "millrace-e2e-lab-"));
  const lab = (words: string) => shell(`"$MILLRACE_PYTHON" -m lab --dir "$LAB" ${words}`, { LAB: directory });
  const stop = async () => {
    await lab("down --purge");
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await lab("up --without kafka --without connect");
    const told = await shell('eval "$("$MILLRACE_PYTHON" -m lab --dir "$LAB" env)"; env -0', { LAB: directory });
    const pairs = told.split("\0").map((line): [string, string] => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    });
    return { facts: factsOf(pairs), stop };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

/** Runs a command line where the project's tools are. */
export async function shell(command: string, variables: Record<string, string> = {}, input = ""): Promise<string> {
  const started = run("bash", ["-euc", `. scripts/env.sh; ${command}`], {
    cwd: root,
    env: { ...process.env, ...variables },
    maxBuffer: 64 * 1024 * 1024,
  });
  started.child.stdin?.end(input);
  return (await started).stdout;
}
