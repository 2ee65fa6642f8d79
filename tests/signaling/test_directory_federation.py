"""The first federation by its numbers: 63 queues, 1,300 doctors. Counted, never timed."""

from collections import Counter
from pathlib import Path

import pytest

from signaling.admission import Entrant
from signaling.directory import Directory
from signaling.directory_file import read_directory
from signaling.union_admission import UnionAdmission
from tests.signaling.house import House, Someone, refused
from tests.unions import NOW, AUnion, admission_by, some_key

EXAMPLE = Path(__file__).parents[2] / "deploy" / "example" / "directory.toml"
DOCTORS, QUEUES = 1_300, 63
UNION = AUnion()


def directory() -> Directory:
    return read_directory(EXAMPLE)


def served_by(number: int, queues: Directory) -> tuple[str, ...]:
    """What a doctor's credential names: a home, and its two nearest neighbours for some."""
    home = list(queues.queues)[number % QUEUES]
    return (home, *queues.queues[home].wider[: number // QUEUES % 3])


def federation() -> tuple[UnionAdmission, list[Entrant]]:
    """Everybody enrolled, and let in by today's credential."""
    queues = directory()
    admission = admission_by(UNION.trusted())
    admission.follow(queues)
    entrants = []
    for number in range(DOCTORS):
        key = some_key(bytes([number // 256, number % 256]) * 8)[:22]
        token = UNION.access_of(key, served_by(number, queues)).token
        entrants.append(admission.admit(token, key, NOW))
    return admission, entrants


async def on_duty(house: House, entrants: list[Entrant]) -> list[Someone]:
    doctors = [await Someone(house, entrant).joins() for entrant in entrants]
    for doctor in doctors:
        await doctor.duty("on")
    return doctors


@pytest.mark.timeout(120)
async def test_a_federation_is_admitted_and_every_patient_called_once(house: House) -> None:
    """Each doctor for the queues of his credential, each patient by a doctor of his queue."""
    admission, entrants = federation()
    assert [entrant.queues for entrant in entrants] == [
        served_by(number, directory()) for number in range(DOCTORS)
    ]
    doctors = await on_duty(house, entrants)
    tickets = {}
    for name in directory().queues:
        for _ in range(5):
            entrant = admission.admit(UNION.pool_link(name), house.id(), NOW)
            patient = await Someone(house, entrant).joins()
            tickets[patient.ticket] = name

    called: Counter[str] = Counter()
    for doctor in doctors:
        if len(called) == len(tickets):
            with refused("no-patient"):
                await doctor.calls(None)
            break
        waiting = [await house.order(name) for name in doctor.entrant.queues]
        if any(ticket not in called for queue in waiting for ticket in queue):
            ticket = (await doctor.calls(None)).ticket
            called[ticket] += 1
            assert tickets[ticket] in doctor.entrant.queues

    assert tickets.keys() == called.keys() and {1} == set(called.values())


@pytest.mark.timeout(120)
async def test_a_join_costs_boards_in_its_own_queue_only(house: House) -> None:
    """One to each doctor who serves it and to each who waits in it, and no board made twice."""
    _, entrants = federation()
    doctors = await on_duty(house, entrants)
    sets = {await house.room.boards.queues_of(one.person) for one in doctors if one.person}
    before = {names: await house.room.boards.of_doctor(names, NOW) for names in sets}

    await house.waits("garde-35")

    after = {names: await house.room.boards.of_doctor(names, NOW) for names in sets}
    changed = {names for names in sets if before[names] != after[names]}
    told = [one for one in doctors if tuple(sorted(one.entrant.queues)) in changed]
    assert changed == {names for names in sets if "garde-35" in names}
    assert len(told) == sum("garde-35" in one.entrant.queues for one in doctors)
    # Of 1,300 doctors 48 hear of it, by 6 boards; there are 160 of them to be made at all.
    assert (48, 6, 160) == (len(told), len(changed), len(sets))
