"""The parts of the bench work. How fast anything is, no test says."""

import math
import os
import socket
from typing import get_args

from tests.bench.batches import BATCH, Inbox, Outbox, stamp
from tests.bench.calls import Sort, direct_calls, hang_up
from tests.bench.load import Lane, paced, saturated
from tests.bench.relay import SATURATED, Far, Plan, lines, measure

QUICK = Plan(
    rounds=1,
    run_s=0.2,
    warm_up_s=0.01,
    calls=2,
    flows=2,
    in_flight=4,
    sizes=(160,),
    paces=(SATURATED, 1000),
    waited_max=math.inf,
    pace_min=0.0,
)


def test_a_batch_arrives_whole_and_unchanged() -> None:
    """What the system writes into our structures stays in them."""
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    packet = bytearray(b"seen from here on: ........")
    stamp(packet, 19, 1)
    outbox, inbox = Outbox(bytes(packet)), Inbox(has_times=True)

    with near, far:
        assert 6 == outbox.send(near.fileno(), 6)
        assert [6, 0] == [inbox.receive(far.fileno()) for _ in range(2)]
        assert 3 == outbox.send(near.fileno(), 3)
        assert bytes(packet) == far.recv(100)
        assert 2 == inbox.receive(far.fileno())


def test_more_than_a_batch_takes_two() -> None:
    """Nothing is lost between them, and each knows how long it took."""
    (way, _) = direct_calls(1)
    lane, inbox = Lane(way, 160), Inbox(has_times=True)
    for _ in range(BATCH + 2):
        stamp(lane.packet, lane.at, 0)
        lane.send(lane.packet)

    assert BATCH == inbox.receive(lane.sink)
    assert all(inbox.underway_ns(n, lane.sink_at) > 0 for n in range(BATCH))
    assert 2 == inbox.receive(lane.sink)
    hang_up([way])


def test_both_loads_count_what_they_send_and_what_arrives() -> None:
    """Without a relay nothing is lost."""
    ways = direct_calls(2)
    lanes = [Lane(way, 160) for way in ways]

    for load in (saturated(lanes, 0.05, 4), paced(lanes, 0.05, 1000)):
        assert 0 < load.sent == load.delivered
        assert 0 == load.loss
    hang_up(ways)


def test_a_short_run_measures_both_relays() -> None:
    """Each case has a pair, numbers of the right shape, and lines that say them."""
    cores = {"relay": min(os.sched_getaffinity(0))}

    results = measure(QUICK, cores, with_coturn=True)

    assert len(get_args(Far)) * len(get_args(Sort)) * len(QUICK.paces) == len(results.pairs)
    for case, (pair,) in results.pairs.items():
        assert {"own", "coturn"} == pair.keys()
        for run in pair.values():
            assert 0 < run.load.delivered
            assert 0 < run.pps
            assert (case.pace != SATURATED) == (len(run.load.delays_ns) > 0)
    said = dict(line.split(": ", 1) for line in lines(results))
    assert said["relay_pps_vs_coturn_relay_relay_saturated"].endswith("goal 1.25")
    assert said["relay_pps_vs_coturn_relay_peer_paced"].endswith("goal 0.75")
    assert said["dropped_runs"] == "0"
