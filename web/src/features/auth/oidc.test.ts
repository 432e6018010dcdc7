// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { keepWanted, refusalOf, signInFault, startAddress, wantedPage } from "./oidc";

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
  it("comes back from what the history entry remembers", () => {
    expect(signInFault(refusalOf({ refusal: "?signInError=oidc.refused" }))?.code).toBe("oidc.refused");
  });
  it.each([null, undefined, 7, "?signInError=oidc.refused", {}, { refusal: 7 }])("is nothing in %j", (state) => {
    expect(signInFault(refusalOf(state))).toBeNull();
  });
});

it("leads back to the page that was asked for, without what went wrong", () => {
  const wanted = wantedPage({ pathname: "/events", search: "?kind=run&signInError=oidc.refused" });
  expect(startAddress("/start", wanted)).toBe("/start?returnTo=%2Fevents%3Fkind%3Drun");
});

describe("the page that was asked for before a refusal", () => {
  const refused = { pathname: "/", search: "?signInError=oidc.refused&requestId=r-1" };
  beforeEach(() => sessionStorage.clear());

  it("is remembered", () => {
    keepWanted("/events?kind=run");
    expect(wantedPage(refused)).toBe("/events?kind=run");
  });
  it("is not what a later address asks for", () => {
    keepWanted("/events?kind=run");
    expect(wantedPage({ pathname: "/alerts", search: "" })).toBe("/alerts");
  });
  it("is the first one when none is known", () => expect(wantedPage(refused)).toBe("/"));
  it.each(["//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "events", ""])(
    "is no other server's: %s",
    (page) => {
      keepWanted(page);
      expect(wantedPage(refused)).toBe("/");
    },
  );
  it("is forgotten where storage is refused", () => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    keepWanted("/events", { setItem: refuse });
    expect(wantedPage(refused, { getItem: refuse })).toBe("/");
  });
});
