"""Seats: coming back to a session, inviting, leaving, and the way back to the queue."""

import pytest

from signaling.broker import NoSession
from signaling.messages import Accepted, Ended, Envelope, Invited, Leave, Renew
from signaling.store import Session
from tests.signaling.house import QUEUE, House, Someone, refused


async def session_of(house: House, someone: Someone) -> Session:
    held = await house.store.held_by(someone.key)
    assert isinstance(held, Session)
    return held


async def talk(one: Someone, other: Someone) -> None:
    """Both hear each other through their seats."""
    await one.says(Envelope(member=other.member, body="to"))
    await other.says(Envelope(member=one.member, body="fro"))
    assert Envelope(member=one.member, body="to") == other.heard[-1]
    assert Envelope(member=other.member, body="fro") == one.heard[-1]


# Coming back


@pytest.mark.parametrize("way", ["pass", "link"])
async def test_a_patient_comes_back_to_the_session(house: House, way: str) -> None:
    """By the member's pass, or by the same link with the same key."""
    patient, doctor = await house.session()
    token, member = patient.token, patient.member
    await patient.loses_the_network()

    back = await (patient.comes_back(token) if way == "pass" else patient.reopens())

    assert ("patient-in-session", member) == (back.state, back.member)
    assert back.hears(Accepted).members == doctor.hears(Accepted).members
    await talk(back, doctor)


@pytest.mark.parametrize("way", ["pass", "credential"])
async def test_a_doctor_comes_back_to_the_session(house: House, way: str) -> None:
    """By the member's pass, or by his credential; and is still on duty afterwards."""
    patient, doctor = await house.session()
    token, member = doctor.token, doctor.member
    await doctor.loses_the_network()

    back = await (doctor.comes_back(token) if way == "pass" else doctor.reopens())

    assert ("doctor-in-session", member) == (back.state, back.member)
    await talk(back, patient)
    await back.hangs_up()
    next_one = await house.waits()
    assert next_one.ticket == (await back.calls()).ticket


async def test_a_newer_socket_takes_the_seat(house: House) -> None:
    """The older one is told and hears no more."""
    patient, doctor = await house.session()

    newer = await patient.reopens()
    await doctor.says(Envelope(member=newer.member, body="a"))

    assert [("socket", "replaced")] == patient.ends
    assert [] == patient.all(Envelope)
    await talk(newer, doctor)


async def test_a_lost_socket_keeps_the_seat_until_the_pass_ends(house: House) -> None:
    """Then the seat is empty, and a session of one is over for that one too."""
    patient, doctor = await house.session()
    token = patient.token
    await patient.loses_the_network()
    half = house.settings.member_pass_s / 2
    await house.passes(half, but=(doctor,))
    await house.passes(half - 0.001, but=(doctor,))
    assert "doctor-in-session" == doctor.state

    await house.passes(0.001)

    assert ("session", "left") in doctor.ends and "doctor-in-session" != doctor.state
    assert [] == [held for held in await house.store.held() if isinstance(held, Session)]
    with refused("expired"):
        await patient.comes_back(token)


async def test_an_expired_member_is_told(house: House) -> None:
    """A socket that is open and silent for so long is out."""
    patient, doctor = await house.session()

    await house.passes(house.settings.member_pass_s - 1, but=(doctor,))
    await house.passes(1)

    assert [("session", "expired")] == patient.ends
    assert "gone" == patient.state


async def test_renewing_slides_the_members_pass(house: House) -> None:
    """Seat and pass together, for patient and doctor alike."""
    patient, doctor = await house.session()
    for _ in range(3):
        await house.passes(house.settings.member_pass_s - 1, but=(patient, doctor))

    for each in (patient, doctor):
        assert house.clock.now + house.settings.member_pass_s == each.pass_.expires_at
        assert ("member", each.member) == (each.pass_.kind, each.pass_.id)
    await talk(patient, doctor)


async def test_only_a_patients_pass_names_queue_and_arrival(house: House) -> None:
    """They are for the way back, also after a renewal; nobody else has any."""
    patient, doctor = await house.session()
    arrival = patient.pass_.arrival
    await patient.renews()
    await doctor.renews()

    assert (QUEUE, arrival) == (patient.pass_.queue, patient.pass_.arrival) and arrival
    assert ("", 0) == (doctor.pass_.queue, doctor.pass_.arrival)


async def test_a_pass_of_an_ended_session_is_refused(house: House) -> None:
    """For both."""
    patient, doctor = await house.session()
    passes = patient.token, doctor.token
    await doctor.hangs_up()

    for someone, token in zip((patient, doctor), passes, strict=True):
        with refused("ended"):
            await someone.comes_back(token)


async def test_a_patients_link_gives_a_doctor_no_queue(house: House) -> None:
    """Whoever sits as a doctor serves what his credential says, whatever link he opens."""
    _, doctor = await house.session()
    visitor = house.patient("secret-queue", key=doctor.key)

    await visitor.joins()
    await visitor.hangs_up()

    with refused("not-admitted"):
        await visitor.duty("on", "secret-queue")


# Leaving


@pytest.mark.parametrize("who", ["patient", "doctor"])
async def test_either_ends_the_session_for_both(house: House, who: str) -> None:
    """Nothing of it is held, and no envelope passes any more."""
    patient, doctor = await house.session()
    member = patient.member

    await (patient if who == "patient" else doctor).hangs_up()

    assert [("session", "left")] == patient.ends == doctor.ends
    assert not [held for held in await house.store.held() if isinstance(held, Session)]
    with refused("out-of-turn"):
        await doctor.says(Envelope(member=member, body="a"))


async def test_leaving_twice_is_refused(house: House) -> None:
    """The second word finds no session."""
    patient, _ = await house.session()
    person = patient.person
    assert person is not None
    await patient.hangs_up()

    with refused("no-session"):
        await house.room.ask(person, Leave(what="session"), house.clock.now)
    (answer,) = await house.room.ask(person, Renew(), house.clock.now)
    assert Ended(what="socket", outcome="closing") == answer


async def test_a_doctor_shows_a_member_out(house: House) -> None:
    """The one is told why, the rest go on, a generation later."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    token = guest.token

    await doctor.says(Leave(what="session", member=guest.member))

    assert ([("session", "excluded")], "gone") == (guest.ends, guest.state)
    assert [] == patient.ends == doctor.ends
    assert 2 == len(patient.hears(Accepted).members) == len(doctor.hears(Accepted).members)
    with refused("ended"):
        await guest.comes_back(token)
    await talk(patient, doctor)


@pytest.mark.parametrize("who", ["patient", "guest"])
async def test_only_a_doctor_shows_members_out(house: House, who: str) -> None:
    """Nobody else can, nor send a patient back to the queue."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    asker, other = (patient, guest) if who == "patient" else (guest, patient)

    for leave in (
        Leave(what="session", member=doctor.member),
        Leave(what="session", member=other.member),
        Leave(what="session", then="requeue"),
    ):
        with refused("no-session"):
            await asker.says(leave)

    assert 3 == len((await session_of(house, doctor)).seats)


async def test_nobody_is_shown_out_of_another_session(house: House) -> None:
    """A member's id is good in his own session only."""
    _, doctor = await house.session()
    stranger, _ = await house.session()

    with refused("no-session"):
        await doctor.says(Leave(what="session", member=stranger.member))


async def test_leaving_raises_the_generation(house: House) -> None:
    """Passes that are issued from then on say so."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await patient.invites())
    await guest.hangs_up()

    await patient.renews()

    assert (1, 2) == (guest.pass_.generation, patient.pass_.generation)
    assert 2 == (await session_of(house, doctor)).generation


# The way back to the queue


async def test_a_patient_is_sent_back_to_the_old_place(house: House) -> None:
    """Before everybody who came later, by the member's pass."""
    patient, doctor = await house.session()
    later = await house.waits()
    token = patient.token

    await doctor.says(Leave(what="session", then="requeue"))
    back = await patient.comes_back(token)

    assert [("session", "requeued")] == patient.ends
    assert [("session", "left")] == doctor.ends and "on" == doctor.state
    assert ("waiting", [back.ticket, later.ticket]) == (back.state, await house.order())
    assert back.ticket == (await doctor.calls()).ticket


async def test_the_way_back_is_open_once(house: House) -> None:
    """The pass of a session does not become a stock of places."""
    patient, doctor = await house.session()
    token = patient.token
    await doctor.says(Leave(what="session", then="requeue"))
    back = await patient.comes_back(token)
    await back.gives_up()

    with refused("ended"):
        await patient.comes_back(token)


async def test_the_way_back_closes(house: House) -> None:
    """After its time the place is lost, though the pass still lives."""
    patient, doctor = await house.session()
    token = patient.token
    await doctor.says(Leave(what="session", then="requeue"))
    assert house.settings.requeue_s < house.settings.member_pass_s

    await house.passes(house.settings.requeue_s)

    with refused("ended"):
        await patient.comes_back(token)


async def test_the_way_back_is_the_patients_alone(house: House) -> None:
    """Neither the doctor's pass nor a guest's leads to a queue, and guests are told."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    doctors, guests = doctor.token, guest.token

    await doctor.says(Leave(what="session", then="requeue"))

    assert [("session", "left")] == guest.ends and [("session", "requeued")] == patient.ends
    for someone, token in ((doctor, doctors), (guest, guests)):
        with refused("ended"):
            await someone.comes_back(token)


async def test_without_being_sent_a_member_has_no_way_back(house: House) -> None:
    """Hanging up is the end of the old place."""
    patient, _ = await house.session()
    token = patient.token
    await patient.hangs_up()

    with refused("ended"):
        await patient.comes_back(token)


# Inviting


async def test_a_guest_is_invited_and_everybody_is_told(house: House) -> None:
    """A third seat; each of the three reaches the other two."""
    patient, doctor = await house.session()

    guest = await house.patient().shows(await patient.invites())

    assert ("guest-in-session", "guest") == (guest.state, guest.person and guest.person.role)
    for each in (patient, doctor, guest):
        assert {patient.member, doctor.member, guest.member} == {
            seat.member for seat in each.hears(Accepted).members
        }
    await talk(guest, patient)
    await talk(guest, doctor)


async def test_an_invitation_is_good_once(house: House) -> None:
    """Whoever comes second is too late, and whoever has another seat or a place is turned away."""
    patient, _ = await house.session()
    token = await patient.invites()
    await house.patient().shows(token)

    with refused("ended"):
        await house.patient().shows(token)
    with refused("out-of-turn"):
        await patient.again().shows(token)


async def test_a_guest_comes_back_with_a_pass_of_his_own(house: House) -> None:
    """The invitation is spent, the seat is not."""
    patient, _ = await house.session()
    guest = await house.patient().shows(await patient.invites())
    member, token = guest.member, guest.token
    await guest.loses_the_network()

    back = await guest.comes_back(token)

    assert ("guest-in-session", member) == (back.state, back.member)
    await talk(back, patient)


async def test_an_invitation_expires(house: House) -> None:
    """With its pass."""
    patient, doctor = await house.session()
    token = await patient.invites()

    await house.passes(house.settings.invite_s, but=(patient, doctor))

    with refused("expired"):
        await house.patient().shows(token)


async def test_an_invitation_ends_with_its_session(house: House) -> None:
    """There is nothing left to enter."""
    patient, doctor = await house.session()
    token = await patient.invites()
    await doctor.hangs_up()

    with refused("ended"):
        await house.patient().shows(token)


async def test_at_most_four_people(house: House) -> None:
    """Open invitations count, until they have run out."""
    patient, doctor = await house.session()
    await doctor.invites()
    await patient.invites()

    with refused("full"):
        await doctor.invites()

    await house.passes(house.settings.invite_s, but=(patient, doctor))
    for _ in range(2):
        await house.patient().shows(await doctor.invites())
    with refused("full"):
        await doctor.invites()


async def test_a_guest_invites_nobody(house: House) -> None:
    """It is out of turn for one."""
    patient, _ = await house.session()
    guest = await house.patient().shows(await patient.invites())

    with refused("out-of-turn"):
        await guest.invites()


async def test_a_colleague_gets_the_pass_himself(house: House) -> None:
    """It reaches both, and seats him as a doctor does sit."""
    _, doctor = await house.session()
    colleague = await house.on_duty()

    token = await doctor.invites(colleague.key)

    assert Invited(token=token, role="colleague") == colleague.hears(Invited)
    await colleague.shows(token)
    assert "doctor-in-session" == colleague.state
    await talk(colleague, doctor)
    await doctor.hangs_up()
    assert "doctor-in-session" == colleague.state


async def test_a_colleagues_pass_goes_with_his_key(house: House) -> None:
    """Nobody else is seated by it, a doctor neither."""
    _, doctor = await house.session()
    colleague, other = await house.on_duty(), await house.on_duty()
    token = await doctor.invites(colleague.key)

    with refused("not-admitted"):
        await other.shows(token)
    with refused("not-admitted"):
        await house.patient().shows(token)


async def test_a_colleague_who_is_not_there_is_refused_and_takes_no_seat(house: House) -> None:
    """However often he is asked for, guests still fit in."""
    _, doctor = await house.session()
    for _ in range(3):
        with refused("off-duty"):
            await doctor.invites(house.id())

    for _ in range(2):
        await house.patient().shows(await doctor.invites())


async def test_a_colleague_goes_back_to_his_own_queues(house: House) -> None:
    """After the session he serves what he served before."""
    patient, doctor = await house.session()
    colleague = await house.on_duty("elsewhere")
    await colleague.shows(await doctor.invites(colleague.key))
    waiting = await house.waits("elsewhere")

    await doctor.hangs_up()
    await patient.hangs_up()

    assert ("session", "left") in colleague.ends
    assert waiting.ticket == (await colleague.calls("elsewhere")).ticket


async def test_nobody_sits_in_two_sessions(house: House) -> None:
    """Who has a seat is not seated again; who waits gives up the place first."""
    patient, _ = await house.session()
    other_patient, other_doctor = await house.session()
    waiting = await house.waits()
    token = await patient.invites()

    for someone in (other_patient, other_doctor, waiting):
        with refused("out-of-turn"):
            await someone.again().shows(token)

    assert 2 == len((await session_of(house, patient)).seats)
    assert 1 == await waiting.place()


async def test_a_calling_colleague_who_takes_a_seat_gives_his_patient_back(house: House) -> None:
    """From a second window: the call he left behind goes to the head at once."""
    _, doctor = await house.session()
    colleague, waiting = await house.on_duty(), await house.waits()
    await colleague.calls()
    token = await doctor.invites(colleague.key)

    await colleague.again().shows(token)

    assert [("call", "lost")] == waiting.ends
    await waiting.renews()
    assert waiting.ticket == (await (await house.on_duty()).calls()).ticket


# Envelopes


async def test_envelopes_go_to_members_of_the_same_session_only(house: House) -> None:
    """Neither to oneself nor to somebody else's session."""
    patient, _ = await house.session()
    stranger, _ = await house.session()

    for member in (stranger.member, patient.member, house.id()):
        with pytest.raises(NoSession):
            await patient.says(Envelope(member=member, body="a"))

    assert [] == stranger.all(Envelope)


async def test_an_excluded_member_is_out_of_reach(house: House) -> None:
    """And cannot reach anybody."""
    patient, doctor = await house.session()
    guest = await house.patient().shows(await doctor.invites())
    member = guest.member
    await doctor.says(Leave(what="session", member=member))

    with pytest.raises(NoSession):
        await patient.says(Envelope(member=member, body="a"))
    with refused("out-of-turn"):
        await guest.says(Envelope(member=patient.member, body="a"))
