// Writes src/api/generated/errors.ts, what to do about each error, from src/support/error_registry.def; with --check
// only says whether it is up to date.
import { readFile, writeFile } from "node:fs/promises";

const source = new URL("../../src/support/error_registry.def", import.meta.url);
const target = new URL("../src/api/generated/errors.ts", import.meta.url);
const text = String.raw`(?:"(?:[^"\\]|\\.)*"\s*)+`;
const row = new RegExp(
  String.raw`MILLRACE_ERROR\(\w+,\s*"([^"]+)",\s*\d+,\s*\d+,\s*\w+,\s*${text},\s*(${text})\)`,
  "g",
);

const registry = await readFile(source, "utf8");
const found = [...registry.matchAll(row)].map(([, id, fix]) => {
  const pieces = [...fix.matchAll(/"(?:[^"\\]|\\.)*"/g)].map(([piece]) => JSON.parse(piece));
  return [id, pieces.join("")];
});
const rows = registry.match(/^MILLRACE_ERROR\(/gm)?.length ?? 0;
if (found.length === 0 || found.length !== rows) throw new Error(`read ${found.length} of ${rows} errors`);

const wanted = `// Made from src/support/error_registry.def by \`npm run generate\`. Do not edit.

/** What to do about an error, by its code. */
export const fixes: Record<string, string> = ${JSON.stringify(Object.fromEntries(found), null, 2)};
`;
if (process.argv.includes("--check")) {
  const present = await readFile(target, "utf8").catch(() => "");
  if (present !== wanted) {
    console.error("src/api/generated/errors.ts is not what the registry of errors says: run `npm run generate`.");
    process.exit(1);
  }
} else {
  await writeFile(target, wanted);
}
