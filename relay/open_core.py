"""The relay when it is open: its clients also reach peers that are not on it.

Pure: no sockets, clock, dice or logs. Beside what a closed relay does there are two ways: from
a client out of a UDP port of its own, and from a peer in through the same. Which peers may be
reached is `policy`'s to say. Two clients of this relay meet inside, by the closed rule.

RFC 8656 §7.2 (the relayed port), §9 (permissions), §11, §12 (Send, Data, channels).
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from . import indications, stun
from .allocation import Address, Allocation, Outward, make_route, overlay
from .core import HEADROOM, PACKET_COST_BYTES, Relay
from .credentials import Name
from .effects import Effect, OpenPort, Source, ToPeer
from .indications import PeerKey
from .policy import Network, may_reach
from .requests import Wanted, begin, judge
from .settings import Settings
from .stun import Attr, BadMessage, Kind, Message, Method

__all__ = ["OpenRelay"]

# Another process may have some of them; whoever has all of these leaves us none.
PORTS_TRIED = 16
# Peers of one client whose packets take the hot path. A peer may have a port for each packet.
ROUTES_MAX = 64
# What fits into one datagram with the longest header, and its length into sixteen bits.
PAYLOAD_MAX_BYTES = 65_000

_HEAD = struct.Struct(">HH")
_SEND_HEAD = struct.Struct(">2xHI12x12sHH")
_SEND = int(Kind.INDICATION | Method.SEND)
_SEND_PAYLOAD_AT = stun.HEADER_BYTES + 12 + 4
_DATA, _COOKIE = int(Attr.DATA), stun.COOKIE


@dataclass(frozen=True, slots=True)
class _Asked:
    """An Allocate request that is answered when its port is open."""

    message: Message
    name: Name
    key: bytes
    wanted: Wanted


class OpenRelay(Relay):
    """A TURN server without sockets, whose clients reach the internet.

    Args:
        own: addresses of this machine besides `relayed`. None of them is a peer, whatever
            is allowed.
        allowed: networks that an operator opens on purpose.

    Raises:
        ValueError: as `Relay` does.
    """

    def __init__(
        self,
        relayed: Sequence[str],
        secrets: Sequence[bytes],
        dice: Callable[[int], bytes],
        settings: Settings | None = None,
        now: float = 0.0,
        *,
        own: Sequence[str] = (),
        allowed: Sequence[Network] = (),
    ) -> None:
        super().__init__(relayed, secrets, dice, settings, now)
        self._dice = dice
        self._inside = frozenset(self._relayed.values())
        self._own = frozenset({*self._inside, *own})
        self._allowed = tuple(allowed)
        self._asked: dict[Source, _Asked] = {}

    # The hot paths. What goes from client to client inside is on `forward`.

    def forward_out(
        self, source: Source, view: memoryview, size: int
    ) -> tuple[Address, memoryview] | None:
        """Move one packet of a client to a peer outside, without copying it.

        As `forward`: the message lies in `view[HEADROOM : HEADROOM + size]`, and None is
        for what is not for this path.
        """
        allocation = self._by_source.get(source)
        if allocation is None or size < 4:
            return None
        first, length = _HEAD.unpack_from(view, HEADROOM)
        if 0x4000 <= first <= 0x7FFF:
            route = allocation.outward.get(first)
            at = HEADROOM + 4
            if route is None or length > size - 4:
                return None
        elif first == _SEND and size >= _SEND_PAYLOAD_AT:
            whole, cookie, peer, type_, length = _SEND_HEAD.unpack_from(view, HEADROOM)
            if whole != size - 20 or cookie != _COOKIE:
                return None
            at = HEADROOM + _SEND_PAYLOAD_AT
            # XOR-PEER-ADDRESS of IPv4 in front, DATA behind it, and nothing else: Firefox's.
            if type_ == _DATA and length + -length % 4 == size - _SEND_PAYLOAD_AT:
                route = allocation.outward.get(peer)
                if route is None:
                    return None
            else:
                found = indications.read(allocation.outward, view[HEADROOM : HEADROOM + size])
                if found is None:
                    return None
                route, at, length = found
                at += HEADROOM
        else:
            return None
        to, budget = route
        cost = length + PACKET_COST_BYTES
        if budget.left < cost or self._budget.left < cost:
            return None
        budget.left -= cost
        self._budget.left -= cost
        self._packets += 1
        self._bytes += length
        return to, view[at : at + length]

    def forward_in(
        self, source: Source, peer: tuple[str, int], view: memoryview, size: int
    ) -> tuple[Source, memoryview] | None:
        """Move one packet of a peer to the client whose port it came to, without copying it.

        The payload lies in `view[HEADROOM : HEADROOM + size]`. None: give it to `hear`.
        """
        allocation = self._by_source.get(source)
        if allocation is None:
            return None
        # A tuple of both is equal to an Address, and has the same hash.
        route = allocation.inward.get(peer)  # type: ignore[call-overload]
        cost = size + PACKET_COST_BYTES
        if route is None or size > PAYLOAD_MAX_BYTES:
            return None
        budget = route.budget
        if budget.left < cost or self._budget.left < cost:
            return None
        budget.left -= cost
        self._budget.left -= cost
        self._packets += 1
        self._bytes += size
        return source, overlay(route, view, HEADROOM, size)

    # What happens at a client's port.

    def port_opened(self, source: Source, port: int | None, now: float) -> list[Effect]:
        """Hear what came of `OpenPort`; None if the system gave none of them."""
        asked = self._asked.pop(source)
        outcome = begin(self._table, source, asked.message, asked.name, asked.wanted, port, now)
        return self._answer(source, asked.message, asked.key, outcome)

    def hear(self, source: Source, peer: Address, data: bytes, now: float) -> list[Effect]:
        """Take one datagram that came from a peer to a client's port.

        Without a permission for its address it is dropped, and nothing is held for it. What
        comes from our own address is forged: clients of this relay meet inside.
        """
        effects = self._expire(now)
        allocation = self._by_source.get(source)
        if (
            allocation is None
            or peer.ip in self._inside
            or peer.ip not in allocation.permissions
            or len(data) > PAYLOAD_MAX_BYTES
        ):
            self._discarded += 1
            return effects
        route = allocation.inward.get(peer)
        if route is None:
            purse = self._table.purses(allocation.tag).inward
            route = make_route(peer, allocation, purse, self._dice(12))
            if len(allocation.inward) < ROUTES_MAX:
                allocation.inward[peer] = route
        return effects + self._carry(route, data, now)

    # What differs from a closed relay.

    def _may_reach(self, ip: str) -> bool:
        """Tell whether an address may be a peer's. Our own is one: its clients meet inside."""
        return ip in self._inside or may_reach(ip, self._own, self._allowed)

    def _proven(
        self, source: Source, message: Message, name: Name, key: bytes, now: float
    ) -> list[Effect]:
        if message.method != Method.ALLOCATE:
            return super()._proven(source, message, name, key, now)
        table, settings = self._table, self._settings
        outcome = self._refuse(message, name) or judge(
            table, settings, self._relayed, source, message, name, now
        )
        if not isinstance(outcome, Wanted):
            return self._answer(source, message, key, outcome)
        free = table.free_ports(outcome.ip, even=outcome.is_even)
        self._asked[source] = _Asked(message, name, key, outcome)
        return [OpenPort(source, outcome.ip, tuple(islice(free, PORTS_TRIED)))]

    def _channel_data(self, source: Source, data: bytes, now: float) -> list[Effect]:
        allocation = self._by_source.get(source)
        if allocation is None or len(data) < 4:
            return []
        number, length = _HEAD.unpack_from(data)
        bound = allocation.channels.get(number)
        if bound is None or bound[0].ip in self._inside:
            return super()._channel_data(source, data, now)
        # RFC 8656 §12.6: a length that does not fit is dropped in silence.
        if length > len(data) - 4:
            return []
        return self._send_out(allocation, bound[0], number, data[4 : 4 + length], now)

    def _send_indication(self, source: Source, message: Message, now: float) -> list[Effect]:
        allocation = self._by_source.get(source)
        peer_value, payload = message.first(Attr.XOR_PEER_ADDRESS), message.first(Attr.DATA)
        # RFC 8656 §11.2: in silence.
        if allocation is None or message.unknown or peer_value is None or payload is None:
            return []
        try:
            peer = Address(*stun.read_address(peer_value, message.transaction))
        except BadMessage:
            return []
        if peer.ip in self._inside:
            return super()._send_indication(source, message, now)
        key = indications.peer_key(peer_value, message.transaction)
        return self._send_out(allocation, peer, key, payload, now)

    def _send_out(
        self,
        allocation: Allocation,
        peer: Address,
        key: PeerKey,
        payload: bytes,
        now: float,
    ) -> list[Effect]:
        """Send a payload to a peer outside; the next one by the same key is on the hot path."""
        # Permissions are granted by the policy, and by nothing else.
        if peer.ip not in allocation.permissions or peer.port == 0:
            return []
        purse = self._table.purses(allocation.tag).own
        if not self._pay(purse, len(payload), now):
            return []
        if len(allocation.outward) < ROUTES_MAX:
            allocation.outward[key] = Outward(peer, purse)
        return [ToPeer(allocation.source, peer, payload)]
