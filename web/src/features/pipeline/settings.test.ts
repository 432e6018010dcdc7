// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { keepChanges, patchOf, settingsOf, withKeptChanges, withoutSentSecrets } from "./settings";

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

describe("what was typed and not saved", () => {
  const present = settingsOf(kSpec);
  beforeEach(() => sessionStorage.clear());

  it("comes back after a reload, for that pipeline alone", () => {
    const typed = { ...present, loadWorkers: "16", schemaPolicy: "pause" };
    keepChanges("t ORDERS", present, typed);
    expect(withKeptChanges("t ORDERS", present)).toEqual(typed);
    expect(withKeptChanges("t PEOPLE", present)).toEqual(present);
  });

  it("holds no secret, nor takes one", () => {
    keepChanges("t ORDERS", present, {
      ...present,
      sourceUser: "other",
      sourcePassword: "s3cret",
      targetPassword: "s3cret",
    });
    const kept = JSON.stringify({ ...sessionStorage });
    expect(kept).toContain("other");
    expect(kept).not.toContain("s3cret");
    expect(kept.toLowerCase()).not.toContain("password");
    sessionStorage.setItem("millrace-settings t ORDERS", '{"sourcePassword":"planted","sourceUser":"other"}');
    expect(withKeptChanges("t ORDERS", present)).toEqual({ ...present, sourceUser: "other" });
  });

  it("leaves alone what somebody else has changed meanwhile", () => {
    keepChanges("t ORDERS", present, { ...present, loadWorkers: "16" });
    const later = { ...present, targetUser: "new_writer" };
    expect(withKeptChanges("t ORDERS", later)).toEqual({ ...later, loadWorkers: "16" });
  });

  it("is gone when nothing is different any more", () => {
    keepChanges("t ORDERS", present, { ...present, loadWorkers: "16" });
    keepChanges("t ORDERS", present, present);
    expect(sessionStorage.length).toBe(0);
  });

  it.each(["not json", "null", "7", '{"loadWorkers":2}'])("is nothing in %s", (text) => {
    sessionStorage.setItem("millrace-settings t ORDERS", text);
    expect(withKeptChanges("t ORDERS", present)).toEqual(present);
  });

  it("works where storage is refused", () => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const storage = { getItem: refuse, setItem: refuse, removeItem: refuse };
    keepChanges("t ORDERS", present, { ...present, loadWorkers: "16" }, storage);
    keepChanges("t ORDERS", present, present, storage);
    expect(withKeptChanges("t ORDERS", present, storage)).toEqual(present);
  });
});
