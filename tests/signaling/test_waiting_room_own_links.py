"""A doctor's own link rings that doctor and nobody else, until its patient says otherwise."""

import asyncio
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from signaling.broker import NoSession
from signaling.messages import Call, Called, Duty
from signaling.people import Refusal
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import QUEUE, House, Someone

who = st.integers(0, 2)
happenings = st.one_of(
    st.tuples(st.just("calls"), who, st.sampled_from(["first", "of the pool", "picked"])),
    st.tuples(st.just("duty"), who, st.sampled_from(["on", "off", "draining"])),
    st.tuples(st.just("patient"), who, st.sampled_from(["declines", "is lost", "gives up"])),
    st.tuples(st.just("all"), who, st.sampled_from(["sleep", "rest", "lose the store"])),
)


class Night:
    """A doctor with two patients of his own link, two colleagues, and one patient of their pool."""

    def __init__(self) -> None:
        self.house = House(Clock(), Dice())
        self.own = self.house.id()
        self.heard_by_colleagues: set[str] = set()

    async def begins(self) -> None:
        owner = await self.house.on_duty(self.own, QUEUE)
        colleagues = [await self.house.on_duty(self.house.id(), QUEUE) for _ in range(2)]
        self.doctors = [owner, *colleagues]
        self.patients = [await self.house.waits(self.own) for _ in range(2)]
        self.patients.append(await self.house.waits(QUEUE))

    async def goes_on(self, what: str, at: int, how: Any) -> None:
        """Something happens, or is refused."""
        doctor = self.doctors[at]
        match what:
            case "calls":
                await self.calls(doctor, how)
            case "duty":
                await doctor.says(Duty(state=how))
            case "patient":
                await self.happens_to(at, how)
            case _:
                await self.happens_to_all(how)

    async def calls(self, doctor: Someone, how: str) -> None:
        ticket = self.patients[0].ticket if how == "picked" else None
        await doctor.says(Call(queue=QUEUE if how == "of the pool" else None, ticket=ticket))
        called = doctor.hears(Called)
        if doctor is not self.doctors[0]:
            self.heard_by_colleagues.add(called.ticket)
        await doctor.proposes(called)

    async def happens_to(self, at: int, how: str) -> None:
        patient = self.patients[at]
        match how:
            case "declines":
                await patient.leaves_call()
                await patient.renews()
            case "is lost":
                await patient.loses_the_network()
                self.patients[at] = await patient.comes_back()
            case _:
                await patient.gives_up()
                self.patients[at] = await patient.reopens()

    async def happens_to_all(self, how: str) -> None:
        rules = self.house.settings
        match how:
            case "sleep":
                await self.house.passes(rules.awake_s - 1, but=tuple(self.doctors))
                await self.house.passes(2, but=tuple(self.doctors))
            case "rest":
                await self.house.passes(rules.cooldown_s, but=tuple(self.doctors))
            case _:
                self.house.opens()
                self.doctors = [await doctor.reopens() for doctor in self.doctors]
                for doctor in self.doctors:
                    await doctor.duty("on")
                self.patients = [await patient.comes_back() for patient in self.patients]
        for patient in self.patients:
            await patient.renews()


@settings(max_examples=60)
@given(st.lists(happenings, max_size=25))
def test_a_link_rings_no_other_doctor_by_itself(night: list[tuple[str, int, str]]) -> None:
    """Whoever calls however, while its doctor is away, declined or paused, or the store is lost."""
    it = Night()

    async def job() -> None:
        await it.begins()
        own = {patient.ticket for patient in it.patients[:2]}
        for happening in night:
            with suppress(Refusal, NoSession):
                await it.goes_on(*happening)
            own |= {patient.ticket for patient in it.patients[:2]}
        assert it.heard_by_colleagues.isdisjoint(own)

    asyncio.run(job())


async def test_the_patients_word_lets_it_ring_the_others(house: House) -> None:
    """The other side of the test above: he widens, and is called by a colleague at his turn."""
    own = house.id()
    patient = await house.waits(own)
    later = await house.waits(QUEUE)
    colleague = await house.on_duty(house.id(), QUEUE)
    assert later.ticket == (await colleague.calls(queue=None)).ticket

    await patient.joins(keep_pass=patient.token, queue=QUEUE)

    other = await house.on_duty(house.id(), QUEUE)
    assert patient.ticket == (await other.calls(queue=None)).ticket
