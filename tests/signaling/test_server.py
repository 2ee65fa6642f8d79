"""The queue's promises through real sockets: the waiting room, its lines and their post.

Longer than most files: a list of cases, read one at a time.
"""

import asyncio
import socket
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest

from signaling.addresses import is_queue, of_ticket
from signaling.messages import (
    Accept,
    Accepted,
    Board,
    Call,
    Called,
    Duty,
    Ended,
    Envelope,
    Invite,
    Invited,
    Join,
    Joined,
    Leave,
    Propose,
    Proposed,
    Renew,
)
from signaling.server import listening_sockets
from signaling.store import Deliver
from tests.actors import M1, M2, M3, Doctor, Patient
from tests.serving import QUEUE, Signaling, serving

RUNS_ON = "uvloop"
"""The loop that the service runs on."""


async def in_session(patient: Patient, doctor: Doctor) -> tuple[Accepted, Accepted]:
    """Bring both into a session; what each was told."""
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    with_patient = await patient.accepts()
    return with_patient, await doctor.hears(Accepted)


async def test_a_consultation_from_link_to_good_bye(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Join, call, propose, accept, envelopes both ways, hang up; and nothing is left."""
    await patient.joins(m1="Zmlyc3Q")
    await doctor.goes_on_duty()

    called = await doctor.calls(QUEUE)
    assert called.m1 == "Zmlyc3Q"
    told = await doctor.proposes(called, m2="c2Vjb25k")
    proposed = await patient.hears(Proposed)
    assert (told.m2, told.deadline) == (None, proposed.deadline)
    assert (proposed.call, proposed.m2) == (called.call, "c2Vjb25k")
    await patient.says(Accept(call=proposed.call, m3="dGhpcmQ"))
    with_patient, with_doctor = await patient.hears(Accepted), await doctor.hears(Accepted)
    assert (with_patient.m3, with_doctor.m3) == (None, "dGhpcmQ")
    assert with_patient.session == with_doctor.session
    assert with_patient.members == with_doctor.members

    await doctor.says(Envelope(member=with_patient.member, body="dG8tcGF0aWVudA"))
    assert await patient.hears(Envelope) == Envelope(
        member=with_doctor.member, body="dG8tcGF0aWVudA"
    )
    await patient.says(Envelope(member=with_doctor.member, body="dG8tZG9jdG9y"))
    assert (await doctor.hears(Envelope)).body == "dG8tZG9jdG9y"

    await patient.says(Leave(what="session"))
    assert await doctor.hears(Ended) == Ended(what="session", outcome="left")
    assert await patient.hears(Ended) == Ended(what="session", outcome="left")
    assert await patient.is_closed() == aiohttp.WSCloseCode.OK
    await doctor.says(Duty(state="off"))
    await doctor.settled()
    assert await signaling.of_people() == []


async def test_two_doctors_calling_at_once_never_get_the_same_patient(
    signaling: Signaling, patient: Patient
) -> None:
    """However doctors race, a patient is called once; the other is told that nobody is left."""
    first, second = signaling.cast.doctor(), signaling.cast.doctor()
    await patient.joins()
    await asyncio.gather(first.goes_on_duty(), second.goes_on_duty())

    await asyncio.gather(first.says(Call(queue=QUEUE)), second.says(Call(queue=QUEUE)))

    answers = await asyncio.gather(
        first.hears(Called), second.hears(Called), return_exceptions=True
    )
    assert sum(isinstance(answer, Called) for answer in answers) == 1


async def test_patients_are_called_in_the_order_of_their_arrival(
    signaling: Signaling,
) -> None:
    """First come, first served, and both screens show that order."""
    patients = [signaling.cast.patient() for _ in range(3)]
    doctors = [signaling.cast.doctor() for _ in range(3)]
    for i, patient in enumerate(patients):
        await patient.joins(m1=f"bTE{i}")
    for place, patient in enumerate(patients, 1):
        await patient.hears_board(place=place)

    called = []
    for doctor in doctors:
        await doctor.goes_on_duty()
        board = await doctor.hears_board(waiting=3)
        assert board.tickets is not None
        called.append(await doctor.calls(QUEUE))

    assert [c.m1 for c in called] == ["bTE0", "bTE1", "bTE2"]
    assert [c.ticket for c in called] == [row.ticket for row in board.tickets or ()]


async def test_a_patient_who_loses_the_network_keeps_the_place(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Passed over while away; back with the pass, first again."""
    second = signaling.cast.patient()
    await patient.joins(m1="Zmlyc3Q")
    await second.joins(m1="c2Vjb25k")
    await doctor.goes_on_duty()
    await patient.loses_the_network()
    board = await doctor.hears_board(waiting=2)
    while board.tickets and board.tickets[0].awake:
        board = await doctor.hears_board(waiting=2)

    signaling.clock.advance(signaling.settings.wait_pass_s - 1)
    assert await doctor.hears(Ended) == Ended(what="duty", outcome="expired")
    await second.comes_back(m1="c2Vjb25k")
    await doctor.says(Duty(state="on"))
    called_while_away = await doctor.calls(QUEUE)
    await doctor.says(Leave(what="call"))
    await doctor.hears(Ended)
    await patient.comes_back(m1="YmFjaw")

    assert called_while_away.m1 == "c2Vjb25k"
    assert (await patient.hears_board(place=1)).place == 1
    assert (await doctor.calls(QUEUE)).m1 == "YmFjaw"


async def test_a_patient_whose_page_sleeps_is_passed_over(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """A socket that is open but silent is asleep, and keeps its place."""
    awake = signaling.cast.patient()
    await patient.joins(m1="c2xlZXBz")
    await awake.joins(m1="YXdha2U")

    signaling.clock.advance(signaling.settings.awake_s + 1)
    await awake.says(Renew())
    await awake.hears(Joined)
    await doctor.goes_on_duty()

    assert (await doctor.calls(QUEUE)).m1 == "YXdha2U"
    await patient.hears_board(place=1)


async def test_a_place_ends_with_its_pass(signaling: Signaling, patient: Patient) -> None:
    """After its lifetime a pass is refused, and the ticket is gone from the store."""
    await patient.joins()
    await patient.loses_the_network()

    signaling.clock.advance(signaling.settings.wait_pass_s)
    await patient.asks_in(patient.last_pass)

    await patient.is_refused("expired")
    while await signaling.of_people():
        await patient.settled()


async def test_a_doctor_who_vanishes_gives_the_patient_back_to_the_head(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """The patient is told, is first again, and a fresh M1 makes him callable."""
    second, colleague = signaling.cast.patient(), signaling.cast.doctor()
    await patient.joins()
    await second.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    await patient.hears(Proposed)

    await doctor.loses_the_network()

    assert await patient.hears(Ended) == Ended(what="call", outcome="lost")
    await patient.says(Renew(m1="ZnJlc2g"))
    await patient.hears(Joined)
    await colleague.goes_on_duty()
    assert (await colleague.calls(QUEUE)).m1 == "ZnJlc2g"


async def test_a_late_proposal_gives_the_patient_back(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """A claim is a lease: without an M2 in time it ends, and the patient is not at fault."""
    await patient.joins()
    await doctor.goes_on_duty()
    called = await doctor.calls(QUEUE)

    signaling.clock.advance(signaling.settings.propose_within_s)

    assert await doctor.hears(Ended) == Ended(what="call", outcome="late")
    assert await patient.hears(Ended) == Ended(what="call", outcome="late")
    await doctor.says(Propose(call=called.call, m2=M2))
    await doctor.is_refused("out-of-turn")
    await patient.says(Renew(m1=M1))
    await patient.hears(Joined)
    await doctor.says(Duty(state="on"))
    assert (await doctor.calls(QUEUE)).ticket == called.ticket


async def test_a_late_patient_is_passed_over_for_a_while(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Who does not answer keeps the place but does not block the queue."""
    second = signaling.cast.patient()
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    await patient.hears(Proposed)

    signaling.clock.advance(signaling.settings.accept_within_s / 2)
    await doctor.says(Renew())
    await doctor.hears(Joined)
    signaling.clock.advance(signaling.settings.accept_within_s / 2)

    assert await patient.hears(Ended) == Ended(what="call", outcome="late")
    assert await doctor.hears(Ended) == Ended(what="call", outcome="late")
    await patient.says(Renew(m1="Zmlyc3Q"))
    await patient.hears(Joined)
    await second.joins(m1="c2Vjb25k")
    await second.hears_board(place=2)
    await doctor.says(Duty(state="on"))
    assert (await doctor.calls(QUEUE)).m1 == "c2Vjb25k"


async def test_a_declined_doctor_is_not_offered_again(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Declining costs the doctor nothing and the patient a short rest; another may call."""
    colleague = signaling.cast.doctor()
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    await patient.hears(Proposed)

    await patient.says(Leave(what="call"))

    assert await doctor.hears(Ended) == Ended(what="call", outcome="declined")
    assert await patient.hears(Ended) == Ended(what="call", outcome="declined")
    signaling.clock.advance(signaling.settings.cooldown_s)
    await patient.says(Renew(m1=M1))
    await patient.hears(Joined)
    await doctor.says(Duty(state="on"))
    await doctor.says(Call(queue=QUEUE))
    await doctor.is_refused("no-patient")
    await colleague.goes_on_duty()
    await colleague.calls(QUEUE)


async def test_nobody_on_duty_is_said(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """A patient sees how many doctors are on duty, none included, as it changes."""
    await patient.joins()
    await patient.hears_board(place=1, doctors=0)

    await doctor.goes_on_duty()
    await patient.hears_board(place=1, doctors=1)

    await doctor.says(Duty(state="off"))
    await patient.hears_board(place=1, doctors=0)


async def test_a_doctor_who_is_silent_is_off_duty(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Patients never wait for a doctor whose page is gone."""
    await doctor.goes_on_duty()
    await patient.joins()
    await patient.hears_board(doctors=1)

    signaling.clock.advance(signaling.settings.awake_s)

    assert await doctor.hears(Ended) == Ended(what="duty", outcome="expired")
    await patient.hears_board(doctors=0)


@pytest.mark.parametrize("step", ["waiting", "called", "proposed"])
async def test_a_patient_may_give_up_at_every_step(
    signaling: Signaling, patient: Patient, doctor: Doctor, step: str
) -> None:
    """Leaving the queue works while waiting, called and proposed, and leaves nothing."""
    await patient.joins()
    await doctor.goes_on_duty()
    if step != "waiting":
        called = await doctor.calls(QUEUE)
    if step == "proposed":
        await doctor.proposes(called)
        await patient.hears(Proposed)

    await patient.says(Leave(what="queue"))

    assert await patient.hears(Ended) == Ended(what="queue", outcome="left")
    assert await patient.is_closed() == aiohttp.WSCloseCode.OK
    if step != "waiting":
        assert await doctor.hears(Ended) == Ended(what="call", outcome="left")
    await doctor.says(Duty(state="off"))
    await doctor.settled()
    assert await signaling.of_people() == []


@pytest.mark.parametrize("step", ["called", "proposed"])
async def test_a_doctor_may_take_a_call_back(
    signaling: Signaling, patient: Patient, doctor: Doctor, step: str
) -> None:
    """Withdrawing before the answer gives the patient back, told, and soon callable."""
    await patient.joins()
    await doctor.goes_on_duty()
    called = await doctor.calls(QUEUE)
    if step == "proposed":
        await doctor.proposes(called)
        await patient.hears(Proposed)

    await doctor.says(Leave(what="call"))

    assert await doctor.hears(Ended) == Ended(what="call", outcome="withdrawn")
    assert await patient.hears(Ended) == Ended(what="call", outcome="withdrawn")
    signaling.clock.advance(signaling.settings.cooldown_s)
    await patient.says(Renew(m1=M1))
    await patient.hears(Joined)
    await doctor.says(Duty(state="on"))
    assert (await doctor.calls(QUEUE)).ticket == called.ticket


async def test_a_reload_while_called_brings_a_fresh_m1_to_the_doctor(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """The call goes on with the new M1 under the old deadline."""
    await patient.joins()
    await doctor.goes_on_duty()
    called = await doctor.calls_and_proposes(QUEUE)
    proposed = await patient.hears(Proposed)
    await patient.loses_the_network()
    signaling.clock.advance(5)

    await patient.joins(m1="cmVsb2Fk")

    again = await doctor.hears(Called)
    assert (again.call, again.m1, again.deadline) == (called.call, "cmVsb2Fk", proposed.deadline)
    await doctor.proposes(again)
    assert (await patient.hears(Proposed)).deadline == proposed.deadline
    await patient.says(Accept(call=again.call, m3=M3))
    await patient.hears(Accepted)
    await doctor.hears(Accepted)


async def test_members_come_back_to_their_session(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """By the member pass, by the link, and by the credential; envelopes then pass again."""
    with_patient, with_doctor = await in_session(patient, doctor)

    await patient.loses_the_network()
    await patient.comes_back()
    by_pass = await patient.hears(Accepted)
    await patient.loses_the_network()
    await patient.joins()
    by_link = await patient.hears(Accepted)
    await doctor.loses_the_network()
    await doctor.joins()
    by_credential = await doctor.hears(Accepted)

    assert by_pass.member == by_link.member == with_patient.member
    assert by_credential.member == with_doctor.member
    await doctor.says(Envelope(member=with_patient.member, body=M1))
    await patient.hears(Envelope)
    await patient.says(Envelope(member=with_doctor.member, body=M1))
    await doctor.hears(Envelope)


async def test_an_envelope_to_a_member_who_is_away_is_refused_as_such(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """The sender learns that it did not arrive and may send it again."""
    with_patient, _ = await in_session(patient, doctor)
    await patient.loses_the_network()

    while True:  # until the server, too, has noticed
        await doctor.says(Envelope(member=with_patient.member, body=M1))
        await doctor.says(Renew())
        answer = await doctor._next(Joined, passing=True)
        if doctor._unheard:
            break

    assert answer
    await doctor.is_refused("away")


async def test_a_session_ends_when_a_pass_runs_out(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Who stays away longer than the member pass has left; the other is told."""
    await in_session(patient, doctor)
    await patient.loses_the_network()

    signaling.clock.advance(signaling.settings.member_pass_s - 1)
    assert await doctor.hears(Ended) == Ended(what="duty", outcome="expired")
    await doctor.says(Renew())
    await doctor.hears(Joined)
    signaling.clock.advance(1)

    assert await doctor.hears(Ended) == Ended(what="session", outcome="left")


async def test_a_guest_enters_once_by_invitation(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """An invitation gives one seat; everybody sees the same members."""
    with_patient, _ = await in_session(patient, doctor)
    guest, thief = signaling.cast.patient(), signaling.cast.patient()

    await patient.says(Invite(role="guest"))
    invited = await patient.hears(Invited)
    await guest.asks_in(invited.token or "")
    await guest.hears(Joined)
    with_guest = await guest.hears(Accepted)
    await thief.asks_in(invited.token or "")

    await thief.is_refused("ended")
    assert (await patient.hears(Accepted)).members == with_guest.members
    assert (await doctor.hears(Accepted)).members == with_guest.members
    await guest.says(Envelope(member=with_patient.member, body=M1))
    assert (await patient.hears(Envelope)).member == with_guest.member


async def test_hand_over_by_invitation_and_leaving(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """A colleague on duty takes the seat, the first doctor leaves, the session goes on."""
    with_patient, _ = await in_session(patient, doctor)
    colleague = signaling.cast.doctor()
    await colleague.goes_on_duty()
    await colleague.settled()

    await doctor.says(Invite(role="colleague", to=colleague.thumbprint))
    await doctor.hears(Invited)
    invited = await colleague.hears(Invited)
    token = invited.token or ""
    await colleague.says(Join(token=token, proof=colleague.proof(token)))
    await colleague.hears(Joined)
    with_colleague = await colleague.hears(Accepted)
    await doctor.says(Leave(what="session"))

    assert await doctor.hears(Accepted)
    assert await doctor.hears(Ended) == Ended(what="session", outcome="left")
    await colleague.hears(Accepted)
    await colleague.says(Envelope(member=with_patient.member, body=M1))
    await patient.hears(Accepted)
    await patient.hears(Accepted)
    assert (await patient.hears(Envelope)).member == with_colleague.member


async def test_a_patient_sent_back_takes_the_old_place(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Requeued by the doctor, the patient comes back by the member pass, before later ones."""
    await in_session(patient, doctor)
    later = signaling.cast.patient()
    await later.joins()

    await doctor.says(Leave(what="session", then="requeue"))

    assert await patient.hears(Ended) == Ended(what="session", outcome="requeued")
    await patient.is_closed()
    await patient.comes_back()
    await patient.hears_board(place=1)
    await later.hears_board(place=2)


async def test_a_draining_doctor_stops_after_the_last_patient(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Draining ends by itself when the session does."""
    await in_session(patient, doctor)
    await doctor.says(Duty(state="draining"))

    await patient.says(Leave(what="session"))

    assert await doctor.hears(Ended) == Ended(what="session", outcome="left")
    assert await doctor.hears(Ended) == Ended(what="duty", outcome="drained")
    await doctor.says(Call(queue=QUEUE))
    await doctor.is_refused("out-of-turn")


async def test_everybody_is_told_when_the_server_stops(pages: Path) -> None:
    """A stopping server says so, and closes with 1001."""
    async with AsyncExitStack() as stack:
        signaling = await stack.enter_async_context(serving(pages))
        patient = signaling.cast.patient()
        await patient.joins()

        stopping = asyncio.create_task(signaling.stop())

        assert await patient.hears(Ended) == Ended(what="socket", outcome="closing")
        assert await patient.is_closed() == aiohttp.WSCloseCode.GOING_AWAY
        await stopping


async def test_nobody_stays_in_the_post_when_several_queues_empty_at_once(
    pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has gone is not taken for somebody who hears, however slowly the store forgets queues."""
    async with serving(pages, queues=(QUEUE, "pediatrie")) as signaling:
        may_forget, store = asyncio.Event(), signaling.store
        patients, listening = [], []
        for queue in signaling.settings.queues:
            patients.append(signaling.cast.patient(queue))
            await patients[-1].joins()
            listening += [of_ticket(id_) for id_ in await store.order(queue)]
        hush, waiting = store.hush, asyncio.Semaphore(0)

        async def slowly(address: str, deliver: Deliver) -> None:
            if is_queue(address):
                waiting.release()
                await may_forget.wait()
            await hush(address, deliver)

        monkeypatch.setattr(store, "hush", slowly)
        for patient in patients:
            await patient.ws.close()
            await waiting.acquire()
        may_forget.set()

        for address in listening:
            assert not await store.post(address, Board(doctors=0))


async def test_pages_are_served_with_strict_headers(signaling: Signaling) -> None:
    """No inline code, no other origin, no referrer, no index, no word about the software."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(signaling.url.replace("/v1", "/")) as page,
    ):
        assert page.status == 200
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy and "http" not in policy
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Server"] == "teleconsult"


@pytest.mark.parametrize("path", ["/index.html", "/../pyproject.toml", "/%2e%2e/x", "/v2"])
async def test_what_is_not_a_page_is_not_found(signaling: Signaling, path: str) -> None:
    """Only the files of the folder exist, under one address each."""
    async with (
        aiohttp.ClientSession() as http,
        http.get(signaling.url.replace("/v1", "") + path) as page,
    ):
        assert page.status == 404


async def test_the_status_page_is_not_served_here(pages: Path) -> None:
    """It is the probe's, on a listener that is there when this one is not."""
    (pages / "status.html").write_text("<!doctype html><title>status</title>")

    async with serving(pages) as signaling, aiohttp.ClientSession() as http:
        async with http.get(signaling.url.replace("/v1", "/status")) as page:
            assert page.status == 404


async def test_localhost_is_ours_whatever_a_resolver_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both loopbacks, one port, and no question to anybody."""

    def nobody_knows(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody_knows)
    listeners = listening_sockets("localhost", 0)

    names = [listener.getsockname()[:2] for listener in listeners]
    for listener in listeners:
        listener.close()
    assert names[0][0] == "127.0.0.1"
    assert {name for name, _ in names} <= {"127.0.0.1", "::1"}
    assert len({port for _, port in names}) == 1


async def test_a_count_that_never_ends_holds_nobodys_time_up(signaling: Signaling) -> None:
    """Duties and waits end as always while the figures wait for the store."""
    is_asked = asyncio.Event()

    async def count(figure: str, bin: str, now: float, times: int = 1) -> None:
        is_asked.set()
        await asyncio.Event().wait()

    assert signaling.usage is not None
    signaling.usage.count = count  # type: ignore[method-assign]  # as the server asks for it
    patient, doctor = signaling.cast.patient(), signaling.cast.doctor()
    await doctor.joins()
    await doctor.goes_on_duty()
    await patient.joins()
    await patient.says(Leave(what="queue"))
    await patient.hears(Ended)
    await is_asked.wait()

    signaling.clock.advance(signaling.settings.awake_s + 1)

    assert await doctor.hears(Ended) == Ended(what="duty", outcome="expired")
