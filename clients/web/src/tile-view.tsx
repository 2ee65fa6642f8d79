/**
 * A far end's picture, what lies over it, and the few buttons on it.
 *
 * View. A veil is a blur over the picture itself and a sheet above that; it holds in full screen,
 * and what is veiled never floats (`pip.ts`).
 */
import type { ComponentChildren, Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon, type Tile } from "./call-view.tsx";
import { Button } from "./parts.tsx";
import { canFloat, float, mayFloat } from "./pip.ts";
import type { CallWords } from "./words/call.ts";

export interface TileProps {
  t: CallWords;
  tile: Tile;
  at: number;
  isVeiled: boolean;
  /** The far end says that no picture is to come. */
  isDark: boolean;
  onLift: () => void;
  show: (video: HTMLVideoElement | null) => void;
  children: ComponentChildren;
}

export function TileView(props: TileProps) {
  const { t, tile, at, isVeiled, isDark } = props;
  const video = useRef<HTMLVideoElement | null>(null);
  useEffect(() => {
    const { current } = video;
    if (current === null) return;
    const keep = () => mayFloat(current, !isVeiled);
    keep();
    // A browser may have a way of its own to let it float.
    current.addEventListener("enterpictureinpicture", keep);
    return () => current.removeEventListener("enterpictureinpicture", keep);
  }, [isVeiled]);
  const ref: Ref<HTMLVideoElement> = (element) => {
    video.current = element;
    props.show(element);
  };
  const suffix = at === 0 ? "" : `-${at}`;
  const was = useRef(isVeiled);
  useEffect(() => {
    if (was.current === isVeiled) return;
    was.current = isVeiled;
    // The button that was pressed is gone, and the keyboard's place with it.
    if (document.activeElement !== document.body) return;
    const other = document.getElementById(isVeiled ? `lift${suffix}` : "lower");
    (other ?? document.querySelector("main"))?.focus();
  }, [isVeiled]);
  return (
    <div class={isVeiled ? "tile veiled" : "tile"} data-role={tile.role}>
      <video id={`far${suffix}`} autoplay playsInline ref={ref} aria-label={tile.label} />
      {isDark ? (
        <div class="over-picture" aria-hidden="true">
          <Icon name="camera" crossed />
          <p>{t.far.camShort}</p>
        </div>
      ) : (
        isVeiled && (
          <div class="over-picture veil" data-testid="veil">
            <p>
              <b>{t.veil.title}</b> {t.veil.text}
            </p>
            <Button
              id={`lift${suffix}`}
              kind="primary"
              {...(at === 0 ? { shortcut: "Control+I" } : {})}
              onClick={props.onLift}
            >
              {t.veil.lift}
            </Button>
            {at === 0 && <p class="key">{t.veil.key}</p>}
          </div>
        )
      )}
      {props.children}
    </div>
  );
}

/** Buttons on the picture: veil it again, float it, fill the screen, move our own aside. */
export function StageTools(props: {
  t: CallWords;
  mayFloat: boolean;
  onLower: (() => void) | null;
  onMove: () => void;
}) {
  const { t } = props;
  const isFull = useFullscreen();
  return (
    <div class="stage-tools">
      {props.onLower !== null && (
        <Button id="lower" label={t.veil.lower} shortcut="Control+I" onClick={props.onLower}>
          <Icon name="veil" />
        </Button>
      )}
      {props.mayFloat && canFloat() && (
        <Button id="float" label={t.tools.float} onClick={floatFirst}>
          <Icon name="float" />
        </Button>
      )}
      {/* Absent on iPhones. */}
      {(document as Partial<Document>).fullscreenEnabled === true && (
        <Button id="full" label={isFull ? t.tools.small : t.tools.full} onClick={toggleFull}>
          <Icon name={isFull ? "small" : "full"} />
        </Button>
      )}
      <Button id="move-self" label={t.tools.move} onClick={props.onMove}>
        <Icon name="move" />
      </Button>
    </div>
  );
}

function floatFirst(): void {
  const video = document.querySelector<HTMLVideoElement>("#far");
  if (video !== null) void float(video);
}

/** The whole call with its buttons, not the bare picture: a blur and a way to hang up stay. */
export function toggleFull(): void {
  const call = document.querySelector(".call");
  const change =
    document.fullscreenElement === null ? call?.requestFullscreen() : document.exitFullscreen();
  // A browser that thinks better of it leaves things as they are.
  change?.catch(() => undefined);
}

function useFullscreen(): boolean {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", look);
    return () => document.removeEventListener("fullscreenchange", look);
  }, []);
  return isFull;
}
