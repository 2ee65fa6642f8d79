"""Whole dialogues, for commands, load and tests: one consultation of two, or one peer alone.

A door. Every line goes to `say`; nothing is printed here. A line carries steps, times and
what is on a doctor's card, never an address, a link or a key.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from .doctor import Doctor
from .errors import NotVouchedFor, Over, PeerError
from .guest import Guest
from .patient import Patient
from .patient_seal import Proposal
from .pattern import CODE_MAX, TONES_HZ
from .reach import BY_ITS_ADDRESS, Reach
from .watch import OnStep

Say = Callable[[str], None]

# A peer alone waits for people, who take their time.
A_DAY_S = 86_400.0
# Whoever stopped the peer wants it to stop; the place or seat ends by itself otherwise.
GOOD_BYE_WITHIN_S = 3.0


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach the far end and the server.

    Attributes:
        relay_url: which of the relay's addresses; the first that answers unless told.
        relay_only: whether no other path may be tried.
        reach: by which address, and whose certificate.
    """

    relay_url: str | None = None
    relay_only: bool = False
    reach: Reach = BY_ITS_ADDRESS


DIRECT = Way()


async def hold_one_consultation(
    patient_url: str, doctor_url: str, say: Say, way: Way = DIRECT
) -> float:
    """Let two peers hold one real consultation, and check what each sees and hears.

    Returns the milliseconds from *accept* until both had read the other's own picture.

    Raises:
        PeerError: what went wrong, in one sentence.
    """
    patient_code, doctor_code = two_codes()
    patient = _patient(patient_url, patient_code, way, _steps(say, "patient"))
    doctor = _doctor(doctor_url, doctor_code, way, _steps(say, "doctor"))
    try:
        await doctor.enter()
        await doctor.goes_on_duty()
        if doctor.board is not None and doctor.board.tickets:
            raise PeerError("Somebody is waiting there already, and would be called instead.")
        await patient.enter()
        await doctor.calls_next()
        await patient.waits_for_call()
        await asyncio.gather(patient.accepts(), doctor.is_accepted())
        if patient.digits != doctor.digits:
            raise PeerError("The two ends show different digits: somebody is in between.")
        seen = await asyncio.gather(patient.sink.saw(doctor_code), doctor.sink.saw(patient_code))
        await asyncio.gather(patient.sink.heard(doctor_code), doctor.sink.heard(patient_code))
        await patient.hang_up()
        await doctor.waits_for_the_end(GOOD_BYE_WITHIN_S)
        await doctor.goes_off_duty()
        return (max(seen) - patient.steps.at["accept"]) * 1000
    finally:
        await patient.close()
        await doctor.close()


async def run_patient(url: str, say: Say, *, way: Way = DIRECT) -> None:
    """Wait, accept whoever calls, and stay until the consultation is over.

    Raises:
        PeerError: what went wrong, in one sentence.
    """
    patient = _patient(url, secrets.randbelow(CODE_MAX + 1), way, _steps(say, "patient"))
    try:
        await patient.enter()
        say(f"place {patient.place}, doctors on duty: {patient.doctors}")
        outcome = "requeued"
        while outcome == "requeued":
            while patient.state != "session":
                try:
                    say(_who(await patient.waits_for_call(A_DAY_S)))
                    await patient.accepts()
                except NotVouchedFor as refused:
                    say(str(refused))
                    await patient.waits_again()
                except Over as over:
                    if over.what != "call":
                        raise
                    await patient.waits_again()
            say(f"the doctor's picture says {await patient.sink.first_code():04x}")
            outcome = await patient.waits_for_the_end(A_DAY_S)
            say(f"the consultation is over: {outcome}")
    finally:
        await leaves(patient)


async def run_doctor(
    url: str, say: Say, *, once: bool = False, talk_s: float = A_DAY_S, way: Way = DIRECT
) -> None:
    """Take patients, one after the other, until cancelled; with `once` only the first.

    After `talk_s` the doctor hangs up.

    Raises:
        PeerError: what went wrong, in one sentence.
    """
    doctor = _doctor(url, secrets.randbelow(CODE_MAX + 1), way, _steps(say, "doctor"))
    try:
        await doctor.enter()
        await doctor.goes_on_duty()
        while True:
            try:
                if doctor.state != "session":  # it may have been running already
                    await doctor.calls_next(within_s=A_DAY_S)
                    await doctor.is_accepted()
            except NotVouchedFor as refused:
                say(str(refused))
                await doctor.is_over_within(GOOD_BYE_WITHIN_S)
                continue
            except Over as over:
                say(str(over))
                continue
            say(f"the patient's picture says {await doctor.sink.first_code():04x}")
            if not await doctor.is_over_within(talk_s):
                await doctor.hang_up()
            if once:
                return
    finally:
        await goes_home(doctor)


async def run_guest(url: str, say: Say, *, way: Way = DIRECT) -> None:
    """Come by an invitation, and stay until the consultation is over.

    Raises:
        PeerError: what went wrong, in one sentence.
    """
    guest = Guest(
        url,
        code=secrets.randbelow(CODE_MAX + 1),
        on_step=_steps(say, "guest"),
        relay_url=way.relay_url,
        relay_only=way.relay_only,
        reach=way.reach,
    )
    try:
        await guest.enter()
        count = await guest.company.is_let_in()
        say(f"{count} are here, and agree on it")
        for pair in guest.company.pairs.values():
            shown = pair.card.name if pair.card else "the patient, or another guest"
            say(f"{shown}; digits {pair.digits[:3]} {pair.digits[3:]}")
        say(f"the consultation is over: {await guest.waits_for_the_end(A_DAY_S)}")
    finally:
        with suppress(PeerError, TimeoutError):
            async with asyncio.timeout(GOOD_BYE_WITHIN_S):
                if guest.is_in:
                    await guest.hang_up()
        await guest.close()


def _who(proposal: Proposal) -> str:
    card = proposal.card
    return (
        f"{card.name}, {card.specialty}, vouched for by {proposal.union}, is calling; "
        f"digits {proposal.digits[:3]} {proposal.digits[3:]}"
    )


def _patient(url: str, code: int, way: Way, on_step: OnStep) -> Patient:
    return Patient(
        url,
        code=code,
        on_step=on_step,
        relay_url=way.relay_url,
        relay_only=way.relay_only,
        reach=way.reach,
    )


def _doctor(url: str, code: int, way: Way, on_step: OnStep) -> Doctor:
    return Doctor(
        url,
        code=code,
        on_step=on_step,
        relay_url=way.relay_url,
        relay_only=way.relay_only,
        reach=way.reach,
    )


def two_codes() -> tuple[int, int]:
    """Two codes that differ, and so do their tones."""
    first = secrets.randbelow(CODE_MAX + 1)
    apart = 1 + secrets.randbelow(len(TONES_HZ) - 1)
    return first, (first + apart) % (CODE_MAX + 1)


def _steps(say: Say, who: str) -> OnStep:
    return lambda name, ms: say(f"{who:<8} {name:<16} {ms:7.0f} ms")


async def leaves(patient: Patient) -> None:
    """Say good-bye if that can be said, and close the window."""
    with suppress(PeerError, TimeoutError):
        async with asyncio.timeout(GOOD_BYE_WITHIN_S):
            if patient.state == "session":
                await patient.hang_up()
            elif patient.state in ("waiting", "proposed"):
                await patient.gives_up()
    await patient.close()


async def goes_home(doctor: Doctor) -> None:
    """Say good-bye if that can be said, go off duty, and close the window."""
    with suppress(PeerError, TimeoutError):
        async with asyncio.timeout(GOOD_BYE_WITHIN_S):
            if doctor.state == "session":
                await doctor.hang_up()
            elif doctor.state == "calling":
                await doctor.withdraws()
            if doctor.state == "on":
                await doctor.goes_off_duty()
    await doctor.close()
