/**
 * Server-sent events over fetch. EventSource would do, but for three things: it wants to know every event's name in
 * advance, it tells nothing about why it failed, and it does not notice a connection that died in silence.
 */

export interface ServerEvent {
  id: string;
  event: string;
  data: string;
}

/** Bytes of an event stream to events, wherever the pieces are cut. */
export class EventStreamParser {
  /** Of the last event that had one; sent again when the stream is taken up. */
  lastId = "";
  /** What the server asks to wait before a new attempt, in ms; null until it has asked. */
  retryMs: number | null = null;
  private rest = "";
  private event = "";
  private data: string[] = [];

  push(text: string): ServerEvent[] {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    const found: ServerEvent[] = [];
    for (const line of lines) {
      if (line === "") {
        if (this.data.length > 0) {
          found.push({ id: this.lastId, event: this.event || "message", data: this.data.join("\n") });
        }
        this.event = "";
        this.data = [];
      } else {
        this.field(line);
      }
    }
    return found;
  }

  /** A new connection: what was half read is gone, the last id stays. */
  begin() {
    this.rest = "";
    this.event = "";
    this.data = [];
  }

  private field(line: string) {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.event = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id" && !value.includes("\0")) this.lastId = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}

export type StreamState = "connecting" | "live" | "waiting" | "refused";

export interface StreamOptions {
  url: string;
  signal: AbortSignal;
  onEvent: (event: ServerEvent) => void;
  /** refused: the session has ended or may not listen; no further attempt is made. */
  onState: (state: StreamState) => void;
  /** The longest silence before the connection counts as dead. The server sends a comment every 15 s. */
  silenceMs?: number;
  fetch?: typeof fetch;
}

const kSilenceMs = 40_000;
const kFirstWaitMs = 1000;
const kLongestWaitMs = 30_000;

/** Follows the stream until `signal`; a lost connection is taken up again after the last event that came. */
export async function followStream(options: StreamOptions): Promise<void> {
  const { signal, onState } = options;
  const parser = new EventStreamParser();
  let failures = 0;
  while (!signal.aborted) {
    onState("connecting");
    const end = await readOnce(parser, options, () => {
      failures = 0;
      onState("live");
    });
    if (signal.aborted) return;
    if (end === "refused") {
      onState("refused");
      return;
    }
    onState("waiting");
    await pause(waitMs(failures++, parser.retryMs), signal);
  }
}

/** Doubles up to 30 s, with a quarter of chance so that many pages do not come back at once. */
export function waitMs(failures: number, asked: number | null, chance: () => number = Math.random): number {
  const base = Math.min(kLongestWaitMs, (asked ?? kFirstWaitMs) * 2 ** Math.min(failures, 10));
  return base * (0.75 + chance() / 2);
}

async function readOnce(
  parser: EventStreamParser,
  options: StreamOptions,
  whenOpen: () => void,
): Promise<"lost" | "refused"> {
  const { signal, onEvent, silenceMs = kSilenceMs, fetch: get = fetch } = options;
  const attempt = new AbortController();
  const stop = () => attempt.abort();
  signal.addEventListener("abort", stop);
  let watch = setTimeout(stop, silenceMs);
  parser.begin();
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (parser.lastId) headers["Last-Event-ID"] = parser.lastId;
    const response = await get(options.url, { headers, credentials: "same-origin", signal: attempt.signal });
    if (response.status === 401 || response.status === 403) return "refused";
    if (!response.ok || !response.body) return "lost";
    whenOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    attempt.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "lost";
      clearTimeout(watch);
      watch = setTimeout(stop, silenceMs);
      for (const event of parser.push(value)) onEvent(event);
    }
  } catch {
    return "lost";
  } finally {
    clearTimeout(watch);
    signal.removeEventListener("abort", stop);
    attempt.abort();
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      window.removeEventListener("online", done);
      resolve();
    }
    signal.addEventListener("abort", done);
    // A laptop that wakes up need not wait out the rest.
    window.addEventListener("online", done);
  });
}
