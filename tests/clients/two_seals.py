"""A patient's and a doctor's side of the seal, and whole handshakes between them."""

from contextlib import AbstractContextManager

import pytest

from clients.peer.doctor_seal import DoctorSeal
from clients.peer.patient_seal import PatientSeal
from clients.peer.sealed_letters import Link
from clients.peer.sealing import Refused
from tests.clients import seal_cast
from tests.clients.seal_cast import CONNECTION, OFFER, check_identity, check_token, personal, pool
from tests.dice import Dice

DOCTOR = seal_cast.Doctor()
CHECK = check_token([personal(), pool(), pool("another")])


def a_patient(
    link: Link | None = None,
    resume: bytes | None = None,
    seed: int = 1,
    mark: bytes | None = None,
) -> PatientSeal:
    """A patient of a pool, unless told."""
    return PatientSeal(link or pool(), Dice(seed), check_identity(), resume, mark)


def refusal(code: str) -> AbstractContextManager[pytest.ExceptionInfo[Refused]]:
    """Expect a refusal with this code."""
    return pytest.raises(Refused, check=lambda refused: refused.code == code)


def answered(doctor: DoctorSeal, patient: PatientSeal, *, in_session: bool = False) -> bytes:
    """M2 of a doctor to a fresh M1."""
    asked = doctor.examine(patient.fresh_m1(in_session=in_session), CHECK, in_session=in_session)
    message = doctor.answer(asked, DOCTOR.papers, CHECK, CONNECTION, OFFER, as_resumed=in_session)
    assert patient.is_of(message.name)
    return message.body


def meet(doctor: DoctorSeal, patient: PatientSeal, *, in_session: bool = False) -> None:
    """A whole handshake."""
    proposal = patient.read(answered(doctor, patient, in_session=in_session))
    m3 = patient.accept(proposal, seal_cast.ANSWER, in_session=in_session)
    assert doctor.is_of(proposal.name)
    m4, _, _ = doctor.confirm(m3)
    patient.confirm(m4.body)
