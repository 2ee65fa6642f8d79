/**
 * Where text and documents stand in a call: nothing until the half that draws them is loaded, and
 * one sentence where it cannot be.
 *
 * View.
 */
import type { Talking } from "./talking.ts";
import { callWords } from "./words/call.ts";
import type { Words } from "./words/fr.ts";

export interface TalkProps {
  readonly talking: Talking;
  readonly words: Words;
  /** How a far end is called; null for one that is here no more. */
  readonly nameOf: (key: string) => string | null;
}

/** The button in the bar. */
export function TalkTool(props: TalkProps) {
  const { now } = props.talking;
  return now === null ? null : <now.view.Tool {...props} desk={now.desk} />;
}

/** What is written and sent. */
export function TalkPanel(props: TalkProps) {
  const { now, isMissing } = props.talking;
  if (now !== null) return <now.view.Panel {...props} desk={now.desk} />;
  // The style of text is in what could not be loaded.
  return (
    <p role="status" data-testid="talk-missing" class={isMissing ? "small" : "hidden"}>
      {isMissing && callWords(props.words).talkMissing}
    </p>
  );
}
