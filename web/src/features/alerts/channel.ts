/** A new channel as it is typed, and as the server takes it. */
import type { AlertChannel } from "@/api/types";

export type Security = "tls" | "starttls" | "none";

export interface ChannelDraft {
  name: string;
  kind: "webhook" | "email";
  url: string;
  secret: string;
  host: string;
  port: string;
  security: Security;
  user: string;
  password: string;
  from: string;
  to: string;
}

export const emptyChannel: ChannelDraft = {
  name: "",
  kind: "webhook",
  url: "",
  secret: "",
  host: "",
  port: "",
  security: "starttls",
  user: "",
  password: "",
  from: "",
  to: "",
};

/** What the mail server is asked at when no port is typed. */
export const usualPorts: Record<Security, number> = { tls: 465, starttls: 587, none: 25 };

/** Addresses between commas, semicolons, spaces or lines. */
export const addresses = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

export function channelBody(draft: ChannelDraft) {
  if (draft.kind === "webhook") {
    return {
      name: draft.name,
      kind: draft.kind,
      webhook: { url: draft.url.trim(), secret: draft.secret || undefined },
    };
  }
  return {
    name: draft.name,
    kind: draft.kind,
    email: {
      host: draft.host.trim(),
      port: draft.port ? Number(draft.port) : undefined,
      security: draft.security,
      user: draft.user || undefined,
      password: draft.password || undefined,
      from: draft.from.trim(),
      to: addresses(draft.to),
    },
  };
}

export type ChannelBody = ReturnType<typeof channelBody>;

/** Where a channel's messages go, in one line. */
export function destination({ webhook, email }: AlertChannel): string {
  if (webhook) return webhook.url ?? "";
  if (!email) return "";
  return `${(email.to ?? []).join(", ")} by ${email.host}${email.port ? `:${email.port}` : ""}`;
}
