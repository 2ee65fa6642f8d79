"""Letters: what was written is read, and any other text is refused or ignored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer import letters
from clients.peer.letters import BadLetter, read, write

ID = st.text("ABCabc019-_", min_size=21, max_size=21).map(lambda text: text + "A")
TEXT = st.text(max_size=60)
SDP = st.text(min_size=1, max_size=200)
CANDIDATE = st.builds(
    letters.Candidate,
    candidate=TEXT,
    sdpMid=st.none() | TEXT,
    sdpMLineIndex=st.none() | st.integers(0, 9),
)
LETTER = st.one_of(
    st.builds(
        letters.Description, connection=ID, type=st.sampled_from(["offer", "answer"]), sdp=SDP
    ),
    st.builds(
        letters.Candidates, connection=ID, candidates=st.lists(CANDIDATE, max_size=3).map(tuple)
    ),
    st.builds(letters.Again),
)


@given(LETTER)
def test_a_letter_written_is_the_letter_read(letter: letters.Letter) -> None:
    """For every kind of letter."""
    assert letter == read(write(letter))


@given(st.text())
def test_any_text_is_a_letter_ignored_or_refused(text: str) -> None:
    """The far end may send anything; nothing but BadLetter comes of it."""
    try:
        assert read(text) is None
    except BadLetter:
        pass


@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists, max_leaves=5))
def test_any_value_under_a_known_key_is_refused_or_read(value: object) -> None:
    """Wrong types are refused, not guessed at."""
    for kind in ("description", "candidates"):
        with pytest.raises(BadLetter, match="kind"):
            read(json.dumps({"t": kind, "connection": value}))


@pytest.mark.parametrize("kind", ["wave", "m1", "m2", "m3", "ready", "knock"])
def test_unknown_keys_and_kinds_are_ignored(kind: str) -> None:
    """A newer far end may say more; and what the seal carries is no letter."""
    assert letters.Again() == read('{"t":"again","later":1}')
    assert read(json.dumps({"t": kind})) is None


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("*", "not a letter"),
        ("[" * 20_000, "not a letter"),
        ("[]", "without a kind"),
        ('{"t":["again"]}', "without a kind"),
        ('{"t":"candidates"}', "of kind candidates"),
        ('{"t":"description","connection":"short","type":"offer","sdp":"v"}', "of kind d"),
        (f'{{"t":"description","connection":"{"c" * 22}","type":"x","sdp":"v"}}', "of kind d"),
        (f'{{"t":"candidates","connection":"{"c" * 22}","candidates":[{{}}]}}', "of kind c"),
    ],
)
def test_a_bad_letter_is_refused_without_repeating_it(text: str, sentence: str) -> None:
    """One sentence per cause, and no cause chained to it that quotes the letter."""
    with pytest.raises(BadLetter, match=sentence) as refused:
        read(text)

    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_more_candidates_than_any_machine_has_are_refused() -> None:
    """A list from the far end is bounded."""
    many = [{"candidate": ""}] * (letters.CANDIDATES_MAX + 1)

    with pytest.raises(BadLetter):
        read(json.dumps({"t": "candidates", "connection": "c" * 22, "candidates": many}))
