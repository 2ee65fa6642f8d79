"""The store's time, as this node tells it: `now` is the same on every node.

Pure: what time it is here, and what time it is at the store, are asked through arguments.

A node measures how far its own steady clock is from the store's (`TIME`), best of several round
trips: the error is at most half of the quickest one. What it then tells moves there at a rate and
never runs backwards: at most half as fast or half as fast again as the real time. So when the
store's clock jumps, as after a failover to a machine that is 30 s behind, time goes on slowly for
a minute on every node, and nothing ends twice or begins before it ended; one that is 30 s ahead
is caught up with in a minute. Nodes that measured at different moments are apart meanwhile, by
less than the jump; a node that starts has the store's time at once.
"""

from collections.abc import Awaitable, Callable

TRIPS = 5
SLEW = 0.5
"""So much slower or faster than real time, in catching up with the store."""

JUMP_S = 1.0
"""A store's clock that is found so far off has jumped: good ones drift milliseconds."""


class StoreClock:
    """Tells the store's time in seconds since 1970. Call it.

    Args:
        steady: seconds, from anywhere, that never step.
        ask: what time it is at the store.
    """

    def __init__(self, steady: Callable[[], float], ask: Callable[[], Awaitable[float]]) -> None:
        self._steady = steady
        self._ask = ask
        self._offset: float | None = None
        self._wanted = 0.0
        self._at = 0.0

    def __call__(self) -> float:
        """Say what time it is. Before anything was measured it is this machine's."""
        here = self._steady()
        if self._offset is None:
            return here
        may_move = SLEW * max(0.0, here - self._at)
        self._offset += max(-may_move, min(self._wanted - self._offset, may_move))
        self._at = here
        return here + self._offset

    async def measure(self) -> bool:
        """Ask the store for its time; says whether its clock has jumped since.

        Raises:
            StoreAway: it does not tell. The clock goes on as it did.
        """
        best_s, offset = float("inf"), 0.0
        for _ in range(TRIPS):
            sent = self._steady()
            there = await self._ask()
            trip_s = self._steady() - sent
            if trip_s < best_s:
                best_s, offset = trip_s, there - (sent + trip_s / 2)
        if self._offset is None:
            self._offset, self._wanted, self._at = offset, offset, self._steady()
            return False
        self()  # as it was wanted until now
        has_jumped = abs(offset - self._wanted) > max(JUMP_S, best_s)
        self._wanted = offset
        return has_jumped
