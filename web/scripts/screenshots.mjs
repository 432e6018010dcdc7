// Pictures of every page in both themes, for docs/images. The server must run and have a pipeline (./dev demo).
// usage: MILLRACE_SERVER=http://127.0.0.1:8080 MILLRACE_PASSWORD=.. node scripts/screenshots.mjs [page..]
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const server = process.env.MILLRACE_SERVER ?? "http://127.0.0.1:8080";
const user = process.env.MILLRACE_USER ?? "admin";
const password = process.env.MILLRACE_PASSWORD;
if (!password) {
  console.error("MILLRACE_PASSWORD is not set: whose page is to be shown?");
  process.exit(2);
}
const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const size = { width: 1100, height: 720 };

/** Name of the picture -> address; PIPELINE is the first in the list. */
const pages = {
  pipelines: "/pipelines",
  create: "/pipelines/new",
  pipeline: "/pipelines/PIPELINE",
  "pipeline-tables": "/pipelines/PIPELINE/tables",
  "pipeline-events": "/pipelines/PIPELINE/events",
  "pipeline-quarantine": "/pipelines/PIPELINE/quarantine",
  "pipeline-verify": "/pipelines/PIPELINE/verify",
  "pipeline-configs": "/pipelines/PIPELINE/configs",
  "pipeline-settings": "/pipelines/PIPELINE/settings",
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

const wanted = process.argv.slice(2);
const shoots = (name) => wanted.length === 0 || wanted.includes(name);

/** Nothing loads, and numbers that come by live updates have come. */
async function settle(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label^="Loading"]') === null);
  await page.evaluate(() => document.fonts.ready);
}

async function shoot(page, name, theme) {
  await page.screenshot({ path: `${folder}page-${name}-${theme}.png`, animations: "disabled", caret: "hide" });
  console.log(`page-${name}-${theme}.png`);
}

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
try {
  for (const theme of ["light", "dark"]) {
    const context = await browser.newContext({ baseURL: server, colorScheme: theme, viewport: size, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto("/");
    await settle(page);
    if (shoots("sign-in")) await shoot(page, "sign-in", theme);
    await page.getByLabel("User name").fill(user);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("navigation", { name: "Main" }).waitFor();
    await page.goto("/pipelines");
    await settle(page);
    const first = await page.locator('main a[href^="/pipelines/"]:not([href="/pipelines/new"])').first();
    const pipeline = (await first.count()) > 0 ? await first.getAttribute("href") : null;
    for (const [name, address] of Object.entries(pages)) {
      if (!shoots(name) || (address.includes("PIPELINE") && pipeline === null)) continue;
      await page.goto(address.replace("/pipelines/PIPELINE", pipeline ?? ""));
      await settle(page);
      await shoot(page, name, theme);
    }
    await context.close();
  }
} finally {
  await browser.close();
}
