"""Ask a relay, from outside, whether it is there and whom it would reach.

A door: one UDP socket. It is the other side of what `coturn.py` starts, speaks to that address
only, and sends nobody anything: an allocation, some permissions, and a release.

RFC 8489 (STUN), RFC 8656 (TURN).
"""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import secrets
import struct
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Self

COOKIE = 0x2112A442
BINDING, ALLOCATE, REFRESH, CREATE_PERMISSION = 1, 3, 4, 8
SUCCESS, ERROR = 0x100, 0x110
USERNAME, INTEGRITY, ERROR_CODE, LIFETIME = 0x06, 0x08, 0x09, 0x0D
PEER_ADDRESS, REALM, NONCE, REQUESTED_TRANSPORT = 0x12, 0x14, 0x15, 0x19
UDP = b"\x11\0\0\0"

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
        self._answers: dict[bytes, asyncio.Future[tuple[int, dict[int, bytes]]]] = {}
        self._signed: dict[int, bytes] = {}
        self._key = b""

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
        await self._ask(BINDING, {}, within_s)

    async def allocate(self, secret: str) -> None:
        """Become somebody with a password, and get an allocation.

        Raises:
            ProbeError: it was refused.
        """
        kind, said = await self._ask(ALLOCATE, {REQUESTED_TRANSPORT: UDP})
        if kind != ALLOCATE | ERROR or _code(said) != 401:
            raise ProbeError("it gave an allocation to a stranger.")
        username = f"{int(time.time()) + PASSWORD_LIFETIME_S}:{WHO}".encode()
        # Passwords made of a shared secret, as coturn and this relay understand them.
        password = base64.b64encode(hmac.new(secret.encode(), username, "sha1").digest())
        realm = said.get(REALM, b"")
        self._signed = {USERNAME: username, REALM: realm, NONCE: said.get(NONCE, b"")}
        # RFC 8489 §9.2.2 fixes MD5 for this key; it protects minutes, not media.
        self._key = hashlib.md5(b":".join((username, realm, password))).digest()
        kind, said = await self._ask(ALLOCATE, {REQUESTED_TRANSPORT: UDP})
        if kind != ALLOCATE | SUCCESS:
            raise ProbeError(f"it refused an allocation with {_code(said)}.")

    async def permission(self, address: str) -> int | None:
        """Ask to reach an address; None if it may be reached, else the code of the refusal.

        Raises:
            ProbeError: no answer.
        """
        kind, said = await self._ask(CREATE_PERMISSION, {PEER_ADDRESS: b""}, peer=address)
        return None if kind == CREATE_PERMISSION | SUCCESS else _code(said)

    async def release(self) -> None:
        """Give the allocation back.

        Raises:
            ProbeError: no answer.
        """
        await self._ask(REFRESH, {LIFETIME: bytes(4)})

    async def _ask(
        self,
        method: int,
        attributes: Mapping[int, bytes],
        within_s: float = ANSWER_WITHIN_S,
        peer: str | None = None,
    ) -> tuple[int, dict[int, bytes]]:
        transaction = secrets.token_bytes(12)
        wanted = dict(attributes)
        if peer is not None:
            wanted[PEER_ADDRESS] = _xored(peer, transaction)
        message = _message(method, transaction, {**wanted, **self._signed}, self._key)
        answer: asyncio.Future[tuple[int, dict[int, bytes]]]
        answer = asyncio.get_running_loop().create_future()
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
        if len(data) < 20 or data[4:8] != COOKIE.to_bytes(4):
            return
        answer = self._answers.get(data[8:20])
        if answer and not answer.done():
            answer.set_result((int.from_bytes(data[:2]), _attributes(data)))

    def error_received(self, error: Exception) -> None:
        """Nobody listens there yet; it is asked again."""


def _message(kind: int, transaction: bytes, attributes: Mapping[int, bytes], key: bytes) -> bytes:
    body = b"".join(_attribute(number, value) for number, value in attributes.items())
    if key:
        head = struct.pack("!HHI", kind, len(body) + 24, COOKIE) + transaction
        body += _attribute(INTEGRITY, hmac.new(key, head + body, "sha1").digest())
    return struct.pack("!HHI", kind, len(body), COOKIE) + transaction + body


def _attribute(number: int, value: bytes) -> bytes:
    return struct.pack("!HH", number, len(value)) + value + bytes(-len(value) % 4)


def _attributes(data: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 20
    while at + 4 <= len(data):
        number, size = struct.unpack_from("!HH", data, at)
        found.setdefault(number, data[at + 4 : at + 4 + size])
        at += 4 + size + -size % 4
    return found


def _code(attributes: Mapping[int, bytes]) -> int:
    value = attributes.get(ERROR_CODE, b"")
    return value[2] * 100 + value[3] if len(value) >= 4 else 0


def _xored(address: str, transaction: bytes) -> bytes:
    """Write an address as XOR-PEER-ADDRESS, with a port that nothing depends on."""
    ip = ipaddress.ip_address(address)
    mask = (COOKIE.to_bytes(4) + transaction)[: len(ip.packed)]
    hidden = bytes(one ^ other for one, other in zip(ip.packed, mask, strict=True))
    return struct.pack("!BBH", 0, 1 if ip.version == 4 else 2, 9 ^ COOKIE >> 16) + hidden
