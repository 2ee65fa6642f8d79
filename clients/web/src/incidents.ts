/**
 * What went wrong in a call, and when: for the slip that the doctor copies into the own software.
 *
 * Pure. In memory, of one session; the patient's page has no use for it. Nothing is held of what
 * was said or shown.
 */

export type IncidentKind =
  /** Nothing came through any more, and did again. */
  | "interrupted"
  | "restored"
  /** The picture was given up by itself for the voice, and taken up again. */
  | "picture-off"
  | "picture-on"
  /** Both agreed to sound alone, and either went back to video. */
  | "audio-begin"
  | "audio-end";

export interface Incident {
  readonly kind: IncidentKind;
  /** Seconds since 1970, by this device's clock. */
  readonly at: number;
}

/** A path that breaks each ten seconds does so for half an hour. */
export const INCIDENTS_MAX = 400;

const OPENED_BY: Partial<Record<IncidentKind, IncidentKind>> = {
  restored: "interrupted",
  "picture-on": "picture-off",
  "audio-end": "audio-begin",
};

/** The list with one more: an end only after its beginning, and no beginning twice. */
export function noted(
  incidents: readonly Incident[],
  kind: IncidentKind,
  at: number,
): readonly Incident[] {
  const opening = OPENED_BY[kind];
  const pair = opening === undefined ? [kind, endOf(kind)] : [opening, kind];
  const last = incidents.filter((one) => pair.includes(one.kind)).at(-1)?.kind;
  const isOpen = last === pair[0];
  const fits = opening === undefined ? !isOpen : isOpen;
  return fits && incidents.length < INCIDENTS_MAX ? [...incidents, { kind, at }] : incidents;
}

function endOf(kind: IncidentKind): IncidentKind {
  const found = (Object.keys(OPENED_BY) as IncidentKind[]).find((end) => OPENED_BY[end] === kind);
  return found ?? kind;
}
