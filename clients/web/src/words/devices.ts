/** The words of camera, microphone and loudspeaker, in the language of the page. */
import { browserOf, kindOf, reasonOf, systemOf, type Trouble } from "../faults.ts";
import { devicesFr, type DevicesWords } from "./devices.fr.ts";
import type { Words } from "./fr.ts";

export function devicesWords(words: Pick<Words, "topics">): DevicesWords {
  return words.topics.devices ?? devicesFr;
}

/** A device's fault in two sentences: what happened, and what to do in this browser. */
export function faultIn(
  words: Pick<Words, "topics">,
  trouble: Trouble,
  userAgent: string,
  touchPoints: number,
): { what: string; todo: string } {
  const { what, todo } = devicesWords(words);
  const which = kindOf(trouble) ?? "both";
  const reason = reasonOf(trouble);
  switch (reason) {
    case "denied":
      return { what: what.denied(which), todo: todo.denied };
    case "blocked":
      return {
        what: what.blocked(which),
        todo: todo.blocked[browserOf(userAgent, touchPoints)](which),
      };
    case "system":
      return {
        what: what.system(which),
        todo: todo.system[systemOf(userAgent, touchPoints)](which),
      };
    case "busy":
      return { what: what.busy(which), todo: todo.busy };
    case "missing":
      return { what: what.missing(which), todo: todo.missing };
    default:
      return { what: what[reason], todo: todo[reason] };
  }
}
