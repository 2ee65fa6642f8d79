/**
 * Larger company on the screen: who is here, a tile for each, and the link for a guest.
 *
 * View: draws, and tells the desk what was clicked. A role or a name is shown as it was proven.
 */
import { useEffect, useState } from "preact/hooks";
import "./company.css";
import "./enrolment.css";
import { bannerOf, CALM } from "./banner.ts";
import { type Company, mayInvite } from "./company.ts";
import { Handing, Qr } from "./handing.tsx";
import type { Larger } from "./larger.ts";
import type { Vouched } from "./letters.ts";
import { isLocked, spoken } from "./lock.ts";
import type { Member } from "./messages.ts";
import type { Pair } from "./pairs.ts";
import type { CallProps, Tile } from "./call-view.tsx";
import type { Flow } from "./path.ts";
import { Button, clock, Status } from "./parts.tsx";
import { FIRST } from "./talking.ts";
import { companyWords, type CompanyWords } from "./words/company.ts";
import type { Words } from "./words/fr.ts";

/** Who somebody is, in words. */
export interface Named {
  readonly member: string;
  readonly who: string;
  /** « invité par … »; empty where nobody here invited him. */
  readonly by: string;
}

export interface CompanyProps {
  readonly larger: Larger;
  readonly words: Words;
  /** The doctor of the pair that began, where that is how this page knows him. */
  readonly firstDoctor: Vouched | null;
}

/** What a page needs of a desk to show a call in which it has no first pair. */
interface InCompany {
  readonly state: { readonly isOnline: boolean };
  readonly own: CallProps["own"];
  readonly steward: CallProps["steward"];
}

/** A call that this page began with nobody: everybody has a tile, and `flow` is the one to watch. */
export function inCompany(company: CompanyProps, desk: InCompany, flow: Flow) {
  return {
    words: company.words,
    who: "",
    flow,
    remote: undefined,
    tiles: tilesOf(company),
    own: desk.own,
    steward: desk.steward,
    banner: bannerOf({ flow, isAlone: false, signs: CALM }, desk.state.isOnline),
    // A pair beyond the first seeks its path by itself.
    onRetry: () => undefined,
  };
}

/** A tile for each far end beyond the first. */
export function tilesOf({ larger, words, firstDoctor }: CompanyProps): Tile[] {
  const { company } = larger;
  if (company === null) return [];
  return company.pairs
    .filter(({ digits }) => digits !== null)
    .map((pair) => {
      const { who, by } = namedIn(company, pair.member, companyWords(words), firstDoctor);
      return {
        key: pair.member,
        role: pair.role,
        label: companyWords(words).far(who),
        caption: by === "" ? who : `${who}, ${by}`,
        status: pair.flow === "interrupted" ? companyWords(words).interrupted : "",
        remote: larger.remote(pair.member),
      };
    });
}

/** How somebody in this session is called. */
export function namedIn(
  company: Company,
  member: string,
  t: CompanyWords,
  firstDoctor: Vouched | null,
): Named {
  const pair = company.pairs.find((one) => one.member === member);
  const sits = company.members.find((one) => one.member === member);
  const doctor = pair?.doctor ?? (company.first?.member === member ? firstDoctor : null);
  // Of an inviter who has left no more is said than is known of him here: nothing.
  const by = company.members.find((one) => one.member === pair?.by)?.member ?? null;
  return {
    member,
    who: member === company.seat ? t.you : called(sits, doctor, t),
    by:
      by === null
        ? ""
        : t.by(namedIn({ ...company, pairs: without(company, member) }, by, t, firstDoctor).who),
  };
}

/** How far ends are called by their seats; `first` is who began the session, where he is here. */
export function nameIn(props: CompanyProps, first: string | null) {
  const { larger, words, firstDoctor } = props;
  return (key: string): string | null => {
    const { company } = larger;
    if (key === FIRST) return first;
    if (company?.pairs.some(({ member }) => member === key) !== true) return null;
    return namedIn(company, key, companyWords(words), firstDoctor).who;
  };
}

function without({ pairs }: Company, member: string): readonly Pair[] {
  return pairs.filter((pair) => pair.member !== member);
}

function called(sits: Member | undefined, doctor: Vouched | null, t: CompanyWords): string {
  if (doctor !== null) return t.titled(doctor.card.name);
  switch (sits?.role) {
    case "patient":
      return t.patient;
    case "doctor":
      return t.doctor;
    case "colleague":
      return t.colleague;
    default:
      return t.guest;
  }
}

/** Who is in the call, at all times; a doctor may show out whoever is no patient. */
export function People({ larger, words, firstDoctor }: CompanyProps) {
  const { company } = larger;
  if (company === null || company.members.length < 3) return null;
  const t = companyWords(words);
  const isDoctor = company.role === "doctor" || company.role === "colleague";
  return (
    <section class="people" aria-labelledby="people">
      <h2 id="people">{t.people}</h2>
      <ul>
        {company.members.map(({ member, role }) => {
          const { who, by } = namedIn(company, member, t, firstDoctor);
          const pair = company.pairs.find((one) => one.member === member);
          const isIn =
            member === company.seat || member === company.first?.member || pair?.isAgreed;
          return (
            <li key={member} data-role={role} data-in={isIn === true}>
              <b>{who}</b>
              {by !== "" && <span>{by}</span>}
              {isIn !== true && <span class="soft">{t.coming}</span>}
              {pair !== undefined && isLocked(pair) && (
                <span class="digits">
                  {words.proof.code} <bdi dir="ltr">{spoken(pair.digits ?? "")}</bdi>
                </span>
              )}
              {isDoctor && member !== company.seat && role !== "patient" && (
                <Button
                  id={`show-out-${role}`}
                  onClick={() => void larger.tell({ e: "show-out", member })}
                >
                  {t.showOut}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What went otherwise than wished. */
export function CompanyNotice({ larger, words }: { larger: Larger; words: Words }) {
  const notice = larger.company?.notice ?? null;
  return notice === null ? null : (
    <Status kind="warning">{companyWords(words).notices[notice]}</Status>
  );
}

/** Whether somebody may be asked to join now; `isMet`: the two who began have met. */
export function canInvite(company: Company | null, isMet: boolean): boolean {
  return company === null ? isMet : mayInvite(company);
}

/** The button, or the link that it made. */
export function Inviting(props: InvitingProps) {
  return (
    <>
      <Invited {...props} />
      <Invite {...props} />
    </>
  );
}

interface InvitingProps {
  larger: Larger;
  words: Words;
  isMet: boolean;
}

/** The button, where somebody may be invited. */
export function Invite({ larger, words, isMet }: InvitingProps) {
  const { company } = larger;
  if ((company?.invitation ?? null) !== null || !canInvite(company, isMet)) return null;
  return (
    <Button id="invite" onClick={() => void larger.tell({ e: "invite-guest" })}>
      {companyWords(words).invite}
    </Button>
  );
}

/** The link that it made. */
export function Invited({ larger, words }: Pick<InvitingProps, "larger" | "words">) {
  const invitation = larger.company?.invitation ?? null;
  return invitation === null ? null : (
    <Link
      address={invitation.name === "open" ? invitation.address : null}
      until_s={invitation.name === "open" ? invitation.until_s : null}
      words={words}
      onClose={() => void larger.tell({ e: "close-invitation" })}
    />
  );
}

function Link(props: {
  address: string | null;
  until_s: number | null;
  words: Words;
  onClose: () => void;
}) {
  const { address, until_s } = props;
  const all = companyWords(props.words);
  const t = all.inviting;
  return (
    <section class="card over invitation" aria-labelledby="invitation">
      <h2 id="invitation">{t.title}</h2>
      <p>{t.what}</p>
      {address === null || until_s === null ? (
        <Status>{t.making}</Status>
      ) : (
        <>
          <p class="small" role="timer">
            <Countdown until_s={until_s} text={t.remaining} />
          </p>
          <Qr text={address} label={all.qr} />
          <Handing id="guest-link" label={t.address} text={address} isAddress words={all} />
          <p class="small">{t.closeText}</p>
        </>
      )}
      <div class="actions">
        <Button id="close-invitation" onClick={props.onClose}>
          {t.close}
        </Button>
      </div>
    </section>
  );
}

/** What is left of a time, by this page's own clock. */
export function Countdown(props: { until_s: number; text: (time: string) => string }) {
  const left = () => props.until_s - Date.now() / 1000;
  const [seconds, setSeconds] = useState(left);
  useEffect(() => {
    const timer = setInterval(() => setSeconds(left()), 1000);
    return () => clearInterval(timer);
  });
  return <>{props.text(clock(seconds))}</>;
}
