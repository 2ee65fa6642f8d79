"""A client of the relay, as browsers are: asks, signs, and keeps what it was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from hypothesis import strategies as st

from relay import credentials, stun
from relay.core import HEADROOM, TAILROOM, Effect, Relay, Send, Settings, Source
from relay.credentials import RelayPassword
from relay.stun import Attr, Kind, Message, Method
from tests.clock import Clock
from tests.dice import Dice

SECRET = b"a secret of at least 32 bytes ..."
RELAYED = "198.51.100.1"
RELAYED_V6 = "2001:db8::1"
UDP = (Attr.REQUESTED_TRANSPORT, b"\x11\0\0\0")
Attributes = Sequence[tuple[int, bytes]]


def new_relay(clock: Clock, settings: Settings | None = None, *, seed: int = 0) -> Relay:
    """A relay with both families and its dice."""
    return Relay([RELAYED, RELAYED_V6], [SECRET], Dice(seed), settings, clock.now)


def password(clock: Clock, tag: str, lifetime_s: float = 3600) -> RelayPassword:
    """What the server gives the holder of a tag."""
    return credentials.mint(SECRET, tag, int(clock.now + lifetime_s))


@dataclass
class Answer:
    """What came back: nothing, or one message, with whatever else was to be done."""

    effects: list[Effect]
    data: bytes

    @property
    def message(self) -> Message:
        return stun.parse(self.data)

    @property
    def code(self) -> int | None:
        """The error code; 0 for a success, None for silence."""
        if not self.data:
            return None
        value = self.message.first(Attr.ERROR_CODE)
        return value[2] * 100 + value[3] if value else 0

    def first(self, attr: int) -> bytes:
        return self.message.first(attr) or b""


class TurnClient:
    """One five-tuple. Unrealistic: its packets are never lost, unless it says them twice."""

    def __init__(
        self,
        relay: Relay,
        clock: Clock,
        tag: str = "tag",
        *,
        port: int = 40_000,
        ip: str = "192.0.2.1",
        transport: str = "udp",
        lifetime_s: float = 3600,
    ) -> None:
        self.relay = relay
        self.clock = clock
        self.source = Source(transport, ip, port)  # type: ignore[arg-type]
        self.password = password(clock, tag, lifetime_s)
        self.nonce = b""
        self.relayed = ("", 0)
        self._turn = 0

    def transaction(self) -> bytes:
        self._turn += 1
        return self._turn.to_bytes(12, "big")

    def receive(self, data: bytes) -> Answer:
        """Hand bytes to the relay; keep what it answers to us."""
        effects = self.relay.receive(self.source, data, self.clock.now)
        sent = [each.data for each in effects if isinstance(each, Send) and each.to == self.source]
        return Answer(effects, sent[0] if sent else b"")

    def request(
        self,
        method: int,
        attributes: Attributes = (),
        *,
        name: RelayPassword | None = None,
        transaction: bytes = b"",
    ) -> bytes:
        """Write a signed request."""
        name = name or self.password
        signed = [
            *attributes,
            (Attr.USERNAME, name.username.encode()),
            (Attr.REALM, credentials.REALM.encode()),
            (Attr.NONCE, self.nonce or self._fresh_nonce()),
        ]
        return stun.serialise(
            Kind.REQUEST,
            method,
            transaction or self.transaction(),
            signed,
            credentials.key_of(name),
        )

    def _fresh_nonce(self) -> bytes:
        bare = stun.serialise(Kind.REQUEST, Method.ALLOCATE, self.transaction(), [UDP])
        self.nonce = self.receive(bare).first(Attr.NONCE)
        return self.nonce

    def ask(
        self, method: int, attributes: Attributes = (), name: RelayPassword | None = None
    ) -> Answer:
        """Ask, signed."""
        return self.receive(self.request(method, attributes, name=name))

    def allocate(self, *attributes: tuple[int, bytes]) -> Answer:
        """Ask for a virtual port and keep it."""
        answer = self.ask(Method.ALLOCATE, [UDP, *attributes])
        if answer.code == 0:
            message = answer.message
            value = answer.first(Attr.XOR_RELAYED_ADDRESS)
            self.relayed = stun.read_address(value, message.transaction)
        return answer

    def refresh(self, lifetime_s: int | None = None, name: RelayPassword | None = None) -> Answer:
        wanted = [] if lifetime_s is None else [(Attr.LIFETIME, lifetime_s.to_bytes(4, "big"))]
        return self.ask(Method.REFRESH, wanted, name)

    def peers(self, method: int, *peers: tuple[str, int], channel: int | None = None) -> Answer:
        """Ask for something about peers."""
        transaction = self.transaction()
        attributes: list[tuple[int, bytes]] = [
            (Attr.XOR_PEER_ADDRESS, xor_address(*peer, transaction)) for peer in peers
        ]
        if channel is not None:
            attributes.append((Attr.CHANNEL_NUMBER, channel.to_bytes(2, "big") + b"\0\0"))
        return self.receive(self.request(method, attributes, transaction=transaction))

    def permit(self, *peers: tuple[str, int]) -> Answer:
        return self.peers(Method.CREATE_PERMISSION, *peers)

    def bind(self, channel: int, peer: tuple[str, int]) -> Answer:
        return self.peers(Method.CHANNEL_BIND, peer, channel=channel)

    def indicate(self, payload: bytes, peer: tuple[str, int]) -> list[Effect]:
        """Send an indication, as Firefox does."""
        return self.relay.receive(self.source, indication(payload, peer), self.clock.now)

    def forward(self, data: bytes) -> Send | None:
        """Give a packet to the hot path, among bytes of other packets."""
        buffer = bytearray(b"\xee" * (HEADROOM + len(data) + TAILROOM))
        buffer[HEADROOM : HEADROOM + len(data)] = data
        moved = self.relay.forward(self.source, memoryview(buffer), len(data))
        return moved and Send(moved[0], bytes(moved[1]))

    def channel_data(self, channel: int, payload: bytes) -> list[Effect]:
        """Send on a channel, as Chromium does."""
        return self.relay.receive(self.source, channel_data(channel, payload), self.clock.now)


def xor_address(ip: str, port: int, transaction: bytes) -> bytes:
    """Write an address as a hostile client may, IPv4 inside IPv6 included."""
    address = ip_address(ip)
    if address.version == 4 or not address.ipv4_mapped:
        return stun.xor_address(ip, port, transaction)
    plain = stun.xor_address("::1", port, transaction)
    pad = stun.COOKIE.to_bytes(4, "big") + transaction
    return plain[:4] + bytes(a ^ b for a, b in zip(address.packed, pad, strict=True))


def indication(payload: bytes, peer: tuple[str, int], transaction: bytes = b"t" * 12) -> bytes:
    """A Send indication."""
    return stun.serialise(
        Kind.INDICATION,
        Method.SEND,
        transaction,
        [(Attr.XOR_PEER_ADDRESS, xor_address(*peer, transaction)), (Attr.DATA, payload)],
    )


def indications_of(payload: bytes, peer: tuple[str, int]) -> list[bytes]:
    """Send indications as clients write them: in either order, with a FINGERPRINT or without."""
    return [
        stun.serialise(Kind.INDICATION, Method.SEND, new, attributes, fingerprint=has_fingerprint)
        for new in (b"n" * 12, b"e" * 12)
        for has_fingerprint in (False, True)
        for whom in [(Attr.XOR_PEER_ADDRESS, stun.xor_address(*peer, new))]
        for what in [(Attr.DATA, payload)]
        for attributes in ([whom, what], [what, whom])
    ]


def bent_indications_of(payload: bytes, peer: tuple[str, int]) -> list[bytes]:
    """Send indications to a peer of IPv4 that no hot path may be sure of."""
    good = indication(payload, peer)

    def said_to_end(data: bytes, end: int) -> bytes:
        return data[:2] + (end - stun.HEADER_BYTES).to_bytes(2, "big") + data[4:]

    unknown = stun.attribute(0x001A, b"") + stun.attribute(0x8022, b"")
    with_fingerprint = indications_of(payload, peer)[2:4]
    return [
        good[:-4],
        good + bytes(4),
        said_to_end(good, len(good) - 4),
        said_to_end(good, len(good) + 4),
        good[:4] + bytes(4) + good[8:],
        *(each[:-1] + bytes((each[-1] ^ 1,)) for each in with_fingerprint),
        said_to_end(good + unknown, len(good + unknown)),
        good[:32] + b"\x00\x12" + good[34:],
    ]


def channel_data(channel: int, payload: bytes) -> bytes:
    """ChannelData in a datagram."""
    return channel.to_bytes(2, "big") + len(payload).to_bytes(2, "big") + payload


def met(relay: Relay, clock: Clock, *tags: str) -> list[TurnClient]:
    """Clients of one consultation, allocated and permitted, each at its own port."""
    first = 10 + relay.counters().allocations
    clients = [
        TurnClient(relay, clock, tag, ip=f"192.0.2.{first + n}") for n, tag in enumerate(tags)
    ]
    relay.bind(tags)
    for client in clients:
        assert client.allocate().code == 0
        assert client.permit((client.relayed[0], 9)).code == 0
    return clients


def bent_of(good: list[bytes], data: st.DataObject) -> bytes:
    """One of these packets, with bytes changed, its end cut off, or something behind it."""
    bent = bytearray(data.draw(st.sampled_from(good)))
    # Types and lengths are where a reader goes wrong.
    for at in data.draw(st.lists(st.integers(0, len(bent) - 1), max_size=3)):
        bent[at] = data.draw(
            st.sampled_from([0, 4, 5, 8, 12, 0x12, 0x13, 0x14]) | st.integers(0, 255)
        )
    end = data.draw(st.just(len(bent)) | st.integers(0, len(bent)))
    return bytes(bent[:end]) + data.draw(st.just(b"") | st.binary(max_size=12))
