import type { ApiKey } from "@/api/types";
import type { Tone } from "@/components/StatusBadge";

/** Whether a key opens anything, in words. */
export function keyState(key: Pick<ApiKey, "revokedAt" | "expiresAt">, now: number): { word: string; tone: Tone } {
  if (key.revokedAt) return { word: "Revoked", tone: "quiet" };
  if (key.expiresAt && Date.parse(key.expiresAt) <= now) return { word: "Expired", tone: "quiet" };
  if (key.expiresAt && Date.parse(key.expiresAt) - now < kSoonMs) return { word: "Expires soon", tone: "warn" };
  return { word: "Valid", tone: "good" };
}

const kSoonMs = 7 * 86_400_000;

/** Those that open something first, the newest of them first. */
export function byUse(now: number) {
  const dead = (key: ApiKey) => (keyState(key, now).tone === "quiet" ? 1 : 0);
  return (left: ApiKey, right: ApiKey) => dead(left) - dead(right) || right.createdAt.localeCompare(left.createdAt);
}
