/**
 * What the patient said of himself, as the doctor sees it: agreement, place, how to call back.
 *
 * View: it shows the far end's own word, as text and as a telephone link, and keeps nothing.
 */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type About, dialled } from "./about.ts";
import { localeOf } from "./languages.ts";
import { Button, Spoken } from "./parts.tsx";
import { aboutWords } from "./words/about.ts";
import type { Words } from "./words/fr.ts";

export function AboutView({ about, words }: { about: About | null; words: Words }) {
  const w = aboutWords(words);
  const [copied, setCopied] = useState<"" | "copied" | "notCopied">("");
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => setCopied("copied"),
      () => setCopied("notCopied"),
    );
  };
  return (
    <section class="card about" data-testid="about" aria-labelledby="about-title">
      <h2 id="about-title">{w.title}</h2>
      <Spoken>
        <p>
          {about === null
            ? w.nothing
            : about.consent === null
              ? w.notAgreed
              : w.agreed(timeOf(about.consent.minute, words))}
        </p>
      </Spoken>
      {about !== null && (
        <dl>
          {about.place !== null && <Line title={w.place}>{w.places[about.place]}</Line>}
          {about.person !== null && <Line title={w.person}>{w.personIs[about.person]}</Line>}
          {about.phone !== "" && (
            <Line title={w.phone}>
              <a href={dialled(about.phone)}>{w.call(about.phone)}</a>
              <Button id="copy-phone" label={w.copyPhone} onClick={() => copy(about.phone)}>
                {w.copy}
              </Button>
            </Line>
          )}
          {about.whereabouts !== "" && (
            <Line title={w.whereabouts}>
              <bdi>{about.whereabouts}</bdi>
              <Button
                id="copy-whereabouts"
                label={w.copyWhereabouts}
                onClick={() => copy(about.whereabouts)}
              >
                {w.copy}
              </Button>
            </Line>
          )}
        </dl>
      )}
      <p class="small" role="status">
        {copied !== "" && w[copied]}
      </p>
    </section>
  );
}

function Line({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function timeOf(minute: number, words: Words): string {
  return new Date(minute * 60_000).toLocaleTimeString(localeOf(words), {
    hour: "2-digit",
    minute: "2-digit",
  });
}
