"""What a server may try that hands letters on: it delays, and neither reads, swaps nor parts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import pytest

from clients.peer import paths
from clients.peer import practice as practices
from clients.peer.channel import Channel, Kind
from clients.peer.connection import MediaConnection
from clients.peer.doctor_seal import DoctorSeal
from clients.peer.errors import NotVouchedFor, Over
from clients.peer.published import Published
from clients.peer.records import put, put_named, take
from clients.union.credentials import DAY_S, Card
from clients.union.keyring import Keyring
from signaling.encoding import decode, encode
from signaling.messages import Called, Envelope, Proposed, ServerMessage
from tests.clients.people import (
    Server,
    Windows,
    a_real_offer,
    both_wait,
    is_envelope,
    they_see_and_hear,
    two_who_have_met,
    windows,
)
from tests.clients.seal_cast import OFFER
from tests.dice import Dice
from tests.serving import Signaling
from tests.unions import AUnion

EVE = b"another doctor of the union".ljust(32)
NAME = encode(bytes(16))
EVES_CARD = Card("Dr Ève Autre", "Radiologie")


@pytest.fixture
async def open_() -> AsyncIterator[Windows]:
    async with windows() as made:
        yield made


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    return Server(monkeypatch)


async def another_doctor_answers(
    signaling: Signaling, union: AUnion | None = None
) -> Callable[[ServerMessage], Awaitable[Iterable[ServerMessage]]]:
    """A server that has a certified doctor on its side, who answers M1 in the other's stead."""
    if union is None:
        signaling.doctor_address(EVE, EVES_CARD)
    else:
        request = Keyring(EVE).request(signaling.now // DAY_S - 1, 3)
        union.vouch(request, EVES_CARD, now=signaling.now - 1)
        union.publish(signaling.trust, now=signaling.now)
    practice = await practices.fetch(EVE, Published(signaling.origin))
    asked: list[bytes] = []

    async def swaps(message: ServerMessage) -> Iterable[ServerMessage]:
        if isinstance(message, Called):
            asked.append(decode(message.m1))
        if not isinstance(message, Proposed) or message.m2 is None:
            return [message]
        papers = await practice.papers(signaling.clock.now)
        seal = DoctorSeal(Dice(7))
        is_personal = bool(asked[-1][1])

        def has_the_link(token: str, holder: bytes) -> bytes | None:
            return b"a guess".ljust(32) if is_personal else None

        mine = seal.examine(asked[-1], has_the_link)
        m2 = seal.answer(mine, papers, has_the_link, NAME, OFFER)
        return [message.model_copy(update={"m2": put_named(m2.name, m2.body)})]

    return swaps


async def test_another_certified_doctor_cannot_step_into_a_personal_link(
    signaling: Signaling, open_: Windows, server: Server
) -> None:
    """The patient's end says in one sentence what did not hold, and goes on waiting."""
    server.meddle = await another_doctor_answers(signaling)
    patient = open_.patient(signaling.personal_link())
    doctor = open_.doctor(signaling.doctor_address())
    await both_wait(patient, doctor)

    await doctor.calls_next()
    with pytest.raises(NotVouchedFor, match=r"another doctor than the link's\.$") as refused:
        await patient.waits_for_call()

    assert "handle" == refused.value.code
    assert "~r=" not in patient.address
    with pytest.raises(Over):
        await doctor.is_accepted()
    await patient.waits_again()


async def test_on_a_pools_link_another_doctor_is_shown_as_who_he_is(
    signaling: Signaling, open_: Windows, server: Server
) -> None:
    """The control: the swap above is well made. A pool is for any doctor, and the card is his."""
    server.meddle = await another_doctor_answers(signaling)
    patient = open_.patient(signaling.pool_link())
    doctor = open_.doctor(signaling.doctor_address())
    await both_wait(patient, doctor)

    await doctor.calls_next()
    proposal = await patient.waits_for_call()

    assert EVES_CARD.name == proposal.card.name


async def test_a_union_that_the_link_does_not_name_vouches_for_nobody(
    signaling: Signaling, open_: Windows
) -> None:
    """A personal link may name its doctor's union, and then no other will do."""
    link, _, _ = signaling.personal_link().rpartition(".")
    patient = open_.patient(f"{link}.{encode(b'u' * 16)}")
    doctor = open_.doctor(signaling.doctor_address())
    await both_wait(patient, doctor)

    await doctor.calls_next()

    with pytest.raises(NotVouchedFor) as refused:
        await patient.waits_for_call()
    assert "identity" == refused.value.code


@pytest.mark.parametrize("link", ["pool_link", "counted_link"])
async def test_a_root_that_was_added_to_the_unions_vouches_for_nobody_on_a_pools_link(
    signaling: Signaling, open_: Windows, server: Server, link: str
) -> None:
    """Whoever serves `/unions.json` can write a root of his own into it. The link names its own."""
    added = AUnion(1, signaling.origin)
    signaling.admission.trust(
        {one.id: one.trusted(now=signaling.now) for one in (signaling.union, added)}
    )
    server.meddle = await another_doctor_answers(signaling, added)
    address: str = getattr(signaling, link)()
    patient = open_.patient(address)
    doctor = open_.doctor(signaling.doctor_address())
    await both_wait(patient, doctor)
    assert added.id in {union.kid for union in patient._trusted.unions or ()}

    await doctor.calls_next()

    with pytest.raises(NotVouchedFor) as refused:
        await patient.waits_for_call()
    assert "identity" == refused.value.code


@pytest.mark.parametrize(
    ("what", "bit", "code"), [("m2", 200, "sealed"), ("m2", -1, "sealed"), ("m1", 200, "signature")]
)
async def test_what_was_changed_on_its_way_ends_the_call(
    signaling: Signaling,
    open_: Windows,
    server: Server,
    what: str,
    bit: int,
    code: str,
) -> None:
    """Whoever reads it leaves the call, and nothing of the patient was said."""

    async def changes(message: ServerMessage) -> Iterable[ServerMessage]:
        text = getattr(message, what, None)
        if not isinstance(message, Called | Proposed) or text is None:
            return [message]
        body = bytearray(decode(text))
        body[bit] ^= 1
        return [message.model_copy(update={what: encode(bytes(body))})]

    server.meddle = changes
    patient = open_.patient(signaling.pool_link())
    doctor = open_.doctor(signaling.doctor_address())
    await both_wait(patient, doctor)

    if what == "m1":
        with pytest.raises(Over):
            await doctor.calls_next()
        await doctor.sees_step(f"refused {code}")
    else:
        await doctor.calls_next()
        with pytest.raises(NotVouchedFor) as refused:
            await patient.waits_for_call()
        assert code == refused.value.code


def dropped(records: list[ServerMessage]) -> list[ServerMessage]:
    return records[1:]


def repeated(records: list[ServerMessage]) -> list[ServerMessage]:
    return [records[0], *records]


def in_another_order(records: list[ServerMessage]) -> list[ServerMessage]:
    return records[::-1]


def changed(records: list[ServerMessage]) -> list[ServerMessage]:
    first = records[0]
    assert isinstance(first, Envelope)
    body = bytearray(decode(first.body))
    body[-1] ^= 1
    return [first.model_copy(update={"body": encode(bytes(body))}), *records[1:]]


@pytest.mark.parametrize("meddle", [dropped, repeated, in_another_order, changed])
@pytest.mark.parametrize("sender", ["patient", "doctor"])
async def test_a_record_out_of_order_brings_a_fresh_handshake_and_the_call_goes_on(
    signaling: Signaling,
    open_: Windows,
    monkeypatch: pytest.MonkeyPatch,
    server: Server,
    meddle: Callable[[list[ServerMessage]], list[ServerMessage]],
    sender: str,
) -> None:
    """Whichever end sends, and without a word from anybody. Then records pass again."""
    monkeypatch.setattr(paths, "AGAIN_AFTER_S", 0.3)
    patient, doctor = await two_who_have_met(open_, signaling)
    digits, reader = patient.digits, patient if sender == "doctor" else doctor
    held: list[ServerMessage] = []
    is_done = False

    async def meddles(message: ServerMessage) -> Iterable[ServerMessage]:
        nonlocal is_done
        is_theirs = isinstance(message, Envelope) and message.member == reader._desk.far.seat
        if is_done or not is_theirs or not is_envelope(message, Kind.RECORD):
            return [message]
        held.append(message)
        if len(held) < 2:
            return []
        is_done = True
        return meddle(held)

    server.meddle = meddles
    await doctor.loses_the_path()
    patient.sink.forget()
    doctor.sink.forget()

    await they_see_and_hear(patient, doctor)
    assert is_done
    assert "refused record" in reader.steps.at
    assert digits != patient.digits == doctor.digits
    await patient.hang_up()
    assert "left" == await doctor.waits_for_the_end(5)


async def test_without_meddling_the_same_break_needs_no_handshake(
    signaling: Signaling, open_: Windows
) -> None:
    """The control: a lost path alone is mended under the same keys."""
    patient, doctor = await two_who_have_met(open_, signaling)
    digits = patient.digits

    await doctor.loses_the_path()
    patient.sink.forget()
    doctor.sink.forget()

    await they_see_and_hear(patient, doctor)
    assert digits == patient.digits == doctor.digits


async def test_knocks_of_a_servers_own_break_nothing(
    signaling: Signaling, open_: Windows, server: Server
) -> None:
    """They cause handshakes; the two still see each other."""
    patient, doctor = await two_who_have_met(open_, signaling)
    knocked = 0

    async def knocks(message: ServerMessage) -> Iterable[ServerMessage]:
        nonlocal knocked
        if is_envelope(message, Kind.RECORD) and isinstance(message, Envelope) and knocked < 2:
            knocked += 1
            return [message, message.model_copy(update={"body": encode(bytes((Kind.KNOCK,)))})]
        return [message]

    server.meddle = knocks
    await doctor.loses_the_path()
    patient.sink.forget()
    doctor.sink.forget()

    await they_see_and_hear(patient, doctor)
    assert knocked
    assert ("session", "session") == (patient.state, doctor.state)


async def another_doctor_answers_inside(
    signaling: Signaling, server: Server
) -> Callable[[], bytes]:
    """As above, in a running session. Returns what gives the other's device key, once asked."""
    signaling.doctor_address(EVE, EVES_CARD)
    practice = await practices.fetch(EVE, Published(signaling.origin))
    asked: list[bytes] = []
    keys: list[bytes] = []
    offer = await a_real_offer()

    async def swaps(message: ServerMessage) -> Iterable[ServerMessage]:
        if not isinstance(message, Envelope):
            return [message]
        if is_envelope(message, Kind.M1):
            asked.append(take(message.body).body)
        if not is_envelope(message, Kind.M2):
            return [message]
        papers = await practice.papers(signaling.clock.now)
        keys.append(papers.device_key.public_key().public_bytes_raw())
        seal = DoctorSeal(Dice(7))
        mine = seal.examine(asked[-1], lambda token, holder: None)
        m2 = seal.answer(mine, papers, lambda token, holder: None, NAME, offer)
        return [message.model_copy(update={"body": put(m2)})]

    server.meddle = swaps
    return lambda: keys[-1]


async def test_after_a_reload_another_doctor_cannot_step_into_a_session(
    signaling: Signaling, open_: Windows, server: Server
) -> None:
    """Of a pool either, where before the session he would have done. The right one still can."""
    patient, doctor = await two_who_have_met(open_, signaling)
    await patient.close()
    await another_doctor_answers_inside(signaling, server)

    again = open_.patient(patient.address, code=0xBAC8)
    await again.enter()
    await again.sees_step("refused handle")
    assert "" == again.digits
    server.meddle = None

    await again._desk.watch.until(lambda: again._is_met, 15, "No handshake came about.")
    await they_see_and_hear(again, doctor)


async def test_an_address_without_the_mark_asks_whether_the_other_doctor_is_the_one(
    signaling: Signaling, open_: Windows, server: Server
) -> None:
    """The control: it is the mark that tells them apart. Without it the patient has to."""
    patient, _ = await two_who_have_met(open_, signaling)
    await patient.close()
    eve = await another_doctor_answers_inside(signaling, server)

    again = open_.patient(patient.address.partition("~d=")[0], code=0xBAC8)
    await again.enter()
    proposal = await again.waits_for_call()

    assert (EVES_CARD.name, eve()) == (proposal.card.name, proposal.device_key)
    assert ("", None) == (again.digits, again._desk.far.connection)


@pytest.mark.parametrize(
    "body", [b"\x09", b"\x00" * 40, bytes((Kind.KNOCK, 1)), bytes((Kind.M2, 1))]
)
async def test_an_envelope_without_form_is_passed_over(
    signaling: Signaling, open_: Windows, server: Server, body: bytes
) -> None:
    """At both ends: a server that makes some up costs the two not even a handshake."""
    patient, doctor = await two_who_have_met(open_, signaling)
    digits = patient.digits

    async def makes_up(message: ServerMessage) -> Iterable[ServerMessage]:
        if not isinstance(message, Envelope):
            return [message]
        return [message.model_copy(update={"body": encode(body)}), message]

    server.meddle = makes_up
    await doctor.loses_the_path()
    patient.sink.forget()
    doctor.sink.forget()

    await they_see_and_hear(patient, doctor)
    assert "refused form" in patient.steps.at and "refused form" in doctor.steps.at
    assert digits == patient.digits == doctor.digits


async def test_a_connection_to_somebody_else_shows_nothing_and_is_the_end(
    signaling: Signaling, open_: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last line: whoever is connected by another certificate is neither seen nor heard.

    The good-bye says that no media came.
    """
    counts = signaling.counts()
    real = MediaConnection._certificates

    def another(connection: MediaConnection) -> tuple[bytes, bytes] | None:
        """What the patient's end would find if somebody had stepped into the connection."""
        found = real(connection)
        is_patients = connection._sink is patient.sink
        return (found[0], bytes(32)) if found and is_patients else found

    monkeypatch.setattr(MediaConnection, "_certificates", another)
    patient = open_.patient(signaling.pool_link())
    doctor = open_.doctor(signaling.doctor_address())
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()
    await patient.accepts()

    with pytest.raises(NotVouchedFor, match="not connected to who was agreed on") as refused:
        await patient.waits_for_the_end(10)

    assert "certificate" == refused.value.code
    assert (0, 0) == (patient.sink.frames, doctor.sink.frames)
    assert "bound" not in {**patient.steps.at, **doctor.steps.at}
    counted = [await counts.get() for _ in range(3)]
    assert ("endings", "unconnected") == counted[-1]


async def test_a_doctor_whose_link_the_far_end_does_not_have_is_not_answered(
    signaling: Signaling, open_: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A personal link read without its secret opens nothing at a doctor's page: M3 must show it."""
    link = signaling.personal_link()
    patient = open_.patient(link)
    doctor = open_.doctor(signaling.doctor_address())
    wrong = patient._seal._link
    monkeypatch.setattr(
        patient._seal, "_link", type(wrong)(wrong.token, wrong.holder_seed, bytes(32), wrong.handle)
    )
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()

    accepting = asyncio.gather(patient.accepts(), return_exceptions=True)
    with pytest.raises(NotVouchedFor) as refused:
        await doctor.is_accepted()
    await accepting

    assert "confirmation" == refused.value.code
    assert "ice" not in patient.steps.at


def test_what_these_tests_bend_is_what_the_peers_use() -> None:
    """A name that is gone would make a test above pass for nothing."""
    assert paths.CONNECTIONS_MAX > 2
    assert hasattr(Channel, "check_dtls") and hasattr(MediaConnection, "_certificates")
