/** What an operator does from day to day: tables come and go, several pipelines pause at once, leftovers are cleaned up. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, labEndpoints, signedIn } from "./support/api";
import { closeBrowser, settled, signIn, type Visit, visit } from "./support/browser";
import { makeTable, onSource, onTarget } from "./support/sql";
import { until } from "./support/until";
import { toTables } from "./support/wizard";

const kNames = ["P_WORK_A", "P_WORK_B"] as const;
const kSlot = "p_work_left_to_behind_slot";

let admin: Caller;
let shown: Visit;
const page = () => shown.page;
const health = async (name: string) => (await admin.call("GET", `/api/v1/pipelines/${name}/progress`)).health;
const all = async (wanted: string) => (await Promise.all(kNames.map(health))).every((each) => each === wanted);
const copied = async (table: string) =>
  (
    await onTarget(`SELECT SUM(p.rows) FROM sys.partitions AS p WHERE p.object_id = OBJECT_ID(N'work.${table}')`)
  )[0]?.[0];

beforeAll(async () => {
  for (const table of ["work_a", "work_b"]) {
    await makeTable(
      table,
      "id integer PRIMARY KEY, name text",
      "SELECT n, 'item ' || n FROM generate_series(1, 20) AS n",
    );
  }
  admin = await signedIn();
  await admin.call("POST", "/api/v1/pipelines", { ...labEndpoints("work"), name: kNames[0], tables: ["work_a"] });
  await admin.call("POST", "/api/v1/pipelines", { ...labEndpoints("work_too"), name: kNames[1], tables: ["work_a"] });
  shown = await visit();
  await signIn(page());
});

afterAll(async () => {
  await shown?.close();
  await closeBrowser();
  for (const name of kNames) await admin?.call("DELETE", `/api/v1/pipelines/${name}?dropTables=true`);
  await onSource("DROP TABLE IF EXISTS work_a, work_b");
  await onSource(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${kSlot}'`);
});

describe("a table", () => {
  const address = `/pipelines/${kNames[0]}/tables`;

  it("comes to the others, also when the page was reloaded before it was sent", async () => {
    await until("both run", () => all("running"));
    await settled(page(), address);
    await page().getByRole("button", { name: "Add tables" }).click();
    const dialog = page().getByRole("dialog");
    await dialog.getByLabel("Tables").fill("work_b");
    await page().reload();
    await dialog.waitFor();
    expect(await dialog.getByLabel("Tables").inputValue()).toBe("work_b");
    await dialog.getByRole("button", { name: "Add and load them" }).click();
    await page().getByText("Added: public.work_b.").waitFor();
    await until("it is copied", async () => (await copied("work_b")) === 20);
    await onSource("INSERT INTO work_b VALUES (21, 'live')");
    await until("it is followed", async () => (await copied("work_b")) === 21);
  });

  it("is compared from its row, alone", async () => {
    await settled(page(), address);
    await page().getByRole("button", { name: "Actions for public.work_b" }).click();
    await page().getByRole("menuitem", { name: "Verify…" }).click();
    const tables = page().getByRole("textbox", { name: "Tables" });
    expect(await tables.inputValue()).toBe("public.work_b");
    await page().getByRole("button", { name: "Verify", exact: true }).click();
    const result = page().getByRole("row", { name: /^public.work_b/ });
    await result.getByText("equal").waitFor();
    expect(
      await page()
        .getByRole("row", { name: /^public.work_a/ })
        .count(),
    ).toBe(0);
  });

  it("is taken out after its name was typed, with its copy when that is asked for", async () => {
    await settled(page(), address);
    await page().getByRole("button", { name: "Actions for public.work_b" }).click();
    await page().getByRole("menuitem", { name: "Remove…" }).click();
    const dialog = page().getByRole("dialog");
    await dialog.getByLabel(/^Drop the copy/).check();
    const remove = dialog.getByRole("button", { name: "Remove the table" });
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByLabel("Type public.work_b to confirm").fill("public.work_b");
    await remove.click();
    await page().getByText("public.work_b was taken out.").waitFor();
    await until("the copy is gone", async () => (await copied("work_b")) === null);
    expect(await copied("work_a")).toBe(20);
    await until("the other goes on", async () => (await health(kNames[0])) === "running");
  });
});

it("pauses and resumes what is selected, and no other", async () => {
  await settled(page(), "/pipelines?q=P_WORK");
  await page().getByLabel("Select all shown").check();
  await page().getByRole("button", { name: "Pause 2" }).click();
  await page().getByText("2 pipelines paused.").waitFor();
  await until("both are paused", () => all("paused"));
  await page().getByLabel(`Select ${kNames[1]}`).uncheck();
  await page().getByRole("button", { name: "Resume 1" }).click();
  await page().getByText("1 pipeline resumed.").waitFor();
  await until("one runs", async () => (await health(kNames[0])) === "running");
  expect(await health(kNames[1])).toBe("paused");
});

it("shows an hour, a day and a week, the same after a reload, in the viewer's zone with UTC on hover", async () => {
  await settled(page(), `/pipelines/${kNames[0]}`);
  for (const [label, range] of [
    ["24 hours", "24h"],
    ["7 days", "7d"],
  ]) {
    const asked = page().waitForRequest(
      (request) => request.url().includes("/metrics?") && request.url().includes(`=${range}`),
    );
    await page().getByRole("radiogroup", { name: "Range" }).getByText(String(label)).click();
    await asked;
    await page().reload();
    expect(
      await page()
        .getByRole("radio", { name: String(label) })
        .isChecked(),
    ).toBe(true);
    await page()
      .getByRole("img", { name: /^Throughput, now/ })
      .waitFor();
  }
  await settled(page(), `/pipelines/${kNames[0]}/events`);
  expect(await page().getByRole("main").locator("time").first().getAttribute("title")).toMatch(/\(.*UTC\)$/);
});

it("finds a slot that nobody owns, and removes it after its name was typed", async () => {
  await onSource(`SELECT pg_create_logical_replication_slot('${kSlot}', 'pgoutput')`);
  await settled(page(), "/orphans");
  const row = page().getByRole("row", { name: new RegExp(`^${kSlot}`) });
  await row.getByText("Nobody uses it").waitFor();
  await row.getByRole("button", { name: `Remove ${kSlot}` }).click();
  await page().getByLabel(`Type ${kSlot} to confirm`).fill(kSlot);
  await page().getByRole("button", { name: "Remove the replication slot" }).click();
  await page().getByText(`${kSlot} is removed.`).waitFor();
  expect(await onSource(`SELECT 1 FROM pg_replication_slots WHERE slot_name = '${kSlot}'`)).toEqual([]);
});

it("tells how the server is, how much a pipeline moved, and what happened by kind", { timeout: 120_000 }, async () => {
  await settled(page(), "/monitoring");
  const server = page().getByRole("region", { name: "Server" });
  for (const check of [/^OK.*Store: /, /^OK.*Supervisor: /, /^OK.*Live updates/]) {
    await server.getByRole("listitem").filter({ hasText: check }).waitFor();
  }
  await onSource("INSERT INTO work_a VALUES (31, 'moves')");
  const line = page().getByRole("img", { name: "Throughput of P_WORK_A over the last hour" });
  const drawn = async () => {
    await settled(page(), "/pipelines?q=P_WORK_A");
    return line.waitFor({ timeout: 1_000 }).then(
      () => true,
      () => false,
    );
  };
  await until("its throughput is drawn", drawn, 90_000);

  await settled(page(), `/pipelines/${kNames[0]}/events`);
  await page().getByLabel("About").selectOption("Loads");
  const events = page().getByRole("list", { name: "Events" });
  await events.getByText("20 rows loaded").first().waitFor();
  expect(await events.getByText("was taken out").count()).toBe(0);
  await page().getByLabel("Severity").selectOption("Errors");
  await page().getByText("Nothing of this kind has happened").waitFor();
});

it("says of each table how large it is, what tells its rows apart, and why one cannot be replicated", async () => {
  await makeTable("work_keyless", "name text", "SELECT 'x' FROM generate_series(1, 30)");
  await onSource("ALTER TABLE work_keyless REPLICA IDENTITY FULL");
  await makeTable("work_unlogged", "id integer PRIMARY KEY", "VALUES (1)");
  await onSource("ALTER TABLE work_unlogged SET UNLOGGED");
  await onSource("ANALYZE work_a, work_keyless");
  const forget = await toTables(page(), admin, "work");
  await page().getByLabel("Search tables").fill("work_");
  const row = (name: string) =>
    page()
      .getByRole("listitem")
      .filter({ hasText: `public.${name}` });
  for (const told of ["2 columns", "21", "KiB", "primary key"]) await row("work_a").getByText(told).first().waitFor();
  for (const told of ["30", "no key", "identity full"]) await row("work_keyless").getByText(told).first().waitFor();
  await row("work_unlogged").getByText("Cannot be replicated").waitFor();
  expect(await page().getByLabel("Replicate public.work_unlogged").isDisabled()).toBe(true);
  await row("work_unlogged").getByRole("button", { name: "Why not?" }).click();
  await page()
    .getByRole("dialog")
    .getByText(/unlogged/i)
    .first()
    .waitFor();
  await page().keyboard.press("Escape");
  await forget();
  await onSource("DROP TABLE work_keyless, work_unlogged");
});

it("and nothing in all this was refused by the page's CSP or broke", () => expect(shown.complaints).toEqual([]));
