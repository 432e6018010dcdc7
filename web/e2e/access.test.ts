/** Who gets in, and what each may see and do. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeUser, signedIn, userPassword } from "./support/api";
import { closeBrowser, expectAccessible, expectNarrow, settled, signIn, type Visit, visit } from "./support/browser";

let open: Visit | undefined;

beforeAll(async () => {
  const admin = await signedIn();
  await makeUser(admin, "vera-viewer", "viewer");
  await makeUser(admin, "olga-operator", "operator");
  const tenant = (await admin.call("POST", "/api/v1/tenants", { name: "elsewhere" })) as { id: string };
  await makeUser(admin, "eva-elsewhere", "admin", tenant.id);
});

afterAll(closeBrowser);

async function fresh(): Promise<Visit> {
  await open?.close();
  open = await visit();
  return open;
}

describe("signing in", () => {
  it("refuses a wrong password in words, keeps the name, and takes the right one", async () => {
    const { page, complaints } = await fresh();
    await page.goto("/monitoring");
    await page.getByLabel("User name").fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("Name or password is not right.").waitFor();
    expect(await page.getByLabel("User name").inputValue()).toBe("admin");
    expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");

    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Sign in" }).click();
    // The page that was asked for, not the first one.
    await page.getByRole("heading", { level: 1, name: "Monitoring" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Monitoring" }).waitFor();

    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href]));
    expect(kept).not.toContain("correct horse");

    await page.getByRole("button", { name: /^Account and appearance/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Millrace" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("leaves nothing that was typed to who signs in next", async () => {
    const { page, complaints } = await fresh();
    await signIn(page);
    await page.goto("/pipelines/new");
    await page.getByLabel("Host").fill("typed.example");
    await page.reload();
    await page.getByRole("heading", { name: "PostgreSQL, the source" }).waitFor();
    expect(await page.getByLabel("Host").inputValue(), "a reload keeps it").toBe("typed.example");
    await page.getByRole("button", { name: /^Account and appearance/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Millrace" }).waitFor();
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("typed.example");
    await signIn(page);
    await page.goto("/pipelines/new");
    await page.getByRole("heading", { name: "PostgreSQL, the source" }).waitFor();
    expect(await page.getByLabel("Host").inputValue()).toBe("");
    expect(complaints).toEqual([]);
  });

  it("says what an identity provider sent one back with, and offers none that is not there", async () => {
    const { page, complaints } = await fresh();
    await page.goto("/?signInError=oidc.unknown_user&requestId=r-17");
    await page.getByRole("alert").getByText("No user of Millrace belongs to this identity.").waitFor();
    await expectAccessible(page, "a refused sign-in by a provider");
    expect(await page.getByText(/^Sign in with/).count()).toBe(0);
    await page.getByLabel("User name").fill("admin");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Pipelines" }).waitFor();
    expect(new URL(page.url()).search).toBe("");
    expect(complaints).toEqual([]);
  });

  it("changes one's password, after the present one was right", async () => {
    const { page } = await fresh();
    await signIn(page, "olga-operator", userPassword);
    await settled(page, "/account");
    const change = async (current: string, wanted: string) => {
      await page.getByLabel("Current password").fill(current);
      await page.getByLabel("New password", { exact: true }).fill(wanted);
      await page.getByLabel("New password again").fill(wanted);
      await page.getByRole("button", { name: "Change the password" }).click();
    };
    await change("something else", "another long password");
    await page.getByRole("alert").getByText("Name or password is not right.").waitFor();
    await change(userPassword, "another long password");
    await page.getByText("Password changed.").waitFor();
    await signedIn("olga-operator", "another long password");
  });
});

describe("roles", () => {
  it("shows a viewer nothing that a viewer may not do", async () => {
    const { page, complaints } = await fresh();
    await signIn(page, "vera-viewer", userPassword);
    await page.getByRole("heading", { level: 1, name: "Pipelines" }).waitFor();
    await page.getByText("An administrator of this tenant can create one.").waitFor();
    expect(await page.getByRole("link", { name: /create/i }).count()).toBe(0);

    const pages = await page.getByRole("navigation", { name: "Main" }).getByRole("link").allTextContents();
    expect(pages.map((title) => title.trim())).toEqual([
      "Pipelines",
      "Connections",
      "Monitoring",
      "Events",
      "Alerts",
      "API keys",
    ]);

    for (const path of ["/people", "/tenants", "/audit", "/orphans"]) {
      await settled(page, path);
      await page.getByRole("heading", { name: "Your role does not show this page" }).waitFor();
    }
    expect(complaints).toEqual([]);
  });

  it("tells a new API key once, and revokes it", async () => {
    const { page } = await fresh();
    await signIn(page, "vera-viewer", userPassword);
    await settled(page, "/api-keys");
    await page.getByRole("button", { name: "Create API key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("nightly report");
    // A viewer's key can be no more than a viewer.
    expect(await dialog.getByLabel("Role").locator("option").allTextContents()).toEqual(["viewer"]);
    await dialog.getByRole("button", { name: "Create the key" }).click();
    const key = await page.getByRole("group", { name: "the API key" }).textContent();
    expect(key).toMatch(/^millrace_/);
    await page.getByRole("button", { name: "I have kept it" }).click();

    const who = await fetch(new URL("/api/v1/auth/me", page.url()), { headers: { Authorization: `Bearer ${key}` } });
    expect(who.status).toBe(200);
    expect(await page.content()).not.toContain(key);
    await page.reload();
    await page.getByRole("button", { name: "Revoke nightly report" }).click();
    await page.getByRole("button", { name: "Revoke the key" }).click();
    await page.getByRole("table").getByText("Revoked").waitFor();
    const after = await fetch(new URL("/api/v1/auth/me", page.url()), { headers: { Authorization: `Bearer ${key}` } });
    expect(after.status).toBe(401);
  });
});

describe("people and tenants", () => {
  it("makes a user, who can sign in, and takes the role away again", async () => {
    const { page, complaints } = await fresh();
    await signIn(page);
    await settled(page, "/people");
    await page.getByRole("button", { name: "Create user" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("User name").fill("nora-new");
    await dialog.getByLabel("First password").fill("short");
    await dialog.getByRole("button", { name: "Create the user" }).click();
    await dialog.getByRole("alert").waitFor();
    // What was typed outlasts a reload, but for the password.
    await page.reload();
    await dialog.waitFor();
    expect(await dialog.getByLabel("User name").inputValue()).toBe("nora-new");
    expect(await dialog.getByLabel("First password").inputValue()).toBe("");
    await dialog.getByLabel("First password").fill(userPassword);
    await dialog.getByRole("button", { name: "Create the user" }).click();
    await dialog.waitFor({ state: "detached" });
    await signedIn("nora-new", userPassword);
    await page.getByRole("button", { name: "Change: nora-new" }).click();
    await dialog.getByLabel("E-mail (optional)").fill("nora@example.org");
    await page.reload();
    await dialog.waitFor();
    expect(await dialog.getByLabel("E-mail (optional)").inputValue()).toBe("nora@example.org");
    // Given up, it is gone.
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Change: nora-new" }).click();
    expect(await dialog.getByLabel("E-mail (optional)").inputValue()).toBe("");
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });

    await page.getByLabel("Role of nora-new").selectOption("operator");
    await page.getByText("nora-new is now operator.").waitFor();
    await page.getByRole("button", { name: "Remove nora-new" }).click();
    await page.getByRole("button", { name: "Remove the member" }).click();
    await page.getByText("nora-new is no longer a member.").waitFor();

    await page.getByRole("button", { name: "Delete: nora-new" }).click();
    const really = page.getByRole("dialog");
    expect(await really.getByRole("button", { name: "Delete the user" }).isDisabled()).toBe(true);
    await really.getByLabel("Type nora-new to confirm").fill("nora-new");
    await really.getByRole("button", { name: "Delete the user" }).click();
    await page.getByText("nora-new is deleted.").waitFor();
    expect(complaints).toEqual([]);
  });

  it("works in another tenant after the switch, and writes all of it down", async () => {
    const { page } = await fresh();
    await signIn(page);
    await page.getByRole("link", { name: "People" }).click();
    await page.getByRole("heading", { name: "Members of default" }).waitFor();
    await page.getByLabel("Tenant").selectOption({ label: "elsewhere" });
    await page.getByRole("heading", { name: "Members of elsewhere" }).waitFor();
    const members = page.getByRole("table", { name: "Members" });
    await members.getByText("eva-elsewhere").waitFor();
    expect(await members.getByText("vera-viewer").count()).toBe(0);

    await page.setViewportSize({ width: 360, height: 740 });
    await expectNarrow(page, "the choice of a tenant at 360 px");
    await expectAccessible(page, "the choice of a tenant at 360 px");
    const { width } = (await page.getByLabel("Tenant").boundingBox()) ?? { width: 0 };
    expect(width, "a name of a tenant can be read").toBeGreaterThan(200);

    await settled(page, "/audit?all=1");
    await page.getByRole("table", { name: "Audit log" }).getByText("user.create").first().waitFor();
    await page.getByRole("button", { name: "Check the log" }).click();
    await page.getByText("Whole", { exact: true }).waitFor();
  });
});
