/**
 * What follows from a handshake: records in strict order, the binding of the connection, and
 * the secret to come back with.
 *
 * Pure but for WebCrypto. After the first record that does not open it is over: no key is left
 * in it.
 *
 * `clients/SCEAU.md` §5 to §7.
 */
import { type Bytes, join, pad, same, text, unpad, utf8, wellFormed } from "./bytes.ts";
import { Extracted, hash, mac } from "./primitives.ts";
import { Refused } from "./refused.ts";

export type Role = "patient" | "doctor";

const FAR_END: Readonly<Record<Role, Role>> = { patient: "doctor", doctor: "patient" };
export const RECORD_SIZES: readonly number[] = [256, 1024, 4096, 16384];
const TAG_BYTES = 16;
const MAC_BYTES = 32;
export const RESUME_BYTES = 16;

/** What both ends know once M3 is there. */
export interface Agreed {
  readonly key: Extracted;
  readonly transcript: Bytes;
}

/** One direction: its key, and where its counter stands. */
interface Direction {
  readonly key: CryptoKey;
  readonly iv: Bytes;
  counter: bigint;
}

interface Secrets {
  readonly key: Extracted;
  readonly out: Direction;
  readonly in: Direction;
  readonly about: Bytes;
}

/** The key of this transcript: both seeds, and the link's secret where both have it. */
export async function agree(
  messages: readonly [m1: Bytes, m2: Bytes, sealedM3: Bytes],
  psk: Bytes | null,
  doctorSeed: Bytes,
  patientSeed: Bytes,
): Promise<Agreed> {
  const transcript = await hash("transcript", ...messages);
  const secret = join(psk ?? new Uint8Array(32), doctorSeed, patientSeed);
  return { key: await Extracted.of(transcript, secret), transcript };
}

/** What this role sends to show that it has the key. */
export async function confirmation({ key, transcript }: Agreed, role: Role): Promise<Bytes> {
  return mac(await key.expand(`confirm ${role}`, MAC_BYTES), transcript);
}

/** Six digits that both people can read to each other; nobody in between could steer them. */
export async function digitsOf(
  patientNonce: Bytes,
  doctorNonce: Bytes,
  m1: Bytes,
  m2Json: Bytes,
): Promise<string> {
  const given = await mac(join(patientNonce, doctorNonce), await hash("digits", m1, m2Json));
  const number = new DataView(given.buffer).getBigUint64(0) % 1_000_000n;
  return number.toString().padStart(6, "0");
}

/** A sealed channel between two pages. Records are sealed and opened in the order of the calls. */
export class Channel {
  readonly role: Role;
  /** With this and the link a page comes back into the session. */
  readonly resume: Bytes;
  #secrets: Secrets | null;
  #sending: Promise<unknown> = Promise.resolve();
  #reading: Promise<unknown> = Promise.resolve();

  private constructor(role: Role, resume: Bytes, secrets: Secrets) {
    this.role = role;
    this.resume = resume;
    this.#secrets = secrets;
  }

  static async of({ key }: Agreed, role: Role): Promise<Channel> {
    const direction = async (by: Role, usage: "encrypt" | "decrypt"): Promise<Direction> => ({
      key: await key.expandCipher(`key ${by}`, usage),
      iv: await key.expand(`iv ${by}`, 12),
      counter: 0n,
    });
    return new Channel(role, await key.expand("resume", RESUME_BYTES), {
      key,
      out: await direction(role, "encrypt"),
      in: await direction(FAR_END[role], "decrypt"),
      about: join(utf8("sceau/1"), await key.expand("session", 16)),
    });
  }

  /**
   * Seal a text as the next record. One longer than a record may be, or that is no Unicode
   * text, is refused as `form`, and that is the end.
   */
  seal(plain: string): Promise<Bytes> {
    const sealed = this.#sending.then(async () => {
      const { out, about } = this.#alive();
      const padded = this.#padded(plain);
      const how = nextOf(out, about);
      return new Uint8Array(await crypto.subtle.encrypt(how, out.key, padded));
    });
    this.#sending = sealed.catch(() => undefined);
    return sealed;
  }

  /**
   * Open exactly the next record. Anything else is refused as `record`, wrong padding or text
   * as `form`, and that is the end.
   */
  open(record: Bytes): Promise<string> {
    const opened = this.#reading.then(async () => {
      const { in: from, about } = this.#alive();
      try {
        const padded = await decrypted(from, about, record);
        // Closed meanwhile: what arrives late is not read.
        this.#alive();
        return text(unpad(padded, RECORD_SIZES));
      } catch (error) {
        this.close();
        throw error;
      }
    });
    this.#reading = opened.catch(() => undefined);
    return opened;
  }

  /**
   * What shows the far end between which two certificates the handshake runs; each is the
   * SHA-256 of one, read from the live connection.
   */
  certificateMac(own: Bytes, farEnd: Bytes): Promise<Bytes> {
    return this.#bound(this.role, own, farEnd);
  }

  /** Check the far end's; refused as `certificate`, and the end. */
  async checkCertificateMac(given: Bytes, own: Bytes, farEnd: Bytes): Promise<void> {
    if (!same(given, await this.#bound(FAR_END[this.role], farEnd, own))) {
      this.close();
      throw new Refused("certificate");
    }
  }

  /** Forget the keys. */
  close(): void {
    this.#secrets = null;
  }

  #padded(plain: string): Bytes {
    try {
      return pad(utf8(wellFormed(plain)), RECORD_SIZES);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async #bound(by: Role, its: Bytes, other: Bytes): Promise<Bytes> {
    const key = await this.#alive().key.expand("dtls", MAC_BYTES);
    return mac(key, await hash("dtls", utf8(by), its, other));
  }

  #alive(): Secrets {
    if (this.#secrets === null) {
      throw new Refused("record");
    }
    return this.#secrets;
  }
}

async function decrypted(from: Direction, about: Bytes, record: Bytes): Promise<Bytes> {
  if (!RECORD_SIZES.some((size) => record.length === size + TAG_BYTES)) {
    throw new Refused("record");
  }
  try {
    return new Uint8Array(await crypto.subtle.decrypt(nextOf(from, about), from.key, record));
  } catch {
    throw new Refused("record");
  }
}

/** How the next record of a direction is sealed; its counter rises. */
function nextOf(direction: Direction, about: Bytes): AesGcmParams {
  const iv = direction.iv.slice();
  const low = new DataView(iv.buffer, 4);
  low.setBigUint64(0, low.getBigUint64(0) ^ direction.counter);
  direction.counter += 1n;
  return { name: "AES-GCM", iv, additionalData: about, tagLength: 8 * TAG_BYTES };
}
