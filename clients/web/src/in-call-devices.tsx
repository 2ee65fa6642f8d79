/**
 * Camera, microphone, loudspeaker and screen while a call runs.
 *
 * View: draws, and tells the page's own media what was clicked.
 */
import { askable } from "./mishaps.ts";
import type { OwnMedia } from "./own-media.ts";
import { Button } from "./parts.tsx";
import { Pickers, SoundTest } from "./picking.tsx";
import { ofRole } from "./picks.ts";
import type { Steward } from "./steward.ts";
import { devicesWords } from "./words/devices.ts";
import type { Words } from "./words/fr.ts";

interface Props {
  words: Words;
  own: OwnMedia;
}

interface MenuProps extends Props {
  steward: Steward;
}

// Apple and Google name both sides of a telephone, in many languages; nobody else has two.
const isHandheld = () => /Android|iPhone|iPad|iPod/.test(navigator.userAgent);

/** What is seldom wanted: other devices, the other side, the screen. */
export function DeviceMenu({ words, own, steward }: MenuProps) {
  const t = devicesWords(words);
  const canFlip = isHandheld() && ofRole(own.gear, "camera").length > 1 && own.has("camera");
  // In sound alone nobody would see it.
  const mayShare = own.canShare && !own.isSharing && steward.exchange.name !== "audio";
  return (
    <div class="devices">
      {canFlip && (
        <Button id="flip" onClick={() => void own.flip()}>
          {own.facing === "user" ? t.flipToBack : t.flipToFront}
        </Button>
      )}
      {mayShare && (
        <Button id="share-screen" onClick={() => void own.share()}>
          {t.share}
        </Button>
      )}
      <Pickers words={words} own={own} />
      <SoundTest words={words} />
    </div>
  );
}

/** One line about what happened to them by themselves; and, apart, that the screen is shared. */
export function OwnLine({ words, own }: Props) {
  const t = devicesWords(words);
  const { line, screenTrouble } = own;
  const kind = line === null ? null : askable(line);
  const said =
    line !== null ? t.line[line] : screenTrouble !== null ? t.screenTrouble[screenTrouble] : "";
  return (
    <>
      <div class="banner-line" data-own={line ?? undefined}>
        <p role="status" aria-live="polite" class={said === "" ? "" : "notice"}>
          {said}
        </p>
        {kind !== null && (
          <Button id="restore" kind="primary" onClick={() => own.ask(kind)}>
            {t.restore[kind]}
          </Button>
        )}
      </div>
      <div class="banner-line" data-sharing={own.isSharing || undefined}>
        <p role="status" aria-live="polite" class={own.isSharing ? "notice" : ""}>
          {own.isSharing ? t.sharing : ""}
        </p>
        {own.isSharing && (
          <Button id="stop-sharing" kind="primary" onClick={() => own.unshare()}>
            {t.stopSharing}
          </Button>
        )}
      </div>
    </>
  );
}
