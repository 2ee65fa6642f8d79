"""One far end: its seat, what is sealed for it, and the path to it.

A door. It writes letters, opens and closes connections, and decides nothing about a call.
Whoever owns it acts under the desk's `turn`.
"""

import asyncio
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Protocol

from signaling.encoding import encode
from signaling.messages import Envelope, Id, MediaPath, Relay

from .connection import MediaConnection
from .letters import Candidates, Description, Letter, write
from .media import Sink
from .post import Post
from .proof import SHORT_BYTES
from .records import Message, Records, put, take
from .sealing import Dice
from .sealing import Refused as SealRefused
from .socket import Socket
from .watch import Watch

# A far end that comes back with nothing to say is not heard of: letters that wait for it are
# tried again this often.
TRY_AGAIN_S = 5.0
# So many fit a record of the seal, however long each is.
CANDIDATES_A_LETTER = 12

Work = Coroutine[None, None, None]


@dataclass(frozen=True, slots=True)
class Path:
    """What a connection may use: a relay, which of its addresses, and nothing else if `only`.

    `trust` is for a certificate that only this machine knows.
    """

    relay: Relay | None
    url: str | None
    only: bool
    trust: ssl.SSLContext | None = None


class House(Protocol):
    """What all far ends of one peer share."""

    code: int
    dice: Dice
    socket: Socket
    turn: asyncio.Lock
    watch: Watch
    is_closed: bool

    async def path(self) -> Path:
        """Say what a connection may use now."""

    def start(self, work: Work) -> None:
        """Do something beside reading."""


class FarEnd:
    """One far end, as long as it has a seat.

    Args:
        house: what it shares with the others.
        records: what is sealed of what is written.
        breaks: makes what is done when the path is lost.
        unbinds: makes what is done when the path leads to somebody else.
        mark: told of each step.
        may_flow: whether picture and sound may pass, once certificates are bound.
    """

    def __init__(
        self,
        house: House,
        records: Records,
        *,
        breaks: Callable[[], Work],
        unbinds: Callable[[], Work],
        mark: Callable[[str], None],
        may_flow: bool = True,
    ) -> None:
        self.seat: Id | None = None
        self.connection: MediaConnection | None = None
        self.media_path: MediaPath | None = "unconnected"
        """Since it has this seat."""
        self.sink = Sink(on_first=mark, on_seen=house.watch.changed)
        self._house, self._records = house, records
        self._breaks, self._unbinds, self._mark = breaks, unbinds, mark
        self._may_flow = may_flow
        self._post = Post()
        self._will_try_again = False
        self._closing: set[asyncio.Task[None]] = set()

    def sits(self, seat: Id | None) -> None:
        """Say where it sits now, if anywhere. What waited for the one before is forgotten."""
        self.seat, self.media_path = seat, "unconnected"
        self._post.forget()

    # Letters

    async def send(self, message: Message) -> None:
        """Send a message of the seal to the far end."""
        await self._send(put(message))

    async def write(self, letter: Letter) -> None:
        """Seal a letter and send it. While there is no session of the seal it is not written."""
        await self.write_text(write(letter))

    async def write_text(self, text: str) -> bool:
        """Seal any text and send it so; tell whether it was written."""
        try:
            body = self._records.write_text(text)
        except SealRefused:
            return False  # over; the handshake that follows brings its own connection
        if body is not None:
            await self._send(body)
        return body is not None

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

    async def opened(self, envelope: Envelope) -> Message:
        """Take a message out of an envelope of this far end's.

        Raises:
            Refused: of the seal, `form`.
        """
        await self.writes_again()
        return take(envelope.body)

    def is_away(self) -> None:
        """Note that an envelope was refused because nobody was there to take it."""
        self._post.away()
        self._mark("away")
        if not self._will_try_again:
            self._will_try_again = True
            self._house.start(self._tries_again())

    async def _send(self, body: str) -> None:
        if self.seat is not None and self._post.takes(body):
            await self._house.socket.send(Envelope(member=self.seat, body=body))

    async def _tries_again(self) -> None:
        await asyncio.sleep(TRY_AGAIN_S)
        async with self._house.turn:
            self._will_try_again = False
            await self.writes_again()

    # The connection

    async def connect(self, name: Id, *, offers: bool) -> MediaConnection:
        """Leave the connection that is there, and open another one."""
        await self.drop()
        self.sink.forget()
        path = await self._house.path()
        self.connection = MediaConnection(
            name,
            offers=offers,
            code=self._house.code,
            sink=self.sink,
            on_moved=lambda what: self._moved(name, what),
            relay=path.relay,
            relay_url=path.url,
            relay_only=path.only,
            trust=path.trust,
            may_flow=self._may_flow,
        )
        return self.connection

    def bind(self) -> None:
        """Bind the connection under the session that is in force."""
        if self.connection is not None and self._records.channel is not None:
            self.connection.bind(self._records.channel)
            self._mark("sealed")

    def lets_flow(self) -> None:
        """Let picture and sound pass: everybody agrees that this far end is in."""
        self._may_flow = True
        if self.connection is not None:
            self.connection.lets_flow()

    async def offers_anew(self) -> None:
        """Leave the connection that is there, and offer another one to the far end."""
        name = encode(self._house.dice(SHORT_BYTES))
        connection = await self.connect(name, offers=True)
        self._mark("offered anew")
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

    async def close(self) -> None:
        """Leave for good. Nothing is left running."""
        await self.drop()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self.sink.close()

    def _moved(self, name: Id, what: str) -> None:
        if self._house.is_closed or self.connection is None or self.connection.name != name:
            return
        if what == "bound":
            self.media_path = self.connection.media_path
        self._mark(what)
        self._house.watch.changed()
        if what == "broken":
            self._house.start(self._breaks())
        elif what == "unbound":
            self._house.start(self._unbinds())
