import { expect } from "vitest";

/** Asks until it holds. */
export async function until(what: string, holds: () => Promise<boolean>) {
  await expect.poll(holds, { message: what, timeout: 30_000, interval: 200 }).toBe(true);
}
