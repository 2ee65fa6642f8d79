"""Figures of use through real sockets: who comes and goes is counted, and nobody hears of it."""

import re
from collections.abc import Callable

from signaling.messages import Accepted, Duty, Ended, Leave
from signaling.store import StoreAway, Tally
from tests.actors import Doctor, Patient
from tests.serving import QUEUE, Signaling


async def tallies(signaling: Signaling) -> dict[str, int]:
    """The noisy tallies of this hour and day, by name."""
    held = await signaling.store.held()
    return {one.name: one.value for one in held if isinstance(one, Tally)}


async def until(doctor: Doctor, is_so: Callable[[dict[str, int]], bool], of: Signaling) -> None:
    """Wait for the pulse to have come so far."""
    while not is_so(await tallies(of)):
        await doctor.settled()


async def consult(patient: Patient, doctor: Doctor) -> None:
    """Hold a consultation, with the one who hangs up saying how its media went."""
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.calls_and_proposes(QUEUE)
    await patient.accepts()
    await doctor.hears(Accepted)
    await patient.says(Leave(what="session", path="relayed"))
    assert await doctor.hears(Ended) == Ended(what="session", outcome="left")
    await patient.is_closed()


async def test_a_consultation_is_one_more_in_three_noisy_numbers(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """From the moment that the server serves there is noise, and each event adds one to it."""
    born = await tallies(signaling)

    await consult(patient, doctor)

    await until(doctor, lambda now: sum(now.values()) == sum(born.values()) + 3, signaling)
    now = await tallies(signaling)
    changed = [re.sub(r"-\d{10}", "", name) for name in now if now[name] == born[name] + 1]
    assert ["noisy-consultations", "noisy-endings-relayed", "noisy-waits-under-1"] == sorted(
        changed
    )


async def test_a_store_that_keeps_no_count_hurts_nobody(
    signaling: Signaling, patient: Patient, doctor: Doctor
) -> None:
    """People are served as ever; no fault is written down, and the pulse goes on."""
    asked = []

    async def is_away(name: str, born: int, by: int, expires_at: float) -> int:
        asked.append(by)
        raise StoreAway

    signaling.store.tally = is_away  # type: ignore[method-assign] # one method of it is away

    await consult(patient, doctor)
    while 3 > sum(asked):
        await doctor.settled()
    await doctor.says(Duty(state="off"))
    await doctor.settled()

    assert [] == await signaling.of_people()
    signaling.journal.flush(is_last=True)
    assert [] == [line for line in signaling.written if "fault" in line]
