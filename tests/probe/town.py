"""Two days of people at a service of two nodes: counted by its real counters, read by a probe."""

from random import Random

from probe.epochs import Epochs
from probe.history import History
from probe.readings import NodeState, read
from probe.rounds import STEPS, Round
from probe.state import Known, as_bytes, state
from signaling.encoding import encode
from signaling.exposition import NodeState as Said
from signaling.exposition import exposition
from signaling.figures import DAY_S, HOUR_S, named, wait_bin
from signaling.memory_store import MemoryStore
from signaling.store import Life
from signaling.usage import SETTLE_S, Usage
from tests.dice import Dice

MIDNIGHT = 1_800_057_600
DAYS = 2
QUEUE = "generale"
HOURLY = (0, 0, 1, 0, 2, 3, 9, 14, 37, 62, 71, 44, 8, 29, 55, 61, 40, 22, 12, 6, 3, 1, 0, 0)
"""Consultations of each hour, few of them more than the threshold."""


class Town:
    """A service of two nodes, its people, and a probe that reads what the nodes say."""

    def __init__(self) -> None:
        self.store = MemoryStore(Life(encode(Dice()(8)), began=float(MIDNIGHT)))
        self.nodes = [Usage(self.store, Random(seed).randrange, lambda: [QUEUE]) for seed in (1, 2)]
        self.epochs = Epochs()
        self.states: list[NodeState] = []
        self.true: dict[tuple[str, str, int], int] = {}
        self.dice = Random(7)

    async def consults(self, now: float) -> None:
        """Somebody waits, is called, and is seen by relay."""
        waited = wait_bin(self.dice.uniform(0, 40 * 60))
        for figure, bin_ in (("consultations", ""), ("waits", waited), ("endings", "relayed")):
            await self.dice.choice(self.nodes).count(figure, bin_, now)
            key = figure, bin_, named(figure).start_of(now)
            self.true[key] = self.true.get(key, 0) + 1

    async def is_read(self, now: float) -> None:
        """The nodes release what is over, and the probe asks both."""
        self.states = []
        for number, node in enumerate(self.nodes, 1):
            await node.tick(now)
            said = exposition(Said("0.1.0", MIDNIGHT - 77, usage=node.released()))
            reading = read(said.decode(), now)
            self.epochs.add(reading.epochs, now)
            self.states.append(NodeState(str(number), True, reading, now))

    def told(self, now: float) -> bytes:
        """What the page is told, probed once."""
        history = History(MIDNIGHT)
        history.add(
            Round("udp", "1", now - 30, {step: 12.5 for step in STEPS}, loss=0.0, jitter_ms=1)
        )
        return as_bytes(state(Known(history, self.states, self.epochs, version="0.1.0"), now))


async def two_days() -> tuple[Town, int]:
    """People come and go for two days; somebody looks each quarter of an hour."""
    town = Town()
    for hour in range(24 * DAYS):
        begins = MIDNIGHT + hour * HOUR_S
        people = sorted(town.dice.uniform(60, HOUR_S - 1) for _ in range(HOURLY[hour % 24]))
        for quarter in range(4):
            await town.is_read(begins + quarter * 900 + SETTLE_S + 1)
            for after in people:
                if quarter * 900 <= after < quarter * 900 + 900:
                    await town.consults(begins + after)
    now = MIDNIGHT + DAYS * DAY_S + int(SETTLE_S) + 1
    await town.is_read(now)
    return town, now
