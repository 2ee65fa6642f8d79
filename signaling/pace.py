"""A token bucket: so many at once, so many a second. Pure; `now` is an argument."""


class Bucket:
    """Counts what one socket sends.

    Args:
        burst: how many may come at once.
        per_s: how many a second refill it.
        now: seconds; the bucket starts full.
    """

    __slots__ = ("_at", "_burst", "_left", "_per_s")

    def __init__(self, burst: float, per_s: float, now: float) -> None:
        self._burst = self._left = burst
        self._per_s = per_s
        self._at = now

    def take(self, now: float) -> bool:
        """Take one, or say that there is none left. A refused one costs nothing."""
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
