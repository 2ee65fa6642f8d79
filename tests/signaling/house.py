"""A waiting room without sockets, and people in it.

`Someone` does what `signaling/line.py` does, in the same order: takes turns by the
table, listens where the person's post goes, lets a newer socket replace an older.
Unrealistic: nothing takes time, whole messages are handed over, and boards are asked
for rather than sent. The same promises are kept through real sockets in test_line.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from signaling.admission import Entrant
from signaling.broker import Desk
from signaling.conversation import Conversation, State
from signaling.counting import Counting
from signaling.encoding import encode
from signaling.memory_store import MemoryStore
from signaling.messages import (
    Accept,
    Accepted,
    Board,
    Call,
    Called,
    ClientMessage,
    Duty,
    DutyState,
    Ended,
    Envelope,
    Invite,
    Invited,
    Join,
    Joined,
    Leave,
    MediaPath,
    Outcome,
    Propose,
    Proposed,
    Refused,
    Renew,
    ServerMessage,
)
from signaling.passes import Pass, Passbook
from signaling.people import Entered, Person, Refusal
from signaling.relaying import Offer, Relaying
from signaling.settings import Settings
from signaling.store import Life, Store, StoreAway
from signaling.waiting_room import WaitingRoom
from tests.clock import Clock
from tests.dice import Dice

QUEUE = "medecine-generale"
PROOF = "p" * 128

_M = TypeVar("_M", bound=ServerMessage)


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The house says no, with this code."""
    with pytest.raises(Refusal) as raised:
        yield
    assert code == raised.value.code


class Told:
    """Where a relay would be told who is together. It carries nothing and refuses nobody."""

    def __init__(self) -> None:
        self.together: set[frozenset[str]] = set()
        self.ended: set[str] = set()

    def bind(self, tags: Sequence[str]) -> None:
        self.together = {group for group in self.together if group.isdisjoint(tags)}
        self.together.add(frozenset(tags))

    def end(self, tags: Sequence[str]) -> None:
        self.ended |= set(tags)
        left = {group - self.ended for group in self.together}
        self.together = {group for group in left if len(group) > 1}


class Counted:
    """Where it would be counted with noise. It keeps what a store may never keep: each count."""

    def __init__(self) -> None:
        self.all: list[tuple[str, str]] = []
        self.at: list[float] = []

    async def count(self, figure: str, bin: str, now: float, times: int = 1) -> None:
        self.all += [(figure, bin)] * times
        self.at.append(now)

    def of(self, figure: str) -> list[str]:
        """The bins of one figure, in the order in which they were counted."""
        return [bin for name, bin in self.all if name == figure]


class Flaky:
    """A store of which single requests or answers are lost. Otherwise it is the one inside."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.loses_answer: set[str] = set()
        self.loses_request: set[str] = set()
        self.before: dict[str, Callable[[], Awaitable[object]]] = {}

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.inner, name)
        if name not in self.loses_answer | self.loses_request | set(self.before):
            return real

        async def asked(*words: Any, **named: Any) -> Any:
            if name in self.loses_request:
                raise StoreAway("in a test")
            answer = await real(*words, **named)
            if meanwhile := self.before.pop(name, None):
                await meanwhile()
            if name in self.loses_answer:
                self.loses_answer.discard(name)
                raise StoreAway("in a test")
            return answer

        return asked


class House:
    """A waiting room, the clock on its wall, and everybody who sits in it.

    `new_store` gives an empty store of a new epoch; without it, one in memory.
    """

    def __init__(
        self,
        clock: Clock,
        dice: Dice,
        settings: Settings | None = None,
        new_store: Callable[[], Store] | None = None,
    ) -> None:
        self.clock = clock
        self.dice = dice
        self.settings = settings or Settings()
        self.passbook = Passbook([dice(32)])
        self.told = Told()
        offer = Offer(("turn:127.0.0.1:3478?transport=udp",), only=True, password_s=600.0)
        self.relaying = Relaying(dice(32), offer, self.told)
        self.counted = Counted()
        self.counting = Counting(self.counted)
        self.everybody: list[Someone] = []
        self._new_store = new_store or (lambda: MemoryStore(Life(encode(dice(8)))))
        self.store: Store
        self.room: WaitingRoom
        self.opens()

    def opens(self) -> None:
        """Start with an empty store of a new epoch: the old one is lost."""
        self._opens(self._new_store())

    def falters(self) -> Flaky:
        """From now on the store of the house fails when it is told to."""
        store = Flaky(self.store)
        as_store: Any = store
        self._opens(as_store)
        return store

    def _opens(self, store: Store) -> None:
        self.store = store
        self.room = WaitingRoom(
            self.store, self.passbook, self.settings, self.dice, self.relaying, self.counting
        )

    def id(self) -> str:
        """Sixteen fresh bytes."""
        return encode(self.dice(16))

    def patient(self, queue: str = QUEUE, key: str | None = None) -> "Someone":
        """Somebody with a capability for a queue."""
        return Someone(self, Entrant("patient", key or self.id(), (queue,)))

    def late(self, queue: str, key: str | None = None) -> "Someone":
        """Somebody with a capability for a queue that takes nobody new."""
        return Someone(self, Entrant("patient", key or self.id(), (queue,), is_late=True))

    def doctor(self, *queues: str, key: str | None = None) -> "Someone":
        """Somebody with an access credential for queues."""
        return Someone(self, Entrant("doctor", key or self.id(), queues or (QUEUE,)))

    async def waits(self, queue: str = QUEUE) -> "Someone":
        """A patient who waits."""
        patient = self.patient(queue)
        await patient.joins()
        return patient

    async def on_duty(self, *queues: str) -> "Someone":
        """A doctor on duty."""
        doctor = self.doctor(*queues)
        await doctor.joins()
        await doctor.says(Duty(state="on"))
        return doctor

    async def session(self, queue: str = QUEUE) -> "tuple[Someone, Someone]":
        """A patient and a doctor in a session."""
        patient, doctor = await self.waits(queue), await self.on_duty(queue)
        await doctor.proposes(await doctor.calls(queue))
        await patient.accepts()
        return patient, doctor

    async def passes(self, seconds: float, but: "tuple[Someone, ...]" = ()) -> None:
        """Let time pass and the pulse beat. Those in `but` give a sign of life at its end."""
        self.clock.advance(seconds)
        for someone in but:
            await someone.says(Renew())
        await self.room.tick(self.clock.now)
        await self.counting.hand_on()
        await self.settles()

    async def settles(self) -> None:
        """Let everybody listen at a seat that he has been told of."""
        for someone in self.everybody:
            await someone.listens()

    async def order(self, queue: str = QUEUE) -> list[str]:
        """The tickets of a queue, first to be served first."""
        return [*await self.store.order(queue)]


class Someone:
    """One person behind one socket that is not there."""

    def __init__(self, house: House, entrant: Entrant) -> None:
        self.house = house
        self.entrant = entrant
        self.heard: list[ServerMessage] = []
        self.person: Person | None = None
        self._conversation = Conversation()
        self._desk = Desk()
        self._addresses: set[str] = set()
        self._is_replaced = False
        house.everybody.append(self)

    # Who this is

    @property
    def state(self) -> State:
        return self._conversation.state

    @property
    def key(self) -> str:
        return self.entrant.key

    @property
    def ticket(self) -> str:
        assert self.person is not None and self.person.ticket is not None
        return self.person.ticket

    @property
    def member(self) -> str:
        assert self.person is not None and self.person.member is not None
        return self.person.member

    @property
    def token(self) -> str:
        """The last pass that this person was given."""
        tokens = [m.token for m in self.heard if isinstance(m, Joined | Accepted) and m.token]
        return tokens[-1]

    @property
    def pass_(self) -> Pass:
        """What that pass says."""
        return self.house.passbook.read(self.token, self.house.clock.now)

    def hears(self, kind: type[_M]) -> _M:
        """The last message of a kind."""
        return self.all(kind)[-1]

    def all(self, kind: type[_M]) -> list[_M]:
        """Every message of a kind, in order."""
        return [message for message in self.heard if isinstance(message, kind)]

    @property
    def ends(self) -> list[tuple[str, Outcome]]:
        """What ended for this person, and how, in order."""
        return [(ended.what, ended.outcome) for ended in self.all(Ended)]

    @property
    def is_sent_away(self) -> bool:
        """Whether the house asked this person to come in again on another socket."""
        return ("socket", "closing") in self.ends

    # Coming in

    async def joins(
        self, keep_pass: str | None = None, m1: str | None = "", queue: str | None = None
    ) -> "Someone":
        """Enter by capability or credential, a patient with a fresh M1 unless told."""
        join = self._join("capability", m1, keep_pass)
        entrant = self.entrant
        if queue is not None:
            entrant = Entrant(entrant.role, entrant.key, (queue,))
        return await self._takes_over(
            await self.house.room.enter(join, entrant, self.house.clock.now)
        )

    async def shows(self, token: str, m1: str | None = "") -> "Someone":
        """Enter by a pass."""
        if self.state not in ("new", "waiting", "off", "on"):
            raise Refusal("out-of-turn")
        return await self._takes_over(
            await self.house.room.enter_by_pass(
                self._join(token, m1), self.key, self.house.clock.now, self.person
            )
        )

    def again(self) -> "Someone":
        """The same holder behind another socket."""
        return Someone(self.house, self.entrant)

    async def comes_back(self, token: str | None = None) -> "Someone":
        """Show the last pass on a new socket."""
        return await self.again().shows(token or self.token)

    async def reopens(self) -> "Someone":
        """Open the same link, or prove the same credential, on a new socket."""
        return await self.again().joins()

    async def loses_the_network(self) -> None:
        """The socket is gone."""
        for address in self._addresses:
            await self.house.store.hush(address, self._tell)
        self.house.everybody.remove(self)
        if self.person is not None and not self._is_replaced:
            await self.house.room.lost(self.person, self.house.clock.now)

    def _join(self, token: str, m1: str | None, keep_pass: str | None = None) -> Join:
        fresh = self.house.id() if self.entrant.role == "patient" else None
        return Join(token=token, proof=PROOF, keep_pass=keep_pass, m1=fresh if m1 == "" else m1)

    async def _takes_over(self, entered: Entered) -> "Someone":
        self.person = entered.person
        self._conversation.entered(entered.state)
        if entered.accepted is not None:
            self._desk.seat(entered.accepted)
        for address in (entered.person.address, self._desk.address):
            if address is not None and address not in self._addresses:
                replaced = Ended(what="socket", outcome="replaced")
                await self.house.store.post(address, replaced)
                self._addresses.add(address)
                await self.house.store.listen(address, self._tell)
        for answer in entered.answers:
            self._tell(answer)
        await self.house.settles()
        return self

    # Being inside

    async def says(self, message: ClientMessage) -> None:
        """Say something on the wire.

        Raises:
            Refusal: as the wire would refuse it.
        """
        if not self._conversation.may_say(message):
            raise Refusal("out-of-turn")
        assert self.person is not None and not isinstance(message, Join)
        if isinstance(message, Envelope):
            await self.house.room.forward(*self._desk.forward(message))
        else:
            answers = await self.house.room.ask(self.person, message, self.house.clock.now)
            self._conversation.says(message)
            for answer in answers:
                self._tell(answer)
        await self.house.settles()

    async def listens(self) -> None:
        """Listen at the seat, if there is one and nobody did yet."""
        seat = self._desk.address
        if seat is not None and seat not in self._addresses:
            self._addresses.add(seat)
            await self.house.store.listen(seat, self._tell)

    def _tell(self, message: ServerMessage) -> None:
        if self._is_replaced:
            return
        self._conversation.hears(message)
        if self.person is not None:
            self.person = self.person.told(message)
        if isinstance(message, Accepted):
            self._desk.seat(message)
        elif isinstance(message, Ended) and message.what == "session":
            self._desk.clear()
        elif isinstance(message, Ended) and message.what == "socket":
            self._is_replaced = True
        assert not isinstance(message, Refused)
        self.heard.append(message)

    # Words that are said often

    async def renews(self, m1: str | None = "") -> None:
        """Give a sign of life, a waiting patient with a fresh M1 unless told."""
        await self.says(Renew(m1=self._join("t", m1).m1 if self._waits() else None))

    def _waits(self) -> bool:
        return self.person is not None and self.person.ticket is not None

    async def duty(self, state: DutyState, *queues: str) -> None:
        await self.says(Duty(state=state, queues=queues))

    async def calls(self, queue: str | None = QUEUE) -> Called:
        """Call the first of a queue, or of all."""
        await self.says(Call(queue=queue))
        return self.hears(Called)

    async def calls_ticket(self, ticket: str) -> Called:
        """Call one ticket."""
        await self.says(Call(ticket=ticket))
        return self.hears(Called)

    async def proposes(self, called: Called) -> None:
        await self.says(Propose(call=called.call, m2=self.house.id()))

    async def accepts(self) -> Accepted:
        """Accept what was proposed last."""
        await self.says(Accept(call=self.hears(Proposed).call, m3=self.house.id()))
        return self.hears(Accepted)

    async def leaves_call(self) -> None:
        """Decline (patient) or withdraw (doctor)."""
        await self.says(Leave(what="call"))

    async def gives_up(self) -> None:
        await self.says(Leave(what="queue"))

    async def hangs_up(self, path: MediaPath | None = None) -> None:
        await self.says(Leave(what="session", path=path))

    async def invites(self, colleague: str | None = None) -> str:
        """Ask for a seat for a guest, or for a colleague by his key; return the pass."""
        role = "colleague" if colleague else "guest"
        await self.says(Invite.model_validate({"role": role, "to": colleague}))
        return self.hears(Invited).token

    async def board(self) -> Board:
        """What this person's board says now."""
        assert self.person is not None
        if self.person.is_doctor:
            names = await self.house.room.boards.queues_of(self.person)
            return await self.house.room.boards.of_doctor(names, self.house.clock.now)
        places = await self.house.room.boards.places(self.person.queues[0])
        board = places.board(self.ticket)
        assert board is not None
        return board

    async def place(self) -> int:
        """The place in the queue, as the page shows it."""
        place = (await self.board()).place
        assert place is not None
        return place
