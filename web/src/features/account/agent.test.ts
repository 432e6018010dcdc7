import { describe, expect, it } from "vitest";
import { agentName } from "./agent";

describe("agentName", () => {
  it("tells browsers apart that call themselves by several names", () => {
    const edge =
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0";
    expect(agentName(edge)).toBe("Edge on Windows");
    expect(agentName("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0")).toBe(
      "Firefox on Linux",
    );
    expect(agentName("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36")).toBe(
      "Chrome on Android",
    );
  });
  it("names programs by their first word", () => {
    expect(agentName("curl/7.88.1")).toBe("curl");
    expect(agentName("")).toBe("Unknown program");
  });
});
