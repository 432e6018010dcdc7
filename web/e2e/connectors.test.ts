/** A pipeline that Kafka Connect carries: a task that fails is shown with its cause, and restarted from the page. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Caller, labEndpoints, makeUser, signedIn, userPassword } from "./support/api";
import { closeBrowser, expectAccessible, signIn, type Visit, visit } from "./support/browser";
import { makeTable, onSource, onTarget } from "./support/sql";
import { until } from "./support/until";
import { toTables } from "./support/wizard";

const kPipeline = "PAGE_CONNECTORS";
const kSink = `${kPipeline}-sink`;
const kSchema = "page_connectors";
const kSlowMs = 240_000;
const kLongMs = 90_000;

const lab = inject("lab");
/** A lab of one's own has none: CI's has. */
const there = Boolean(lab.CONNECT_URL);

let admin: Caller;
let shown: Visit | undefined;

async function copied(id: number) {
  return (await onTarget(`SELECT 1 FROM [${kSchema}].[page_carried] WHERE id = ${id}`)).length === 1;
}

describe.skipIf(!there)("connectors", () => {
  beforeAll(async () => {
    await makeTable("page_carried", "id integer PRIMARY KEY, note text", "VALUES (1, 'there before')");
    admin = await signedIn();
    await makeUser(admin, "connie-viewer", "viewer");
    await admin.call("POST", "/api/v1/pipelines", {
      name: kPipeline,
      engine: "kafka-connect",
      tables: ["page_carried"],
      ...labEndpoints(kSchema),
      kafkaConnect: { url: lab.CONNECT_URL, kafkaBootstrap: lab.KAFKA_BOOTSTRAP },
    });
  }, kSlowMs);

  afterAll(async () => {
    await shown?.close();
    await closeBrowser();
    await admin.call("DELETE", `/api/v1/pipelines/${kPipeline}?dropTables=true&dropTopics=true&force=true`);
    await onSource("DROP TABLE IF EXISTS page_carried");
  }, kSlowMs);

  it(
    "show a failed task with its cause, and run again after a restart by the page",
    async () => {
      await until("the row from before is copied", () => copied(1), kLongMs);
      shown = await visit();
      const { page, complaints } = shown;
      await signIn(page);
      await page.goto(`/pipelines/${kPipeline}`);
      const section = page.getByRole("region", { name: "Connectors" });
      await section.getByRole("heading", { name: kSink }).waitFor();
      const task = section.getByRole("listitem").filter({ hasText: "Task 0" });
      await task.getByText("RUNNING").nth(1).waitFor();

      await onTarget(`ALTER TABLE [${kSchema}].[page_carried] DROP COLUMN note`);
      await onSource("INSERT INTO page_carried VALUES (2, 'has no place')");
      await section.getByText("schema evolution is disabled").first().waitFor({ timeout: kLongMs });
      await expectAccessible(page, "a failed task");

      await onTarget(`ALTER TABLE [${kSchema}].[page_carried] ADD note nvarchar(max)`);
      await section.getByRole("button", { name: `Restart ${kSink}` }).click();
      await page.getByText(`${kSink} restarts.`).waitFor();
      await until("the row that had no place is copied", () => copied(2), kLongMs);
      await section.getByText("FAILED").waitFor({ state: "detached", timeout: kLongMs });
      await task.getByText("RUNNING").nth(1).waitFor({ timeout: kLongMs });
      expect(complaints).toEqual([]);
    },
    kSlowMs,
  );

  it("are shown by the review before they are made, without a password", async () => {
    const page = shown?.page;
    if (!page) throw new Error("nobody is signed in");
    const forget = await toTables(page, admin, kSchema);
    await page.getByLabel("Search tables").fill("page_carried");
    await page.getByRole("button", { name: "Select all 1 shown" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText("Name, engine and policies").click();
    await page.getByLabel("Name", { exact: true }).fill("P_REVIEWED");
    await page.getByLabel("Engine").selectOption("kafka-connect");
    await page.getByLabel("Kafka Connect's address").fill(String(lab.CONNECT_URL));
    await page.getByLabel("Kafka's bootstrap servers").fill(String(lab.KAFKA_BOOTSTRAP));
    await page.getByRole("heading", { level: 2, name: "P_REVIEWED" }).waitFor();
    const connectors = page.getByText(/^Connector /);
    await until("both are planned", async () => (await connectors.count()) === 2);
    for (const connector of await connectors.all()) await connector.click();
    await page.getByText("io.debezium.connector.postgresql.PostgresConnector").waitFor();
    await page.getByText("io.debezium.connector.jdbc.JdbcSinkConnector").waitFor();
    const told = await page.getByRole("main").textContent();
    for (const { password } of Object.values(labEndpoints(kSchema))) expect(told).not.toContain(password);
    await forget();
  });

  it("offer a viewer no restart", async () => {
    await shown?.close();
    shown = await visit();
    const { page } = shown;
    await signIn(page, "connie-viewer", userPassword);
    await page.goto(`/pipelines/${kPipeline}`);
    await page.getByRole("region", { name: "Connectors" }).getByRole("heading", { name: kSink }).waitFor();
    expect(await page.getByRole("button", { name: /^Restart/ }).count()).toBe(0);
  });
});
