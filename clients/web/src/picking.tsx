/**
 * The choice of camera, microphone and loudspeaker, and a sound to try the last.
 *
 * View: draws, and tells the page's own media what was picked. What somebody answers about the test
 * sound stays here.
 */
import { useState } from "preact/hooks";
import "./devices.css";
import { canChoose, playTest } from "./loudspeaker.ts";
import type { OwnMedia } from "./own-media.ts";
import { Button } from "./parts.tsx";
import { ofRole, type Role } from "./picks.ts";
import { devicesWords } from "./words/devices.ts";
import type { Words } from "./words/fr.ts";

interface Props {
  words: Words;
  own: OwnMedia;
}

const ROLES: readonly Role[] = ["camera", "microphone", "loudspeaker"];

/** One list for each kind of which there is a choice. */
export function Pickers({ words, own }: Props) {
  const roles = ROLES.filter((role) => role !== "loudspeaker" || canChoose());
  return (
    <div class="pickers">
      {roles.map((role) => (
        <Picker key={role} role={role} words={words} own={own} />
      ))}
    </div>
  );
}

function Picker({ role, words, own }: Props & { role: Role }) {
  const t = devicesWords(words);
  const found = ofRole(own.gear, role);
  const used = own.inUse(role) ?? "";
  // The default has an id of its own, which is none of the list.
  const value = found.some(({ id }) => id === used) ? used : "";
  if (found.length === 0) return null;
  return (
    <label>
      {t.role[role]}
      <select
        id={`pick-${role}`}
        data-testid={`pick-${role}`}
        value={value}
        onChange={(event) => void own.pick(role, event.currentTarget.value)}
      >
        {(role === "loudspeaker" || value === "") && <option value="">{t.usual}</option>}
        {found.map(({ id, label }, at) => (
          <option key={id} value={id}>
            {label === "" ? `${t.unnamed[role]} ${at + 1}` : label}
          </option>
        ))}
      </select>
    </label>
  );
}

type Answer = "none" | "playing" | "asked" | "heard" | "not-heard";

/** Play a sound, and ask whether it was heard: nothing else can tell. */
export function SoundTest({ words }: { words: Words }) {
  const [answer, setAnswer] = useState<Answer>("none");
  const t = devicesWords(words);
  const play = async () => {
    setAnswer("playing");
    await playTest();
    setAnswer("asked");
  };
  const said: Record<Answer, string> = {
    none: "",
    playing: t.playing,
    asked: t.heard,
    heard: t.heardWell,
    "not-heard": `${t.notHeard} ${canChoose() ? t.notHeardChoose : t.notHeardSystem}`,
  };
  return (
    <div class="sound-test">
      <Button id="test-sound" disabled={answer === "playing"} onClick={() => void play()}>
        {t.testSound}
      </Button>
      <p role="status" aria-live="polite" data-answer={answer}>
        {said[answer]}
      </p>
      {answer === "asked" && (
        <div class="pair">
          <Button id="sound-heard" onClick={() => setAnswer("heard")}>
            {t.yes}
          </Button>
          <Button id="sound-not-heard" onClick={() => setAnswer("not-heard")}>
            {t.no}
          </Button>
        </div>
      )}
    </div>
  );
}

/** All of it behind one line, where it is not the thing to do. */
export function Choice({ words, own }: Props) {
  return (
    <details class="device-choice">
      <summary data-testid="choose-devices">{devicesWords(words).choose}</summary>
      <Pickers words={words} own={own} />
      <SoundTest words={words} />
    </details>
  );
}
