/** The pages of one pipeline, with something to see on each: for screen readers, on a phone, in both themes, under the CSP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, labEndpoints, signedIn } from "./support/api";
import { closeBrowser, expectAccessible, expectNarrow, settled, signIn, type Theme, visit } from "./support/browser";
import { makeTable, onSource, onTarget } from "./support/sql";
import { until } from "./support/until";

const kPipeline = "P_TABS";
const kAddress = `/pipelines/${kPipeline}`;
const kTabs = ["", "/tables", "/schema", "/events", "/quarantine", "/verify", "/configs", "/settings"];

let admin: Caller;
const items = async (of: string) => (await admin.call("GET", `/api/v1${kAddress}/${of}`)).items as unknown[];

beforeAll(async () => {
  await makeTable(
    "tab_items",
    "id integer PRIMARY KEY, name text",
    "SELECT n, 'item ' || n FROM generate_series(1, 20) AS n",
  );
  admin = await signedIn();
  await admin.call("POST", "/api/v1/pipelines", {
    ...labEndpoints("tabs"),
    name: kPipeline,
    tables: ["tab_items"],
    embedded: { poison: "quarantine" },
  });
});

afterAll(async () => {
  await closeBrowser();
  await admin?.call("DELETE", `/api/v1${kAddress}?dropTables=true`);
  await onSource("DROP TABLE IF EXISTS tab_items");
});

it("there is something to see on each of them", async () => {
  const health = async () => (await admin.call("GET", `/api/v1${kAddress}/progress`)).health;
  await until("it runs", async () => (await health()) === "running");
  await onTarget("ALTER TABLE tabs.tab_items ADD CONSTRAINT no_bad_tab CHECK (name <> 'bad')");
  await onSource("ALTER TABLE tab_items ADD COLUMN more integer DEFAULT 1");
  await onSource("INSERT INTO tab_items VALUES (100, 'bad', 2)");
  await until("the row is set aside", async () => (await items("quarantine")).length === 1);
  await onTarget("UPDATE tabs.tab_items SET name = 'by hand' WHERE id = 3");
  const { id } = await admin.call("POST", `/api/v1${kAddress}/verify`, {});
  await until("it is compared", async () => (await admin.call("GET", `/api/v1/operations/${id}`)).state !== "running");
});

describe.each<Theme>(["light", "dark"])("in %s", (theme) => {
  it("each has no fault that axe finds, fits 360 pixels, and breaks no rule of the CSP", async () => {
    const { page, complaints, close } = await visit({ theme });
    await signIn(page);
    for (const tab of kTabs) {
      const path = kAddress + tab;
      await page.setViewportSize({ width: 1280, height: 900 });
      await settled(page, path);
      await expectAccessible(page, path);
      await page.setViewportSize({ width: 360, height: 740 });
      await expectNarrow(page, `${path} at 360 px`);
      await expectAccessible(page, `${path} at 360 px`);
    }
    expect(complaints).toEqual([]);
    await close();
  }, 120_000);
});
