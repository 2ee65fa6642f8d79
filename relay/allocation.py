"""Permissions, channels and deadlines of one allocation, and the routes made of them.

Pure: no sockets, clock, dice or logs. Callers pass points in time, in seconds since 1970.

RFC 8656 §3.2 (allocation), §9 (permissions), §12 (channels).
"""

import struct
from dataclasses import dataclass, field
from typing import NamedTuple

from . import stun
from .effects import Source
from .indications import PeerKey
from .limits import Budget
from .stun import Attr, Kind, Method

CHANNEL_FIRST = 0x4000
# RFC 8656 §12 stops at 0x4FFF; clients of RFC 5766 choose up to here.
CHANNEL_LAST = 0x7FFF

_HEAD = struct.Struct(">HH")
_DATA, _DATA_INDICATION = int(Attr.DATA), int(Kind.INDICATION | Method.DATA)
# A Data indication up to its payload, written at once, by the length of a route's head.
_INDICATIONS = {size: struct.Struct(f">HH{size}sHH") for size in (28, 40)}


class Address(NamedTuple):
    """An address and port, as clients name their far end's relayed one."""

    ip: str
    port: int


class Route(NamedTuple):
    """Where packets of one client to one peer go, decided beforehand: packets are not judged.

    Attributes:
        channel: the number that the receiver bound to the sender; 0 if it bound none, and
            wants Data indications.
        head: of such an indication, from its cookie up to DATA.
        pads: whether the receiver is on a stream.
        budget: who pays.
    """

    to: Source
    channel: int
    head: bytes
    pads: bool
    budget: Budget


class Outward(NamedTuple):
    """Where packets of one client to one peer outside go, decided beforehand. Open relays only."""

    peer: Address
    budget: Budget


@dataclass(slots=True, eq=False)
class Allocation:
    """One client's relayed port.

    Attributes:
        tag: of the password that it was made with.
        username: the same, whole: a repeated request has the same.
        transaction: of the Allocate request.
        answer: what was answered to that, for when it is asked again.
        permissions: peer address to the end of its permission.
        channels: number to peer and end.
        numbers: peer to number, the same the other way round.
        by_channel: routes made so far, by channel number.
        by_peer: the same by what a Send indication says of its peer (`indications.peer_key`).
        outward: the same for peers outside, by either: no channel has the number of a peer, which
            begins with an attribute's type. Open relays only, as is the next.
        inward: how packets of peers outside are written for the client.
        scheduled_at: the whole second in which its deadlines are looked at next.
    """

    source: Source
    tag: str
    username: bytes
    relayed: Address
    transaction: bytes
    expires_at: float
    answer: bytes = b""
    permissions: dict[str, float] = field(default_factory=dict)
    channels: dict[int, tuple[Address, float]] = field(default_factory=dict)
    numbers: dict[Address, int] = field(default_factory=dict)
    by_channel: dict[int, Route] = field(default_factory=dict)
    by_peer: dict[PeerKey, Route] = field(default_factory=dict)
    outward: dict[PeerKey, Outward] = field(default_factory=dict)
    inward: dict[Address, Route] = field(default_factory=dict)
    scheduled_at: float = float("inf")

    @property
    def is_ipv6(self) -> bool:
        """Tell of which family its relayed address is."""
        return ":" in self.relayed.ip

    def may_bind(self, channel: int, peer: Address) -> bool:
        """Tell whether number and peer are free for each other (RFC 8656 §12.2)."""
        bound = self.channels.get(channel)
        return (bound is None or bound[0] == peer) and self.numbers.get(peer, channel) == channel

    def bind(self, channel: int, peer: Address, until: float) -> None:
        """Bind a number to a peer, or renew it."""
        self.channels[channel] = (peer, until)
        self.numbers[peer] = channel

    def next_deadline(self) -> float:
        """Say when something of it ends next."""
        ends = (
            self.expires_at,
            *self.permissions.values(),
            *(e for _, e in self.channels.values()),
        )
        return min(ends)

    def expire(self, now: float) -> None:
        """Drop permissions and channels that have ended."""
        self.permissions = {ip: end for ip, end in self.permissions.items() if end > now}
        self.channels = {n: bound for n, bound in self.channels.items() if bound[1] > now}
        self.numbers = {peer: number for number, (peer, _) in self.channels.items()}

    def clear_routes(self) -> None:
        """Forget decisions; they are made anew when the next packet asks."""
        self.by_channel.clear()
        self.by_peer.clear()
        self.outward.clear()
        self.inward.clear()


def make_route(sender: Address, receiver: Allocation, budget: Budget, transaction: bytes) -> Route:
    """Decide how the receiver gets what the sender sends. Whether it may is decided elsewhere."""
    peer = stun.xor_address(sender.ip, sender.port, transaction)
    head = stun.serialise(
        Kind.INDICATION, Method.DATA, transaction, [(Attr.XOR_PEER_ADDRESS, peer)]
    )
    number, pads = receiver.numbers.get(sender, 0), receiver.source.transport != "udp"
    return Route(receiver.source, number, head[4:], pads, budget)


def carried(route: Route, payload: bytes) -> bytes:
    """Write what the receiver gets. The hot path does the same in place (`overlay`)."""
    size = len(payload)
    padding = bytes(-size % 4)
    if route.channel:
        return _HEAD.pack(route.channel, size) + payload + (padding if route.pads else b"")
    whole = route.head + _HEAD.pack(_DATA, size) + payload + padding
    return _HEAD.pack(_DATA_INDICATION, len(whole) + 4 - stun.HEADER_BYTES) + whole


def overlay(route: Route, view: memoryview, at: int, size: int) -> memoryview:
    """Write the receiver's header in front of the payload in `view[at : at + size]`.

    Padding is written too: what lay there was of another packet.
    """
    padding = -size % 4
    end = at + size
    if route.channel:
        _HEAD.pack_into(view, at - 4, route.channel, size)
        if route.pads and padding:
            view[end : end + padding] = bytes(padding)
            end += padding
        return view[at - 4 : end]
    if padding:
        view[end : end + padding] = bytes(padding)
        end += padding
    head = route.head
    start = at - 8 - len(head)
    _INDICATIONS[len(head)].pack_into(
        view, start, _DATA_INDICATION, end - start - stun.HEADER_BYTES, head, _DATA, size
    )
    return view[start:end]
