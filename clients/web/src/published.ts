/**
 * The files that unions publish beside the pages: themselves, revocation lists, bundles.
 *
 * Door: fetches, from its own origin only, and believes nothing but that the pages' own
 * `unions.json` says whom the pages trust. Sends no cookie, no referrer and nothing of the doctor:
 * whole files, so that nobody sees whose part was wanted. What cannot be had is trouble of the
 * network: `NotHad`, and never `Refused`.
 *
 * `clients/README.md`, *Published files*.
 */
import { LIST_MAX_BYTES } from "./agreed.ts";
import { type Bytes, fromBase64url, isObject, join, object } from "./bytes.ts";
import { type Directory, parse } from "./directory.ts";
import type { Union } from "./identity.ts";
import { encode } from "./letters.ts";
import { isHonest, PUBLIC_KEY_BYTES, thumb } from "./primitives.ts";
import { Refused } from "./refused.ts";

const WITHIN_MS = 20_000;
// The largest of them, through the mobile network of a house in the country.
const BUNDLES_WITHIN_MS = 120_000;
const UNIONS_MAX_BYTES = 256 * 1024;
// The operator's file is a quarter of it; an organisation's texts stand with each of its queues.
const DIRECTORY_MAX_BYTES = 1024 * 1024;
// Eight thousand devices of one union.
const BUNDLES_MAX_BYTES = 64 * 1024 * 1024;

/** A published file cannot be had: the network's fault, or the server's. It may be tried again. */
export class NotHad extends Error {
  override readonly name = "NotHad";
}

/** The unions that these pages trust. All here reject with `NotHad`. */
export async function fetchUnions(): Promise<readonly Union[]> {
  const bytes = await fetched("/unions.json", UNIONS_MAX_BYTES);
  try {
    const value = object(bytes);
    if (value.v !== 1 || !Array.isArray(value.unions)) {
      throw new Refused("form");
    }
    return value.unions.map(unionOf);
  } catch (error) {
    // The server's doing, and no reason to doubt what a device keeps.
    throw error instanceof Refused ? new NotHad("The list of unions cannot be read.") : error;
  }
}

/** Which queues there are; null where it cannot be had. A browser may keep it for a while. */
export async function fetchDirectory(): Promise<Directory | null> {
  try {
    const bytes = await found("/queues.json", DIRECTORY_MAX_BYTES, WITHIN_MS, "default");
    return bytes === null ? new Map() : parse(bytes);
  } catch {
    return null;
  }
}

/** By which machines call a union: the thumbprint of its root. */
export async function idOf(union: Union): Promise<string> {
  return encode(await thumb(fromBase64url(union.root, PUBLIC_KEY_BYTES)));
}

/** The revocation list of identities, as signed text. */
export async function fetchList(union: Union): Promise<string> {
  const path = `/unions/${await idOf(union)}/list.jwt`;
  // What is no text is no list either: whoever checks its signature refuses it.
  return new TextDecoder().decode(await fetched(path, LIST_MAX_BYTES)).trim();
}

/** A file of bundles; empty where the union has published none. */
export async function fetchBundles(union: Union, file: number): Promise<Bytes> {
  const path = `/unions/${await idOf(union)}/bundles/${file}.bin`;
  return (await found(path, BUNDLES_MAX_BYTES, BUNDLES_WITHIN_MS)) ?? new Uint8Array();
}

function unionOf(value: unknown): Union {
  const { v, name, audience, root } = isObject(value) ? value : {};
  if (v !== 1 || typeof name !== "string" || typeof audience !== "string") {
    throw new Refused("form");
  }
  const key = fromBase64url(root, PUBLIC_KEY_BYTES);
  if (!isHonest(key)) {
    throw new Refused("form");
  }
  return { name, audience, root: encode(key) };
}

async function fetched(path: string, max: number): Promise<Bytes> {
  const bytes = await found(path, max, WITHIN_MS);
  if (bytes === null) {
    throw new NotHad("A published file is not there.");
  }
  return bytes;
}

/** The file, or null where the server says that there is none. */
async function found(
  path: string,
  max: number,
  within_ms: number,
  cache: RequestCache = "no-store",
): Promise<Bytes | null> {
  try {
    const response = await fetch(path, {
      cache,
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(within_ms),
    });
    return response.status === 404 ? null : await bodyOf(response, max);
  } catch (error) {
    throw error instanceof NotHad ? error : new NotHad("A published file cannot be had.");
  }
}

async function bodyOf({ ok, body }: Response, max: number): Promise<Bytes> {
  if (!ok || body === null) {
    throw new NotHad("The server does not hand out a published file.");
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return join(...parts);
    }
    parts.push(value);
    size += value.length;
    if (size > max) {
      await reader.cancel();
      throw new NotHad("A published file is larger than any may be.");
    }
  }
}
