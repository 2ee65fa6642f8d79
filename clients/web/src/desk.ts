/**
 * The desk between a page's machine and the outside: carries out what the machine asks.
 *
 * Door. It decides nothing about the consultation; each todo is a few lines here, and
 * what comes of it returns as an event. Secrets stay in memory and in the fragment.
 *
 * The todos and events are in `todo.ts`. Longer than most files: one list of what can be asked
 * for, each answered in a few lines.
 */
import { attentionOf } from "./attention.ts";
import { Bell } from "./bell.ts";
import { Drawing } from "./drawing.ts";
import { keepEntry } from "./entry.ts";
import { encode, type Heard, type SealTrouble } from "./letters.ts";
import { Larger } from "./larger.ts";
import { compose } from "./link.ts";
import { Meeting } from "./meeting.ts";
import type { ClientMessage, ServerMessage } from "./messages.ts";
import { Moving, type Wider } from "./moving.ts";
import { OwnMedia } from "./own-media.ts";
import { Post } from "./post.ts";
import { prove } from "./proof.ts";
import { Refused } from "./refused.ts";
import { isUnloaded, reloadWhenReachable } from "./reload.ts";
import type { Address, Role } from "./role.ts";
import { Screen } from "./screen.ts";
import type { Loaded, Seal } from "./seal.ts";
import { watchSigns } from "./signs.ts";
import { Socket } from "./socket.ts";
import { Standby } from "./standby.ts";
import { Steward } from "./steward.ts";
import { FIRST, Talking } from "./talking.ts";
import { RESTARTS } from "./todo.ts";
import type { Common, Dice, Todo } from "./todo.ts";
import { troubleOf } from "./trouble.ts";
import { Turns, type Work } from "./turns.ts";

type FromClient<T extends ClientMessage["type"]> = Extract<ClientMessage, { type: T }>;
type TodoOf<D extends Todo["do"]> = Extract<Todo, { do: D }>;

// A page that cannot load its other half is without network: it looks again as a socket does.
const LOAD_AGAIN_MS = 3_000;

export class Desk<State extends { isJoined: boolean; page: { name: string } }, Event> {
  state: State;
  remote: MediaStream | null = null;
  readonly own = new OwnMedia();
  readonly steward = new Steward(this.own, () => this.#drawing.soon());

  #role: Role<State, Event>;
  #address: Address;
  #socket: Socket;
  #post: Post;
  #loaded: Loaded | null = null;
  #loading = false;
  #coming: Promise<Loaded> | null = null;
  /** What is heard is opened, and what is said is closed, one after the other. */
  readonly #inbox = new Turns();
  readonly #outbox = new Turns();
  /** How often a socket was asked for: a good-bye to one is not for the next. */
  #sockets = 0;
  /** What waits in the outbox is for this session alone. */
  #era = 0;
  #meeting: Meeting | null = null;
  #isReached = true;
  readonly #standby = new Standby();
  readonly #moving = new Moving();
  #challenge = "";
  /** What the server was told last of duty. */
  #duty: FromClient<"duty"> | null = null;
  /** How far the server's clock goes before ours: credentials are judged by the later one. */
  #ahead_s = 0;
  #isCleared = false;
  #isHeld = false;
  /** Between *accept* and the first picture, letters go before pixels. */
  readonly #drawing: Drawing;
  readonly bell = new Bell();
  readonly screen = new Screen();
  /** Everybody beyond the pair that began the session. */
  readonly larger: Larger;
  /** Text and documents, with everybody. */
  readonly talking = new Talking({
    isHere: (key) =>
      key === FIRST
        ? this.#role.whereabouts(this.state).first !== null
        : this.larger.company?.pairs.some(({ member }) => member === key) === true,
    isVoiceless: () => (this.own.stream?.getAudioTracks() ?? []).length === 0,
    draw: () => this.#drawing.soon(),
    chime: () => this.bell.chime(),
  });

  constructor(role: Role<State, Event>, address: Address) {
    this.#role = role;
    this.#drawing = new Drawing(() => role.draw());
    this.#address = address;
    this.state = role.begin[0];
    const url = new URL("/v1", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    this.#socket = new Socket(url.href);
    // An envelope on a socket that has not joined yet would be refused, and lost.
    this.#post = new Post((message) => this.state.isJoined && this.#socket.send(message));
    this.larger = new Larger(
      {
        stream: () => this.own.stream,
        isPictureGivenUp: () => this.steward.exchange.name === "audio",
        whereabouts: () => this.#role.whereabouts(this.state),
        send: (message) => this.#carry({ do: "send", message }),
        post: (message) => this.state.isJoined && this.#socket.send(message),
        say: (to, text) => this.#carry({ do: "write", to, letter: { t: "said", text } }),
        leave: (then) => this.tell({ e: "part", then }),
        cards: () => this.#role.cards?.(this.state) ?? [],
        about: () => this.#role.about?.(this.state) ?? null,
        draw: () => this.#drawing.soon(),
        chime: () => this.bell.chime(),
        link: (member, wire) => this.talking.link(member, wire),
      },
      async () => (await this.#loaded?.own()) ?? null,
    );
    this.own.onchange = () => {
      this.steward.tellState();
      this.#drawing.soon();
    };
    this.own.onstream = (stream) => {
      this.#meeting?.use(stream);
      this.steward.tellState();
      this.larger.use(stream);
    };
    this.steward.ongivenup = (isGivenUp) => this.larger.giveUpPicture(isGivenUp);
    this.own.isInCheck = () => this.state.page.name === "devices";
    this.own.onwanted = () => this.tell({ e: "try-devices", video: true });
    this.own.ontrouble = (trouble) => this.tell({ e: "devices", trouble });
    this.bell.listen();
    this.screen.onchange = () => this.#drawing.soon();
    watchSigns((sign) => {
      this.#socket.hurry();
      this.#meeting?.heed(sign);
      this.larger.heed(sign);
      if (sign === "awake") this.own.heed();
      if (sign === "another") this.tell({ e: "check-again" });
    });
    this.#socket.onlost = () => this.#inbox.take(() => this.tell({ e: "offline" }));
    this.#socket.hear = (message) => {
      const at_s = Date.now() / 1000;
      this.#inbox.take(async () => {
        const heard = this.larger.isForOthers(message) ? null : await this.#open(message);
        if (message.type === "hello") {
          this.#challenge = message.challenge;
          this.#ahead_s = Math.max(0, message.now - at_s);
        }
        this.tell({ e: "wire", message, heard, at_s });
        await this.larger.hears(message, heard);
      });
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
    const { isLit, isRinging } = attentionOf(state.page.name);
    this.screen.keepLit(isLit);
    this.bell.ring(isRinging);
    this.larger.look();
    const { session } = this.#role.whereabouts(this.state);
    this.own.follow(session);
    this.talking.look(session);
    this.#drawing.soon();
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
        this.own.close();
        return;
      case "connect":
        void this.#connect();
        return;
      case "disconnect": {
        const socket = this.#sockets;
        // After what was said before: a good-bye should leave.
        this.#outbox.take(() => {
          if (socket === this.#sockets) this.#socket.close();
        });
        return;
      }
      case "reconnect":
        this.#sockets += 1;
        this.#socket.open(todo.after_s);
        return;
      case "join":
        this.#says(() => this.#join(todo));
        return;
      case "renew":
        this.#says(async () => {
          this.#send({ type: "renew", m1: await this.#seal().m1(todo.m1) });
        });
        return;
      case "load-directory":
        void this.#around();
        return;
      case "move":
        this.#says(() => this.#move(todo));
        return;
      case "move-over":
        this.#moveOver(todo.isThere);
        return;
      case "prepare":
        void this.#prepare();
        return;
      case "propose":
        // Not in turn: it may have to wait for a union's list, and nothing waits for it.
        void this.#sealed(todo.m2.nonce, this.#seal().m2(todo.m2), (m2) => {
          this.#send({ type: "propose", call: todo.call, m2 });
        });
        return;
      case "accept":
        this.#says(() =>
          this.#sealed(todo.nonce, this.#seal().m3(todo.nonce, RESTARTS, todo.answer), (m3) => {
            this.#send({ type: "accept", call: todo.call, m3 });
          }),
        );
        return;
      case "send": {
        const message = this.#signed(todo.message);
        this.#says(() => this.#tellServer(message));
        return;
      }
      case "write": {
        const { to, letter } = todo;
        const era = this.#era;
        const write = () =>
          // Its session may be over by now.
          era !== this.#era
            ? undefined
            : this.#sealed(
                "nonce" in letter ? letter.nonce : "",
                this.#seal().write(letter),
                (body) => this.#post.write(to, body),
              );
        // As `propose` does, an M2 may have to wait for a list: nothing waits for it.
        if (letter.t === "m2") void write();
        else this.#outbox.take(write);
        return;
      }
      case "flush":
        this.#outbox.take(() => this.#post.flush());
        return;
      case "away":
        this.#outbox.take(() => this.#post.away());
        return;
      case "forget":
        this.#loaded?.seal.forget();
        return;
      case "clear-link":
        this.#isCleared = true;
        history.replaceState(null, "", location.pathname);
        return;
      case "meet":
        void this.#meet(todo);
        return;
      case "lend":
        this.#meeting?.lend(todo.relay);
        return;
      case "reach":
        this.#isReached = todo.is;
        this.#meeting?.reach(todo.is);
        return;
      case "retry":
        this.#socket.hurry();
        this.#meeting?.retry();
        return;
      case "keep-ready":
        this.#standby.keep(todo.relay);
        return;
      case "check-relay":
        this.#standby.check(todo.relay, (by) => this.tell({ e: "checked", by }));
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
        // Another page sits there now: its picture is veiled until it is wanted.
        if (todo.held) this.steward.lift(FIRST, false);
        return;
      case "bye":
        this.#meeting?.bye();
        this.larger.bye();
        return;
      case "drop-media":
        this.#drop();
        return;
      case "chime":
        this.bell.chime();
        return;
      case "announce":
        this.#role.announce?.(todo.arrival);
        return;
      case "remember":
        keepEntry({ kept: todo.kept, at: Date.now() });
        return;
    }
  }

  // --- the seal -------------------------------------------------------------------------

  async #connect(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    try {
      await this.#half();
    } catch (error) {
      if (error instanceof Refused) {
        this.tell({ e: "unentitled" });
      } else {
        this.tell({ e: "unloaded" });
        setTimeout(() => void this.#connectAgain(isUnloaded(error)), LOAD_AGAIN_MS);
      }
      return;
    } finally {
      this.#loading = false;
    }
    // From here on a reload comes back by itself: the holder key is in the address.
    this.#keep({});
    this.#sockets += 1;
    this.#socket.open();
  }

  /** A page that was in may start anew: it comes back by itself, with all of its program. */
  async #connectAgain(isCut: boolean): Promise<void> {
    if (isCut) keepEntry();
    if (!isCut || !(await reloadWhenReachable())) void this.#connect();
  }

  async #half(): Promise<Loaded> {
    this.#coming ??= this.#load().finally(() => (this.#coming = null));
    return this.#loaded ?? this.#coming;
  }

  async #load(): Promise<Loaded> {
    if (this.#loaded !== null) return this.#loaded;
    const loaded = await this.#role.load((kept) => this.#keep(kept));
    if (loaded.holderSeed !== undefined) {
      this.#address = { ...this.#address, holder: loaded.holderSeed };
    }
    return (this.#loaded = loaded);
  }

  /** Which queues there are, and where the link leads; what cannot be had is asked for later. */
  async #around(): Promise<void> {
    const around = await this.#half().then(
      (half) => half.around?.(),
      () => ({ directory: null, own: null }),
    );
    if (around !== undefined) this.tell({ e: "directory", ...around });
  }

  async #prepare(): Promise<void> {
    let code: SealTrouble | null = null;
    try {
      await this.#loaded?.prepare?.();
    } catch (error) {
      code = troubleOf(error);
    }
    this.tell({ e: "prepared", code });
  }

  #keep(changed: Partial<Address>): void {
    this.#address = { ...this.#address, ...changed };
    if (!this.#isCleared) {
      keepEntry({}, location.pathname + compose(this.#address));
    }
  }

  async #open(message: ServerMessage): Promise<Heard | null> {
    return (await this.#loaded?.seal.open(message)) ?? null;
  }

  #seal(): Seal {
    // Nothing is said before the socket is open, nor the socket opened before this is loaded.
    if (this.#loaded === null) throw new Error("said before it was loaded");
    return this.#loaded.seal;
  }

  /** Say something on this socket, in its turn; a socket that is lost meanwhile takes it along. */
  #says(work: Work): void {
    const challenge = this.#challenge;
    this.#outbox.take(() => (challenge === this.#challenge ? work() : undefined));
  }

  /** Send what was sealed, unless its handshake is no more; what cannot be sealed is told. */
  async #sealed(
    nonce: string,
    sealing: Promise<string | null>,
    send: (body: string) => void,
  ): Promise<void> {
    const era = this.#era;
    try {
      const body = await sealing;
      if (body !== null && era === this.#era) send(body);
    } catch (error) {
      const code = troubleOf(error);
      if (era === this.#era) this.tell({ e: "unwritten", nonce, code });
    }
  }

  #send(message: ClientMessage): void {
    this.#socket.send(message);
  }

  /** A good-bye says how it went, while that is known: for a figure with noise, of nobody. */
  #signed(message: ClientMessage): ClientMessage {
    const isGoodBye = message.type === "leave" && message.what === "session";
    const path = (this.#meeting ?? this.larger).mediaPath;
    return isGoodBye && path !== undefined ? { ...message, path } : message;
  }

  #tellServer(message: ClientMessage): void {
    this.#send(message);
    if (message.type !== "duty") return;
    this.#duty = message;
    if (message.state !== "off") void this.#showCard(message);
  }

  /** A fresh card for each duty: it lets its doctor be called once in a session. */
  async #showCard(message: FromClient<"duty">): Promise<void> {
    // Not in turn: it may have to wait for a union's list, and nothing waits for it.
    const card = (await this.#loaded?.card?.(message.queues)) ?? null;
    if (card !== null && message === this.#duty) {
      this.#says(() => this.#send({ ...message, card }));
    }
  }

  async #join({ pass, m1, keep }: TodoOf<"join">): Promise<void> {
    const challenge = this.#challenge;
    const loaded = this.#loaded;
    const entry = await loaded?.entry(Math.floor(Date.now() / 1000 + this.#ahead_s));
    if (loaded === null || entry === undefined || entry === null) {
      this.tell({ e: "unentitled" });
      return;
    }
    const token = pass ?? entry.token;
    const kept = keep === undefined || keep === null ? {} : { keep_pass: keep };
    const proof = await prove(entry.holder, challenge, location.origin, token);
    const letter = m1 === null ? {} : { m1: await loaded.seal.m1(m1) };
    // Another socket may have said its hello meanwhile.
    if (challenge === this.#challenge) {
      this.#socket.send({ type: "join", token, proof, ...kept, ...letter });
    }
  }

  /** The half in force stays until the server has said that the ticket is there. */
  async #move({ token, join }: TodoOf<"move">): Promise<void> {
    const challenge = this.#challenge;
    const wider = { token, holder: this.#address.holder ?? null };
    const now = Date.now() / 1000 + this.#ahead_s;
    const load = (link: Wider) => this.#role.load((kept) => this.#keep(kept), link);
    try {
      await this.#moving.prepare(load, wider, now);
      if (join === null) {
        this.#moveOver(true);
        this.tell({ e: "moved", isThere: true });
        return;
      }
      const message = await this.#moving.join(join.pass, join.m1, challenge, Math.floor(now));
      if (challenge === this.#challenge) this.#send(message);
    } catch {
      this.tell({ e: "moved", isThere: false });
    }
  }

  #moveOver(isThere: boolean): void {
    const there = isThere ? this.#moving.over() : null;
    this.#moving.stay();
    if (there === null) return;
    this.#loaded = there.half;
    this.#keep(there.address);
  }

  // --- devices --------------------------------------------------------------------------

  async #openDevices(video: boolean): Promise<void> {
    const trouble = await this.own.open(video);
    if (trouble !== undefined) this.tell({ e: "devices", trouble });
  }

  // --- the connection -------------------------------------------------------------------

  #current(connection: string): Meeting | null {
    return this.#meeting?.connection === connection ? this.#meeting : null;
  }

  async #meet({ connection, offer, mayRestart, relay }: TodoOf<"meet">): Promise<void> {
    const before = this.#meeting;
    before?.close();
    const meeting = new Meeting(
      this.#role.polite,
      connection,
      this.#standby.take(relay),
      () => this.#loaded?.seal.binding() ?? null,
      (letter) => this.tell({ e: "said", connection, letter }),
    );
    meeting.reach(this.#isReached);
    if (before !== null) meeting.follow(before);
    this.#meeting = meeting;
    this.remote = null;
    meeting.mayRestart = mayRestart;
    this.steward.attend(meeting);
    meeting.tells((event) => {
      if (event.e === "bound") {
        this.remote = meeting.remote;
        this.talking.link(FIRST, meeting.wire);
      }
      this.steward.heed(event);
      // It may be our network: then the server does not answer either, and is found again sooner.
      if (event.e === "flow" && event.flow === "interrupted") this.#socket.probe();
      this.tell(event);
    });
    meeting.hold(this.#isHeld);
    try {
      const sdp = await (offer === null
        ? meeting.offer(this.own.stream)
        : meeting.answer(offer, this.own.stream));
      if (this.#current(connection) !== null) this.tell({ e: "described", connection, sdp });
    } catch {
      if (this.#current(connection) !== null) this.tell({ e: "stuck", connection });
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
    this.steward.leave();
    this.#meeting?.close();
    this.#meeting = null;
    this.remote = null;
    this.#isHeld = false;
    this.#isReached = true;
    this.#era += 1;
    this.#post.forget();
  }
}

const dice: Dice = () => encode(crypto.getRandomValues(new Uint8Array(16)));
