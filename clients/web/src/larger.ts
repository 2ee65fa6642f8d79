/**
 * The way from a page's desk to larger company, which is loaded when somebody is to join.
 *
 * Door. It decides nothing: it tells what is for the pair that began the session from what is for
 * others, and hands the latter over.
 */
import type { CompanyDesk } from "./company-desk.ts";
import type { Host } from "./company-host.ts";
import type { CompanyEvent } from "./company-todo.ts";
import type { Company } from "./company.ts";
import type { Heard } from "./letters.ts";
import type { FromServer, MediaPath, ServerMessage } from "./messages.ts";
import type { Own } from "./seal.ts";
import type { NetworkSign } from "./signs.ts";

export class Larger {
  readonly #host: Host;
  readonly #own: () => Promise<Own | null>;
  #desk: CompanyDesk | null = null;
  #opening: Promise<CompanyDesk | null> | null = null;
  #accepted: FromServer<"accepted"> | null = null;

  constructor(host: Host, own: () => Promise<Own | null>) {
    this.#host = host;
    this.#own = own;
  }

  /** Null while there are but the two who began, and nobody was asked to join. */
  get company(): Company | null {
    return this.#desk?.company ?? null;
  }

  /** To whoever was met first beyond that pair. */
  get mediaPath(): MediaPath | undefined {
    return this.#desk?.mediaPath;
  }

  remote(member: string): MediaStream | null {
    return this.#desk?.remote(member) ?? null;
  }

  /** Whether a message is not for the pair that began the session. */
  isForOthers(message: ServerMessage): boolean {
    const { session, first } = this.#host.whereabouts();
    return message.type === "envelope" && session !== null && message.member !== first;
  }

  /** A message of the server's, after the page's own machine has heard it. */
  async hears(message: ServerMessage, heard: Heard | null): Promise<void> {
    if (message.type === "accepted") this.#accepted = message;
    const isAbout =
      this.#desk !== null ||
      heard?.t === "said" ||
      this.isForOthers(message) ||
      (message.type === "accepted" &&
        (message.members.length > 2 || this.#host.whereabouts().first === null));
    if (isAbout) await (await this.#open())?.hears(message, heard);
  }

  /** Something was clicked. */
  async tell(event: CompanyEvent): Promise<void> {
    (await this.#open())?.tell(event);
  }

  /** The page's own machine has taken a step. */
  look(): void {
    if (this.#desk?.look() === false) this.#desk = null;
  }

  heed(sign: NetworkSign): void {
    this.#desk?.heed(sign);
  }

  use(stream: MediaStream | null): void {
    this.#desk?.use(stream);
  }

  /** Sound alone begins or ends; whoever comes later is met as `isPictureGivenUp` says. */
  giveUpPicture(isGivenUp: boolean): void {
    this.#desk?.giveUpPicture(isGivenUp);
  }

  bye(): void {
    this.#desk?.bye();
  }

  #open(): Promise<CompanyDesk | null> {
    if (this.#desk !== null) return Promise.resolve(this.#desk);
    this.#opening ??= this.#load().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #load(): Promise<CompanyDesk | null> {
    const { CompanyDesk: Desk } = await import("./company-desk.ts");
    const own = await this.#own();
    const accepted = this.#accepted;
    const { session, first } = this.#host.whereabouts();
    if (own === null || accepted === null || session !== accepted.session) return null;
    // Of the two who began, each knows the other's key once their handshake is done.
    if (first !== null && (await own.firstKey()) === null) return null;
    this.#desk = await Desk.open(this.#host, own, accepted);
    this.look();
    return this.#desk;
  }
}
