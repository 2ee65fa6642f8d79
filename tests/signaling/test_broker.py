"""Blind brokering: an address and bytes, within one session, and nothing else."""

import ast
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling import broker
from signaling.addresses import of_seat
from signaling.broker import Desk, NoSession
from signaling.encoding import encode
from signaling.messages import Accepted, Envelope, Member

SESSION, OTHER_SESSION = encode(b"s" * 16), encode(b"t" * 16)
PATIENT, DOCTOR, GUEST = encode(b"p" * 16), encode(b"d" * 16), encode(b"g" * 16)


def seated(*others: str, session: str = SESSION, member: str = PATIENT) -> Desk:
    desk = Desk()
    members = tuple(Member(member=each, role="guest") for each in (member, *others))
    desk.seat(Accepted(session=session, member=member, members=members))
    return desk


def to(member: str) -> Envelope:
    return Envelope(member=member, body="sealed")


def test_an_envelope_goes_to_the_far_end_and_says_from_whom() -> None:
    """The address changes sides, the body does not change."""
    desk = seated(DOCTOR)

    address, envelope = desk.forward(to(DOCTOR))

    assert of_seat(SESSION, DOCTOR) == address
    assert Envelope(member=PATIENT, body="sealed") == envelope


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1))
def test_no_body_is_changed(body: str) -> None:
    """Whatever it is."""
    _, envelope = seated(DOCTOR).forward(Envelope(member=DOCTOR, body=body))

    assert body == envelope.body


def test_nobody_sends_before_a_session() -> None:
    """An empty desk refuses, and has no address."""
    assert Desk().address is None
    with pytest.raises(NoSession):
        Desk().forward(to(DOCTOR))


@pytest.mark.parametrize("member", [PATIENT, GUEST])
def test_only_far_ends_of_the_same_session_are_reached(member: str) -> None:
    """Neither oneself nor somebody who has no seat here."""
    with pytest.raises(NoSession):
        seated(DOCTOR).forward(to(member))


def test_who_came_later_is_reached_and_who_left_is_not() -> None:
    """The desk knows what the last `accepted` said."""
    desk = seated(DOCTOR)

    desk.seat(
        Accepted(
            session=SESSION,
            member=PATIENT,
            members=(Member(member=PATIENT, role="patient"), Member(member=GUEST, role="guest")),
        )
    )

    assert of_seat(SESSION, GUEST) == desk.forward(to(GUEST))[0]
    with pytest.raises(NoSession):
        desk.forward(to(DOCTOR))


def test_a_session_that_is_over_is_forgotten() -> None:
    """No address, no far end."""
    desk = seated(DOCTOR)
    assert of_seat(SESSION, PATIENT) == desk.address

    desk.clear()

    assert desk.address is None
    with pytest.raises(NoSession):
        desk.forward(to(DOCTOR))


def test_addresses_of_two_sessions_never_meet() -> None:
    """A member's id in another session is another address, and no id contains the dot."""
    assert of_seat(SESSION, DOCTOR) != of_seat(OTHER_SESSION, DOCTOR)
    assert 2 == of_seat(SESSION, DOCTOR).count(".")


def test_the_broker_can_open_nothing() -> None:
    """Below a hundred lines, and it imports addresses and the words of the wire alone."""
    source = inspect.getsource(broker)
    imports = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import | ast.ImportFrom)]

    assert len(source.splitlines()) < 100
    assert ["addresses", "messages"] == [n.module for n in imports if isinstance(n, ast.ImportFrom)]
    assert 2 == len(imports)
