"""Load a relay: as much as it carries, or so many packets a second.

Saturated is a closed loop: what arrives is answered by as much, so that a few packets are
always in flight. Paced is an open one: each packet is sent alone at its time, over many
flows, as those of real calls are; a late one is not made up for by a burst.
"""

import secrets
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TypeAlias

from tests.bench.batches import BATCH, Inbox, Outbox, stamp
from tests.bench.calls import BenchError, Way

STAMP_BYTES = 8
FIRST_WITHIN_S = 0.5
TRIES = 5
QUIET_S = 0.02  # for so long nothing came: it was lost
LATE_NS = 200_000  # later than that, and the packets to come are later too
STRAY_NS = 10_000_000_000
TURN_ROUNDS = 16  # of the saturated loop, between two looks at the clock

Ns: TypeAlias = int


class Lane:
    """A way and the packet that goes along it.

    Attributes:
        at: where the payload lies in what is sent.
        sink_at: where it lies in what arrives, which each relay decides for itself.
    """

    def __init__(self, way: Way, payload_bytes: int) -> None:
        payload = secrets.token_bytes(payload_bytes)
        self.packet = bytearray(way.wrap(payload))
        self.at = self.packet.index(payload)
        self.sink_at = _found(way, payload)
        self.source, self.sink = way.source.fileno(), way.sink.fileno()
        self.outbox = Outbox(bytes(self.packet))
        way.source.setblocking(False)
        way.sink.setblocking(False)
        self.send = way.source.send


def _found(way: Way, payload: bytes) -> int:
    """Send a payload until it arrives, and say where it lies then.

    Raises:
        BenchError: it does not arrive.
    """
    way.sink.settimeout(FIRST_WITHIN_S)
    for _ in range(TRIES):
        way.source.send(way.wrap(payload))
        try:
            while (at := way.sink.recv(2048).find(payload)) < 0:
                pass
            return at
        except TimeoutError:
            pass
    raise BenchError("The relay does not carry what it is given.")


@dataclass(frozen=True, slots=True)
class Load:
    """What was done.

    Attributes:
        delays_ns: of each packet from its sender to the kernel of its sink, in order; none of
            a saturated run.
        rate: what was wanted; 0 if as much as possible.
    """

    sent: int
    delivered: int
    wall_s: float
    delays_ns: Sequence[Ns]
    rate: float = 0.0

    @property
    def loss(self) -> float:
        """The share that did not arrive."""
        return 1 - self.delivered / self.sent

    @property
    def pace(self) -> float:
        """The share of what was wanted that was sent."""
        return self.sent / (self.rate * self.wall_s) if self.rate else 1.0

    def delay_us(self, share: float) -> float:
        """Say within which time this share of the packets arrived."""
        return self.delays_ns[min(int(share * len(self.delays_ns)), len(self.delays_ns) - 1)] / 1e3


def saturated(lanes: Sequence[Lane], seconds: float, in_flight: int) -> Load:
    """Keep so many packets of each lane in flight."""
    inbox = Inbox(has_times=False)
    receive = inbox.receive
    each = min(in_flight, BATCH)
    sent = sum(lane.outbox.send(lane.source, each) for lane in lanes)
    delivered, heard_at = 0, time.monotonic()
    began_at = now = heard_at
    while now - began_at < seconds:
        before = delivered
        for _ in range(TURN_ROUNDS):
            for lane in lanes:
                if count := receive(lane.sink):
                    delivered += count
                    sent += lane.outbox.send(lane.source, count)
        now = time.monotonic()
        if delivered != before:
            heard_at = now
        elif now - heard_at > QUIET_S:
            sent += sum(lane.outbox.send(lane.source, each) for lane in lanes)
            heard_at = now
    wall_s = now - began_at
    delivered += _rest(lanes, inbox, None)
    return Load(sent, delivered, wall_s, ())


def paced(lanes: Sequence[Lane], seconds: float, rate: float) -> Load:
    """Send so many packets a second, one after the other."""
    inbox = Inbox(has_times=True)
    receive = inbox.receive
    delays = array("q")
    senders, listeners = cycle(lanes), cycle(lanes)
    clock, real_clock = time.monotonic_ns, time.time_ns
    gap_ns = round(1e9 / rate)
    began_at = due = now = clock()
    end = began_at + round(seconds * 1e9)
    sent = 0
    while now < end:
        now = clock()
        if now < due:
            lane = next(listeners)
            if count := receive(lane.sink):
                _note(inbox, lane, count, delays)
            continue
        lane = next(senders)
        stamp(lane.packet, lane.at, real_clock())
        try:
            lane.send(lane.packet)
        except OSError:  # the system has no room: lost
            pass
        sent += 1
        due += gap_ns
        if now - due > LATE_NS:
            due = now
    wall_s = (now - began_at) / 1e9
    _rest(lanes, inbox, delays)
    return Load(sent, len(delays), wall_s, sorted(delays), rate)


def _rest(lanes: Sequence[Lane], inbox: Inbox, delays: "array[int] | None") -> int:
    """Take what is still underway; say how much it was."""
    taken, heard_at = 0, time.monotonic()
    while time.monotonic() - heard_at < QUIET_S:
        for lane in lanes:
            while count := inbox.receive(lane.sink):
                taken += count
                heard_at = time.monotonic()
                if delays is not None:
                    _note(inbox, lane, count, delays)
    return taken


def _note(inbox: Inbox, lane: Lane, count: int, delays: "array[int]") -> None:
    """Keep how long each of a batch took. What has no stamp is late from another run."""
    for n in range(count):
        delay = inbox.underway_ns(n, lane.sink_at)
        if 0 <= delay < STRAY_NS:
            delays.append(delay)
