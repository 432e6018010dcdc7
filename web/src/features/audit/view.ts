/** What the log shows, as it stands in the page's address. */
export const outcomes = ["ok", "denied", "failed"] as const;
export type Outcome = (typeof outcomes)[number];

export interface AuditView {
  actor: string;
  action: string;
  outcome: Outcome | "";
  /** Of all tenants and of the server itself. */
  all: boolean;
}

export function viewFrom(params: URLSearchParams): AuditView {
  const outcome = params.get("outcome") ?? "";
  return {
    actor: params.get("actor") ?? "",
    action: params.get("action") ?? "",
    outcome: (outcomes as readonly string[]).includes(outcome) ? (outcome as Outcome) : "",
    all: params.get("all") === "1",
  };
}

/** Only what differs from the usual stands in the address. */
export function paramsOf(view: AuditView): URLSearchParams {
  const params = new URLSearchParams();
  if (view.actor) params.set("actor", view.actor);
  if (view.action) params.set("action", view.action);
  if (view.outcome) params.set("outcome", view.outcome);
  if (view.all) params.set("all", "1");
  return params;
}

/** "user:ann" is meant by who types "ann". */
export const actorOf = (typed: string): string => {
  const text = typed.trim();
  return text === "" || text.includes(":") || text === "millrace" ? text : `user:${text}`;
};
