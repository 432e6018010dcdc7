import { describe, expect, it } from "vitest";
import type { ApiKey } from "@/api/types";
import { byUse, keyState } from "./state";

const now = Date.parse("2026-06-01T00:00:00Z");
const key = (more: Partial<ApiKey>): ApiKey => ({
  id: "k",
  name: "k",
  user: "ann",
  role: "viewer",
  scopes: [],
  createdAt: "2026-01-01T00:00:00Z",
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
  ...more,
});

describe("keyState", () => {
  it("says what a key is good for", () => {
    expect(keyState(key({}), now).word).toBe("Valid");
    expect(keyState(key({ expiresAt: "2026-06-03T00:00:00Z" }), now).word).toBe("Expires soon");
    expect(keyState(key({ expiresAt: "2026-06-01T00:00:00Z" }), now).word).toBe("Expired");
    expect(keyState(key({ expiresAt: "2026-05-01T00:00:00Z", revokedAt: "2026-04-01T00:00:00Z" }), now).word).toBe(
      "Revoked",
    );
  });
});

describe("byUse", () => {
  it("puts what opens nothing last", () => {
    const revoked = key({ id: "revoked", createdAt: "2026-05-01T00:00:00Z", revokedAt: "2026-05-02T00:00:00Z" });
    const all = [revoked, key({ id: "old" }), key({ id: "new", createdAt: "2026-02-01T00:00:00Z" })];
    expect(all.sort(byUse(now)).map((found) => found.id)).toEqual(["new", "old", "revoked"]);
  });
});
