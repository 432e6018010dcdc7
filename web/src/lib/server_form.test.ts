import { describe, expect, it } from "vitest";
import { emptyServer, fromPasted, isComplete, serverMembers } from "./server_form";

const filled = (side: "source" | "target") => ({
  ...emptyServer(side),
  host: " db1 ",
  database: "shop",
  user: "reader",
});

describe("serverMembers", () => {
  it("tells each kind of server what that kind knows", () => {
    expect(serverMembers("source", { ...filled("source"), sslrootcert: " /ca.pem " })).toEqual({
      host: "db1",
      port: 5432,
      database: "shop",
      user: "reader",
      sslmode: "prefer",
      sslrootcert: "/ca.pem",
    });
    expect(serverMembers("target", { ...filled("target"), schema: " " })).toEqual({
      host: "db1",
      port: 1433,
      database: "shop",
      user: "reader",
      schema: "dbo",
      encrypt: "yes",
      trustServerCertificate: false,
    });
  });
  it("leaves a port that is no number to the server's usual one", () => {
    expect(serverMembers("source", { ...filled("source"), port: "x" })).not.toHaveProperty("port");
  });
});

it("wants host, database and user", () => {
  expect(isComplete(filled("source"))).toBe(true);
  expect(isComplete({ ...filled("source"), user: "  " })).toBe(false);
});

it("takes a pasted address apart", () => {
  expect(fromPasted("source", "postgres://reader:s3cret@db1/shop?sslmode=require")).toEqual({
    form: { host: "db1", database: "shop", user: "reader", sslmode: "require" },
    password: "s3cret",
  });
  expect(fromPasted("target", "sqlserver://sql1:1444/copy?schema=live")?.form).toMatchObject({
    schema: "live",
    port: "1444",
  });
  expect(fromPasted("source", "db1")).toBeNull();
});
