"""A patient and a doctor who speak the bare wire over real sockets.

They read and write messages one by one and do nothing by themselves: no renewing, no
coming back, no media. `clients.peer` is the real thing; these are for saying exactly
what a test wants said, the wrong things too.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Self, TypeVar

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from clients.union.credentials import DAY_S
from signaling.admission import proven_text, thumbprint
from signaling.encoding import encode
from signaling.messages import (
    Accept,
    Accepted,
    Board,
    Call,
    Called,
    Duty,
    Hello,
    Join,
    Joined,
    Propose,
    Proposed,
    Refused,
    parse_from_server,
    serialise,
)
from tests.clock import Clock
from tests.unions import AUnion

HEARS_WITHIN_S = 10.0
LINK_S = 86_400
M1, M2, M3 = "bTE", "bTI", "bTM"

_M = TypeVar("_M", bound=BaseModel)


class Deaf(AssertionError):
    """What was expected was not heard; the sentence says what was heard instead."""


class Actor:
    """Somebody with a holder key and at most one socket."""

    def __init__(self, http: aiohttp.ClientSession, url: str, origin: str) -> None:
        self._http = http
        self._url = url
        self._origin = origin
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._sockets: list[aiohttp.ClientWebSocketResponse] = []
        self._unheard: list[BaseModel] = []
        self.key = Ed25519PrivateKey.generate()
        self.hello: Hello | None = None
        self.token = ""
        self.last_pass = ""
        self.forwarded: list[str] = []
        """What proxies say of where this actor comes from, header by header."""

    @property
    def ws(self) -> aiohttp.ClientWebSocketResponse:
        assert self._ws is not None, "this actor has no socket yet"
        return self._ws

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.key.public_key().public_bytes_raw())

    async def connects(self) -> Self:
        """Open a socket and hear its challenge."""
        self._unheard = []
        headers = [("X-Forwarded-For", hops) for hops in self.forwarded]
        self._ws = await self._http.ws_connect(
            self._url, origin=self._origin, max_msg_size=0, headers=headers
        )
        self._sockets.append(self._ws)
        self.hello = await self.hears(Hello)
        return self

    def proof(self, token: str, challenge: str | None = None, origin: str | None = None) -> str:
        """Prove the holder key over a token; what is given overrides what is right."""
        assert self.hello is not None
        text = proven_text(challenge or self.hello.challenge, origin or self._origin, token)
        return encode(self.key.public_key().public_bytes_raw() + self.key.sign(text))

    async def asks_in(self, token: str, **fields: str | None) -> None:
        """Open a socket and present a token, without waiting for the answer."""
        await self.connects()
        await self.says(Join(token=token, proof=self.proof(token), **fields))  # type: ignore[arg-type]

    async def says(self, message: BaseModel) -> None:
        """Send one message."""
        await self.ws.send_str(serialise(message))

    async def says_text(self, text: str) -> None:
        """Send any text."""
        await self.ws.send_str(text)

    async def hears(self, kind: type[_M]) -> _M:
        """Return the next message of a kind; boards that come before it are passed over.

        Raises:
            Deaf: something else came, or nothing in time.
        """
        message = await self._next(kind)
        assert isinstance(message, kind)
        return message

    async def hears_any(self, *kinds: type[BaseModel]) -> BaseModel:
        """Return the next message of one of these kinds.

        Raises:
            Deaf: as `hears` does.
        """
        return await self._next(kinds)

    async def hears_board(self, **wanted: object) -> Board:
        """Return the first board that shows what is wanted."""
        while True:
            board = await self.hears(Board)
            if all(getattr(board, name) == value for name, value in wanted.items()):
                return board

    async def is_refused(self, code: str) -> Refused:
        """Hear a refusal with this code."""
        refused = await self.hears(Refused)
        assert refused.code == code, f"refused {refused.code} instead of {code}"
        return refused

    async def settled(self) -> None:
        """Return when the server has handled all that was said before.

        Costs one refused message, which the server answers in order.
        """
        await self.says_text("settled?")
        while True:
            refused = await self._next(Refused, passing=True)
            if isinstance(refused, Refused) and refused.code == "malformed":
                return

    async def is_closed(self) -> int:
        """Wait until the server closes, and return its close code."""
        while True:
            frame = await asyncio.wait_for(self.ws.receive(), HEARS_WITHIN_S)
            # The frame's own code: aiohttp's `close_code` turns 1006 when it cannot reply.
            if frame.type is aiohttp.WSMsgType.CLOSE:
                return int(frame.data)
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise Deaf(f"the socket ended without a close frame: {frame.type}")

    async def loses_the_network(self) -> None:
        """Drop the socket without a word, as a phone in a lift does."""
        connection = self.ws._response.connection  # aiohttp has no public way to be rude
        assert connection is not None and connection.transport is not None
        connection.transport.abort()

    async def closes(self) -> None:
        """Close every socket that was opened, politely."""
        for socket in self._sockets:
            await socket.close()

    async def _next(
        self, kind: type[BaseModel] | tuple[type[BaseModel], ...], passing: bool = False
    ) -> BaseModel:
        for i, message in enumerate(self._unheard):
            if isinstance(message, kind):
                return self._unheard.pop(i)
        while True:
            try:
                frame = await asyncio.wait_for(self.ws.receive(), HEARS_WITHIN_S)
            except TimeoutError:
                raise Deaf(f"heard nothing while waiting for {_names(kind)}") from None
            if frame.type is not aiohttp.WSMsgType.TEXT:
                raise Deaf(f"the socket ended while waiting for {_names(kind)}: {frame.type}")
            message = parse_from_server(frame.data)
            token = getattr(message, "token", None)
            self.last_pass = token or self.last_pass
            if isinstance(message, kind):
                return message
            if not isinstance(message, Board):
                if not passing:
                    raise Deaf(f"heard {message!r} while waiting for {_names(kind)}")
                self._unheard.append(message)


def _names(kind: type[BaseModel] | tuple[type[BaseModel], ...]) -> str:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(one.__name__ for one in kinds)


class Patient(Actor):
    """A patient with a link to a queue, as a test plays him."""

    async def joins(self, m1: str = M1) -> Joined:
        """Enter the queue by the link."""
        await self.asks_in(self.token, m1=m1)
        return await self.hears(Joined)

    async def comes_back(self, m1: str = M1) -> Joined:
        """Enter again with the last pass."""
        await self.asks_in(self.last_pass, m1=m1)
        return await self.hears(Joined)

    async def accepts(self) -> Accepted:
        """Hear a proposal and accept it."""
        proposed = await self.hears(Proposed)
        await self.says(Accept(call=proposed.call, m3=M3))
        return await self.hears(Accepted)


class Doctor(Actor):
    """A doctor for whom the union vouches today, as a test plays her."""

    async def joins(self) -> Joined:
        """Enter by the access credential of the day."""
        await self.asks_in(self.token)
        return await self.hears(Joined)

    async def goes_on_duty(self, *queues: str) -> None:
        """Enter and go on duty."""
        joined = await self.joins()
        await self.says(Duty(state="on", queues=queues or joined.queues))

    async def calls(self, queue: str) -> Called:
        """Call the first of a queue."""
        await self.says(Call(queue=queue))
        return await self.hears(Called)

    async def calls_and_proposes(self, queue: str) -> Called:
        """Call the first of a queue and answer the M1."""
        called = await self.calls(queue)
        await self.proposes(called)
        return called

    async def proposes(self, called: Called, m2: str = M2) -> Proposed:
        """Answer an M1, and hear until when the patient may answer."""
        await self.says(Propose(call=called.call, m2=m2))
        return await self.hears(Proposed)


@asynccontextmanager
async def cast(
    url: str, origin: str, union: AUnion, queues: Sequence[str], clock: Clock
) -> AsyncIterator["Cast"]:
    """Yield what makes patients and doctors, and close their sockets afterwards."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as http:
        made = Cast(http, url, origin, union, queues, clock)
        try:
            yield made
        finally:
            for actor in made.actors:
                await actor.closes()


class Cast:
    """Makes patients and doctors of one service."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        url: str,
        origin: str,
        union: AUnion,
        queues: Sequence[str],
        clock: Clock,
    ) -> None:
        self._http = http
        self._url = url
        self._origin = origin
        self._union = union
        self._queues = queues
        self._clock = clock
        self.actors: list[Actor] = []

    def patient(self, queue: str | None = None) -> Patient:
        """Make a patient with a link of his own."""
        actor = Patient(self._http, self._url, self._origin)
        now = int(self._clock.now)
        actor.token = self._union.pool_link(queue or self._queues[0], now, now + LINK_S)
        self.actors.append(actor)
        return actor

    def doctor(self) -> Doctor:
        """Make a doctor with a key of her own, who may serve every queue today."""
        actor = Doctor(self._http, self._url, self._origin)
        day = int(self._clock.now) // DAY_S
        actor.token = self._union.access_of(actor.thumbprint, self._queues, day=day).token
        self.actors.append(actor)
        return actor
