// How much JavaScript the first load takes, gzipped; fails above the budget. Run after `npm run build`.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const kBudget = 300 * 1024;
const dist = new URL("../dist/", import.meta.url);
const html = await readFile(new URL("index.html", dist), "utf8");
const first = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((found) => found[1]);
let total = 0;
for (const name of first) {
  const size = gzipSync(await readFile(new URL(name, dist))).length;
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(8)} kB  ${name}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(8)} kB  first load, of ${kBudget / 1024} kB`);
process.exit(total > kBudget ? 1 : 0);
