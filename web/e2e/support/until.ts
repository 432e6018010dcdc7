import { expect } from "vitest";

/** Asks until it holds. */
export async function until(what: string, holds: () => Promise<boolean>, timeout = 30_000) {
  await expect.poll(holds, { message: what, timeout, interval: 200 }).toBe(true);
}
