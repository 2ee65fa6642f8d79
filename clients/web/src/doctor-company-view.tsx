/**
 * The doctor's call in larger company: with a guest, with a colleague, or as one.
 *
 * View: draws the state and tells the desk what was clicked.
 */
import { bannerOf, CALM } from "./banner.ts";
import { Duty } from "./board-view.tsx";
import { CompanyNotice, type CompanyProps, Inviting, People } from "./company-view.tsx";
import { nameIn, tilesOf } from "./company-view.tsx";
import type { Desk } from "./desk.ts";
import { DeviceMenu } from "./in-call-devices.tsx";
import { HandingOver, TakenOver } from "./hand-over-view.tsx";
import { CallView } from "./call-view.tsx";
import { Proof } from "./proof-view.tsx";
import type { Event, State } from "./rounds.ts";
import { TalkPanel, TalkTool } from "./talking-view.tsx";

type Tell = (event: Event) => void;

/** As a colleague, who began this session with nobody. */
export function CompanyCall(props: CompanyProps & { desk: Desk<State, Event>; tell: Tell }) {
  const { larger, words, desk, tell } = props;
  const { state } = desk;
  const patient = larger.company?.pairs.find(({ role }) => role === "patient");
  const flow = patient?.flow ?? "connecting";
  const talk = { talking: desk.talking, words, nameOf: nameIn(props, null) };
  return (
    <CallView
      words={words}
      far={words.session.farPatient}
      who=""
      flow={flow}
      status={words.session[flow]}
      remote={undefined}
      tiles={tilesOf(props)}
      own={desk.own}
      more={<DeviceMenu words={words} own={desk.own} />}
      onHangUp={() => {
        // Before the patient is met, going is declining: he gets his place back.
        if (patient?.isAgreed === true) tell({ e: "hang-up" });
        else void larger.tell({ e: "decline" });
      }}
      banner={bannerOf({ flow, isAlone: false, signs: CALM }, state.isOnline)}
      farEnd="patient"
      onRetry={() => undefined}
      tools={<TalkTool {...talk} />}
      proof={
        patient !== undefined && (
          <Proof words={words} proven={patient} vouched={null} text={words.proof.doctorText} />
        )
      }
    >
      <TalkPanel {...talk} />
      <TakenOver {...props} />
      <Together company={props} isMet={false} duty={state.duty} tell={tell} />
    </CallView>
  );
}

/** Who else is here, and what a doctor may do about it. */
export function Together(props: {
  company: CompanyProps;
  isMet: boolean;
  duty: State["duty"];
  tell: Tell;
}) {
  const { company, isMet, duty, tell } = props;
  const { larger, words } = company;
  return (
    <>
      <People {...company} />
      <CompanyNotice larger={larger} words={words} />
      <div class="last">
        <Inviting larger={larger} words={words} isMet={isMet} />
        <HandingOver {...company} isMet={isMet} />
      </div>
      <Duty duty={duty} words={words} isLater tell={tell} />
    </>
  );
}
