"""One stream of requests to our relay and to coturn: where the answers differ, and why."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import pytest

from relay import stun
from relay.coturn import installed, serving
from relay.coturn_config import ALLOCATIONS_PER_TAG, Coturn
from relay.credentials import REALM, RelayPassword, key_of
from relay.stun import Attr, Kind, Method
from tests.relay.serving import GENEROUS, LOOPBACK, SECRET, free_port, password, relaying
from tests.relay.turn_client import channel_data, xor_address

VERSION = (4, 6, 1)
ANSWERED_WITHIN_S = 20.0  # nothing is waited for that does not come; a stuck program is told
ASK_AGAIN_S = 0.1
BARRIER = b"wall"  # how the transactions of Binding requests begin that nothing is meant by
MARK = b"this is the mark"
UDP = (Attr.REQUESTED_TRANSPORT, b"\x11\0\0\0")
UNKNOWN = (0x7FFF, b"")
DONT_FRAGMENT = (0x001A, b"")
Value = bytes | tuple[str, int] | str


# What is said: the same to both.


@dataclass(frozen=True, slots=True)
class Said:
    """One message of one client, a five-tuple of its own.

    Attributes:
        name: how its row in the table is found.
        who: the client; its tag is the name up to the dash.
        attributes: with a peer as address, or as the name of a client whose relayed one it is.
        left_out: an attribute that a signed request has, and this one has not.
        bent: what is wrong about its signature: what `bent_name` says, its realm or nonce.
        behind: what stands behind the signature.
        again: the last request of this client, byte for byte.
        raw: instead of all that.
    """

    name: str
    who: str
    method: int = Method.ALLOCATE
    attributes: Sequence[tuple[int, Value]] = ()
    kind: Kind = Kind.REQUEST
    signed: bool = True
    left_out: int = 0
    bent: str = ""
    behind: bytes = b""
    again: bool = False
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Heard:
    """A mark from one client to another, and what that one had heard before it."""

    name: str
    sender: str
    receiver: str


Step = Said | Heard


def lifetime(seconds: int) -> tuple[int, bytes]:
    return (Attr.LIFETIME, seconds.to_bytes(4, "big"))


def family(number: int) -> tuple[int, bytes]:
    return (Attr.REQUESTED_ADDRESS_FAMILY, bytes((number, 0, 0, 0)))


def peer(value: Value) -> tuple[int, Value]:
    return (Attr.XOR_PEER_ADDRESS, value)


def number(channel: int) -> tuple[int, bytes]:
    return (Attr.CHANNEL_NUMBER, channel.to_bytes(2, "big") + b"\0\0")


def allocate(name: str, who: str, *attributes: tuple[int, Value], **more: object) -> Said:
    return Said(name, who, Method.ALLOCATE, [UDP, *attributes], **more)  # type: ignore[arg-type]


def refresh(name: str, who: str, *attributes: tuple[int, Value], **more: object) -> Said:
    return Said(name, who, Method.REFRESH, attributes, **more)  # type: ignore[arg-type]


def permit(name: str, who: str, *attributes: tuple[int, Value], **more: object) -> Said:
    return Said(name, who, Method.CREATE_PERMISSION, attributes, **more)  # type: ignore[arg-type]


def bind(name: str, who: str, *attributes: tuple[int, Value], **more: object) -> Said:
    return Said(name, who, Method.CHANNEL_BIND, attributes, **more)  # type: ignore[arg-type]


def indicate(name: str, who: str, *attributes: tuple[int, Value]) -> Said:
    return Said(name, who, Method.SEND, attributes, Kind.INDICATION, signed=False)


def strangers() -> Iterator[Step]:
    """Nobody has proven anything yet."""
    yield Said("binding", "s", Method.BINDING, signed=False)
    yield Said("binding, what must be understood", "s", Method.BINDING, [UNKNOWN], signed=False)
    yield Said("binding, an indication", "s", Method.BINDING, kind=Kind.INDICATION, signed=False)
    yield Said("binding, a success", "s", Method.BINDING, kind=Kind.SUCCESS, signed=False)
    yield allocate("unsigned allocate", "s", signed=False)
    yield Said("unsigned allocate, bare", "s", signed=False)
    yield allocate("unsigned allocate, what must be understood", "s", UNKNOWN, signed=False)
    yield refresh("unsigned refresh", "s", signed=False)
    yield permit("unsigned permission", "s", peer((LOOPBACK, 9)), signed=False)
    yield bind("unsigned channel", "s", peer((LOOPBACK, 9)), number(0x4000), signed=False)
    yield Said("a method for TCP allocations", "s", 0x000A, signed=False)
    yield Said("a method of nobody", "s", 0x0055, signed=False)
    yield indicate("an indication to nobody", "s", peer((LOOPBACK, 9)), (Attr.DATA, b"x"))
    yield Said("channel data to nobody", "s", raw=channel_data(0x4000, b"hello"))
    yield Said("no message", "s", raw=b"\xff" * 24)
    yield Said("a cookie of before RFC 5389", "s", raw=b"\0\1\0\0" + bytes(16))
    wrong = stun.serialise(Kind.REQUEST, Method.BINDING, b"f" * 12, fingerprint=True)
    yield Said("a wrong fingerprint", "s", raw=wrong[:-1] + bytes([wrong[-1] ^ 1]))


def signatures() -> Iterator[Step]:
    """What does not hold, or is not whole."""
    for bent in ("password", "user", "tag", "realm", "nonce", "expiry", "far expiry"):
        yield allocate(f"another {bent}", f"bent-{bent}", bent=bent)
    for part in (Attr.USERNAME, Attr.REALM, Attr.NONCE):
        yield allocate(f"without {part.name}", f"parts-{part.name}", left_out=part)
    yield allocate("a short signature", "parts-mac", (Attr.MESSAGE_INTEGRITY, bytes(16)))


def allocations() -> Iterator[Step]:
    """What cannot be allocated. Each by a client of its own: one may be granted it."""
    even, token = (Attr.EVEN_PORT, b"\0"), (Attr.RESERVATION_TOKEN, bytes(8))
    cases: dict[str, Sequence[tuple[int, Value]]] = {
        "no transport": [],
        "a short transport": [(Attr.REQUESTED_TRANSPORT, b"\x11")],
        "transport TCP": [(Attr.REQUESTED_TRANSPORT, b"\x06\0\0\0")],
        "transport of nobody": [(Attr.REQUESTED_TRANSPORT, b"\xfe\0\0\0")],
        "DONT-FRAGMENT": [UDP, DONT_FRAGMENT],
        "what must be understood": [UDP, UNKNOWN],
        "what may be passed over": [UDP, (0x8123, b"word")],
        "an even port": [UDP, even],
        "an even port and the next": [UDP, (Attr.EVEN_PORT, b"\x80")],
        "an even port, empty": [UDP, (Attr.EVEN_PORT, b"")],
        "a token of nobody": [UDP, token],
        "a token and an even port": [UDP, token, even],
        "a token and a family": [UDP, token, family(1)],
        "family IPv4": [UDP, family(1)],
        "family IPv6": [UDP, family(2)],
        "family of nobody": [UDP, family(3)],
        "a short family": [UDP, (Attr.REQUESTED_ADDRESS_FAMILY, b"\1")],
        "both families": [UDP, (0x8000, b"\2\0\0\0")],
        "a ticket to move": [UDP, (0x8030, b"")],
        "a short lifetime": [UDP, (Attr.LIFETIME, b"\0")],
        "lifetime 0": [UDP, lifetime(0)],
        "lifetime 1": [UDP, lifetime(1)],
        "lifetime 1800": [UDP, lifetime(1800)],
        "lifetime without end": [UDP, lifetime(0xFFFFFFFF)],
    }
    for n, (name, attributes) in enumerate(cases.items()):
        yield Said(f"allocate: {name}", f"case{n}", Method.ALLOCATE, attributes)
    yield allocate("allocate: a password that ends soon", "soon", lifetime(3600), bent="short")
    for n in range(ALLOCATIONS_PER_TAG):
        yield allocate(f"allocate: number {n + 1} of a tag", f"many-{n}")
    yield allocate("allocate: one too many of a tag", "many-last")


def nothing_allocated() -> Iterator[Step]:
    """Signed, and about nothing."""
    yield refresh("nothing: refresh", "nothing")
    yield refresh("nothing: refresh 0", "nothing", lifetime(0))
    yield permit("nothing: permission", "nothing", peer((LOOPBACK, 9)))
    yield permit("nothing: permission without a peer", "nothing")
    yield bind("nothing: channel", "nothing", peer((LOOPBACK, 9)), number(0x4000))
    yield refresh("nothing: what must be understood", "nothing", UNKNOWN)
    yield Said("nothing: a method for TCP allocations", "nothing", 0x000A)


def an_allocation() -> Iterator[Step]:
    """Two members of a consultation, and what each may ask."""
    yield allocate("allocate", "a")
    yield Said("allocate, said again", "a", again=True)
    yield allocate("allocate anew", "a")
    yield allocate("allocate by another tag", "a", bent="other")
    yield allocate("allocate, the other end", "b")
    yield indicate("send without permission", "a", peer("b"), (Attr.DATA, b"too early"))
    yield permit("permission without a peer", "a")
    yield permit("permission with a short peer", "a", (Attr.XOR_PEER_ADDRESS, b"\0\1\0\0"))
    yield permit("permission for the other family", "a", peer(("2001:db8::1", 9)))
    yield permit("permission for another address", "a", peer(("198.51.100.7", 9)))
    yield permit(
        "permission for two, one of them refused",
        "a",
        peer((LOOPBACK, 9)),
        peer(("198.51.100.7", 9)),
    )
    yield permit("permission, what must be understood", "a", peer((LOOPBACK, 9)), UNKNOWN)
    yield permit("permission by another tag", "a", peer((LOOPBACK, 9)), bent="other")
    yield indicate("send with a refused permission", "a", peer("b"), (Attr.DATA, b"too early"))
    yield permit("permission", "b", peer("a"))
    yield permit("permission whatever the port", "a", peer((LOOPBACK, 9)))
    yield Heard("nothing before its permission", "a", "b")
    yield indicate("send", "a", peer("b"), (Attr.DATA, b"hello"))
    yield indicate("send, empty", "a", peer("b"), (Attr.DATA, b""))
    yield indicate("send without data", "a", peer("b"))
    yield indicate("send to nobody", "a", (Attr.DATA, b"x"))
    yield indicate("send with DONT-FRAGMENT", "a", peer("b"), DONT_FRAGMENT, (Attr.DATA, b"df"))
    yield indicate("send, what must be understood", "a", peer("b"), UNKNOWN, (Attr.DATA, b"un"))
    yield Heard("indications arrive", "a", "b")


def channels() -> Iterator[Step]:
    """The same two, by numbers."""
    yield bind("channel without a number", "a", peer("b"))
    yield bind("channel without a peer", "a", number(0x4000))
    short = (Attr.CHANNEL_NUMBER, b"\x40\x77")
    yield bind("channel with a short number", "a", peer((LOOPBACK, 77)), short)
    for channel in (0x0000, 0x3FFF, 0x8000, 0xFFFF):
        yield bind(f"channel {channel:#06x}", "a", peer("b"), number(channel))
    yield bind("channel for the other family", "a", peer(("2001:db8::1", 9)), number(0x4000))
    yield bind("channel for another address", "a", peer(("198.51.100.7", 9)), number(0x4000))
    yield bind("channel for port 0", "a", peer((LOOPBACK, 0)), number(0x4005))
    yield bind("channel, what must be understood", "a", peer("b"), number(0x4000), UNKNOWN)
    yield bind("channel by another tag", "a", peer("b"), number(0x4000), bent="other")
    yield Said("data on a channel that is not bound", "a", raw=channel_data(0x4ABC, b"unbound"))
    yield bind("channel", "a", peer("b"), number(0x4000))
    yield bind("channel again", "a", peer("b"), number(0x4000))
    yield bind("channel of another peer", "a", peer((LOOPBACK, 9)), number(0x4000))
    yield bind("another channel of a peer", "a", peer("b"), number(0x4001))
    yield bind("channel above 0x4FFF", "b", peer("a"), number(0x7FFF))
    yield Said("data on a channel", "a", raw=channel_data(0x4000, b"hello"))
    yield Said("data on a channel, padded", "a", raw=channel_data(0x4000, b"hi") + bytes(2))
    yield Said("data on a channel, cut", "a", raw=channel_data(0x4000, b"hello")[:-1])
    yield Said("data on a channel, empty", "a", raw=channel_data(0x4000, b""))
    yield Heard("numbers arrive as numbers", "a", "b")


def ends() -> Iterator[Step]:
    """What happens to an allocation, and what remains of it."""
    yield refresh("refresh", "a")
    yield refresh("refresh 1", "a", lifetime(1))
    yield refresh("refresh 1800", "a", lifetime(1800))
    yield refresh("refresh without end", "a", lifetime(0xFFFFFFFF))
    yield refresh("refresh with a short lifetime", "a", (Attr.LIFETIME, b"\0"))
    yield refresh("refresh of the family", "a", family(1))
    yield refresh("refresh of the other family", "a", family(2))
    yield refresh("refresh of a short family", "a", (Attr.REQUESTED_ADDRESS_FAMILY, b"\1"))
    yield refresh("refresh, what must be understood", "a", UNKNOWN)
    yield refresh("refresh with another password", "a", bent="password")
    yield refresh("refresh with another nonce", "a", bent="nonce")
    yield refresh("refresh by another tag", "a", lifetime(0), bent="other")
    yield refresh("refresh with a newer password", "a", bent="newer")
    behind = stun.attribute(*lifetime(0))
    yield allocate("allocate, a third", "c")
    yield refresh("refresh, LIFETIME 0 behind the signature", "c", behind=behind)
    yield allocate("allocate, of another consultation", "d")
    yield permit("permission in another consultation", "d", peer("b"))
    yield indicate("send to another consultation", "d", peer("b"), (Attr.DATA, b"stranger"))
    yield Heard("another consultation is not heard", "a", "b")
    yield refresh("refresh 0", "d", lifetime(0))


STREAM: tuple[Step, ...] = (
    *strangers(),
    *signatures(),
    *allocations(),
    *nothing_allocated(),
    *an_allocation(),
    *channels(),
    *ends(),
)


# Where they differ.

GIVEN = "LIFETIME MESSAGE_INTEGRITY XOR_MAPPED_ADDRESS XOR_RELAYED_ADDRESS"
ALLOCATED = f"success for 600 s: {GIVEN}"
CHALLENGED = "error 401: ERROR_CODE NONCE REALM"
DONE = "success: MESSAGE_INTEGRITY"
ROUND_S = (0, 600, 1800, 3600)  # a lifetime that a password cuts short is another each time


def refused(code: int) -> str:
    return f"error {code}: ERROR_CODE MESSAGE_INTEGRITY"


def unsigned(code: int) -> str:
    return f"error {code}: ERROR_CODE"


def not_understood() -> str:
    return "error 420: ERROR_CODE MESSAGE_INTEGRITY UNKNOWN_ATTRIBUTES"


# What coturn adds to its answers, and we to none.
EVERYWHERE = {
    "FINGERPRINT": "RFC 8489 §7: optional where nothing else shares the port; its configuration "
    "asks for it, and our answers to strangers are small.",
    "0x8010": "A bandwidth that no RFC knows, which tells a client how much it may move.",
}

# Step -> what we answer, what coturn answers, and the reason in a sentence.
DIFFERENCES: dict[str, tuple[str, str, str]] = {
    "unsigned allocate, bare": (
        unsigned(401),
        CHALLENGED,
        "README: no answer to a stranger is longer than 2.5 times its request.",
    ),
    "unsigned refresh": (
        unsigned(401),
        CHALLENGED,
        "README: no answer to a stranger is longer than 2.5 times its request.",
    ),
    "a method for TCP allocations": (
        "silence",
        CHALLENGED,
        "RFC 8489 §6.3: a method that is not known is discarded; README leaves RFC 6062 out.",
    ),
    "nothing: a method for TCP allocations": (
        "silence",
        refused(403),
        "RFC 8489 §6.3: a method that is not known is discarded; README leaves RFC 6062 out.",
    ),
    "another realm": (
        ALLOCATED,
        unsigned(437),
        "RFC 8489 §9.2.4 checks the signature, whose key has the realm in it, and not its name.",
    ),
    "another far expiry": (
        CHALLENGED,
        ALLOCATED,
        "README: a password that ends later than 12 hours from now is none of ours.",
    ),
    "a short signature": (
        "silence",
        CHALLENGED,
        "RFC 8489 §14.5: MESSAGE-INTEGRITY has 20 bytes; what does not add up is no message.",
    ),
    "allocate: transport of nobody": (
        refused(442),
        refused(400),
        "RFC 8656 §7.2: any protocol that is not supported is 442.",
    ),
    "allocate: DONT-FRAGMENT": (
        not_understood(),
        ALLOCATED,
        "README leaves it out; RFC 8656 §7.2 wants 420 then.",
    ),
    "allocate: an even port and the next": (
        refused(508),
        f"success for 600 s: LIFETIME MESSAGE_INTEGRITY RESERVATION_TOKEN {GIVEN[27:]}",
        "README leaves reservations out; RFC 8656 §7.2 wants 508 then.",
    ),
    "allocate: an even port, empty": (
        refused(400),
        ALLOCATED,
        "RFC 8656 §18.6: EVEN-PORT has one byte.",
    ),
    "allocate: a token of nobody": (
        refused(508),
        ALLOCATED,
        "RFC 8656 §7.2: a token that was not given out is 508.",
    ),
    "allocate: a token and an even port": (
        refused(400),
        ALLOCATED,
        "RFC 8656 §7.2: a token and EVEN-PORT in one request are 400.",
    ),
    "allocate: a token and a family": (
        refused(400),
        ALLOCATED,
        "RFC 8656 §7.2: a token and REQUESTED-ADDRESS-FAMILY in one request are 400.",
    ),
    "allocate: a short family": (
        refused(400),
        refused(440),
        "RFC 8656 §18.9: REQUESTED-ADDRESS-FAMILY has four bytes.",
    ),
    "allocate: a ticket to move": (
        ALLOCATED,
        refused(405),
        "RFC 8489 §14: an attribute above 0x8000 may be passed over; README leaves mobility out.",
    ),
    "allocate: a password that ends soon": (
        f"success for less: {GIVEN}",
        f"success for 3600 s: {GIVEN}",
        "README: no allocation outlives its password by more than 60 s.",
    ),
    "nothing: permission": (
        refused(437),
        refused(400),
        "RFC 8656 §5: a request about an allocation that is none is 437.",
    ),
    "nothing: permission without a peer": (
        refused(437),
        refused(400),
        "RFC 8656 §5: a request about an allocation that is none is 437.",
    ),
    "nothing: channel": (
        refused(437),
        refused(400),
        "RFC 8656 §5: a request about an allocation that is none is 437.",
    ),
    "nothing: what must be understood": (
        not_understood(),
        refused(437),
        "RFC 8489 §6.3.1: what is unknown is told before the method has its say.",
    ),
    "allocate anew": (
        refused(437),
        unsigned(437),
        "RFC 8489 §9.2.4: an answer to a request whose signature holds is signed.",
    ),
    "allocate by another tag": (
        refused(437),
        unsigned(437),
        "RFC 8489 §9.2.4: an answer to a request whose signature holds is signed.",
    ),
    "permission with a short peer": (
        refused(400),
        refused(403),
        "RFC 8489 §14.2: an address has the size of its family; this one is nobody's.",
    ),
    "permission by another tag": (
        refused(441),
        unsigned(441),
        "RFC 8489 §9.2.4: an answer to a request whose signature holds is signed.",
    ),
    "channel by another tag": (
        refused(441),
        unsigned(441),
        "RFC 8489 §9.2.4: an answer to a request whose signature holds is signed.",
    ),
    "refresh by another tag": (
        refused(441),
        unsigned(441),
        "RFC 8489 §9.2.4: an answer to a request whose signature holds is signed.",
    ),
    "indications arrive": (
        "indication of b'hello': DATA XOR_PEER_ADDRESS | indication: DATA XOR_PEER_ADDRESS",
        "indication of b'hello': DATA XOR_PEER_ADDRESS | indication: DATA XOR_PEER_ADDRESS"
        " | indication of b'df': DATA XOR_PEER_ADDRESS",
        "RFC 8656 §11.2: a Send indication with DONT-FRAGMENT, which we lack, is discarded.",
    ),
    "channel with a short number": (
        refused(400),
        DONE,
        "RFC 8656 §18.1: CHANNEL-NUMBER has four bytes.",
    ),
    "channel for port 0": (
        DONE,
        refused(400),
        "README: a peer's port is not judged, and the answer is the same for every one.",
    ),
    "refresh of a short family": (
        refused(400),
        refused(443),
        "RFC 8656 §18.9: REQUESTED-ADDRESS-FAMILY has four bytes.",
    ),
    "refresh with a newer password": (
        "success for 600 s: LIFETIME MESSAGE_INTEGRITY",
        unsigned(441),
        "README: whoever holds a password of the same tag may refresh an allocation.",
    ),
    "refresh, LIFETIME 0 behind the signature": (
        "success for 600 s: LIFETIME MESSAGE_INTEGRITY",
        "success for 0 s: LIFETIME MESSAGE_INTEGRITY",
        "RFC 8489 §14.5: what follows MESSAGE-INTEGRITY is ignored (coturn ab762f33).",
    ),
    "another consultation is not heard": (
        "silence",
        "indication of b'stranger': DATA XOR_PEER_ADDRESS",
        "README: a packet leaves only to a member of the same consultation.",
    ),
}


# Who says it.


class Client(asyncio.DatagramProtocol):
    """One five-tuple. It asks in step: behind each message it sends a Binding request, and
    whatever the relay has to say to the first comes before the answer to the second."""

    def __init__(self, tag: str) -> None:
        self.password = password(tag, 2 * 3600)
        self.nonce = b""
        self.relayed = (LOOPBACK, 1)
        self.last = b""
        self._transport: asyncio.DatagramTransport | None = None
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def to(cls, port: int, tag: str) -> AsyncIterator["Client"]:
        loop = asyncio.get_running_loop()
        transport, client = await loop.create_datagram_endpoint(
            lambda: cls(tag), remote_addr=(LOOPBACK, port)
        )
        try:
            # Now it has a session, of which every packet takes the same way.
            await client.said(b"")
            bare = stun.serialise(Kind.REQUEST, Method.ALLOCATE, os.urandom(12), [UDP])
            (challenge,) = await client.said(bare, waits=True)
            client.nonce = stun.parse(challenge).first(Attr.NONCE) or b""
            yield client
        finally:
            transport.close()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override] # what a datagram endpoint passes
        self._transport = transport

    def datagram_received(self, data: bytes, address: object) -> None:
        self._heard.put_nowait(data)

    def send(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.sendto(data)

    async def said(self, data: bytes, *, waits: bool = False) -> list[bytes]:
        """Send a message; return what came of it.

        Args:
            waits: there will be an answer. coturn looks a password up elsewhere meanwhile, and
                answers the barrier first.
        """
        barrier = stun.serialise(Kind.REQUEST, Method.BINDING, BARRIER + os.urandom(8))
        heard = []
        if data:
            self.send(data)
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            if waits:
                heard = await self.until(lambda heard: heard[8:20] == data[8:20])
            waiting = asyncio.create_task(self.until(lambda heard: heard[8:20] == barrier[8:20]))
            while not waiting.done():
                self.send(barrier)  # again, where it was lost: with a socket that was closed
                await asyncio.wait({waiting}, timeout=ASK_AGAIN_S)
            return [*heard, *waiting.result()[:-1]]

    async def until(self, is_it: Callable[[bytes], bool]) -> list[bytes]:
        """Wait for something; return it behind what came before, but for answers to barriers."""
        all_heard: list[bytes] = []
        while True:
            heard = await self._heard.get()
            if is_it(heard):
                return [*all_heard, heard]
            if heard[8:12] != BARRIER:
                all_heard.append(heard)


class Run:
    """The stream, said to one relay."""

    def __init__(self, port: int, stack: AsyncExitStack) -> None:
        self._port, self._stack = port, stack
        self._clients: dict[str, Client] = {}
        self._marks = 0
        self.extras: set[str] = set()

    async def answers(self, expected: Mapping[str, str]) -> dict[str, str]:
        """Say everything; tell by name what was answered.

        Args:
            expected: what will be, so that an answer is waited for where there is one. One that
                was not expected is heard with what comes next.
        """
        answers: dict[str, str] = {}
        for step in STREAM:
            assert step.name not in answers, f"{step.name} is said twice"
            if isinstance(step, Said):
                heard = await self._said(step, waits=expected[step.name] != "silence")
            else:
                heard = await self._heard(step)
            answers[step.name] = " | ".join(map(self._described, heard)) or "silence"
        return answers

    async def _client(self, who: str) -> Client:
        if who not in self._clients:
            made = Client.to(self._port, who.partition("-")[0].replace(" ", "_"))
            self._clients[who] = await self._stack.enter_async_context(made)
        return self._clients[who]

    async def _said(self, said: Said, *, waits: bool) -> list[bytes]:
        client = await self._client(said.who)
        if said.raw:
            return await client.said(said.raw)
        if not said.again:
            client.last = self._written(said, client)
        heard = await client.said(client.last, waits=waits)
        for data in heard:
            if is_message(data) and (value := stun.parse(data).first(Attr.XOR_RELAYED_ADDRESS)):
                client.relayed = stun.read_address(value, data[8:20])
        return heard

    async def _heard(self, heard: Heard) -> list[bytes]:
        sender, receiver = self._clients[heard.sender], self._clients[heard.receiver]
        self._marks += 1
        mark = MARK + bytes([self._marks])
        step = indicate("", heard.sender, peer(heard.receiver), (Attr.DATA, mark))
        assert [] == await sender.said(self._written(step, sender))
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            return (await receiver.until(lambda data: mark in data))[:-1]

    def _written(self, said: Said, client: Client) -> bytes:
        transaction = os.urandom(12)
        attributes = [(attr, self._value(value, transaction)) for attr, value in said.attributes]
        if not said.signed:
            return stun.serialise(said.kind, said.method, transaction, attributes)
        name = bent_name(said.bent, client.password)
        nonce = bytes(reversed(client.nonce)) if said.bent == "nonce" else client.nonce
        signed = [
            (Attr.USERNAME, name.username.encode()),
            (Attr.REALM, b"elsewhere" if said.bent == "realm" else REALM.encode()),
            (Attr.NONCE, nonce),
        ]
        attributes += [each for each in signed if each[0] != said.left_out]
        data = stun.serialise(said.kind, said.method, transaction, attributes, key_of(name))
        longer = (len(data) - stun.HEADER_BYTES + len(said.behind)).to_bytes(2, "big")
        return data[:2] + longer + data[4:] + said.behind

    def _value(self, value: Value, transaction: bytes) -> bytes:
        if isinstance(value, str):
            value = self._clients[value].relayed
        return value if isinstance(value, bytes) else xor_address(*value, transaction)

    def _described(self, data: bytes) -> str:
        """Say an answer in a line: class, code, and the types of its attributes."""
        if not is_message(data):
            return f"channel {data[:2].hex()}: {data[4:]!r}"
        message = stun.parse(data)
        types = {
            Attr(attr).name if attr in list(Attr) else f"{attr:#06x}"
            for attr, _ in message.attributes
        }
        types |= {"MESSAGE_INTEGRITY"} if message.mac else set()
        types |= {"FINGERPRINT"} if data[-8:-4] == b"\x80\x28\0\4" else set()
        self.extras |= types & EVERYWHERE.keys()
        types -= EVERYWHERE.keys()
        kind = message.kind.name.lower()
        if value := message.first(Attr.ERROR_CODE):
            kind += f" {value[2] * 100 + value[3]}"
        if lifetime_s := message.first(Attr.LIFETIME):
            seconds = int.from_bytes(lifetime_s, "big")
            kind += f" for {seconds} s" if seconds in ROUND_S else " for less"
        if payload := message.first(Attr.DATA):
            kind += f" of {payload!r}"
        return f"{kind}: {' '.join(sorted(types))}"


def bent_name(bent: str, given: RelayPassword) -> RelayPassword:
    """Make what a request is signed with, right or wrong."""
    tag = given.username.partition(":")[2]
    match bent:
        case "password":
            return given._replace(password="another")
        case "user":
            return given._replace(username="nobody")
        case "tag":
            return given._replace(username=given.username + "x")
        case "expiry":
            return password(tag, -10)
        case "far expiry":
            return password(tag, 13 * 3600)
        case "newer":
            return password(tag, 3 * 3600)
        case "short":
            return password(tag, 30)
        case "other":
            return password("other")
    return given


def is_message(data: bytes) -> bool:
    """Tell a message from channel data."""
    return not data[0] & 0xC0


@pytest.fixture
async def both() -> AsyncIterator[tuple[Run, Run]]:
    """Our relay and coturn, each by the same limits, and nothing said yet."""
    found = await installed()
    if found.version != VERSION:
        pytest.skip(f"the table is of coturn {'.'.join(map(str, VERSION))}, not {found.name}")
    port = free_port()
    chosen = Coturn(secret=SECRET.decode(), ip=LOOPBACK, port=port)
    alike = replace(GENEROUS, allocations_per_tag=ALLOCATIONS_PER_TAG)
    async with (
        relaying(settings=alike) as server,
        serving(found, chosen),
        AsyncExitStack() as stack,
    ):
        server.relay.bind(["a", "b"])
        (ours,) = server.addresses("udp")
        yield Run(ours.port, stack), Run(port, stack)


async def test_what_we_answer_otherwise_than_coturn_has_its_reason(both: tuple[Run, Run]) -> None:
    """Class, code and attributes of each answer, and who hears whom: no difference that is not
    in the table, and no row in it that is none."""
    our_relay, coturn = both
    ours = await our_relay.answers(dict.fromkeys((step.name for step in STREAM), "silence"))
    expected = {name: row[1] for name, row in DIFFERENCES.items()}
    theirs = await coturn.answers(ours | expected)

    found = {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}

    assert {name: row[:2] for name, row in DIFFERENCES.items()} == found
    assert [set(), set(EVERYWHERE)] == [run.extras for run in both]
