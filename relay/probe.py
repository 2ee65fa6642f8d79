"""Ask a relay, from outside, whether it is there and whom it would reach.

A door: one UDP socket. It is the other side of what `coturn.py` starts, speaks to that address
only, and sends nobody anything: an allocation, some permissions, and a release.

RFC 8489 (STUN), RFC 8656 (TURN).
"""

import asyncio
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from . import credentials, stun
from .stun import Attr, Kind, Message, Method

UDP = b"\x11\0\0\0"
DISCARD = 9  # a port; nothing depends on it
ASK_AGAIN_S = 0.1  # the far end is this machine, or near
ANSWER_WITHIN_S = 3.0
PASSWORD_LIFETIME_S = 60
WHO = "probe"


class ProbeError(Exception):
    """There was no answer, or not the one that a relay gives. No address is in the sentence."""


class Probe(asyncio.DatagramProtocol):
    """One who asks. Made by `Probe.to`."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._answers: dict[bytes, asyncio.Future[Message]] = {}
        self._signed: tuple[tuple[int, bytes], ...] = ()
        self._key: bytes | None = None

    @classmethod
    @asynccontextmanager
    async def to(cls, ip: str, port: int) -> AsyncIterator[Self]:
        """Ask this relay while the block lasts."""
        loop = asyncio.get_running_loop()
        transport, probe = await loop.create_datagram_endpoint(cls, remote_addr=(ip, port))
        try:
            yield probe
        finally:
            transport.close()

    async def binding(self, within_s: float = ANSWER_WITHIN_S) -> None:
        """Ask anything.

        Raises:
            ProbeError: nobody answered in time.
        """
        await self._ask(Method.BINDING, within_s=within_s)

    async def allocate(self, secret: bytes, tag: str = WHO) -> None:
        """Become somebody with a password, and get an allocation.

        Raises:
            ProbeError: it was refused.
        """
        wanted = (Attr.REQUESTED_TRANSPORT, UDP)
        said = await self._ask(Method.ALLOCATE, wanted)
        if said.kind != Kind.ERROR or _code(said) != 401:
            raise ProbeError("it did not ask a stranger for a password.")
        password = credentials.mint(secret, tag, int(time.time()) + PASSWORD_LIFETIME_S)
        self._signed = (
            (Attr.USERNAME, password.username.encode()),
            (Attr.REALM, said.first(Attr.REALM) or b""),
            (Attr.NONCE, said.first(Attr.NONCE) or b""),
        )
        self._key = credentials.key_of(password)
        said = await self._ask(Method.ALLOCATE, wanted)
        if said.kind != Kind.SUCCESS:
            raise ProbeError(f"it refused an allocation with {_code(said)}.")

    async def permission(self, address: str) -> int | None:
        """Ask to reach an address; None if it may be reached, else the code of the refusal.

        Raises:
            ProbeError: no answer.
        """
        said = await self._ask(Method.CREATE_PERMISSION, peer=address)
        return None if said.kind == Kind.SUCCESS else _code(said)

    async def release(self) -> None:
        """Give the allocation back.

        Raises:
            ProbeError: no answer.
        """
        await self._ask(Method.REFRESH, (Attr.LIFETIME, bytes(4)))

    async def _ask(
        self,
        method: Method,
        *attributes: tuple[int, bytes],
        peer: str | None = None,
        within_s: float = ANSWER_WITHIN_S,
    ) -> Message:
        transaction = secrets.token_bytes(12)
        wanted = [*attributes, *self._signed]
        if peer is not None:
            wanted.insert(0, (Attr.XOR_PEER_ADDRESS, _hidden(peer, transaction)))
        message = stun.serialise(Kind.REQUEST, method, transaction, wanted, self._key)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._answers[transaction] = answer
        try:
            async with asyncio.timeout(within_s):
                while True:
                    assert self._transport is not None  # `to` yields it connected
                    self._transport.sendto(message)
                    done, _ = await asyncio.wait({answer}, timeout=ASK_AGAIN_S)
                    if done:
                        return answer.result()
        except TimeoutError:
            raise ProbeError("it did not answer.") from None
        finally:
            del self._answers[transaction]

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override] # what a datagram endpoint passes
        self._transport = transport

    def datagram_received(self, data: bytes, address: object) -> None:
        try:
            said = stun.parse(data)
        except stun.BadMessage:
            return
        answer = self._answers.get(said.transaction)
        if answer and not answer.done() and said.kind in (Kind.SUCCESS, Kind.ERROR):
            if self._key is None or said.kind == Kind.ERROR or stun.holds(said, self._key):
                answer.set_result(said)

    def error_received(self, error: Exception) -> None:
        """Nobody listens there yet; it is asked again."""


def _code(said: Message) -> int:
    value = said.first(Attr.ERROR_CODE) or b""
    return value[2] * 100 + value[3] if len(value) >= 4 else 0


def _hidden(address: str, transaction: bytes) -> bytes:
    """Write XOR-PEER-ADDRESS as it stands: an IPv4 address in disguise keeps it."""
    packed = ipaddress.ip_address(address).packed
    pad = stun.COOKIE.to_bytes(4, "big") + transaction
    family = 1 if len(packed) == 4 else 2
    port = DISCARD ^ stun.COOKIE >> 16
    body = bytes(one ^ other for one, other in zip(packed, pad, strict=False))
    return bytes((0, family)) + port.to_bytes(2, "big") + body
