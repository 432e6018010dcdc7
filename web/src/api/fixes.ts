import { fixes } from "./generated/errors";

/** What to do about an error that an event tells; empty for a code that this page does not know. */
export function fixOf(code: string | undefined): string {
  return code && Object.hasOwn(fixes, code) ? (fixes[code] ?? "") : "";
}
