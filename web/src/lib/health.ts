/** How a pipeline is, in words, and what comes first: problems. */
import type { Health, Pipeline } from "@/api/types";
import type { Tone } from "@/components/StatusBadge";

export interface HealthWords {
  word: string;
  tone: Tone;
  icon?: "busy" | "paused";
  /** Smaller comes first. */
  order: number;
}

const kWords: Record<Health | "creating" | "deleting", HealthWords> = {
  failed: { word: "Failed", tone: "bad", order: 0 },
  degraded: { word: "Degraded", tone: "warn", order: 1 },
  retrying: { word: "Retrying", tone: "warn", order: 2 },
  stopped: { word: "Stopped", tone: "warn", order: 3 },
  unknown: { word: "Unknown", tone: "quiet", order: 4 },
  creating: { word: "Creating", tone: "info", icon: "busy", order: 5 },
  deleting: { word: "Deleting", tone: "info", icon: "busy", order: 5 },
  starting: { word: "Starting", tone: "info", icon: "busy", order: 6 },
  loading: { word: "Loading", tone: "info", icon: "busy", order: 6 },
  paused: { word: "Paused", tone: "quiet", icon: "paused", order: 7 },
  running: { word: "Running", tone: "good", order: 8 },
};

export type ShownHealth = keyof typeof kWords;

/** What is being made or removed says so; everything else is as it was last seen to be. */
export function shownHealth(pipeline: Pick<Pipeline, "state" | "live">): ShownHealth {
  if (pipeline.state === "creating" || pipeline.state === "deleting") return pipeline.state;
  if (pipeline.state === "failed") return "failed";
  if (pipeline.state === "paused") return "paused";
  const health = pipeline.live?.health;
  return health && Object.hasOwn(kWords, health) ? health : "unknown";
}

export function healthWords(health: string): HealthWords {
  return Object.hasOwn(kWords, health) ? kWords[health as ShownHealth] : kWords.unknown;
}

export const isProblem = (health: string) => healthWords(health).order <= 3;

const kRisk = { lost: 0, alarm: 1, warning: 2, ok: 3 } as const;

/** Problems first; among equals those whose slot is nearest to being lost, then the largest lag, then the name. */
export function byProblems(left: Pipeline, right: Pipeline): number {
  const health = healthWords(shownHealth(left)).order - healthWords(shownHealth(right)).order;
  if (health !== 0) return health;
  const risk = riskOrder(left) - riskOrder(right);
  if (risk !== 0) return risk;
  const lag = (right.live?.lagS ?? 0) - (left.live?.lagS ?? 0);
  return lag !== 0 ? lag : left.name.localeCompare(right.name);
}

const riskOrder = (pipeline: Pipeline) => kRisk[pipeline.live?.slotRisk ?? "ok"];
