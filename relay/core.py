"""The TURN server as a machine: bytes of a client and `now` in, effects out.

Pure: no sockets, clock, dice or logs. Closed: a packet leaves to another allocation of the
same consultation, or not at all.

RFC 8656 (Traversal Using Relays around NAT), RFC 8489 §6.3, §9.2. README says what is left
out, and where an answer differs and why.
"""

import struct
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import credentials, indications, stun
from .allocation import Address, Allocation, Route, carried, overlay
from .consultations import Consultations
from .credentials import REALM, Name
from .effects import Close, Effect, Gone, Opened, Send, Source, Transport
from .limits import Budget, Strangers, Usage, percent
from .nonce import Nonces
from .requests import (
    Granted,
    Refused,
    allocate,
    bind_channel,
    by_family,
    create_permission,
    refresh,
)
from .settings import Settings
from .stun import Attr, BadMessage, Kind, Message, Method
from .table import Table

__all__ = [
    "HEADROOM",
    "TAILROOM",
    "Close",
    "Counters",
    "Effect",
    "Gone",
    "Opened",
    "Relay",
    "Send",
    "Settings",
    "Source",
    "Transport",
]

# Bytes that a door leaves free in front of what it received, and behind it: room for the
# longest header that may take the place of the shortest, and for padding.
HEADROOM = 48
TAILROOM = 4
# What a packet costs beside its payload, so that empty ones are not free.
PACKET_COST_BYTES = 40
# No answer to a stranger is longer than this many times its request.
AMPLIFICATION_MAX = 2.5

_HEAD = struct.Struct(">HH")
_SEND_HEAD = struct.Struct(">2xHI12x12sHH")
_SEND = int(Kind.INDICATION | Method.SEND)
_SEND_PAYLOAD_AT = stun.HEADER_BYTES + 12 + 4
_DATA, _COOKIE = int(Attr.DATA), stun.COOKIE


@dataclass(frozen=True, slots=True)
class Counters:
    """What may be told of the relay: numbers, and of nobody.

    Attributes:
        allocations_percent: of what the process may have.
        packets, bytes: moved since the start; payloads only.
        bytes_percent: of what the process may move, headers included, between two ticks; a burst
            may be over 100.
        dropped: packets over somebody's budget.
        refused: requests by error code.
        unanswered: strangers' requests over their share of answers.
        discarded: what was no message, or not for a relay.
    """

    allocations: int
    allocations_percent: int
    consultations: int
    packets: int
    bytes: int
    bytes_percent: int
    dropped: int
    unanswered: int
    discarded: int
    refused: Mapping[int, int]


class Relay:
    """A TURN server without sockets. `now` is always seconds since 1970.

    Args:
        relayed: the relay's own addresses, one of a family, given out with virtual ports.
        secrets: what relay passwords are made of; the current one first.
        dice: gives n random bytes.

    Raises:
        ValueError: no address, two of a family, or a secret that is too short.
    """

    def __init__(
        self,
        relayed: Sequence[str],
        secrets: Sequence[bytes],
        dice: Callable[[int], bytes],
        settings: Settings | None = None,
        now: float = 0.0,
    ) -> None:
        self._settings = settings = settings or Settings()
        self._relayed = by_family(relayed)
        self._secrets = credentials.checked(secrets)
        self._nonces = Nonces(dice(32))
        self._strangers = Strangers(
            settings.stranger_answers_per_s,
            settings.stranger_burst,
            settings.stranger_slots,
            dice(32),
        )
        self._consultations = Consultations(
            settings.tags_per_consultation,
            settings.ended_tags_max,
            settings.password_max_s,
            settings.consultations_max,
        )
        self._table = Table(settings, self._consultations, dice)
        self._by_source = self._table.by_source
        self._budget = Budget(settings.bytes_per_s, settings.burst_s, now)
        self._usage = Usage(settings.bytes_per_s, now)
        self._packets = self._bytes = self._dropped = self._unanswered = self._discarded = 0
        self._refused: Counter[int] = Counter()

    # The hot path.

    def forward(
        self, source: Source, view: memoryview, size: int
    ) -> tuple[Source, memoryview] | None:
        """Move one packet without copying it: where it goes, and what goes there.

        The message lies in `view[HEADROOM : HEADROOM + size]`, with `TAILROOM` bytes behind
        it; headers are rewritten in place. None: not for this path, give it to `receive`.
        What goes to a stream is padded already.
        """
        allocation = self._by_source.get(source)
        if allocation is None or size < 4:
            return None
        first, length = _HEAD.unpack_from(view, HEADROOM)
        if 0x4000 <= first <= 0x7FFF:
            route = allocation.by_channel.get(first)
            at = HEADROOM + 4
            if route is None or length > size - 4:
                return None
        elif first == _SEND and size >= _SEND_PAYLOAD_AT:
            whole, cookie, peer, type_, length = _SEND_HEAD.unpack_from(view, HEADROOM)
            if whole != size - 20 or cookie != _COOKIE:
                return None
            # XOR-PEER-ADDRESS of IPv4 in front, DATA behind it, and nothing else: Firefox's.
            route = allocation.by_peer.get(peer)
            at = HEADROOM + _SEND_PAYLOAD_AT
            if route is None or type_ != _DATA or length + -length % 4 != size - _SEND_PAYLOAD_AT:
                found = indications.read(allocation.by_peer, view[HEADROOM : HEADROOM + size])
                if found is None:
                    return None
                route, at, length = found
                at += HEADROOM
        else:
            return None
        to, number, _, pads, budget = route
        cost = length + PACKET_COST_BYTES
        if budget.left < cost or self._budget.left < cost:
            return None
        budget.left -= cost
        self._budget.left -= cost
        self._packets += 1
        self._bytes += length
        if number and not pads:
            _HEAD.pack_into(view, at - 4, number, length)
            return to, view[at - 4 : at + length]
        return to, overlay(route, view, at, length)

    # What a client sends.

    def receive(self, source: Source, data: bytes, now: float) -> list[Effect]:
        """Take one datagram, or one message cut from a stream by `framing`."""
        effects = self._expire(now)
        if data[:1] and 0x40 <= data[0] <= 0x7F:
            return effects + self._channel_data(source, data, now)
        try:
            message = stun.parse(data)
        except BadMessage:
            self._discarded += 1
            return effects + ([] if source.transport == "udp" else self._hang_up(source))
        if message.kind == Kind.INDICATION and message.method == Method.SEND:
            return effects + self._send_indication(source, message, now)
        # RFC 8489 §6.3: what is no request, or of a method that we lack, is discarded.
        if message.kind != Kind.REQUEST or message.method not in _ASKED:
            self._discarded += 1
            return effects
        if message.method == Method.BINDING:
            return effects + self._binding(source, message, len(data), now)
        return effects + self._request(source, message, len(data), now)

    def lost(self, source: Source) -> list[Effect]:
        """A stream was closed, by the client or the network: its allocation ends."""
        allocation = self._by_source.get(source)
        if allocation is None:
            return []
        self._table.remove(allocation)
        return [Gone(source)]

    def tick(self, now: float) -> list[Effect]:
        """Let time pass: at least once a second, even when nothing arrives.

        Between two ticks what has ended may still carry packets: `forward` has no clock.
        """
        effects = self._expire(now)
        self._consultations.forget(now)
        self._usage.look(self._bytes + PACKET_COST_BYTES * self._packets, now)
        return effects

    # What the server says.

    def bind(self, tags: Iterable[str]) -> None:
        """These tags, and no others, are one consultation now. Each leaves the one it was in.

        Raises:
            ValueError: too many, or one that is no tag. Nothing has changed then.
        """
        self._table.clear_routes(self._consultations.bind(tags))

    def unbind(self, tags: Iterable[str]) -> None:
        """These tags are of no consultation any more. Their allocations stay, and reach nobody."""
        self._table.clear_routes(self._consultations.unbind(tags))

    def rebind(self, groups: Iterable[Iterable[str]]) -> None:
        """Exactly these consultations are bound: what a server says when it comes back.

        Raises:
            ValueError: as `bind` does, or if a tag is in two. Nothing has changed then.
        """
        self._table.clear_routes(self._consultations.rebind(groups))

    def end(self, tags: Iterable[str], now: float) -> list[Effect]:
        """Unbind tags, end their allocations at once and refuse their passwords from now on."""
        tags = list(tags)
        self.unbind(tags)
        self._consultations.end(tags, now)
        return [
            effect
            for tag in tags
            for allocation in self._table.of_tag(tag)
            for effect in self._finish(allocation)
        ]

    def use_secrets(self, secrets: Sequence[bytes]) -> None:
        """Check passwords with these secrets from now on; the current one first.

        Raises:
            ValueError: none, or one that is too short. Nothing has changed then.
        """
        self._secrets = credentials.checked(secrets)

    def counters(self) -> Counters:
        """Say what may be told."""
        return Counters(
            allocations=len(self._by_source),
            allocations_percent=percent(len(self._by_source), self._settings.allocations_max),
            consultations=len(self._consultations),
            packets=self._packets,
            bytes=self._bytes,
            bytes_percent=self._usage.percent,
            dropped=self._dropped,
            unanswered=self._unanswered,
            discarded=self._discarded,
            refused=dict(self._refused),
        )

    # Packets that took the slow way: the first on a route, or one over a budget.

    def _channel_data(self, source: Source, data: bytes, now: float) -> list[Effect]:
        allocation = self._by_source.get(source)
        if allocation is None or len(data) < 4:
            return []
        number, length = _HEAD.unpack_from(data)
        bound = allocation.channels.get(number)
        # RFC 8656 §12.6: a length that does not fit, or an unknown number, is dropped in silence.
        if bound is None or length > len(data) - 4:
            return []
        route = allocation.by_channel.get(number) or self._table.route(allocation, bound[0])
        if route is None:
            return []
        allocation.by_channel[number] = route
        return self._carry(route, data[4 : 4 + length], now)

    def _send_indication(self, source: Source, message: Message, now: float) -> list[Effect]:
        allocation = self._by_source.get(source)
        peer_value, payload = message.first(Attr.XOR_PEER_ADDRESS), message.first(Attr.DATA)
        # RFC 8656 §11.2: in silence, also for DONT-FRAGMENT, which is unknown here.
        if allocation is None or message.unknown or peer_value is None or payload is None:
            return []
        try:
            peer = Address(*stun.read_address(peer_value, message.transaction))
        except BadMessage:
            return []
        route = self._table.route(allocation, peer)
        if route is None:
            return []
        # One key for each peer: the first byte means nothing, and is zero (RFC 8489 §14.1).
        if peer_value[0] == 0:
            key = indications.peer_key(peer_value, message.transaction)
            route = allocation.by_peer.setdefault(key, route)
        return self._carry(route, payload, now)

    def _carry(self, route: Route, payload: bytes, now: float) -> list[Effect]:
        if not self._pay(route.budget, len(payload), now):
            return []
        return [Send(route.to, carried(route, payload))]

    def _pay(self, budget: Budget, size: int, now: float) -> bool:
        """Take a packet of so many bytes from somebody's purse and ours, and count it."""
        cost = size + PACKET_COST_BYTES
        budgets = (budget, self._budget)
        if not all([each.has(cost, now) for each in budgets]):
            self._dropped += 1
            return False
        for each in budgets:
            each.left -= cost
        self._packets += 1
        self._bytes += size
        return True

    # Requests.

    def _binding(self, source: Source, message: Message, size: int, now: float) -> list[Effect]:
        if message.unknown:
            return self._to_stranger(source, message, size, Refused(420, _unknown(message)), now)
        mapped = stun.xor_address(source.ip, source.port, message.transaction)
        return self._answer_stranger(
            source, message, Kind.SUCCESS, [(Attr.XOR_MAPPED_ADDRESS, mapped)], now
        )

    def _request(self, source: Source, message: Message, size: int, now: float) -> list[Effect]:
        proven = self._authenticate(source, message, now)
        if isinstance(proven, Refused):
            return self._to_stranger(source, message, size, proven, now)
        return self._proven(source, message, *proven, now)

    def _proven(
        self, source: Source, message: Message, name: Name, key: bytes, now: float
    ) -> list[Effect]:
        """Take a request of somebody who has proven to know a password."""
        return self._answer(source, message, key, self._decide(source, message, name, now))

    def _answer(
        self, source: Source, message: Message, key: bytes, outcome: Granted | Refused
    ) -> list[Effect]:
        """Say what came of a request, signed."""
        effects: list[Effect] = []
        if isinstance(outcome, Refused):
            self._refused[outcome.code] += 1
            kind = Kind.ERROR
            attributes = [(Attr.ERROR_CODE, stun.error_code(outcome.code)), *outcome.attributes]
        else:
            kind, attributes = Kind.SUCCESS, [*outcome.attributes]
        answer = stun.serialise(kind, message.method, message.transaction, attributes, key)
        if isinstance(outcome, Granted):
            if outcome.opened:
                outcome.opened.answer = answer
                effects.append(Opened(source))
            if outcome.ended:
                self._table.remove(outcome.ended)
                effects.append(Gone(source))
            answer = outcome.repeated or answer
        return [*effects, Send(source, answer)]

    def _authenticate(
        self, source: Source, message: Message, now: float
    ) -> tuple[Name, bytes] | Refused:
        """Check a request's signature, in the order of RFC 8489 §9.2.4."""
        if not message.mac:
            return Refused(401)
        username, nonce = message.first(Attr.USERNAME), message.first(Attr.NONCE)
        if username is None or nonce is None or message.first(Attr.REALM) is None:
            return Refused(400)
        if not self._nonces.know(nonce, source, now):
            return Refused(438)
        name = credentials.read_name(username)
        # Every key is tried, so that time does not tell which one matched.
        held = [
            key for key in credentials.keys(self._secrets, username) if stun.holds(message, key)
        ]
        if name is None or not held:
            return Refused(401)
        if not now < name.expires_at <= now + self._settings.password_max_s:
            return Refused(401)
        return name, held[0]

    def _decide(
        self, source: Source, message: Message, name: Name, now: float
    ) -> Granted | Refused:
        if refused := self._refuse(message, name):
            return refused
        table, settings, relayed = self._table, self._settings, self._relayed
        allocation = self._by_source.get(source)
        if message.method == Method.ALLOCATE:
            return allocate(table, settings, relayed, source, message, name, now)
        if allocation is None:
            return Refused(437)
        # §5: the same tag, not the same name: who was given a newer password may use it.
        if allocation.tag != name.tag:
            return Refused(441)
        if message.method == Method.REFRESH:
            return refresh(table, settings, allocation, message, name, now)
        if message.method == Method.CREATE_PERMISSION:
            return create_permission(table, settings, self._may_reach, allocation, message, now)
        return bind_channel(table, settings, self._may_reach, allocation, message, now)

    def _refuse(self, message: Message, name: Name) -> Refused | None:
        """Refuse what is refused whatever it asks for."""
        if message.unknown:
            return Refused(420, _unknown(message))
        return Refused(403) if self._consultations.has_ended(name.tag) else None

    def _may_reach(self, ip: str) -> bool:
        """Tell whether an address may be a peer's: closed, the relay's own and no other."""
        return ip in self._relayed.values()

    # Answers to those who have proven nothing: small, and few.

    def _to_stranger(
        self, source: Source, message: Message, size: int, refused: Refused, now: float
    ) -> list[Effect]:
        attributes = [(Attr.ERROR_CODE, stun.error_code(refused.code)), *refused.attributes]
        if refused.code in (401, 438):
            challenge = [
                (Attr.REALM, REALM.encode()),
                (Attr.NONCE, self._nonces.give(source, now)),
            ]
            whole = sum(len(stun.attribute(*each)) for each in attributes + challenge)
            # A request too short for its answer is none that a client sends: it gets the code.
            if stun.HEADER_BYTES + whole <= AMPLIFICATION_MAX * size:
                attributes += challenge
        self._refused[refused.code] += 1
        return self._answer_stranger(source, message, Kind.ERROR, attributes, now)

    def _answer_stranger(
        self,
        source: Source,
        message: Message,
        kind: Kind,
        attributes: list[tuple[int, bytes]],
        now: float,
    ) -> list[Effect]:
        # A stream has shown where it comes from: nobody else gets its answers.
        if source.transport == "udp" and not self._strangers.may_have_one(source.ip, now):
            self._unanswered += 1
            return []
        answer = stun.serialise(kind, message.method, message.transaction, attributes)
        return [Send(source, answer)]

    # Ends.

    def _expire(self, now: float) -> list[Effect]:
        return [
            effect
            for allocation in self._table.expire(now)
            for effect in _farewell(allocation.source)
        ]

    def _finish(self, allocation: Allocation) -> list[Effect]:
        self._table.remove(allocation)
        return _farewell(allocation.source)

    def _hang_up(self, source: Source) -> list[Effect]:
        return [*self.lost(source), Close(source)]


_ASKED = frozenset(
    {
        Method.BINDING,
        Method.ALLOCATE,
        Method.REFRESH,
        Method.CREATE_PERMISSION,
        Method.CHANNEL_BIND,
    }
)


def _farewell(source: Source) -> list[Effect]:
    """Say that an allocation ended by our doing: its stream is closed with it."""
    return [Gone(source)] if source.transport == "udp" else [Gone(source), Close(source)]


def _unknown(message: Message) -> list[tuple[int, bytes]]:
    """List what should have been understood (RFC 8489 §14.9)."""
    types = b"".join(attr.to_bytes(2, "big") for attr in message.unknown)
    return [(Attr.UNKNOWN_ATTRIBUTES, types)]
