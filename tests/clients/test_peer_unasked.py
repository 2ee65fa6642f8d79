"""Nobody is answered whom the patient has not accepted, whatever the server says.

The server's lies are told where the patient's end hears them, and what it says is kept here
instead of being sent. The doctor in league with it is a real one, certified by a real union.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from clients.peer import practice as practices
from clients.peer.channel import Kind
from clients.peer.doctor_seal import DoctorSeal
from clients.peer.errors import PeerError
from clients.peer.patient import KNOCKS_MAX, UNCONFIRMED_MAX, Patient
from clients.peer.published import Published
from clients.peer.records import Message, put, put_named, take
from clients.peer.sealed import Papers
from clients.union.credentials import Card
from signaling.encoding import encode
from signaling.messages import (
    Accept,
    Accepted,
    ClientMessage,
    Ended,
    Envelope,
    Member,
    Proposed,
    ServerMessage,
)
from tests.clients.people import Windows, a_real_offer, windows
from tests.dice import Dice
from tests.serving import Signaling

EVE = b"a doctor who is in league".ljust(32)
EVES_CARD = Card("Dr Ève Autre", "Radiologie")
CALL, SESSION = encode(b"a call of theirs"), encode(b"session of lies!")
OWN, FAR = encode(b"the patient here"), encode(b"the doctor there")
CONNECTION = encode(bytes(16))
ACCEPTED = Accepted(
    session=SESSION,
    member=OWN,
    members=(Member(member=OWN, role="patient"), Member(member=FAR, role="doctor")),
)


@dataclass
class League:
    """A patient, a server that lies to him, and a certified doctor in league with it."""

    patient: Patient
    papers: Papers
    offer: str
    sent: list[ClientMessage]
    seal: DoctorSeal = field(default_factory=lambda: DoctorSeal(Dice(7)))

    async def says(self, *messages: ServerMessage) -> None:
        for message in messages:
            async with self.patient._desk.turn:
                await self.patient._hears(message)
            self.patient._desk.watch.changed()

    async def says_inside(self, message: Message) -> None:
        await self.says(Envelope(member=FAR, body=put(message)))

    async def proposes(self) -> None:
        """Call the patient, as a server of its word would."""
        m2 = self.m2()
        await self.says(Proposed(call=CALL, deadline=2e9, m2=put_named(m2.name, m2.body)))

    async def knocks_and_answers(self) -> None:
        await self.says_inside(Message(Kind.KNOCK))
        await self.says_inside(self.m2())

    def m2(self) -> Message:
        """An answer to the patient's last M1, wherever that was sent."""
        handshake = self.patient._seal._handshake
        assert handshake is not None
        asked = self.seal.examine(handshake.m1, _anybody)
        self.seal.allow_more()
        return self.seal.answer(asked, self.papers, _anybody, CONNECTION, self.offer)

    @property
    def m3(self) -> list[Message]:
        inside = [take(m.body) for m in self.sent if isinstance(m, Envelope)]
        return [message for message in inside if message.kind is Kind.M3]

    @property
    def has_got_nothing(self) -> bool:
        """Whether no M3 was had and no connection was opened."""
        is_accepted = any(isinstance(message, Accept) for message in self.sent)
        return not self.m3 and not is_accepted and self.patient._desk.far.connection is None


def _anybody(token: str, holder: bytes) -> None:
    return None


@pytest.fixture
async def open_() -> AsyncIterator[Windows]:
    async with windows() as made:
        yield made


@pytest.fixture
async def league(signaling: Signaling, open_: Windows, monkeypatch: pytest.MonkeyPatch) -> League:
    """The patient waits, and what he sends reaches nobody but the league."""
    signaling.doctor_address(EVE, EVES_CARD)
    practice = await practices.fetch(EVE, Published(signaling.origin))
    patient = open_.patient(signaling.pool_link())
    await patient.enter()
    papers = await practice.papers(patient._desk.socket.now())
    made = League(patient, papers, await a_real_offer(), [])

    async def keeps(message: ClientMessage) -> None:
        made.sent.append(message)

    monkeypatch.setattr(patient._desk.socket, "send", keeps)
    return made


@pytest.mark.parametrize("token", [None, "pass1.of-lies"])
@pytest.mark.parametrize("is_proposed", [False, True])
async def test_an_acceptance_that_nobody_gave_brings_nobody_in(
    league: League, is_proposed: bool, token: str | None
) -> None:
    """Whether the patient waits or looks at a card: whoever then asks is shown, and waits."""
    if is_proposed:
        await league.proposes()
    await league.says(ACCEPTED.model_copy(update={"token": token}))
    await league.knocks_and_answers()

    proposal = await league.patient.waits_for_call(1)
    assert league.has_got_nothing
    assert (EVES_CARD.name, False) == (proposal.card.name, proposal.is_known)
    assert ("", None) == (league.patient.digits, league.patient._seal.doctor)
    assert "~r=" not in league.patient.address


async def test_whom_the_patient_then_accepts_is_answered(league: League) -> None:
    """The control: all above is well made. It is the patient's word that lacked."""
    await league.says(ACCEPTED)
    await league.knocks_and_answers()
    await league.patient.waits_for_call(1)

    with pytest.raises(PeerError, match="confirm"):
        await league.patient.accepts(within_s=0)

    [m3] = league.m3
    m4, _, _ = league.seal.confirm(m3.body)
    await league.says_inside(m4)
    assert league.patient._is_met
    assert league.patient.digits == league.seal.digits


async def test_of_a_call_that_is_over_nobody_is_known(league: League) -> None:
    """Who was accepted in it, and never came, has to ask again."""
    await league.proposes()
    with pytest.raises(PeerError):
        await league.patient.accepts(within_s=0)
    await league.says(Ended(what="call", outcome="lost"))
    league.sent.clear()

    await league.says(ACCEPTED)
    await league.knocks_and_answers()

    assert league.has_got_nothing
    assert league.patient._proposal is not None


async def test_a_word_for_one_proposal_is_none_for_the_next(league: League) -> None:
    """A fresh M1 voids what was shown, and what was said to it."""
    await league.says(ACCEPTED)
    await league.knocks_and_answers()
    first = league.patient._proposed()
    await league.knocks_and_answers()
    assert league.patient._proposal is not first

    with pytest.raises(PeerError, match="asks no more"):
        await league.patient._accepts_inside(first, 0)

    assert league.has_got_nothing


async def test_a_declined_proposal_inside_is_good_bye(league: League) -> None:
    """There is no other doctor to be had in a session."""
    await league.says(ACCEPTED)
    await league.knocks_and_answers()
    await asyncio.gather(
        league.patient.declines(), league.says(Ended(what="session", outcome="left"))
    )

    assert ["leave"] == [message.type for message in league.sent[-1:]]
    assert league.has_got_nothing


async def test_each_further_guess_at_the_digits_is_another_tap(league: League) -> None:
    """M3 that nobody confirms are counted, of the doctor who was accepted too."""
    await league.proposes()
    with pytest.raises(PeerError):
        await league.patient.accepts(within_s=0)
    await league.says(ACCEPTED)

    for _ in range(UNCONFIRMED_MAX + 1):
        await league.knocks_and_answers()

    assert UNCONFIRMED_MAX == len(league.m3)
    proposal = await league.patient.waits_for_call(1)
    assert proposal.is_known
    with pytest.raises(PeerError):
        await league.patient.accepts(within_s=0)
    await league.knocks_and_answers()
    assert UNCONFIRMED_MAX + 2 == len(league.m3)


async def test_a_handshake_that_is_confirmed_begins_the_count_anew(league: League) -> None:
    """The control: a consultation has as many as its network needs."""
    await league.proposes()
    with pytest.raises(PeerError):
        await league.patient.accepts(within_s=0)
    await league.says(ACCEPTED)

    for _ in range(UNCONFIRMED_MAX + 1):
        await league.knocks_and_answers()
        m4, _, _ = league.seal.confirm(league.m3[-1].body)
        await league.says_inside(m4)

    assert UNCONFIRMED_MAX + 1 == len(league.m3)
    assert league.patient._proposal is None


async def test_knocks_that_nothing_comes_of_are_passed_over(league: League) -> None:
    """Each would cost an M1; what comes of one begins the count anew."""
    await league.says(ACCEPTED)
    for _ in range(KNOCKS_MAX + 2):
        await league.says_inside(Message(Kind.KNOCK))
    assert KNOCKS_MAX == len(league.sent)

    await league.says_inside(league.m2())
    await league.says_inside(Message(Kind.KNOCK))

    assert KNOCKS_MAX + 1 == len(league.sent)
