/**
 * What the far end does with camera and microphone, and sound alone: proposed, agreed, left.
 *
 * View: draws, and tells the steward what was clicked.
 */
import { Button } from "./parts.tsx";
import { sideOf, worse } from "./quality.ts";
import type { Steward } from "./steward.ts";
import { callWords, type CallWords } from "./words/call.ts";
import type { Words } from "./words/fr.ts";

interface Props {
  words: Words;
  steward: Steward;
  /** Pictures of the far end do not arrive, though they should. */
  isLost: boolean;
}

/** One line about the other end, or about what the network does to picture and voice. */
export function VoiceLine({ words, steward, isLost }: Props) {
  const t = callWords(words);
  const { exchange, isPictureOff, isLeftDark, far } = steward;
  const line = lineOf(steward, t);
  const look = line === t.far.veiled ? "small" : "notice";
  const mayPropose = (isPictureOff || isLost) && exchange.name === "video" && far !== null;
  return (
    <div class="banner-line voice-line">
      <p role="status" aria-live="polite" class={line === "" ? "" : look} data-testid="voice">
        {line}
      </p>
      {mayPropose && (
        <Button id="propose-audio-now" onClick={() => steward.clicks("ask")}>
          {t.voice.propose}
        </Button>
      )}
      {exchange.name === "asking" && (
        <Button id="withdraw-audio" onClick={() => steward.clicks("withdraw")}>
          {t.voice.withdraw}
        </Button>
      )}
      {isLeftDark && (
        <Button id="light-again" kind="primary" onClick={() => steward.light()}>
          {t.voice.light}
        </Button>
      )}
    </div>
  );
}

/** The one that a person can do most about. */
function lineOf(steward: Steward, t: CallWords): string {
  const { exchange, far, quality, isPictureOff, isLeftDark } = steward;
  if (isLeftDark) return t.voice.leftDark;
  if (exchange.name === "asking") return t.voice.asking;
  if (exchange.last === "refused") return t.voice.refused;
  if (exchange.last === "withdrawn") return t.voice.withdrawn;
  if (isPictureOff) return t.voice.off;
  if (far !== null && exchange.name !== "audio") {
    if (!far.cam && !far.mic) return t.far.both;
    if (!far.cam) return t.far.cam;
  }
  if (far?.mic === false) return t.far.mic;
  const side = sideOf(quality);
  const isPoor = worse(quality.incoming.grade, quality.outgoing.grade) === "poor";
  if (side !== null && isPoor) return t.quality.sides[side];
  if (far?.veiled === true && exchange.name !== "audio") return t.far.veiled;
  return "";
}

/** The far end proposes it: nothing happens before a click. */
export function AudioAsked({ words, steward }: Omit<Props, "isLost">) {
  const t = callWords(words).voice;
  if (steward.exchange.name !== "asked") return null;
  return (
    <section class="card over" role="alertdialog" aria-labelledby="asked-audio">
      <h2 id="asked-audio">{t.askedTitle}</h2>
      <p>{t.askedText}</p>
      <p>
        <b>{t.label}</b>
      </p>
      <div class="actions side">
        <Button id="agree-audio" kind="primary" onClick={() => steward.clicks("agree")}>
          {t.agree}
        </Button>
        <Button id="refuse-audio" onClick={() => steward.clicks("refuse")}>
          {t.refuse}
        </Button>
      </div>
    </section>
  );
}

/** Over both pictures while it lasts, with the way back. */
export function AudioLabel({ words, steward }: Omit<Props, "isLost">) {
  const t = callWords(words).voice;
  const isAudio = steward.exchange.name === "audio";
  return (
    <div class={isAudio ? "over-picture audio" : ""}>
      <p role="status" data-testid="audio-label">
        {isAudio ? t.label : ""}
      </p>
      {isAudio && (
        <Button id="back-to-video" kind="primary" onClick={() => steward.clicks("return")}>
          {t.back}
        </Button>
      )}
    </div>
  );
}

/** In the sheet of what is seldom wanted. */
export function ProposeAudio({ words, steward }: Omit<Props, "isLost">) {
  const t = callWords(words).voice;
  if (steward.far === null || steward.exchange.name !== "video") return null;
  return (
    <div class="propose-audio">
      <Button
        id="propose-audio"
        onClick={() => {
          // What comes of it is under the sheet.
          document.querySelector(".more[open]")?.removeAttribute("open");
          steward.clicks("ask");
        }}
      >
        {t.propose}
      </Button>
      <p class="small">{t.proposeText}</p>
    </div>
  );
}
