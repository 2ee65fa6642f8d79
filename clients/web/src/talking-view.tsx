/**
 * Where text and documents stand in a call: nothing until the half that draws them is loaded.
 *
 * View.
 */
import type { Talking } from "./talking.ts";
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
  const { now } = props.talking;
  return now === null ? null : <now.view.Panel {...props} desk={now.desk} />;
}
