"""Many patients who wait as the pages do, on bare sockets, and the doctor who serves them.

Unrealistic: no seal and no media (an M1 is a patient's number), thousands in one process, and
each finds a node by trying, as behind one address with several nodes.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from clients.peer.pauses import loss_of, obeyed_s, pause_s
from signaling.admission import proven_text
from signaling.encoding import decode, encode
from signaling.messages import (
    Accept,
    Accepted,
    Board,
    Call,
    Called,
    Duty,
    Ended,
    Hello,
    Join,
    Joined,
    Leave,
    Malformed,
    Propose,
    Proposed,
    Refused,
    Renew,
    ServerMessage,
    parse_from_server,
    serialise,
)

RENEW_AFTER_S = 10.0
SILENCE_MAX_S = 40.0
ENTER_WITHIN_S = 15.0
LATER = {"rebuilding", "unavailable", "full", "too-fast", "internal", "unproven"}

_LOST = (aiohttp.ClientError, OSError, Malformed, TimeoutError)


@dataclass
class Town:
    """What everybody shares: the way to the service, and how much is asked of it at once."""

    http: aiohttp.ClientSession
    origin: str
    ports: Callable[[], Sequence[int]]
    random: random.Random

    def port(self) -> int:
        """Any node that is up. One that was killed a moment ago refuses, and another is tried."""
        return self.random.choice(self.ports())


class Somebody:
    """A holder key and a way back: lives socket after socket until it is over."""

    def __init__(self, town: Town, token: str) -> None:
        self.town = town
        self.token = token
        self.key = Ed25519PrivateKey.generate()
        self.is_inside = False
        self.entries = 0
        self.refusals: list[str] = []
        self.heard: deque[str] = deque(maxlen=6)
        self.port: int | None = None
        self._loss = loss_of(None)
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to live."""
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Go, without a word."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def loses_the_network(self) -> None:
        """The socket is gone, without a word."""
        response = self._ws._response if self._ws is not None else None
        connection = response.connection if response is not None else None
        if connection is not None and connection.transport is not None:
            connection.transport.abort()

    async def says(self, message: BaseModel) -> None:
        assert self._ws is not None
        await self._ws.send_str(serialise(message))

    # What the kinds of people do

    is_over = False

    def entry(self) -> Join:
        """What is said to enter, before the proof."""
        raise NotImplementedError

    async def comes_in(self) -> None:
        """Do what comes first on a new socket."""

    async def hears(self, message: ServerMessage) -> None:
        """Act on what is heard inside."""
        raise NotImplementedError

    def turned_away(self, code: str) -> None:
        """The house says no, for good."""
        self.refusals.append(code)

    # Within

    async def _live(self) -> None:
        attempt = 0
        while not self.is_over:
            asked_s, was_in, self._loss = None, self.entries, loss_of(None)
            with suppress(*_LOST):
                asked_s = await self._one_socket()
            self.is_inside = False
            attempt = 0 if self.entries > was_in else attempt
            die = self.town.random.random()
            if asked_s is not None:
                await asyncio.sleep(obeyed_s(asked_s, die))
            else:
                await asyncio.sleep(pause_s(attempt, self._loss, die))
                attempt += 1

    async def _one_socket(self) -> float | None:
        """Live one socket. Returns how long the house asks to wait, if it does."""
        async with asyncio.timeout(ENTER_WITHIN_S):
            self.port = self.town.port()
            ws = await self.town.http.ws_connect(
                f"ws://127.0.0.1:{self.port}/v1", origin=self.town.origin, max_msg_size=0
            )
            self._ws = ws
            hello = parse_from_server(await ws.receive_str())
            if not isinstance(hello, Hello):
                raise TimeoutError
            await ws.send_str(serialise(self._proven(hello.challenge)))
            answer = parse_from_server(await ws.receive_str())
        try:
            if isinstance(answer, Refused):
                if answer.code in LATER:
                    return answer.retry_s
                self.turned_away(answer.code)
                return None
            if not isinstance(answer, Joined):
                raise TimeoutError
            self.is_inside = True
            self.entries += 1
            await self.comes_in()
            await self.hears(answer)
            while not self.is_over:
                frame = await ws.receive(timeout=SILENCE_MAX_S)
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    break
                message = parse_from_server(frame.data)
                self.heard.append(message.type)
                await self.hears(message)
        finally:
            self.is_inside = False
            self._loss = loss_of(ws.close_code)
            await ws.close()
        return None

    def _proven(self, challenge: str) -> Join:
        join = self.entry()
        text = proven_text(challenge, self.town.origin, join.token)
        proof = encode(self.key.public_key().public_bytes_raw() + self.key.sign(text))
        return join.model_copy(update={"proof": proof})


class Waiter(Somebody):
    """A patient who waits: renews when a board comes, returns by the newest pass, accepts."""

    def __init__(self, town: Town, token: str, number: int) -> None:
        super().__init__(town, token)
        self.number = number
        self.pass_: str | None = None
        self.place: int | None = None
        self.served = 0
        self.renewed_at = 0.0
        self._letters = 0

    def entry(self) -> Join:
        """By the newest pass, by the link where there is none."""
        return Join(token=self.pass_ or self.token, proof="A" * 128, m1=self._m1())

    async def hears(self, message: ServerMessage) -> None:
        match message:
            case Joined():
                self.pass_ = message.token or self.pass_
                self.renewed_at = time.monotonic()
            case Board():
                self.place = message.place
                if time.monotonic() - self.renewed_at > RENEW_AFTER_S:
                    await self._renews(None)
            case Proposed():
                await self.says(Accept(call=message.call, m3="bTM"))
            case Accepted():
                self.served += 1
                self.pass_ = message.token or self.pass_
            case Ended(what="call"):
                await self._renews(self._m1())
            case Ended(what="session"):
                self.is_over = True
            case Ended(what="queue"):
                self.turned_away(message.outcome)
            case _:
                pass

    def turned_away(self, code: str) -> None:
        """Lost, unless it was served: there is no way back into this wait."""
        super().turned_away(code)
        self.is_over = True

    async def _renews(self, m1: str | None) -> None:
        self.renewed_at = time.monotonic()
        await self.says(Renew(m1=m1))

    def _m1(self) -> str:
        self._letters += 1
        return encode(f"{self.number} {self._letters}".encode())


class Server(Somebody):
    """A doctor who serves the queue, one patient after the other, as fast as it goes.

    `called` are the patients' numbers, in the order of being called, once they accepted.
    """

    def __init__(self, town: Town, token: str, key: Ed25519PrivateKey, queue: str) -> None:
        super().__init__(town, token)
        self.key = key
        self.queue = queue
        self.waiting: int | None = None
        self.board_at = 0.0
        self.called: list[int] = []
        self.is_serving = False
        self.may_call_at = 0.0
        self.calls_refused: list[str] = []
        self.proposes = True
        self.was_called = asyncio.Event()
        self._now: int | None = None
        self._renewed_at = 0.0
        self._is_asking = False

    def entry(self) -> Join:
        """By the credential of the day."""
        return Join(token=self.token, proof="A" * 128)

    @property
    def state(self) -> str:
        """Say what he is about."""
        if self._now is not None:
            return f"calling patient {self._now}"
        return "asking for the next" if self._is_asking else "resting"

    async def serves(self) -> None:
        """Begin to call."""
        self.is_serving = True
        if self.is_inside:
            with suppress(*_LOST):  # then he calls once he is back
                await self._calls()

    async def comes_in(self) -> None:
        """Go on duty again: a lost store has forgotten it."""
        self._renewed_at = time.monotonic()
        self._is_asking = False
        await self.says(Duty(state="on", queues=(self.queue,)))

    async def hears(self, message: ServerMessage) -> None:
        match message:
            case Board():
                self.waiting, self.board_at = message.waiting, time.monotonic()
                if time.monotonic() - self._renewed_at > RENEW_AFTER_S:
                    self._renewed_at = time.monotonic()
                    await self.says(Renew())
                await self._calls()
            case Called():
                self._now = int(decode(message.m1).split()[0])
                self.was_called.set()
                if self.proposes:
                    await self.says(Propose(call=message.call, m2="bTI"))
            case Accepted():
                # Also on coming back, where the patient's answer, or the good-bye, went to a
                # socket that was lost.
                if self._now is not None:
                    self.called.append(self._now)
                self._now = None
                await self.says(Leave(what="session"))
            case Ended(what="session" | "call"):
                self._is_asking, self._now = False, None
                await self._calls()
            case Refused():
                self._is_asking = False
                self.calls_refused.append(message.code)
                self.may_call_at = time.monotonic() + (message.retry_s or 0.2)
                if message.code == "off-duty":
                    await self.says(Duty(state="on", queues=(self.queue,)))
            case _:
                pass

    async def _calls(self) -> None:
        if self.is_serving and not self._is_asking and time.monotonic() >= self.may_call_at:
            self._is_asking = True
            await self.says(Call(queue=self.queue))
