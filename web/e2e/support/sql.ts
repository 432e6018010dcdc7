import { inject } from "vitest";
import { shell } from "./lab";

const variables = () =>
  Object.fromEntries(Object.entries(inject("lab")).map(([name, value]) => [`MILLRACE_LAB_${name}`, value]));

async function rows(side: "source" | "target", statement: string): Promise<unknown[][]> {
  const told = await shell(`"$MILLRACE_PYTHON" web/e2e/support/sql.py ${side}`, variables(), statement);
  return JSON.parse(told) as unknown[][];
}

/** On PostgreSQL, as superuser. */
export const onSource = (statement: string) => rows("source", statement);
/** On SQL Server. */
export const onTarget = (statement: string) => rows("target", statement);
