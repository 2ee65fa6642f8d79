/** Relay passwords for tests: of ten minutes, from a server whose clock begins at 0. */
import type { Relay } from "../../../clients/web/src/messages.ts";
import type { Held } from "../../../clients/web/src/relays.ts";

export const LIFE_S = 600;

/** As the server hands one out at a time; it ends ten minutes later. */
export function relay(changes: Partial<Relay> = {}, since_s = 0): Relay {
  return {
    urls: [
      "turn:relay.example:3478?transport=udp",
      "turn:relay.example:3478?transport=tcp",
      "turns:relay.example:443?transport=tcp",
    ],
    username: "1790000600:tag",
    password: "password",
    expires_at: since_s + LIFE_S,
    only: true,
    ...changes,
  };
}

export function held(changes: Partial<Relay> = {}, since_s = 0): Held {
  return { relay: relay(changes, since_s), since_s };
}
