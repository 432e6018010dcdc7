import { describe, expect, it } from "vitest";
import { ago, bytes, count, counted, duration, lsnDistance, lsnValue, percent, rate, utcTime } from "./format";

describe("bytes", () => {
  it.each([
    ["0", "0 B"],
    ["1023", "1023 B"],
    ["1024", "1 KiB"],
    ["1536", "1.5 KiB"],
    [String(250 * 1024 ** 2), "250 MiB"],
    ["9223372036854775807", "8 EiB"],
    [null, "–"],
    ["", "–"],
    ["what", "–"],
  ])("%s is %s", (value, words) => expect(bytes(value)).toBe(words));
});

describe("count", () => {
  it("keeps every digit beyond 2^53", () =>
    expect(count("9007199254740993").replace(/\D/g, "")).toBe("9007199254740993"));
  it("names one and many", () => {
    expect(counted("1", "row")).toBe("1 row");
    expect(counted("2", "row")).toBe("2 rows");
  });
});

describe("rate", () => {
  it.each([
    [0, "0 rows/s"],
    [0.25, "0.3 rows/s"],
    [42.4, "42 rows/s"],
    [12_345, "12.3 k rows/s"],
    [250_000, "250 k rows/s"],
    [1_500_000, "1.5 M rows/s"],
    [null, "–"],
  ])("%s is %s", (value, words) => expect(rate(value)).toBe(words));
});

describe("duration", () => {
  it.each([
    [0, "0 s"],
    [0.0001, "1 ms"],
    [0.85, "850 ms"],
    [4.2, "4.2 s"],
    [59.6, "1 min"],
    [185, "3 min 5 s"],
    [7200, "2 h"],
    [187_200, "2 d 4 h"],
    [-1, "0 s"],
    [null, "–"],
    [Number.NaN, "–"],
  ])("%s s is %s", (value, words) => expect(duration(value)).toBe(words));
});

describe("moments", () => {
  const now = Date.parse("2026-01-02T03:04:05Z");
  it.each([
    ["2026-01-02T03:04:04Z", "just now"],
    ["2026-01-02T03:03:35Z", "30 s ago"],
    ["2026-01-01T03:04:05Z", "1 d ago"],
    ["2026-01-02T03:04:35Z", "in 30 s"],
    ["nonsense", "–"],
  ])("%s is %s", (moment, words) => expect(ago(moment, now)).toBe(words));
  it("tells UTC", () => expect(utcTime("2026-01-02T03:04:05.678+02:00")).toBe("2026-01-02 01:04:05 UTC"));
});

describe("LSN", () => {
  it("orders over the halves", () => expect(lsnValue("1/0")).toBe(4294967296n));
  it("measures", () => expect(lsnDistance("0/FFFFFFFF", "1/1")).toBe(2n));
  it("refuses what is none", () => {
    expect(lsnValue("16-B3")).toBeNull();
    expect(lsnDistance("", "0/1")).toBeNull();
  });
});

describe("percent", () => {
  it("is 100 only at the end", () => {
    expect(percent(999_999, 1_000_000)).toBe(99);
    expect(percent(5, 5)).toBe(100);
    expect(percent(1, 0)).toBe(0);
  });
});
