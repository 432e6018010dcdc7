/** What each role finds on every page: all that it may do, nothing that it may not, and no request that is refused. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, labEndpoints, makeUser, signedIn, userPassword } from "./support/api";
import { closeBrowser, settled, signIn, visit } from "./support/browser";
import { adminPassword } from "./support/server";
import { makeTable, onSource, onTarget } from "./support/sql";
import { until } from "./support/until";

const kPipeline = "P_ROLES";
const kAddress = `/pipelines/${kPipeline}`;

let admin: Caller;
let connection: string;
const health = async () => (await admin.call("GET", `/api/v1${kAddress}/progress`)).health;

beforeAll(async () => {
  await makeTable(
    "role_items",
    "id integer PRIMARY KEY, name text",
    "SELECT n, 'item ' || n FROM generate_series(1, 20) AS n",
  );
  admin = await signedIn();
  const sides = labEndpoints("roles");
  await admin.call("POST", "/api/v1/pipelines", {
    ...sides,
    name: kPipeline,
    tables: ["role_items"],
    embedded: { poison: "quarantine" },
  });
  connection = String(
    (await admin.call("POST", "/api/v1/connections", { name: "roles source", kind: "source", endpoint: sides.source }))
      .id,
  );
  await makeUser(admin, "vic-viewer", "viewer");
  await makeUser(admin, "oda-operator", "operator");
});

afterAll(async () => {
  await closeBrowser();
  await admin?.call("DELETE", `/api/v1${kAddress}?dropTables=true`);
  await admin?.call("DELETE", `/api/v1/connections/${connection}`);
  await onSource("DROP TABLE IF EXISTS role_items");
});

/** Of every page: what a viewer may do there, what an operator may besides, and what only an administrator may. */
const kDoings: Record<string, [viewer: string[], operator: string[], admin: string[]]> = {
  "/pipelines": [[], [], ["Create pipeline"]],
  [kAddress]: [[], ["Restart", "Pause"], []],
  [`${kAddress}/tables`]: [[], ["Restart", "Pause", "Actions for public.role_items"], ["Add tables"]],
  [`${kAddress}/schema`]: [[], ["Restart", "Pause"], []],
  [`${kAddress}/events`]: [[], ["Restart", "Pause"], []],
  [`${kAddress}/quarantine`]: [["Inspect public.role_items"], ["Restart", "Pause", "Retry 0"], ["Discard 0"]],
  [`${kAddress}/verify`]: [[], ["Restart", "Pause", "Verify"], []],
  [`${kAddress}/configs`]: [[], ["Restart", "Pause"], []],
  [`${kAddress}/settings`]: [[], ["Restart", "Pause"], ["Save", "Discard changes", "Delete the pipeline…"]],
  "/connections": [[], ["Test"], ["Save a connection", "Change", "Delete"]],
  "/monitoring": [[], [], []],
  "/events": [[], [], []],
  "/alerts": [[], [], ["Create channel", "Change"]],
  "/api-keys": [["Create API key"], [], []],
  "/orphans": [[], ["Look again"], []],
  "/account": [["Change the password"], [], []],
};

/** Pages that only administrators have; an administrator finds at least this there. */
const kAdminPages: Record<string, string[]> = {
  "/people": ["Create user", "Delete"],
  "/tenants": ["Create tenant", "Rename default"],
  "/audit": ["Check the log", "Filter"],
};

/** What works for everybody, stands there once there is much of it, or is another test's matter. */
const kBeside = /^(Copy|Toggle password|End the session|Show older)/;

/** The buttons, and the links that lead to a form, of each page; and the requests that were refused. */
async function found(user: string, password: string) {
  const { page, complaints, close } = await visit();
  const refused: string[] = [];
  page.on("response", (response) => {
    if (response.status() === 403) refused.push(`${response.request().method()} ${response.url()}`);
  });
  await signIn(page, user, password);
  const doings: Record<string, string[]> = {};
  for (const path of [...Object.keys(kDoings), ...Object.keys(kAdminPages)]) {
    await settled(page, path);
    const main = page.getByRole("main");
    const names = [
      ...(await main
        .getByRole("button")
        .evaluateAll((all) => all.map((one) => one.ariaLabel ?? one.textContent ?? ""))),
      ...(await main.getByRole("link", { name: /create/i }).allTextContents()),
    ];
    // Of what stands there the kind counts: other tests have made things too. A row's key is data, which not every role
    // is shown.
    const kinds = names.map((name) => name.replace(/: .*/, "").replace(/ (id=100)?$/, ""));
    doings[path] = [...new Set(kinds.filter((name) => !kBeside.test(name)))].sort();
  }
  await close();
  expect(refused, `asked for as ${user}, who may not`).toEqual([]);
  expect(complaints).toEqual([]);
  return doings;
}

describe("on every page", () => {
  it("there is something to find", async () => {
    await until("it runs", async () => (await health()) === "running");
    await onTarget("ALTER TABLE roles.role_items ADD CONSTRAINT no_bad CHECK (name <> 'bad')");
    await onSource("INSERT INTO role_items VALUES (100, 'bad')");
    const rows = async () => (await admin.call("GET", `/api/v1${kAddress}/quarantine`)).items as unknown[];
    await until("the row is set aside", async () => (await rows()).length === 1);
  });

  it.each([
    ["vic-viewer", userPassword, 1],
    ["oda-operator", userPassword, 2],
    ["admin", adminPassword, 3],
  ] as const)(
    "%s finds what the role may do, and nothing else",
    { timeout: 120_000 },
    async (user, password, parts) => {
      const doings = await found(user, password);
      for (const [path, byRole] of Object.entries(kDoings)) {
        const wanted = byRole.slice(0, parts).flat().sort();
        // What others have made gives an administrator more to do.
        expect(doings[path], `${path} as ${user}`).toEqual(parts === 3 ? expect.arrayContaining(wanted) : wanted);
      }
      for (const [path, wanted] of Object.entries(kAdminPages)) {
        if (parts === 3) expect(doings[path], path).toEqual(expect.arrayContaining(wanted));
        else expect(doings[path], `${path} as ${user}`).toEqual([]);
      }
    },
  );
});
