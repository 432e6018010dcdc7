/** Numbers and moments as people read them. Counts and bytes come as strings from the API: they may pass 2^53. */

const kUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** "1536" -> "1.5 KiB". Null or an empty text: an en dash. */
export function bytes(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === "") return "–";
  let size = Number(value);
  if (!Number.isFinite(size)) return "–";
  let unit = 0;
  while (Math.abs(size) >= 1024 && unit + 1 < kUnits.length) {
    size /= 1024;
    ++unit;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toFixed(digits).replace(/\.0$/, "")} ${kUnits[unit]}`;
}

/** A whole number with separators, exact beyond 2^53. */
export function count(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return /^-?\d+$/.test(value) ? BigInt(value).toLocaleString() : value;
  return Number.isFinite(value) ? Math.round(value).toLocaleString() : "–";
}

/** "1,234 rows", "1 row". */
export function counted(value: string | number, one: string, many = `${one}s`): string {
  return `${count(value)} ${String(value) === "1" ? one : many}`;
}

/** A rate: exact below ten, then whole, with k and M above ten thousand. */
export function rate(value: number | null | undefined, unit = "rows/s"): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${compact(value)} ${unit}`;
}

function compact(value: number): string {
  if (value >= 9_950_000) return `${(value / 1e6).toFixed(0)} M`;
  if (value >= 995_000) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 9_950) return `${(value / 1e3).toFixed(value >= 99_500 ? 0 : 1)} k`;
  if (value >= 10 || value === 0) return Math.round(value).toLocaleString();
  return value.toFixed(1).replace(/\.0$/, "");
}

/** Seconds in the two largest units: "850 ms", "4.2 s", "3 min 5 s", "2 d 4 h". */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const value = Math.max(0, seconds);
  if (value === 0) return "0 s";
  if (value < 1) return `${Math.max(1, Math.round(value * 1000))} ms`;
  if (value < 10) return `${value.toFixed(1).replace(/\.0$/, "")} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86_400) return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return pair(Math.floor(whole / 86_400), "d", Math.floor((whole % 86_400) / 3600), "h");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** Milliseconds as `duration`. */
export function milliseconds(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : duration(value / 1000);
}

/** How long ago, coarse: "just now", "5 min ago", "in 20 s". */
export function ago(moment: string, now: number = Date.now()): string {
  const passed = (now - Date.parse(moment)) / 1000;
  if (!Number.isFinite(passed)) return "–";
  if (Math.abs(passed) < 5) return "just now";
  const words = coarse(Math.abs(passed));
  return passed > 0 ? `${words} ago` : `in ${words}`;
}

function coarse(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** In the viewer's zone, to the second. */
export function localTime(moment: string): string {
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? "–" : at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
}

/** In UTC, for the hint that a moment carries. */
export function utcTime(moment: string): string {
  const at = new Date(moment);
  return Number.isNaN(at.getTime()) ? "" : `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** A WAL position "16/B374D848" as a number; null when it is none. */
export function lsnValue(text: string): bigint | null {
  const found = /^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/.exec(text);
  return found ? (BigInt(`0x${found[1]}`) << 32n) | BigInt(`0x${found[2]}`) : null;
}

/** Bytes of WAL between two positions; null when one is no position. */
export function lsnDistance(from: string, to: string): bigint | null {
  const [begin, end] = [lsnValue(from), lsnValue(to)];
  return begin === null || end === null ? null : end - begin;
}

/** A share as whole percent, never 100 before it is complete. */
export function percent(done: number, all: number): number {
  if (!(all > 0)) return 0;
  const value = Math.round((done / all) * 100);
  return done < all ? Math.min(99, value) : 100;
}
