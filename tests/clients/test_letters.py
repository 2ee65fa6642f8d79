"""Letters: what was written is read, and any other body is refused or ignored."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer import letters
from clients.peer.letters import BadLetter, read, to_base64url, write

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
    st.builds(letters.M1, nonce=ID, resume=st.none() | st.just("A" * 43)),
    st.builds(
        letters.M2,
        nonce=ID,
        card=st.builds(letters.Card, name=TEXT, specialty=TEXT),
        connection=ID,
        restarts=st.booleans(),
        offer=SDP,
    ),
    st.builds(letters.M3, nonce=ID, resume=ID, restarts=st.booleans(), answer=SDP),
    st.builds(letters.Ready),
    st.builds(
        letters.Description, connection=ID, type=st.sampled_from(["offer", "answer"]), sdp=SDP
    ),
    st.builds(
        letters.Candidates, connection=ID, candidates=st.lists(CANDIDATE, max_size=3).map(tuple)
    ),
    st.builds(letters.Again),
    st.builds(letters.Knock),
)


def body(value: object) -> str:
    return to_base64url(json.dumps(value).encode())


@given(LETTER)
def test_a_letter_written_is_the_letter_read(letter: letters.Letter) -> None:
    """For every kind of letter."""
    assert letter == read(write(letter))


@given(st.text() | st.binary().map(to_base64url))
def test_any_body_is_a_letter_ignored_or_refused(text: str) -> None:
    """The far end may send anything; nothing but BadLetter comes of it."""
    try:
        assert read(text) is None
    except BadLetter:
        pass


@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXT, st.lists, max_leaves=5))
def test_any_value_under_a_known_key_is_refused_or_read(value: object) -> None:
    """Wrong types are refused, not guessed at."""
    for kind in ("m1", "m2", "m3", "description", "candidates"):
        with pytest.raises(BadLetter, match="kind"):
            read(body({"t": kind, "nonce": value, "connection": value}))


def test_unknown_keys_and_kinds_are_ignored() -> None:
    """A newer far end may say more."""
    assert letters.Ready() == read(body({"t": "ready", "later": 1}))
    assert read(body({"t": "wave"})) is None


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("*", "not a letter"),
        ("AA==", "not a letter"),
        (to_base64url(b"\xff"), "not a letter"),
        (to_base64url(b"[" * 20_000), "not a letter"),
        (body([]), "without a kind"),
        (body({"t": ["m1"]}), "without a kind"),
        (body({"t": "m1"}), "of kind m1"),
        (body({"t": "m1", "nonce": "short"}), "of kind m1"),
        (body({"t": "m1", "nonce": "n" * 22, "resume": "x"}), "of kind m1"),
        (body({"t": "description", "connection": "c" * 22, "type": "x", "sdp": "v"}), "of kind d"),
        (body({"t": "candidates", "connection": "c" * 22, "candidates": [{}]}), "of kind c"),
    ],
)
def test_a_bad_letter_is_refused_without_repeating_it(text: str, sentence: str) -> None:
    """One sentence per cause, and no cause chained to it that quotes the letter."""
    with pytest.raises(BadLetter, match=sentence) as refused:
        read(text)

    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_more_candidates_than_any_machine_has_are_refused() -> None:
    """A list from the wire is bounded."""
    many = [{"candidate": ""}] * (letters.CANDIDATES_MAX + 1)

    with pytest.raises(BadLetter):
        read(body({"t": "candidates", "connection": "c" * 22, "candidates": many}))
