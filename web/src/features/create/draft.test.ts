// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { type Draft, dropDraft, emptyDraft, loadDraft, saveDraft, specOf, tableEntry, tableKey } from "./draft";

const kSecrets = { source: "s3cret-of-source", target: "s3cret-of-target" };

function filled(): Draft {
  const draft = emptyDraft();
  draft.source = { ...draft.source, host: " db1 ", database: "shop", user: "reader" };
  draft.target = { ...draft.target, host: "sql1", database: "copy", user: "writer", trustServerCertificate: true };
  draft.tables[tableKey("public", "orders")] = { schema: "public", name: "orders" };
  draft.tables[tableKey("public", "people")] = {
    schema: "public",
    name: "people",
    targetName: "persons",
    excludeColumns: ["photo"],
    columnNames: { id: "No" },
    columnTypes: { name: "nvarchar(100)" },
    columnPolicies: { height: "clamp" },
  };
  return draft;
}

describe("the kept draft", () => {
  beforeEach(() => sessionStorage.clear());

  it("comes back whole after a reload", () => {
    const draft = filled();
    saveDraft(draft);
    expect(loadDraft()).toEqual(draft);
    dropDraft();
    expect(loadDraft().source.host).toBe("");
  });

  it("holds no secret", () => {
    const draft = filled();
    specOf(draft, kSecrets);
    saveDraft(draft);
    const kept = JSON.stringify({ ...sessionStorage });
    expect(kept).toContain("db1");
    expect(kept).not.toContain("s3cret");
    expect(kept.toLowerCase()).not.toContain("password");
  });

  it.each([
    "not json",
    "null",
    '{"version":0}',
    '{"version":1,"draft":null}',
    '{"version":1,"draft":{"source":7,"tables":{"a":1}}}',
  ])("begins anew from %s", (text) => {
    sessionStorage.setItem("millrace-draft", text);
    const draft = loadDraft();
    expect({ ...draft, idempotencyKey: "" }).toEqual({ ...emptyDraft(), idempotencyKey: "" });
  });

  it("works where storage is refused", () => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const storage = { getItem: refuse, setItem: refuse, removeItem: refuse };
    saveDraft(filled(), storage);
    dropDraft(storage);
    expect(loadDraft(storage).options.engine).toBe("embedded");
  });
});

describe("specOf", () => {
  it("says what was chosen, and leaves the rest to the server", () => {
    const spec = specOf(filled(), kSecrets);
    expect(spec).toMatchObject({
      source: { host: "db1", port: 5432, database: "shop", user: "reader", password: kSecrets.source },
      target: { schema: "dbo", trustServerCertificate: true, password: kSecrets.target },
      tables: ["public.orders", "public.people"],
      engine: "embedded",
      mapping: {
        tables: {
          "public.people": {
            rename: ["dbo", "persons"],
            excludeColumns: ["photo"],
            columnNames: { id: "No" },
            columnTypes: { name: "nvarchar(100)" },
            columnPolicies: { height: "clamp" },
          },
        },
      },
    });
    expect(spec).not.toHaveProperty("name");
    expect(spec).not.toHaveProperty("slot");
    expect(spec).not.toHaveProperty("kafkaConnect");
  });

  it("has the other engine's settings when that is chosen", () => {
    const draft = filled();
    draft.options = { ...draft.options, engine: "kafka-connect", connectUrl: "http://connect:8083" };
    const spec = specOf(draft, kSecrets);
    expect(spec.kafkaConnect).toEqual({ loadPolicy: "fail", loadWorkers: 4, url: "http://connect:8083" });
    expect(spec).not.toHaveProperty("embedded");
  });
});

describe("a failover slot", () => {
  it("is asked for only by choice", () => {
    const draft = filled();
    expect(specOf(draft, kSecrets)).not.toHaveProperty("slotFailover");
    draft.options.slotFailover = "yes";
    expect(specOf(draft, kSecrets)).toMatchObject({ slotFailover: true });
  });
});

describe("tableEntry", () => {
  it.each([
    ["public", "orders", "public.orders"],
    ["public", "my.table", '"public"."my.table"'],
    ["public", "all*", '"public"."all*"'],
    ['we"ird', "t", '"we""ird"."t"'],
    ["öffentlich", "Übersicht 1", "öffentlich.Übersicht 1"],
  ])("%s and %s is %s", (schema, name, entry) => expect(tableEntry({ schema, name })).toBe(entry));
});
