"""Holds a round over all paths of all nodes, every minute, for ever.

A door: it keeps time. The beat is the monotonic clock's, so that no clock that is set makes
rounds come thick, or not at all; only what a round is dated by is the time of day. A node's paths
are tried one after the other. Nodes that have keys of their own are asked side by side; those
that share them are in one queue, and wait for each other.

A round that does not come back is given up, written down, and leaves no row: what is unknown is
not green. While it hangs on all the same, none is begun in its queue.

Which paths there are a node says when it has let the probe in. Until then one is tried, so that a
service that is dead from the start is one red row.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Protocol

from clients.peer.probe_keys import ProbeKeys
from clients.peer.reach import Reach
from signaling.journal import Journal

from . import consultation
from .consultation import USUAL, Held, Limits
from .rounds import PATHS, Path, Round

EVERY_S = 60.0
LATE_SHARE = 1 / 12
"""Of the beat: a round begins up to so much later, so that it keeps step with nothing else."""

PATH_S = 12.0
"""What one path takes, at most: seven seconds where all is well, twelve if a relay is away."""

SHARED_MAX = 4
"""Nodes with the same keys: more would have rounds further apart than what counts as silence."""

FIRST: Path = "udp"
"""Tried before a node has said which paths there are: one that nearly every service has."""

GIVE_UP_S = 15.0
"""After a round's own deadline: ends are given three seconds to say good-bye, media five to
close."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node.

    Attributes:
        name: as it is shown.
        reach: by which address.
        keys: of the queue in which it is probed.
    """

    name: str
    reach: Reach
    keys: ProbeKeys


def every_s(nodes: Sequence[Node]) -> float:
    """Say how often each path of these nodes can be tried: a whole number of beats.

    Raises:
        ValueError: more than `SHARED_MAX` have the same keys.
    """
    most = max(Counter(node.keys for node in nodes).values())
    if most > SHARED_MAX:
        raise ValueError(f"more than {SHARED_MAX} nodes have the same keys")
    return EVERY_S * ceil(most * len(PATHS) * PATH_S / EVERY_S)


class Hold(Protocol):
    """Holds one consultation, as `consultation.hold` does."""

    def __call__(
        self, path: Path, node: str, at: float, keys: ProbeKeys, reach: Reach, limits: Limits, /
    ) -> Awaitable[Held]:
        """Hold it, and say how it went."""


class Watching:
    """The probe at work.

    Args:
        nodes: at least one, each of another name.
        takes: told of each round, as it is over.
        forgets: told of each row that turned out not to be: a path that the service never
            offered, tried while nobody could say so.
        journal: told of rounds that did not come back.
        every_s: how often each path is tried; see `every_s`.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        takes: Callable[[Round], None],
        *,
        forgets: Callable[[str, Path], None] = lambda node, path: None,
        journal: Journal | None = None,
        every_s: float = EVERY_S,
        limits: Limits = USUAL,
        clock: Callable[[], float] = time.time,
        hold: Hold = consultation.hold,
    ) -> None:
        self._nodes, self._takes, self._forgets = tuple(nodes), takes, forgets
        self._every_s, self._limits, self._clock, self._hold = every_s, limits, clock, hold
        self._journal = journal or Journal()
        self._hanging: dict[ProbeKeys, asyncio.Future[Held]] = {}
        self._paths: dict[str, frozenset[Path]] = {}
        self._newest: dict[tuple[str, Path], Round] = {}

    @property
    def newest(self) -> tuple[Round, ...]:
        """The newest round of each path of each node, nodes as given."""
        keys = ((node.name, path) for node in self._nodes for path in PATHS)
        return tuple(self._newest[key] for key in keys if key in self._newest)

    async def keeps(self) -> None:
        """Go on until cancelled."""
        began = time.monotonic()
        while True:
            await asyncio.sleep(random.uniform(0, self._every_s * LATE_SHARE))
            await self.once()
            self._journal.flush()
            # A beat that is missed is left out, and not caught up with.
            behind_s = (time.monotonic() - began) % self._every_s
            await asyncio.sleep(self._every_s - behind_s)

    async def once(self) -> tuple[Round, ...]:
        """Hold a round over all paths of all nodes; returns the newest of each."""
        queues: dict[ProbeKeys, list[Node]] = {}
        for node in self._nodes:
            queues.setdefault(node.keys, []).append(node)
        async with asyncio.TaskGroup() as all_:
            for nodes in queues.values():
                all_.create_task(self._one_after_the_other(nodes))
        return self.newest

    async def _one_after_the_other(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            is_new = node.name not in self._paths
            if is_new:
                await self._tries(node, FIRST)
            for path in PATHS:
                if path in self._paths.get(node.name, ()) and not (is_new and path == FIRST):
                    await self._tries(node, path)

    async def _tries(self, node: Node, path: Path) -> None:
        held = await self._holds(node, path)
        if held is None:
            return
        if held.paths is not None:
            # Once offered is offered: a path that the service lost is red, and not forgotten.
            known = self._paths[node.name] = self._paths.get(node.name, frozenset()) | held.paths
            if path not in known:
                if self._newest.pop((node.name, path), None) is not None:
                    self._forgets(node.name, path)
                return
        self._newest[node.name, path] = held.round
        self._takes(held.round)

    async def _holds(self, node: Node, path: Path) -> Held | None:
        """Hold one round; None if it did not come back."""
        hanging = self._hanging.get(node.keys)
        if hanging is not None and not hanging.done():
            return None  # it has been given up, and is in that queue still
        limits = self._limits
        holding = self._hanging[node.keys] = asyncio.ensure_future(
            self._hold(path, node.name, self._clock(), node.keys, node.reach, limits)
        )
        try:
            await asyncio.wait([holding], timeout=limits.round_s + limits.media_s + GIVE_UP_S)
        finally:
            if not holding.done():
                holding.cancel()
                await asyncio.wait([holding], timeout=GIVE_UP_S)
        if not holding.done() or holding.cancelled():
            self._journal.count("probe", "hung")
            return None
        fault = holding.exception()
        if fault is not None:
            self._journal.fault(fault)
            return None
        return holding.result()
