import { describe, expect, it } from "vitest";
import type { Event } from "@/api/types";
import { schemaChange, together } from "./schema_history";

const told = (message: string) => schemaChange({ kind: "target.changed", message });

describe("schemaChange", () => {
  it.each([
    ["column note nvarchar(max) added", "Column added"],
    ["rows that are there got the default of note", "Column added"],
    ["column note dropped", "Column dropped"],
    ["note renamed to remark", "Column renamed"],
    ["column n is bigint, was int", "Type changed"],
    ["column n takes NULL", "NULL allowed"],
    ["column n is int NOT NULL, a key's", "Key changed"],
    ["primary key made over [a], [b]", "Key changed"],
  ])("%s: %s, and the copy follows", (message, title) => {
    expect(told(`dbo.orders: ${message}`)).toEqual({
      table: "dbo.orders",
      title,
      outcome: "Copy follows",
      tone: "good",
      detail: message,
    });
  });

  it("says where the copy was left as it was", () => {
    expect(told("dbo.orders: column n takes NULL, it is dropped on the source")).toMatchObject({
      title: "Column dropped",
      outcome: "Copy left as it was",
    });
    expect(told("public.orders was dropped on the source; its copy stays as it is")).toMatchObject({
      table: "public.orders",
      title: "Table dropped",
      tone: "warn",
    });
  });

  it("says where a run stopped", () => {
    const stopped = { kind: "run.failed", code: "source.schema_changed", table: "public.orders", message: "A column." };
    expect(schemaChange(stopped)).toMatchObject({ table: "public.orders", title: "Not followed", tone: "bad" });
  });

  it("leaves out what is no change of a shape", () => {
    expect(told("truncated [dbo].[orders]")).toBeNull();
    expect(
      schemaChange({ kind: "run.failed", code: "target.unreachable", message: "dbo.a: column a added" }),
    ).toBeNull();
  });
});

it("puts lists together, newest first, as far as all of them were read", () => {
  const at = (...seconds: number[]) => seconds.map((second) => ({ time: `2026-01-01T00:00:0${second}Z` }) as Event);
  const seconds = (events: Event[]) => events.map(({ time }) => Number(time.slice(18, 19)));
  expect(
    seconds(
      together([
        { items: at(9, 5), more: false },
        { items: at(7, 1), more: false },
      ]),
    ),
  ).toEqual([9, 7, 5, 1]);
  expect(
    seconds(
      together([
        { items: at(9, 5), more: true },
        { items: at(7, 1), more: false },
      ]),
    ),
  ).toEqual([9, 7, 5]);
});
