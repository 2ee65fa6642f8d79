/**
 * What the status page asks of its server.
 *
 * Door: fetches, from its own origin only; no cookie, no referrer, nothing kept. The pass is a
 * header of one request and stands in no address.
 *
 * `probe/README.md`.
 */
import { isObject } from "./bytes.ts";
import { parseState, STATE_MAX_BYTES, type StatusState } from "./status-state.ts";

const WITHIN_MS = 10_000;
const SMALL_MAX_BYTES = 4_096;
const PASS = /^[A-Za-z0-9_-]{16,128}$/;
const CHALLENGE = /^[A-Za-z0-9_-]{16,256}$/;

/** What became of a question. */
export type Answer = { readonly told: StatusState } | "staff-only" | "away" | "unreadable";
export interface Pass {
  readonly pass: string;
  readonly expires_at: number;
}

/** Ask for the state, with a pass or as anybody. */
export async function askState(pass: string | null): Promise<Answer> {
  const headers: Record<string, string> = pass === null ? {} : { authorization: `Bearer ${pass}` };
  const answer = await sent("/status/state", { headers }, STATE_MAX_BYTES);
  if (answer === null) return "away";
  if (answer.status === 401) return "staff-only";
  if (answer.status !== 200) return "away";
  const told = parseState(answer.text);
  return told === null ? "unreadable" : { told };
}

/** What a proof is made over; null where there is none to be had. */
export async function askChallenge(): Promise<string | null> {
  const answer = await sent("/status/challenge", {}, SMALL_MAX_BYTES);
  const { challenge } = answer?.status === 200 ? objectIn(answer.text) : {};
  return typeof challenge === "string" && CHALLENGE.test(challenge) ? challenge : null;
}

/** Show a credential; a pass, the code of a refusal, or null where nobody answers. */
export async function enter(
  challenge: string,
  token: string,
  proof: string,
): Promise<Pass | string | null> {
  const body = JSON.stringify({ challenge, token, proof });
  const headers = { "content-type": "application/json" };
  const answer = await sent("/status/enter", { method: "POST", headers, body }, SMALL_MAX_BYTES);
  if (answer === null) return null;
  const { pass, expires_at, code } = objectIn(answer.text);
  if (answer.status !== 200) return typeof code === "string" ? code : null;
  return typeof pass === "string" && PASS.test(pass) && typeof expires_at === "number"
    ? { pass, expires_at }
    : null;
}

/** Have a pass forgotten. */
export async function leave(pass: string): Promise<void> {
  const headers = { authorization: `Bearer ${pass}` };
  await sent("/status/leave", { method: "POST", headers }, SMALL_MAX_BYTES);
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

async function sent(
  path: string,
  more: RequestInit,
  max: number,
): Promise<{ status: number; text: string } | null> {
  try {
    const response = await fetch(path, {
      ...more,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    const text = await textOf(response, max);
    return text === null ? null : { status: response.status, text };
  } catch {
    return null;
  }
}

/** A body, as long as it may be at most; null where it is longer. */
async function textOf({ body }: Response, max: number): Promise<string | null> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > max) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
