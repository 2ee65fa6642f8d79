"""What one socket must stand: each wrong thing gets its documented refusal or its close,
and no other conversation notices.

Longer than most files: a list of cases, read one at a time.
"""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from signaling.directory import Directory, Queue
from signaling.encoding import encode
from signaling.line import Line
from signaling.messages import (
    Accept,
    Accepted,
    Call,
    Duty,
    Ended,
    Envelope,
    Join,
    Joined,
    Leave,
    Propose,
    Proposed,
    Refused,
    Renew,
)
from tests.actors import M1, M2, M3, Doctor, Patient
from tests.serving import QUEUE, Signaling, serving
from tests.unions import AUnion

RUNS_ON = "uvloop"
"""The loop that the service runs on."""


ANY_ID = encode(bytes(16))
ANOTHERS = Queue(unions=frozenset({AUnion(9).id}))


@pytest.fixture
async def others(signaling: Signaling) -> tuple[Patient, Doctor]:
    """A consultation in progress, which must notice nothing."""
    patient, doctor = signaling.cast.patient(), signaling.cast.doctor()
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    patient.far_end = (await patient.accepts()).members  # type: ignore[attr-defined]
    await doctor.hears(Accepted)
    return patient, doctor


async def notice_nothing(others: tuple[Patient, Doctor]) -> None:
    """Pass an envelope through the consultation in progress."""
    patient, doctor = others
    to = next(m.member for m in patient.far_end if m.role == "doctor")  # type: ignore[attr-defined]
    await patient.says(Envelope(member=to, body="c3RpbGwtaGVyZQ"))
    assert (await doctor.hears(Envelope)).body == "c3RpbGwtaGVyZQ"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{",
        "[]",
        "null",
        '"join"',
        '{"type":"nothing"}',
        '{"type":"renew","surname":"x"}',
        '{"type":"renew","m1":5}',
        '{"type":"call","queue":"a","ticket":"AAAAAAAAAAAAAAAAAAAAAA"}',
        '{"type":"duty","state":"ON"}',
        '{"type":"join","token":"","proof":""}',
        '{"type":"renew"} {"type":"renew"}',
        "[" * 40_000,
        '{"type":"renew","m1":"' + "A" * 4097 + '"}',
    ],
    ids=lambda text: text[:24],
)
async def test_what_is_no_message_is_refused_and_the_socket_stays(
    patient: Patient, others: tuple[Patient, Doctor], text: str
) -> None:
    """Refused `malformed`; the next message is heard as if nothing had been said."""
    await patient.connects()

    await patient.says_text(text)

    await patient.is_refused("malformed")
    await patient.says(Join(token=patient.token, proof=patient.proof(patient.token), m1=M1))
    await patient.hears(Joined)
    await notice_nothing(others)


async def test_a_binary_frame_closes_the_socket(
    patient: Patient, others: tuple[Patient, Doctor]
) -> None:
    """1003: this protocol has no binary frames."""
    await patient.connects()

    await patient.ws.send_bytes(b"\x00\x01")

    assert await patient.is_closed() == aiohttp.WSCloseCode.UNSUPPORTED_DATA
    await notice_nothing(others)


async def test_a_frame_of_a_mebibyte_closes_the_socket(
    patient: Patient, others: tuple[Patient, Doctor]
) -> None:
    """1009: far above what any message needs, and not read to its end."""
    await patient.connects()

    await patient.says_text("A" * 2**20)

    assert await patient.is_closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    await notice_nothing(others)


async def test_a_socket_that_says_nothing_is_closed(pages: Path) -> None:
    """1008 after `join_within_s`; what is said without joining does not help."""
    async with serving(pages, join_within_s=0.2) as signaling:
        silent, chatty = signaling.cast.patient(), signaling.cast.patient()
        await silent.connects()
        await chatty.connects()
        await chatty.says_text("?")
        await chatty.is_refused("malformed")

        closed = await asyncio.gather(silent.is_closed(), chatty.is_closed())

        assert list(closed) == [aiohttp.WSCloseCode.POLICY_VIOLATION] * 2
    assert any(line.endswith("closed silent 2") for line in signaling.written)


async def test_a_flood_on_one_socket_closes_it(
    signaling: Signaling, patient: Patient, others: tuple[Patient, Doctor]
) -> None:
    """Refused `too-fast` after the burst, then closed; the pace is the clock's."""
    await patient.connects()

    for _ in range(signaling.settings.burst + 1):
        await patient.says_text("?")

    for _ in range(signaling.settings.burst):
        await patient.is_refused("malformed")
    refused = await patient.is_refused("too-fast")
    assert refused.retry_s == 1 / signaling.settings.messages_per_s
    assert await patient.is_closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
    await notice_nothing(others)


@pytest.mark.parametrize(
    "message",
    [
        Renew(),
        Duty(state="on"),
        Call(queue=QUEUE),
        Propose(call=ANY_ID, m2=M2),
        Accept(call=ANY_ID, m3=M3),
        Envelope(member=ANY_ID, body=M1),
        Leave(what="session"),
    ],
    ids=lambda message: message.type,
)
async def test_nothing_may_be_said_before_joining(
    patient: Patient, message: Renew, others: tuple[Patient, Doctor]
) -> None:
    """Refused `out-of-turn`, naming what was refused; nothing changes."""
    await patient.connects()

    await patient.says(message)

    assert (await patient.is_refused("out-of-turn")).of == message.type
    await notice_nothing(others)


async def test_a_patient_cannot_speak_as_a_doctor(signaling: Signaling, patient: Patient) -> None:
    """Duty and call are not a patient's, whatever he has joined with."""
    await patient.joins()

    for message in (Duty(state="on"), Call(queue=QUEUE)):
        await patient.says(message)
        await patient.is_refused("out-of-turn")


async def test_a_doctor_without_a_credential_of_her_own_is_refused(
    signaling: Signaling,
) -> None:
    """A colleague's, another union's, a shortened one, or none at all."""
    doctor = signaling.cast.doctor()
    for token in (
        signaling.cast.doctor().token,
        AUnion(9, signaling.origin).access_of(doctor.thumbprint).token,
        doctor.token.rpartition(".")[0] + ".",
        ANY_ID,
        "..",
    ):
        await doctor.asks_in(token)
        await doctor.is_refused("not-admitted")


async def test_a_proof_holds_for_one_socket_origin_and_token(
    signaling: Signaling, patient: Patient
) -> None:
    """Recorded on another socket, made for another site or another token, it is void."""
    await patient.connects()
    recorded = patient.proof(patient.token)
    await patient.connects()
    other_site = patient.proof(patient.token, origin="https://teleconsult.example")
    other_token = patient.proof(patient.token + "x")

    for proof in (recorded, other_site, other_token, "A" * 128):
        await patient.says(Join(token=patient.token, proof=proof))
        await patient.is_refused("unproven")


async def test_a_pass_that_was_never_issued_is_refused(
    signaling: Signaling, patient: Patient
) -> None:
    """A forged pass, and a real one with one character changed, open nothing."""
    await patient.joins()
    real = patient.last_pass
    changed = real[:-1] + ("A" if real[-1] != "A" else "Q")

    for token in ("pass1." + encode(bytes(118)), changed, "pass1.", "pass1"):
        await patient.asks_in(token)
        await patient.is_refused("not-admitted")


async def test_a_pass_of_an_ended_wait_is_refused(signaling: Signaling, patient: Patient) -> None:
    """Who gave up, gave up: the pass does not lead back."""
    await patient.joins()
    await patient.says(Leave(what="queue"))
    await patient.hears(Ended)

    await patient.asks_in(patient.last_pass)

    await patient.is_refused("ended")


async def test_a_pass_in_foreign_hands_is_refused(signaling: Signaling, patient: Patient) -> None:
    """A pass goes with its holder's key: who has read it cannot use it."""
    thief = signaling.cast.patient()
    await patient.joins()

    await thief.asks_in(patient.last_pass)

    await thief.is_refused("not-admitted")
    await patient.says(Renew())
    await patient.hears(Joined)


async def test_a_pass_replayed_while_its_owner_is_connected_replaces_the_socket(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """The newer socket wins; the older is told, closed, and changes nothing any more."""
    older, newer = patient, signaling.cast.patient()
    await older.joins()
    newer.key = older.key

    await newer.asks_in(older.last_pass, m1="bmV3ZXI")

    await newer.hears(Joined)
    assert await older.hears(Ended) == Ended(what="socket", outcome="replaced")
    assert await older.is_closed() == aiohttp.WSCloseCode.OK
    await newer.hears_board(place=1)
    await doctor.goes_on_duty()
    assert (await doctor.calls(QUEUE)).m1 == "bmV3ZXI"


async def test_whoever_came_in_anew_is_not_lost_with_a_socket_that_was_just_closing(
    signaling: Signaling, patient: Patient, doctor: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older socket has been told to close and still lingers; the newer one is awake."""
    older, newer, is_over = patient, signaling.cast.patient(), asyncio.Event()
    over = Line.over

    async def told_over(line: Line) -> None:
        await over(line)
        is_over.set()

    monkeypatch.setattr(Line, "over", told_over)
    await older.joins()
    for _ in range(int(signaling.settings.burst) + 1):
        await older.says(Renew())
    newer.key = older.key
    await newer.asks_in(older.last_pass, m1=M1)
    await newer.hears(Joined)

    await older.is_closed()
    await is_over.wait()

    await doctor.goes_on_duty()
    await doctor.calls(QUEUE)


async def test_one_socket_is_one_person(signaling: Signaling, patient: Patient) -> None:
    """A second key on the same socket is out of turn; the first keeps its place."""
    other = signaling.cast.patient()
    await patient.joins()
    other.hello = patient.hello

    await patient.says(Join(token=other.token, proof=other.proof(other.token), m1=M1))

    await patient.is_refused("out-of-turn")
    await patient.says(Renew())
    await patient.hears(Joined)


async def test_an_envelope_goes_nowhere_but_to_ones_own_session(
    signaling: Signaling, others: tuple[Patient, Doctor]
) -> None:
    """Outside a session it is out of turn; to a member of another one, `no-session`."""
    patient, doctor = signaling.cast.patient(), signaling.cast.doctor()
    foreign = others[0].far_end[0].member  # type: ignore[attr-defined]
    await patient.joins()
    await patient.says(Envelope(member=foreign, body=M1))
    await patient.is_refused("out-of-turn")
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    own = await patient.accepts()

    for member in (foreign, own.member, ANY_ID):
        await patient.says(Envelope(member=member, body=M1))
        await patient.is_refused("no-session")
    await notice_nothing(others)


async def test_a_call_is_answered_by_those_whom_it_concerns(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Nobody proposes to, or accepts, somebody else's call."""
    other_patient, other_doctor = signaling.cast.patient(), signaling.cast.doctor()
    await patient.joins()
    await other_patient.joins()
    await doctor.goes_on_duty()
    await other_doctor.goes_on_duty()
    called = await doctor.calls_and_proposes(QUEUE)
    await other_doctor.calls_and_proposes(QUEUE)

    await other_doctor.says(Propose(call=called.call, m2=M2))
    await other_doctor.is_refused("no-call")
    await other_patient.hears(Proposed)
    await other_patient.says(Accept(call=called.call, m3=M3))
    await other_patient.is_refused("no-call")


async def test_a_page_of_another_site_opens_no_socket(signaling: Signaling) -> None:
    """403 for a foreign Origin and for none; counted, not logged."""
    async with aiohttp.ClientSession() as http:
        for headers in ({"Origin": "https://elsewhere.example"}, {}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(signaling.url, headers=headers)
            assert refused.value.status == 403


async def test_a_crowd_is_turned_away_at_the_door(pages: Path) -> None:
    """503 above `sockets_max`; those inside are served on."""
    async with serving(pages, sockets_max=1) as signaling:
        inside, outside = signaling.cast.patient(), signaling.cast.patient()
        await inside.joins()

        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await outside.connects()

        assert refused.value.status == 503
        await inside.says(Renew())
        await inside.hears(Joined)


async def test_nothing_is_written_but_counted_events(
    signaling: Signaling, patient: Patient
) -> None:
    """After all kinds of trouble the journal holds words of its list and numbers."""
    await patient.connects()
    await patient.says_text("canary-8f3a")
    await patient.is_refused("malformed")
    await patient.says(Renew())
    await patient.is_refused("out-of-turn")
    await patient.asks_in("cap1.canary-8f3a")
    await patient.is_refused("not-admitted")

    await signaling.stop()

    words = {" ".join(line.split()[1:-1]) for line in signaling.written}
    assert words == {"refused malformed", "refused not-admitted"}
    assert "canary" not in json.dumps(signaling.written)
    assert "127.0.0.1" not in json.dumps(signaling.written)


async def test_the_journal_does_not_tell_of_a_consultation(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """Not even by what was refused in it: a far end away, a call that is over, no patient."""
    await patient.joins()
    await doctor.goes_on_duty()
    called = await doctor.calls_and_proposes(QUEUE)
    with_patient = await patient.accepts()
    await doctor.hears(Accepted)
    await patient.loses_the_network()
    while not await _is_away(doctor, with_patient.member):
        pass
    await doctor.says(Propose(call=called.call, m2=M2))
    await doctor.is_refused("out-of-turn")

    await signaling.stop()

    assert signaling.written == []


async def test_a_refused_envelope_says_whose_it_was(
    patient: Patient, doctor: Doctor, signaling: Signaling
) -> None:
    """With several far ends its sender could not tell otherwise which of them is away."""
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    await patient.accepts()
    await doctor.hears(Accepted)

    await doctor.says(Envelope(member=encode(bytes(16)), body=M1))

    assert encode(bytes(16)) == (await doctor.is_refused("no-session")).member


async def _is_away(doctor: Doctor, member: str) -> bool:
    """Send an envelope, and tell whether it was refused because the far end is away."""
    await doctor.says(Envelope(member=member, body=M1))
    await doctor.says(Renew())
    await doctor._next(Joined, passing=True)
    refused = [m for m in doctor._unheard if isinstance(m, Refused)]
    doctor._unheard.clear()
    return any(each.code == "away" for each in refused)


async def test_a_flood_of_pings_closes_the_socket(
    signaling: Signaling, patient: Patient, others: tuple[Patient, Doctor]
) -> None:
    """Control frames cost as much pace as messages, and nobody else waits for them."""
    await patient.connects()

    for _ in range(signaling.settings.burst + 1):
        await patient.ws.ping()

    await patient.is_refused("too-fast")
    assert await patient.is_closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
    await notice_nothing(others)


async def test_a_lost_network_is_not_a_malformed_frame(
    signaling: Signaling, patient: Patient
) -> None:
    """Phones vanish all day; the journal counts only what was wrong."""
    await patient.joins()
    await patient.loses_the_network()

    await signaling.stop()

    assert signaling.written == []


async def test_who_comes_back_while_the_old_socket_ends_stays_awake(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """The old socket's end is told before the return, never after it."""
    older, newer = patient, signaling.cast.patient()
    await older.joins()
    newer.key = older.key
    # A closing handshake that the old end does not answer: the server waits for it.
    older.ws._autoclose = False
    await older.ws.send_bytes(b"\x00")
    assert await older.is_closed() == aiohttp.WSCloseCode.UNSUPPORTED_DATA

    await newer.asks_in(older.last_pass, m1="bmV3ZXI")
    await newer.hears(Joined)

    await older.closes()
    await newer.settled()
    await doctor.goes_on_duty()
    assert (await doctor.calls(QUEUE)).m1 == "bmV3ZXI"


async def test_nothing_of_a_session_stays_on_a_doctors_socket(
    signaling: Signaling, doctor: Doctor
) -> None:
    """Over a day of consultations a doctor's line keeps his own address and no seat's."""
    await doctor.goes_on_duty()
    for _ in range(3):
        patient = signaling.cast.patient()
        await patient.joins()
        await doctor.calls_and_proposes(QUEUE)
        await patient.accepts()
        await doctor.hears(Accepted)
        await patient.says(Leave(what="session"))
        await doctor.hears(Ended)
        await patient.is_closed()
        await doctor.settled()

    kept = {address.partition(".")[0] for address in signaling.store._listeners}
    assert kept == {"doctor", "queue"}


async def test_a_doctor_serves_no_queue_that_the_directory_took_from_his_union(
    pages: Path,
) -> None:
    """At his next sign of life or call, without a new socket; the other queues go on."""
    async with serving(pages, queues=("a", "b")) as signaling:
        both = Directory({"a": Queue(), "b": Queue()})
        signaling.admission.follow(both)
        doctor, patient = signaling.cast.doctor(), signaling.cast.patient("b")
        await doctor.goes_on_duty()
        await patient.joins()
        await doctor.hears_board(waiting=1)

        signaling.admission.follow(Directory({"a": Queue(), "b": ANOTHERS}))
        await doctor.says(Call(queue="b"))
        await doctor.is_refused("off-duty")

        await doctor.says(Renew())
        assert ("a",) == (await doctor.hears(Joined)).queues
        await patient.hears_board(doctors=0)


async def test_a_doctor_whose_only_served_queue_is_taken_is_off_duty(pages: Path) -> None:
    """And told: his page would else wait for patients who cannot come."""
    async with serving(pages, queues=("a", "b")) as signaling:
        doctor = signaling.cast.doctor()
        await doctor.goes_on_duty("b")
        await doctor.hears_board(doctors=1)

        signaling.admission.follow(Directory({"a": Queue(), "b": ANOTHERS}))
        await doctor.says(Renew())

        ended = await doctor.hears(Ended)
        assert ("duty", "expired") == (ended.what, ended.outcome)
