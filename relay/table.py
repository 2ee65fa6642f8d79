"""Every allocation of the relay, found by source, by relayed port and by tag.

Pure. A relayed address is the relay's own with a port number that exists nowhere but in
this table: no socket is opened, and nothing but another allocation can be reached. An open
relay (`open_core`) opens a socket of the same number beside it; the ways in here stay the same.
"""

from collections.abc import Callable, Iterable, Iterator
from math import ceil, inf
from typing import NamedTuple

from .allocation import Address, Allocation, Route, make_route
from .consultations import Consultations
from .effects import Source
from .limits import Budget
from .settings import Settings


class Purses(NamedTuple):
    """What a tag's packets are paid from.

    Attributes:
        own: what it sends.
        loop: what it sends to itself.
        inward: what comes to it from outside of an open relay, whose senders have no tag.
    """

    own: Budget
    loop: Budget
    inward: Budget


class Table:
    """The allocations that live, and the ways between them."""

    def __init__(
        self, settings: Settings, consultations: Consultations, dice: Callable[[int], bytes]
    ) -> None:
        self.by_source: dict[Source, Allocation] = {}
        self._by_relayed: dict[Address, Allocation] = {}
        self._by_tag: dict[str, set[Allocation]] = {}
        self._purses: dict[str, Purses] = {}
        self._settings = settings
        self._consultations = consultations
        self._dice = dice
        # Whole second -> whose deadlines are looked at then. Each allocation is in one of them,
        # and taken out when it ends: giving ports back quickly fills nothing.
        self._due: dict[int, set[Allocation]] = {}
        self._next_due: float = inf

    def of_tag(self, tag: str) -> list[Allocation]:
        """List a tag's allocations."""
        return list(self._by_tag.get(tag, ()))

    def is_full_for(self, tag: str) -> bool:
        """Tell whether a tag gets no further allocation: some are kept for consultations."""
        held, most = len(self.by_source), self._settings.allocations_max
        if not self._consultations.is_bound(tag):
            most -= self._settings.allocations_reserved
        return held >= most

    def purses(self, tag: str) -> Purses:
        """Say what the packets of a tag with allocations are paid from."""
        return self._purses[tag]

    def free_ports(self, ip: str, *, even: bool) -> Iterator[int]:
        """Yield the ports that no allocation has, from one on that nobody can guess."""
        first, step = self._settings.port_first, 2 if even else 1
        ports = range(first + first % step, self._settings.port_last + 1, step)
        thrown = int.from_bytes(self._dice(4), "big") // step
        for n in range(len(ports)):
            port = ports[(thrown + n) % len(ports)]
            if Address(ip, port) not in self._by_relayed:
                yield port

    def add(self, allocation: Allocation, now: float) -> None:
        """Begin an allocation."""
        tag = allocation.tag
        self.by_source[allocation.source] = allocation
        self._by_relayed[allocation.relayed] = allocation
        self._by_tag.setdefault(tag, set()).add(allocation)
        if tag not in self._purses:
            own, loop = self._settings.bytes_per_s_per_tag, self._settings.loop_bytes_per_s
            burst_s = self._settings.burst_s
            self._purses[tag] = Purses(*(Budget(rate, burst_s, now) for rate in (own, loop, own)))
            self._consultations.came(tag)
        self.changed(allocation)

    def remove(self, allocation: Allocation) -> None:
        """End an allocation."""
        tag = allocation.tag
        del self.by_source[allocation.source]
        del self._by_relayed[allocation.relayed]
        self._by_tag[tag].discard(allocation)
        if not self._by_tag[tag]:
            del self._by_tag[tag], self._purses[tag]
            self._consultations.went(tag)
        self._unschedule(allocation)
        allocation.clear_routes()
        self.clear_routes(self._consultations.with_(tag))

    def changed(self, allocation: Allocation) -> None:
        """Permissions, channels or deadlines are others now: decide anew, and look again."""
        self.clear_routes(self._consultations.with_(allocation.tag))
        second = ceil(allocation.next_deadline())
        if second < allocation.scheduled_at:
            self._unschedule(allocation)
            allocation.scheduled_at = second
            self._due.setdefault(second, set()).add(allocation)
            self._next_due = min(self._next_due, second)

    def clear_routes(self, tags: Iterable[str]) -> None:
        """Forget every decision about the allocations of these tags."""
        for tag in tags:
            for allocation in self._by_tag.get(tag, ()):
                allocation.clear_routes()

    def route(self, sender: Allocation, peer: Address) -> Route | None:
        """Decide where a packet to a peer goes; None for nowhere.

        RFC 8656 §11.3, §9: both ends need a permission for the other's address. Ours: both
        are of one consultation, or of one tag, which then pays from a small purse.
        """
        receiver = self._by_relayed.get(peer)
        if receiver is None or not self._may_reach(sender.tag, receiver.tag):
            return None
        if peer.ip not in sender.permissions or sender.relayed.ip not in receiver.permissions:
            return None
        purses = self._purses[sender.tag]
        budget = purses.loop if sender.tag == receiver.tag else purses.own
        return make_route(sender.relayed, receiver, budget, self._dice(12))

    def expire(self, now: float) -> Iterator[Allocation]:
        """Drop what has ended, up to a second late; yield allocations that are over and removed."""
        if now < self._next_due:
            return
        due = [
            allocation for second in self._due if second <= now for allocation in self._due[second]
        ]
        for allocation in due:
            if allocation.expires_at <= now:
                self.remove(allocation)
                yield allocation
                continue
            allocation.expire(now)
            self._unschedule(allocation)
            self.changed(allocation)
        self._next_due = min(self._due, default=inf)

    def scheduled(self) -> int:
        """Count the entries of the timetable: as many as there are allocations."""
        return sum(map(len, self._due.values()))

    def _unschedule(self, allocation: Allocation) -> None:
        if allocation.scheduled_at == inf:
            return
        second = int(allocation.scheduled_at)
        self._due[second].discard(allocation)
        if not self._due[second]:
            del self._due[second]
        allocation.scheduled_at = inf

    def _may_reach(self, tag: str, other: str) -> bool:
        return tag == other or self._consultations.are_together(tag, other)
