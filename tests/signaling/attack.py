"""The distinguishing attack: did one certain consultation take place, or not?

The attacker knows all else: the program, and every other consultation of the day. He sees what is
released, has trained on as many days of both kinds as he likes, and says yes where what he sees is
likelier with it. No guess is better. His *advantage* is how much more often he says yes where it
took place than where it did not: 0 is a coin, 1 is knowing.

What is attacked is the program itself, from the count to the release. `make attack` prints the
table; test_usage_attack.py holds it to the bounds.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from signaling.figures import DAY_S, FIGURES, HOUR_S, Figure, bound, total_epsilon
from signaling.memory_store import MemoryStore
from signaling.noise import Below, discrete_laplace
from signaling.store import Life
from signaling.usage import SETTLE_S, Epoch, Usage

TRAINING_DAYS, TEST_DAYS = 2_000, 8_000
"""Of each kind. An advantage is then good to 0.015, nineteen times of twenty."""

CONTROL_DAYS = 20, 20
"""Where nothing is hidden a few are enough."""

OTHERS = 60
"""Other people's events in the same bin: above every threshold, where most is seen."""

FIRST_DAY = 1_800_057_600

Seen = tuple[int, ...]
"""What is released of one day: of each figure the bin that the consultation would be in."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Without noise there is no epsilon, and no bound."""

    what: str
    epsilon: Fraction | None
    advantage: float

    @property
    def most(self) -> float:
        """What no attacker can exceed."""
        return 1.0 if self.epsilon is None else bound(self.epsilon)


def without_noise(sides: int) -> int:
    """Dice that always fall the same: what they throw is a number, and hides nothing."""
    return sides - 1


def bin_of(figure: Figure) -> str:
    """The bin that the attacker looks at: any is as good."""
    return figure.bins[-1]


async def days(
    count: int, below: Below, others: Mapping[str, int], *, took_place: bool
) -> Sequence[Seen]:
    """Let days pass, and return what the program released of each."""
    store = MemoryStore(Life("life", began=FIRST_DAY))
    usage = Usage(store, below)
    seen = []
    for start in range(FIRST_DAY, FIRST_DAY + count * DAY_S, DAY_S):
        now = start + SETTLE_S
        await usage.tick(now)
        for figure in FIGURES:
            name = "-".join(filter(None, ("noisy", figure.name, str(start), bin_of(figure))))
            await store.tally(name, 0, others[figure.name], 0.0)
            if took_place:
                await usage.count(figure.name, bin_of(figure), now)
        shown: dict[str, Epoch] = {}
        for over in (now + HOUR_S, now + DAY_S):
            await usage.tick(over)
            epochs = usage.released().epochs.values()
            shown |= {epoch.figure.name: epoch for epoch in epochs if epoch.start == start}
        await store.expire(now + DAY_S)
        seen.append(tuple(shown[figure.name].values[bin_of(figure)] for figure in FIGURES))
    return seen


def guesser(with_it: Sequence[Seen], without: Sequence[Seen]) -> Callable[[Seen], bool]:
    """Learn to say whether it took place. The noise of one figure is independent of another's."""
    learnt = [
        (Counter(yes), Counter(no))
        for yes, no in zip(zip(*with_it, strict=True), zip(*without, strict=True), strict=True)
    ]

    def says_yes(seen: Seen) -> bool:
        return 0 < sum(
            math.log((yes[value] + 0.5) / (no[value] + 0.5))
            for value, (yes, no) in zip(seen, learnt, strict=True)
        )

    return says_yes


def advantage(with_it: Sequence[Seen], without: Sequence[Seen], training: int) -> float:
    """Train on the first days, and be tested on the others."""
    says_yes = guesser(with_it[:training], without[:training])
    right = sum(map(says_yes, with_it[training:])) / len(with_it[training:])
    wrong = sum(map(says_yes, without[training:])) / len(without[training:])
    return right - wrong


async def rows_of(
    what: str, others: Mapping[str, int], dice: Sequence[Below], training: int, test: int
) -> list[Row]:
    """Attack each figure, and all of them together."""
    with_it, without = [
        await days(training + test, below, others, took_place=took_place)
        for below, took_place in zip(dice, (True, False), strict=True)
    ]
    rows = [
        Row(
            f"{what}{figure.name}",
            figure.epsilon,
            advantage(only(with_it, number), only(without, number), training),
        )
        for number, figure in enumerate(FIGURES)
    ]
    everything = advantage(with_it, without, training)
    return [*rows, Row(f"{what}all together", total_epsilon(), everything)]


def only(days: Sequence[Seen], number: int) -> Sequence[Seen]:
    """Look at one figure alone."""
    return [(seen[number],) for seen in days]


async def attack() -> Sequence[Row]:
    """Attack the program as it is."""
    others = dict.fromkeys([figure.name for figure in FIGURES], OTHERS)
    dice = [Random("with").randrange, Random("without").randrange]
    return await rows_of("", others, dice, TRAINING_DAYS, TEST_DAYS)


async def controls() -> Sequence[Row]:
    """Attack what does not hide: a counter, and a counter that is shown from a threshold on."""
    naive = dict.fromkeys([figure.name for figure in FIGURES], OTHERS)
    edge = {
        figure.name: figure.threshold - 1 - discrete_laplace(figure.scale, without_noise)
        for figure in FIGURES
    }
    dice = [without_noise] * 2
    found = [
        *await rows_of("naive counter: ", naive, dice, *CONTROL_DAYS),
        *await rows_of("threshold without noise: ", edge, dice, *CONTROL_DAYS),
    ]
    return [Row(row.what, None, row.advantage) for row in found]


def table(rows: Sequence[Row]) -> str:
    """Write the table as a document has it."""
    lines = ["| figure | ε | advantage of the attack | bound |", "|---|---|---|---|"]
    for row in rows:
        epsilon, most = ("–", "–") if row.epsilon is None else (row.epsilon, f"{row.most:.3f}")
        lines.append(f"| {row.what} | {epsilon} | {row.advantage:.3f} | {most} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table([*asyncio.run(attack()), *asyncio.run(controls())]))  # noqa: T201 # whoever types it wants to read it
