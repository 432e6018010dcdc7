import { expect, it } from "vitest";
import { type AuditView, actorOf, paramsOf, viewFrom } from "./view";

it("goes into the address and back", () => {
  const view: AuditView = { actor: "user:ann", action: "user.create", outcome: "denied", all: true };
  expect(viewFrom(new URLSearchParams(paramsOf(view).toString()))).toEqual(view);
  expect(paramsOf({ actor: "", action: "", outcome: "", all: false }).toString()).toBe("");
  expect(viewFrom(new URLSearchParams("outcome=constructor")).outcome).toBe("");
});

it("takes a bare name for a user's", () => {
  expect(actorOf(" ann ")).toBe("user:ann");
  expect(actorOf("key:abc")).toBe("key:abc");
  expect(actorOf("millrace")).toBe("millrace");
  expect(actorOf(" ")).toBe("");
});
