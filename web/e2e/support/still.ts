/** Whether a page stands still while it fills, as the browser itself measures it. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Of Chromium's measure; from 0.1 on a page counts as restless. What stands below waits for what stands above: 0. */
const kMost = 0.005;

interface Watched {
  millraceShift: number;
}

/** From the next page on. */
export async function watchShift(page: Page) {
  await page.addInitScript(() => {
    const seen = window as unknown as Watched;
    seen.millraceShift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) seen.millraceShift += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

export async function expectStill(page: Page, where: string) {
  const shift = await page.evaluate(() => (window as unknown as Watched).millraceShift);
  expect(shift, `how far ${where} shifts`).toBeLessThanOrEqual(kMost);
}
