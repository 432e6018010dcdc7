/** Every page that is about no single pipeline: for screen readers, on a phone, in both themes, under the CSP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeUser, signedIn } from "./support/api";
import { closeBrowser, expectAccessible, expectNarrow, settled, signIn, type Theme, visit } from "./support/browser";
import { expectStill, watchShift } from "./support/still";

const kPages = [
  "/pipelines",
  "/pipelines/new",
  "/monitoring",
  "/events",
  "/connections",
  "/orphans",
  "/alerts",
  "/people",
  "/api-keys",
  "/tenants",
  "/audit?all=1",
  "/account",
  "/no/such/page",
];

/** What opens a window over the page: [page, button]. */
const kDialogs = [
  ["/people", "Create user"],
  ["/api-keys", "Create API key"],
  ["/tenants", "Create tenant"],
  ["/alerts", "Create channel"],
  ["/connections", "Save a connection"],
] as const;

beforeAll(async () => {
  const admin = await signedIn();
  await makeUser(admin, "a-user-with-a-rather-long-name-that-must-wrap", "operator");
  await admin.call("POST", "/api/v1/api-keys", { name: "a key for a program with a long name", role: "viewer" });
});

afterAll(closeBrowser);

describe.each<Theme>(["light", "dark"])("in %s", (theme) => {
  it("has no fault that axe finds, fits 360 pixels, stands still, and breaks no rule of the CSP", async () => {
    const { page, complaints, close } = await visit({ theme });
    await watchShift(page);
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in to Millrace" }).waitFor();
    await expectAccessible(page, "sign-in");
    await signIn(page);
    for (const path of kPages) {
      await page.setViewportSize({ width: 1280, height: 900 });
      await settled(page, path);
      expect(await page.title(), path).not.toBe("Millrace");
      await expectStill(page, path);
      await expectAccessible(page, path);
      await page.setViewportSize({ width: 360, height: 740 });
      await expectNarrow(page, `${path} at 360 px`);
      await expectAccessible(page, `${path} at 360 px`);
    }
    for (const [path, button] of kDialogs) {
      await settled(page, path);
      await page.getByRole("button", { name: button }).click();
      await page.getByRole("dialog").waitFor();
      await expectAccessible(page, `${path}: ${button}`);
      await expectNarrow(page, `${path}: ${button}`);
    }
    expect(complaints).toEqual([]);
    await close();
  }, 120_000);
});

it("uses a 4K screen, and does not fall apart on it", async () => {
  const { page, complaints, close } = await visit({ width: 3840, height: 2160 });
  await signIn(page);
  for (const path of kPages) {
    await settled(page, path);
    await expectNarrow(page, `${path} at 4K`);
    const { side, main, text } = await page.evaluate(() => {
      const box = (selector: string) => document.querySelector(selector)?.getBoundingClientRect();
      const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      return { side: box("#navigation"), main: box("#main"), text: size };
    });
    expect(side?.left, path).toBe(0);
    expect(main?.left, path).toBeCloseTo(side?.right ?? 0, 0);
    expect(main?.right, path).toBeCloseTo(3840, 0);
    // Readable from where one sits before such a screen.
    expect(text, path).toBeGreaterThanOrEqual(20);
  }
  await settled(page, "/pipelines");
  await expectAccessible(page, "pipelines at 4K");
  expect(complaints).toEqual([]);
  await close();
});

it("is gone through by keyboard alone", async () => {
  const { page, close } = await visit();
  await signIn(page);
  await settled(page, "/tenants");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  await page.getByRole("button", { name: "Create tenant" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("by keyboard");
  await page.keyboard.press("Enter");
  await page.getByRole("rowheader", { name: "by keyboard" }).waitFor();
  // The focus is back where the window was opened.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain("Create tenant");
  await close();
});
