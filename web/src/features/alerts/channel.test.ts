import { expect, it } from "vitest";
import { channelBody, emptyChannel } from "./channel";

it("sends what belongs to the kind alone, and nothing that was left empty", () => {
  const draft = { ...emptyChannel, name: "ops", url: " https://example.org/hook ", host: "mail", to: "a@example.org" };
  expect(JSON.parse(JSON.stringify(channelBody(draft)))).toEqual({
    name: "ops",
    kind: "webhook",
    webhook: { url: "https://example.org/hook" },
  });
  const mail = {
    ...draft,
    kind: "email" as const,
    port: "2525",
    from: "m@example.org",
    to: "a@example.org,\nb@example.org; ",
  };
  expect(JSON.parse(JSON.stringify(channelBody(mail)))).toEqual({
    name: "ops",
    kind: "email",
    email: {
      host: "mail",
      port: 2525,
      security: "starttls",
      from: "m@example.org",
      to: ["a@example.org", "b@example.org"],
    },
  });
});
