import type { AlertRule } from "@/api/types";
import { duration } from "@/lib/format";

export const ruleTitles: Record<AlertRule["rule"], string> = {
  lag: "Lag is too large",
  failure: "A pipeline has failed",
  "slot-at-risk": "A slot is about to be lost",
  "verify-mismatch": "A verification found differences",
  "schema-change-paused": "A schema change waits for a decision",
};

const kWhen: Record<Exclude<AlertRule["rule"], "lag">, string> = {
  failure: "When it has stopped and does not try again by itself.",
  "slot-at-risk": "When the WAL that a slot keeps comes near what PostgreSQL allows.",
  "verify-mismatch": "When rows of source and target differ.",
  "schema-change-paused": "When a change of a table's columns is one that the policy does not apply by itself.",
};

/** When a rule speaks, in words. */
export function ruleWhen({ rule, lagS, forS }: Pick<AlertRule, "rule" | "lagS" | "forS">): string {
  if (rule !== "lag") return kWhen[rule];
  const long = forS ? ` for ${duration(forS)}` : "";
  return `When the target is more than ${duration(lagS)} behind${long}.`;
}
