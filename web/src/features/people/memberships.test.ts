import { expect, it } from "vitest";
import { membershipChanges, rolesOf } from "./memberships";

it("asks for what differs and for nothing else", () => {
  const before = rolesOf([
    { tenant: "a", role: "admin" },
    { tenant: "b", role: "viewer" },
    { tenant: "c", role: "viewer" },
  ]);
  const wanted = rolesOf([
    { tenant: "a", role: "admin" },
    { tenant: "b", role: "operator" },
    { tenant: "d", role: "viewer" },
  ]);
  expect(membershipChanges(before, wanted)).toEqual({
    put: [
      ["b", "operator"],
      ["d", "viewer"],
    ],
    drop: ["c"],
  });
});
