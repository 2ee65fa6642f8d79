"""By an invitation one gets in, once, and only who was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer import invites
from clients.peer.errors import BadLink
from clients.peer.invites import (
    IDS_MAX,
    OPEN_S,
    Address,
    Expectations,
    Expected,
    Invite,
    colleague,
    guest,
    of_secret,
)
from clients.peer.sealed import PatientHandshake
from clients.peer.sealed_letters import Far, Link
from clients.peer.sealing import thumb
from signaling.encoding import decode, encode
from tests.clients.gathering_cast import (
    Met,
    Person,
    all_say,
    far,
    introduced,
    meet,
)
from tests.clients.gathering_vectors import VECTORS
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    OFFER,
    Intruder,
    check_identity,
    code_of,
    key,
    pool,
    public,
    seed,
)
from tests.dice import Dice

SECRET = b"secret of an inv"


def two_with_a_guest_to_come() -> tuple[Person, Person, Person]:
    """A patient, a doctor who invited somebody, and that guest's page."""
    patient, doctor = Person("patient", "patient"), Person("doctor", "doctor")
    patient.begins_with(doctor)
    doctor.book.open(guest(SECRET), 0)
    return patient, doctor, Person("guest", "guest")


def code_of_m1(who: Person, m1: bytes, seat: bytes, now: float = 0) -> str | None:
    return code_of(who.book.answer, who.dice, who.papers, m1, seat, CONNECTION, True, OFFER, now)


def m1_of(who: Person, invite: Invite, resume: bytes | None = None) -> bytes:
    return who.asks(Far("doctor", None), invite, resume).m1


def test_a_guest_comes_in_and_all_agree() -> None:
    """Invited by the doctor, introduced to the patient: then everybody is seen by everybody."""
    patient, doctor, newcomer = two_with_a_guest_to_come()
    met = meet(newcomer, doctor, of_secret(SECRET))
    assert met.entered.entry == newcomer.entry
    introduced(doctor, newcomer, patient)
    assert not patient.gathering.is_agreed(newcomer.seat)

    all_say(patient, doctor, newcomer)

    for who in (patient, doctor, newcomer):
        assert who.gathering.newcomers == ()
        assert 3 == len(who.gathering.roster)


def test_a_patient_invites_too() -> None:
    """The guest then asks the patient, and the doctor answers him with his identity."""
    patient, doctor, newcomer = two_with_a_guest_to_come()
    patient.book.open(guest(b"of the patient's"), 0)
    meet(newcomer, patient, of_secret(b"of the patient's"))
    met = introduced(patient, newcomer, doctor)
    all_say(patient, doctor, newcomer)

    assert hasattr(met.proposal, "card")
    assert newcomer.gathering.is_agreed(patient.seat) and newcomer.gathering.is_agreed(doctor.seat)


def handed_over() -> tuple[Person, Person, Person, Met]:
    """A patient, a doctor, and the colleague whom the doctor introduced."""
    patient, doctor = Person("patient", "patient"), Person("doctor", "doctor")
    patient.begins_with(doctor)
    newcomer = Person("colleague", "doctor")
    doctor.book.open(
        colleague(SECRET, public(key("colleague holder")), public(key("colleague"))), 0
    )
    met = meet(newcomer, doctor, of_secret(SECRET), named=Far("doctor", None))
    assert met.entered.entry == newcomer.entry
    return patient, doctor, newcomer, introduced(doctor, newcomer, patient)


def test_a_colleague_takes_over() -> None:
    """The first doctor may leave once all agree; patient and colleague stay."""
    patient, doctor, newcomer, _ = handed_over()
    all_say(patient, doctor, newcomer)
    for who in (patient, newcomer):
        assert who.gathering.is_agreed(doctor.seat)
        who.gathering.remove(doctor.seat)
        who.book.forget(doctor.seat)

    assert patient.gathering.is_agreed(newcomer.seat)
    assert newcomer.gathering.is_agreed(patient.seat)


def test_another_doctor_does_not_take_over() -> None:
    """Who answers the patient has an identity that holds, all that was said, and not the key."""
    patient, _, newcomer, _ = handed_over()
    impostor = Person("another doctor", "doctor")
    invite = Invite(b"named in secret.", b"psk".ljust(32))
    impostor.book.open(Expected(invite, "patient", patient.holder), 0)

    assert "handle" == code_of(lambda: meet(patient, impostor, invite, named=far(newcomer)))


def test_another_doctor_does_not_come_in_as_the_colleague() -> None:
    """He opened the same card, and knows its secret; the day key is another's."""
    doctor, other = Person("doctor", "doctor"), Person("another doctor", "doctor")
    doctor.book.open(
        colleague(SECRET, public(key("colleague holder")), public(key("colleague"))), 0
    )

    assert "token" == code_of_m1(doctor, m1_of(other, of_secret(SECRET)), other.seat)


def test_who_was_not_told_refuses() -> None:
    """A newcomer of whom no inviter spoke is nobody, whatever the server says."""
    patient, doctor, newcomer = two_with_a_guest_to_come()

    assert "token" == code_of_m1(patient, m1_of(newcomer, of_secret(SECRET)), newcomer.seat)
    assert code_of_m1(doctor, m1_of(newcomer, of_secret(SECRET)), newcomer.seat) is None


def test_an_invitation_lets_in_once() -> None:
    """With all that the address says, but not who was in: neither another page nor the same."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    meet(newcomer, doctor, of_secret(SECRET))
    thief = Person("thief", "guest")

    assert "token" == code_of_m1(doctor, m1_of(thief, of_secret(SECRET)), newcomer.seat)
    assert "token" == code_of_m1(doctor, m1_of(newcomer, of_secret(SECRET)), thief.seat)
    assert "resume" == code_of_m1(doctor, m1_of(newcomer, of_secret(SECRET)), newcomer.seat)


def test_of_two_who_come_at_once_one_gets_in() -> None:
    """Both were answered while the invitation was open; the second M3 finds it spent."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    thief = Person("thief", "guest")
    runs = []
    for who in (newcomer, thief):
        handshake = who.asks(far(doctor), of_secret(SECRET))
        m2, answering = doctor.book.answer(
            doctor.dice, doctor.papers, handshake.m1, who.seat, CONNECTION, True, OFFER, 0
        )
        handshake.read(m2)
        runs.append((answering, handshake.accept(True, ANSWER).m3))

    assert code_of(runs[0][0].confirm, runs[0][1]) is None
    assert "twice" == code_of(runs[1][0].confirm, runs[1][1])


def test_who_was_in_comes_back() -> None:
    """With the resume secret of the pair, any number of times, also where M4 was lost."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    met = meet(newcomer, doctor, of_secret(SECRET))
    for _ in range(5):
        before = met.resume
        met = meet(newcomer, doctor, of_secret(SECRET), resume=before)

    met = meet(newcomer, doctor, of_secret(SECRET), resume=before)
    doctor.book.m4_has_come(newcomer.seat)

    stale = m1_of(newcomer, of_secret(SECRET), before)
    assert "resume" == code_of_m1(doctor, stale, newcomer.seat)
    assert code_of_m1(doctor, m1_of(newcomer, of_secret(SECRET), met.resume), newcomer.seat) is None


def test_who_was_excluded_does_not_come_back() -> None:
    """Neither by the invitation nor by the secret of the pair."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    met = meet(newcomer, doctor, of_secret(SECRET))
    again = m1_of(newcomer, of_secret(SECRET), met.resume)
    assert code_of_m1(doctor, again, newcomer.seat) is None

    doctor.book.forget(newcomer.seat)

    for resume in (None, met.resume):
        m1 = m1_of(newcomer, of_secret(SECRET), resume)
        assert "token" == code_of_m1(doctor, m1, newcomer.seat)
    assert "twice" == code_of(doctor.book.open, guest(SECRET), 1)


def test_who_is_excluded_meanwhile_does_not_come_in() -> None:
    """An M2 that is out brings nobody in whose invitation was taken back."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    handshake = newcomer.asks(far(doctor), of_secret(SECRET))
    m2, answering = doctor.book.answer(
        doctor.dice, doctor.papers, handshake.m1, newcomer.seat, CONNECTION, True, OFFER, 0
    )
    handshake.read(m2)
    m3 = handshake.accept(True, ANSWER).m3
    doctor.book.withdraw(of_secret(SECRET).id)

    assert "token" == code_of(answering.confirm, m3)


@pytest.mark.parametrize("after_s", [OPEN_S - 1, OPEN_S, OPEN_S + 0.1])
def test_an_invitation_waits_as_long_as_the_servers(after_s: float) -> None:
    """And no longer; its id is not had again."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    code = code_of_m1(doctor, m1_of(newcomer, of_secret(SECRET)), newcomer.seat, after_s)

    assert code == (None if after_s <= OPEN_S else "token")
    assert "twice" == code_of(doctor.book.open, guest(SECRET), after_s)


def test_who_came_in_time_stays() -> None:
    """What was used does not run out while its member sits."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    met = meet(newcomer, doctor, of_secret(SECRET))
    m1 = m1_of(newcomer, of_secret(SECRET), met.resume)

    assert code_of_m1(doctor, m1, newcomer.seat, 100 * OPEN_S) is None


def test_an_introduction_is_had_once() -> None:
    """Replayed, by whomever, it opens nothing: open, used or forgotten."""
    book, expected = Expectations(), Expected(of_secret(SECRET), "guest", b"h" * 16, b"s" * 16)
    book.open(expected, 0)
    assert "twice" == code_of(book.open, expected, 0)
    book.forget(b"s" * 16)
    assert "twice" == code_of(book.open, expected, 0)

    other = Expected(of_secret(b"another secret.."), "guest", b"h" * 16, b"s" * 16)
    assert code_of(book.open, other, 0) is None


def test_who_is_introduced_again_is_expected_anew() -> None:
    """After a reload: the fresh one counts, and the one before is gone."""
    patient, newcomer = Person("patient", "patient"), Person("guest", "guest")
    first, second = (Invite(name, seed("psk")) for name in (b"1" * 16, b"2" * 16))
    for invite in (first, second):
        expected = Expected(invite, "guest", newcomer.holder, newcomer.seat)
        patient.book.open(expected, 0)

    assert "token" == code_of_m1(patient, m1_of(newcomer, first), newcomer.seat)
    assert code_of_m1(patient, m1_of(newcomer, second), newcomer.seat) is None


def test_few_are_expected() -> None:
    """Three at once, as many as can sit there, and a bounded number in all."""
    book = Expectations()
    for n in range(3):
        book.open(Expected(Invite(bytes([n]), b""), "guest"), 0)
    assert "form" == code_of(book.open, Expected(Invite(b"more", b""), "guest"), 0)

    book = Expectations()
    for n in range(IDS_MAX):
        book.open(Expected(Invite(bytes([n]), b""), "guest", None, b"seat"), 0)
    assert "form" == code_of(book.open, Expected(Invite(b"more", b""), "guest", None, b"seat"), 0)


def test_three_m1_are_answered() -> None:
    """A fourth is too many, and the same one a second time."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    m1 = m1_of(newcomer, of_secret(SECRET))
    assert code_of_m1(doctor, m1, newcomer.seat) is None
    assert "twice" == code_of_m1(doctor, m1, newcomer.seat)
    for _ in range(2):
        assert code_of_m1(doctor, m1_of(newcomer, of_secret(SECRET)), newcomer.seat) is None

    assert "twice" == code_of_m1(doctor, m1_of(newcomer, of_secret(SECRET)), newcomer.seat)


def test_who_knows_only_the_id_does_not_come_in() -> None:
    """The server reads ids. Without the PSK nobody confirms, and without bit 0 nobody asks."""
    _, doctor, newcomer = two_with_a_guest_to_come()
    invite = of_secret(SECRET)
    wrong = Invite(invite.id, bytes(32))
    assert "confirmation" == code_of(meet, newcomer, doctor, wrong)

    without = PatientHandshake(
        Dice(5), Link(invite.token, newcomer.holder_seed, None), check_identity()
    )
    assert "token" == code_of_m1(doctor, without.m1, newcomer.seat)
    assert "token" == code_of_m1(
        doctor, PatientHandshake(Dice(5), pool(), check_identity()).m1, b""
    )


def test_the_server_cannot_put_its_own_keys_in() -> None:
    """An M1 with another KEM key or holder than was signed, or was named, is refused."""
    patient, doctor, newcomer = two_with_a_guest_to_come()
    meet(newcomer, doctor, of_secret(SECRET))
    invite = Invite(b"n" * 16, seed("psk"))
    patient.book.open(Expected(invite, "guest", newcomer.holder, newcomer.seat), 0)
    servers = Intruder(Link(invite.token, seed("server"), invite.psk))

    assert "token" == code_of_m1(patient, servers.m1, newcomer.seat)
    m1 = m1_of(newcomer, invite)
    swapped = m1[:2] + servers.kem.public + m1[2 + 1216 :]
    assert "signature" == code_of_m1(patient, swapped, newcomer.seat)
    assert code_of_m1(patient, m1, newcomer.seat) is None


def test_a_seat_is_the_one_that_was_named() -> None:
    """The server cannot seat an introduced one elsewhere."""
    patient, newcomer = Person("patient", "patient"), Person("guest", "guest")
    invite = Invite(b"n" * 16, seed("psk"))
    patient.book.open(Expected(invite, "guest", newcomer.holder, newcomer.seat), 0)

    assert "token" == code_of_m1(patient, m1_of(newcomer, invite), b"elsewhere")
    assert code_of_m1(patient, m1_of(newcomer, invite), newcomer.seat) is None


def test_a_newcomer_takes_nobodys_seat() -> None:
    """The server calls the guest by the patient's seat: the roster refuses, and no M4 goes out."""
    patient, doctor, newcomer = two_with_a_guest_to_come()
    handshake = newcomer.asks(far(doctor), of_secret(SECRET))
    m2, answering = doctor.book.answer(
        doctor.dice, doctor.papers, handshake.m1, patient.seat, CONNECTION, True, OFFER, 0
    )
    handshake.read(m2)
    entered = answering.confirm(handshake.accept(True, ANSWER).m3)

    assert "roster" == code_of(doctor.gathering.add, entered.entry, 0)
    assert doctor.gathering.roster == tuple(
        sorted((patient.entry, doctor.entry), key=lambda entry: entry.seat)
    )


@given(st.text())
def test_any_fragment_is_an_address_or_none(text: str) -> None:
    """Whatever stands after the #, nothing else is raised."""
    try:
        invites.read_fragment("inv1." + text)
    except BadLink as refused:
        assert refused.__cause__ is None


def test_a_guests_address_comes_through() -> None:
    """The pass as the server gave it, the secret, and who must answer."""
    address = Address("pass1.AQID-_", SECRET, b"s" * 16, b"k" * 16)
    fragment = invites.write_fragment(address)

    assert address == invites.read_fragment(fragment)
    assert "secret" not in repr(address)
    for wrong in (fragment[:-1], fragment[4:], "", "inv1.", fragment.replace("pass1.AQID-_", "")):
        with pytest.raises(BadLink) as refused:
            invites.read_fragment(wrong)
        assert "pass1" not in str(refused.value)


def test_every_frozen_invite_is_made_so() -> None:
    """The id and the PSK of a secret share nothing that can be seen."""
    for x in VECTORS["invites"]:
        invite = of_secret(decode(x["secret"]))
        assert (x["id"], x["psk"]) == (encode(invite.id), encode(invite.psk))


def test_keys_and_secrets_are_not_shown() -> None:
    """Nothing of an invite but its name."""
    invite = of_secret(SECRET)

    assert "psk" not in repr(invite)
    assert thumb(b"") not in (invite.id, invite.psk)
    assert invite.id != of_secret(b"another secret..").id
