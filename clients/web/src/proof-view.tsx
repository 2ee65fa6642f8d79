/**
 * Whether both ends are proven, in words and as a lock.
 *
 * View.
 */
import { isLocked, type Proven, spoken } from "./lock.ts";
import type { Words } from "./words/fr.ts";

/** A lock that says what was proven, and nothing else; what it says is in words too. */
function LockIcon(props: { isLocked: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="icon lock">
      <path d="M5 11h14v9H5z" />
      <path d={props.isLocked ? "M8 11V7a4 4 0 0 1 8 0v4" : "M8 11V7a4 4 0 0 1 7.5-2"} />
    </svg>
  );
}

/** Whether both ends are proven, and the digits by which two people can make sure themselves. */
export function Proof(props: {
  words: Words;
  proven: Proven;
  vouched: string | null;
  text: (digits: string) => string;
}) {
  const { words, proven } = props;
  const locked = isLocked(proven);
  return (
    <details class="proof" data-locked={locked} data-digits={locked ? proven.digits : undefined}>
      <summary>
        <LockIcon isLocked={locked} />
        <span>{locked ? (props.vouched ?? words.proof.locked) : words.proof.open}</span>
        {locked && (
          <span class="digits">
            {words.proof.code} <b dir="ltr">{spoken(proven.digits ?? "")}</b>
          </span>
        )}
      </summary>
      <p>{locked ? props.text(spoken(proven.digits ?? "")) : words.proof.openText}</p>
    </details>
  );
}
