/**
 * The patient's call, loaded apart: nobody needs it before a doctor calls.
 *
 * View: draws the state and tells the desk what was clicked.
 */
import { bannerOf } from "./banner.ts";
import type { Event, Session, State } from "./consultation.ts";
import { CompanyNotice, type CompanyProps, Inviting, People } from "./company-view.tsx";
import { inCompany, nameIn, tilesOf } from "./company-view.tsx";
import type { Desk } from "./desk.ts";
import { Chosen, NoDoctor } from "./hand-over-view.tsx";
import { isLocked } from "./lock.ts";
import { CallView } from "./call-view.tsx";
import { Fault } from "./devices-view.tsx";
import { DeviceMenu } from "./in-call-devices.tsx";
import { doctorName } from "./names.ts";
import { Button, VouchedIcon } from "./parts.tsx";
import { Proof } from "./proof-view.tsx";
import { TalkPanel, TalkTool } from "./talking-view.tsx";
import type { Words } from "./words/fr.ts";

/** With the doctor whom the patient accepted. */
export function Call(props: {
  desk: Desk<State, Event>;
  words: Words;
  session: Session | null;
  name: string;
}) {
  const { desk, words, session, name } = props;
  const { state } = desk;
  const flow = session?.flow ?? "connecting";
  const company = { larger: desk.larger, words, firstDoctor: session?.doctor ?? null };
  const who = doctorName(name, words);
  const talk = { talking: desk.talking, words, nameOf: nameIn(company, who) };
  return (
    <CallView
      words={words}
      far={words.session.far}
      who={who}
      flow={flow}
      status={session === null ? words.session.accepting : words.session[flow]}
      remote={desk.remote}
      tiles={tilesOf(company)}
      own={desk.own}
      more={<DeviceMenu words={words} own={desk.own} steward={desk.steward} />}
      steward={desk.steward}
      onHangUp={() => desk.tell({ e: "hang-up" })}
      banner={session === null ? null : bannerOf(session, state.isOnline)}
      farEnd="doctor"
      onRetry={() => desk.tell({ e: "retry" })}
      tools={<TalkTool {...talk} />}
      proof={
        session !== null && (
          <Proof
            words={words}
            proven={session}
            vouched={session.doctor === null ? null : words.proposed.vouched(session.doctor.union)}
            text={words.proof.patientText}
          />
        )
      }
    >
      <TalkPanel {...talk} />
      {session !== null && session.asked !== null && session.coming !== null && (
        <section class="card over" role="alertdialog" aria-labelledby="asked">
          <h2 id="asked">{words.session.askedTitle}</h2>
          <p class="who">{doctorName(session.coming.doctor.card.name, words)}</p>
          <p>{session.coming.doctor.card.specialty}</p>
          <p class="vouched">
            <VouchedIcon />
            {words.proposed.vouched(session.coming.doctor.union)}
          </p>
          <p>{words.session.askedText}</p>
          <div class="actions">
            <Button id="accept-again" kind="primary" onClick={() => desk.tell({ e: "accept" })}>
              {words.proposed.accept}
            </Button>
            <Button id="refuse" kind="danger" onClick={() => desk.tell({ e: "hang-up" })}>
              {words.session.hangUp}
            </Button>
          </div>
        </section>
      )}
      {state.trouble !== null && (
        <Fault words={words} trouble={state.trouble} onAgain={() => desk.own.again()} />
      )}
      <Together company={company} isMet={session !== null && isLocked(session)} desk={desk} />
    </CallView>
  );
}

/** A colleague goes on: nobody is left of the pair that began. */
export function CompanyCall({ desk, words }: { desk: Desk<State, Event>; words: Words }) {
  const company = { larger: desk.larger, words, firstDoctor: null };
  const doctor = desk.larger.company?.pairs.find(({ role }) => role === "doctor");
  const flow = doctor?.flow ?? "connecting";
  const talk = { talking: desk.talking, words, nameOf: nameIn(company, null) };
  return (
    <CallView
      {...inCompany(company, desk, flow)}
      far={words.session.far}
      status={words.session[flow]}
      more={<DeviceMenu words={words} own={desk.own} steward={desk.steward} />}
      onHangUp={() => desk.tell({ e: "hang-up" })}
      farEnd="doctor"
      tools={<TalkTool {...talk} />}
      proof={
        doctor !== undefined && (
          <Proof
            words={words}
            proven={doctor}
            vouched={doctor.doctor === null ? null : words.proposed.vouched(doctor.doctor.union)}
            text={words.proof.patientText}
          />
        )
      }
    >
      <TalkPanel {...talk} />
      <NoDoctor {...company} />
      <Together company={company} isMet={false} desk={desk} />
    </CallView>
  );
}

/** Who else is here, what the patient is asked, and the way to ask somebody to join. */
function Together(props: { company: CompanyProps; isMet: boolean; desk: Desk<State, Event> }) {
  const { company, isMet, desk } = props;
  const { larger, words } = company;
  return (
    <>
      <Chosen {...company} onLeave={() => desk.tell({ e: "hang-up" })} />
      <CompanyNotice larger={larger} words={words} />
      <People {...company} />
      <div class="last">
        <Inviting larger={larger} words={words} isMet={isMet} />
      </div>
    </>
  );
}
