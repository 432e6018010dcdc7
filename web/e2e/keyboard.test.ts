/** The keys that work on every page. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeUser, signedIn, userPassword } from "./support/api";
import { closeBrowser, expectAccessible, settled, signIn, type Theme, visit } from "./support/browser";

beforeAll(async () => {
  await makeUser(await signedIn(), "kim-keyboard", "viewer");
});

afterAll(closeBrowser);

it("goes to pages, searches and tells its keys, but not while somebody types", async () => {
  const { page, complaints, close } = await visit();
  await signIn(page);
  await page.getByRole("heading", { level: 1, name: "Pipelines" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await page.getByRole("heading", { level: 1, name: "Monitoring" }).waitFor();

  await settled(page, "/audit");
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await help.getByText("Go to Audit log").waitFor();
  await expectAccessible(page, "the shortcuts");
  // A window is open: keys are its own.
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  expect(new URL(page.url()).pathname).toBe("/audit");

  await page.keyboard.press("c");
  await page.getByLabel("Host").fill("");
  await page.getByLabel("Host").pressSequentially("gp?/c");
  expect(await page.getByLabel("Host").inputValue()).toBe("gp?/c");
  expect(new URL(page.url()).pathname).toBe("/pipelines/new");
  expect(complaints).toEqual([]);
  await close();
});

it("rests when single keys are switched off, also after a reload", async () => {
  const { page, close } = await visit();
  await signIn(page);
  await page.keyboard.press("?");
  await page.getByRole("switch", { name: /^Single keys/ }).uncheck();
  await page.keyboard.press("Escape");
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Pipelines" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Page, pipeline or action" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/pipelines");
  await close();
});

it.each<Theme>(["light", "dark"])("finds by Ctrl-K what one may do, and does it, in %s", async (theme) => {
  const { page, complaints, close } = await visit({ theme });
  await signIn(page, "kim-keyboard", userPassword);
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Page, pipeline or action" });
  await field.waitFor();
  await expectAccessible(page, "the command palette");
  // A viewer has no audit log, and makes no pipeline.
  const found = await page.getByRole("listbox").getByRole("option").allTextContents();
  expect(found.some((text) => /Monitoring/.test(text))).toBe(true);
  expect(found.some((text) => /Audit|Create a pipeline|People/.test(text))).toBe(false);

  await field.fill("monit");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Monitoring" }).waitFor();
  await page.getByRole("button", { name: /^Find/ }).click();
  await field.fill("e");
  await page.keyboard.press("ArrowDown");
  const second = await page.getByRole("listbox").getByRole("option", { selected: true }).getAttribute("id");
  expect(await field.getAttribute("aria-activedescendant")).toBe(second);
  await field.fill("no such thing");
  await page.getByText("Nothing has this name.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
  await close();
});
