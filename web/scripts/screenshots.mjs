// Pictures of every page in both themes, for docs/images. The server must run and have something to see on each:
// `./dev page screenshots` brings one up.
// usage: MILLRACE_SERVER=http://127.0.0.1:8080 MILLRACE_PASSWORD=.. node scripts/screenshots.mjs [page..]
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { firstPipeline, launch, server, settle, signIn } from "./browser.mjs";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const size = { width: 1100, height: 720 };

/** Name of the picture -> address; PIPELINE is the first in the list. */
const pages = {
  pipelines: "/pipelines",
  create: "/pipelines/new",
  pipeline: "/pipelines/PIPELINE",
  "pipeline-tables": "/pipelines/PIPELINE/tables",
  "pipeline-schema": "/pipelines/PIPELINE/schema",
  "pipeline-events": "/pipelines/PIPELINE/events",
  "pipeline-quarantine": "/pipelines/PIPELINE/quarantine",
  "pipeline-verify": "/pipelines/PIPELINE/verify",
  "pipeline-configs": "/pipelines/PIPELINE/configs",
  "pipeline-settings": "/pipelines/PIPELINE/settings",
  connections: "/connections",
  monitoring: "/monitoring",
  events: "/events",
  orphans: "/orphans",
  alerts: "/alerts",
  people: "/people",
  "api-keys": "/api-keys",
  tenants: "/tenants",
  audit: "/audit?all=1",
  account: "/account",
};

/** Name of the picture -> the key that opens the window. */
const windows = { commands: "Control+k", shortcuts: "?" };

const wanted = process.argv.slice(2);
const shoots = (name) => wanted.length === 0 || wanted.includes(name);

async function shoot(page, name, theme) {
  await page.screenshot({ path: `${folder}page-${name}-${theme}.png`, animations: "disabled", caret: "hide" });
  console.log(`page-${name}-${theme}.png`);
}

await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  for (const theme of ["light", "dark"]) {
    const context = await browser.newContext({ baseURL: server, colorScheme: theme, viewport: size, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto("/");
    await settle(page);
    if (shoots("sign-in")) await shoot(page, "sign-in", theme);
    await signIn(page);
    const pipeline = await firstPipeline(page);
    for (const [name, address] of Object.entries(pages)) {
      if (!shoots(name) || (address.includes("PIPELINE") && pipeline === null)) continue;
      await page.goto(address.replace("/pipelines/PIPELINE", pipeline ?? ""));
      await settle(page);
      await shoot(page, name, theme);
    }
    for (const [name, keys] of Object.entries(windows)) {
      if (!shoots(name)) continue;
      await page.goto("/pipelines");
      await settle(page);
      await page.keyboard.press(keys);
      await page.getByRole("dialog").waitFor();
      await shoot(page, name, theme);
    }
    await context.close();
  }
} finally {
  await browser.close();
}
