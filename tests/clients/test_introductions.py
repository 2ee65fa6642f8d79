"""Only who may introduces, only who can be in is introduced, and letters are read strictly."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer import introductions
from clients.peer.introductions import Ask, Declined, Expect, Roster
from clients.peer.invites import Expected, Invite
from clients.peer.rosters import Entry, Gathering
from clients.peer.sealing import Refused
from signaling.encoding import encode
from tests.clients.gathering_vectors import VECTORS, letter_of, said
from tests.clients.gathering_vectors import entry as entry_of
from tests.clients.seal_cast import code_of

SEATS = [bytes([n]) * 16 for n in range(5)]
PATIENT, DOCTOR = Entry(SEATS[0], "patient", b"p" * 16), Entry(SEATS[1], "doctor", b"d" * 16)
GUEST, COLLEAGUE = Entry(SEATS[2], "guest", b"g" * 16), Entry(SEATS[3], "doctor", b"c" * 16)
INVITE = Invite(b"i" * 16, b"k" * 32)


def test_every_frozen_letter_is_read_so() -> None:
    """What it says, nothing for another kind, or a refusal; and it is written again."""
    for x in VECTORS["letters"]:
        assert x["code"] == code_of(introductions.read, x["text"]), x["text"]
        if x["code"] is None:
            letter = introductions.read(x["text"])
            assert letter == (None if x["says"] is None else letter_of(x["says"]))
            if letter is not None:
                assert letter == introductions.read(introductions.write(letter))


def test_every_frozen_introduction_is_made_so() -> None:
    """Of two a doctor answers; of two doctors or two others, who was there before."""
    for x in VECTORS["introductions"]:
        one, two = entry_of(x["newcomer"]), entry_of(x["other"])
        holder = b"" if one.role != "doctor" else one.key
        (asks, ask), (answers, expect) = introductions.introduce(
            said(x["invite"], x["psk"]), one, two, holder
        )

        assert (x["asks"], x["answers"]) == (encode(asks), encode(answers))
        assert ask.invite == expect.invite == Invite(ask.invite.id, ask.invite.psk)
        assert (ask.far.seat, expect.far.seat) == (answers, asks)
        assert expect.holder == (holder if expect.far.role == "doctor" else expect.far.key)


def test_each_pair_gets_its_own_psk() -> None:
    """Who was introduced to one cannot answer for another."""
    dice = said(*(encode(bytes([n]) * size) for n, size in enumerate((16, 32, 16, 32))))
    (_, first), _ = introductions.introduce(dice, GUEST, PATIENT, GUEST.key)
    (_, second), _ = introductions.introduce(dice, GUEST, DOCTOR, GUEST.key)

    assert first.invite.psk != second.invite.psk
    assert first.invite.id != second.invite.id


@pytest.mark.parametrize("kind", [Ask, Expect])
def test_only_patient_and_doctor_introduce(kind: type[Ask] | type[Expect]) -> None:
    """A guest, or somebody of whom nothing is known, opens no door."""
    of_patient = Gathering(PATIENT, DOCTOR)
    of_patient.add(GUEST, 0)
    other = Entry(COLLEAGUE.seat, "guest", COLLEAGUE.key)
    letter: Ask | Expect = Expect(other, INVITE, other.key)
    if kind is Ask:
        letter = Ask(COLLEAGUE, INVITE)

    assert "token" == code_of(introductions.check, letter, GUEST.seat, of_patient)
    assert "token" == code_of(introductions.check, letter, SEATS[4], of_patient)
    assert code_of(introductions.check, letter, DOCTOR.seat, of_patient) is None
    of_guest = Gathering(GUEST, PATIENT)
    assert code_of(introductions.check, letter, PATIENT.seat, of_guest) is None


def test_no_doctor_comes_in_without_showing_who_he_is() -> None:
    """Of two, the doctor answers, and so shows an identity; only a doctor names a colleague."""
    expect, ask = Expect(COLLEAGUE, INVITE, COLLEAGUE.key), Ask(PATIENT, INVITE)
    of_patient, of_doctor = Gathering(PATIENT, DOCTOR), Gathering(DOCTOR, PATIENT)

    assert "form" == code_of(introductions.check, expect, DOCTOR.seat, of_patient)
    assert "token" == code_of(introductions.check, expect, PATIENT.seat, of_doctor)
    assert "form" == code_of(introductions.check, ask, PATIENT.seat, of_doctor)
    of_doctor.add(Entry(SEATS[4], "doctor", bytes(16)), 0)
    assert code_of(introductions.check, expect, SEATS[4], of_doctor) is None


def test_nobody_is_introduced_under_anothers_name() -> None:
    """Neither the reader, nor a key or seat that somebody has, in any other way."""
    gathering = Gathering(PATIENT, DOCTOR)
    for wrong in (
        PATIENT,
        Entry(COLLEAGUE.seat, "doctor", PATIENT.key),
        Entry(COLLEAGUE.seat, "doctor", DOCTOR.key),
        Entry(DOCTOR.seat, "doctor", COLLEAGUE.key),
        Entry(DOCTOR.seat, "guest", DOCTOR.key),
    ):
        letter = Ask(wrong, INVITE)
        assert "roster" == code_of(introductions.check, letter, DOCTOR.seat, gathering)
    again = Ask(DOCTOR, INVITE)
    assert code_of(introductions.check, again, DOCTOR.seat, gathering) is None


def test_who_is_expected_is_who_was_introduced() -> None:
    """Seat, role, key and holder go into the book as they were said."""
    expect = Expect(COLLEAGUE, INVITE, b"day key thumb 16")

    assert expect.expected == Expected(
        INVITE, "doctor", b"day key thumb 16", COLLEAGUE.seat, COLLEAGUE.key
    )


def test_a_doctor_who_asks_is_expected_under_a_day_key() -> None:
    """His key in the roster signs no M1: without the other the letter says too little."""
    whole = introductions.write(Expect(COLLEAGUE, INVITE, b"day key thumb 16"))
    assert "holder" in whole

    assert "form" == code_of(
        introductions.read,
        introductions.write(Expect(GUEST, INVITE, GUEST.key)).replace('"guest"', '"doctor"'),
    )
    assert "form" == code_of(introductions.read, whole.replace('"doctor"', '"guest"'))


def test_a_decline_and_a_roster_come_through() -> None:
    """The small letters."""
    for letter in (Declined(DOCTOR.seat), Roster((PATIENT, DOCTOR)), Roster(())):
        assert letter == introductions.read(introductions.write(letter))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.sampled_from(["ask", "expect", "declined", "roster", "another"]),
    st.dictionaries(
        st.sampled_from(["member", "role", "key", "invite", "psk", "holder", "members"]), _JSON
    ),
)
def test_any_letter_is_read_or_refused(kind: str, fields: dict[str, object]) -> None:
    """A record that opens may still say anything at all."""
    text = json.dumps({"t": kind, **fields})

    assert code_of(introductions.read, text) in (None, "form")


def test_half_a_pair_of_surrogates_is_no_letter() -> None:
    """Neither in the text itself nor behind an escape."""
    assert "form" == code_of(introductions.read, '{"t":"declined","member":"\ud800"}')
    assert "form" == code_of(introductions.read, '{"t":"declined","member":"\\ud800"}')


def test_a_letter_keeps_its_secret() -> None:
    """Neither in `repr` nor in what is said when it is refused."""
    letter = Expect(COLLEAGUE, INVITE, b"h" * 16)
    assert "kkkk" not in repr(letter) + repr(Ask(COLLEAGUE, INVITE))

    with pytest.raises(Refused) as refused:
        introductions.read('{"t":"ask","psk":"very secret"}')

    assert "secret" not in str(refused.value) + repr(refused.value.__cause__)
