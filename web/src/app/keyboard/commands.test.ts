import { describe, expect, it } from "vitest";
import { type Command, grouped, matching } from "./commands";

const command = (title: string, more: Partial<Command> = {}): Command => ({
  id: title,
  group: "Pages",
  title,
  run: () => {},
  ...more,
});
const titles = (commands: Command[]) => commands.map(({ title }) => title);

describe("matching", () => {
  const all = [command("Audit log"), command("Pause P_SHOP", { quiet: true }), command("P_SHOP", { hint: "db1/shop" })];

  it("offers what is not quiet when nothing is typed", () => {
    expect(titles(matching(all, " "))).toEqual(["Audit log", "P_SHOP"]);
  });
  it("wants every word, wherever it stands, and puts titles that begin so first", () => {
    expect(titles(matching(all, "p_shop"))).toEqual(["P_SHOP", "Pause P_SHOP"]);
    expect(titles(matching(all, "SHOP pau"))).toEqual(["Pause P_SHOP"]);
    expect(titles(matching(all, "db1"))).toEqual(["P_SHOP"]);
    expect(matching(all, "nothing such")).toEqual([]);
  });
  it("draws no list of ten thousand", () => {
    expect(
      matching(
        Array.from({ length: 10_000 }, (_, n) => command(`T${n}`)),
        "t",
      ),
    ).toHaveLength(50);
  });
});

it("keeps groups together", () => {
  const groups = grouped([command("a"), command("b", { group: "Actions" }), command("c")]);
  expect(groups.map(([name, commands]) => [name, titles(commands)])).toEqual([
    ["Pages", ["a", "c"]],
    ["Actions", ["b"]],
  ]);
});
