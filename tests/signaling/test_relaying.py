"""Relay passwords go with places and seats, and the relay is told who is together."""

import pytest

from relay import credentials
from signaling.messages import Accepted, Called, Joined, Relay, Renew
from signaling.relaying import NoOrders, Offer, Relaying, password_secret
from tests.clock import Clock
from tests.dice import Dice
from tests.signaling.house import House, Someone

SECRET = bytes(range(32))
OFFER = Offer(("turn:192.0.2.1:3478?transport=udp",), only=True, password_s=600)


@pytest.fixture
def house(clock: Clock, dice: Dice) -> House:
    return House(clock, dice)


def tag_of(relay: Relay | None) -> str:
    """Read the tag out of a relay password."""
    assert relay is not None
    name = credentials.read_name(relay.username.encode())
    assert name is not None
    return name.tag


def seat_tag(member: Someone) -> str:
    """Read the tag of a seat out of what its member was handed last."""
    return tag_of([said.relay for said in member.all(Accepted) if said.relay][-1])


def test_a_password_is_one_that_the_relay_makes_itself() -> None:
    """Server and relay make the same password of name and installation secret."""
    handed = Relaying(SECRET, OFFER).password("tag", 1_790_000_000.9)

    minted = credentials.mint(password_secret(SECRET).encode(), "tag", 1_790_000_600)
    assert handed is not None
    assert minted == (handed.username, handed.password)
    assert (handed.urls, handed.only, handed.expires_at) == (OFFER.urls, True, 1_790_000_600)


def test_without_a_relay_nothing_is_handed_out() -> None:
    """An installation may go without: then pages connect directly."""
    assert Relaying(SECRET).for_("ticket", "a" * 22, 1_790_000_000) is None


def test_a_tag_says_nothing_of_what_it_stands_for() -> None:
    """Another secret, kind or id gives another tag, and none holds the id."""
    relaying, other = Relaying(SECRET), Relaying(bytes(32))
    ids = ["Zm9vYmFyYmF6cXV4MDAwMA", "Zm9vYmFyYmF6cXV4MDAwMQ"]

    tags = {
        tag
        for one in (relaying, other)
        for id_ in ids
        for tag in (one.tag("ticket", id_), one.tag("call", id_))
    }

    assert 8 == len(tags)
    assert all(credentials.is_tag(tag) for tag in tags)
    assert not any(id_ in tag for id_ in ids for tag in tags)


def test_a_relay_that_cannot_be_told_holds_nobody_up() -> None:
    """Orders for nobody are no error."""
    NoOrders().bind(["a", "b"])
    NoOrders().end(["a"])


async def test_both_ends_of_a_call_are_together_from_its_start(house: House) -> None:
    """The tags under which both gathered before are those that are bound, and no others."""
    patient, doctor = await house.waits(), await house.on_duty()
    waiting = patient.hears(Joined)
    called = await doctor.calls()
    assert not house.told.together

    await doctor.proposes(called)
    await patient.accepts()

    tags = {tag_of(waiting.relay), tag_of(called.relay)}
    assert {frozenset(tags)} == house.told.together
    assert tags == {seat_tag(patient), seat_tag(doctor)}


async def test_a_doctors_device_check_is_of_no_consultation(house: House) -> None:
    """What a doctor gets outside a call is another tag than that of any call."""
    doctor = await house.on_duty()
    outside = tag_of(doctor.hears(Joined).relay)

    await house.waits()
    called = await doctor.calls()

    assert tag_of(called.relay) != outside


async def test_each_call_has_a_tag_of_its_own(house: House) -> None:
    """A doctor's patients can never meet through the doctor."""
    doctor = await house.on_duty()
    tags = []
    for _ in range(2):
        patient = await house.waits()
        called: Called = await doctor.calls()
        tags.append(tag_of(called.relay))
        await doctor.proposes(called)
        await patient.accepts()
        await doctor.hangs_up()

    assert 2 == len(set(tags))


async def test_who_leaves_is_cut_off_at_once(house: House) -> None:
    """With the session end its tags: allocations and passwords are over."""
    patient, doctor = await house.session()
    tags = {seat_tag(patient), seat_tag(doctor)}

    await patient.hangs_up()

    assert (tags, set()) == (house.told.ended, house.told.together)


async def test_who_vanishes_is_cut_off_with_the_seat(house: House) -> None:
    """A seat that nobody renews ends its tag too."""
    patient, doctor = await house.session()

    await house.passes(house.settings.member_pass_s - 1, but=(doctor,))
    await house.passes(2)

    assert seat_tag(patient) in house.told.ended


async def test_a_guest_is_with_all_and_leaves_the_others_together(house: House) -> None:
    """Who enters by an invitation joins the tags that are together, and ends only his own."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites(), m1=None)
    two, third = {seat_tag(patient), seat_tag(doctor)}, seat_tag(guest)
    assert {frozenset(two | {third})} == house.told.together

    await guest.hangs_up()

    assert ({third}, {frozenset(two)}) == (house.told.ended, house.told.together)


async def test_renewing_in_a_session_keeps_the_tag(house: House, clock: Clock) -> None:
    """A newer password is for the same tag, and ends later."""
    patient, _ = await house.session()
    first = patient.hears(Accepted).relay
    clock.advance(60)

    await patient.says(Renew())

    renewed = patient.hears(Joined).relay
    assert tag_of(first) == tag_of(renewed)
    assert first and renewed and renewed.expires_at == first.expires_at + 60


async def test_a_place_that_is_given_up_has_no_way_through_the_relay(house: House) -> None:
    """Whoever joins and leaves again and again holds nothing there."""
    patient = await house.waits()
    tag = tag_of(patient.hears(Joined).relay)

    await patient.gives_up()

    assert tag in house.told.ended


async def test_a_place_that_nobody_renews_has_none_either(house: House) -> None:
    """It ends with the ticket."""
    patient = await house.waits()

    await house.passes(house.settings.wait_pass_s + 1)

    assert tag_of(patient.hears(Joined).relay) in house.told.ended


async def test_a_call_that_came_to_nothing_has_none(house: House) -> None:
    """Declined, the doctor's tag of that call is over; the patient's place keeps its own."""
    patient, doctor = await house.waits(), await house.on_duty()
    called = await doctor.calls()
    await doctor.proposes(called)

    await patient.leaves_call()

    assert {tag_of(called.relay)} == house.told.ended
