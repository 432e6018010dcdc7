// What the scripts share that look at a server's page: whose it is, a browser, and when a page has settled.
import { chromium } from "playwright-core";

export const server = process.env.MILLRACE_SERVER ?? "http://127.0.0.1:8080";
const user = process.env.MILLRACE_USER ?? "admin";
const password = process.env.MILLRACE_PASSWORD;

export async function launch() {
  if (!password) {
    console.error("MILLRACE_PASSWORD is not set: whose page is to be shown?");
    process.exit(2);
  }
  return chromium.launch({
    executablePath: process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
}

export async function signIn(page) {
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}

/** Nothing loads, and numbers that come by live updates have come. */
export async function settle(page) {
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label^="Loading"]') === null);
  await page.evaluate(() => document.fonts.ready);
}

/** The address of the pipeline that MILLRACE_PIPELINE names, else of the first in the list, or null. */
export async function firstPipeline(page) {
  const named = process.env.MILLRACE_PIPELINE;
  if (named) return `/pipelines/${encodeURIComponent(named)}`;
  await page.goto("/pipelines");
  await settle(page);
  const first = page.locator('main a[href^="/pipelines/"]:not([href="/pipelines/new"])').first();
  return (await first.count()) > 0 ? first.getAttribute("href") : null;
}
