/**
 * The desk between a page's machine and the outside: carries out what the machine asks.
 *
 * Door. It decides nothing about the consultation; each todo is a few lines here, and
 * what comes of it returns as an event. Secrets stay in memory and in the fragment.
 *
 * The todos and events are in `todo.ts`.
 */
import { encode, write } from "./letters.ts";
import type { Letter } from "./letters.ts";
import { compose } from "./link.ts";
import type { Link } from "./link.ts";
import { chime, closeDevices, keepAwake, openDevices } from "./media.ts";
import { Meeting } from "./meeting.ts";
import { Post } from "./post.ts";
import { holderOf, isResume, prove, resumeMac } from "./proof.ts";
import type { Holder } from "./proof.ts";
import { Socket } from "./socket.ts";
import type { Common, Dice, Step, Todo } from "./todo.ts";

export interface Role<State, Event> {
  /** Fixed by role: patient polite, doctor impolite. */
  polite: boolean;
  begin: Step<State>;
  step: (state: State, event: Event | Common, dice: Dice) => Step<State>;
  /** What is shown to the server when there is no pass. */
  token: (holder: Holder) => Promise<string>;
  draw: () => void;
}

type TodoOf<D extends Todo["do"]> = Extract<Todo, { do: D }>;

export class Desk<State extends { isJoined: boolean }, Event> {
  state: State;
  stream: MediaStream | null = null;
  remote: MediaStream | null = null;
  isMuted = false;
  isDark = false;

  #role: Role<State, Event>;
  #link: Link;
  #holder: Holder;
  #socket: Socket;
  #post: Post;
  #meeting: Meeting | null = null;
  #challenge = "";
  #isHeld = false;
  #isDrawing = false;
  #opening = 0;
  #wakeLock: WakeLockSentinel | null = null;

  constructor(role: Role<State, Event>, link: Link, holder: Holder) {
    this.#role = role;
    this.#link = link;
    this.#holder = holder;
    this.state = role.begin[0];
    const url = new URL("/v1", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    this.#socket = new Socket(url.href);
    // An envelope on a socket that has not joined yet would be refused, and lost.
    this.#post = new Post((message) => this.state.isJoined && this.#socket.send(message));
    this.#socket.onlost = () => this.tell({ e: "offline" });
    this.#socket.hear = (message) => {
      if (message.type === "hello") this.#challenge = message.challenge;
      this.tell({ e: "wire", message, at_s: Date.now() / 1000 });
    };
  }

  start(): void {
    this.#carryOut(this.#role.begin[1]);
    this.#role.draw();
  }

  tell(event: Event | Common): void {
    const [state, todos] = this.#role.step(this.state, event, dice);
    this.state = state;
    this.#carryOut(todos);
    this.#drawSoon();
  }

  mute(isMuted: boolean): void {
    this.isMuted = isMuted;
    this.#enable();
    this.#drawSoon();
  }

  darken(isDark: boolean): void {
    this.isDark = isDark;
    this.#enable();
    this.#drawSoon();
    if (!isDark && this.stream?.getVideoTracks().length === 0) {
      this.tell({ e: "try-devices", video: true });
    }
  }

  /** Once a frame at most: between *accept* and the first picture, letters go before pixels. */
  #drawSoon(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    const draw = () => {
      this.#isDrawing = false;
      this.#role.draw();
    };
    // A hidden page has no frames, but its title tells that a doctor calls.
    if (document.hidden) {
      setTimeout(draw);
    } else {
      requestAnimationFrame(draw);
    }
  }

  #carryOut(todos: Todo[]): void {
    for (const todo of todos) {
      this.#carry(todo);
    }
  }

  #carry(todo: Todo): void {
    switch (todo.do) {
      case "open-devices":
        void this.#openDevices(todo.video);
        return;
      case "close-devices":
        this.#opening += 1;
        closeDevices(this.stream);
        this.stream = null;
        return;
      case "connect":
        // From here on a reload comes back by itself: the holder key is in the fragment.
        this.#keep();
        this.#socket.open();
        return;
      case "disconnect":
        this.#socket.close();
        return;
      case "reconnect":
        this.#socket.open(todo.after_s * 1000);
        return;
      case "join":
        void this.#join(todo);
        return;
      case "send":
        void this.#socket.send(todo.message);
        return;
      case "write":
        this.#write(todo.to, todo.letter);
        return;
      case "write-m1":
        void this.#writeM1(todo);
        return;
      case "check":
        void this.#check(todo);
        return;
      case "flush":
        this.#post.flush();
        return;
      case "away":
        this.#post.away();
        return;
      case "keep":
        this.#link = { ...this.#link, resume: todo.resume };
        this.#keep();
        return;
      case "clear-link":
        history.replaceState(null, "", location.pathname);
        return;
      case "meet":
        void this.#meet(todo);
        return;
      case "settle":
        void this.#settle(todo);
        return;
      case "expect":
        this.#current(todo.connection)?.expect();
        return;
      case "release":
        this.#current(todo.connection)?.release();
        return;
      case "hear":
        void this.#meeting?.hear(todo.letter).catch(() => undefined);
        return;
      case "hold":
        this.#isHeld = todo.held;
        this.#meeting?.hold(todo.held);
        return;
      case "bye":
        this.#meeting?.bye();
        return;
      case "drop-media":
        this.#drop();
        return;
      case "chime":
        chime();
        return;
    }
  }

  #keep(): void {
    history.replaceState(null, "", compose(this.#link));
  }

  #write(to: string, letter: Letter): void {
    this.#post.write(to, write(letter));
  }

  async #join(todo: TodoOf<"join">): Promise<void> {
    const challenge = this.#challenge;
    const token = todo.pass ?? (await this.#role.token(this.#holder));
    const proof = await prove(this.#holder, challenge, location.origin, token);
    // Another socket may have said its hello meanwhile.
    if (challenge === this.#challenge) {
      this.#socket.send({ type: "join", token, proof, ...(todo.m1 !== null && { m1: todo.m1 }) });
    }
  }

  async #writeM1({ to, nonce, resume }: TodoOf<"write-m1">): Promise<void> {
    const mac = resume === null ? null : await resumeMac(resume, nonce);
    this.#write(to, { t: "m1", nonce, ...(mac !== null && { resume: mac }) });
  }

  async #check({ nonce, mac, resumes }: TodoOf<"check">): Promise<void> {
    const found = mac === null ? [] : resumes.map((resume) => isResume(resume, nonce, mac));
    this.tell({ e: "checked", nonce, isSame: (await Promise.all(found)).includes(true) });
  }

  // --- devices --------------------------------------------------------------------------

  async #openDevices(video: boolean): Promise<void> {
    const turn = (this.#opening += 1);
    const found = await openDevices(video);
    if (turn !== this.#opening) {
      if (typeof found !== "string") closeDevices(found);
      return;
    }
    if (typeof found !== "string") {
      closeDevices(this.stream);
      this.stream = found;
      this.isDark = !video;
      this.#enable();
      this.#meeting?.use(found);
    }
    this.tell({ e: "devices", trouble: typeof found === "string" ? found : null });
  }

  #enable(): void {
    this.stream?.getAudioTracks().forEach((track) => (track.enabled = !this.isMuted));
    this.stream?.getVideoTracks().forEach((track) => (track.enabled = !this.isDark));
  }

  // --- the connection -------------------------------------------------------------------

  #current(connection: string): Meeting | null {
    return this.#meeting?.connection === connection ? this.#meeting : null;
  }

  async #meet({ connection, offer, mayRestart, relay }: TodoOf<"meet">): Promise<void> {
    this.#meeting?.close();
    const meeting = new Meeting(this.#role.polite, connection, relay, (letter) =>
      this.tell({ e: "said", letter }),
    );
    this.#meeting = meeting;
    this.remote = meeting.remote;
    meeting.mayRestart = mayRestart;
    meeting.onflow = (flow) => this.tell({ e: "flow", connection, flow });
    meeting.onstuck = () => this.tell({ e: "stuck", connection });
    meeting.onbye = (isSaid) => this.tell({ e: "bye", isSaid });
    meeting.hold(this.#isHeld);
    void this.#stayAwake();
    try {
      const sdp = await (offer === null
        ? meeting.offer(this.stream)
        : meeting.answer(offer, this.stream));
      if (this.#current(connection) !== null) this.tell({ e: "described", connection, sdp });
    } catch {
      if (this.#current(connection) !== null) this.tell({ e: "stuck", connection });
    }
  }

  /** On the side: some browsers answer late, and the call does not wait for the screen. */
  async #stayAwake(): Promise<void> {
    if (this.#wakeLock === null) this.#holdAwake(await keepAwake());
  }

  #holdAwake(lock: WakeLockSentinel | null): void {
    if (this.#meeting === null || this.#wakeLock !== null) {
      // The call is over by now, or another connection of it was faster.
      void lock?.release();
    } else {
      this.#wakeLock = lock;
    }
  }

  async #settle({ connection, answer, mayRestart }: TodoOf<"settle">): Promise<void> {
    const meeting = this.#current(connection);
    if (meeting === null) return;
    meeting.mayRestart = mayRestart;
    try {
      await meeting.settle(answer);
    } catch {
      this.tell({ e: "stuck", connection });
    }
  }

  #drop(): void {
    this.#meeting?.close();
    this.#meeting = null;
    this.remote = null;
    this.#isHeld = false;
    this.#post.forget();
    void this.#wakeLock?.release();
    this.#wakeLock = null;
  }
}

const dice: Dice = () => encode(crypto.getRandomValues(new Uint8Array(16)));

/** The holder of the link, made now if the link has none yet; null where the browser cannot. */
export async function ownLink(link: Link): Promise<[Link, Holder] | null> {
  const seed = link.holder ?? encode(crypto.getRandomValues(new Uint8Array(32)));
  // Without a secure context there is no `subtle`, whatever the types say.
  const holder = isSecureContext ? await holderOf(seed) : null;
  return holder === null ? null : [{ ...link, holder: seed }, holder];
}
