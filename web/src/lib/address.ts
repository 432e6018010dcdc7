/** A database's address pasted as one text: "postgres://user:password@host:5432/shop?sslmode=require". */

export interface PastedAddress {
  host: string;
  port?: string;
  database?: string;
  user?: string;
  password?: string;
  options: ReadonlyMap<string, string>;
}

/** Null: it is no such address, or one of another kind of server. */
export function parseAddress(text: string, side: "source" | "target"): PastedAddress | null {
  const schemes = side === "source" ? ["postgres:", "postgresql:"] : ["sqlserver:", "mssql:"];
  const scheme = /^([a-z]+):\/\//i.exec(text.trim())?.[1]?.toLowerCase();
  if (!scheme || !schemes.includes(`${scheme}:`)) return null;
  let url: URL;
  try {
    // Browsers take apart the addresses of schemes that they know more willingly than others.
    url = new URL(text.trim().replace(/^[a-z]+:/i, "http:"));
  } catch {
    return null;
  }
  const database = decodeURIComponent(url.pathname.replace(/^\//, ""));
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    ...(/:\d+(?=[/?#]|$)/.test(text.slice(text.indexOf("@") + 1)) ? { port: url.port || "80" } : {}),
    ...(database ? { database } : {}),
    ...(url.username ? { user: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    options: new Map(url.searchParams),
  };
}
