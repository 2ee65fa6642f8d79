"""`make bench-relay`: our relay beside the installed coturn, in turns on one core.

What is printed are medians of pairs: a run of ours and one of coturn's, one right after the
other. A run is dropped, counted, and done again, if another process took the relay's core
meanwhile or the load could not keep its pace.
"""

import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from tests.bench import engines
from tests.bench.calls import (
    BenchError,
    Sort,
    Way,
    calls_with_peers,
    direct_calls,
    hang_up,
    relayed_calls,
)
from tests.bench.engines import Engine, Used
from tests.bench.load import Lane, Load, paced, saturated

# Two video streams of 1.5 Mb/s and two of sound at 50 packets/s: what one call makes a relay
# carry, and how much of a core is given to it.
CALL_PACKETS_PER_S = 412
CORE_SHARE = 0.6
CALL_LIKE = (1000, 40_000)  # bytes of a payload, packets a second: a core that is half full
GOALS: Mapping["Far", float] = {"relay": 1.25, "peer": 0.75}
TRIES = 4  # of one run, before its pair is left for another round
SATURATED = 0  # the pace of who sends as much as possible

Far: TypeAlias = Literal["relay", "peer"]
Who: TypeAlias = Literal["own", "coturn"]
WHO: tuple[Who, ...] = get_args(Who)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how often, how much.

    Attributes:
        rounds: after that many it ends, if each case has that many pairs.
        seconds_max: after that it ends in any case, with the pairs that it has.
        flows: of a saturated run.
        in_flight: packets on each of them.
        paces: packets a second.
        waited_max: for which share of a run the relay may have waited for its core: above,
            somebody else is measured too.
        pace_min: which share of a pace is one still.
    """

    rounds: int = 5
    seconds_max: float = 440.0
    run_s: float = 0.6
    warm_up_s: float = 0.1
    calls: int = 50
    flows: int = 8
    in_flight: int = 16
    sizes: Sequence[int] = (160, 1000)
    paces: Sequence[int] = (SATURATED, 10_000, 40_000)
    waited_max: float = 0.02
    pace_min: float = 0.95


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that is measured.

    Attributes:
        far: whether the other end has an allocation, or is a peer.
    """

    far: Far
    sort: Sort
    size: int
    pace: int

    @property
    def mode(self) -> str:
        return "saturated" if self.pace == SATURATED else f"paced_{self.pace}"

    @property
    def name(self) -> str:
        return f"relay_{self.far}_{self.sort}_{self.size}B_{self.mode}"


@dataclass(frozen=True, slots=True)
class Run:
    """A load, and what it cost."""

    load: Load
    used: Used
    wall_s: float

    def is_clean(self, plan: Plan) -> bool:
        """Tell whether it measured the relay, and by the load that was wanted."""
        had_its_core = self.used.waited_s <= plan.waited_max * self.wall_s
        return had_its_core and self.load.pace >= plan.pace_min

    @property
    def pps(self) -> float:
        """How many packets a second of the core's time carries."""
        return self.load.delivered / self.used.ran_s


@dataclass(slots=True)
class Results:
    """What was measured so far.

    Attributes:
        pairs: clean ones; coturn's alone where ours has no such mode.
        direct: delays without a relay, by pace and size: median and 99th percentile, in µs.
    """

    pairs: dict[Case, list[dict[Who, Run]]] = field(default_factory=lambda: defaultdict(list))
    dropped: int = 0
    direct: dict[tuple[int, int], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def measure(plan: Plan, cores: Mapping[str, int], *, with_coturn: bool) -> Results:
    """Measure in rounds; each begins with relays that have just been started."""
    results, end = Results(), time.monotonic() + plan.seconds_max
    has_open = engines.has_open_mode()
    cases = [
        Case(far, sort, size, pace)
        for far in get_args(Far)
        for sort in get_args(Sort)
        for size in plan.sizes
        for pace in plan.paces
        if far == "relay" or has_open or with_coturn
    ]
    turn = 0
    while time.monotonic() < end:
        left = [case for case in cases if len(results.pairs[case]) < plan.rounds]
        if not left:
            break
        turn += 1
        _round(plan, cores["relay"], left, results, has_open, with_coturn, turn, end)
    return results


def _round(
    plan: Plan,
    core: int,
    cases: Sequence[Case],
    results: Results,
    has_open: bool,
    with_coturn: bool,
    turn: int,
    end: float,
) -> None:
    for far in get_args(Far):
        of_far = [case for case in cases if case.far == far]
        if not of_far:
            continue
        with ExitStack() as stack:
            running: dict[Who, Engine] = {}
            if far == "relay" or has_open:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                make: Callable[[int, Path], AbstractContextManager[Engine]]
                make = engines.own if far == "relay" else engines.own_open
                running["own"] = stack.enter_context(make(core, folder))
            if with_coturn:
                running["coturn"] = stack.enter_context(engines.coturn(core))
            for sort in get_args(Sort):
                calls = {who: _calls(far, engine, sort, plan) for who, engine in running.items()}
                for ways in calls.values():
                    # Not before the relays end: a port that is used again is somebody they know.
                    stack.callback(hang_up, ways)
                for case in of_far:
                    if case.sort == sort and time.monotonic() < end:
                        _pair(plan, case, running, calls, results, turn)
    for size, pace in {(case.size, case.pace) for case in cases if case.pace != SATURATED}:
        ways = direct_calls(plan.calls)
        lanes = [Lane(way, size) for way in ways]
        load = paced(lanes, plan.warm_up_s, pace)
        results.direct[pace, size].append((load.delay_us(0.5), load.delay_us(0.99)))
        hang_up(ways)


def _calls(far: Far, engine: Engine, sort: Sort, plan: Plan) -> list[Way]:
    if far == "peer":
        return calls_with_peers(engine.address, engine.secret, sort, plan.calls, engine.peers)
    return relayed_calls(engine.address, engine.secret, sort, plan.calls, engine.control)


def _pair(
    plan: Plan,
    case: Case,
    running: Mapping[Who, Engine],
    calls: Mapping[Who, Sequence[Way]],
    results: Results,
    turn: int,
) -> None:
    pair: dict[Who, Run] = {}
    for who in list(running)[:: 1 if turn % 2 else -1]:
        ways = calls[who] if case.pace else calls[who][: plan.flows]
        lanes = [Lane(way, case.size) for way in ways]
        drive(plan, case, lanes, plan.warm_up_s)
        for _ in range(TRIES):
            before, began_at = running[who].used(), time.monotonic()
            load = drive(plan, case, lanes, plan.run_s)
            wall_s = time.monotonic() - began_at
            run = Run(load, running[who].used().since(before), wall_s)
            if run.is_clean(plan):
                pair[who] = run
                break
            results.dropped += 1
        else:
            return
    results.pairs[case].append(pair)


def drive(plan: Plan, case: Case, lanes: Sequence[Lane], seconds: float) -> Load:
    """Put the load of a case on lanes."""
    if case.pace == SATURATED:
        return saturated(lanes, seconds, plan.in_flight)
    return paced(lanes, seconds, case.pace)


def lines(results: Results) -> Iterator[str]:
    """Say what came of it, one `name: value` a line."""
    ratios: dict[tuple[Far, str], list[float]] = defaultdict(list)
    calls: dict[tuple[Far, Who], list[float]] = defaultdict(list)
    for case, pairs in results.pairs.items():
        if not pairs:
            yield f"{case.name}: not measured, somebody else had the core"
            continue
        for who in WHO:
            runs = [pair[who] for pair in pairs if who in pair]
            yield from _about(case, who, runs, results)
            if (case.size, case.pace) == CALL_LIKE:
                calls[case.far, who] += [run.pps for run in runs]
        both = [pair["own"].pps / pair["coturn"].pps for pair in pairs if len(pair) == len(WHO)]
        if both:
            ratios[case.far, case.mode.partition("_")[0]].append(statistics.median(both))
            yield f"relay_pps_vs_coturn_{case.name}: {_spread(both, 2)} goal {GOALS[case.far]}"
    for (far, who), found in calls.items():
        if found:
            count = CORE_SHARE * statistics.median(found) / CALL_PACKETS_PER_S
            yield (
                f"{who}_calls_per_core_relay_{far}: {count:.0f} ({CALL_PACKETS_PER_S} packets/s "
                f"a call, {CORE_SHARE:.0%} of a core; {CALL_LIKE[0]} B at {CALL_LIKE[1]}/s)"
            )
    for (far, mode), found in ratios.items():
        yield f"relay_pps_vs_coturn_relay_{far}_{mode}: {_spread(found, 2)} goal {GOALS[far]}"
    yield f"dropped_runs: {results.dropped}"


def _about(case: Case, who: Who, runs: Sequence[Run], results: Results) -> Iterator[str]:
    name = f"{who}_{case.name}"
    if not runs:
        yield f"{name}: not available"
        return
    yield f"{name}_pps_per_core: {_spread([run.pps for run in runs])}"
    yield f"{name}_cpu_us_per_packet: {_spread([1e6 / run.pps for run in runs], 2)}"
    if case.pace != SATURATED:
        direct = results.direct[case.pace, case.size]
        for n, (label, share) in enumerate((("p50", 0.5), ("p99", 0.99))):
            own = statistics.median(each[n] for each in direct)
            added = [run.load.delay_us(share) - own for run in runs]
            yield f"{name}_added_{label}_us: {_spread(added, 1)}"
    yield f"{name}_loss: {_spread([run.load.loss for run in runs], 5)}"


def _spread(found: Sequence[float], digits: int = 0) -> str:
    middle, least, most = statistics.median(found), min(found), max(found)
    return f"{middle:.{digits}f} ({least:.{digits}f} to {most:.{digits}f}, n={len(found)})"


def two_cores() -> dict[str, int]:
    """Choose a core for relays and another for the load.

    Raises:
        BenchError: there is only one.
    """
    may_use = sorted(os.sched_getaffinity(0))
    if len(may_use) < 2:
        raise BenchError("The bench needs two cores: the load would take the relay's time.")
    return {"relay": may_use[0], "load": may_use[1]}


def main() -> None:
    """Measure and print."""
    try:
        cores, version = two_cores(), engines.coturn_version()
        engines.take(cores["load"])
        print(f"machine: {engines.machine(cores, version)}", flush=True)
        for line in lines(measure(Plan(), cores, with_coturn=version is not None)):
            print(line)
    except BenchError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
