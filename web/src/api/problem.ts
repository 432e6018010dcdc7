import type { ProblemBody } from "./types";

/** A fault as people read it: what happened, where, and the way out. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fix: string;
  readonly cause_: string;
  readonly notes: string[];
  readonly requestId: string;
  readonly retryable: boolean;
  /** Field faults by JSON pointer, e.g. "/source/password". */
  readonly fields: ReadonlyMap<string, string>;

  constructor(body: Partial<ProblemBody> & { status: number }) {
    super(body.detail || body.title || "The request failed.");
    this.name = "Problem";
    this.status = body.status;
    this.code = body.code ?? "";
    this.fix = body.fix ?? "";
    this.cause_ = body.cause ?? "";
    this.notes = body.notes ?? [];
    this.requestId = body.requestId ?? "";
    this.retryable = body.retryable ?? false;
    this.fields = new Map((body.errors ?? []).map((fault) => [fault.pointer ?? "", fault.message ?? ""]));
  }
}

/** What a fetch that never got an answer looks like. */
export const unreachable = () =>
  new Problem({
    status: 0,
    code: "page.unreachable",
    detail: "The Millrace server did not answer.",
    fix: "See that it runs and that this computer reaches it. What you typed is kept; try again.",
    retryable: true,
  });

/** Any thrown value as a Problem. */
export function asProblem(fault: unknown): Problem {
  if (fault instanceof Problem) return fault;
  if (fault instanceof TypeError) return unreachable();
  return new Problem({ status: 0, detail: fault instanceof Error ? fault.message : String(fault) });
}
