import { describe, expect, it } from "vitest";
import { signInFault, startAddress } from "./oidc";

describe("signInFault", () => {
  it("puts a known code into words", () => {
    const fault = signInFault("?signInError=oidc.unknown_user&requestId=r-1");
    expect(fault).toMatchObject({ code: "oidc.unknown_user", requestId: "r-1" });
    expect(fault?.message).toContain("No user of Millrace");
  });
  it("has words for each code that the server sends back", () => {
    const codes = ["oidc.refused", "oidc.invalid", "oidc.unknown_user", "oidc.unavailable", "auth.sign_in_failed"];
    const said = codes.map((code) => signInFault(`?signInError=${code}`)?.message);
    expect(new Set(said).size).toBe(codes.length);
    expect(said).not.toContain(signInFault("?signInError=any.other")?.message);
  });
  it("takes no words from the address", () => {
    const fault = signInFault("?signInError=constructor");
    expect(fault?.message).toBe("The sign-in did not succeed.");
  });
  it("is nothing without a code", () => expect(signInFault("?q=a")).toBeNull());
});

it("leads back to the page that was asked for, without what went wrong", () => {
  expect(startAddress("/start", { pathname: "/events", search: "?kind=run&signInError=oidc.refused" })).toBe(
    "/start?returnTo=%2Fevents%3Fkind%3Drun",
  );
});
