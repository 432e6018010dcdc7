// Prints when pages are interactive and how far their layout shifts, with an empty cache each time. The server must run.
// usage: MILLRACE_SERVER=http://127.0.0.1:8080 MILLRACE_PASSWORD=.. node scripts/page_speed.mjs [times]
import { firstPipeline, launch, server, settle, signIn } from "./browser.mjs";

const times = Number(process.argv[2] ?? 5);
/** Quiet for so long, the main thread has done what it had to do for the page. */
const quietMs = 500;

/** Runs in the page before all else. */
function observe() {
  window.millraceSpeed = { longTaskEnd: 0, shift: 0, painted: 0 };
  const speed = window.millraceSpeed;
  const watch = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch("longtask", (entry) => {
    speed.longTaskEnd = Math.max(speed.longTaskEnd, entry.startTime + entry.duration);
  });
  watch("layout-shift", (entry) => {
    if (!entry.hadRecentInput) speed.shift += entry.value;
  });
  watch("paint", (entry) => {
    if (entry.name === "first-contentful-paint") speed.painted = entry.startTime;
  });
}

/** From the navigation on: first paint, and the moment from which on the settled page answers at once. */
async function look(page, address) {
  await page.goto(address);
  await settle(page);
  const settled = await page.evaluate(() => performance.now());
  await page.waitForTimeout(quietMs);
  const { longTaskEnd, shift, painted } = await page.evaluate(() => window.millraceSpeed);
  return { painted, interactive: Math.max(settled, longTaskEnd), shift };
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];

const browser = await launch();
try {
  const found = new Map();
  for (let round = 0; round < times; ++round) {
    const context = await browser.newContext({ baseURL: server, viewport: { width: 1280, height: 800 } });
    await context.addInitScript(observe);
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    const note = async (name, address) => {
      const taken = await look(page, address);
      found.set(name, [...(found.get(name) ?? []), taken]);
    };
    await note("sign-in", "/");
    await signIn(page);
    const pipeline = await firstPipeline(page);
    await note("pipelines", "/pipelines");
    if (pipeline) await note("pipeline", pipeline);
    await note("create", "/pipelines/new");
    await note("monitoring", "/monitoring");
    await context.close();
  }
  console.log(`${"page".padEnd(12)} ${"painted".padStart(9)} ${"interactive".padStart(12)} ${"shift".padStart(8)}`);
  for (const [name, rounds] of found) {
    const of = (member) => median(rounds.map((round) => round[member]));
    const worst = Math.max(...rounds.map(({ shift }) => shift));
    const ms = (number) => `${Math.round(number)} ms`;
    console.log(
      `${name.padEnd(12)} ${ms(of("painted")).padStart(9)} ${ms(of("interactive")).padStart(12)} ${worst.toFixed(3).padStart(8)}`,
    );
  }
  console.log(`Median of ${times} (shift: the largest), nothing cached.`);
} finally {
  await browser.close();
}
