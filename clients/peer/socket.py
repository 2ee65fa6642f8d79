"""One WebSocket that comes back: enters, stays awake, and returns with its pass.

A door. It proves the holder key, minds pass and relay password, and knows nothing of calls
or letters: every message but a renewal's answer is handed on in order.

The wire is `signaling/messages.py`; tokens and proofs are in `clients/README.md`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import aiohttp

from signaling.messages import (
    FRAME_MAX_BYTES,
    Accepted,
    ClientMessage,
    Ended,
    Hello,
    Join,
    Joined,
    Malformed,
    Refused,
    Relay,
    Renew,
    ServerMessage,
    parse_from_server,
    serialise,
)

from .errors import NotReached, PeerError, Replaced, Turned
from .link import Link
from .pauses import Loss, loss_of, obeyed_s, pause_s
from .proof import prove
from .reach import BY_ITS_ADDRESS, Reach

# The server counts a patient as asleep after 40 s without a renewal, and sends a board at
# least every 15 s: two boards' answers may be lost.
RENEW_EVERY_S = 12.0
# Where no board comes, the timer renews.
RENEW_TIMER_S = 20.0
ENTER_WITHIN_S = 10.0
# As long as a pass lives by default; later nobody waits at the other end.
GIVE_UP_S = 600.0
# Before the first entry: as long as a server that is just starting may take.
GIVE_UP_FIRST_S = 2.0
INBOX_MAX = 256
UNSENT_MAX = 32

# Refusals after which trying again is of use.
_PASSING = {"full", "too-fast", "internal", "rebuilding", "unavailable"}
# Refusals of a pass after which the first token may still be good.
_PASS_IS_SPENT = {"ended", "expired", "unproven", "not-admitted"}

Inbound = ServerMessage | PeerError


class Socket:
    """A person's place at the server, over as many WebSockets as it takes.

    `returns` counts how often it came back.

    `next` gives what the server says; a `Joined` among it means a new socket, so that
    whatever depends on one is to be said again.

    Args:
        link: where to.
        entry: at a time of the server's clock or ours, whichever is later: what is shown, and
            the seed of the key that proves it.
        is_last: tells the message after which nobody comes back.
        fresh_m1: makes the M1 of each entry; None for a doctor.
        uses_pass: comes back by the pass; a doctor does by the credential, and shows the seat's
            pass beside it.
        dice: that many random bytes.
        clock: seconds since 1970.
        reach: by which address, and whose certificate.
    """

    def __init__(
        self,
        link: Link,
        entry: Callable[[float], tuple[str, bytes]],
        *,
        is_last: Callable[[ServerMessage], bool],
        fresh_m1: Callable[[], str | None],
        uses_pass: bool,
        dice: Callable[[int], bytes],
        clock: Callable[[], float] = time.time,
        reach: Reach = BY_ITS_ADDRESS,
    ) -> None:
        self.relay: Relay | None = None
        self.returns = 0
        self._link, self._entry = link, entry
        self._is_last, self._fresh_m1, self._uses_pass = is_last, fresh_m1, uses_pass
        self._dice, self._clock, self._reach = dice, clock, reach
        self._pass: str | None = None
        self._challenge, self._seed = "", b""
        self._loss: Loss = "lost"
        self._retry_s: float | None = None
        self._clock_offset_s = 0.0
        self._inbox: asyncio.Queue[Inbound] = asyncio.Queue(INBOX_MAX)
        self._unsent: deque[ClientMessage] = deque(maxlen=UNSENT_MAX)
        self._may_return = asyncio.Event()
        self._may_return.set()
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._connector: aiohttp.TCPConnector | None = None
        self._task: asyncio.Task[None] | None = None
        self._renewed_at = 0.0
        self._renewed = asyncio.Event()
        self._has_entered = self._is_over = False

    def open(self) -> None:
        """Begin to enter; `next` tells how it went."""
        self._task = asyncio.create_task(self._keep())

    async def next(self) -> ServerMessage:
        """Wait for what the server says next.

        Raises:
            PeerError: there will be nothing more, and why.
        """
        message = await self._inbox.get()
        if isinstance(message, PeerError):
            raise message
        return message

    async def send(self, message: ClientMessage) -> None:
        """Say something now, or first thing when the socket is back."""
        if not await self.send_now(message):
            self._unsent.append(message)

    async def send_now(self, message: ClientMessage) -> bool:
        """Say something that is worth nothing later; tell whether there was a socket for it."""
        if self._ws is not None:
            with suppress(ConnectionError, aiohttp.ClientError):
                await self._ws.send_str(serialise(message))
                return True
        return False

    async def renew(self, m1: str | None = None) -> None:
        """Give a sign of life, with a fresh M1 where the last one is spent."""
        self._renewed_at = time.monotonic()
        await self.send(Renew(m1=m1))

    async def is_renewed(self, within_s: float = ENTER_WITHIN_S) -> None:
        """Give a sign of life, and wait until the server has heard it.

        Raises:
            NotReached: not in time.
        """
        self._renewed.clear()
        await self.renew()
        try:
            async with asyncio.timeout(within_s):
                await self._renewed.wait()
        except TimeoutError:
            raise NotReached("The server was not reached in time.") from None

    async def joins(self, token: str) -> None:
        """Take a seat by an invitation, on the socket that is open."""
        proof = prove(self._seed, self._challenge, self._link.origin, token)
        await self.send_now(Join(token=token, proof=proof))

    def seconds_until(self, deadline: float) -> float:
        """How far away a time of the server's clock is."""
        return deadline - (self._clock() + self._clock_offset_s)

    def now(self) -> float:
        """The later of our clock and the server's: nobody makes a credential young again."""
        return self._clock() + max(0.0, self._clock_offset_s)

    async def lose(self) -> None:
        """Drop the socket as a network does, without a word, and stay away."""
        self._may_return.clear()
        if self._connector is not None:
            await self._connector.close()

    def come_back(self) -> None:
        """End what `lose` began."""
        self._may_return.set()

    async def close(self) -> None:
        """Leave for good. Returns when nothing is left running."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        failures, lost_at = 0, time.monotonic()
        while True:
            try:
                if await self._live():
                    failures, lost_at = 0, time.monotonic()
                if self._is_over:
                    return
            except PeerError as failure:
                await self._inbox.put(failure)
                return
            await self._may_return.wait()
            give_up_s = GIVE_UP_S if self._has_entered else GIVE_UP_FIRST_S
            left_s = lost_at + give_up_s - time.monotonic()
            if left_s <= 0:
                await self._inbox.put(NotReached("The server was not reached in time."))
                return
            await asyncio.sleep(min(self._pause_s(failures), left_s))
            failures += 1

    def _pause_s(self, failures: int) -> float:
        die = int.from_bytes(self._dice(4), "big") / 2**32
        if self._retry_s is not None:
            return obeyed_s(self._retry_s, die)
        return pause_s(failures, self._loss, die)

    async def _live(self) -> bool:
        """Live one WebSocket from beginning to end; tell whether it held after entering."""
        self._connector = self._reach.connector()
        self._loss, self._retry_s = "lost", None
        holds = False
        try:
            async with (
                aiohttp.ClientSession(
                    connector=self._connector, cookie_jar=aiohttp.DummyCookieJar()
                ) as session,
                asyncio.timeout(ENTER_WITHIN_S) as limit,
                session.ws_connect(
                    self._reach.socket_url(self._link.origin),
                    origin=self._link.origin,
                    server_hostname=self._reach.name(self._link.origin),
                    max_msg_size=FRAME_MAX_BYTES,
                    heartbeat=RENEW_TIMER_S,
                ) as ws,
            ):
                try:
                    await self._enter(ws)
                    limit.reschedule(None)
                    holds = True
                    await self._listen(ws)
                finally:
                    self._loss = loss_of(ws.close_code)
        except (aiohttp.ClientError, OSError, Malformed):
            pass  # a socket that was lost, or a server that speaks something else for a while
        finally:
            self._ws = None
        return holds

    async def _enter(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        hello = await _greeting(ws)
        if not isinstance(hello, Hello):
            raise NotReached("What answers there does not speak this protocol.")
        self._clock_offset_s = hello.now - self._clock()
        token, seed = self._entry(self.now())
        if self._uses_pass:
            token = self._pass or token
        keep_pass = None if self._uses_pass else self._pass
        self._challenge, self._seed = hello.challenge, seed
        proof = prove(seed, hello.challenge, self._link.origin, token)
        join = Join(token=token, proof=proof, keep_pass=keep_pass, m1=self._fresh_m1())
        await ws.send_str(serialise(join))
        answer = await _greeting(ws)
        if isinstance(answer, Refused):
            if self._pass is not None and answer.code in _PASS_IS_SPENT:
                self._pass = None
                raise ConnectionError
            if answer.code in _PASSING:
                self._retry_s = answer.retry_s
                raise ConnectionError
            raise Turned(answer.code, answer.text)
        if not isinstance(answer, Joined):
            raise NotReached("What answers there does not speak this protocol.")
        self._mind(answer)
        self.returns += self._has_entered
        self._has_entered = True
        self._renewed_at = time.monotonic()
        await self._inbox.put(answer)
        await self._say_unsent(ws)
        self._ws = ws

    async def _say_unsent(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        """Say what had to wait, in order; what this socket does not take waits for the next."""
        while self._unsent:
            message = self._unsent.popleft()
            try:
                await ws.send_str(serialise(message))
            except (ConnectionError, aiohttp.ClientError):
                if len(self._unsent) < UNSENT_MAX:
                    self._unsent.appendleft(message)
                raise

    async def _listen(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            try:
                message = await _receive(ws, within_s=RENEW_TIMER_S)
            except TimeoutError:
                await self.renew()
                continue
            self._mind(message)
            if isinstance(message, Ended) and message.what == "socket":
                if message.outcome == "replaced":
                    raise Replaced("This consultation was opened somewhere else.")
                continue  # the close frame follows, and says which pause
            if not isinstance(message, Joined):
                await self._inbox.put(message)
            if self._is_last(message):
                self._is_over = True
                return
            is_change = isinstance(message, Accepted) and message.token is None
            if is_change or time.monotonic() - self._renewed_at > RENEW_EVERY_S:
                # After a change of members only a fresh pass knows of it.
                await self.renew()

    def _mind(self, message: ServerMessage) -> None:
        if isinstance(message, Joined | Accepted):
            self._pass = message.token or self._pass
            self.relay = message.relay or self.relay
            if isinstance(message, Joined):
                self._renewed.set()
        elif isinstance(message, Ended) and message.what in ("queue", "session"):
            if message.outcome != "requeued":  # by a member's pass the old place is had again
                self._pass = None


async def _greeting(ws: aiohttp.ClientWebSocketResponse) -> ServerMessage:
    """Receive on the way in. A server that stops says so to those at the door as well."""
    message = await _receive(ws)
    if isinstance(message, Ended) and message.what == "socket":
        raise ConnectionError
    return message


async def _receive(
    ws: aiohttp.ClientWebSocketResponse, within_s: float | None = None
) -> ServerMessage:
    frame = await ws.receive(timeout=within_s)
    if frame.type is not aiohttp.WSMsgType.TEXT:
        raise ConnectionError
    return parse_from_server(frame.data)
