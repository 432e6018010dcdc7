// Prints when pages are interactive and how far their layout shifts, with an empty cache each time, and the frames while
// the wizard's list of tables is scrolled. The server must run; `./dev page speed` brings one up that has all of it.
// usage: MILLRACE_SERVER=http://127.0.0.1:8080 MILLRACE_PASSWORD=.. node scripts/page_speed.mjs [times]
//   MILLRACE_MANY=SOURCE/TARGET: saved connections, the first with so many tables that scrolling is worth measuring
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

/** Scrolls the list of a large source's tables from end to end; the milliseconds between frames, and how many tables. */
async function scroll(page, [source, target]) {
  const choose = async (step, name) => {
    await page.goto(`/pipelines/new?step=${step}`);
    await settle(page);
    await page.getByLabel("Connection", { exact: true }).selectOption({ label: name });
    await page.getByRole("button", { name: "Test and continue" }).click();
  };
  await choose("source", source);
  await page.getByRole("heading", { name: "SQL Server, the target" }).waitFor();
  await choose("target", target);
  const list = page.getByRole("list", { name: "Tables of the source" });
  await list.getByRole("listitem").first().waitFor({ timeout: 60_000 });
  return list.evaluate(
    (element) =>
      new Promise((resolve) => {
        const scroller = element.parentElement;
        const frames = [];
        // As fast as somebody drags who looks for something: all of it in ten seconds at sixty frames a second.
        const step = (scroller.scrollHeight - scroller.clientHeight) / 600;
        const tables = Number(element.querySelector("li").getAttribute("aria-setsize"));
        let last = performance.now();
        const next = (now) => {
          frames.push(now - last);
          last = now;
          const before = scroller.scrollTop;
          scroller.scrollTop += step;
          if (scroller.scrollTop > before) requestAnimationFrame(next);
          else resolve({ tables, frames });
        };
        requestAnimationFrame(next);
      }),
  );
}

function tellFrames({ tables, frames }) {
  const sorted = frames.toSorted((left, right) => left - right);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  const long = frames.filter((ms) => ms > 1000 / 30).length;
  console.log(
    `${tables} tables scrolled through in ${frames.length} frames: ${at(0.5)} ms the median, ${at(0.99)} ms the 99th ` +
      `percentile, ${at(1)} ms the longest; ${long} longer than 1/30 s.`,
  );
}

const median = (numbers) => numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)];

const many = process.env.MILLRACE_MANY?.split("/");
const browser = await launch();
try {
  let scrolled;
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
    if (many && round === times - 1) scrolled = await scroll(page, many);
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
  if (scrolled) tellFrames(scrolled);
} finally {
  await browser.close();
}
