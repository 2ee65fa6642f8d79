"""Who sits behind a socket, and what being told something makes of him."""

from dataclasses import replace

import pytest

from signaling.addresses import of_doctor, of_ticket
from signaling.encoding import encode
from signaling.messages import Accepted, Ended, Joined, MemberRole, Renew
from signaling.passes import Pass, Passbook
from signaling.people import NO_KEY, Entered, Person, Refusal, joined_as, own_pass

KEY, TICKET, SESSION, MEMBER = (encode(bytes((n,)) * 16) for n in range(1, 5))
PATIENT = Person("patient", KEY, ("q",), ticket=TICKET)
DOCTOR = Person("doctor", KEY, ("q", "r"))
ACCEPTED = Accepted(session=SESSION, member=MEMBER, members=())


@pytest.mark.parametrize(
    ("role", "is_doctor"),
    [("patient", False), ("guest", False), ("doctor", True), ("colleague", True)],
)
def test_a_colleague_is_a_doctor_and_a_guest_is_not(role: MemberRole, is_doctor: bool) -> None:
    """By the credential with which he entered."""
    assert is_doctor == Person(role, KEY).is_doctor


def test_post_goes_to_a_doctors_key_and_a_patients_ticket() -> None:
    """A guest has no post outside his session."""
    assert (of_doctor(KEY), of_ticket(TICKET)) == (DOCTOR.address, PATIENT.address)
    assert None is Person("guest", KEY).address


def test_accepted_turns_a_ticket_into_a_seat() -> None:
    """The queues stay, for the way back."""
    seated = PATIENT.told(ACCEPTED)

    assert replace(PATIENT, ticket=None, session=SESSION, member=MEMBER) == seated


def test_the_end_of_a_session_empties_the_seat() -> None:
    """The person is as before it."""
    assert DOCTOR == DOCTOR.told(ACCEPTED).told(Ended(what="session", outcome="left"))


def test_other_news_change_nobody() -> None:
    """Neither the end of a call nor a greeting."""
    for message in (Ended(what="call", outcome="late"), Joined(now=0)):
        assert PATIENT == PATIENT.told(message)


def test_a_doctor_is_greeted_with_his_queues_and_others_are_not() -> None:
    """And nobody with a pass: those who need one are given it elsewhere."""
    assert Joined(queues=("q", "r"), now=7) == joined_as(DOCTOR, 7)
    assert Joined(now=7) == joined_as(PATIENT, 7)


def test_entering_names_the_seat_when_there_is_one() -> None:
    """Otherwise there is none."""
    assert ACCEPTED == Entered(PATIENT, "waiting", [Joined(now=0), ACCEPTED]).accepted
    assert None is Entered(PATIENT, "waiting", [Joined(now=0)]).accepted


def test_a_refusal_says_its_code_only() -> None:
    """Nothing of who was refused, or why beyond the code."""
    refusal = Refusal("full", retry_s=20)

    assert ("full", "full", 20) == (str(refusal), refusal.code, refusal.retry_s)
    assert None is Refusal("ended").retry_s


def test_no_key_is_nobodys_thumbprint() -> None:
    """Zeros, of the length of a key."""
    assert "A" * 22 == NO_KEY
    assert "renew" == Renew().type


def test_a_pass_is_its_holders_and_an_invitation_whoevers_comes() -> None:
    """Another's, a foreign one and one that is over are refused as the wire says."""
    book, key, other = Passbook([b"s" * 32]), encode(b"k" * 16), encode(b"o" * 16)
    id_ = encode(b"i" * 16)
    own = Pass("wait", "patient", id_, key, encode(b"e" * 8), 1, 0, 10.0)
    open_ = replace(own, kind="invite", role="guest", key=NO_KEY)

    assert own == own_pass(book, book.issue(own), key, 9.0)
    assert open_ == own_pass(book, book.issue(open_), other, 9.0)
    for token, holder, now, code in (
        (book.issue(own), other, 9.0, "not-admitted"),
        (Passbook([b"t" * 32]).issue(own), key, 9.0, "not-admitted"),
        (book.issue(own), key, 10.0, "expired"),
    ):
        with pytest.raises(Refusal) as raised:
            own_pass(book, token, holder, now)
        assert code == raised.value.code
