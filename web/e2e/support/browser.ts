/** Debian's Chromium, and what is looked at on every page. */
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect, inject } from "vitest";
import { adminPassword } from "./server";

export type Theme = "light" | "dark";

const kFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Visit {
  page: Page;
  /** What the browser complained of: refused by the CSP, broken scripts. Must stay empty. */
  complaints: string[];
  close: () => Promise<void>;
}

interface Wanted {
  theme?: Theme;
  width?: number;
  height?: number;
  /** Another server than the one that all tests share. */
  url?: string;
}

let browser: Browser | undefined;

async function running(): Promise<Browser> {
  const executablePath = process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium";
  browser ??= await chromium.launch({ executablePath, args: kFlags, headless: true });
  return browser;
}

/** After the last visit of a file. */
export async function closeBrowser() {
  await browser?.close();
  browser = undefined;
}

/** A browser as somebody has who was never here: no cookie, nothing stored. */
export async function visit({ theme = "light", width = 1280, height = 900, url }: Wanted = {}): Promise<Visit> {
  const context = await (await running()).newContext({
    colorScheme: theme,
    reducedMotion: "reduce",
    viewport: { width, height },
    baseURL: url ?? inject("url"),
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on("pageerror", (fault) => complaints.push(`script: ${fault.message}`));
  page.on("console", (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  await page.exposeFunction("millraceRefused", (what: string) => complaints.push(what));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const told = `${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`;
      (window as unknown as { millraceRefused: (what: string) => void }).millraceRefused(told);
    });
  });
  return { page, complaints, close: () => context.close() };
}

export async function signIn(page: Page, user = "admin", password = adminPassword) {
  await page.goto("/");
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor({ state: "attached" });
}

/** Goes there, and waits until nothing is loading. */
export async function settled(page: Page, path: string) {
  await page.goto(path);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label^="Loading"]') === null);
}

/** Nothing that axe knows to be a fault of WCAG 2.2 AA, or a bad habit. */
export async function expectAccessible(page: Page, where: string) {
  await page.evaluate(axe.source);
  const faults = await page.evaluate(async () => {
    const { axe: checker } = window as unknown as { axe: typeof axe };
    const { violations } = await checker.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.html).join(" | ")}`);
  });
  expect(faults, where).toEqual([]);
}

/** Everything can be read without scrolling to the side. */
export async function expectNarrow(page: Page, where: string) {
  const wide = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => `${element.tagName} ${element.className} ${element.textContent?.slice(0, 40)}`)
      .slice(0, 5);
  });
  expect(wide, where).toEqual([]);
}
