/**
 * The desk of larger company: carries out what `company.ts` asks, beside the page's own desk.
 *
 * Door. It holds a connection and a post for each far end beyond the first, and decides nothing. A
 * page loads it when somebody is to join: it stays out of what two need.
 *
 * The todos and events are in `company-todo.ts`.
 */
import type { Colleague } from "./cards.ts";
import { begin, type Company, otherDoctors, step } from "./company.ts";
import type { Host } from "./company-host.ts";
import { CompanySeal } from "./company-seal.ts";
import type { Choosable, CompanyEvent, CompanyTodo } from "./company-todo.ts";
import type { Entry, SeatRole } from "./gathering.ts";
import { readGathering, type GatheringLetter, writeGathering } from "./gathering.ts";
import { encode, type Heard } from "./letters.ts";
import { Meeting } from "./meeting.ts";
import type { FromServer, MediaPath, ServerMessage } from "./messages.ts";
import { Post } from "./post.ts";
import { thumbprintOf } from "./proof.ts";
import { Refused } from "./refused.ts";
import type { Held } from "./relays.ts";
import type { Own } from "./seal.ts";
import type { NetworkSign } from "./signs.ts";
import { connect } from "./standby.ts";
import { RESTARTS } from "./todo.ts";
import { Turns, type Work } from "./turns.ts";

const TICK_MS = 1_000;

export class CompanyDesk {
  company: Company;

  readonly #host: Host;
  readonly #own: Own;
  readonly #seal: CompanySeal;
  readonly #outbox = new Turns();
  readonly #posts = new Map<string, Post>();
  readonly #meetings = new Map<string, Meeting>();
  /** By thumbprint of their day keys. */
  #colleagues = new Map<string, Colleague>();
  #relay: Held | null;
  #wasReady = false;
  #isOver = false;
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(host: Host, own: Own, seal: CompanySeal, company: Company) {
    this.#host = host;
    this.#own = own;
    this.#seal = seal;
    this.company = company;
    this.#relay = host.whereabouts().relay;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Begin for the session that the server told of. */
  static async open(host: Host, own: Own, accepted: FromServer<"accepted">): Promise<CompanyDesk> {
    const { first, isReady } = host.whereabouts();
    const entry = first === null ? null : await firstEntry(own, first, accepted);
    const seal = new CompanySeal(own, accepted.member, entry);
    const [company, todos] = begin(
      accepted,
      entry?.member ?? null,
      own.invitation?.member ?? null,
      dice,
    );
    const desk = new CompanyDesk(host, own, seal, company);
    desk.#wasReady = isReady;
    if (entry !== null) desk.tell({ e: "first", member: entry.member, isReady });
    desk.#carryOut(todos);
    return desk;
  }

  get session(): string {
    return this.company.session;
  }

  get mediaPath(): MediaPath | undefined {
    const [first] = this.#meetings.values();
    return first?.mediaPath;
  }

  /** What may be shown of somebody: bound, and agreed on. */
  remote(member: string): MediaStream | null {
    const pair = this.company.pairs.find((one) => one.member === member);
    const isShown = pair?.isBound === true && pair.isAgreed;
    return isShown ? (this.#meetings.get(member)?.remote ?? null) : null;
  }

  tell(event: CompanyEvent): void {
    if (this.#isOver) return;
    const [company, todos] = step(this.company, event, dice);
    this.company = company;
    this.#carryOut(todos);
    this.#host.draw();
  }

  /** A message of the server's, after the page's own machine; `heard` is what the first pair read. */
  async hears(message: ServerMessage, heard: Heard | null): Promise<void> {
    const at_s = Date.now() / 1000;
    switch (message.type) {
      case "accepted":
        if (message.session !== this.session) return;
        this.tell({ e: "seated", message });
        for (const post of this.#posts.values()) post.flush();
        return;
      case "envelope":
        if (message.member === this.#host.whereabouts().first) {
          if (heard?.t === "said") this.#letter(message.member, heard.text);
        } else {
          await this.#open(message.member, message.body);
        }
        return;
      case "invited":
        // A colleague's goes to him by itself.
        if (message.role === "guest") this.tell({ e: "invited", pass: message.pass, at_s });
        return;
      case "refused":
        if (message.code === "away" && message.member !== undefined) {
          const { member } = message;
          this.#outbox.take(() => this.#posts.get(member)?.away());
        } else if (message.of === "invite" || message.of === "leave") {
          this.tell({ e: "refused", code: message.code });
        }
        return;
      default:
        return;
    }
  }

  /** The page's own machine has taken a step. False when this company is over. */
  look(): boolean {
    const { session, first, isReady, relay } = this.#host.whereabouts();
    if (session !== this.session) {
      this.#end();
      return false;
    }
    if (relay !== null && relay !== this.#relay) {
      this.#relay = relay;
      for (const meeting of this.#meetings.values()) meeting.lend(relay);
    }
    if (isReady !== this.#wasReady && this.company.first !== null) {
      this.#wasReady = isReady;
      this.tell({ e: "first", member: first, isReady });
      if (isReady) void this.#enterFirst();
    }
    return true;
  }

  heed(sign: NetworkSign): void {
    for (const meeting of this.#meetings.values()) meeting.heed(sign);
  }

  use(stream: MediaStream | null): void {
    for (const meeting of this.#meetings.values()) meeting.use(stream);
  }

  /** Sound alone, as the two who began agreed: nobody is sent a picture. */
  giveUpPicture(isGivenUp: boolean): void {
    for (const meeting of this.#meetings.values()) meeting.giveUpPicture(isGivenUp);
  }

  /** Good-bye to all of them, on every connection. */
  bye(): void {
    for (const meeting of this.#meetings.values()) meeting.bye();
  }

  #end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const meeting of this.#meetings.values()) meeting.close();
    this.#meetings.clear();
    this.#seal.forget();
  }

  #tick(): void {
    this.tell({ e: "tick", at_s: Date.now() / 1000 });
    const overdue = this.#seal.overdue();
    if (overdue.length > 0) this.tell({ e: "disagreed", members: overdue });
  }

  #carryOut(todos: readonly CompanyTodo[]): void {
    for (const todo of todos) this.#carry(todo);
  }

  #carry(todo: CompanyTodo): void {
    switch (todo.do) {
      case "send":
        this.#host.send(todo.message);
        return;
      case "say":
        this.#say(todo.to, todo.letter);
        return;
      case "ask":
        this.#writes(todo.member, () => this.#seal.m1(todo.member, todo.nonce));
        return;
      case "come-to":
        this.#outbox.take(async () => {
          const role = this.company.pairs.find(({ member }) => member === todo.member)?.role;
          if (role === undefined || !(await this.#seal.comesTo(todo.member, role))) return;
          const m1 = await this.#seal.m1(todo.member, todo.nonce);
          if (m1 !== null) this.#post(todo.member).write(todo.member, m1);
        });
        return;
      case "m2": {
        const { connection, offer } = todo;
        const restarts = RESTARTS;
        this.#writes(todo.member, () => this.#seal.m2(todo.nonce, { connection, restarts, offer }));
        return;
      }
      case "m3":
        this.#writes(todo.member, () =>
          this.#seal.m3(todo.member, todo.nonce, RESTARTS, todo.answer),
        );
        return;
      case "knock":
        this.#writes(todo.member, () => Promise.resolve(this.#seal.knock()));
        return;
      case "write":
        this.#writes(todo.member, () => this.#seal.record(todo.member, todo.letter));
        return;
      case "meet":
        void this.#meet(todo);
        return;
      case "settle":
        void this.#settle(todo);
        return;
      case "expect":
        this.#meetings.get(todo.member)?.expect();
        return;
      case "release":
        this.#meetings.get(todo.member)?.release();
        return;
      case "hear":
        void this.#meetings
          .get(todo.member)
          ?.hear(todo.letter)
          .catch(() => undefined);
        return;
      case "hold":
        this.#meetings.get(todo.member)?.hold(todo.held);
        return;
      case "part":
        this.#part(todo.member);
        return;
      case "introduce":
        this.#introduce(todo.newcomer, todo.to);
        return;
      case "invite-guest":
        void this.#seal.inviteGuest(todo.pass).then(
          (fragment) => this.tell({ e: "opened", address: `${location.origin}/#${fragment}` }),
          () => this.tell({ e: "close-invitation" }),
        );
        return;
      case "look-for-colleagues":
        void this.#lookForColleagues();
        return;
      case "invite-colleague":
        void this.#inviteColleague(todo.key);
        return;
      case "uninvite-colleague":
        this.#seal.uninviteColleague();
        return;
      case "leave":
        this.#host.leave(todo.then);
        return;
      case "chime":
        this.#host.chime();
        return;
    }
  }

  // --- what is said and heard -----------------------------------------------------------

  #post(member: string): Post {
    const known = this.#posts.get(member);
    if (known !== undefined) return known;
    const post = new Post((message) => this.#host.post(message));
    this.#posts.set(member, post);
    return post;
  }

  /** Seal something for one far end, in its turn. */
  #writes(member: string, sealing: () => Promise<string | null>): void {
    this.#takes(async () => {
      try {
        const body = await sealing();
        if (body !== null) this.#post(member).write(member, body);
      } catch (error) {
        const code = error instanceof Refused ? error.code : "network";
        this.tell({ e: "unwritten", member, code });
      }
    });
  }

  #takes(work: Work): void {
    this.#outbox.take(() => (this.#isOver ? undefined : work()));
  }

  #say(to: string, letter: GatheringLetter): void {
    const text = writeGathering(letter);
    if (to === this.company.first?.member) {
      this.#takes(() => this.#host.say(to, text));
    } else {
      this.#writes(to, () => this.#seal.record(to, { t: "said", text }));
    }
  }

  /** Say whom we know, as it is when it is said. */
  #sayRoster(told: readonly string[]): void {
    for (const to of told) {
      this.#takes(() => this.#say(to, this.#seal.roster.letter()));
    }
    this.#agree();
  }

  #agree(): void {
    const { roster } = this.#seal;
    const members = roster.members
      .map(({ member }) => member)
      .filter((member) => roster.isAgreed(member));
    this.tell({ e: "agreed", members });
  }

  async #open(from: string, body: string): Promise<void> {
    const { heard, m4, told } = await this.#seal.open(from, body);
    this.#takes(() => this.#post(from).flush());
    if (m4 !== null) this.#takes(() => this.#post(from).write(from, m4));
    // To a doctor whom the patient has just met; a guest is told nothing, whatever the server
    // calls him: what somebody is, his handshake has shown.
    const about = heard?.t === "ready" ? this.#host.about() : null;
    const isDoctor = this.#seal.roster.farEnd(from)?.role === "doctor";
    const isSeated = otherDoctors(this.company).some(({ member }) => member === from);
    if (about !== null && isDoctor && isSeated) {
      this.#writes(from, () => this.#seal.record(from, about));
    }
    if (told.length > 0) this.#sayRoster(told);
    if (heard === null) return;
    if (heard.t === "said") {
      this.#letter(from, heard.text);
    } else {
      this.tell({ e: "heard", from, heard });
    }
    // A handshake anew leaves the tracks as everybody's word has them.
    if (heard.t === "m3" || heard.t === "ready") this.#agree();
  }

  #letter(from: string, text: string): void {
    let letter: GatheringLetter | null = null;
    try {
      letter = readGathering(text);
      if (letter === null) return;
      if (letter.t === "roster") {
        this.#seal.hear(letter, from);
        this.#agree();
        return;
      }
      if (letter.t === "expect") this.#seal.expect(letter, from);
      if (letter.t === "ask") this.#seal.introduced(letter, from);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // Only what is said of people may end a pair, and only that of a newcomer.
      if (letter?.t === "roster") {
        this.tell({ e: "disagreed", members: this.#seal.roster.newcomers });
      }
      return;
    }
    this.tell({ e: "letter", from, letter, at_s: Date.now() / 1000 });
  }

  async #enterFirst(): Promise<void> {
    const known = this.company.first;
    if (known === null) return;
    const before = this.#seal.roster.farEnd(known.member);
    if (before === null) return;
    const key = (await this.#own.firstKey()) ?? before.key;
    try {
      this.#sayRoster(this.#seal.enterFirst({ ...before, key }));
    } catch {
      // Another key than the one who began: the page's own machine has the say on that.
    }
  }

  #introduce(newcomer: string, to: string): void {
    const one = this.#seal.roster.farEnd(newcomer);
    const other = this.#seal.roster.farEnd(to);
    if (one === null || other === null) return;
    for (const { to: addressee, letter } of this.#seal.introduce(one, other)) {
      this.#say(addressee, letter);
    }
  }

  // --- colleagues -----------------------------------------------------------------------

  async #lookForColleagues(): Promise<void> {
    const list: Choosable[] = [];
    this.#colleagues = new Map();
    for (const colleague of (await this.#own.colleagues?.read(this.#host.cards())) ?? []) {
      if (await this.#seal.hasHad(colleague)) continue;
      const key = await thumbprintOf(colleague.dayKey);
      const { name, specialty } = colleague.identity.card;
      this.#colleagues.set(key, colleague);
      list.push({ key, name, specialty });
    }
    this.tell({ e: "colleagues", list });
  }

  async #inviteColleague(key: string): Promise<void> {
    const colleague = this.#colleagues.get(key);
    try {
      if (colleague === undefined) throw new Refused("card");
      await this.#seal.inviteColleague(colleague);
      this.#host.send({ type: "invite", role: "colleague", to: key });
    } catch {
      this.tell({ e: "refused", code: "off-duty" });
    }
  }

  // --- connections ----------------------------------------------------------------------

  #part(member: string): void {
    this.#meetings.get(member)?.close();
    this.#meetings.delete(member);
    this.#posts.delete(member);
    const told = this.#seal.leave(member);
    if (!this.#isOver) this.#sayRoster(told);
  }

  async #meet(todo: Extract<CompanyTodo, { do: "meet" }>): Promise<void> {
    const { member, connection, offer, mayRestart } = todo;
    const before = this.#meetings.get(member);
    before?.close();
    const pair = this.company.pairs.find((one) => one.member === member);
    const meeting = new Meeting(
      // Who asks has the patient's part, and is polite.
      pair?.part === "asks",
      connection,
      connect(this.#relay),
      () => this.#seal.binding(member),
      (letter) => this.tell({ e: "said", member, connection, letter }),
    );
    this.#meetings.set(member, meeting);
    if (before !== undefined) meeting.follow(before);
    meeting.mayRestart = mayRestart;
    meeting.hold(pair?.isAgreed !== true);
    meeting.giveUpPicture(this.#host.isPictureGivenUp());
    meeting.onbound = () => {
      this.#host.link(member, meeting.wire);
      this.tell({ e: "bound", member, connection });
    };
    meeting.onunbound = () => this.tell({ e: "unbound", member, connection });
    meeting.onflow = (flow) => this.tell({ e: "flow", member, connection, flow });
    meeting.onstuck = () => this.tell({ e: "stuck", member, connection });
    const stream = this.#host.stream();
    try {
      const sdp = await (offer === null ? meeting.offer(stream) : meeting.answer(offer, stream));
      if (this.#meetings.get(member) === meeting) {
        this.tell({ e: "described", member, connection, sdp });
      }
    } catch {
      if (this.#meetings.get(member) === meeting) this.tell({ e: "stuck", member, connection });
    }
  }

  async #settle(todo: Extract<CompanyTodo, { do: "settle" }>): Promise<void> {
    const { member, connection, answer, mayRestart } = todo;
    const meeting = this.#meetings.get(member);
    if (meeting?.connection !== connection) return;
    meeting.mayRestart = mayRestart;
    try {
      await meeting.settle(answer);
    } catch {
      this.tell({ e: "stuck", member, connection });
    }
  }
}

/** The far end that began the session with this page, as its handshake verified it. */
async function firstEntry(
  own: Own,
  first: string,
  { members }: FromServer<"accepted">,
): Promise<Entry | null> {
  const key = await own.firstKey();
  const member = members.find((one) => one.member === first);
  if (key === null || member === undefined) return null;
  const role: SeatRole = member.role === "colleague" ? "doctor" : member.role;
  return { member: first, role, key };
}

const dice = () => encode(crypto.getRandomValues(new Uint8Array(16)));
