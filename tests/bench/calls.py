"""Calls through a relay: two ends, and a way in each direction.

The clients are as plain as a browser's: they ask, sign, and from then on send what they
always send. Which relay it is makes no difference to them.
"""

import json
import secrets
import socket
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from relay import credentials, stun
from relay.credentials import RelayPassword
from relay.stun import Attr, Kind, Message, Method
from tests.bench.batches import SO_TIMESTAMPNS

LOOPBACK = "127.0.0.1"
PASSWORD_LIFETIME_S = 3600
ANSWER_WITHIN_S = 0.5
TRIES = 10
CHANNEL = 0x4000
BUFFER_BYTES = 4 << 20
UDP = (Attr.REQUESTED_TRANSPORT, b"\x11\0\0\0")

Sort: TypeAlias = Literal["channel", "indication"]
Address: TypeAlias = tuple[str, int]


class BenchError(Exception):
    """Something does not do what it must before anything can be measured."""


@dataclass(frozen=True, slots=True)
class Way:
    """One direction of a call.

    Attributes:
        wrap: puts a payload into what the sender sends.
    """

    source: socket.socket
    sink: socket.socket
    wrap: Callable[[bytes], bytes]


class Client:
    """One allocation, over UDP."""

    def __init__(self, relay: Address, secret: str, tag: str) -> None:
        self.socket = _socket()
        self.socket.connect(relay)
        expires_at = int(time.time()) + PASSWORD_LIFETIME_S
        self._password = credentials.mint(secret.encode(), tag, expires_at)
        self._challenge: list[tuple[int, bytes]] = []
        self.relayed: Address = ("", 0)

    def allocate(self) -> None:
        said = self._ask(Method.ALLOCATE, [UDP])
        self._challenge = [(each, said.first(each) or b"") for each in (Attr.REALM, Attr.NONCE)]
        said = self._granted(Method.ALLOCATE, [UDP])
        value = said.first(Attr.XOR_RELAYED_ADDRESS) or b""
        self.relayed = stun.read_address(value, said.transaction)

    def permit(self, peer: Address) -> None:
        self._granted(Method.CREATE_PERMISSION, peer=peer)

    def bind(self, peer: Address) -> None:
        self._granted(
            Method.CHANNEL_BIND, [(Attr.CHANNEL_NUMBER, struct.pack(">H2x", CHANNEL))], peer
        )

    def wrap(self, sort: Sort, peer: Address) -> Callable[[bytes], bytes]:
        """Say what this client makes of a payload for a peer."""
        if sort == "channel":
            return lambda payload: struct.pack(">HH", CHANNEL, len(payload)) + payload
        transaction = secrets.token_bytes(12)
        address = (Attr.XOR_PEER_ADDRESS, stun.xor_address(*peer, transaction))
        return lambda payload: stun.serialise(
            Kind.INDICATION, Method.SEND, transaction, [address, (Attr.DATA, payload)]
        )

    def _granted(
        self, method: int, wanted: Iterable[tuple[int, bytes]] = (), peer: Address | None = None
    ) -> Message:
        said = self._ask(method, wanted, peer, self._password)
        if said.kind != Kind.SUCCESS:
            raise BenchError(f"The relay refuses method {method} with {said.first(0x0009)!r}.")
        return said

    def _ask(
        self,
        method: int,
        wanted: Iterable[tuple[int, bytes]] = (),
        peer: Address | None = None,
        password: RelayPassword | None = None,
    ) -> Message:
        transaction = secrets.token_bytes(12)
        attributes = [*wanted]
        if peer:
            attributes.append((Attr.XOR_PEER_ADDRESS, stun.xor_address(*peer, transaction)))
        key = None
        if password:
            attributes += [(Attr.USERNAME, password.username.encode()), *self._challenge]
            key = credentials.key_of(password)
        request = stun.serialise(Kind.REQUEST, method, transaction, attributes, key)
        return asked(self.socket, request)


def asked(own: socket.socket, request: bytes) -> Message:
    """Ask until there is an answer.

    Raises:
        BenchError: there is none.
    """
    own.settimeout(ANSWER_WITHIN_S)
    for _ in range(TRIES):
        try:
            own.send(request)
            while True:
                said = stun.parse(own.recv(2048))
                if said.transaction == request[8:20]:
                    return said
        except TimeoutError:
            pass
        except ConnectionRefusedError:  # not yet
            time.sleep(ANSWER_WITHIN_S / TRIES)
    raise BenchError("The relay does not answer.")


def relayed_calls(
    relay: Address, secret: str, sort: Sort, count: int, control: Path | None
) -> list[Way]:
    """Hold calls whose two ends both have an allocation.

    Args:
        control: where our relay is told who is together; coturn cannot be told.
    """
    ways = []
    for _ in range(count):
        tags = [secrets.token_urlsafe(9) for _ in range(2)]
        if control:
            _tell(control, {"bind": tags})
        one, other = (Client(relay, secret, tag) for tag in tags)
        for client in (one, other):
            client.allocate()
        for client, peer in ((one, other.relayed), (other, one.relayed)):
            client.permit(peer)
            if sort == "channel":
                client.bind(peer)
        ways += [
            Way(one.socket, other.socket, one.wrap(sort, other.relayed)),
            Way(other.socket, one.socket, other.wrap(sort, one.relayed)),
        ]
    return ways


def calls_with_peers(
    relay: Address, secret: str, sort: Sort, count: int, peers: str = LOOPBACK
) -> list[Way]:
    """Hold calls of which one end has an allocation, and the other is reached from it."""
    ways = []
    for _ in range(count):
        client, peer = Client(relay, secret, secrets.token_urlsafe(9)), _socket(peers)
        client.allocate()
        peer.connect(client.relayed)
        own: Address = peer.getsockname()
        client.permit(own)
        if sort == "channel":
            client.bind(own)
        ways += [
            Way(client.socket, peer, client.wrap(sort, own)),
            Way(peer, client.socket, bytes),
        ]
    return ways


def direct_calls(count: int) -> list[Way]:
    """Hold calls without a relay: what the way costs by itself."""
    ways = []
    for _ in range(count):
        one, other = _socket(), _socket()
        one.connect(other.getsockname())
        other.connect(one.getsockname())
        ways += [Way(one, other, bytes), Way(other, one, bytes)]
    return ways


def hang_up(ways: Iterable[Way]) -> None:
    """Close what the ways were made of."""
    for way in ways:
        way.source.close()
        way.sink.close()


def _socket(ip: str = LOOPBACK) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        opened.setsockopt(socket.SOL_SOCKET, buffer, BUFFER_BYTES)
    opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    opened.bind((ip, 0))
    return opened


def _tell(control: Path, order: object) -> None:
    """Say one order to our relay.

    Raises:
        BenchError: it is refused.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(control))
        line.sendall(json.dumps(order).encode() + b"\n")
        if line.recv(1024) != b'{"ok":true}\n':
            raise BenchError("The relay does not do what it is told.")
