// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { forgetTyped, keepTyped, withTyped } from "./typed";

interface Form {
  user: string;
  password: string;
  workers: string;
  lagS: number | null;
  channels: string[];
}

const kSecrets = ["password"] as const;
const present: Form = { user: "reader", password: "", workers: "8", lagS: 60, channels: [] };

describe("what was typed and not sent", () => {
  beforeEach(() => sessionStorage.clear());

  it("comes back after a reload, for that form alone", () => {
    const typed = { ...present, workers: "16", lagS: null, channels: ["mail", "chat"] };
    keepTyped("ORDERS", present, typed, kSecrets);
    expect(withTyped("ORDERS", present, kSecrets)).toEqual(typed);
    expect(withTyped("PEOPLE", present, kSecrets)).toEqual(present);
  });

  it("holds no secret, nor takes one", () => {
    keepTyped("ORDERS", present, { ...present, user: "other", password: "s3cret" }, kSecrets);
    const kept = JSON.stringify({ ...sessionStorage });
    expect(kept).toContain("other");
    expect(kept).not.toContain("s3cret");
    expect(kept).not.toContain("password");
    sessionStorage.setItem("millrace-typed ORDERS", '{"password":"planted","user":"other"}');
    expect(withTyped("ORDERS", present, kSecrets)).toEqual({ ...present, user: "other" });
  });

  it("leaves alone what somebody else has changed meanwhile", () => {
    keepTyped("ORDERS", present, { ...present, workers: "16" });
    const later = { ...present, user: "new_reader" };
    expect(withTyped("ORDERS", later)).toEqual({ ...later, workers: "16" });
  });

  it("is gone when nothing is different any more, or when it is forgotten", () => {
    keepTyped("ORDERS", present, { ...present, workers: "16" });
    keepTyped("ORDERS", present, { ...present, channels: [] });
    expect(sessionStorage.length).toBe(0);
    keepTyped("ORDERS", present, { ...present, workers: "16" });
    forgetTyped("ORDERS");
    expect(sessionStorage.length).toBe(0);
  });

  it.each(["not json", "null", "7", '{"workers":2}', '{"channels":"mail"}', '{"user":["a"]}', '{"other":"x"}'])(
    "is nothing in %s",
    (text) => {
      sessionStorage.setItem("millrace-typed ORDERS", text);
      expect(withTyped("ORDERS", present)).toEqual(present);
    },
  );

  it("works where storage is refused", () => {
    const refuse = () => {
      throw new DOMException("denied", "SecurityError");
    };
    const storage = { getItem: refuse, setItem: refuse, removeItem: refuse };
    keepTyped("ORDERS", present, { ...present, workers: "16" }, [], storage);
    keepTyped("ORDERS", present, present, [], storage);
    forgetTyped("ORDERS", storage);
    expect(withTyped("ORDERS", present, [], storage)).toEqual(present);
  });
});
