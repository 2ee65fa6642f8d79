"""What patient and doctor have in common: a socket, a far end, a connection, their steps.

A door. It reads what the server says in order, one message at a time, and lets its owner
decide; it writes letters, opens and closes connections, and decides nothing about a call.

Everything that touches the connection happens under `turn`, so that a person's own word and
the server's never overtake each other half-way.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Coroutine

from signaling.encoding import encode
from signaling.messages import (
    Accepted,
    Envelope,
    Id,
    Leave,
    Member,
    Refused,
    Relay,
    ServerMessage,
)

from .connection import MediaConnection
from .errors import NotVouchedFor, Over, PeerError, Replaced
from .letters import Candidates, Description, Letter
from .link import Link
from .media import Sink
from .post import Post
from .proof import SHORT_BYTES
from .records import Message, Records, put, take
from .relays import first_reached
from .sealing import Refused as SealRefused
from .socket import Socket
from .watch import OnStep, Steps, Watch

# A far end that comes back with nothing to say is not heard of: letters that wait for it are
# tried again this often.
TRY_AGAIN_S = 5.0
# So many fit a record of the seal, however long each is.
CANDIDATES_A_LETTER = 12

Dice = Callable[[int], bytes]
Clock = Callable[[], float]


class Desk:
    """One peer's belongings.

    Args:
        link: where to.
        records: what is sealed of what is written.
        code: what this peer sends as picture and tone.
        hears: called with what the server says, in order, under `turn`.
        breaks: called when the path to the far end is lost.
        dice: that many random bytes.
        clock: seconds since 1970.
        on_step: told of each step.
        relay_url: which of the relay's addresses; the first that answers unless told.
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
        self.sink = Sink(on_first=self.steps.mark)
        self.turn = asyncio.Lock()
        self.socket: Socket
        self.connection: MediaConnection | None = None
        self.session: Id | None = None
        self.call_relay: Relay | None = None
        """Of a doctor's call, until the session has its own."""
        self.over: Over | None = None
        self._far: Id | None = None
        self._hears, self._breaks = hears, breaks
        self._bug: Exception | None = None
        self._is_closed = self._will_try_again = False
        self._relay_url, self._relay_only = relay_url, relay_only
        self._trust: ssl.SSLContext | None = None
        self._post = Post()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
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
        trust: ssl.SSLContext | None,
    ) -> None:
        """Open the socket and begin to read from it."""
        self._trust = trust
        self.socket = Socket(
            self.link,
            entry,
            is_last=is_last,
            fresh_m1=fresh_m1,
            uses_pass=uses_pass,
            dice=self.dice,
            clock=self._clock,
            trust=trust,
        )
        self.socket.open()
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        """Leave at once, without a word. Nothing is left running."""
        self._is_closed = True
        tasks = [*self._tasks, *([self._reading] if self._reading else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._reading is not None:
            await self.socket.close()
        await self.drop()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self.sink.close()
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

    # The far end

    def seat(self, accepted: Accepted, far_role: str) -> bool:
        """Take the seat of a session; tell whether it is another one than before."""
        is_new = self.session != accepted.session
        self.session, self.call_relay = accepted.session, None
        others: list[Member] = [m for m in accepted.members if m.role == far_role]
        self._far = others[0].member if others else None
        if is_new:
            self._post.forget()
            self.over = None
        return is_new

    def ends(self, over: Over) -> None:
        """Note that the session is over."""
        self.session = self._far = None
        self._post.forget()
        self.over = over
        self.steps.mark(f"{over.what} {over.outcome}")

    async def send(self, message: Message) -> None:
        """Send a message of the seal to the far end."""
        await self._send(put(message))

    async def write(self, letter: Letter) -> None:
        """Seal a letter and send it. While there is no session of the seal it is not written."""
        try:
            body = self._records.write(letter)
        except SealRefused:
            return  # the session is over; the handshake that follows brings its own connection
        if body is not None:
            await self._send(body)

    async def write_candidates(self) -> None:
        """Say where this end can be reached. Only once the handshake is in order."""
        if self.connection is None:
            return
        found = self.connection.candidates
        for at in range(0, len(found), CANDIDATES_A_LETTER):
            some = found[at : at + CANDIDATES_A_LETTER]
            await self.write(Candidates(connection=self.connection.name, candidates=some))

    async def is_here(self) -> None:
        """Give a sign by which the far end hears that we are back. Once it is met."""
        if self.connection is not None:
            await self.write(Candidates(connection=self.connection.name, candidates=()))

    async def writes_again(self) -> None:
        """Send once more what had found the far end away."""
        for body in self._post.due():
            await self._send(body)

    async def opened(self, envelope: Envelope) -> Message | None:
        """Take a message out of an envelope; None when it is not the far end's.

        Raises:
            Refused: of the seal, `form`.
        """
        if envelope.member != self._far:
            return None
        await self.writes_again()
        return take(envelope.body)

    def refused(self, refused: Refused) -> bool:
        """Mind a refused envelope; tell whether the refusal was about one."""
        if refused.of == "envelope" and refused.code == "away":
            self._post.away()
            self.steps.mark("away")
            if not self._will_try_again:
                self._will_try_again = True
                self.start(self._tries_again())
        return refused.of == "envelope"

    async def _send(self, body: str) -> None:
        if self._far is not None and self._post.takes(body):
            await self.socket.send(Envelope(member=self._far, body=body))

    async def _tries_again(self) -> None:
        await asyncio.sleep(TRY_AGAIN_S)
        async with self.turn:
            self._will_try_again = False
            await self.writes_again()

    # The connection

    async def connect(self, name: Id, *, offers: bool) -> MediaConnection:
        """Leave the connection that is there, and open another one."""
        await self.drop()
        self.sink.forget()
        relay = self.call_relay or self.socket.relay
        if relay is not None and self._relay_url is None:
            self._relay_url = await first_reached(relay.urls, self._trust)
        self.connection = MediaConnection(
            name,
            offers=offers,
            code=self.code,
            sink=self.sink,
            on_moved=lambda what: self._moved(name, what),
            relay=relay,
            relay_url=self._relay_url,
            relay_only=self._relay_only or (relay is not None and relay.only),
        )
        return self.connection

    def bind(self) -> None:
        """Bind the connection under the session that is in force."""
        if self.connection is not None and self._records.channel is not None:
            self.connection.bind(self._records.channel)

    async def offers_anew(self) -> None:
        """Leave the connection that is there, and offer another one to the far end."""
        connection = await self.connect(self.new_id(), offers=True)
        self.steps.mark("offered anew")
        offer = await connection.offer()
        self.bind()
        await self.write(Description(connection=connection.name, type="offer", sdp=offer))
        await self.write_candidates()

    async def answers(self, connection: MediaConnection, offer: str) -> None:
        """Answer an offer that came in a letter.

        Raises:
            FarEndFailed: it is not in order.
        """
        answer = await connection.answer(offer)
        self.bind()
        await self.write(Description(connection=connection.name, type="answer", sdp=answer))

    async def drop(self) -> None:
        """Leave the connection, if there is one."""
        connection, self.connection = self.connection, None
        if connection is not None:
            # Whoever is stopped meanwhile leaves no half-closed connection behind.
            closing = asyncio.create_task(connection.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
            await asyncio.shield(closing)

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside reading, until it is done or the desk is closed."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _moved(self, name: Id, what: str) -> None:
        if self._is_closed or self.connection is None or self.connection.name != name:
            return
        self.steps.mark(what)
        self.watch.changed()
        if what == "broken":
            self.start(self._breaks())
        elif what == "unbound":
            self.start(self._is_another())

    async def _is_another(self) -> None:
        """The call is not connected to who was agreed on: it is over."""
        async with self.turn:
            await self.drop()
            self._records.forget()
            await self.socket.send(Leave(what="session"))
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
                await self.drop()

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
