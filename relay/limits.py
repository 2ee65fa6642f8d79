"""How much may be taken: of the relay by a tag, and of its answers by a stranger.

Pure. Two token buckets, neither of which grows with the number of those who come; and how
much of a limit is in use.
"""

import hashlib
import ipaddress
from array import array


class Budget:
    """Bytes that may be moved, refilled with time.

    `left` is public: the hot path takes from it without asking, as long as there is enough,
    and comes to `take` when there is not. So it needs no clock.
    """

    __slots__ = ("_at", "_burst", "_rate", "left")

    def __init__(self, rate: float, burst_s: float, now: float) -> None:
        self._rate = rate
        self._burst = rate * burst_s
        self._at = now
        self.left = self._burst

    def has(self, cost: float, now: float) -> bool:
        """Refill, then tell whether there is enough."""
        self.left = min(self._burst, self.left + self._rate * max(0.0, now - self._at))
        self._at = now
        return self.left >= cost


class Strangers:
    """How many answers each address still gets before it has proven anything.

    In fixed memory: addresses share `slots` by a keyed hash. Nobody can choose whom to share
    one with, and a flood of forged addresses takes nothing but its own time.
    """

    def __init__(self, rate: float, burst: float, slots: int, key: bytes) -> None:
        self._rate = rate
        self._burst = burst
        self._key = key
        self._left = array("d", [burst]) * slots
        self._at = array("d", [0.0]) * slots

    def may_have_one(self, ip: str, now: float) -> bool:
        """Take one answer, if there is one left."""
        slot = self._slot(ip)
        passed = max(0.0, now - self._at[slot])
        left = min(self._burst, self._left[slot] + self._rate * passed)
        self._at[slot] = now
        self._left[slot] = left - 1 if left >= 1 else left
        return left >= 1

    def _slot(self, ip: str) -> int:
        address = ipaddress.ip_address(ip)
        # A host of IPv6 has a /64 to choose addresses from. A socket of both families names
        # every host of IPv4 in one and the same.
        if isinstance(address, ipaddress.IPv6Address):
            mapped = address.ipv4_mapped
            prefix = mapped.packed if mapped else address.packed[:8]
        else:
            prefix = address.packed
        digest = hashlib.blake2b(prefix, key=self._key, digest_size=8).digest()
        return int.from_bytes(digest, "big") % len(self._left)


class Usage:
    """How much of a rate was in use between the last two looks, in percent."""

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._at = now
        self._total = 0
        self.percent = 0

    def look(self, total: int, now: float) -> None:
        """Look at what was taken since the start. A clock that was set back tells nothing."""
        passed_s = now - self._at
        if passed_s > 0:
            self.percent = percent(total - self._total, self._rate * passed_s)
        self._total, self._at = total, now


def percent(used: float, limit: float) -> int:
    """Say how much of a limit is in use, rounded down: at 100 nothing is left."""
    return int(100 * used / limit) if limit > 0 else 100
