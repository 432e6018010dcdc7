/** Signing in by an identity provider: through its page and back, as the person whom it names. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { signedIn } from "./support/api";
import { closeBrowser, expectAccessible, type Visit, visit } from "./support/browser";
import { client, freePort, type Provider, startProvider } from "./support/provider";
import { adminPassword, type Server, startServer } from "./support/server";

const kProviderName = "The company's";
const kAnn = { sub: "4711", email: "ann@example.org", email_verified: true };

let provider: Provider | undefined;
let server: Server | undefined;
let shown: Visit;

beforeAll(async () => {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  provider = await startProvider(`${base}/api/v1/auth/oidc/callback`);
  server = await startServer({
    port,
    settings: {
      MILLRACE_OIDC_ISSUER: provider.url,
      MILLRACE_OIDC_CLIENT_ID: client.id,
      MILLRACE_OIDC_CLIENT_SECRET: client.secret,
      MILLRACE_OIDC_REDIRECT_BASE: base,
    },
    words: ["--oidc-name", kProviderName],
  });
  const admin = await signedIn("admin", undefined, server.url);
  await admin.call("POST", "/api/v1/users", {
    name: "ann",
    email: kAnn.email,
    memberships: [{ tenant: "default", role: "operator" }],
  });
});

beforeEach(async () => {
  await provider?.expect(kAnn);
  shown = await visit({ url: server?.url });
});

afterEach(async () => {
  expect(shown.complaints).toEqual([]);
  await shown.close();
});

afterAll(async () => {
  await closeBrowser();
  await provider?.stop();
  await server?.stop();
});

async function toTheProvider() {
  await shown.page.goto("/events?severity=error");
  await shown.page.getByRole("link", { name: `Sign in with ${kProviderName}` }).click();
  await shown.page.getByRole("heading", { name: "Sign in at the company's" }).waitFor();
}

it("leads through the provider's page to the one that was asked for", async () => {
  const { page } = shown;
  await toTheProvider();
  await page.getByRole("link", { name: `Continue as ${kAnn.email}` }).click();
  await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
  expect(new URL(page.url()).search).toBe("?severity=error");
  await page.getByRole("button", { name: "Account and appearance of ann" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("link", { name: `Sign in with ${kProviderName}` }).waitFor();
});

it("says that the provider refused, and lets one try again", async () => {
  const { page } = shown;
  await toTheProvider();
  await page.getByRole("link", { name: "Refuse" }).click();
  await page.getByRole("alert").getByText("The identity provider did not sign the user in.").waitFor();
  await expectAccessible(page, "a sign-in that the provider refused");
  await page.reload();
  await page.getByRole("alert").getByText("The identity provider did not sign the user in.").waitFor();
  expect(new URL(page.url()).search).toBe("?severity=error");
  await page.getByRole("link", { name: `Sign in with ${kProviderName}` }).click();
  await page.getByRole("link", { name: `Continue as ${kAnn.email}` }).click();
  await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
  expect(new URL(page.url()).search).toBe("?severity=error");
});

it("opens the page that was asked for also when a password follows the refusal", async () => {
  const { page } = shown;
  await toTheProvider();
  await page.getByRole("link", { name: "Refuse" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("User name").fill("admin");
  await page.getByLabel("Password", { exact: true }).fill(adminPassword);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Events" }).waitFor();
  expect(new URL(page.url()).search).toBe("?severity=error");
});

it("says that nobody here is the person whom the provider knows", async () => {
  const { page } = shown;
  await provider?.expect({ sub: "0815", email: "stranger@example.org", email_verified: true });
  await toTheProvider();
  await page.getByRole("link", { name: "Continue as stranger@example.org" }).click();
  await page.getByRole("alert").getByText("No user of Millrace belongs to this identity.").waitFor();
  expect(await page.getByRole("navigation", { name: "Main" }).count()).toBe(0);
});
