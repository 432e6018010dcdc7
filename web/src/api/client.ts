/**
 * The typed client. Every call either gives the answer's body or throws a Problem; writes carry the CSRF token, which
 * lives in memory alone.
 */
import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./generated/schema";
import { asProblem, Problem } from "./problem";
import type { ProblemBody } from "./types";

let csrfToken = "";
let whenSignedOut: () => void = () => {};

export function setCsrfToken(token: string) {
  csrfToken = token;
}

/** Called when an answer says that the session has ended. */
export function onSignedOut(listener: () => void) {
  whenSignedOut = listener;
}

const writes: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });
api.use(writes);

/** A password that was not right, at the sign-in or when it is changed: no session has ended by it. */
const kWrongPassword = "auth.sign_in_failed";

async function problemOf(response: Response, body: unknown): Promise<Problem> {
  if (body && typeof body === "object" && "code" in body) {
    return new Problem({ ...(body as ProblemBody), status: response.status });
  }
  return new Problem({
    status: response.status,
    detail: `The server answered with status ${response.status}.`,
    retryable: response.status >= 500,
  });
}

type Answer<Data> = { data?: Data; error?: unknown; response: Response };

/** The body of a call, or a thrown Problem. */
export async function answer<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data } = await full(call);
  return data;
}

/** As `answer`, with the response for its headers (ETag, Location). */
export async function full<Data>(call: Promise<Answer<Data>>): Promise<{ data: Data; response: Response }> {
  let result: Answer<Data>;
  try {
    result = await call;
  } catch (fault) {
    throw asProblem(fault);
  }
  const { data, error, response } = result;
  if (!response.ok) {
    const problem = await problemOf(response, error);
    if (response.status === 401 && problem.code !== kWrongPassword) whenSignedOut();
    throw problem;
  }
  return { data: data as Data, response };
}
