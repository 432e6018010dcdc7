/** Who is told, and by which rule. */
import { afterAll, expect, it } from "vitest";
import { makeUser, signedIn, userPassword } from "./support/api";
import { closeBrowser, expectAccessible, settled, signIn, visit } from "./support/browser";

afterAll(closeBrowser);

it("makes a channel, tells its secret once, says how a test went, and changes a rule", async () => {
  const { page, complaints, close } = await visit();
  await signIn(page);
  await settled(page, "/alerts");
  await page.getByText("No channel yet").waitFor();
  await page.getByRole("button", { name: "Create channel" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("on call");
  // A name that is reserved for leading nowhere (RFC 2606).
  await dialog.getByLabel("Address").fill("https://hooks.invalid/millrace");
  await dialog.getByRole("button", { name: "Create the channel" }).click();
  const secret = await page.getByRole("group", { name: "the webhook's secret" }).textContent();
  expect(secret?.length).toBeGreaterThan(15);
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByRole("table", { name: "Channels" }).getByRole("cell", { name: "set", exact: true }).waitFor();
  expect(await page.content()).not.toContain(secret);

  await page.getByRole("button", { name: "Send a test to on call" }).click();
  await page.getByText(/The test did not arrive: ./).waitFor();
  await page.getByRole("table", { name: "Channels" }).getByText("Failed").waitFor();

  await page.getByRole("button", { name: "Change: Lag is too large" }).click();
  await dialog.getByLabel("Lag above, in seconds").fill("90");
  await dialog.getByLabel("on call").check();
  await page.reload();
  await dialog.waitFor();
  expect(await dialog.getByLabel("Lag above, in seconds").inputValue()).toBe("90");
  expect(await dialog.getByLabel("on call").isChecked()).toBe(true);
  await dialog.getByRole("button", { name: "Save the rule" }).click();
  const rule = page.getByRole("row", { name: /^Lag is too large/ });
  await rule.getByText("more than 1 min 30 s behind").waitFor();
  await rule.getByText("on call").waitFor();
  await expectAccessible(page, "alerts with a channel");
  expect(complaints).toEqual([]);
  await close();
});

it("shows a viewer channels and rules, and no button that changes them", async () => {
  await makeUser(await signedIn(), "wim-watcher", "viewer");
  const { page, close } = await visit();
  await signIn(page, "wim-watcher", userPassword);
  await settled(page, "/alerts");
  await page.getByRole("table", { name: "Rules" }).waitFor();
  expect(await page.getByRole("main").getByRole("button").count()).toBe(0);
  await close();
});
