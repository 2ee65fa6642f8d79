"""Who enters where unions are trusted: their doctors, today, and whoever has a link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union.lists import worst_case_s
from signaling import union_admission
from signaling.admission import Entrant, NotAdmitted
from signaling.directory import Directory, Queue
from signaling.encoding import encode
from signaling.settings import Settings
from signaling.union_admission import StaffEntry, Trusted, UnionAdmission
from tests.dice import Dice
from tests.unions import (
    INSTALLATION,
    NOW,
    QUEUE,
    WINDOW_S,
    ADevice,
    AUnion,
    admission_by,
    key_of,
    some_key,
)

UNION, OTHER = AUnion(), AUnion(1)
SEED = b"d" * 32
KEY = key_of(SEED)
CREDENTIAL = UNION.access(SEED)
DEVICE = ADevice(Dice(3))
LINK = DEVICE.link()
ADMISSION = admission_by(UNION.trusted())


def code_of(token: str, key: str = KEY, now: float = NOW, by: UnionAdmission = ADMISSION) -> str:
    with pytest.raises(NotAdmitted) as raised:
        by.admit(token, key, now)
    return raised.value.code


# Doctors


def test_a_doctor_enters_by_todays_credential() -> None:
    """For the queues that it names."""
    assert Entrant("doctor", KEY, (QUEUE,)) == ADMISSION.admit(CREDENTIAL.token, KEY, NOW)


def test_a_doctor_with_links_serves_his_own_queue_too() -> None:
    """The one that his links lead to."""
    token = UNION.access(SEED, handle=DEVICE.handle).token

    assert (QUEUE, DEVICE.handle) == ADMISSION.admit(token, KEY, NOW).queues
    assert (DEVICE.handle,) == ADMISSION.admit(LINK.token, LINK.key, NOW).queues


def test_a_stolen_credential_needs_its_key() -> None:
    """With another key it is nothing."""
    assert "not-admitted" == code_of(CREDENTIAL.token, some_key())


def test_a_credential_before_and_after_its_day() -> None:
    """Told apart, because a doctor can do something about it."""
    assert "expired" == code_of(CREDENTIAL.token, now=NOW + 2 * 86_400)
    assert "early" == code_of(UNION.access(SEED, day=NOW // 86_400 + 1).token)


def test_a_revoked_credential_opens_nothing() -> None:
    """Another one of the same union does."""
    admission = admission_by(UNION.trusted([CREDENTIAL.jti]))

    assert "revoked" == code_of(CREDENTIAL.token, by=admission)
    assert admission.admit(UNION.access(SEED).token, KEY, NOW)


def test_without_a_list_that_holds_no_doctor_enters() -> None:
    """Missing or over: silence is not consent. Patients are not kept out by it."""
    bare = admission_by(Trusted(UNION.trusted().union, None))
    token = UNION.access(SEED, day=NOW // 86_400 + 1).token

    assert "revoked" == code_of(CREDENTIAL.token, by=bare)
    assert "revoked" == code_of(token, now=NOW + 86_400)
    assert bare.admit(LINK.token, LINK.key, NOW) and bare.admit(UNION.pool_link(), KEY, NOW)


def test_a_union_whose_list_is_over_is_not_counted_as_fresh() -> None:
    """Nor one without any: its doctors stand before a closed door, and its staff should know."""
    bare = Trusted(OTHER.trusted().union, None)
    admission = admission_by(UNION.trusted(), bare)

    assert 2 == len(admission.unions)
    assert 1 == admission.lists_fresh(NOW)
    assert 0 == admission.lists_fresh(NOW + 86_400)


def test_a_lost_device_is_refused_at_the_latest_when_its_last_list_ends() -> None:
    """Revoked, and the fresh list reaches nobody: a list's life and a reload are the bound."""
    reload_s = Settings().reload_s
    admission = admission_by(UNION.trusted())
    tomorrow = UNION.access(SEED, day=NOW // 86_400 + 1).token
    latest = NOW + worst_case_s(86_400, reload_s)

    assert ADMISSION.admit(tomorrow, KEY, NOW + 86_399)
    assert "revoked" == code_of(tomorrow, now=latest, by=admission)


def test_a_lost_device_is_refused_as_soon_as_the_fresh_list_is_read() -> None:
    """Which is at most one reload after it is there."""
    admission = admission_by(UNION.trusted(seq=1))
    assert admission.admit(CREDENTIAL.token, KEY, NOW)

    admission.trust({UNION.id: UNION.trusted([CREDENTIAL.jti], seq=2)})

    assert "revoked" == code_of(CREDENTIAL.token, by=admission)


def test_an_older_list_does_not_bring_a_revoked_device_back() -> None:
    """Nor does no list at all: whoever can replace the file can only shut the door."""
    admission = admission_by(UNION.trusted([CREDENTIAL.jti], seq=5))

    for older in (UNION.trusted(seq=4), Trusted(UNION.trusted().union, None)):
        admission.trust({UNION.id: older})
        assert "revoked" == code_of(CREDENTIAL.token, by=admission)


# Probes


def test_a_probe_serves_its_queue_as_a_doctor_does() -> None:
    """On the wire it is one; its patient comes by a link that the union signed."""
    token = UNION.access(SEED, ("probe-2",), role="probe").token

    assert Entrant("doctor", KEY, ("probe-2",)) == ADMISSION.admit(token, KEY, NOW)
    patient = ADMISSION.admit(UNION.pool_link("probe-2"), some_key(), NOW)
    assert Entrant("patient", some_key(), ("probe-2",)) == patient


def test_a_probe_is_let_in_whichever_directory_is_followed() -> None:
    """None lists its queue, and none keeps it out or closes it."""
    admission = directed(a=Queue())
    token = UNION.access(SEED, ("probe",), role="probe").token

    assert ("probe",) == admission.admit(token, KEY, NOW).queues
    patient = admission.admit(UNION.pool_link("probe"), KEY, NOW)
    assert ("probe",) == patient.queues and not patient.is_late
    assert "not-admitted" == code_of(UNION.pool_link(QUEUE), by=admission), "the control"


def test_nobody_enters_the_probes_queue_by_what_others_signed() -> None:
    """A foreign union, a doctor of people's queues, or whoever makes a link of his own."""
    foreign = OTHER.access(SEED, ("probe",), role="probe").token
    doctor = UNION.access(SEED, (QUEUE, "probe")).token

    for token in (OTHER.pool_link("probe"), foreign, doctor):
        assert "not-admitted" == code_of(token)


def test_no_link_of_ones_own_leads_out_of_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thumbprint can be searched for until it begins as the probe's queues do."""
    assert ADMISSION.admit(LINK.token, LINK.key, NOW)
    monkeypatch.setattr(union_admission, "is_probe", DEVICE.handle.__eq__)

    assert "not-admitted" == code_of(LINK.token, LINK.key)


def test_a_probe_is_revoked_and_ends_as_a_doctor_does() -> None:
    """By the same list, and for the same day."""
    signed = UNION.access(SEED, ("probe",), role="probe")
    admission = admission_by(UNION.trusted([signed.jti]))

    assert "revoked" == code_of(signed.token, by=admission)
    assert "expired" == code_of(signed.token, now=NOW + 2 * 86_400)
    assert "not-admitted" == code_of(signed.token, some_key())


# Staff


STAFF = UNION.access(SEED, (), role="staff")


def staff_code_of(
    token: str, key: str = KEY, now: float = NOW, by: UnionAdmission = ADMISSION
) -> str:
    with pytest.raises(NotAdmitted) as raised:
        by.staff(token, key, now)
    return raised.value.code


def test_staff_may_read_the_status_page_until_the_credential_ends() -> None:
    """And the page is told by which union, and whose key."""
    assert StaffEntry(UNION.id, KEY, STAFF.ends) == ADMISSION.staff(STAFF.token, KEY, NOW)


def test_no_socket_lets_staff_in() -> None:
    """Even where every queue is open, and though the credential holds."""
    assert "not-admitted" == code_of(STAFF.token)
    assert "not-admitted" == code_of(STAFF.token, by=directed(a=Queue()))


def test_the_status_page_is_for_staff_alone() -> None:
    """Neither doctors nor probes nor patients read it by what they have."""
    probe = UNION.access(SEED, ("probe",), role="probe").token

    for token, key in ((CREDENTIAL.token, KEY), (probe, KEY), (LINK.token, LINK.key)):
        assert "not-admitted" == staff_code_of(token, key)
    assert "not-admitted" == staff_code_of(UNION.pool_link())


def test_staff_is_refused_by_its_time_its_key_and_its_union() -> None:
    """Time is told apart, since something can be done about it."""
    tomorrow = UNION.access(SEED, (), day=NOW // 86_400 + 1, role="staff").token

    assert "expired" == staff_code_of(STAFF.token, now=STAFF.ends)
    assert "early" == staff_code_of(tomorrow)
    assert "not-admitted" == staff_code_of(STAFF.token, some_key())
    assert "not-admitted" == staff_code_of(OTHER.access(SEED, (), role="staff").token)
    elsewhere = AUnion(audience="https://other.example").access(SEED, (), role="staff").token
    assert "not-admitted" == staff_code_of(elsewhere)


def test_revoked_staff_reads_nothing_more() -> None:
    """From the fresh list on; nor does anybody where no list holds."""
    admission = admission_by(UNION.trusted(seq=1))
    assert admission.staff(STAFF.token, KEY, NOW)

    admission.trust({UNION.id: UNION.trusted([STAFF.jti], seq=2)})

    assert "revoked" == staff_code_of(STAFF.token, by=admission)
    bare = admission_by(Trusted(UNION.trusted().union, None))
    assert "revoked" == staff_code_of(STAFF.token, by=bare)


# Several unions


def test_two_unions_vouch_for_their_own() -> None:
    """Each by its own list; a foreign one for nobody."""
    both = admission_by(UNION.trusted(), OTHER.trusted([CREDENTIAL.jti]))
    others = OTHER.access(SEED).token

    assert {one.id for one in both.unions} == {UNION.id, OTHER.id}
    assert both.admit(CREDENTIAL.token, KEY, NOW) and both.admit(others, KEY, NOW)
    assert "not-admitted" == code_of(others)
    assert "not-admitted" == code_of(OTHER.pool_link())


def test_a_link_has_its_mark_under_the_previous_secret_too() -> None:
    """What was spent before the installation secret changed is found again."""
    link = ADevice(Dice(4)).link()
    changed = UnionAdmission([b"n" * 32, INSTALLATION], WINDOW_S)
    changed.trust({UNION.id: UNION.trusted()})

    before = admission_by(UNION.trusted()).admit(link.token, link.key, NOW).spend
    after = changed.admit(link.token, link.key, NOW).spend

    assert before is not None and after is not None
    assert ("", before.mark) == (before.former, after.former)
    assert before.mark != after.mark


def test_a_union_is_trusted_no_more_when_it_is_taken_out() -> None:
    """At once, its doctors and its links."""
    admission = admission_by(UNION.trusted(), OTHER.trusted())

    admission.trust({OTHER.id: OTHER.trusted()})

    assert "not-admitted" == code_of(CREDENTIAL.token, by=admission)
    assert "not-admitted" == code_of(UNION.pool_link(), by=admission)


def test_nobody_is_trusted_at_first() -> None:
    """Not even by a personal link, which certifies itself and which anybody can make."""
    admission = UnionAdmission([INSTALLATION], WINDOW_S)

    assert "not-admitted" == code_of(CREDENTIAL.token, by=admission)
    assert "not-admitted" == code_of(UNION.pool_link(), by=admission)
    assert "not-admitted" == code_of(LINK.token, key=LINK.key, by=admission)


# Patients


def test_a_personal_link_leads_its_holder_to_its_doctor() -> None:
    """And says what a session costs."""
    entrant = ADMISSION.admit(LINK.token, LINK.key, NOW)

    assert ("patient", LINK.key, (DEVICE.handle,)) == (entrant.role, entrant.key, entrant.queues)
    assert entrant.spend is not None
    assert (1, NOW + 3_600) == (entrant.spend.uses, entrant.spend.expires_at)


def test_a_pool_link_lets_anybody_into_its_queue() -> None:
    """Uncounted."""
    for key in (KEY, some_key()):
        assert Entrant("patient", key, (QUEUE,)) == ADMISSION.admit(UNION.pool_link(), key, NOW)


def test_a_link_without_its_secret_is_nothing() -> None:
    """The holder key comes from the secret."""
    assert "not-admitted" == code_of(LINK.token, some_key())


def test_a_link_opens_and_closes_at_its_times() -> None:
    """Early and late are told apart."""
    assert "early" == code_of(LINK.token, LINK.key, NOW - 61)
    assert ADMISSION.admit(LINK.token, LINK.key, NOW - 60)
    assert "expired" == code_of(LINK.token, LINK.key, NOW + 3_600)
    assert "not-admitted" == code_of(LINK.token, some_key(), NOW + 3_600)


def test_a_counted_link_is_not_open_for_longer_than_its_mark_is_held() -> None:
    """However its doctor made it; an uncounted one has no mark."""
    narrow = UnionAdmission([INSTALLATION], 3_599)
    narrow.trust({UNION.id: UNION.trusted()})

    assert "not-admitted" == code_of(LINK.token, LINK.key, by=narrow)
    assert narrow.admit(UNION.pool_link(ends=NOW + 90 * 86_400), KEY, NOW + 86_400)


def test_a_mark_tells_nothing_without_the_installations_secret() -> None:
    """The same link has the same mark here, another one elsewhere; two links have two."""
    elsewhere = UnionAdmission([bytes(32)], WINDOW_S)
    elsewhere.trust({UNION.id: UNION.trusted()})
    other = DEVICE.link()

    marks = [
        by.admit(link.token, link.key, NOW).spend
        for by, link in (
            (ADMISSION, LINK),
            (admission_by(UNION.trusted()), LINK),
            (elsewhere, LINK),
            (ADMISSION, other),
        )
    ]
    names = [spend.mark for spend in marks if spend is not None]
    assert names[0] == names[1] and 3 == len(set(names))
    assert LINK.key not in names


# The directory


def directed(**queues: Queue) -> UnionAdmission:
    """An admission of both unions that follows a directory."""
    admission = admission_by(UNION.trusted(), OTHER.trusted())
    admission.follow(Directory(queues))
    return admission


def test_a_doctor_serves_the_queues_that_his_union_may() -> None:
    """Of those in his credential; his own links' queue is nobody's to give."""
    admission = directed(a=Queue(), b=Queue(unions=frozenset({OTHER.id})))
    token = UNION.access(SEED, ("a", "b", "c"), DEVICE.handle).token
    others = OTHER.access(SEED, ("a", "b", "c")).token

    assert ("a", DEVICE.handle) == admission.admit(token, KEY, NOW).queues
    assert ("a", "b") == admission.admit(others, KEY, NOW).queues
    assert "not-admitted" == code_of(UNION.access(SEED, ("b",)).token, by=admission)


def test_a_link_to_a_queue_that_is_not_there_opens_nothing() -> None:
    """Nor does one of a union that may not serve it; a doctor's own needs no directory."""
    admission = directed(a=Queue(unions=frozenset({OTHER.id})))

    assert "not-admitted" == code_of(UNION.pool_link("unknown"), by=admission)
    assert "not-admitted" == code_of(UNION.pool_link("a"), by=admission)
    assert ("a",) == admission.admit(OTHER.pool_link("a"), KEY, NOW).queues
    assert (DEVICE.handle,) == admission.admit(LINK.token, LINK.key, NOW).queues


def test_a_link_to_a_closed_queue_leads_back_and_nobody_new_in() -> None:
    """Who has a place there is told apart by the waiting room. Its doctors serve on."""
    admission = directed(a=Queue(), b=Queue())
    token = UNION.access(SEED, ("a", "b")).token
    assert not admission.admit(UNION.pool_link("b"), KEY, NOW).is_late

    admission.follow(Directory({"a": Queue()}))

    assert admission.admit(UNION.pool_link("b"), KEY, NOW).is_late
    assert not admission.admit(UNION.pool_link("a"), KEY, NOW).is_late
    assert ("a", "b") == admission.admit(token, KEY, NOW).queues


# Anything else


@given(
    st.text(max_size=80) | st.text("cap1.eyJA-_9", max_size=80), st.binary(min_size=16, max_size=16)
)
def test_any_text_is_an_entrant_or_not_admitted(token: str, key: bytes) -> None:
    """Never another exception."""
    assert "not-admitted" == code_of(token, encode(key)) == staff_code_of(token, encode(key))


@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_any_bent_token_is_not_admitted(at: int, bytes_: bytes) -> None:
    """Whatever is put into the middle of a good one."""
    for good, key in ((CREDENTIAL.token, KEY), (LINK.token, LINK.key)):
        position = at % len(good)
        bent = good[:position] + encode(bytes_) + good[position:]
        assert "not-admitted" == code_of(bent, key)
