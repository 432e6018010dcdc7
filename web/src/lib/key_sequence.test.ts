import { expect, it } from "vitest";
import { KeySequence } from "./key_sequence";

/** "g@0 p@900": keys with their moments in milliseconds. */
function pressed(presses: string) {
  const sequence = new KeySequence(["/", "g p", "g g"]);
  return presses.split(" ").map((press) => {
    const [key = "", at] = press.split("@");
    return sequence.press(key, Number(at));
  });
}

it("finds single keys and two in a row", () => {
  expect(pressed("/@0")).toEqual(["/"]);
  expect(pressed("g@0 p@900")).toEqual([null, "g p"]);
});

it("forgets the first key after a second, or by another key", () => {
  expect(pressed("g@0 p@1100")).toEqual([null, null]);
  expect(pressed("g@0 x@10 p@20")).toEqual([null, null, null]);
});

it("takes a first key anew where it ends nothing, and as the second where it does", () => {
  expect(pressed("g@0 /@10")).toEqual([null, "/"]);
  expect(pressed("g@0 g@10 p@20")).toEqual([null, "g g", null]);
});
