"""What patient, doctor and guest have in common: a socket, a first far end, their steps.

A door. It reads what the server says in order, one message at a time, and lets its owner
decide.

Everything that touches a connection happens under `turn`, so that a person's own word and
the server's never overtake each other half-way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Literal

from signaling.encoding import encode
from signaling.messages import Accepted, Ended, Id, Leave, Refused, Relay, ServerMessage

from .errors import NotVouchedFor, Over, PeerError, Replaced
from .far_end import FarEnd, Path
from .link import Link
from .measuring import NO_RELAY, Arrived, Measuring
from .proof import SHORT_BYTES
from .reach import BY_ITS_ADDRESS, Reach
from .records import Records
from .relays import Space, first_reached, space_at
from .sealing import Refused as SealRefused
from .socket import Socket
from .watch import OnStep, Steps, Watch

# The server says in one breath that somebody is in, and that he has a seat.
SEAT_WITHIN_S = 5.0

Dice = Callable[[int], bytes]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Report:
    """How a consultation fares at one end.

    Attributes:
        session: the one that this end is in, if any.
        returns: how often the socket came back.
        gaps_s: for each far end, the longest time without a picture since the first.
    """

    session: Id | None
    returns: int
    gaps_s: tuple[float, ...]


class Desk:
    """One peer's belongings.

    Args:
        link: where to.
        records: what is sealed for the first far end: of a call, none of an invitation.
        code: what this peer sends as picture and tone.
        hears: called with what the server says, in order, under `turn`.
        breaks: called when the path to the first far end is lost.
        dice: that many random bytes.
        clock: seconds since 1970.
        on_step: told of each step.
        relay_url: which of the relay's addresses; the first that answers unless told, and
            none for `NO_RELAY`.
        relay_only: whether no other path may be tried.
    """

    def __init__(
        self,
        link: Link,
        records: Records,
        *,
        code: int,
        hears: Callable[[ServerMessage], Awaitable[None]],
        breaks: Callable[[], Coroutine[None, None, None]],
        dice: Dice,
        clock: Clock,
        on_step: OnStep | None,
        relay_url: str | None,
        relay_only: bool,
    ) -> None:
        self.link, self.code, self.dice = link, code, dice
        self._records, self._clock = records, clock
        self.steps, self.watch = Steps(on_step), Watch()
        self.turn = asyncio.Lock()
        self.socket: Socket
        self.session: Id | None = None
        self.seat: Id | None = None
        self.call_relay: Relay | None = None
        """Of a doctor's call, until the session has its own."""
        self.over: Over | None = None
        self._seated = 0
        self.is_closed = False
        self.far = FarEnd(
            self, records, breaks=breaks, unbinds=self._is_another, mark=self.steps.mark
        )
        self.sink = self.far.sink
        self._others: list[FarEnd] = []
        self._hears = hears
        self._bug: Exception | None = None
        self.relay_url, self._relay_only = relay_url, relay_only
        self.measuring = Measuring(self)
        self._reach = BY_ITS_ADDRESS
        self._tasks: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None

    def new_id(self) -> Id:
        """Sixteen random bytes, as the wire writes them."""
        return encode(self.dice(SHORT_BYTES))

    def open(
        self,
        entry: Callable[[float], tuple[str, bytes]],
        *,
        is_last: Callable[[ServerMessage], bool],
        fresh_m1: Callable[[], str | None],
        uses_pass: bool,
        reach: Reach,
    ) -> None:
        """Open the socket and begin to read from it."""
        self._reach = reach
        self.socket = Socket(
            self.link,
            entry,
            is_last=is_last,
            fresh_m1=fresh_m1,
            uses_pass=uses_pass,
            dice=self.dice,
            clock=self._clock,
            reach=reach,
        )
        self.socket.open()
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Leave at once, without a word. Nothing is left running."""
        self.is_closed = True
        tasks = [*self._tasks, *([self._reading] if self._reading else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reading is not None:
            await self.socket.close()
        for far in (self.far, *self._others):
            await far.close()
        if self._bug is not None:
            raise self._bug

    async def sees_step(self, name: str, within_s: float) -> None:
        """Wait until a step has been taken.

        Raises:
            TooLate: not within `within_s`.
        """
        await self.watch.until(
            lambda: name in self.steps.at, within_s, f"The step was not taken in time: {name}."
        )

    async def is_over(self, sentence: str, within_s: float) -> None:
        """Wait until wait or session is over.

        Raises:
            TooLate: not within `within_s`, with this sentence.
        """
        await self.watch.until(lambda: self.over is not None, within_s, sentence)

    # The far ends

    def meet(
        self,
        seat: Id,
        records: Records,
        *,
        breaks: Callable[[], Coroutine[None, None, None]],
        unbinds: Callable[[], Coroutine[None, None, None]],
        mark: Callable[[str], None],
    ) -> FarEnd:
        """Begin with one more far end, to and from which nothing flows before `lets_flow`."""
        far = FarEnd(self, records, breaks=breaks, unbinds=unbinds, mark=mark, may_flow=False)
        far.sits(seat)
        self._others.append(far)
        return far

    async def part(self, far: FarEnd) -> None:
        """Leave one of those; nothing of it is left running."""
        far.sits(None)
        await far.close()
        # Not before: whoever is stopped meanwhile has it closed by `close`.
        self._others.remove(far)

    def refused(self, refused: Refused) -> bool:
        """Mind a refused envelope; tell whether the refusal was about one.

        Who has no seat now may have it again: a session that the server lost is there again
        seat by seat.
        """
        if refused.of == "envelope" and refused.code in ("away", "no-session"):
            for far in (self.far, *self._others):
                if far.seat is not None and far.seat == refused.member:
                    far.is_away()
        return refused.of == "envelope"

    def sits(self, accepted: Accepted, far_role: str = "") -> bool:
        """Take the seat of a session; tell whether it is another one than before.

        The first far end is whoever has this role, and nobody for who came by an invitation.
        """
        self._seated += 1
        is_new = self.session != accepted.session
        self.session, self.call_relay = accepted.session, None
        self.seat = accepted.member
        if is_new:
            roles = {member.member: member.role for member in accepted.members}
            is_invited = roles.get(accepted.member) in ("guest", "colleague")
            others = [seat for seat, role in roles.items() if role == far_role]
            self.far.sits(others[0] if others and not is_invited else None)
            self.over = None
        return is_new

    def awaits_seat(self, ends: Callable[[Ended], Awaitable[None]]) -> None:
        """End a session to which we came back, if we have no seat in it any more."""
        # Taken now: the seat may be given before the waiting begins.
        self.start(self._looks_for_seat(self.session, self._seated, ends))

    async def _looks_for_seat(
        self, session: Id | None, seated: int, ends: Callable[[Ended], Awaitable[None]]
    ) -> None:
        def is_settled() -> bool:
            return self._seated > seated or self.session != session

        if not await self.watch.comes_true(is_settled, SEAT_WITHIN_S):
            async with self.turn:
                if not is_settled():
                    await ends(Ended(what="session", outcome="expired"))
            self.watch.changed()

    def ends(self, over: Over) -> None:
        """Note that the session is over."""
        self.session = self.seat = None
        self.far.sits(None)
        self.over = over
        self.steps.mark(f"{over.what} {over.outcome}")

    async def leaves(
        self, member: Id | None = None, then: Literal["end", "requeue"] = "end"
    ) -> None:
        """Leave the session, or show a member out; says how media went to the first far end."""
        met = [far for far in (self.far, *self._others) if far.seat is not None]
        path = met[0].media_path if met else None
        await self.socket.send(Leave(what="session", member=member, then=then, path=path))

    def report(self) -> Report:
        """Say how the consultation fares."""
        fars = [far for far in (self.far, *self._others) if far.seat is not None]
        return Report(self.session, self.socket.returns, tuple(far.sink.gap_s for far in fars))

    async def path(self) -> Path:
        """Say what a connection may use now: of the relay, the address that answers first."""
        relay, trust = self.handed(), self._reach.trust
        only = self._relay_only or (relay is not None and relay.only)
        if self.relay_url == NO_RELAY:
            return Path(None, None, only)
        if relay is not None and self.relay_url is None:
            self.relay_url = await first_reached(relay.urls, trust)
        return Path(relay, self.relay_url, only, trust)

    def handed(self) -> Relay | None:
        """Give the relay that the server handed out, if any."""
        return self.call_relay or self.socket.relay

    def found(self) -> int:
        """Count the addresses at which this end can be reached."""
        return len(self.far.connection.candidates) if self.far.connection else 0

    async def arrived(self) -> Arrived | None:
        """Say what has arrived of the first far end; None without a connection to it."""
        return await self.far.connection.arrived() if self.far.connection else None

    async def asks_for_space(self, within_s: float) -> Space:
        """Ask the relay for what a connection asks of it, and give it back at once."""
        relay = self.handed()
        if relay is None or not self.relay_url:
            return "none"
        return await space_at(self.relay_url, relay, self._reach.trust, within_s=within_s)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside reading, until it is done or the desk is closed."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Whoever is stopped before it began never awaits it.
        task.add_done_callback(lambda _: work.close())

    async def _is_another(self) -> None:
        """The call is not connected to who was agreed on: it is over."""
        async with self.turn:
            await self.far.drop()
            self._records.forget()
            await self.leaves()
        raise NotVouchedFor(SealRefused("certificate"))

    async def _read(self) -> None:
        async def read() -> None:
            while True:
                message = await self.socket.next()
                async with self.turn:
                    await self._hears(message)
                self.watch.changed()

        await self._guarded(read())
        if isinstance(self.watch.failure, Replaced):
            async with self.turn:
                for far in (self.far, *self._others):
                    await far.drop()

    def mark_refused(self, refused: SealRefused) -> None:
        """Note where the seal did not hold. What was in it is not said."""
        self.steps.mark(f"refused {refused.code}")

    def sentence(self, failure: SealRefused | PeerError) -> PeerError:
        """Say what went wrong to whoever waits; what the seal refused is noted."""
        if isinstance(failure, PeerError):
            return failure
        self.mark_refused(failure)
        return NotVouchedFor(failure)

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except PeerError as failure:
            self.watch.fail(failure)
        except Exception as bug:
            # Whoever waits must not wait for ever; `close` raises what it was.
            self._bug = self._bug or bug
            self.watch.fail(PeerError("The peer itself failed."))
