"""Every screen and state of the pages, and how a real page is brought there.

One list: `WALKS`. A walk is a person's way through a few screens on a real service; it yields
the page each time it stands on the next of them. The tests look at it there, `make shots` takes
its picture, and `checked.json` names it.

Longer than most files: it is that one list, read a walk at a time.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from playwright.async_api import Page, Route

from signaling.messages import Ended, Outcome, RefusalCode, serialise
from tests.pages.scene import (
    COLLEAGUE,
    COLLEAGUE_SEED,
    DOCTOR_SEED,
    Scene,
    between,
    refuses,
    says_nothing,
)
from tests.pages.staff_screens import REFUSED, staff_who_enter, staff_who_watch
from tests.system.ends import WITHIN_S, DoctorOnPage, PatientOnPage
from tests.system.test_pages import SOCKETS

Stands = AsyncGenerator[tuple[str, Page], None]


@dataclass(frozen=True)
class Walk:
    """A way through screens, by name and in order."""

    name: str
    screens: tuple[str, ...]
    go: Callable[[Scene], Stands]


WALKS: list[Walk] = []


def walk(*screens: str) -> Callable[[Callable[[Scene], Stands]], Callable[[Scene], Stands]]:
    """Put a way on the list, with the screens that it stands on."""

    def put(go: Callable[[Scene], Stands]) -> Callable[[Scene], Stands]:
        WALKS.append(Walk(go.__name__.replace("_", "-"), screens, go))
        return go

    return put


def every_screen() -> list[str]:
    """All names, in order."""
    return [name for one in WALKS for name in one.screens]


# --- the patient ----------------------------------------------------------------------

UNABLE = {
    "no-link": "",
    "no-webrtc": "delete window.RTCPeerConnection;",
    "insecure": "Object.defineProperty(window, 'isSecureContext', { value: false });",
}

TROUBLE = """
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', '%s'); };
"""
TROUBLES = {
    "denied": TROUBLE % "NotAllowedError",
    "not-found": TROUBLE % "NotFoundError",
    "busy": TROUBLE % "NotReadableError",
}
NEVER_ASKED = "navigator.mediaDevices.getUserMedia = () => new Promise(() => {});"


@walk(*(f"patient-unable-{why}" for why in UNABLE))
async def a_patient_who_cannot(scene: Scene) -> Stands:
    """Each reason for which a browser or an address holds no consultation."""
    for why, first in UNABLE.items():
        page = await scene.tab(first)
        link = scene.signaling.pool_link()
        await page.goto(link if why != "no-link" else scene.signaling.origin)
        await page.wait_for_selector("main[data-state=unable]")
        yield f"patient-unable-{why}", page


@walk("patient-devices-asking", *(f"patient-devices-{why}" for why in TROUBLES))
async def a_patient_with_trouble(scene: Scene) -> Stands:
    """Camera and microphone, each thing that may be wrong with them."""
    patient = await scene.patient(None, NEVER_ASKED)
    await patient.page.goto(patient.url)
    await patient.clicks("consent")
    await patient.clicks("about-ready")
    await patient.is_at("devices")
    yield "patient-devices-asking", patient.page
    for why, first in TROUBLES.items():
        patient = await scene.patient(None, first)
        await patient.page.goto(patient.url)
        await patient.clicks("consent")
        await patient.clicks("about-ready")
        await patient.page.wait_for_selector("#devices-again")
        yield f"patient-devices-{why}", patient.page


@walk(
    "patient-welcome",
    "patient-about",
    "patient-waiting-nobody",
    "patient-wider-moving",
    "patient-waiting-doctors",
    "patient-waiting-closed",
    "patient-offline",
    "patient-leaving",
)
async def a_patient_who_waits(scene: Scene) -> Stands:
    """From the link to the waiting room, and what can be seen there."""
    scene.follows_a_directory()
    patient = await scene.patient(None, SOCKETS)
    page = patient.page
    await page.goto(patient.url)
    await patient.is_at("welcome")
    yield "patient-welcome", page
    await patient.clicks("consent")
    await page.wait_for_selector("#territory-where")
    yield "patient-about", page
    await patient.clicks("about-ready")
    await page.wait_for_selector("[data-testid=wider] button:enabled")
    yield "patient-waiting-nobody", page
    await patient.clicks("widen-garde-22")
    await page.wait_for_selector("main[data-queue=garde-22]")
    yield "patient-wider-moving", page
    doctor = await scene.doctor()
    await doctor.goes_on_duty()
    await page.wait_for_selector("main[data-doctors='1']")
    yield "patient-waiting-doctors", page
    scene.closes_a_queue("garde-22")
    await page.get_by_text("Cette file ferme").wait_for()
    yield "patient-waiting-closed", page
    await page.evaluate("() => window.__lose()")
    await page.wait_for_selector("main[data-online=false]")
    yield "patient-offline", page
    await patient.clicks("give-up")
    await patient.is_at("leaving")
    yield "patient-leaving", page


@walk("patient-entering", "patient-waiting-full")
async def a_patient_whom_nobody_answers(scene: Scene) -> Stands:
    """A server that is slow, and one that has no room now."""
    patient = await scene.patient()
    await says_nothing(patient.page)
    await patient.opens()
    await patient.is_at("entering")
    yield "patient-entering", patient.page
    patient = await scene.patient()
    await refuses(patient.page, "full", retry_s=600)
    await patient.opens()
    await patient.page.get_by_text("La salle d’attente est pleine").wait_for()
    yield "patient-waiting-full", patient.page


@walk("patient-refused-expired", "patient-refused-spent", "patient-refused-not-admitted")
async def a_patient_who_is_turned_away(scene: Scene) -> Stands:
    """A link that opens nothing any more, or nothing here."""
    codes: tuple[RefusalCode, ...] = ("expired", "spent", "not-admitted")
    for code in codes:
        patient = await scene.patient()
        await refuses(patient.page, code)
        await patient.opens()
        await patient.is_at("refused")
        yield f"patient-refused-{code}", patient.page


@walk(
    "patient-proposed",
    "patient-accepting",
)
async def a_patient_who_is_called(scene: Scene) -> Stands:
    """A doctor's card, and the moment after it was accepted."""
    patient, doctor = await scene.patient(), await scene.doctor()
    await between(patient.page, "accept")
    await patient.waits()
    await doctor.goes_on_duty()
    await doctor.calls_next()
    await patient.is_at("proposed")
    yield "patient-proposed", patient.page
    await patient.clicks("accept")
    await patient.is_at("accepting")
    yield "patient-accepting", patient.page


@walk("patient-connecting", "doctor-connecting")
async def two_who_find_no_way(scene: Scene) -> Stands:
    """The call as it is before picture and sound."""
    deaf = "RTCPeerConnection.prototype.addIceCandidate = async () => undefined;"
    patient, doctor = (
        await scene.patient(None, deaf),
        await scene.doctor(DOCTOR_SEED, COLLEAGUE, deaf),
    )
    await patient.waits()
    await doctor.goes_on_duty()
    await doctor.calls_next()
    await patient.accepts()
    await doctor.is_at("session")
    yield "patient-connecting", patient.page
    yield "doctor-connecting", doctor.page


@walk(
    "patient-call",
    "doctor-call",
    "patient-call-muted",
    "patient-call-interrupted",
    "patient-ended-far-left",
)
async def two_who_talk(scene: Scene) -> Stands:
    """The call, silenced and darkened, and when the far end is gone."""
    patient, doctor = await two_in_a_call(scene)
    yield "patient-call", patient.page
    yield "doctor-call", doctor.page
    await patient.clicks("mute")
    await patient.clicks("camera")
    yield "patient-call-muted", patient.page
    await doctor.page.goto("about:blank")
    await patient.page.wait_for_selector("[data-flow=interrupted]", timeout=WITHIN_S * 1000)
    yield "patient-call-interrupted", patient.page
    await doctor.page.goto(doctor.url)
    await doctor.clicks("devices-ready")
    await doctor.clicks("end")
    await patient.is_over()
    yield "patient-ended-far-left", patient.page


@walk("patient-talk", "patient-document", "doctor-talk")
async def a_patient_who_writes(scene: Scene) -> Stands:
    """Lines, the one being written, and a document that is proposed and received."""
    patient, doctor = await two_in_a_call(scene)
    for page, text in ((patient.page, "Je n’entends pas."), (doctor.page, "Depuis quand ?")):
        await page.click("#talk")
        await page.type("#talk-text", text)
        await page.press("#talk-text", "Enter")
    await doctor.page.type("#talk-text", "Voici votre ord")
    await patient.page.wait_for_selector("[data-testid=talk-draft]")
    yield "patient-talk", patient.page
    paper = {"name": "ordonnance.pdf", "mimeType": "", "buffer": b"%PDF-1.7" + bytes(300_000)}
    await doctor.page.set_input_files("#paper-file", paper)  # type: ignore[arg-type]
    await patient.page.wait_for_selector("[data-is=offered]")
    yield "patient-document", patient.page
    await patient.page.click("text=Accepter")
    await doctor.page.wait_for_selector("[data-testid=paper][data-is=done]")
    yield "doctor-talk", doctor.page


async def two_in_a_call(scene: Scene) -> tuple[PatientOnPage[Page], DoctorOnPage[Page]]:
    """A patient and a doctor whose media passes."""
    patient, doctor = await scene.patient(), await scene.doctor()
    await patient.waits()
    await doctor.goes_on_duty()
    await scene.meet(patient, doctor)
    return patient, doctor


@walk(
    "patient-ended-left",
    "patient-ended-gave-up",
    "patient-ended-excluded",
    "patient-ended-expired",
    "patient-replaced",
)
async def a_patient_who_is_gone(scene: Scene) -> Stands:
    """Each way in which it is over."""
    patient, _ = await two_in_a_call(scene)
    await patient.hangs_up()
    await patient.is_over()
    yield "patient-ended-left", patient.page
    patient = await scene.patient()
    await patient.waits()
    await patient.clicks("give-up")
    await patient.is_over()
    yield "patient-ended-gave-up", patient.page
    outcomes: tuple[Outcome, ...] = ("excluded", "expired")
    for outcome in outcomes:
        patient = await scene.patient()
        wire = await between(patient.page)
        await patient.waits()
        wire.says(serialise(Ended(what="session", outcome=outcome)))
        await patient.is_over()
        yield f"patient-ended-{outcome}", patient.page
    patient = await scene.patient()
    await patient.waits()
    newer = await patient.page.context.new_page()
    await newer.goto(patient.page.url)
    await newer.click("#consent")
    await newer.click("#about-ready")
    await patient.is_at("replaced")
    yield "patient-replaced", patient.page


# --- the guest ------------------------------------------------------------------------


@walk(
    "patient-inviting",
    "guest-welcome",
    "guest-devices",
    "patient-three",
    "doctor-three",
    "guest-three",
    "guest-refused-used",
    "guest-ended-over",
)
async def somebody_who_is_asked_to_join(scene: Scene) -> Stands:
    """From the link that is handed on to the end, with three in the call."""
    patient, doctor = await two_in_a_call(scene)
    await patient.clicks("invite")
    await patient.page.wait_for_selector("#guest-link")
    yield "patient-inviting", patient.page
    address = await patient.page.input_value("#guest-link")
    guest = await scene.guest(address)
    await guest.page.goto(guest.url)
    await guest.is_at("welcome")
    yield "guest-welcome", guest.page
    await guest.clicks("consent")
    await guest.page.wait_for_selector("#devices-ready:enabled")
    yield "guest-devices", guest.page
    await guest.clicks("devices-ready")
    await guest.is_at("session")
    for end in (patient, doctor, guest):
        await end.page.wait_for_selector(".stage.many .tile >> nth=1", timeout=WITHIN_S * 1000)
    yield "patient-three", patient.page
    yield "doctor-three", doctor.page
    yield "guest-three", guest.page
    second = await scene.guest(address)
    await second.opens()
    await second.is_at("refused")
    yield "guest-refused-used", second.page
    await doctor.hangs_up()
    await guest.is_over()
    yield "guest-ended-over", guest.page


# --- the doctor -----------------------------------------------------------------------


@walk("doctor-opening", "doctor-unable", "doctor-devices-denied", "doctor-refused")
async def a_doctor_who_cannot(scene: Scene) -> Stands:
    """Before the board, and when there is none."""
    doctor = await scene.doctor()
    held: list[Route] = []
    await doctor.page.route("**/unions.json", lambda one: held.append(one))
    await doctor.page.goto(doctor.url)
    await doctor.is_at("opening")
    yield "doctor-opening", doctor.page
    for one in held:
        await one.continue_()
    page = await scene.tab()
    await page.goto(f"{scene.signaling.origin}/doctor#key1.nothing")
    await page.wait_for_selector("main[data-state=unable]")
    yield "doctor-unable", page
    doctor = await scene.doctor(DOCTOR_SEED, COLLEAGUE, TROUBLES["denied"])
    await doctor.page.goto(doctor.url)
    await doctor.page.wait_for_selector("#devices-again")
    yield "doctor-devices-denied", doctor.page
    doctor = await scene.doctor()
    await refuses(doctor.page, "revoked")
    await doctor.page.goto(doctor.url)
    await doctor.clicks("devices-ready")
    await doctor.is_at("refused")
    yield "doctor-refused", doctor.page


@walk("doctor-device-none", "doctor-device-asked", "doctor-device-enrolled", "doctor-device")
async def a_doctor_with_a_new_device(scene: Scene) -> Stands:
    """Enrolment, as the union answers it."""
    page = await scene.tab()
    # A device has keys for the days from its own today on.
    await page.clock.set_system_time(scene.signaling.now)
    await page.goto(f"{scene.signaling.origin}/doctor")
    await page.wait_for_selector("#enrol")
    yield "doctor-device-none", page
    await page.click("#enrol")
    await page.wait_for_selector("#request")
    await page.wait_for_selector("#look:enabled")
    yield "doctor-device-asked", page
    scene.vouches(await page.input_value("#request"))
    await page.click("#look")
    await page.wait_for_selector("#enrolled-go")
    yield "doctor-device-enrolled", page
    await page.click("#enrolled-go")
    await page.click("#devices-ready")
    await page.click("#device")
    await page.wait_for_selector("main[data-state=device]")
    yield "doctor-device", page


@walk(
    "doctor-devices",
    "doctor-off",
    "doctor-links",
    "doctor-link-made",
    "doctor-on-empty",
    "doctor-on-one",
    "doctor-on-many",
    "doctor-paused",
    "doctor-offline",
    "doctor-replaced",
)
async def a_doctor_on_duty(scene: Scene) -> Stands:
    """The board, empty and full, and what is beside it."""
    scene.follows_a_directory()
    doctor = await scene.doctor(DOCTOR_SEED, COLLEAGUE, SOCKETS)
    page = doctor.page
    await page.goto(doctor.url)
    await page.wait_for_selector("#devices-ready:enabled")
    yield "doctor-devices", page
    await doctor.clicks("devices-ready")
    await page.wait_for_selector("#go-on-duty:enabled")
    yield "doctor-off", page
    await doctor.clicks("links")
    await doctor.is_at("links")
    yield "doctor-links", page
    await page.click("main .primary")
    await page.wait_for_selector("textarea")
    yield "doctor-link-made", page
    own = await page.input_value("textarea")
    await doctor.clicks("back")
    await doctor.clicks("go-on-duty")
    await doctor.is_at("on")
    yield "doctor-on-empty", page
    patient = await scene.patient(own)
    await patient.waits()
    await page.wait_for_selector("[data-arrival=own]")
    yield "doctor-on-one", page
    await scene.waits(12)
    await scene.waits(12, "garde-22")
    await page.wait_for_selector("main[data-waiting='25']")
    yield "doctor-on-many", page
    await doctor.clicks("duty-pause")
    await doctor.is_at("paused")
    yield "doctor-paused", page
    await page.evaluate("() => window.__lose()")
    await page.wait_for_selector("main[data-online=false]")
    yield "doctor-offline", page
    await page.evaluate("() => window.__find()")
    await page.wait_for_selector("main[data-online=true]")
    newer = await page.context.new_page()
    await newer.goto(doctor.url)
    await newer.click("#devices-ready")
    await doctor.is_at("replaced")
    yield "doctor-replaced", page


@walk("doctor-calling", "doctor-declined")
async def a_doctor_who_calls(scene: Scene) -> Stands:
    """While the patient decides, and when he asked for another doctor."""
    patient, doctor = await scene.patient(), await scene.doctor()
    await patient.waits()
    await doctor.goes_on_duty()
    await doctor.calls_next()
    await patient.is_at("proposed")
    yield "doctor-calling", doctor.page
    await patient.clicks("decline")
    await doctor.is_at("on")
    yield "doctor-declined", doctor.page


@walk(
    "doctor-hand-over-nobody",
    "doctor-hand-over",
    "doctor-hand-over-written",
    "doctor-handing",
    "colleague-rung",
    "patient-choice",
    "colleague-taken-over",
    "colleague-call",
    "patient-no-doctor",
)
async def a_doctor_who_hands_over(scene: Scene) -> Stands:
    """To a colleague, whom the patient chooses, and who is lost then."""
    patient, doctor = await two_in_a_call(scene)
    await doctor.clicks("hand-over")
    await doctor.page.wait_for_selector("#hand-to-nobody")
    yield "doctor-hand-over-nobody", doctor.page
    colleague = await scene.doctor(COLLEAGUE_SEED, COLLEAGUE)
    await colleague.goes_on_duty()
    await doctor.clicks("keep")
    await doctor.clicks("hand-over")
    card = doctor.page.get_by_text(COLLEAGUE.name)
    await card.wait_for()
    yield "doctor-hand-over", doctor.page
    await card.click()
    await doctor.page.fill("#message", "Fièvre depuis trois jours.")
    yield "doctor-hand-over-written", doctor.page
    await doctor.clicks("hand-to")
    await colleague.is_at("rung")
    yield "doctor-handing", doctor.page
    await colleague.page.wait_for_selector("#take-over")
    yield "colleague-rung", colleague.page
    await colleague.clicks("take-over")
    await patient.page.wait_for_selector("#choose-colleague:enabled", timeout=WITHIN_S * 1000)
    yield "patient-choice", patient.page
    yield "colleague-taken-over", colleague.page
    await patient.clicks("choose-colleague")
    await doctor.is_over()
    await colleague.page.wait_for_selector("[data-told]")
    await colleague.page.wait_for_selector("[data-locked=true]", timeout=WITHIN_S * 1000)
    yield "colleague-call", colleague.page
    await colleague.page.close()
    await patient.page.wait_for_selector("[data-lost]", timeout=WITHIN_S * 1000)
    yield "patient-no-doctor", patient.page


# --- the staff ------------------------------------------------------------------------

walk("status-board", "status-details", "status-old", "status-young")(staff_who_watch)
walk(
    "status-away",
    "status-unreadable",
    "status-device-none",
    *(f"status-refused-{code}" for code in REFUSED),
    "status-left",
)(staff_who_enter)
