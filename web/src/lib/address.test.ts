import { expect, it } from "vitest";
import { parseAddress } from "./address";

it("takes a whole address apart", () => {
  const found = parseAddress(" postgresql://reader:p%40ss%2Fword@db.example:6432/shop?sslmode=require ", "source");
  expect(found).toMatchObject({ host: "db.example", port: "6432", database: "shop", user: "reader" });
  expect(found?.password).toBe("p@ss/word");
  expect(found?.options.get("sslmode")).toBe("require");
});

it("leaves out what is not there", () => {
  expect(parseAddress("sqlserver://sql1", "target")).toEqual({ host: "sql1", options: new Map() });
});

it("knows the side, and takes no other text", () => {
  expect(parseAddress("sqlserver://sql1/x", "source")).toBeNull();
  expect(parseAddress("db.example", "source")).toBeNull();
  expect(parseAddress("postgres://", "source")).toBeNull();
});
