"""Letters of a hand over: read as written, refused otherwise, taken from whom they may come."""

import pytest

from clients.peer import handovers
from clients.peer.handovers import Choice, HandOver, Heard, Note, Offer
from clients.peer.introductions import Ask
from clients.peer.invites import Invite
from clients.peer.rosters import Entry
from clients.peer.sealed_letters import Role
from clients.peer.sealing import Refused
from signaling.encoding import encode

DOCTOR, COLLEAGUE = encode(b"seat of a doctor"), encode(b"seat of another.")
NAMED = HandOver(member=COLLEAGUE, name="Dr Noor Relais", specialty="Médecine générale")
ASK = Ask(Entry(b"seat of another.", "doctor", bytes(16)), Invite(bytes(16), bytes(32)))


@pytest.mark.parametrize(
    "letter",
    [
        HandOver(),
        NAMED,
        Choice(choice="queue"),
        Choice(choice="colleague", member=COLLEAGUE),
        Note(text="Toux; pénicilline: allergie."),
    ],
)
def test_a_letter_is_read_back_as_it_was_written(letter: handovers.Letter) -> None:
    """Absent fields are left out, unknown ones ignored."""
    text = handovers.write(letter)

    assert letter == handovers.read(text) == handovers.read(text[:-1] + ',"new":1}')
    assert "null" not in text


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        '{"t":"note"}',
        '{"t":"note","text":"' + "x" * 4001 + '"}',
        '{"t":"choice","choice":"leave"}',
        '{"t":"choice","choice":"colleague"}',
        '{"t":"choice","choice":"queue","member":"' + COLLEAGUE + '"}',
        '{"t":"handover","member":"' + COLLEAGUE + '"}',
        '{"t":"handover","name":"Dr Noor Relais","specialty":"Médecine générale"}',
    ],
)
def test_what_is_no_such_letter_is_refused(text: str) -> None:
    """A choice without whom, a name without a seat, a note that is too long."""
    with pytest.raises(Refused) as refused:
        handovers.read(text)

    assert "form" == refused.value.code


def test_another_kind_is_nobodys_fault() -> None:
    """A newer far end may have added some."""
    assert None is handovers.read('{"t":"candidates"}')


@pytest.mark.parametrize(
    ("own", "role", "letter"),
    [
        ("patient", "guest", NAMED),
        ("patient", None, NAMED),
        ("doctor", "doctor", NAMED),
        ("doctor", "guest", Choice(choice="queue")),
        ("patient", "doctor", Choice(choice="queue")),
        ("patient", "doctor", Note(text="a")),
        ("doctor", "patient", Note(text="a")),
        ("guest", "doctor", Note(text="a")),
    ],
)
def test_a_letter_of_who_may_not_say_so_is_passed_over(
    own: Role, role: Role | None, letter: handovers.Letter
) -> None:
    """A guest hands nobody over, chooses nothing and reads no note."""
    heard = Heard()

    heard.hears(DOCTOR, role, own, letter)

    assert Heard() == heard


def test_a_colleague_is_named_and_then_may_be_asked() -> None:
    """By the doctor who introduced him; when he leaves he is offered no more."""
    heard = Heard()
    heard.hears(DOCTOR, "doctor", "patient", NAMED)
    assert Offer(COLLEAGUE, DOCTOR, "Dr Noor Relais", "Médecine générale") == heard.offer

    heard.hears_of(DOCTOR, ASK)
    offer = heard.offer
    assert offer is not None and (ASK, "Dr Noor Relais") == (offer.ask, offer.name)

    heard.is_gone(COLLEAGUE)
    assert [None, DOCTOR] == [heard.offer, heard.leaving]
    heard.is_gone(DOCTOR)
    assert None is heard.leaving


def test_a_name_is_the_word_of_one_doctor_only() -> None:
    """Introduced by another, the same seat has no name."""
    heard = Heard()
    heard.hears(DOCTOR, "doctor", "patient", NAMED)

    heard.hears_of(encode(b"seat of a third."), ASK)

    assert heard.offer is not None and "" == heard.offer.name


def test_only_the_first_note_is_kept() -> None:
    """What a colleague read does not change under her eyes."""
    heard = Heard()
    for text in ("first", "second"):
        heard.hears(DOCTOR, "doctor", "doctor", Note(text=text))

    assert "first" == heard.note
