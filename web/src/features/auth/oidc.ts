/** Signing in by an identity provider: a way through other pages and back, with what went wrong in the address. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { keys } from "@/api/keys";
import { Problem } from "@/api/problem";

/** Whether there is a provider, and where its sign-in begins. */
export function useOidc() {
  return useQuery({
    queryKey: keys.oidc,
    queryFn: () => answer(api.GET("/api/v1/auth/oidc")),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

/** As docs/reference/errors.md has them. */
const kFaults: Record<string, { detail: string; fix: string }> = {
  "oidc.refused": {
    detail: "The identity provider did not sign the user in.",
    fix: "Try again; if it stays so, ask whoever runs the identity provider.",
  },
  "oidc.invalid": {
    detail: "The identity provider's answer does not prove who signed in.",
    fix: "Begin the sign-in anew, in one browser and within ten minutes.",
  },
  "oidc.unknown_user": {
    detail: "No user of Millrace belongs to this identity.",
    fix: "Ask a server administrator for a user with the e-mail address that the identity provider has verified.",
  },
  "oidc.unavailable": {
    detail: "The identity provider could not be reached.",
    fix: "Try again soon, or sign in by password.",
  },
  "auth.sign_in_failed": { detail: "This user may not sign in.", fix: "Ask a server administrator." },
};

/** What the provider's way back says to have gone wrong. */
export function signInFault(search: string): Problem | null {
  const params = new URLSearchParams(search);
  const code = params.get("signInError");
  if (!code) return null;
  const known = Object.hasOwn(kFaults, code)
    ? kFaults[code]
    : { detail: "The sign-in did not succeed.", fix: "Try again." };
  return new Problem({ status: 401, code, requestId: params.get("requestId") ?? "", ...known });
}

/** What the history entry of a page remembers of an address that said so; whatever else is there counts as nothing. */
export function refusalOf(state: unknown): string {
  const refusal = typeof state === "object" && state !== null ? Reflect.get(state, "refusal") : undefined;
  return typeof refusal === "string" ? refusal : "";
}

const kWanted = "millrace-wanted";

/** Before the way to the provider: after a refusal it leads back to "/", which does not tell what was asked for. */
export function keepWanted(page: string, storage: Pick<Storage, "setItem"> = sessionStorage) {
  try {
    storage.setItem(kWanted, page);
  } catch {
    // Full or switched off: a refused sign-in ends at the first page.
  }
}

/** The page that was asked for: as the address has it, and after a refusal as it was kept. */
export function wantedPage(
  { pathname, search }: { pathname: string; search: string },
  storage: Pick<Storage, "getItem"> = sessionStorage,
): string {
  const params = new URLSearchParams(search);
  const refused = params.has("signInError");
  params.delete("signInError");
  params.delete("requestId");
  const here = pathname + (params.size > 0 ? `?${params}` : "");
  if (!refused || pathname !== "/") return here;
  try {
    const kept = storage.getItem(kWanted) ?? here;
    // A path of this server, whoever wrote it there.
    return /^\/(?![/\\])/.test(kept) ? kept : here;
  } catch {
    return here;
  }
}

/** Where the link leads, and from there back to the page that was asked for. */
export const startAddress = (startUrl: string, returnTo: string) => `${startUrl}?${new URLSearchParams({ returnTo })}`;
