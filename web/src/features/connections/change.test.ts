import { describe, expect, it } from "vitest";
import type { Connection } from "@/api/types";
import { connectionPatch, formOf } from "./change";

const kShop: Connection = {
  id: "c1",
  name: "shop",
  kind: "source",
  endpoint: {
    host: "db1",
    port: 5433,
    database: "shop",
    schema: "public",
    user: "reader",
    sslmode: "verify-full",
    sslrootcert: "/ca.pem",
  },
  passwordSet: true,
  usedBy: [],
  lastTest: null,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  revision: "1",
};

describe("connectionPatch", () => {
  const form = formOf(kShop);

  it("sends nothing when nothing is different", () => {
    expect(connectionPatch(kShop, " shop ", form, "")).toBeNull();
  });
  it("sends what is different, and a password only when somebody typed one", () => {
    expect(connectionPatch(kShop, "store", { ...form, user: "other" }, "new")).toEqual({
      name: "store",
      endpoint: { user: "other", password: "new" },
    });
    expect(connectionPatch(kShop, "shop", { ...form, port: "5432" }, "")).toEqual({ endpoint: { port: 5432 } });
  });
  it("takes a file away", () => {
    expect(connectionPatch(kShop, "shop", { ...form, sslrootcert: "" }, "")).toEqual({ endpoint: { sslrootcert: "" } });
  });
});
