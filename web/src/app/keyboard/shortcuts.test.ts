import { expect, it } from "vitest";
import { general, pages, permitted } from "./shortcuts";

it("has no keys twice, and none that begin others", () => {
  const keys = [...general, ...pages].map((shortcut) => shortcut.keys);
  expect(new Set(keys).size).toBe(keys.length);
  for (const each of keys) expect(keys.filter((other) => other.startsWith(`${each} `))).toEqual([]);
});

it("offers only what a role may see", () => {
  const shown = permitted(pages, (permission) => permission === "events.read").map(({ title }) => title);
  expect(shown).toEqual(["Events", "Your account"]);
});
