"""Patients who block the queue on purpose, whatever they do: the others are served in time."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.messages import Called, Proposed, Renew
from signaling.people import Refusal
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import House, Someone

TALK_S = 300.0
TRICKS = (
    "declines",
    "is silent",
    "sends fresh M1",
    "loses the network",
    "reloads",
    "sleeps",
    "answers with nonsense",
)

tricks = st.lists(st.lists(st.sampled_from(TRICKS), min_size=1, max_size=6), min_size=1, max_size=4)


class Evening:
    """One doctor's evening: blockers came first, honest patients after them."""

    def __init__(self, blockers: list[list[str]], honest: int) -> None:
        self.house = House(Clock(), Dice())
        self.plans = blockers
        self.honest_count = honest
        self.wasted = 0
        self.served: list[str] = []

    async def opens(self) -> None:
        self.blockers = [await self.house.waits() for _ in self.plans]
        self.honest = [await self.house.waits() for _ in range(self.honest_count)]
        self.doctor = await self.house.on_duty()

    async def passes(self, seconds: float, but: Someone | None = None) -> None:
        """Let time pass in steps that keep whoever is connected awake, but for one."""
        while seconds > 0:
            step = min(seconds, 20.0)
            seconds -= step
            self.house.clock.advance(step)
            for someone in list(self.house.everybody):
                is_in = someone.person is not None and someone.state not in ("gone", "new")
                if is_in and someone is not but:
                    await someone.says(Renew())
            await self.house.room.tick(self.house.clock.now)
            await self.house.settles()

    async def goes_on(self) -> None:
        """Call one after the other until no honest patient is left."""
        while len(self.served) < self.honest_count:
            try:
                called = await self.doctor.calls()
            except Refusal:
                await self.passes(self.house.settings.cooldown_s)
                continue
            await self.takes(called)

    async def takes(self, called: Called) -> None:
        patient = next(
            one for one in (*self.blockers, *self.honest) if one.person and self.is_at(one, called)
        )
        if patient in self.honest:
            await self.doctor.proposes(called)
            await patient.accepts()
            await self.passes(TALK_S)
            await self.doctor.hangs_up()
            self.served.append(patient.key)
            return
        self.wasted += 1
        at = self.blockers.index(patient)
        plan = self.plans[at]
        trick = plan.pop(0) if len(plan) > 1 else plan[0]
        await self.play(trick, at, called)

    def is_at(self, someone: Someone, called: Called) -> bool:
        return someone.person is not None and someone.person.ticket == called.ticket

    async def play(self, trick: str, at: int, called: Called) -> None:
        """What a blocker does with a call; the doctor's page proposes by itself."""
        blocker = self.blockers[at]
        longest = self.house.settings.accept_within_s + self.house.settings.propose_within_s
        if trick == "answers with nonsense":
            # His M1 opens nothing: the doctor's page takes the call back before any M2.
            await self.doctor.leaves_call()
            await blocker.renews()
            return
        await self.doctor.proposes(called)
        match trick:
            case "declines":
                assert blocker.all(Proposed)
                await blocker.leaves_call()
                await blocker.renews()
            case "is silent":
                await self.passes(longest)
                await blocker.renews()
            case "sends fresh M1":
                for _ in range(5):
                    await blocker.renews()
                await self.passes(longest)
                await blocker.renews()
            case "loses the network":
                await blocker.loses_the_network()
                await self.passes(longest)
                self.blockers[at] = await blocker.comes_back()
            case "reloads":
                for _ in range(5):
                    blocker = await blocker.reopens()
                self.blockers[at] = blocker
                await self.passes(longest)
                await self.blockers[at].renews()
            case "sleeps":
                await self.passes(longest, but=blocker)
                await blocker.renews()


@settings(max_examples=40)
@given(tricks, st.integers(1, 4))
def test_blockers_cost_the_others_a_bounded_time(plans: list[list[str]], honest: int) -> None:
    """Each wastes at most three calls before he stands behind everybody who was there."""
    evening = Evening([list(plan) for plan in plans], honest)

    async def job() -> None:
        await evening.opens()
        began = evening.house.clock.now
        await evening.goes_on()
        rules = evening.house.settings
        call_s = rules.propose_within_s + rules.accept_within_s
        most = len(plans) * rules.faults_to_tail
        assert evening.wasted <= most
        assert evening.house.clock.now - began <= (
            honest * TALK_S + most * (call_s + 20.0) + (most + honest) * rules.cooldown_s
        )

    asyncio.run(job())


@settings(max_examples=20)
@given(tricks, st.integers(2, 4))
def test_the_others_keep_their_order(plans: list[list[str]], honest: int) -> None:
    """Nobody honest overtakes anybody honest, whatever is played before them."""
    evening = Evening([list(plan) for plan in plans], honest)

    async def job() -> None:
        await evening.opens()
        await evening.goes_on()
        assert [one.key for one in evening.honest] == evening.served

    asyncio.run(job())


@given(st.sampled_from(TRICKS))
@settings(max_examples=len(TRICKS))
def test_whoever_blocks_is_not_thrown_out(trick: str) -> None:
    """He may have had bad luck: he waits on, and is called once he is the only one."""
    evening = Evening([[trick]], 1)

    async def job() -> None:
        await evening.opens()
        await evening.goes_on()
        await evening.passes(evening.house.settings.cooldown_s)
        blocker = evening.blockers[0]
        if trick == "declines":  # another doctor must come: he declined this one
            evening.doctor = await evening.house.on_duty()
        called = await evening.doctor.calls()
        assert evening.is_at(blocker, called)

    asyncio.run(job())
