/** Credentials under a name: saved in the wizard or on their page, chosen, changed, in use and let go. */
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { labEndpoints, makeUser, signedIn, userPassword } from "./support/api";
import { closeBrowser, expectAccessible, expectNarrow, settled, signIn, type Visit, visit } from "./support/browser";
import { onSource } from "./support/sql";

const lab = inject("lab");
const fact = (name: string) => lab[name] ?? "";
const kPipeline = "P_SAVED";
let shown: Visit;
const page = () => shown.page;
const list = () => page().getByRole("table", { name: "Connections" });
const row = (name: string) => list().getByRole("row", { name: new RegExp(`^${name}`) });

beforeAll(async () => {
  await onSource("DROP TABLE IF EXISTS saved_items");
  await onSource("CREATE TABLE saved_items (id integer PRIMARY KEY, name text)");
  await onSource("ALTER TABLE saved_items OWNER TO shop");
  shown = await visit();
  await signIn(page());
});

afterAll(async () => {
  await shown?.close();
  await closeBrowser();
  await onSource("DROP TABLE IF EXISTS saved_items");
});

it("saves what was tested in the wizard, and keeps it over a reload", async () => {
  await page().goto("/pipelines/new");
  await page().getByLabel("Host").fill(fact("PG_HOST"));
  await page().getByLabel("Port").fill(fact("PG_PORT"));
  await page().getByLabel("Database").fill(fact("PG_DATABASE"));
  await page().getByLabel("User").fill(fact("PG_USER"));
  await page().getByLabel("Password").first().fill(fact("PG_PASSWORD"));
  await page().getByRole("button", { name: "Test connection" }).click();
  await page().getByText("Ready", { exact: true }).waitFor();
  await page().getByText("Save this connection").click();
  await page().getByLabel("Name of the connection").fill("lab shop");
  await page().getByRole("button", { name: "Save the connection" }).click();
  await page().getByText("lab shop is saved.").waitFor();
  expect(await page().getByLabel("Connection", { exact: true }).locator("option:checked").textContent()).toBe(
    "lab shop",
  );
  expect(await page().getByLabel("Password").count()).toBe(0);
  await expectAccessible(page(), "a chosen connection");
  await page().reload();
  await page().getByRole("button", { name: "Test and continue" }).click();
  await page().getByRole("heading", { name: "SQL Server, the target" }).waitFor();
});

it("saves one on its page, which tells a wrong password and takes the right one", async () => {
  await settled(page(), "/connections");
  await row("lab shop").getByText("Passed").waitFor();
  await page().getByRole("button", { name: "Save a connection" }).click();
  const dialog = page().getByRole("dialog");
  await dialog.getByLabel("Name").fill("lab copy");
  await dialog.getByLabel("Kind of server").selectOption("target");
  await dialog.getByLabel("Host").fill(fact("SQLSERVER_HOST"));
  await dialog.getByLabel("Port").fill(fact("SQLSERVER_PORT"));
  await dialog.getByLabel("Database").fill(fact("SQLSERVER_DATABASE"));
  await dialog.getByLabel("Schema").fill("saved");
  await dialog.getByLabel("User").fill(fact("SQLSERVER_USER"));
  await dialog.getByLabel("Password").first().fill("not-to-be-kept");
  await dialog.getByText("Encryption", { exact: true }).click();
  await dialog.getByLabel("Accept any certificate").check();
  expect(await page().evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("not-to-be-kept");
  await page().reload();
  await dialog.waitFor();
  expect(await dialog.getByLabel("Name").inputValue()).toBe("lab copy");
  expect(await dialog.getByLabel("Schema").inputValue()).toBe("saved");
  expect(await dialog.getByLabel("Accept any certificate").isChecked()).toBe(true);
  expect(await dialog.getByLabel("Password").first().inputValue()).toBe("");
  await dialog.getByLabel("Password").first().fill("wrong");
  await expectAccessible(page(), "a new connection");
  await dialog.getByRole("button", { name: "Save the connection" }).click();
  await dialog.waitFor({ state: "detached" });

  await page().getByRole("button", { name: "Test: lab copy" }).click();
  await dialog.getByText("Something is missing").waitFor();
  await expectAccessible(page(), "a failed test of a connection");
  await page().keyboard.press("Escape");
  await row("lab copy").getByText("Failed").waitFor();
  await page().getByRole("button", { name: "Change: lab copy" }).click();
  await dialog.getByLabel("Password").first().fill(fact("SQLSERVER_PASSWORD"));
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await page().getByText("lab copy is changed.").waitFor();
  await page().getByRole("button", { name: "Test: lab copy" }).click();
  await dialog.getByText("Ready", { exact: true }).waitFor();
  await page().keyboard.press("Escape");
  await row("lab copy").getByText("Passed").waitFor();

  // Another server without the password again would send a stored password anywhere.
  await page().getByRole("button", { name: "Change: lab copy" }).click();
  await dialog.getByLabel("Host").fill("elsewhere.invalid");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.getByRole("alert").waitFor();
  await page().keyboard.press("Escape");
  await expectAccessible(page(), "connections");
  await page().setViewportSize({ width: 360, height: 740 });
  await expectNarrow(page(), "connections at 360 px");
  await page().setViewportSize({ width: 1280, height: 900 });
});

it("makes a pipeline of two of them, is not deleted while it is used, and is afterwards", {
  timeout: 120_000,
}, async () => {
  await page().goto("/pipelines/new?step=target");
  await page().getByLabel("Connection", { exact: true }).selectOption({ label: "lab copy" });
  expect(await page().getByLabel("Schema").inputValue()).toBe("saved");
  await page().getByRole("button", { name: "Test and continue" }).click();
  await page().getByLabel("Search tables").fill("saved_items");
  await page().getByRole("button", { name: "Select all 1 shown" }).click();
  await page().getByRole("button", { name: "Continue" }).click();
  await page().getByText("Name, engine and policies").click();
  await page().getByLabel("Name", { exact: true }).fill(kPipeline);
  await page().getByRole("heading", { level: 2, name: kPipeline }).waitFor();
  await page().getByRole("button", { name: "Create pipeline" }).click();
  await page().getByText("Pipeline created! Real-time CDC active.").waitFor({ timeout: 60_000 });

  await settled(page(), `/pipelines/${kPipeline}/settings`);
  await page().getByText("User and password of lab shop and lab copy").waitFor();
  expect(await page().getByLabel("Password on PostgreSQL").count()).toBe(0);

  await settled(page(), "/connections");
  await row("lab shop").getByRole("link", { name: kPipeline }).waitFor();
  await page().getByRole("button", { name: "Delete: lab shop" }).click();
  await page().getByRole("button", { name: "Delete the connection" }).click();
  await page().getByRole("alert").getByText(kPipeline).first().waitFor();
  await page().keyboard.press("Escape");

  const admin = await signedIn();
  await admin.call("DELETE", `/api/v1/pipelines/${kPipeline}?dropTables=true`);
  await page().reload();
  for (const name of ["lab shop", "lab copy"]) {
    await page()
      .getByRole("button", { name: `Delete: ${name}` })
      .click();
    await page().getByRole("button", { name: "Delete the connection" }).click();
    await row(name).waitFor({ state: "detached" });
  }
  await page().getByText("No connection is saved").waitFor();
  expect(shown.complaints).toEqual([]);
});

it("shows a viewer what there is, and no button that changes it", async () => {
  const admin = await signedIn();
  const { source } = labEndpoints("saved");
  await admin.call("POST", "/api/v1/connections", { name: "to look at", kind: "source", endpoint: source });
  await makeUser(admin, "carl-connections", "viewer");
  const other = await visit();
  await signIn(other.page, "carl-connections", userPassword);
  await settled(other.page, "/connections");
  await other.page.getByText("to look at").waitFor();
  expect(await other.page.getByRole("main").getByRole("button").count()).toBe(0);
  expect(await other.page.content()).not.toContain(fact("PG_PASSWORD"));
  await other.close();
  await admin.call("DELETE", "/api/v1/connections/to%20look%20at");
});
