/**
 * The page's bell: soft notes made here, from no file, and a vibration on phones.
 *
 * Door. Browsers let a page sound once it was touched, and some only by what was made in that
 * touch: one audio context is made at the first touch and kept. It sounds in a background tab.
 */

/** Pitch in Hz and begin in seconds of each note. */
type Tune = readonly (readonly [number, number])[];

const CALLED: Tune = [
  [523, 0],
  [659, 0.35],
];
const CAME: Tune = [
  [659, 0],
  [784, 0.25],
  [659, 0.5],
];
const NOTE_S = 0.7;
// All of a ringing is given to the audio clock at once: a hidden page's timers are slowed.
const RING_EVERY_S = 4;
const RING_TIMES = 15;

export class Bell {
  #context: AudioContext | null = null;
  /** Notes that are still to come. */
  #coming: OscillatorNode[] = [];
  #isRinging = false;

  /** Have the sound ready at the first touch of the page, whatever is touched. */
  listen(): void {
    const unlock = () => {
      this.#context ??= new AudioContext();
      void this.#context.resume();
    };
    for (const touch of ["pointerdown", "keydown"]) {
      addEventListener(touch, unlock, { once: true, capture: true });
    }
  }

  /** Somebody wants an answer, here and now. */
  chime(): void {
    this.#play(CALLED, 1);
    vibrate([200, 150, 200]);
  }

  /** Somebody came, and can wait. */
  announce(): void {
    this.#play(CAME, 1);
    vibrate([150]);
  }

  /** Ring as a telephone does, until that is over or a minute has passed. */
  ring(isRinging: boolean): void {
    if (isRinging === this.#isRinging) return;
    this.#isRinging = isRinging;
    if (isRinging) {
      this.#play(CALLED, RING_TIMES);
      vibrate(Array<number[]>(RING_TIMES).fill([200, 150, 200, 3450]).flat());
    } else {
      for (const note of this.#coming) note.stop();
      this.#coming = [];
      vibrate([]);
    }
  }

  #play(tune: Tune, times: number): void {
    const context = (this.#context ??= new AudioContext());
    // A phone call or a sleep may have stopped it; without a touch so far it stays silent.
    void context.resume().catch(() => undefined);
    for (let time = 0; time < times; time += 1) {
      for (const [pitch, begin] of tune) {
        this.#note(context, pitch, context.currentTime + time * RING_EVERY_S + begin);
      }
    }
  }

  #note(context: AudioContext, pitch: number, at: number): void {
    const note = context.createOscillator();
    const volume = context.createGain();
    note.frequency.value = pitch;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.15, at + 0.05);
    volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S);
    note.connect(volume).connect(context.destination);
    note.onended = () => {
      this.#coming = this.#coming.filter((other) => other !== note);
    };
    note.start(at);
    note.stop(at + NOTE_S);
    this.#coming.push(note);
  }
}

function vibrate(pattern: number[]): void {
  if (navigator.userActivation.hasBeenActive) {
    // Desktop browsers and iPhones have no `vibrate`.
    (navigator as Partial<Navigator>).vibrate?.(pattern);
  }
}
