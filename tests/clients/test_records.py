"""Envelopes and names, and records that are strict: what is not next ends the session."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.channel import Channel, Kind
from clients.peer.letters import Again, Candidate, Candidates
from clients.peer.records import Message, Records, put, put_named, take, take_m1, take_named
from clients.peer.sealing import Refused
from signaling.encoding import encode

NAME, KEY = b"n" * 16, b"k" * 32
BODIES = st.binary(max_size=60)


def both() -> tuple[Records, Records]:
    """Patient's and doctor's end of one session."""
    patient, doctor = Records(), Records()
    patient.begin(NAME, Channel(KEY, "patient"))
    doctor.begin(NAME, Channel(KEY, "doctor"))
    return patient, doctor


def written(records: Records) -> Message:
    body = records.write(Again())
    assert body is not None
    return take(body)


@given(st.sampled_from([Kind.M2, Kind.M3, Kind.M4, Kind.RECORD]), BODIES)
def test_what_is_put_into_an_envelope_is_taken_out(kind: Kind, body: bytes) -> None:
    """M2, M3, M4 and records with the name of their handshake."""
    assert Message(kind, NAME, body) == take(put(Message(kind, NAME, body)))
    assert (NAME, body) == take_named(put_named(NAME, body))


@pytest.mark.parametrize("message", [Message(Kind.M1, body=b"m1"), Message(Kind.KNOCK)])
def test_m1_and_a_knock_bear_no_name(message: Message) -> None:
    """An M1 is what names are made of."""
    assert message == take(put(message))


@pytest.mark.parametrize(
    "body",
    ["", "*", "AA==", encode(b"\0"), encode(b"\7" + NAME), encode(b"\6x")]
    + [encode(bytes((kind,)) + NAME[:-1]) for kind in (2, 3, 4, 5)],
)
def test_another_first_byte_or_a_name_cut_short_is_refused(body: str) -> None:
    """SCEAU §6, as `form`."""
    with pytest.raises(Refused) as refused:
        take(body)
    assert "form" == refused.value.code


@given(st.text())
def test_any_text_is_a_message_or_refused(text: str) -> None:
    """Nothing but the refusal comes of it."""
    for reads in (take, take_named, take_m1):
        try:
            reads(text)
        except Refused:
            pass


def test_letters_pass_in_order() -> None:
    """Both ways at once."""
    patient, doctor = both()
    for _ in range(3):
        assert Again() == doctor.read(written(patient))
        assert Again() == patient.read(written(doctor))


def test_a_record_of_another_name_is_passed_over() -> None:
    """It may be late, or nobody's: the session goes on."""
    patient, doctor = both()
    message = written(patient)

    assert doctor.read(Message(Kind.RECORD, b"o" * 16, message.body)) is None
    assert not doctor.is_of(Message(Kind.RECORD, b"o" * 16))
    assert Again() == doctor.read(message)


@pytest.mark.parametrize("what", ["left out", "repeated", "changed", "reflected"])
def test_a_record_that_is_not_the_next_ends_the_session(what: str) -> None:
    """Its keys are forgotten, and what comes after is not even looked at."""
    patient, doctor = both()
    first, second = written(patient), written(patient)
    wrong = {
        "left out": second,
        "repeated": first,
        "changed": Message(Kind.RECORD, NAME, first.body[:-1] + b"x"),
        "reflected": written(doctor),
    }[what]
    if what == "repeated":
        doctor.read(first)

    with pytest.raises(Refused) as refused:
        doctor.read(wrong)

    assert "record" == refused.value.code
    assert doctor.channel is None and doctor.write(Again()) is None
    assert doctor.read(second) is None


def test_while_held_nothing_is_written_and_what_comes_is_read() -> None:
    """A patient's end writes no record from a fresh M1 until its M4."""
    patient, doctor = both()
    patient.hold()

    assert patient.write(Again()) is None
    assert Again() == patient.read(written(doctor))

    patient.begin(b"m" * 16, Channel(b"j" * 32, "patient"))
    assert b"m" * 16 == written(patient).name


def test_a_letter_that_cannot_be_sealed_ends_the_session() -> None:
    """Rather than leave a gap that the far end would take for an attack."""
    patient, _ = both()
    long = Candidate(candidate="x" * 1000)

    with pytest.raises(Refused):
        patient.write(Candidates(connection="c" * 21 + "A", candidates=(long,) * 40))

    assert patient.channel is None


def test_what_is_no_letter_in_a_good_record_is_passed_over() -> None:
    """It is the far end's own word; a newer one may say what we do not know."""
    patient, doctor = both()
    assert patient.channel is not None
    for text in ('{"t":"wave"}', "[]", '{"t":"candidates"}'):
        record = Message(Kind.RECORD, NAME, patient.channel.write(text))
        assert doctor.read(record) is None
    assert Again() == doctor.read(written(patient))
