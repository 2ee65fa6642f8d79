/**
 * What the device says about its network, as early as it says it.
 *
 * Door: events of the browser, and a clock that shows when this page was asleep. It decides nothing.
 */

const TICK_MS = 1_000;
/** A page that was not asleep misses a second or two, with a connection open even in the background. */
const ASLEEP_MS = 6_000;

/** Chromium on telephones tells by which network it goes; others do not. */
interface Network extends EventTarget {
  type?: string;
}

/** `another`: the network is another one, or is there again. `awake`: this page was asleep. */
export type NetworkSign = "another" | "awake";

export function watchSigns(tell: (sign: NetworkSign) => void): void {
  addEventListener("online", () => tell("another"));
  // Chromium freezes pages in the background, and says when it lets them go on.
  document.addEventListener("resume", () => tell("awake"));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) tell("awake");
  });
  const network = (navigator as { connection?: Network }).connection;
  let type = network?.type;
  network?.addEventListener("change", () => {
    // It also tells of every new guess at the network's speed.
    if (network.type === type) return;
    type = network.type;
    tell("another");
  });
  let tickedAt = Date.now();
  setInterval(() => {
    // Not `performance.now()`: it stands still in sleep on some systems.
    const passed_ms = Date.now() - tickedAt;
    tickedAt = Date.now();
    if (passed_ms > ASLEEP_MS) tell("awake");
  }, TICK_MS);
}
