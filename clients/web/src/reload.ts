/**
 * What helps where a part of the page could not be loaded: the page anew.
 *
 * Door: asks whether the server is there again, and reloads. It decides nothing else; the address
 * with its fragment stays, so that the page comes back to where it was.
 *
 * Firefox keeps an `import()` that failed once failed for the life of a page, as HTML once said:
 * https://github.com/whatwg/html/issues/6768.
 */
const WITHIN_MS = 5_000;
// Chromium and Firefox; WebKit. The standard gives such an error no other mark.
const UNLOADED = /dynamically imported module|importing a module script/i;

/** Whether a part of the program could not be had: trouble of the network. */
export function isUnloaded(error: unknown): boolean {
  return error instanceof TypeError && UNLOADED.test(error.message);
}

/** Load the page anew, if its server has it now; else false, and all stays as it is. */
export async function reloadWhenReachable(): Promise<boolean> {
  try {
    const { ok } = await fetch(location.pathname + location.search, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    if (!ok) return false;
  } catch {
    return false;
  }
  location.reload();
  return true;
}
