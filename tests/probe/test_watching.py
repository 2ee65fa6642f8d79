"""A round over everything, again and again, whatever one of them does."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import pytest

from clients.peer.probe_keys import ProbeKeys
from clients.peer.reach import BY_ITS_ADDRESS, Reach
from probe import watching
from probe.consultation import Held, Limits
from probe.history import History
from probe.rounds import PATHS, Path, Round
from probe.watching import Node, Watching, every_s
from signaling.journal import Journal
from tests.clock import Clock

ONE, OTHER = ProbeKeys("one", b"1"), ProbeKeys("other", b"2")
AT_ONCE = Limits(0.0, 0.0, 0.0)
ALL = frozenset(PATHS)


def node(name: str = "1", keys: ProbeKeys = ONE) -> Node:
    return Node(name, BY_ITS_ADDRESS, keys)


class Service:
    """Answers rounds as it is told to. Unrealistic: no consultation is held."""

    def __init__(self, paths: frozenset[Path] | None = ALL) -> None:
        self.paths = paths
        self.hangs: set[Path] = set()
        self.breaks: set[Path] = set()
        self.tried: list[tuple[str, Path]] = []
        self.now_in: dict[ProbeKeys, int] = {}
        self.together = asyncio.Barrier(1)
        self.begun = asyncio.Event()

    async def __call__(
        self, path: Path, name: str, at: float, keys: ProbeKeys, reach: Reach, limits: Limits, /
    ) -> Held:
        self.tried.append((name, path))
        self.begun.set()
        assert not self.now_in.get(keys), "two at once in one queue"
        self.now_in[keys] = 1
        try:
            await self.together.wait()
            if path in self.hangs:
                await asyncio.Event().wait()
            if path in self.breaks:
                raise RuntimeError("a bug")
        finally:
            self.now_in[keys] = 0
        if self.paths is None:
            return Held(Round(path, name, at, {}, "page", "unreached"), None)
        if path not in self.paths:
            return Held(Round(path, name, at, {}, "queue", "no-relay"), self.paths)
        return Held(Round(path, name, at), self.paths)


def colours(rounds: Sequence[Round]) -> Mapping[tuple[str, Path], bool]:
    return {(one.node, one.path): one.is_ok for one in rounds}


async def test_each_path_of_each_node_has_a_row() -> None:
    """In the order of nodes as given, and of paths."""
    service, taken = Service(), list[Round]()
    watch = Watching([node("2"), node("1")], taken.append, hold=service)

    newest = await watch.once()

    assert [(name, path) for name in ("2", "1") for path in PATHS] == list(colours(newest))
    assert all(one.is_ok for one in newest)
    assert sorted(colours(newest)) == sorted(colours(taken)) and len(newest) == len(taken)


async def test_a_path_that_is_not_offered_is_no_row() -> None:
    """A service that insists on its relay is not red for want of a direct path."""
    service = Service(frozenset({"udp", "tls"}))
    watch = Watching([node()], lambda _: None, hold=service)

    first, second = await watch.once(), await watch.once()

    assert [("1", "udp"), ("1", "tls")] == list(colours(first)) == list(colours(second))
    assert {"udp", "tls"} == {path for _, path in service.tried}
    assert 4 == len(service.tried)


async def test_a_path_that_is_offered_no_more_is_red() -> None:
    """What the service lost is not forgotten."""
    service = Service()
    watch = Watching([node()], lambda _: None, hold=service)
    await watch.once()
    service.paths = frozenset({"direct", "udp", "tcp"})

    newest = colours(await watch.once())

    assert [True, True, True, False] == [newest["1", path] for path in PATHS]


async def test_a_service_that_is_dead_from_the_start_is_one_red_row() -> None:
    """Nobody knows its paths yet; if that one turns out to be none, it is forgotten."""
    service, history = Service(None), History(0.0)
    watch = Watching([node()], history.add, forgets=history.forget, hold=service)

    dead = await watch.once()
    service.paths = frozenset({"direct"})
    alive = await watch.once()

    assert {("1", "udp"): False} == colours(dead)
    assert {("1", "direct"): True} == colours(alive)
    assert (("1", "direct"),) == history.rows()


@pytest.mark.parametrize(
    ("what", "written"), [("hangs", "probe hung 1"), ("breaks", "RuntimeError 1")]
)
async def test_a_round_that_does_not_come_back_is_unknown(
    what: str, written: str, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """Its row is not green any more, the others are measured, and the journal says which it was."""
    monkeypatch.setattr(watching, "GIVE_UP_S", 0.01)
    service, history, lines = Service(), History(clock.now), list[str]()
    journal = Journal(lines.append)
    watch = Watching(
        [node()], history.add, hold=service, limits=AT_ONCE, clock=clock, journal=journal
    )
    await watch.once()
    getattr(service, what).add("tcp")
    clock.advance(600.0)

    await watch.once()

    states = [history.state("1", path, clock.now)[0] for path in PATHS]
    assert ["up", "up", "unknown", "up"] == states
    journal.flush(is_last=True)
    assert 1 == len(lines) and lines[0].endswith(written)


async def test_a_round_that_cannot_be_stopped_is_not_joined_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However many minutes it hangs; what is in other queues goes on."""
    monkeypatch.setattr(watching, "GIVE_UP_S", 0.01)
    service, freed = Service(), asyncio.Event()
    stuck = list[asyncio.Task[object]]()

    async def hold(
        path: Path, name: str, at: float, keys: ProbeKeys, reach: Reach, limits: Limits, /
    ) -> Held:
        if name == "2":
            return await service(path, name, at, keys, reach, limits)
        task = asyncio.current_task()
        assert task is not None
        stuck.append(task)
        while not freed.is_set():
            with suppress(asyncio.CancelledError):
                await freed.wait()
        return Held(Round(path, name, at), ALL)

    nodes = [node("1", ONE), node("2", OTHER)]
    watch = Watching(nodes, lambda _: None, hold=hold, limits=AT_ONCE)

    newest = [*await watch.once(), *await watch.once()]

    assert 1 == len(stuck)
    assert {"2"} == {one.node for one in newest}
    freed.set()
    await asyncio.wait(stuck)


@pytest.mark.parametrize(("names", "minutes"), [("a", 1), ("ab", 2), ("abc", 3), ("abcd", 4)])
def test_nodes_that_share_their_keys_are_tried_less_often(names: str, minutes: int) -> None:
    """As often as can be kept, so that no row seems silent; with keys of their own each minute."""
    shared = [node(name) for name in names]
    own = [node(name, ProbeKeys(name, b"")) for name in names]

    assert (60.0 * minutes, 60.0) == (every_s(shared), every_s(own))


def test_no_more_nodes_share_their_keys_than_can_be_tried() -> None:
    """Their rounds would be further apart than what counts as silence."""
    with pytest.raises(ValueError, match="the same keys"):
        every_s([node(name) for name in "abcde"])


async def test_nodes_with_keys_of_their_own_are_asked_side_by_side() -> None:
    """Each in its own queue; the barrier lets two pass that are there together."""
    service = Service()
    service.together = asyncio.Barrier(2)
    watch = Watching([node("1", ONE), node("2", OTHER)], lambda _: None, hold=service)

    assert 8 == len(await watch.once())


async def test_nodes_with_the_same_keys_wait_for_each_other() -> None:
    """Two probes in one queue would call each other's patient."""
    service = Service()
    watch = Watching([node("1"), node("2")], lambda _: None, hold=service)

    assert 8 == len(await watch.once())


async def test_the_beat_goes_on_while_the_clock_is_set(clock: Clock) -> None:
    """Rounds come neither thick nor never, and are dated as the clock says."""
    service, taken, enough = Service(frozenset({"udp"})), list[Round](), asyncio.Event()
    jumps = iter([0.0, 86_400.0, 86_400.0, -40_000.0])

    def now() -> float:
        return clock.now + next(jumps, 0.0)

    def takes(round_: Round) -> None:
        taken.append(round_)
        if len(taken) == 4:
            enough.set()

    watch = Watching([node()], takes, every_s=0.01, clock=now, hold=service)
    going = asyncio.create_task(watch.keeps())
    await enough.wait()
    going.cancel()
    await asyncio.wait([going])

    dated = [one.at - clock.now for one in taken[:4]]
    assert [0.0, 86_400.0, 86_400.0, -40_000.0] == dated


async def test_who_stops_it_stops_the_round_too() -> None:
    """No task goes on: the guard of all tests sees to that."""
    service = Service()
    service.hangs.add("direct")
    watch = Watching([node()], lambda _: None, hold=service)
    going = asyncio.create_task(watch.keeps())
    await service.begun.wait()

    going.cancel()
    await asyncio.wait([going])

    assert not any(service.now_in.values())
