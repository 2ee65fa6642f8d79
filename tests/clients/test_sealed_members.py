"""Who answers without a credential, and who must have one: the pairs of a larger session."""

from typing import Any

import pytest

from clients.peer.invites import Expected
from clients.peer.sealed import Answers, DoctorHandshake, MemberPapers, PatientHandshake
from clients.peer.sealed_letters import LETTER_SIZES, Far, Link, read_m1
from clients.peer.sealing import (
    framed,
    hashed,
    kem_key,
    pad,
    seal,
    thumb,
    unseal,
)
from signaling.encoding import encode
from tests.clients.authenticator import AUTHENTICATORS
from tests.clients.gathering_cast import INVITE, Met, Person, far, meet
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    OFFER,
    Doctor,
    Impostor,
    answered,
    check_identity,
    code_of,
    compact,
    key,
    public,
    sdp,
    seed,
)
from tests.dice import Dice

PATIENT, GUEST, DOCTOR = (
    Person("patient", "patient"),
    Person("guest", "guest"),
    Person("doctor", "doctor"),
)


def asking(named: Far | None, dice: int = 7) -> PatientHandshake:
    link = Link(INVITE.token, GUEST.holder_seed, INVITE.psk, far=named)
    return PatientHandshake(Dice(dice), link, check_identity())


def answering(papers: Any) -> DoctorHandshake:
    return DoctorHandshake(Dice(8), papers, lambda *_: INVITE.psk, Answers())


def member_m2(m1: bytes, signer: str = "patient holder", label: str = "", **other: Any) -> bytes:
    """An M2 as a patient answers; each keyword replaces a field, None leaves it out."""
    letter = {
        "v": 1,
        "member": "patient",
        "holder": encode(public(key("patient holder"))),
        "pk": encode(kem_key(seed("kem")).public),
        "r": encode(seed("r")),
        "seed": encode(seed("seed")),
        "connection": CONNECTION,
        "restarts": True,
        "offer": OFFER,
    } | other
    plain = compact(letter)
    signature = key(signer).sign(hashed(label or "m2 member signature", m1, plain))
    text = pad(framed(plain) + signature, LETTER_SIZES)
    return seal(read_m1(m1).public_key, hashed("m2", m1), text)


def code_of_member(m2_fields: dict[str, Any], named: Far | None = None) -> str | None:
    """With which code the guest refuses such an answer of whom he takes for the patient."""
    asks = asking(named or far(PATIENT))
    return code_of(asks.read_member, member_m2(asks.m1, **m2_fields))


@pytest.mark.parametrize("who", [PATIENT, GUEST])
def test_who_has_no_credential_answers_as_who_he_is(who: Person) -> None:
    """Role and key as they were named; both ends agree on the digits and on the session."""
    asks, answers = asking(far(who)), answering(who.papers)
    proposal = asks.read_member(answered(answers, asks.m1))
    acceptance = asks.accept(True, ANSWER)
    confirmation = answers.confirm(acceptance.m3)
    channel = asks.confirm(confirmation.m4)

    assert proposal.role == who.role
    assert (proposal.connection, proposal.restarts, proposal.offer) == (CONNECTION, True, OFFER)
    assert proposal.digits == confirmation.digits
    assert "hello" == confirmation.channel.read(channel.write("hello"))


def test_a_doctor_who_was_named_answers() -> None:
    """The control for every doctor below."""
    asks = asking(far(DOCTOR))

    assert asks.read(answered(answering(DOCTOR.papers), asks.m1)).device_key == public(
        key("doctor")
    )


def test_a_doctor_of_whom_nothing_is_known_answers() -> None:
    """A colleague knows the role of who invites, and not yet the key."""
    asks = asking(Far("doctor", None))

    asks.read(answered(answering(DOCTOR.papers), asks.m1))


def test_another_certified_doctor_does_not_answer_for_the_named_one() -> None:
    """A colluding doctor has an identity that holds, and is not the one."""
    asks = asking(far(DOCTOR))
    other = answering(Doctor("another doctor").papers)

    assert "handle" == code_of(asks.read, answered(other, asks.m1))


def test_a_named_doctor_needs_the_gesture_too() -> None:
    """Where the identity names a passkey, §4 holds for a colleague as for the first doctor."""
    doctor = Doctor("doctor", authenticator=AUTHENTICATORS[0])
    asks = asking(far(DOCTOR))
    m2 = Impostor(doctor).m2(asks.m1, passkey=None)

    assert "passkey" == code_of(asks.read, m2)


def test_a_doctors_answer_without_its_identity_is_nothing() -> None:
    """Stripped, it is neither a doctor's nor anybody else's."""
    for read in ("read", "read_member"):
        asks = asking(far(DOCTOR))
        stripped = Impostor(Doctor("doctor")).m2(asks.m1, identity=None, list=None)
        assert "form" == code_of(getattr(asks, read), stripped)


def test_a_doctors_key_answers_for_no_member() -> None:
    """Who was named as a doctor cannot be shown as somebody of whom nothing is asked."""
    asks = asking(far(DOCTOR))
    device = {"holder": encode(public(key("doctor"))), "signer": "doctor"}

    assert "form" == code_of(asks.read_member, member_m2(asks.m1, **device))
    asks = asking(far(DOCTOR))
    assert "form" == code_of(asks.read_member, member_m2(asks.m1, member="doctor", **device))


def test_a_guest_does_not_play_the_doctor() -> None:
    """Not with his own letter, and not by a doctor's letter where a guest was named."""
    asks = asking(far(GUEST))
    assert "form" == code_of(asks.read, answered(answering(DOCTOR.papers), asks.m1))

    asks = asking(far(DOCTOR))
    assert "form" == code_of(asks.read, answered(answering(GUEST.papers), asks.m1))


def test_a_guest_is_not_taken_for_the_patient() -> None:
    """Nor the patient for a guest, though the key is right."""
    assert "form" == code_of_member({"member": "guest"})
    assert "form" == code_of_member({}, Far("guest", PATIENT.key))
    assert code_of_member({}) is None


def test_nobody_answers_where_nobody_was_named() -> None:
    """A patient's link names no member."""
    asks = asking(None)

    assert "form" == code_of(asks.read_member, member_m2(asks.m1))


@pytest.mark.parametrize("name", ["identity", "list", "passkey"])
def test_a_member_shows_nothing_of_a_doctors(name: str) -> None:
    """No letter is both; not even an empty credential."""
    assert "form" == code_of_member({name: "something"})
    assert "form" == code_of_member({name: {}})


def test_another_key_does_not_answer() -> None:
    """The holder is the one who was named."""
    other = {"holder": encode(public(key("guest holder"))), "signer": "guest holder"}

    assert "handle" == code_of_member(other)


def test_a_member_signs_this_answer_to_this_m1() -> None:
    """Not another's key, not another's M1, and under no label of a doctor's."""
    assert "signature" == code_of_member({"signer": "guest holder"})
    assert "signature" == code_of_member({"label": "m2 signature"})
    first, second = asking(far(PATIENT)), asking(far(PATIENT), 9)
    text = _opened(7, first.m1, answered(answering(PATIENT.papers), first.m1))
    moved = seal(read_m1(second.m1).public_key, hashed("m2", second.m1), text)

    assert "signature" == code_of(second.read_member, moved)


def _opened(dice: int, m1: bytes, m2: bytes) -> bytes:
    """What was sealed to the key that is the first throw of these dice."""
    return unseal(kem_key(Dice(dice)(32)), hashed("m2", m1), m2)


@pytest.mark.parametrize(
    "case",
    [
        ("holder", encode(b"short"), "form"),
        ("holder", None, "form"),
        ("member", "doctor", "form"),
        ("member", None, "form"),
        ("v", 2, "form"),
        ("pk", encode(bytes([255]) * 1216), "form"),
        ("offer", sdp(9).replace("sha-256", "sha-1"), "description"),
    ],
)
def test_a_members_letter_is_read_strictly(case: tuple[str, Any, str]) -> None:
    """Each field, as in a doctor's."""
    name, value, code = case

    assert code == code_of_member({name: value})


def test_an_answer_is_taken_once() -> None:
    """A second M2 to one M1 is refused, whoever it is by."""
    asks = asking(far(PATIENT))
    m2 = member_m2(asks.m1)
    asks.read_member(m2)

    assert "twice" == code_of(asks.read_member, m2)


def test_a_key_that_signs_for_anybody_is_nobodys() -> None:
    """A holder of small order is refused, though its thumbprint was named."""
    small = (1).to_bytes(32, "little")
    signature = {"holder": encode(small)}

    assert "signature" == code_of_member(signature, Far("patient", thumb(small)))


def test_nothing_of_the_papers_is_shown() -> None:
    """Keys are left out of `repr`."""
    papers = MemberPapers("guest", key("guest holder"))

    assert "Ed25519" not in repr(papers)


def test_a_pair_meets_by_what_it_was_told() -> None:
    """The control of the cast: one who was expected asks, and gets in."""
    guest, patient = Person("guest", "guest"), Person("patient", "patient")
    patient.book.open(Expected(INVITE, "guest"), 0)

    met = meet(guest, patient)

    assert isinstance(met, Met)
    assert met.entered.entry == guest.entry
    assert "resume" == code_of(meet, guest, patient)
