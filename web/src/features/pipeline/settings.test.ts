import { expect, it } from "vitest";
import { patchOf, settingsOf, withoutSentSecrets } from "./settings";

const kSpec = {
  source: { user: "reader", host: "db1" },
  target: { user: "writer" },
  mapping: { valuePolicy: "null" },
  embedded: { poison: "stop", schemaPolicy: "apply,drop_column=pause", loadWorkers: 8 },
};

it("sends only what was changed", () => {
  const present = settingsOf(kSpec);
  expect(patchOf(present, present)).toBeNull();
  expect(patchOf(present, { ...present, loadWorkers: "2", targetPassword: "new" })).toEqual({
    target: { password: "new" },
    embedded: { loadWorkers: 2 },
  });
});

it("begins with what is usual where the spec is silent, and with no password", () => {
  expect(settingsOf({ source: { password: "never" } })).toMatchObject({
    sourcePassword: "",
    poison: "stop",
    schemaPolicy: "apply",
    valuePolicy: "fail",
  });
  expect(settingsOf(null).loadWorkers).toBe("4");
});

it("empties the secrets that were sent, and only these", () => {
  const sent = { ...settingsOf(kSpec), sourcePassword: "first", targetPassword: "second", loadWorkers: "2" };
  const typed = { ...sent, targetPassword: "newer", loadWorkers: "3" };
  expect(withoutSentSecrets(sent, typed)).toEqual({ ...typed, sourcePassword: "" });
});
