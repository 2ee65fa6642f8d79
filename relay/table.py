"""Every allocation of the relay, found by source, by virtual port and by tag.

Pure. A relayed address is the relay's own with a port number that exists nowhere but in
this table: no socket is opened, and nothing but another allocation can be reached.
"""

from collections.abc import Callable, Iterable, Iterator
from math import ceil, inf

from .allocation import Address, Allocation, Route, make_route
from .consultations import Consultations
from .effects import Source
from .limits import Budget
from .settings import Settings

PORT_FIRST = 49152
PORT_LAST = 65535


class Table:
    """The allocations that live, and the ways between them."""

    def __init__(
        self, settings: Settings, consultations: Consultations, dice: Callable[[int], bytes]
    ) -> None:
        self.by_source: dict[Source, Allocation] = {}
        self._by_relayed: dict[Address, Allocation] = {}
        self._by_tag: dict[str, set[Allocation]] = {}
        self._budgets: dict[str, tuple[Budget, Budget]] = {}
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

    def free_port(self, ip: str, *, even: bool) -> int | None:
        """Choose a virtual port that nobody can guess; None if there is none left.

        None is found also where a search among the even ones would take too long.
        """
        step = 2 if even else 1
        span = PORT_LAST - PORT_FIRST + 1
        thrown = int.from_bytes(self._dice(4), "big") // step * step
        for n in range(0, span, step):
            port = PORT_FIRST + (thrown + n) % span
            if Address(ip, port) not in self._by_relayed:
                return port
        return None

    def add(self, allocation: Allocation, now: float) -> None:
        """Begin an allocation."""
        tag = allocation.tag
        self.by_source[allocation.source] = allocation
        self._by_relayed[allocation.relayed] = allocation
        self._by_tag.setdefault(tag, set()).add(allocation)
        if tag not in self._budgets:
            own, loop = self._settings.bytes_per_s_per_tag, self._settings.loop_bytes_per_s
            burst_s = self._settings.burst_s
            self._budgets[tag] = (Budget(own, burst_s, now), Budget(loop, burst_s, now))
        self.changed(allocation)

    def remove(self, allocation: Allocation) -> None:
        """End an allocation."""
        tag = allocation.tag
        del self.by_source[allocation.source]
        del self._by_relayed[allocation.relayed]
        self._by_tag[tag].discard(allocation)
        if not self._by_tag[tag]:
            del self._by_tag[tag], self._budgets[tag]
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
        own, loop = self._budgets[sender.tag]
        budget = loop if sender.tag == receiver.tag else own
        return make_route(sender, receiver, budget, self._dice(12))

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
