"""More than two over a real server: a guest by an address, a colleague by a card.

Unrealistic: the two who begin bring their seal along, and there is no media; every envelope
of those who come later goes over the wire, and the server is listened to.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from clients.peer import cards, introductions, invites, records
from clients.peer.channel import Kind
from clients.peer.introductions import Ask, Expect, Letter, Roster
from clients.peer.invites import Invite, of_secret
from clients.peer.records import Message, name_of
from clients.peer.rosters import Entry, Gathering
from clients.peer.sealed import Papers
from clients.peer.sealed_letters import Far
from clients.peer.sealing import thumb
from signaling.encoding import decode, encode
from signaling.messages import (
    Accepted,
    Board,
    Duty,
    Ended,
    Envelope,
    Invited,
    Join,
    Joined,
    Leave,
)
from signaling.messages import Invite as AskForSeat
from tests.actors import Actor
from tests.actors import Doctor as DoctorActor
from tests.clients.gathering_cast import Person
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    NOW,
    OFFER,
    TODAY,
    check_identity,
    code_of,
    key,
    seed,
)
from tests.clients.seal_cast import run as seal_run
from tests.serving import QUEUE, Signaling, serving
from tests.system.wiretap import content_of, found, tapped, watch

QUEUE_KEYS = {TODAY: {QUEUE: seed("queue key of today")}}


class End(Person):
    """Somebody's page: his socket, and his seals with the others."""

    actor: Actor
    card = ""

    def takes(self, actor: Actor, accepted: Accepted) -> None:
        """Take the seat that the server gave."""
        self.actor = actor
        self.seat = decode(accepted.member)
        self.entry = Entry(self.seat, self.role, self.key)
        self.gathering = Gathering(self.entry)
        self.names: dict[bytes, bytes] = {}

    async def sends(self, far: "End", kind: Kind, name: bytes, body: bytes) -> None:
        envelope = Envelope(member=encode(far.seat), body=records.put(Message(kind, name, body)))
        await self.actor.says(envelope)

    async def gets(self, kind: Kind) -> tuple[bytes, Message]:
        """Hear an envelope: who it is from, by the server's word, and what it carries."""
        heard = await self.actor.hears_any(Envelope, Accepted)
        while not isinstance(heard, Envelope):
            heard = await self.actor.hears_any(Envelope, Accepted)
        message = records.take(heard.body)
        assert kind is message.kind
        return decode(heard.member), message

    async def says(self, far: "End", letter: Letter) -> Letter:
        """Say something under seal; return what the far end read."""
        record = self.channels[far.seat].write(introductions.write(letter))
        await self.sends(far, Kind.RECORD, self.names[far.seat], record)
        sender, message = await far.gets(Kind.RECORD)
        heard = introductions.read(far.channels[sender].read(message.body))
        assert heard is not None and sender == self.seat
        return heard


async def meet(asks: End, answers: End, far: Far, invite: Invite) -> Entry:
    """Hold a handshake of a pair over the server."""
    handshake = asks.asks(far, invite)
    name = name_of(handshake.m1)
    await asks.sends(answers, Kind.M1, b"", handshake.m1)
    seat, message = await answers.gets(Kind.M1)
    m2, answering = answers.book.answer(
        answers.dice, answers.papers, message.body, seat, CONNECTION, True, OFFER, 0
    )
    await answers.sends(asks, Kind.M2, name, m2)
    _, message = await asks.gets(Kind.M2)
    asks.reads(handshake, message.body, far.role)
    await asks.sends(answers, Kind.M3, name, handshake.accept(True, ANSWER).m3)
    _, message = await answers.gets(Kind.M3)
    entered = answering.confirm(message.body)
    await answers.sends(asks, Kind.M4, name, entered.confirmation.m4)
    _, message = await asks.gets(Kind.M4)
    asks.channels[answers.seat] = handshake.confirm(message.body)
    answers.channels[asks.seat] = entered.confirmation.channel
    asks.names[answers.seat] = answers.names[asks.seat] = name
    answers.gathering.add(entered.entry, 0)
    asks.gathering.add(answers.entry, 0)
    return entered.entry


async def introduce(inviter: End, newcomer: End, other: End) -> None:
    """Let the inviter introduce two, and these two meet."""
    entry = inviter.gathering.find(newcomer.seat)
    assert entry is not None
    (asks_seat, ask), (_, expect) = introductions.introduce(
        inviter.dice, entry, other.entry, newcomer.holder
    )
    asks, answers = (newcomer, other) if asks_seat == newcomer.seat else (other, newcomer)
    heard = await inviter.says(answers, expect)
    assert isinstance(heard, Expect)
    introductions.check(heard, inviter.seat, answers.gathering)
    answers.book.open(heard.expected, 0)
    asked = await inviter.says(asks, ask)
    assert isinstance(asked, Ask)
    introductions.check(asked, inviter.seat, asks.gathering)
    await meet(asks, answers, Far(asked.far.role, asked.far.key), asked.invite)


async def all_say(*ends: End) -> None:
    for sender in ends:
        for reader in ends:
            if sender is not reader:
                said = await sender.says(reader, Roster(sender.gathering.roster))
                assert isinstance(said, Roster)
                reader.gathering.hear(sender.seat, said.members)


async def two_in_session(signaling: Signaling) -> tuple[End, End]:
    """A patient and a doctor who have met, each at his seat."""
    patient, doctor = signaling.cast.patient(), signaling.cast.doctor()
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    accepted = await patient.accepts()
    ends = End("patient", "patient"), End("doctor", "doctor")
    ends[0].takes(patient, accepted)
    ends[1].takes(doctor, await doctor.hears(Accepted))
    run = seal_run()
    for one, far, channel in zip(ends, ends[::-1], (run.patient, run.doctor), strict=True):
        one.channels[far.seat], one.names[far.seat] = channel, name_of(run.m1)
        one.gathering = Gathering(one.entry, far.entry)
    return ends


def a_colleague(signaling: Signaling) -> tuple[End, DoctorActor, str, bytes]:
    """A doctor whose day key is in her access credential and on her card."""
    end, actor = End("colleague", "doctor"), signaling.cast.doctor()
    actor.key = key("colleague holder")
    day = int(signaling.clock.now) // 86400
    actor.token = signaling.union.access_of(actor.thumbprint, (QUEUE,), day=day).token
    public = actor.key.public_key().public_bytes_raw()
    end.card, secret = cards.write(end.dice, papers_of(end), TODAY, public, QUEUE_KEYS[TODAY])
    return end, actor, end.card, secret


async def takes_seat(end: End, actor: Actor, token: str) -> None:
    if actor.hello is None:
        await actor.connects()
    await actor.says(Join(token=token, proof=actor.proof(token)))
    await actor.hears(Joined)
    end.takes(actor, await actor.hears(Accepted))


async def handed_over(signaling: Signaling) -> tuple[End, End, End]:
    """A patient, a doctor and a colleague, who all agree on each other."""
    patient, doctor = await two_in_session(signaling)
    colleague, actor, card, secret = a_colleague(signaling)
    await actor.joins()
    await actor.says(Duty(state="on", queues=(QUEUE,), card=card))
    board = await actor.hears(Board)
    while card not in (board.colleagues or ()):
        board = await actor.hears(Board)
    seen = read(card, doctor)
    doctor.book.open(seen.expected, 0)
    await doctor.actor.says(AskForSeat(role="colleague", to=encode(seen.to)))
    await doctor.actor.hears(Invited)
    invited = await actor.hears(Invited)
    await takes_seat(colleague, actor, invited.token or "")
    entry = await meet(colleague, doctor, Far("doctor", None), of_secret(secret))
    assert entry == colleague.entry
    await introduce(doctor, colleague, patient)
    await all_say(patient, doctor, colleague)
    return patient, doctor, colleague


async def test_a_colleague_takes_over(signaling: Signaling) -> None:
    """Recognised by her card, named to the patient under seal; the first doctor then leaves."""
    patient, doctor, colleague = await handed_over(signaling)
    assert patient.gathering.is_agreed(colleague.seat)

    await doctor.actor.says(Leave(what="session"))
    await doctor.actor.hears(Ended)
    for end in (patient, colleague):
        end.gathering.remove(doctor.seat)

    assert colleague.gathering.is_agreed(patient.seat)
    said = await patient.says(colleague, Roster(patient.gathering.roster))
    assert said == Roster(colleague.gathering.roster)


async def a_guest_in(signaling: Signaling) -> tuple[End, End, End, str]:
    """A patient, a doctor, and a guest by the address that the doctor handed over."""
    patient, doctor = await two_in_session(signaling)
    secret = doctor.dice(16)
    doctor.book.open(invites.guest(secret), 0)
    await doctor.actor.says(AskForSeat(role="guest"))
    invited = await doctor.actor.hears(Invited)
    fragment = invites.write_fragment(
        invites.Address(invited.token or "", secret, doctor.seat, doctor.key)
    )
    guest, address = End("guest", "guest"), invites.read_fragment(fragment)
    await takes_seat(guest, signaling.cast.patient(), address.token)
    await meet(guest, doctor, Far("doctor", address.key), of_secret(address.secret))
    await introduce(doctor, guest, patient)
    await all_say(patient, doctor, guest)
    return patient, doctor, guest, fragment


async def test_a_guest_comes_in_by_an_address(signaling: Signaling) -> None:
    """And is agreed with by everybody; a second use finds neither a seat nor an ear."""
    patient, doctor, guest, fragment = await a_guest_in(signaling)
    for end in (patient, doctor, guest):
        assert end.gathering.newcomers == () and len(end.gathering.roster) == 3

    thief, address = signaling.cast.patient(), invites.read_fragment(fragment)
    await thief.asks_in(address.token)
    assert "ended" == (await thief.is_refused("ended")).code
    # Should the server let them in all the same, nobody answers.
    late = End("thief", "guest")
    m1 = late.asks(Far("doctor", address.key), of_secret(address.secret)).m1
    for end in (doctor, patient):
        asked = (end.dice, end.papers, m1, b"another seat here", CONNECTION, True, OFFER, 0)
        assert "token" == code_of(end.book.answer, *asked)


async def test_the_server_learns_nothing_of_who_came(pages: Path) -> None:
    """Neither cards, keys, introductions nor rosters; the control finds them where they are."""
    async with tapped() as tap, serving(pages, reached_at=tap.port) as signaling:
        tap.server_port = signaling.port
        held = watch(signaling.store)
        patient, doctor, colleague = await handed_over(signaling)
        where = b"\n".join([*held, content_of(signaling.store)])
        assert colleague.card.encode() in where, "a card lay there"
        opened = read(colleague.card, doctor)
    heard = b"\n".join([tap.everything, where])
    secrets: dict[str, list[str | bytes]] = {
        "name": [opened.identity.card.name, opened.identity.card.specialty],
        "credential": list(papers_of(colleague).identity.split(".")),
        "card's secret": [opened.secret],
        "device key": [opened.identity.device_key, thumb(opened.identity.device_key)],
        "letter": ['"t":"roster"', '"t":"ask"', '"t":"expect"', '"psk"'],
    }

    assert b'"type":"envelope"' in heard
    assert set() == found(secrets, heard)
    assert set(secrets) == found(secrets, unsealed(colleague, patient, opened))


def read(card: str, reader: End) -> cards.Colleague:
    return cards.read(card, QUEUE_KEYS, check_identity(), papers_of(reader).revocations, NOW)


def papers_of(end: End) -> Papers:
    assert isinstance(end.papers, Papers)
    return end.papers


def unsealed(colleague: End, patient: End, card: cards.Colleague) -> bytes:
    """Control: the same as the server would have it without a seal."""
    told: Iterable[Letter] = (
        Roster(patient.gathering.roster),
        Ask(colleague.entry, of_secret(card.secret)),
        Expect(patient.entry, of_secret(card.secret), patient.holder),
    )
    letters = [introductions.write(letter) for letter in told]
    shown = card.identity.card.model_dump() | {"secret": encode(card.secret)}
    key_of = encode(card.identity.device_key)
    return (
        json.dumps([*letters, shown, key_of, papers_of(colleague).identity], ensure_ascii=False)
        .replace('\\"', '"')
        .encode()
    )
