/** The wizard up to its list of tables, by connections that are saved for it. */
import type { Page } from "playwright-core";
import { type Caller, labEndpoints } from "./api";

/** Saves the lab's two sides under names of their own and chooses them; the answer forgets them again. */
export async function toTables(page: Page, admin: Caller, owner: string): Promise<() => Promise<void>> {
  const names: string[] = [];
  for (const [kind, endpoint] of Object.entries(labEndpoints(owner))) {
    const name = `${owner} ${kind}`;
    await admin.call("POST", "/api/v1/connections", { name, kind, endpoint });
    names.push(name);
    await page.goto(`/pipelines/new?step=${kind}`);
    await page.getByLabel("Connection", { exact: true }).selectOption({ label: name });
    await page.getByRole("button", { name: "Test and continue" }).click();
  }
  await page.getByLabel("Search tables").waitFor();
  return async () => {
    for (const name of names) await admin.call("DELETE", `/api/v1/connections/${encodeURIComponent(name)}`);
  };
}
