"""Who takes part in a session of more than two, with real keys and nobody in between.

Unrealistic: there is no server; letters go by hand, and the clock is a number.
"""

from dataclasses import dataclass, field

from clients.peer import introductions
from clients.peer.channel import Channel
from clients.peer.introductions import Ask, Expect, Roster
from clients.peer.invites import Entered, Expectations, Invite, link
from clients.peer.rosters import Entry, Gathering
from clients.peer.sealed import MemberPapers, MemberProposal, Papers, PatientHandshake, Proposal
from clients.peer.sealed_letters import Far, Role
from clients.peer.sealing import thumb
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    OFFER,
    Doctor,
    check_identity,
    key,
    public,
    seed,
)
from tests.clients.seal_cast import run as seal_run
from tests.dice import Dice

INVITE = Invite(b"name of invite 1", b"psk of an invite".ljust(32))


@dataclass
class Person:
    """A member's end: his keys, whom he lets in, whom he knows."""

    name: str
    role: Role

    def __post_init__(self) -> None:
        self.dice = Dice(sum(self.name.encode()))
        self.seat = thumb(self.name.encode())
        self.holder_seed = seed(f"{self.name} holder")
        self.holder = thumb(public(key(f"{self.name} holder")))
        self.papers: Papers | MemberPapers
        if self.role == "doctor":
            self.papers = Doctor(self.name).papers
            self.key = thumb(public(key(self.name)))
        else:
            self.papers = MemberPapers(self.role, key(f"{self.name} holder"))
            self.key = self.holder
        self.entry = Entry(self.seat, self.role, self.key)
        self.book = Expectations()
        self.gathering = Gathering(self.entry)
        self.channels: dict[bytes, Channel] = {}

    def asks(
        self, far: Far, invite: Invite = INVITE, resume: bytes | None = None
    ) -> PatientHandshake:
        """Begin a handshake with who must answer as `far`."""
        return PatientHandshake(
            self.dice, link(invite, self.holder_seed, far), check_identity(), resume
        )

    def begins_with(self, other: "Person") -> None:
        """Be the two who began the session."""
        run = seal_run()
        self.channels[other.seat], other.channels[self.seat] = run.patient, run.doctor
        self.gathering = Gathering(self.entry, other.entry)
        other.gathering = Gathering(other.entry, self.entry)

    def reads(
        self, handshake: PatientHandshake, m2: bytes, role: Role
    ) -> Proposal | MemberProposal:
        return handshake.read(m2) if role == "doctor" else handshake.read_member(m2)


@dataclass
class Met:
    """A handshake that was held: what each end has of it."""

    entered: Entered
    asks: Channel
    proposal: Proposal | MemberProposal
    resume: bytes = field(repr=False)


def far(of: Person) -> Far:
    return Far(of.role, of.key)


def meet(
    asks: Person,
    answers: Person,
    invite: Invite = INVITE,
    *,
    named: Far | None = None,
    resume: bytes | None = None,
    now: float = 0,
) -> Met:
    """Hold a handshake of a pair, with nobody in between."""
    handshake = asks.asks(named or far(answers), invite, resume)
    m2, answering = answers.book.answer(
        answers.dice, answers.papers, handshake.m1, asks.seat, CONNECTION, True, OFFER, now
    )
    proposal = asks.reads(handshake, m2, answers.role)
    acceptance = handshake.accept(True, ANSWER)
    entered = answering.confirm(acceptance.m3)
    channel = handshake.confirm(entered.confirmation.m4)
    asks.channels[answers.seat] = channel
    answers.channels[asks.seat] = entered.confirmation.channel
    answers.gathering.add(entered.entry, now)
    asks.gathering.add(answers.entry, now)
    return Met(entered, channel, proposal, acceptance.resume)


def introduced(inviter: Person, newcomer: Person, other: Person, now: float = 0) -> Met:
    """Let an inviter introduce two, under seal, and these two meet."""
    (_, ask), (answers_seat, expect) = introductions.introduce(
        inviter.dice,
        inviter.gathering.find(newcomer.seat) or newcomer.entry,
        other.entry,
        newcomer.holder,
    )
    asks, answers = (newcomer, other) if answers_seat == other.seat else (other, newcomer)
    heard_expect, heard_ask = tell(inviter, answers, expect), tell(inviter, asks, ask)
    assert isinstance(heard_expect, Expect) and isinstance(heard_ask, Ask)
    introductions.check(heard_expect, inviter.seat, answers.gathering)
    introductions.check(heard_ask, inviter.seat, asks.gathering)
    answers.book.open(heard_expect.expected, now)
    return meet(asks, answers, heard_ask.invite, named=Far(heard_ask.far.role, heard_ask.far.key))


def tell(sender: Person, reader: Person, letter: introductions.Letter) -> introductions.Letter:
    """Carry a letter in a record from one to the other."""
    record = sender.channels[reader.seat].write(introductions.write(letter))
    heard = introductions.read(reader.channels[sender.seat].read(record))
    assert heard is not None
    return heard


def all_say(*people: Person) -> None:
    """Let everybody say to everybody whom he knows."""
    for sender in people:
        for reader in people:
            if sender is not reader:
                said = tell(sender, reader, Roster(sender.gathering.roster))
                assert isinstance(said, Roster)
                reader.gathering.hear(sender.seat, said.members)
