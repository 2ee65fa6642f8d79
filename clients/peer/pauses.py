"""How long a peer waits before it opens another socket.

Pure: the die is an argument. All peers of a service lose a server at the same moment; they must
not come back at the same moment. `clients/web/src/pauses.ts` is the same for the pages.

The longest pause stays well below `rebuild_s` of the server, for which a store that was lost
waits for everybody: `signaling/PROTOCOL.md`.
"""

from typing import Literal

Loss = Literal["lost", "closing", "slow"]
"""No word was said; the server stops (1001); it wants less of us (1008)."""

FIRST_S = 0.5
SPREAD_S = 8.0
"""A server that stops had up to 15,000 sockets, and the next takes some 2,000 joins a second."""
PAUSE_MAX_S = 15.0

_LOSSES: dict[int | None, Loss] = {1001: "closing", 1008: "slow"}


def loss_of(code: int | None) -> Loss:
    """Say what a close code means; None is a socket that went without one."""
    return _LOSSES.get(code, "lost")


def pause_s(attempt: int, loss: Loss, die: float) -> float:
    """Return the seconds before attempt `attempt` (from 0).

    Anywhere up to a bound that doubles, so that a crowd thins out. `die` is in [0, 1).
    """
    grown_s = min(PAUSE_MAX_S, FIRST_S * 2.0 ** min(attempt, 16))
    match loss:
        case "lost":
            return die * grown_s
        case "closing":
            return die * max(SPREAD_S, grown_s)
        case "slow":
            return PAUSE_MAX_S * (1 + die) / 2


def obeyed_s(retry_s: float, die: float) -> float:
    """Return what the server asked for, never less, and not the same for all who were told it."""
    return retry_s + die * min(SPREAD_S, retry_s)
