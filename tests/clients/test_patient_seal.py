"""A patient's handshakes: one M1, one M2, one M3; and what stands in the address when."""

import hashlib
import hmac

import pytest

from clients.peer.doctor_seal import DoctorSeal
from clients.peer.patient_seal import PatientSeal, mark_of
from clients.peer.sealing import Refused
from tests.clients import seal_cast
from tests.clients.seal_cast import ANSWER, CONNECTION, OFFER, UNION, check_identity, personal, pool
from tests.clients.two_seals import CHECK, DOCTOR, a_patient, answered, meet, refusal
from tests.dice import Dice

ANOTHER = seal_cast.Doctor("another doctor", claims={"handle": None})


def reloaded(patient: PatientSeal) -> PatientSeal:
    """The page that finds what this one had left in the address."""
    return a_patient(resume=patient.resume, seed=5, mark=patient.mark)


def device_of(doctor: seal_cast.Doctor) -> bytes:
    return doctor.papers.device_key.public_key().public_bytes_raw()


def m2_of(other: seal_cast.Doctor, m1: bytes) -> bytes:
    """The answer of another doctor, of the same union, to this M1."""
    doctor = DoctorSeal(Dice(9))
    asked = doctor.examine(m1, CHECK)
    return doctor.answer(asked, other.papers, CHECK, CONNECTION, OFFER).body


def test_a_proposal_says_who_calls_and_which_union_says_so() -> None:
    """And the digits, before anybody has said yes."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()

    proposal = patient.read(answered(doctor, patient))

    assert ("Dr Camille Roux", UNION.name) == (proposal.card.name, proposal.union)
    assert 6 == len(proposal.digits)
    assert (None, "") == (patient.resume, patient.digits)


def test_the_secret_is_in_the_address_before_m3_is_sent() -> None:
    """Else a reload after M3 would be a stranger's."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    proposal = patient.read(answered(doctor, patient))

    m3 = patient.accept(proposal, ANSWER)

    assert patient.resume is not None
    doctor.confirm(m3)
    assert patient.resume == doctor.secrets.newest


def test_inside_a_session_the_secret_before_stays_until_m4() -> None:
    """Should M3 be lost, the doctor knows no other."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    meet(doctor, patient)
    before = patient.resume
    proposal = patient.read(answered(doctor, patient, in_session=True), in_session=True)

    m3 = patient.accept(proposal, ANSWER, in_session=True)
    assert before == patient.resume
    m4, _, _ = doctor.confirm(m3)
    patient.confirm(m4.body)

    assert before != patient.resume == doctor.secrets.newest


def test_no_record_is_written_from_a_fresh_m1_to_its_m4() -> None:
    """What still comes under the old keys is read."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    meet(doctor, patient)
    assert patient.records.may_write

    patient.fresh_m1(in_session=True)

    assert not patient.records.may_write
    assert patient.records.channel is not None


def test_a_fresh_m1_makes_the_one_before_worthless() -> None:
    """Its answer bears another name, and its proposal is nobody's to accept."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    proposal = patient.read(answered(doctor, patient))

    patient.fresh_m1()

    assert not patient.is_of(proposal.name)
    with refusal("twice"):
        patient.accept(proposal, ANSWER)


def test_a_word_for_one_proposal_accepts_no_other() -> None:
    """Though another one has been read meanwhile, which may be accepted."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    first = patient.read(answered(doctor, patient))
    patient.read(answered(doctor, patient))

    with refusal("twice"):
        patient.accept(first, ANSWER)


def test_where_nothing_was_asked_nothing_is_read() -> None:
    """Neither an M2 nor an M4."""
    for take in (a_patient().read, a_patient().confirm):
        with refusal("twice"):
            take(bytes(32))


def test_a_second_m2_to_one_m1_is_refused() -> None:
    """And the handshake is over."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    m2 = answered(doctor, patient)
    proposal = patient.read(m2)

    with refusal("twice"):
        patient.read(m2)
    with refusal("twice"):
        patient.accept(proposal, ANSWER)


def test_a_session_is_with_the_doctor_who_was_accepted() -> None:
    """Another one of the pool is refused inside it; before, he would have done."""
    patient = a_patient()
    meet(DoctorSeal(Dice(2)), patient)

    with refusal("handle"):
        patient.read(m2_of(ANOTHER, patient.fresh_m1()), in_session=True)
    assert patient.read(m2_of(ANOTHER, patient.fresh_m1()))


def test_the_mark_is_what_the_specification_says() -> None:
    """Byte by byte, with nothing of ours: both ends of an address must read it alike."""
    resume, key = bytes(range(16)), bytes(range(32))
    parts = (b"sceau/1", b"doctor", key)
    text = hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()

    assert hmac.digest(resume, text, "sha256")[:16] == mark_of(resume, key)
    assert "01cb22e4a52b025788cb154b9404f2d0" == mark_of(resume, key).hex()


def test_a_reloaded_page_knows_whom_it_had_accepted() -> None:
    """Another one of the pool is refused in the session; the one who was there is not."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    meet(doctor, patient)
    again = reloaded(patient)

    with refusal("handle"):
        again.read(m2_of(ANOTHER, again.fresh_m1(in_session=True)), in_session=True)

    assert again.read(answered(doctor, again, in_session=True), in_session=True).is_known


def test_without_the_mark_a_reloaded_page_knows_nobody() -> None:
    """The control: the swap above is well made, and the mark is what catches it. He is asked."""
    patient = a_patient()
    meet(DoctorSeal(Dice(2)), patient)
    again = a_patient(resume=patient.resume, seed=5)

    assert again.mark is None
    m2 = m2_of(ANOTHER, again.fresh_m1(in_session=True))
    assert not again.read(m2, in_session=True).is_known


def test_a_mark_without_its_secret_tells_nothing() -> None:
    """Nor does a secret alone, and in a call nobody is known."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient()
    meet(doctor, patient)
    again = a_patient(seed=5, mark=patient.mark)

    assert not again.read(m2_of(DOCTOR, again.fresh_m1()), in_session=True).is_known
    assert not patient.read(m2_of(DOCTOR, patient.fresh_m1())).is_known
    assert patient.read(m2_of(DOCTOR, patient.fresh_m1()), in_session=True).is_known


def test_in_a_call_a_mark_of_before_binds_nobody() -> None:
    """Who waits again after a reload may accept another doctor, who is then the one marked."""
    patient = a_patient()
    meet(DoctorSeal(Dice(2)), patient)
    again = reloaded(patient)
    assert again.mark == patient.mark

    again.accept(again.read(m2_of(ANOTHER, again.fresh_m1())), ANSWER)

    assert again.resume is not None and again.resume != patient.resume
    assert again.mark == mark_of(again.resume, device_of(ANOTHER))


def test_the_mark_goes_with_the_secret_that_stands_in_the_address() -> None:
    """Inside a session both stay until M4; then both are new, and still of the same doctor."""
    doctor, first = DoctorSeal(Dice(2)), a_patient()
    meet(doctor, first)
    patient = reloaded(first)
    proposal = patient.read(answered(doctor, patient, in_session=True), in_session=True)

    m3 = patient.accept(proposal, ANSWER, in_session=True)
    assert (first.resume, first.mark) == (patient.resume, patient.mark)
    m4, _, _ = doctor.confirm(m3)
    patient.confirm(m4.body)

    assert patient.resume is not None and first.mark != patient.mark
    assert patient.mark == mark_of(patient.resume, device_of(DOCTOR))


def test_another_doctor_on_a_personal_link_is_refused_at_once() -> None:
    """Of the same union or not: the link says whose it is."""
    patient = PatientSeal(personal(), Dice(4), check_identity())

    with refusal("handle"):
        patient.read(m2_of(ANOTHER, patient.fresh_m1()))


def test_a_wrong_m4_opens_nothing() -> None:
    """And the session before is not written to either."""
    doctor, patient = DoctorSeal(Dice(2)), a_patient(pool())
    patient.accept(patient.read(answered(doctor, patient)), ANSWER)

    with pytest.raises(Refused):
        patient.confirm(bytes(32))

    assert patient.records.channel is None and not patient.records.may_write


def test_after_the_session_nothing_of_it_is_left() -> None:
    """Neither keys nor digits nor a secret in the address."""
    patient = a_patient()
    meet(DoctorSeal(Dice(2)), patient)

    patient.forget()

    assert (None, None, "") == (patient.resume, patient.doctor, patient.digits)
    assert patient.mark is None
    assert patient.records.channel is None
