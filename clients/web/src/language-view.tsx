/**
 * The choice of a language, in the header of every screen.
 *
 * View: draws, and tells the page what was chosen. It may not decide anything.
 */
import { useState } from "preact/hooks";
import { isOurs, type Lang, NAMES } from "./languages.ts";
import type { Words } from "./words/fr.ts";

/** Have the page speak it; whether it could. */
export type OnLanguage = (lang: Lang) => Promise<boolean>;

/** What is known of a choice: the language that could not be had, or null. */
export function useLanguage(words: Words, onLanguage: OnLanguage) {
  const [missing, setMissing] = useState<Lang | null>(null);
  const choose = async (select: HTMLSelectElement) => {
    const { value } = select;
    if (!isOurs(value)) return;
    setMissing(null);
    if (await onLanguage(value)) return;
    setMissing(value);
    select.value = words.lang;
  };
  return { missing, choose };
}

export function LanguageChoice(props: {
  words: Words;
  choose: (select: HTMLSelectElement) => Promise<void>;
}) {
  const { words, choose } = props;
  return (
    <div class="language">
      <label for="language">
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" class="icon">
          <path d="M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18zM3 12h18M12 3c-5 5-5 13 0 18c5-5 5-13 0-18z" />
        </svg>
        <span class="hidden">{words.language}</span>
      </label>
      <select
        id="language"
        data-testid="language"
        value={words.lang}
        onChange={({ currentTarget }) => void choose(currentTarget)}
      >
        {Object.entries(NAMES).map(([lang, name]) => (
          <option key={lang} value={lang} lang={lang}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Beneath the header, where it covers nothing: the numbers stay in sight. */
export function LanguageMissing({ words, missing }: { words: Words; missing: Lang | null }) {
  return (
    <p role="status" data-testid="missing" class={missing === null ? "hidden" : "notice missing"}>
      {missing === null ? "" : words.languageMissing(NAMES[missing])}
    </p>
  );
}
