/** Ten thousand tables to choose from: the page holds the few that can be seen, and any of them is a search away. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { closeBrowser, expectAccessible, signIn, type Visit, visit } from "./support/browser";
import { onSource } from "./support/sql";

const kDatabase = "page_many";
const kTables = 10_000;
const kAtOnce = 1_000;
const kSlowMs = 600_000;
/** What fits into the list's height, and some beside it on either end. */
const kMostRows = 60;

const lab = inject("lab");
const fact = (name: string) => lab[name] ?? "";
let shown: Visit;
const page = () => shown.page;
const rows = () => page().getByRole("list", { name: "Tables of the source" }).getByRole("listitem");

/** In a database of their own: other tests list what the lab's has. */
async function makeTables() {
  await onSource(`DROP DATABASE IF EXISTS ${kDatabase}`);
  await onSource(`CREATE DATABASE ${kDatabase} OWNER ${fact("PG_USER")}`);
  for (let first = 0; first < kTables; first += kAtOnce) {
    // Each transaction keeps a lock for each table until its end, and the server has room for some thousands.
    await onSource(
      `DO $$ BEGIN
         FOR n IN ${first}..${first + kAtOnce - 1} LOOP
           EXECUTE format('CREATE TABLE t_%s (id int PRIMARY KEY)', lpad(n::text, 5, '0'));
         END LOOP;
       END $$`,
      kDatabase,
    );
  }
  await onSource(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${fact("PG_USER")}`, kDatabase);
}

beforeAll(async () => {
  await makeTables();
  shown = await visit();
  await signIn(page());
}, kSlowMs);

afterAll(async () => {
  await shown?.close();
  await closeBrowser();
  await onSource(`DROP DATABASE IF EXISTS ${kDatabase} WITH (FORCE)`);
}, kSlowMs);

async function fill(side: "PG" | "SQLSERVER", database: string) {
  await page()
    .getByLabel("Host")
    .fill(fact(`${side}_HOST`));
  await page()
    .getByLabel("Port")
    .fill(fact(`${side}_PORT`));
  await page().getByLabel("Database").fill(database);
  await page()
    .getByLabel("User")
    .fill(fact(`${side}_USER`));
  await page()
    .getByLabel("Password")
    .first()
    .fill(fact(`${side}_PASSWORD`));
}

describe("the tables of a large source", () => {
  it(
    "are listed by those that can be seen",
    async () => {
      await page().goto("/pipelines/new");
      await fill("PG", kDatabase);
      await page().getByRole("button", { name: "Test and continue" }).click();
      await page().getByRole("heading", { name: "SQL Server, the target" }).waitFor();
      await fill("SQLSERVER", fact("SQLSERVER_DATABASE"));
      await page().getByText("Encryption", { exact: true }).first().click();
      await page().getByLabel("Accept any certificate").check();
      await page().getByRole("button", { name: "Test and continue" }).click();
      await page()
        .getByText(`of ${kTables.toLocaleString("en-GB")}`)
        .waitFor({ timeout: 60_000 });
      await rows().first().waitFor();
      expect(await rows().count()).toBeLessThan(kMostRows);
      expect(await rows().first().getAttribute("aria-setsize")).toBe(String(kTables));
      await expectAccessible(page(), "ten thousand tables");
    },
    kSlowMs,
  );

  it("are scrolled through to the last one, and no more rows are kept on the way", async () => {
    const list = page().getByRole("list", { name: "Tables of the source" }).locator("..");
    let most = 0;
    for (const part of [0.1, 0.35, 0.6, 0.9, 1]) {
      await list.evaluate((scroller, share) => {
        scroller.scrollTop = (scroller.scrollHeight - scroller.clientHeight) * share;
      }, part);
      const place = Math.max(1, Math.floor(kTables * part) - 20);
      await page().waitForFunction(
        (least) =>
          [...document.querySelectorAll("li[aria-posinset]")].some(
            (row) => Number(row.getAttribute("aria-posinset")) >= least,
          ),
        place,
      );
      most = Math.max(most, await rows().count());
    }
    await page().getByLabel("Replicate public.t_09999", { exact: true }).waitFor();
    expect(most).toBeLessThan(kMostRows);
  });

  it("are found by a part of the name, chosen with the keyboard, and kept when the search is taken back", async () => {
    const search = page().getByLabel("Search tables");
    await search.fill("t_0777");
    await page().getByText("; 10 shown").waitFor();
    await search.fill("t_07771");
    await page().getByText("; 1 shown").waitFor();
    expect(await rows().count()).toBe(1);
    const box = page().getByLabel("Replicate public.t_07771", { exact: true });
    await box.focus();
    await page().keyboard.press("Space");
    await page().getByText("1 table selected").waitFor();
    await search.fill("");
    await rows().nth(5).waitFor();
    await page().getByLabel("Show").selectOption("selected");
    await page().getByText("; 1 shown").waitFor();
    expect(await box.isChecked()).toBe(true);
    await page().getByLabel("Show").selectOption("all");
  });

  it("are all chosen and all left again by one button", async () => {
    await page()
      .getByRole("button", { name: `Select all ${kTables.toLocaleString("en-GB")} shown` })
      .click();
    await page()
      .getByText(`${kTables.toLocaleString("en-GB")} tables selected`)
      .waitFor();
    expect(await rows().count()).toBeLessThan(kMostRows);
    await page().getByRole("button", { name: "Unselect shown" }).click();
    await page().getByText("0 tables selected").waitFor();
    expect(shown.complaints).toEqual([]);
  });
});
