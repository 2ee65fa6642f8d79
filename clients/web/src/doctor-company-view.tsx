/**
 * The doctor's call in larger company: with a guest, with a colleague, or as one.
 *
 * View: draws the state and tells the desk what was clicked.
 */
import { AboutView } from "./about-view.tsx";
import { Duty } from "./board-view.tsx";
import {
  CompanyNotice,
  type CompanyProps,
  Invite,
  Invited,
  nameIn,
  People,
  inCompany,
} from "./company-view.tsx";
import type { Desk } from "./desk.ts";
import { DeviceMenu } from "./in-call-devices.tsx";
import { HandingOver, HandOverButton, TakenOver } from "./hand-over-view.tsx";
import { CallView } from "./call-view.tsx";
import { Proof } from "./proof-view.tsx";
import { TalkPanel, TalkTool } from "./talking-view.tsx";
import type { Event as Told, State } from "./rounds.ts";

type Tell = (event: Told) => void;

/** As a colleague, who began this session with nobody. */
export function CompanyCall(props: CompanyProps & { desk: Desk<State, Told>; tell: Tell }) {
  const { larger, words, desk, tell } = props;
  const { state } = desk;
  const patient = larger.company?.pairs.find(({ role }) => role === "patient");
  const flow = patient?.flow ?? "connecting";
  const talk = { talking: desk.talking, words, nameOf: nameIn(props, null) };
  return (
    <CallView
      {...inCompany(props, desk, flow)}
      far={words.session.farPatient}
      status={words.session[flow]}
      isVeiling
      onHangUp={() => {
        // Before the patient is met, going is declining: he gets his place back.
        if (patient?.isAgreed === true) tell({ e: "hang-up" });
        else void larger.tell({ e: "decline" });
      }}
      farEnd="patient"
      tools={<TalkTool {...talk} />}
      more={
        <>
          <Further company={props} isMet={false} duty={state.duty} tell={tell} />
          <DeviceMenu words={words} own={desk.own} steward={desk.steward} />
        </>
      }
      proof={
        patient !== undefined && (
          <Proof words={words} proven={patient} vouched={null} text={words.proof.doctorText} />
        )
      }
    >
      <TalkPanel {...talk} />
      {patient !== undefined && <AboutView about={patient.about} words={words} />}
      <TakenOver {...props} />
      <Together {...props} />
    </CallView>
  );
}

/** Who else is here, and what is under way. */
export function Together(company: CompanyProps) {
  return (
    <>
      <People {...company} />
      <CompanyNotice larger={company.larger} words={company.words} />
      <Invited larger={company.larger} words={company.words} />
      <HandingOver {...company} />
    </>
  );
}

/** What a doctor may do about it, and what comes after the call. */
export function Further(props: {
  company: CompanyProps;
  isMet: boolean;
  duty: State["duty"];
  tell: Tell;
}) {
  const { company, isMet, duty, tell } = props;
  return (
    // What either of them opens is below the picture: the sheet makes room for it.
    <div class="further" onClick={folds}>
      <Invite larger={company.larger} words={company.words} isMet={isMet} />
      <HandOverButton {...company} isMet={isMet} />
      <Duty duty={duty} words={company.words} isLater tell={tell} />
    </div>
  );
}

function folds({ target, currentTarget }: Event): void {
  const isOpening = target instanceof Element && target.closest("#invite, #hand-over") !== null;
  if (isOpening && currentTarget instanceof Element) {
    currentTarget.closest("details")?.removeAttribute("open");
  }
}
