/**
 * The end: what comes next, what is paid for, and that nothing is kept.
 *
 * View: draws, and tells what was clicked.
 */
import type { Advice } from "./advice.ts";
import type { Why } from "./consultation.ts";
import { Button } from "./parts.tsx";
import type { Words } from "./words/fr.ts";
import { journeyWords } from "./words/journey.ts";

export function After(props: {
  why: Why;
  advice: Advice | null;
  words: Words;
  onReturn: () => void;
}) {
  const { why, advice, words, onReturn } = props;
  const w = journeyWords(words).end;
  const hasMet = why !== "gave-up" && why !== "expired";
  return (
    <>
      {advice !== null && advice !== "nothing" && (
        <section class="card" data-advice={advice}>
          <h2>{w.adviceTitle}</h2>
          <p>{w.advice[advice]}</p>
        </section>
      )}
      {(why === "lost" || why === "expired") && (
        <div class="actions">
          {why === "expired" && <p>{w.againText}</p>}
          <Button id="return" kind="primary" onClick={onReturn}>
            {why === "expired" ? w.again : words.ended.back}
          </Button>
        </div>
      )}
      <section class="card">
        <h2>{words.ended.nextTitle}</h2>
        <ul>
          {(hasMet ? w.next : w.without).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        {hasMet && (
          <>
            <h3>{w.coverageTitle}</h3>
            <p>{w.coverage}</p>
          </>
        )}
      </section>
      <p>{w.kept}</p>
      <p class="small">{w.history}</p>
    </>
  );
}
