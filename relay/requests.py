"""What an authenticated request is granted, or the code with which it is refused.

Pure. Each function is the RFC's list of checks, in its order; what differs says why. Who
asks has been proven before, and that they may ask at all.

RFC 8656 §7.2 (Allocate), §8.2 (Refresh), §10.2 (CreatePermission), §12.2 (ChannelBind).
"""

import ipaddress
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import stun
from .allocation import CHANNEL_FIRST, CHANNEL_LAST, Address, Allocation
from .credentials import Name
from .effects import Source
from .settings import Settings
from .stun import Attr, BadMessage, Message
from .table import Table

UDP = 17
IPV4 = 1

# Whether an address may be a peer's.
Judge = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Granted:
    """A success, and what came of it.

    Attributes:
        opened: the allocation that began.
        ended: the allocation that its client gave back.
        repeated: the answer that was given before, to the same request.
    """

    attributes: Sequence[tuple[int, bytes]] = ()
    opened: Allocation | None = None
    ended: Allocation | None = None
    repeated: bytes = b""


@dataclass(frozen=True, slots=True)
class Refused:
    """An error."""

    code: int
    attributes: Sequence[tuple[int, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """An allocation that may begin, and has no port yet.

    Attributes:
        ip: of the relayed address.
        is_even: of its port (EVEN-PORT).
    """

    ip: str
    is_even: bool
    lifetime_s: int


def judge(
    table: Table,
    settings: Settings,
    relayed: Mapping[int, str],
    source: Source,
    message: Message,
    name: Name,
    now: float,
) -> Wanted | Granted | Refused:
    """Check whether a client may have a relayed port (RFC 8656 §7.2)."""
    username = message.first(Attr.USERNAME) or b""
    # 2. A client that lost our answer asks again and gets the same; anybody else is late.
    if living := table.by_source.get(source):
        if (living.transaction, living.username) == (message.transaction, username):
            return Granted(repeated=living.answer)
        return Refused(437)
    # 3. UDP is all there is.
    transport = message.first(Attr.REQUESTED_TRANSPORT)
    if transport is None or len(transport) != 4:
        return Refused(400)
    if transport[0] != UDP:
        return Refused(442)
    # 4. DONT-FRAGMENT is unknown here, and refused as such before.
    # 5, 6, 7. Nothing is reserved, so no token was ever given.
    family = message.first(Attr.REQUESTED_ADDRESS_FAMILY)
    even = message.first(Attr.EVEN_PORT)
    if message.first(Attr.RESERVATION_TOKEN) is not None:
        return Refused(508 if family is even is None else 400)
    if family is not None and len(family) != 4:
        return Refused(400)
    ip = relayed.get(family[0] if family else IPV4)
    if ip is None:
        return Refused(440)
    if even is not None:
        if len(even) != 1:
            return Refused(400)
        if even[0] & 0x80:
            return Refused(508)
    # 8, 9. What a tag, and the process, may have.
    if len(table.of_tag(name.tag)) >= settings.allocations_per_tag:
        return Refused(486)
    if table.is_full_for(name.tag):
        return Refused(508)
    lifetime_s = _lifetime(settings, message, name, now)
    if lifetime_s is None:
        return Refused(400)
    # A lifetime of zero asks for nothing: the least is given, as for any that is short.
    return Wanted(ip, even is not None, lifetime_s or _lifetime_default(settings, name, now))


def begin(
    table: Table,
    source: Source,
    message: Message,
    name: Name,
    wanted: Wanted,
    port: int | None,
    now: float,
) -> Granted | Refused:
    """Begin an allocation at a port, if there is one."""
    if port is None:
        return Refused(508)
    allocation = Allocation(
        source=source,
        tag=name.tag,
        username=message.first(Attr.USERNAME) or b"",
        relayed=Address(wanted.ip, port),
        transaction=message.transaction,
        expires_at=now + wanted.lifetime_s,
    )
    table.add(allocation, now)
    return Granted(
        [
            (Attr.XOR_RELAYED_ADDRESS, stun.xor_address(wanted.ip, port, message.transaction)),
            (Attr.LIFETIME, wanted.lifetime_s.to_bytes(4, "big")),
            (
                Attr.XOR_MAPPED_ADDRESS,
                stun.xor_address(source.ip, source.port, message.transaction),
            ),
        ],
        opened=allocation,
    )


def allocate(
    table: Table,
    settings: Settings,
    relayed: Mapping[int, str],
    source: Source,
    message: Message,
    name: Name,
    now: float,
) -> Granted | Refused:
    """Give a client a virtual port (RFC 8656 §7.2)."""
    wanted = judge(table, settings, relayed, source, message, name, now)
    if not isinstance(wanted, Wanted):
        return wanted
    port = next(table.free_ports(wanted.ip, even=wanted.is_even), None)
    return begin(table, source, message, name, wanted, port, now)


def refresh(
    table: Table,
    settings: Settings,
    allocation: Allocation,
    message: Message,
    name: Name,
    now: float,
) -> Granted | Refused:
    """Prolong an allocation, or end it (RFC 8656 §8.2)."""
    family = message.first(Attr.REQUESTED_ADDRESS_FAMILY)
    if family is not None:
        if len(family) != 4:
            return Refused(400)
        if family[0] != (2 if allocation.is_ipv6 else IPV4):
            return Refused(443)
    lifetime_s = _lifetime(settings, message, name, now)
    if lifetime_s is None:
        return Refused(400)
    answer = [(Attr.LIFETIME, lifetime_s.to_bytes(4, "big"))]
    if lifetime_s == 0:
        return Granted(answer, ended=allocation)
    allocation.expires_at = now + lifetime_s
    table.changed(allocation)
    return Granted(answer)


def create_permission(
    table: Table,
    settings: Settings,
    may_reach: Judge,
    allocation: Allocation,
    message: Message,
    now: float,
) -> Granted | Refused:
    """Let peers at some addresses in (RFC 8656 §10.2): all of them, or none."""
    values = message.all(Attr.XOR_PEER_ADDRESS)
    if not values:
        return Refused(400)
    peers = []
    for value in values:
        peer = _peer(may_reach, allocation, value, message.transaction)
        if isinstance(peer, Refused):
            return peer
        peers.append(peer)
    if not _has_room(settings, allocation, peers):
        return Refused(508)
    for peer in peers:
        allocation.permissions[peer.ip] = now + settings.permission_s
    table.changed(allocation)
    return Granted()


def bind_channel(
    table: Table,
    settings: Settings,
    may_reach: Judge,
    allocation: Allocation,
    message: Message,
    now: float,
) -> Granted | Refused:
    """Give a peer a number (RFC 8656 §12.2), and let it in."""
    value, number = message.first(Attr.XOR_PEER_ADDRESS), message.first(Attr.CHANNEL_NUMBER)
    if value is None or number is None or len(number) != 4:
        return Refused(400)
    (channel,) = struct.unpack(">H2x", number)
    if not CHANNEL_FIRST <= channel <= CHANNEL_LAST:
        return Refused(400)
    peer = _peer(may_reach, allocation, value, message.transaction)
    if isinstance(peer, Refused):
        return peer
    if not allocation.may_bind(channel, peer):
        return Refused(400)
    is_new = channel not in allocation.channels
    if is_new and len(allocation.channels) >= settings.channels_per_allocation:
        return Refused(508)
    if not _has_room(settings, allocation, [peer]):
        return Refused(508)
    allocation.bind(channel, peer, now + settings.channel_s)
    allocation.permissions[peer.ip] = now + settings.permission_s
    table.changed(allocation)
    return Granted()


def _lifetime(settings: Settings, message: Message, name: Name, now: float) -> int | None:
    """Say how long an allocation may live from now; 0 for not at all, None for nonsense.

    RFC 8656 §7.2, §8.2; never beyond the end of the password and its grace.
    """
    wanted = message.first(Attr.LIFETIME)
    if wanted is None:
        return _lifetime_default(settings, name, now)
    if len(wanted) != 4:
        return None
    seconds = int.from_bytes(wanted, "big")
    if seconds == 0:
        return 0
    seconds = min(max(seconds, settings.lifetime_default_s), settings.lifetime_max_s)
    return min(seconds, _most(settings, name, now))


def _lifetime_default(settings: Settings, name: Name, now: float) -> int:
    return min(settings.lifetime_default_s, _most(settings, name, now))


def _most(settings: Settings, name: Name, now: float) -> int:
    """Say how long an allocation under a password that still holds may live at most."""
    return int(name.expires_at + settings.grace_s - now)


def _has_room(settings: Settings, allocation: Allocation, peers: Iterable[Address]) -> bool:
    ips = allocation.permissions.keys() | {peer.ip for peer in peers}
    return len(ips) <= settings.permissions_per_allocation


def _peer(
    may_reach: Judge, allocation: Allocation, value: bytes, transaction: bytes
) -> Address | Refused:
    """Read a peer's address and judge it: one that may be reached, of the allocation's family.

    Its port is not judged, and the answer is the same whether somebody has it or not: who
    asks learns nothing of other consultations, and what is asked for too early works later.
    """
    try:
        peer = stun.read_address(value, transaction)
    except BadMessage:
        return Refused(400)
    if (":" in peer[0]) != allocation.is_ipv6:
        return Refused(443)
    if not may_reach(peer[0]):
        return Refused(403)
    return Address(*peer)


def by_family(relayed: Sequence[str]) -> dict[int, str]:
    """Sort our addresses by their number in REQUESTED-ADDRESS-FAMILY."""
    found: dict[int, str] = {}
    for text in relayed:
        address = ipaddress.ip_address(text)
        if address.version == 6 and address.ipv4_mapped:
            raise ValueError("an IPv4 address of the relay is written as one")
        family = 1 if address.version == 4 else 2
        if family in found:
            raise ValueError("the relay has one address of a family")
        found[family] = str(address)
    if not found:
        raise ValueError("the relay needs an address")
    return found
