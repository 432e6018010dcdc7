/**
 * A pipeline from its first form to its end, as somebody makes it who has two sets of credentials: what goes wrong on the
 * way, the first live change, and the work that comes after.
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { signedIn } from "./support/api";
import { closeBrowser, expectAccessible, type Visit, visit } from "./support/browser";
import { adminPassword } from "./support/server";
import { onSource, onTarget } from "./support/sql";
import { until } from "./support/until";

const kPipeline = "P_PAGE_TO_COPY";
const kSchema = "page";
const kReaderPassword = randomBytes(12).toString("hex");
const kSlowMs = 60_000;

const lab = inject("lab");
const fact = (name: string) => lab[name] ?? "";
let shown: Visit;
const page = () => shown.page;

async function forgetTables() {
  await onSource("DROP TABLE IF EXISTS page_items, page_notes");
  const there = await onSource("SELECT 1 FROM pg_roles WHERE rolname = 'page_reader'");
  if (there.length === 0) return;
  await onSource("DROP OWNED BY page_reader");
  await onSource("DROP ROLE page_reader");
}

beforeAll(async () => {
  await forgetTables();
  await onSource("CREATE TABLE page_items (id integer PRIMARY KEY, name text NOT NULL, hidden text, score float8)");
  await onSource("INSERT INTO page_items SELECT n, 'item ' || n, 'secret', 'NaN' FROM generate_series(1, 200) AS n");
  await onSource("CREATE TABLE page_notes (id integer PRIMARY KEY, body text)");
  await onSource("ALTER TABLE page_items OWNER TO shop");
  await onSource("ALTER TABLE page_notes OWNER TO shop");
  await onSource(`CREATE ROLE page_reader LOGIN PASSWORD '${kReaderPassword}' IN ROLE shop`);
  shown = await visit();
});

afterAll(async () => {
  await shown?.close();
  await closeBrowser();
  await forgetTables();
});

const nameOf = async (id: number) =>
  (await onTarget(`SELECT name FROM [${kSchema}].[things] WHERE id = ${id}`))[0]?.[0];
const copied = async () => Number((await onTarget(`SELECT COUNT(*) FROM [${kSchema}].[things]`))[0]?.[0]);

describe("signing in", () => {
  it("says that a password is wrong, and forgets it", async () => {
    await page().goto("/pipelines?q=page");
    await page().getByLabel("User name").fill("admin");
    await page().getByLabel("Password", { exact: true }).fill("wrong");
    await page().getByRole("button", { name: "Sign in" }).click();
    await page().getByRole("alert").waitFor();
    expect(await page().getByLabel("Password", { exact: true }).inputValue()).toBe("");
    await expectAccessible(page(), "a refused sign-in");
  });

  it("leads to the page that was asked for, and lasts over a reload without being stored", async () => {
    await page().getByLabel("Password", { exact: true }).fill(adminPassword);
    await page().keyboard.press("Enter");
    await page().getByRole("heading", { level: 1, name: "Pipelines" }).waitFor();
    expect(new URL(page().url()).search).toBe("?q=page");
    await page().reload();
    await page().getByRole("heading", { level: 1, name: "Pipelines" }).waitFor();
    const kept = await page().evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(kept).not.toContain(adminPassword);
    expect(kept).not.toMatch(/csrf|millrace=/i);
  });
});

async function fillSource(user: string, password: string) {
  await page().getByLabel("Host").fill(fact("PG_HOST"));
  await page().getByLabel("Port").fill(fact("PG_PORT"));
  await page().getByLabel("Database").fill(fact("PG_DATABASE"));
  await page().getByLabel("User").fill(user);
  await page().getByLabel("Password").first().fill(password);
}

/** The check of the sign-in fails in words, those behind it are not made, and the step stays. */
async function refuseAsWrong(password: string) {
  await page().getByLabel("Password").first().fill(password);
  await page().getByRole("button", { name: "Test and continue" }).click();
  await page().getByText("Something is missing").waitFor();
  const failed = page()
    .getByRole("listitem")
    .filter({ has: page().getByRole("img", { name: "Failed" }) });
  expect(await failed.count()).toBe(1);
  expect(await failed.textContent()).toMatch(/sign-in|password/i);
  expect(await page().getByRole("main").textContent()).not.toContain(password);
  await expectAccessible(page(), "a wrong password");
}

describe("creating a pipeline", () => {
  it("waits, check by check, until what is missing was given by the statements that it shows", async () => {
    await page().goto("/pipelines/new");
    await fillSource("page_reader", kReaderPassword);
    await page().getByRole("button", { name: "Test connection" }).click();
    await page().getByText("Something is missing").waitFor();
    await expectAccessible(page(), "a failed connection test");
    const failed = page()
      .getByRole("listitem")
      .filter({ has: page().getByRole("img", { name: "Failed" }) });
    const fixes = failed.getByRole("group", { name: /^the statement that fixes/ });
    expect(await fixes.filter({ hasText: "REPLICATION" }).count()).toBe(1);
    for (const statement of await fixes.allTextContents()) await onSource(statement);
    await page().getByText("Ready", { exact: true }).waitFor();
  });

  it("keeps what was typed over a reload, but for the password, and tells a wrong one", async () => {
    await page().reload();
    await page().getByRole("heading", { name: "PostgreSQL, the source" }).waitFor();
    expect(await page().getByLabel("Database").inputValue()).toBe(fact("PG_DATABASE"));
    expect(await page().getByLabel("Password").first().inputValue()).toBe("");
    await refuseAsWrong("not-the-password-of-source");
    await fillSource(fact("PG_USER"), fact("PG_PASSWORD"));
    await page().getByRole("button", { name: "Test and continue" }).click();
    await page().getByRole("heading", { name: "SQL Server, the target" }).waitFor();
  });

  it("chooses tables and names, leaves a column out, and says what becomes of NaN", async () => {
    await page().getByLabel("Host").fill(fact("SQLSERVER_HOST"));
    await page().getByLabel("Port").fill(fact("SQLSERVER_PORT"));
    await page().getByLabel("Database").fill(fact("SQLSERVER_DATABASE"));
    await page().getByLabel("Schema").fill(kSchema);
    await page().getByLabel("User").fill(fact("SQLSERVER_USER"));
    await page().getByText("Encryption", { exact: true }).first().click();
    await page().getByLabel("Accept any certificate").check();
    await refuseAsWrong("not-the-password-of-target");
    await page().getByLabel("Password").first().fill(fact("SQLSERVER_PASSWORD"));
    await page().getByRole("button", { name: "Test and continue" }).click();
    await page().getByLabel("Search tables").fill("page_");
    await page().getByRole("button", { name: "Select all 2 shown" }).click();
    await page().getByText("2 tables selected").waitFor();
    await page().getByRole("button", { name: "Choices for public.page_items" }).click();
    await page().getByLabel("Copy hidden").uncheck();
    await page().getByLabel("Name on the target").fill("things");
    await page().getByLabel("Target name of score").fill("points");
    await page().getByLabel("Target type of name").fill("nvarchar(300)");
    await page().getByLabel("Values of score that SQL Server cannot hold").selectOption("NULL instead");
    await expectAccessible(page(), "choices for a table");
    await page().getByRole("button", { name: "Use these choices" }).click();
    await page().getByRole("dialog").waitFor({ state: "detached" });
    await expectAccessible(page(), "the table picker");
    await page().getByRole("button", { name: "Continue" }).click();
  });

  it("ends in real-time CDC, with the rows and the columns as they were chosen", { timeout: 2 * kSlowMs }, async () => {
    await page().getByText("Name, engine and policies").click();
    await page().getByLabel("Name", { exact: true }).fill(kPipeline);
    await page().getByRole("heading", { level: 2, name: kPipeline }).waitFor();
    await page()
      .getByText(/^public\.page_items →/)
      .click();
    await page().getByText("score → points").waitFor();
    await expectAccessible(page(), "the review");
    await page().getByRole("button", { name: "Create pipeline" }).click();
    await page().getByText("Pipeline created! Real-time CDC active.").waitFor({ timeout: kSlowMs });
    await expectAccessible(page(), "the end of creating");
    expect(await copied()).toBe(200);
    const columns = await onTarget(
      `SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = '${kSchema}' AND TABLE_NAME = 'things'`,
    );
    expect(columns.flat().sort()).toEqual(["id", "name", "points"]);
    const length = `SELECT COL_LENGTH(N'[${kSchema}].[things]', N'name') / 2`;
    expect(await onTarget(length)).toEqual([[300]]);
    expect(await onTarget(`SELECT COUNT(points) FROM [${kSchema}].[things]`)).toEqual([[0]]);
  });

  it("shows a row inserted on the source on the target and in its counter", async () => {
    await page().getByRole("link", { name: "Open the pipeline" }).click();
    const counter = page().getByTestId("changes");
    await counter.waitFor();
    await onSource("INSERT INTO page_items VALUES (1001, 'live from the page', 'secret')");
    await until("the row is on the target", async () => (await nameOf(1001)) === "live from the page");
    await until("the page counts it", async () => Number((await counter.textContent())?.replace(/\D/g, "")) >= 1);
  });
});

describe("working with a pipeline", () => {
  it("pauses and resumes, and what changed meanwhile arrives", async () => {
    await page().getByRole("button", { name: "Pause" }).click();
    await page().getByRole("button", { name: "Resume" }).waitFor();
    await onSource("UPDATE page_items SET name = 'changed while paused' WHERE id = 1001");
    await page().getByRole("button", { name: "Resume" }).click();
    await page().getByRole("button", { name: "Pause" }).waitFor();
    await until("the change is on the target", async () => (await nameOf(1001)) === "changed while paused");
  });

  it("reloads a table", async () => {
    await onTarget(`DELETE FROM [${kSchema}].[things] WHERE id = 3`);
    const parts = page().getByRole("navigation", { name: "Parts of this pipeline" });
    await parts.getByRole("link", { name: "Tables" }).click();
    await page().getByRole("button", { name: "Actions for public.page_items" }).click();
    await page().getByRole("menuitem", { name: "Reload…" }).click();
    await page().getByRole("button", { name: "Reload the table" }).click();
    await until("all rows are there again", async () => (await copied()) === 201);
  });

  it("finds a row that differs, and repairs it", async () => {
    await onTarget(`UPDATE [${kSchema}].[things] SET name = 'spoiled' WHERE id = 7`);
    const parts = page().getByRole("navigation", { name: "Parts of this pipeline" });
    await parts.getByRole("link", { name: "Verify" }).click();
    await page().getByRole("button", { name: "Verify", exact: true }).click();
    await page().getByText("Rows differ").waitFor();
    await page().getByText("id=7").waitFor();
    await expectAccessible(page(), "a comparison that found something");
    await page().getByLabel("Repair what differs").check();
    await page().getByRole("button", { name: "Verify and repair" }).click();
    await until("the row is right again", async () => (await nameOf(7)) === "item 7");
  });

  it("takes up live numbers again after the connection was lost", async () => {
    const parts = page().getByRole("navigation", { name: "Parts of this pipeline" });
    await parts.getByRole("link", { name: "Overview" }).click();
    const counter = page().getByTestId("changes");
    const number = async () => Number((await counter.textContent())?.replace(/\D/g, ""));
    await counter.waitFor();
    const before = await number();
    await page().context().setOffline(true);
    await onSource("UPDATE page_items SET name = name || '!' WHERE id <= 10");
    await page().context().setOffline(false);
    await until("the page counts on", async () => (await number()) >= before + 10);
  });
});

describe("changing settings", () => {
  it("keeps what was typed over a reload, but for passwords, until it is discarded or saved", async () => {
    await page().goto(`/pipelines/${kPipeline}/settings`);
    const workers = () => page().getByLabel("Load workers");
    const discard = () => page().getByRole("button", { name: "Discard changes" });
    await workers().fill("2");
    await page().getByLabel("Password on SQL Server").fill("not-to-be-kept");
    expect(await page().evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("not-to-be-kept");
    await page().reload();
    await discard().waitFor();
    expect(await workers().inputValue()).toBe("2");
    expect(await page().getByLabel("Password on SQL Server").inputValue()).toBe("");
    await expectAccessible(page(), "settings that are not saved");
    await discard().click();
    expect(await workers().inputValue()).toBe("4");
    await workers().fill("3");
    await page().getByRole("button", { name: "Save", exact: true }).click();
    await page().getByText("Saved. A run takes it up within seconds.").waitFor();
    await page().reload();
    await discard().waitFor();
    expect(await workers().inputValue()).toBe("3");
    expect(await discard().isDisabled()).toBe(true);
  });

  it("keeps what is typed while it is being saved, to be saved next", async () => {
    const workers = page().getByLabel("Load workers");
    const save = page().getByRole("button", { name: "Save", exact: true });
    let answer = () => {};
    const typed = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const address = `**/api/v1/pipelines/${kPipeline}`;
    await page().route(address, async (route) => {
      if (route.request().method() === "PATCH") await typed;
      await route.continue();
    });
    await workers.fill("5");
    await workers.press("Enter");
    await workers.fill("6");
    answer();
    await page().getByText("Saved. A run takes it up within seconds.").waitFor();
    await page().unroute(address);
    const admin = await signedIn();
    const workersStored = async () => {
      const { spec } = await admin.call("GET", `/api/v1/pipelines/${kPipeline}/configs`);
      return (spec as { embedded?: { loadWorkers?: number } }).embedded?.loadWorkers;
    };
    expect(await workersStored()).toBe(5);
    await until("what came later can be saved", () => save.isEnabled());
    expect(await workers.inputValue()).toBe("6");
    await save.click();
    await until("it is saved", async () => (await workersStored()) === 6);
    await until("nothing is left to save", () => save.isDisabled());
    expect(await workers.inputValue()).toBe("6");
  });
});

describe("deleting a pipeline", () => {
  it("asks for its name, and leaves no slot behind", { timeout: 2 * kSlowMs }, async () => {
    await page().goto(`/pipelines/${kPipeline}/settings`);
    await page().getByRole("button", { name: "Delete the pipeline…" }).click();
    await page().getByLabel("Drop the copied tables too").check();
    const button = page().getByRole("button", { name: "Delete the pipeline", exact: true });
    expect(await button.isDisabled()).toBe(true);
    await expectAccessible(page(), "the question before deleting");
    await page().getByLabel(`Type ${kPipeline} to confirm`).fill(kPipeline);
    await button.click();
    await page().getByRole("heading", { level: 1, name: "Pipelines" }).waitFor({ timeout: kSlowMs });
    expect(await onSource("SELECT slot_name FROM pg_replication_slots WHERE slot_name LIKE 'p_page%'")).toEqual([]);
  });

  it("and nothing in all this was refused by the page's CSP or broke", () => expect(shown.complaints).toEqual([]));
});
