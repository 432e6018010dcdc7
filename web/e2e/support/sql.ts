import { inject } from "vitest";
import { shell } from "./lab";

const variables = () =>
  Object.fromEntries(Object.entries(inject("lab")).map(([name, value]) => [`MILLRACE_LAB_${name}`, value]));

async function rows(side: "source" | "target", statement: string, facts = {}): Promise<unknown[][]> {
  const where = { ...variables(), ...facts };
  const told = await shell(`"$MILLRACE_PYTHON" web/e2e/support/sql.py ${side}`, where, statement);
  return JSON.parse(told) as unknown[][];
}

/** On PostgreSQL, as superuser; in the lab's database when no other is named. */
export const onSource = (statement: string, database?: string) =>
  rows("source", statement, database === undefined ? {} : { MILLRACE_LAB_PG_DATABASE: database });
/** On SQL Server. */
export const onTarget = (statement: string) => rows("target", statement);

/** A table of the shop's owner, made anew. `rows`: what follows INSERT INTO its name. */
export async function makeTable(name: string, columns: string, rows: string) {
  await onSource(`DROP TABLE IF EXISTS ${name}`);
  await onSource(`CREATE TABLE ${name} (${columns})`);
  await onSource(`ALTER TABLE ${name} OWNER TO shop`);
  await onSource(`INSERT INTO ${name} ${rows}`);
}
