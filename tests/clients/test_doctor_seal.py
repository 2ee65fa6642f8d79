"""Who may come back into a session without a click, and which M1 is answered at all."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.peer.doctor_seal import EARLIER_MAX, DoctorSeal, Secrets
from clients.peer.sealed_letters import M1, Link, read_m1
from clients.peer.sealing import hashed
from tests.clients import seal_cast
from tests.clients.seal_cast import CONNECTION, OFFER, check_token, personal, pool
from tests.clients.two_seals import CHECK, DOCTOR, a_patient, answered, meet, refusal
from tests.dice import Dice

OLD, NEW = b"o" * 16, b"w" * 16


def signed(secret: bytes | None) -> M1:
    return read_m1(a_patient(resume=secret).fresh_m1(in_session=True))


def test_before_any_agreement_nobody_is_known() -> None:
    """Whatever the M1 carries."""
    secrets = Secrets(None)

    assert secrets.of(signed(None)) is None
    assert secrets.of(signed(OLD)) is None


def test_who_agreed_is_known_and_nobody_else() -> None:
    """Also by a doctor's page that found the secret in its address."""
    secrets = Secrets(OLD)

    assert OLD == secrets.of(signed(OLD))
    assert secrets.of(signed(NEW)) is None
    assert secrets.of(signed(None)) is None


def test_the_secret_before_holds_until_m4_has_come() -> None:
    """A patient whom M4 has not reached signs under the one before."""
    secrets = Secrets(OLD)
    secrets.agree(NEW)
    assert (OLD, NEW) == (secrets.of(signed(OLD)), secrets.of(signed(NEW)))

    secrets.m4_has_come()

    assert secrets.of(signed(OLD)) is None
    assert NEW == secrets.of(signed(NEW))


def test_earlier_secrets_are_few() -> None:
    """The oldest goes first."""
    secrets = Secrets(OLD)
    for n in range(EARLIER_MAX + 1):
        secrets.agree(bytes((n + 1,)) * 16)

    assert secrets.of(signed(OLD)) is None
    assert secrets.of(signed(b"\1" * 16)) is not None


@pytest.mark.parametrize("link", [pool(), personal()])
def test_a_handshake_gives_both_ends_one_session_and_one_secret(link: Link) -> None:
    """The patient comes back into it without a click."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient(link)
    meet(doctor, patient)
    assert patient.digits == doctor.digits != ""
    assert patient.resume == doctor.secrets.newest

    meet(doctor, patient, in_session=True)

    assert patient.digits == doctor.digits
    assert patient.resume == doctor.secrets.newest


def test_after_the_session_nobody_is_known() -> None:
    """The next patient is another one."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    meet(doctor, patient)

    doctor.forget()

    assert (None, "") == (doctor.secrets.newest, doctor.digits)
    assert doctor.records.channel is None
    assert doctor.examine(patient.fresh_m1(in_session=True), CHECK).resume is None


def test_an_m1_is_answered_once_and_three_in_a_row() -> None:
    """A click, or a handshake that was completed, begins the count anew."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    doctor.begin_call()
    for _ in range(3):
        answered(doctor, patient)
    with refusal("twice"):
        answered(doctor, patient)

    doctor.allow_more()
    meet(doctor, patient)

    for _ in range(3):
        answered(doctor, patient)


def test_a_replay_is_known_before_anything_is_made_for_it() -> None:
    """However long ago its answer was."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    m1 = patient.fresh_m1()
    doctor.answer(doctor.examine(m1, CHECK), DOCTOR.papers, CHECK, CONNECTION, OFFER)
    doctor.allow_more()

    with refusal("twice"):
        doctor.examine(m1, CHECK)


def test_inside_a_session_only_the_holder_who_was_called_is_looked_at() -> None:
    """And outside of one anybody whose link leads here."""
    doctor = DoctorSeal(Dice(2))
    meet(doctor, a_patient())
    another = a_patient(pool("another"), seed=3)

    with refusal("token"):
        doctor.examine(another.fresh_m1(), CHECK, in_session=True)
    assert doctor.examine(another.fresh_m1(), CHECK)


def test_who_comes_without_the_secret_is_not_answered_as_who_has_it() -> None:
    """It takes a click, and then it is."""
    doctor = DoctorSeal(Dice(2))
    meet(doctor, a_patient())
    stranger = doctor.examine(a_patient(seed=3).fresh_m1(), CHECK, in_session=True)

    with refusal("resume"):
        doctor.answer(stranger, DOCTOR.papers, CHECK, CONNECTION, OFFER, as_resumed=True)
    assert doctor.answer(stranger, DOCTOR.papers, CHECK, CONNECTION, OFFER)


def test_what_only_a_forger_sends_is_known_before_anything_is_made_for_it() -> None:
    """A signature that does not hold, a key that is none, a link to somebody else."""
    doctor, m1 = DoctorSeal(Dice(2)), a_patient().fresh_m1()
    before = m1[:-64]
    is_no_key = before[:2] + b"\xff" * 1216 + before[2 + 1216 :]
    holder = Ed25519PrivateKey.from_private_bytes(pool().holder_seed)

    def signed_anew(text: bytes) -> bytes:
        return text + holder.sign(hashed("m1", text))

    with refusal("signature"):
        doctor.examine(before + bytes(64), CHECK)
    with refusal("form"):
        doctor.examine(signed_anew(is_no_key), CHECK)
    with refusal("token"):
        doctor.examine(m1, check_token([personal()]))
    assert doctor.examine(signed_anew(before), CHECK)


def test_m3_is_taken_once() -> None:
    """And none that nobody asked for."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    with refusal("twice"):
        doctor.confirm(bytes(2000))
    m3 = patient.accept(patient.read(answered(doctor, patient)), seal_cast.ANSWER)
    doctor.confirm(m3)

    with refusal("twice"):
        doctor.confirm(m3)
