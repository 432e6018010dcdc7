// Writes src/api/generated/schema.d.ts from api/openapi.yaml; with --check only says whether it is up to date.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../api/openapi.yaml", import.meta.url);
const target = new URL("../src/api/generated/schema.d.ts", import.meta.url);
// What has a default may be left out of a request.
const header = "// Made from api/openapi.yaml by `npm run generate`. Do not edit.\n\n";
const wanted = header + astToString(await openapiTS(source, { defaultNonNullable: false }));

if (process.argv.includes("--check")) {
  const present = await readFile(target, "utf8").catch(() => "");
  if (present !== wanted) {
    console.error("src/api/generated/schema.d.ts is not what api/openapi.yaml says: run `npm run generate`.");
    process.exit(1);
  }
} else {
  await writeFile(target, wanted);
}
