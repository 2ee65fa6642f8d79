/**
 * The patient's way from the first screen into the queue, and what the page knows of him on it.
 *
 * Pure, and part of `consultation.ts`. Consent, then what the patient wants to say, then the
 * devices; once they work the page enters by itself. What is said here stays in the page until a
 * doctor was accepted and M4 was in order (`visit.ts`).
 *
 * `clients/README.md`, *Before and after the call*.
 */
import { agreed, type Consent, isPhone, type Said } from "./about.ts";
import type { State } from "./consultation.ts";
import { isOpen } from "./directory.ts";
import type { Common, Step, Todo } from "./todo.ts";

/** What the page knows of its patient; all of it is gone after a reload. */
export interface Known {
  /** Null until something was said. */
  said: Said | null;
  consent: Consent | null;
  /** The queue that the patient's place leads to, where it is another than the link's. */
  queue: string | null;
}

export const UNKNOWN: Known = { said: null, consent: null, queue: null };

export type JourneyEvent =
  | { e: "consent"; at_s: number }
  /** On the way in. `queue`: where the patient's place leads, null for where the link does. */
  | { e: "about"; said: Said; queue: string | null }
  /** In the waiting room, said for the first time since a reload or changed: agreed to anew. */
  | { e: "say"; said: Said; at_s: number }
  /** The page was out of sight, or without the server, for long. */
  | { e: "are-you-there" }
  | { e: "still-here" };

type Taken = JourneyEvent | Extract<Common, { e: "devices" | "devices-ready" | "moved" }>;

export function journeying(state: State, event: Taken): Step<State> {
  const { page, known, circle } = state;
  switch (event.e) {
    case "consent":
      return page.name === "welcome"
        ? [
            {
              ...state,
              page: { name: "about" },
              known: { ...known, consent: agreed(event.at_s) },
            },
            [{ do: "load-directory" }],
          ]
        : [state, []];
    case "about": {
      if (page.name !== "about") return [state, []];
      const { said, queue } = event;
      const leads = queue !== circle.own && isOpen(circle.directory?.get(queue ?? ""));
      return [
        {
          ...state,
          page: { name: "devices" },
          known: { ...known, said, queue: leads ? queue : null },
        },
        [{ do: "open-devices", video: true }],
      ];
    }
    case "devices": {
      const next = { ...state, trouble: event.trouble, hasDevices: event.trouble === null };
      // Nobody has to find a button: only a fault keeps a person from the waiting room.
      return event.trouble === null && page.name === "devices" ? enter(next) : [next, []];
    }
    case "devices-ready":
      return page.name === "devices" ? enter(state) : [state, []];
    case "moved":
      return page.name === "entering" && known.queue !== null
        ? [{ ...state, known: { ...known, queue: null } }, [{ do: "connect" }]]
        : [state, []];
    case "say": {
      const consent = known.consent ?? agreed(event.at_s);
      return [{ ...state, known: { ...known, said: event.said, consent } }, []];
    }
    case "are-you-there":
      return page.name === "waiting" && !state.isAsked
        ? [{ ...state, isAsked: true }, [{ do: "chime" }]]
        : [state, []];
    case "still-here":
      return [{ ...state, isAsked: false }, []];
  }
}

/** What may be told of what is being typed: nothing before consent, no half of a number. */
export function tellable(said: Said, { consent }: Known): Said | null {
  if (consent === null) return null;
  return { ...said, phone: isPhone(said.phone) ? said.phone : "" };
}

/** First to the queue that the place leads to, so that the server learns of no other. */
function enter(state: State): Step<State> {
  const { circle, known } = state;
  const next: State = { ...state, page: { name: "entering" } };
  const wanted = known.queue === null ? undefined : circle.directory?.get(known.queue);
  if (known.queue === null || !isOpen(wanted)) {
    return [{ ...next, known: { ...known, queue: null } }, [{ do: "connect" }]];
  }
  const move: Todo = { do: "move", token: wanted.link, join: null };
  const moving = { queue: known.queue, isAfter: false };
  return [{ ...next, circle: { ...circle, moving } }, [move]];
}
