"""One pair in a session of more than two: the handshake, the records, the path between them.

Pure but for what the far end does. In each pair one asks and one answers, as patient and doctor
do; what a pair may not decide alone, who is in, is its company's.

`clients/SCEAU.md` §11.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signaling.ed25519 import is_signed
from signaling.encoding import decode
from signaling.messages import Id

from .channel import Kind
from .desk import Desk
from .errors import FarEndFailed, PeerError
from .invites import Answering, Expectations, Invite, link
from .letters import Card, Letter
from .paths import OfferedPath, OfferingPath
from .practice import Practice
from .proof import public_key
from .published import Trusted
from .records import Message, Records, name_of
from .rosters import Entry
from .sealed import CheckIdentity, MemberPapers, MemberProposal, Papers, PatientHandshake, Proposal
from .sealed_letters import Far, MemberRole, Role, read_m1
from .sealing import Refused, hashed, thumb

# A handshake is begun anew so often before the pair is given up.
REFUSED_MAX = 3
HANDSHAKE_WITHIN_S = 10.0
KNOCKS_MAX = 3


@dataclass(frozen=True, slots=True)
class Self:
    """Who an end is towards the others.

    Attributes:
        key: what it answers under: thumbprint of a doctor's device key, of any other's holder key.
        seed: of the key under which it asks.
        papers: what it answers with.
        judges: whose word it takes of a doctor, once `learns` has been awaited.
    """

    role: Role
    key: bytes
    seed: bytes = field(repr=False)
    papers: Callable[[], Awaitable[Papers | MemberPapers]]
    judges: CheckIdentity
    learns: Callable[[], Awaitable[None]]


def undoctored(role: MemberRole, seed: bytes, trusted: Trusted) -> Self:
    """Make who a patient or a guest is, of the seed of his holder key."""
    papers = MemberPapers(role, Ed25519PrivateKey.from_private_bytes(seed))

    async def shown() -> MemberPapers:
        return papers

    return Self(role, thumb(public_key(seed)), seed, shown, trusted.judges, trusted.learns)


def practising(practice: Practice, seed: bytes, now: Callable[[], float]) -> Self:
    """Make who a doctor is, of the seed of the day key that was shown."""

    async def papers() -> Papers:
        return await practice.papers(now())

    async def learns() -> None:
        """The own union is known."""

    return Self("doctor", practice.device, seed, papers, practice.judges(now()), learns)


Reads = Callable[[Letter], Awaitable[None]]


def examine(book: Expectations, m1: bytes, seat: bytes, now: float) -> None:
    """Check what can be checked of an M1 before a connection is made for its answer.

    Raises:
        Refused: `form`, `token`, `signature`, `resume`.
    """
    asked, secrets = book.sought(m1, seat, now)
    if not is_signed(hashed("m1", asked.signed), asked.signature, asked.holder):
        raise Refused("signature")
    if secrets.newest is not None and secrets.of(asked) is None:
        raise Refused("resume")


class Circle(Protocol):
    """What a pair says to the company that it belongs to."""

    def adds(self, entry: Entry) -> None:
        """Take somebody in whom a handshake verified.

        Raises:
            Refused: `roster`.
        """

    async def met(self, pair: "Pair") -> None:
        """Hear that a handshake is done."""

    async def reads(self, seat: Id, text: str, otherwise: Reads) -> None:
        """Read a letter; one that does not concern the company is handed on."""


class Pair:
    """What asking and answering have in common.

    Attributes:
        digits: six, the same at both ends if nobody is in between.
        card: of a far end that showed an identity.
        is_over: whether it was given up.
    """

    def __init__(self, desk: Desk, who: Self, circle: Circle, seat: Id) -> None:
        self.seat, self.records = seat, Records()
        self.digits = ""
        self.card: Card | None = None
        self.is_over = False
        self._desk, self._who, self._circle = desk, who, circle
        self._refused = 0
        self.far = desk.meet(
            seat, self.records, breaks=self.breaks, unbinds=self._unbinds, mark=self._mark
        )

    @property
    def is_met(self) -> bool:
        """Whether a handshake is in force, and none under way."""
        raise NotImplementedError

    async def hears(self, message: Message) -> None:
        """Take what the far end says."""
        if self.is_over:
            return
        try:
            await self._takes(message)
        except Refused as refused:
            self._desk.mark_refused(refused)
            self._refused += 1
            if refused.code in ("roster", "certificate") or self._refused > REFUSED_MAX:
                await self.ends()
            else:
                await self.begins_anew()
        except PeerError:
            return  # an answer that is not in order, or a list that cannot be had just now

    async def begins_anew(self) -> None:
        """Ask for a fresh handshake, each by his own means."""
        raise NotImplementedError

    async def comes_back(self) -> None:
        """Say something on a new socket."""
        raise NotImplementedError

    async def ends(self) -> None:
        """Give the pair up; what it had is forgotten."""
        self.is_over = True
        self.records.forget()
        await self.far.drop()

    async def _takes(self, message: Message) -> None:
        raise NotImplementedError

    async def breaks(self) -> None:
        """Make the path again that is lost."""
        raise NotImplementedError

    async def _unbinds(self) -> None:
        async with self._desk.turn:
            self._desk.mark_refused(Refused("certificate"))
            await self.ends()

    def _mark(self, step: str) -> None:
        self._desk.steps.mark(f"{step} of another")


class AskingPair(Pair):
    """The end that asks: it takes the patient's part."""

    def __init__(
        self, desk: Desk, who: Self, circle: Circle, seat: Id, far: Far, invite: Invite
    ) -> None:
        super().__init__(desk, who, circle, seat)
        self._named, self._invite = far, invite
        self._handshake: PatientHandshake | None = None
        self._name = b""
        self._proposal: Proposal | MemberProposal | None = None
        self._resume: bytes | None = None
        self._asked = self._knocks = 0
        self._path = OfferedPath(
            self.far, is_met=lambda: self.is_met, asks_in=self.begins_anew, mark=self._mark
        )

    @property
    def is_met(self) -> bool:
        """Whether a handshake is in force, and none under way."""
        return self.records.may_write

    async def begins_anew(self) -> None:
        """Ask, with a fresh M1."""
        if self.is_over:
            return
        self.records.hold()
        self._handshake = PatientHandshake(
            self._desk.dice,
            link(self._invite, self._who.seed, self._named),
            self._who.judges,
            self._resume,
        )
        self._name = name_of(self._handshake.m1)
        await self.far.send(Message(Kind.M1, body=self._handshake.m1))
        self._desk.start(self._insists(self._name))

    async def comes_back(self) -> None:
        """Say something on a new socket."""
        await self._path.comes_back()

    async def _takes(self, message: Message) -> None:
        handshake = self._handshake
        match message.kind:
            case Kind.M2 if handshake is not None and message.name == self._name:
                await self._replies(handshake, message.body)
            case Kind.M4 if handshake is not None and message.name == self._name:
                await self._confirms(handshake, message.body)
            case Kind.RECORD:
                text = self.records.read_text(message)
                if text is not None:
                    await self._circle.reads(self.seat, text, self._path.reads)
            case Kind.KNOCK if self._knocks < KNOCKS_MAX:
                self._knocks += 1
                await self.begins_anew()

    async def _replies(self, handshake: PatientHandshake, m2: bytes) -> None:
        await self._who.learns()
        is_doctor = self._named.role == "doctor"
        proposal = handshake.read(m2) if is_doctor else handshake.read_member(m2)
        connection = await self.far.connect(proposal.connection, offers=False)
        answer = await connection.answer(proposal.offer)
        acceptance = handshake.accept(False, answer)
        # The secret before stays until M4 is here: should this M3 be lost, it is still the one.
        self._resume = self._resume or acceptance.resume
        self._proposal = proposal
        await self.far.send(Message(Kind.M3, self._name, acceptance.m3))

    async def _confirms(self, handshake: PatientHandshake, m4: bytes) -> None:
        name, proposal = self._name, self._proposal
        self._handshake, self._name, self._proposal = None, b"", None
        channel = handshake.confirm(m4)
        if proposal is None:
            raise Refused("twice")
        key = self._named.key
        if isinstance(proposal, Proposal):
            key, self.card = thumb(proposal.device_key), proposal.card
        self._circle.adds(Entry(decode(self.seat), self._named.role, key or b""))
        self.records.begin(name, channel)
        self._resume, self.digits = channel.resume, proposal.digits
        self._refused = self._asked = self._knocks = 0
        self.far.bind()
        await self.far.write_candidates()
        await self._circle.met(self)

    async def _insists(self, name: bytes) -> None:
        """Ask once more where the handshake does not come about: part of it was lost."""

        def is_done() -> bool:
            return self.is_over or self.is_met or self._name != name

        if await self._desk.watch.comes_true(is_done, HANDSHAKE_WITHIN_S):
            return
        async with self._desk.turn:
            self._asked += 1
            if not is_done() and self._asked <= REFUSED_MAX:
                await self.begins_anew()

    async def breaks(self) -> None:
        """Make the path again that is lost."""
        try:
            await self._path.asks_again(self._desk.watch, lambda: self.is_over)
        except FarEndFailed:
            await self.ends()


class AnsweringPair(Pair):
    """The end that answers: it takes the doctor's part, and offers connections.

    Attributes:
        token: of the invitation that was answered last.
    """

    def __init__(
        self,
        desk: Desk,
        who: Self,
        circle: Circle,
        seat: Id,
        book: Expectations,
        now: Callable[[], float],
    ) -> None:
        super().__init__(desk, who, circle, seat)
        self._book, self._now = book, now
        self.token = ""
        self._answering: Answering | None = None
        self._name, self._connection = b"", ""
        self._path = OfferingPath(
            self.far,
            is_met=lambda: self.is_met,
            is_held=lambda: self.is_over,
            knocks=self.begins_anew,
        )

    @property
    def is_met(self) -> bool:
        """Whether a handshake is in force, and none under way."""
        return self.records.may_write and self._answering is None

    async def begins_anew(self) -> None:
        """Ask for a fresh M1."""
        await self.far.send(Message(Kind.KNOCK))

    async def comes_back(self) -> None:
        """Say something on a new socket."""
        await self._path.comes_back()

    async def _takes(self, message: Message) -> None:
        match message.kind:
            case Kind.M1:
                await self._answers(message.body)
            case Kind.M3 if self._answering is not None and message.name == self._name:
                await self._confirms(self._answering, message.body)
            case Kind.RECORD:
                text = self.records.read_text(message)
                if text is not None:
                    self._book.m4_has_come(decode(self.seat))
                    await self._circle.reads(self.seat, text, self._path.reads)

    async def _answers(self, m1: bytes) -> None:
        seat = decode(self.seat)
        try:
            examine(self._book, m1, seat, self._now())
        except Refused as refused:
            return self._desk.mark_refused(refused)  # passed over: what is in force stays so
        papers = await self._who.papers()
        connection = await self.far.connect(self._desk.new_id(), offers=True)
        offer = await connection.offer()
        m2, self._answering = self._book.answer(
            self._desk.dice, papers, m1, seat, connection.name, False, offer, self._now()
        )
        self.token, self._name = read_m1(m1).token, name_of(m1)
        self._connection = connection.name
        await self.far.send(Message(Kind.M2, self._name, m2))

    async def _confirms(self, answering: Answering, m3: bytes) -> None:
        name, self._answering = self._name, None
        entered = answering.confirm(m3)
        connection = self.far.connection
        if connection is None or connection.name != self._connection:
            raise FarEndFailed("What was answered was not asked.")
        self._circle.adds(entered.entry)
        self.records.begin(name, entered.confirmation.channel)
        self.digits, self._refused = entered.confirmation.digits, 0
        await connection.take_answer(entered.confirmation.answer)
        self.far.bind()
        await self.far.send(Message(Kind.M4, name, entered.confirmation.m4))
        await self.far.write_candidates()
        await self._circle.met(self)

    async def breaks(self) -> None:
        """Make the path again that is lost."""
        async with self._desk.turn:
            try:
                if self.is_met and not self.is_over:
                    await self._path.offers_anew()
            except FarEndFailed:
                await self.ends()
