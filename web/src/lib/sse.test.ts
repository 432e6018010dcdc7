import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventStreamParser, followStream, type ServerEvent, type StreamState, waitMs } from "./sse";

const kStream =
  'retry: 3000\n\nid: 7\nevent: run.failed\ndata: {"a":1}\n\n: beat\n\nevent: progress\ndata: x\ndata: y\n\n';

describe("EventStreamParser", () => {
  it("gives the same events wherever the text is cut", () => {
    const whole = new EventStreamParser().push(kStream);
    expect(whole).toEqual([
      { id: "7", event: "run.failed", data: '{"a":1}' },
      { id: "7", event: "progress", data: "x\ny" },
    ]);
    for (const text of [kStream, kStream.replaceAll("\n", "\r\n")]) {
      for (let cut = 0; cut <= text.length; ++cut) {
        const parser = new EventStreamParser();
        expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))], `cut at ${cut}`).toEqual(whole);
        expect(parser.retryMs).toBe(3000);
      }
    }
  });

  it("forgets what was half read when it begins anew, and keeps the id", () => {
    const parser = new EventStreamParser();
    parser.push("id: 4\ndata: a\n\nid: 5\ndata: ha");
    parser.begin();
    expect(parser.push("data: b\n\n")).toEqual([{ id: "5", event: "message", data: "b" }]);
  });
});

describe("waitMs", () => {
  it("doubles, and stays within its bounds", () => {
    expect(waitMs(0, null, () => 0.5)).toBe(1000);
    expect(waitMs(2, 3000, () => 0.5)).toBe(12_000);
    expect(waitMs(50, 3000, () => 1)).toBeLessThanOrEqual(37_500);
  });
});

describe("followStream", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", { addEventListener() {}, removeEventListener() {} });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function stream(text: string, ends: boolean) {
    return new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(text));
          if (ends) controller.close();
        },
      }),
    );
  }

  function follow(answers: ((headers: Record<string, string>) => Response)[]) {
    const asked: Record<string, string>[] = [];
    const events: ServerEvent[] = [];
    const states: StreamState[] = [];
    const stop = new AbortController();
    const get = (async (_url: string, init: RequestInit) => {
      const headers = init.headers as Record<string, string>;
      asked.push(headers);
      const next = answers.shift();
      if (!next) throw new TypeError("network");
      const response = next(headers);
      return response;
    }) as unknown as typeof fetch;
    const done = followStream({
      url: "/s",
      signal: stop.signal,
      onEvent: (event) => events.push(event),
      onState: (state) => states.push(state),
      fetch: get,
      silenceMs: 40_000,
    });
    return { asked, events, states, stop, done };
  }

  it("takes a lost stream up after the last event that came", async () => {
    const run = follow([() => stream("id: 41\ndata: a\n\n", true), () => stream("id: 42\ndata: b\n\n", false)]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(run.events.map((event) => event.data)).toEqual(["a", "b"]);
    expect(run.asked.map((headers) => headers["Last-Event-ID"])).toEqual([undefined, "41"]);
    expect(run.states.at(-1)).toBe("live");
    run.stop.abort();
    await run.done;
  });

  it("tries again while the server is away, and stops when the session has ended", async () => {
    const run = follow([
      () => {
        throw new TypeError("network");
      },
      () => new Response("", { status: 503 }),
      () => new Response("", { status: 401 }),
    ]);
    await vi.advanceTimersByTimeAsync(20_000);
    await run.done;
    expect(run.asked).toHaveLength(3);
    expect(run.states.at(-1)).toBe("refused");
  });

  it("does not wait for ever on a connection that died in silence", async () => {
    const run = follow([() => stream("data: a\n\n", false), () => stream("data: b\n\n", false)]);
    await vi.advanceTimersByTimeAsync(39_000);
    expect(run.events).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(run.events.map((event) => event.data)).toEqual(["a", "b"]);
    run.stop.abort();
    await run.done;
  });
});
