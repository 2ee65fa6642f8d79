"""How much one network may ask of this node: sockets, new tickets, and entries that fail.

Pure: addresses come in as text, `now` is an argument, and so are the dice. An address is cut to
its network, /24 of IPv4 or /56 of IPv6, and what is counted stands in places of a fixed table that
networks share by a hash under a random key. The key is thrown away every `network_key_s`, and
the counts with it: nobody can tell afterwards who was here.

The reasons of the numbers in `settings.py`. A mobile carrier puts 64 to 128 phones behind one
address of IPv4, so that up to 30,000 people share a /24. One in 70 of all people in France sees a
general practitioner on a day. Were all of them to come here, and one in seven in the same hour
of an evening of influenza, a /24 would bring 60 new patients in that hour, one a minute, and with
an hour's wait it would hold 60 tickets. The limits leave room for thirty times as many a minute
(`network_joins_per_s`), for two hours of them at once (`network_joins`) and for seven times as
many in one queue (`network_queue_tickets_max`).

What a flooder with one /24 and any number of links gets from a node: 30 new tickets a minute, and
120 more whenever the key is new: 420 in ten minutes, 42 a minute on average. Tickets that he
holds are counted each time when they come back, and who holds `RETURNS` times
`network_tickets_max` is not let back with one that is not counted yet. A ticket lives
`wait_pass_s` without a sign of life, as long as a key: he holds at most 2,000 by each of two
keys, a fifth of `tickets_max`.
"""

import hashlib
import ipaddress
from array import array
from collections.abc import Callable, Iterable, Sequence

from .settings import Settings

UNCOUNTED = b""
"""The network of whoever is not counted."""

RETURNS = 2
"""So many times the tickets that a network may hold may come back: after a node was lost, too."""

_HOPS_MAX = 4
"""So many proxies may stand in a row: one of the house, one of a hoster, two to spare."""

_HEADER_MAX_CHARS = 1024
_KEY_BYTES = 32

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# This machine, and networks of the inside (RFC 1918, RFC 4193, RFC 4291 §2.5.6). Whoever comes
# from there through a proxy that the settings do not name must not be counted as one with
# all others: an evening's patients would be shut out by one missing line.
_INSIDE: tuple[_Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        "127.0.0.0/8 ::1/128 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 "
        "fc00::/7 fe80::/10".split(),
    )
)


def network_of(peer: str | None, forwarded: Sequence[str], proxies: Sequence[_Network]) -> bytes:
    """Cut the address of whoever opened a socket down to his network.

    Args:
        peer: address of the socket's other end; none where a socket has no address.
        forwarded: the X-Forwarded-For headers, in order.
        proxies: those whose word is taken. Each has added the address from which it heard the
            request on the right: the first from there that is no proxy is the one.

    Returns:
        the family and the first 3 bytes of IPv4, or 7 of IPv6; `UNCOUNTED` of whoever comes from
        inside, or without an address.
    """
    address = _read(peer or "")
    hops = ",".join(forwarded)[-_HEADER_MAX_CHARS:].split(",")[-_HOPS_MAX:]
    while address is not None and hops and _is_in(address, proxies):
        before = _read(hops.pop().strip())
        if before is None:
            break  # not an address: as far as anybody can tell, it was the proxy itself
        address = before
    if address is None or _is_in(address, _INSIDE):
        return UNCOUNTED
    if isinstance(address, ipaddress.IPv4Address):
        return b"\4" + address.packed[:3]
    return b"\6" + address.packed[:7]


class Networks:
    """What each network has had of this node since the key was new.

    Args:
        new_bytes: dice: that many random bytes.
        now: seconds.
    """

    def __init__(self, settings: Settings, new_bytes: Callable[[int], bytes], now: float) -> None:
        self._settings = settings
        self._new_bytes = new_bytes
        self._begin(now)

    def _begin(self, now: float) -> None:
        settings, slots = self._settings, self._settings.network_slots
        self._key = self._new_bytes(_KEY_BYTES)
        self._forget_at = now + settings.network_key_s
        self._joins = _Buckets(settings.network_joins, settings.network_joins_per_s, slots, now)
        self._failures = _Buckets(
            settings.network_failures, settings.network_failures_per_s, slots, now
        )
        self._held = array("l", [0]) * slots
        self._held_in = array("l", [0]) * slots
        self._tickets: dict[str, tuple[int, int]] = {}
        self._strangers = array("l", [0]) * slots

    def forget(self, now: float, waiting: Iterable[tuple[bytes, str, str]]) -> None:
        """Throw the key away when its time is over. To be called about once a second.

        `waiting`: network, queue and holder of each ticket whose socket is open here. They
        are counted again; whoever has no socket is counted when he comes back.
        """
        if now < self._forget_at:
            return
        self._begin(now)
        for network, queue, holder in waiting:
            self.holds(network, queue, holder)

    # Sockets

    def comes(self, network: bytes) -> Callable[[], None] | None:
        """Count a socket that has not joined, or say that there are too many of its network.

        Returns:
            what to call, any number of times, when it has joined or is gone. A socket is counted
            under the key that it came under: it must join within less than a key's life.
        """
        if network == UNCOUNTED:
            return _nothing
        slot, strangers = self._slot(network), self._strangers
        if strangers[slot] >= self._settings.network_strangers_max:
            return None
        strangers[slot] += 1
        is_counted = True

        def is_none_any_more() -> None:
            nonlocal is_counted
            strangers[slot] -= is_counted
            is_counted = False

        return is_none_any_more

    # Tickets

    def may_take(self, network: bytes, queue: str, now: float) -> bool:
        """Take one new ticket of a queue for a network, or say that there is none left."""
        if network == UNCOUNTED:
            return True
        slot, slot_in = self._slot(network), self._slot(network, queue)
        return (
            self._held[slot] < self._settings.network_tickets_max
            and self._held_in[slot_in] < self._settings.network_queue_tickets_max
            and self._joins.take(slot, now)
        )

    def may_return(self, network: bytes, holder: str) -> bool:
        """Tell whether somebody may come back with a ticket. One that is counted always may."""
        most = RETURNS * self._settings.network_tickets_max
        return (
            network == UNCOUNTED
            or holder in self._tickets
            or self._held[self._slot(network)] < most
        )

    def holds(self, network: bytes, queue: str, holder: str) -> None:
        """Count a ticket, once, where its holder came from last."""
        self.over(holder)
        if network != UNCOUNTED:
            slot, slot_in = self._slot(network), self._slot(network, queue)
            self._tickets[holder] = slot, slot_in
            self._held[slot] += 1
            self._held_in[slot_in] += 1

    def over(self, holder: str) -> None:
        """Count a ticket no longer: it was given up, or has become a session."""
        if (slots := self._tickets.pop(holder, None)) is not None:
            self._held[slots[0]] -= 1
            self._held_in[slots[1]] -= 1

    # Failures

    def may_try(self, network: bytes, now: float) -> bool:
        """Tell whether an entry that may fail is looked at."""
        return network == UNCOUNTED or self._failures.has_one(self._slot(network), now)

    def failed(self, network: bytes, now: float) -> None:
        """Count an entry that failed."""
        if network != UNCOUNTED:
            self._failures.take(self._slot(network), now)

    def _slot(self, network: bytes, queue: str = "") -> int:
        # A network has one length for its family, and no queue is empty: no two are one text.
        text = network + queue.encode("ascii")
        digest = hashlib.blake2b(text, key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big") % self._settings.network_slots


class _Buckets:
    """A token bucket in each place of a fixed table, all of them full at first."""

    def __init__(self, burst: float, per_s: float, slots: int, now: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._left = array("d", [burst]) * slots
        self._at = array("d", [now]) * slots

    def has_one(self, slot: int, now: float) -> bool:
        """Refill, then tell whether there is one."""
        passed_s = max(0.0, now - self._at[slot])
        self._left[slot] = min(self._burst, self._left[slot] + passed_s * self._per_s)
        self._at[slot] = now
        return self._left[slot] >= 1

    def take(self, slot: int, now: float) -> bool:
        """Take one, or say that there is none left. A refused one costs nothing."""
        if not self.has_one(slot, now):
            return False
        self._left[slot] -= 1
        return True


def _nothing() -> None:
    """Whoever is not counted is not counted out."""


def _read(text: str) -> _Address | None:
    """Read an address and nothing else: no port, no brackets, no name."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket of both families names every host of IPv4 as one of IPv6 (RFC 4291 §2.5.5.2).
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_in(address: _Address, networks: Sequence[_Network]) -> bool:
    return any(address in network for network in networks)
