/** What comes from outside into a pipeline that runs: altered tables, rows the target refuses, people of other tenants. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, labEndpoints, makeUser, signedIn, userPassword } from "./support/api";
import { closeBrowser, expectAccessible, expectNarrow, settled, signIn, type Visit, visit } from "./support/browser";
import { makeTable, onSource, onTarget } from "./support/sql";
import { until } from "./support/until";

const kPipeline = "P_CHANGES";
const kAddress = `/pipelines/${kPipeline}`;
const kTable = "public.change_items";
const kCopy = "[changes].[change_items]";

let admin: Caller;
let shown: Visit;
const page = () => shown.page;
const history = () => page().getByRole("table", { name: "Schema history" });
const line = (change: string) => history().getByRole("row").filter({ hasText: change });

async function columns(): Promise<string[]> {
  const found = await onTarget(
    "SELECT COLUMN_NAME FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'changes' AND TABLE_NAME = 'change_items'",
  );
  return found.flat().map(String).sort();
}

const health = async () => (await admin.call("GET", `/api/v1${kAddress}/progress`)).health;

beforeAll(async () => {
  await makeTable(
    "change_items",
    "id integer PRIMARY KEY, name text NOT NULL, spare text",
    "SELECT n, 'item ' || n FROM generate_series(1, 20) AS n",
  );
  admin = await signedIn();
  await admin.call("POST", "/api/v1/pipelines", {
    ...labEndpoints("changes"),
    name: kPipeline,
    tables: ["change_items"],
    embedded: { poison: "quarantine", schemaPolicy: "apply,drop_column=pause,rename_column=ignore" },
  });
  shown = await visit();
  await signIn(page());
});

afterAll(async () => {
  await shown?.close();
  await closeBrowser();
  await admin?.call("DELETE", `/api/v1${kAddress}?dropTables=true`);
  await onSource("DROP TABLE IF EXISTS change_items");
});

describe("an altered table", () => {
  it("is followed where the policy says so, as the history tells", async () => {
    await until("it runs", async () => (await health()) === "running");
    await settled(page(), `${kAddress}/schema`);
    await page().getByText("No change of a source table was met").waitFor();
    await expectAccessible(page(), "an empty schema history");
    await onSource("ALTER TABLE change_items ADD COLUMN note text");
    await onSource("INSERT INTO change_items (id, name, note) VALUES (101, 'new', 'noted')");
    await line("column note added: nvarchar(max)").getByText("Followed").waitFor();
    await line("column note added").getByRole("rowheader", { name: kTable }).waitFor();
    expect(await columns()).toEqual(["id", "name", "note", "spare"]);
    expect(await onTarget(`SELECT note FROM ${kCopy} WHERE id = 101`)).toEqual([["noted"]]);
  });

  it("is left alone where the policy says that, as the history tells too", async () => {
    await onSource("ALTER TABLE change_items RENAME spare TO rest");
    await onSource("INSERT INTO change_items (id, name) VALUES (102, 'behind the new name')");
    await line("column spare renamed to rest").getByText("Copy left as it was").waitFor();
    expect(await columns()).toEqual(["id", "name", "note", "spare"]);
  });

  it("stops the pipeline where the policy is to pause, and goes on by another policy", async () => {
    await onSource("ALTER TABLE change_items DROP COLUMN note");
    await onSource("INSERT INTO change_items (id, name) VALUES (103, 'behind the drop')");
    await line("Stopped in front of it").getByRole("rowheader", { name: kTable }).waitFor();
    await page().getByLabel("What was done").selectOption({ label: "Stopped in front of it" });
    await line("column note added").waitFor({ state: "detached" });
    await line("Stopped in front of it").waitFor();
    await page().reload();
    await line("Stopped in front of it").waitFor();
    expect(await line("column note added").count()).toBe(0);
    await page().getByLabel("What was done").selectOption({ label: "All changes" });
    await line("column note added").waitFor();
    await page().getByText("Failed", { exact: true }).first().waitFor();
    await expectAccessible(page(), "a schema history");
    await page().setViewportSize({ width: 360, height: 740 });
    await expectNarrow(page(), "a schema history at 360 px");
    await page().setViewportSize({ width: 1280, height: 900 });
    expect(await columns()).toContain("note");
    expect(await onTarget(`SELECT id FROM ${kCopy} WHERE id = 103`)).toEqual([]);

    const parts = page().getByRole("navigation", { name: "Parts of this pipeline" });
    await parts.getByRole("link", { name: "Overview" }).click();
    await page().getByRole("alert").getByText("A column was dropped.").waitFor();
    await parts.getByRole("link", { name: "Settings" }).click();
    await page().getByLabel("A column is dropped").selectOption({ label: "As for all" });
    await page().getByRole("button", { name: "Save" }).click();
    await page()
      .getByText(/^Saved\./)
      .waitFor();
    await page().getByRole("button", { name: "Restart" }).click();
    await parts.getByRole("link", { name: "Schema history" }).click();
    await line("column note dropped").getByText("Followed").waitFor();
    await until("the row behind the change is on the target", async () => {
      const found = await onTarget(`SELECT name FROM ${kCopy} WHERE id = 103`);
      return found[0]?.[0] === "behind the drop";
    });
    expect(await columns()).toEqual(["id", "name", "spare"]);
  });
});

describe("the keyboard", () => {
  it("finds the pipeline, and pauses and resumes it", async () => {
    await settled(page(), "/pipelines");
    await page().getByRole("link", { name: kPipeline }).waitFor();
    await page().keyboard.press("/");
    await page().keyboard.type("p_ch");
    expect(await page().getByLabel("Search pipelines").inputValue()).toBe("p_ch");
    const command = async (words: string) => {
      await page().keyboard.press("Control+k");
      await page().getByRole("combobox", { name: "Page, pipeline or action" }).fill(words);
      await page().getByRole("listbox").getByRole("option", { selected: true }).waitFor();
      await page().keyboard.press("Enter");
    };
    await command(`pause ${kPipeline}`);
    await page()
      .getByText(/^Paused\./)
      .waitFor();
    await command(kPipeline);
    await page().getByRole("heading", { level: 1, name: kPipeline }).waitFor();
    await command(`resume ${kPipeline}`);
    await page().getByText("Resumed.").waitFor();
    await until("it runs again", async () => (await health()) === "running");
  });
});

describe("a row that the target refuses", () => {
  const rows = () => page().getByRole("region", { name: "Quarantined rows" });
  const onCopy = async (id: number) => (await onTarget(`SELECT name FROM ${kCopy} WHERE id = ${id}`)).flat();

  it("is set aside and can be looked at", async () => {
    await onTarget(`ALTER TABLE ${kCopy} ADD CONSTRAINT no_poison CHECK (name NOT LIKE 'poison%')`);
    await onSource("INSERT INTO change_items (id, name) VALUES (201, 'poison a'), (202, 'poison b'), (203, 'good')");
    await until("the good row is carried", async () => (await onCopy(203))[0] === "good");
    await settled(page(), `${kAddress}/quarantine`);
    await page()
      .getByRole("button", { name: `Inspect ${kTable} id=201` })
      .click();
    const row = page().getByRole("dialog");
    await row.getByText("poison a").waitFor();
    await row
      .getByText(/no_poison/)
      .first()
      .waitFor();
    await expectAccessible(page(), "a quarantined row");
    await page().keyboard.press("Escape");
    await row.waitFor({ state: "detached" });
    await expectAccessible(page(), "quarantined rows");
  });

  it("stays while its cause does, and is written once that is mended", async () => {
    await page().getByLabel(`Select ${kTable} id=201`).check();
    await page().getByRole("button", { name: "Retry 1" }).click();
    await page().getByText("0 settled, 1 left.").waitFor();
    expect(await onCopy(201)).toEqual([]);
    await onTarget(`ALTER TABLE ${kCopy} DROP CONSTRAINT no_poison`);
    await page().getByLabel(`Select ${kTable} id=201`).check();
    await page().getByRole("button", { name: "Retry 1" }).click();
    await page().getByText("1 settled, 0 left.").waitFor();
    await rows().getByText("id=201").waitFor({ state: "detached" });
    expect(await onCopy(201)).toEqual(["poison a"]);
  });

  it("is let go by hand, and stays on record", async () => {
    await page().getByLabel(`Select ${kTable} id=202`).check();
    await page().getByRole("button", { name: "Discard 1" }).click();
    await page().getByRole("button", { name: "Discard 1 row" }).click();
    await page().getByText("No row is set aside").waitFor();
    await page().getByLabel("Also those that were discarded").check();
    await rows().getByText("Discarded").waitFor();
    expect(await onCopy(202)).toEqual([]);
  });
});

describe("somebody of another tenant", () => {
  it("sees nothing of it, and its address is not there", async () => {
    const tenant = (await admin.call("POST", "/api/v1/tenants", { name: "next door" })) as { id: string };
    await makeUser(admin, "nina-next-door", "admin", tenant.id);
    const other = await visit();
    await signIn(other.page, "nina-next-door", userPassword);
    await other.page.getByText("No pipeline yet").waitFor();
    for (const part of ["", "/tables", "/schema", "/quarantine", "/settings"]) {
      await settled(other.page, kAddress + part);
      await other.page.getByRole("heading", { level: 1, name: "There is no such pipeline" }).waitFor();
    }
    await expectAccessible(other.page, "a pipeline that is not there");
    for (const path of ["/events", "/monitoring"]) {
      await settled(other.page, path);
      expect(await other.page.getByRole("main").getByText(kPipeline).count(), path).toBe(0);
    }
    await other.page.keyboard.press("Control+k");
    await other.page.getByRole("combobox").fill(kPipeline);
    await other.page.getByText("Nothing has this name.").waitFor();
    expect(other.complaints).toEqual([]);
    await other.close();
  });

  it("and nothing in all this was refused by the page's CSP or broke", () => expect(shown.complaints).toEqual([]));
});
