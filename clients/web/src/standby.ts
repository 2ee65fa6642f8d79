/**
 * What a page has ready before a call: a connection for the next one, and a trial of the relay.
 *
 * Door. Nothing of camera or microphone is in either. It holds one of each, and closes the one
 * before: the relay counts what a page holds.
 *
 * When they are wanted is decided in `relays.ts`.
 */
import { encode } from "./letters.ts";
import type { Relay } from "./messages.ts";
import { type Held, type Route, routesOf } from "./relays.ts";

/** A connection that no meeting uses yet, and the password it was made with. */
export interface Spare {
  pc: RTCPeerConnection;
  relay: Held | null;
  /** Candidates were gathered ahead, where the browser can. */
  isReady: boolean;
}

// Shared out among the transports, which are tried one after another: together they would take
// three times as much of the relay, and the quickest would be named, not the best.
const CHECK_MS = 15_000;

/** How each connection is configured: always explicit, so that no other server is contacted. */
export function configured(relay: Relay | null, isReady: boolean): RTCConfiguration {
  return {
    iceServers: relay === null ? [] : [iceServer(relay)],
    iceTransportPolicy: relay?.only === true ? "relay" : "all",
    bundlePolicy: "max-bundle",
    // All goes over one transport. Elsewhere none: in Chromium (seen in 156) a connection that
    // throws such candidates away while they are being gathered may find no others.
    iceCandidatePoolSize: isReady ? 1 : 0,
  };
}

export function connect(relay: Held | null, isReady = false): Spare {
  const pc = new RTCPeerConnection(configured(relay?.relay ?? null, isReady));
  return { pc, relay, isReady };
}

export class Standby {
  #spare: Spare | null = null;
  #trial: AbortController | null = null;

  /** Have a connection ready for the next call; null: none is needed. */
  keep(relay: Held | null): void {
    this.#spare?.pc.close();
    this.#spare = relay && connect(relay, true);
  }

  /** The connection that is ready, or one made now. */
  take(relay: Held | null): Spare {
    const spare = relay === null ? null : this.#spare;
    if (spare === null) return connect(relay);
    this.#spare = null;
    return spare;
  }

  /** Try the relay, and tell once what was found; null stops. */
  check(relay: Relay | null, tell: (by: Route | null) => void): void {
    this.#trial?.abort();
    this.#trial = null;
    if (relay === null) return;
    const trial = new AbortController();
    this.#trial = trial;
    void tryRelay(relay, trial.signal).then((by) => {
      if (!trial.signal.aborted) tell(by);
    });
  }
}

/** The first transport by which a message comes back through the relay; null for none. */
export async function tryRelay(relay: Relay, signal: AbortSignal): Promise<Route | null> {
  const routes = routesOf(relay.urls);
  for (const [route, urls] of routes) {
    if (await comesBack({ ...relay, urls }, CHECK_MS / routes.length, signal)) return route;
  }
  return null;
}

/** Two connections of this page, through the relay alone: one message there, and back. */
async function comesBack(relay: Relay, within_ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const near = loose(relay);
  const far = loose(relay);
  const over = new Promise<false>((resolve) => {
    setTimeout(() => resolve(false), within_ms);
    signal.addEventListener("abort", () => resolve(false), { once: true });
  });
  try {
    return await Promise.race([exchange(near, far), over]);
  } catch {
    // A browser that cannot use such an address finds no way by it.
    return false;
  } finally {
    near.close();
    far.close();
  }
}

/** True when a message is back; false once no way to the relay is left to be found. */
async function exchange(near: RTCPeerConnection, far: RTCPeerConnection): Promise<boolean> {
  const said = encode(crypto.getRandomValues(new Uint8Array(16)));
  const here = near.createDataChannel("check", { negotiated: true, id: 0 });
  const there = far.createDataChannel("check", { negotiated: true, id: 0 });
  there.onmessage = ({ data }) => there.send(String(data));
  here.onopen = () => here.send(said);
  const found: [RTCPeerConnection, RTCIceCandidate][] = [];
  let pass = (to: RTCPeerConnection, candidate: RTCIceCandidate) => {
    found.push([to, candidate]);
  };
  const heard = new Promise<boolean>((resolve) => {
    here.onmessage = ({ data }) => {
      if (data === said) resolve(true);
    };
    let isReached = false;
    near.onicecandidate = ({ candidate }) => {
      // A null or empty one ends the gathering.
      if (candidate === null || candidate.candidate === "") {
        if (!isReached) resolve(false);
      } else {
        isReached = true;
        pass(far, candidate);
      }
    };
  });
  far.onicecandidate = ({ candidate }) => candidate && pass(near, candidate);
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription ?? { type: "offer" });
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription ?? { type: "answer" });
  // Not before both know each other. One that is lost is one of several.
  pass = (to, candidate) => void to.addIceCandidate(candidate).catch(() => undefined);
  for (const [to, candidate] of found) pass(to, candidate);
  return heard;
}

/** Through the relay alone, whatever a call may use. */
function loose(relay: Relay): RTCPeerConnection {
  return new RTCPeerConnection({
    iceServers: [iceServer(relay)],
    iceTransportPolicy: "relay",
    bundlePolicy: "max-bundle",
  });
}

function iceServer(relay: Relay): RTCIceServer {
  return { urls: relay.urls, username: relay.username, credential: relay.password };
}
