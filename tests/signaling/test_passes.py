"""Passes: what we issued is read back, and nothing else is."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.encoding import decode, encode
from signaling.messages import MemberRole
from signaling.passes import (
    PREFIX,
    BadPass,
    Kind,
    Pass,
    Passbook,
    claimed_kind,
    read_secret,
    read_secrets,
)
from signaling.store import Spend

NOW = 1_800_000_000.0
SECRET, OTHER = b"s" * 32, b"o" * 32
PASS = Pass(
    kind="member",
    role="patient",
    id=encode(b"i" * 16),
    key=encode(b"k" * 16),
    epoch=encode(b"e" * 8),
    arrival=1_800_000_000_000_001,
    generation=3,
    expires_at=NOW + 600.25,
    session=encode(b"s" * 16),
    queue="medecine-generale",
)
BOOK = Passbook([SECRET])


def exactly(size: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=size, max_size=size).map(encode)


names = st.text("abcXYZ019-_", max_size=63)
passes = st.builds(
    Pass,
    kind=st.sampled_from(get_args(Kind)),
    role=st.sampled_from(get_args(MemberRole)),
    id=exactly(16),
    key=exactly(16),
    epoch=exactly(8),
    arrival=st.integers(0, 2**64 - 1),
    generation=st.integers(0, 2**32 - 1),
    expires_at=st.integers(int(NOW * 1000) + 1, int(NOW * 2000)).map(lambda ms: ms / 1000),
    session=names,
    queue=names,
    spend=st.none()
    | st.builds(
        Spend,
        mark=exactly(16),
        uses=st.integers(1, 255),
        expires_at=st.integers(0, int(NOW * 2000)).map(lambda ms: ms / 1000),
        former=st.just("") | exactly(16),
    ),
)


def code_of(token: str, book: Passbook = BOOK, now: float = NOW) -> str:
    """How this token is refused."""
    with pytest.raises(BadPass) as raised:
        book.read(token, now)
    assert raised.value.code == str(raised.value)
    return raised.value.code


@given(passes)
def test_a_pass_reads_back_as_it_was_issued(pass_: Pass) -> None:
    """Every field survives, and the token fits the wire."""
    token = BOOK.issue(pass_)

    assert pass_ == BOOK.read(token, NOW)
    assert len(token) <= 1024


@given(passes)
def test_a_pass_says_what_it_is_before_it_is_checked(pass_: Pass) -> None:
    """Its kind is in the clear; a lie about it is found when the pass is read."""
    assert claimed_kind(BOOK.issue(pass_)) == pass_.kind


@given(st.text(max_size=30) | st.binary(max_size=3).map(lambda data: PREFIX + encode(data)))
def test_what_is_no_pass_says_nothing(text: str) -> None:
    """Any text is a kind or none, never an exception."""
    assert claimed_kind(text) in (*get_args(Kind), None)
    assert claimed_kind(text.removeprefix(PREFIX)) is None


def test_every_single_changed_byte_is_refused() -> None:
    """Wherever a bit flips, in what is said or in the MAC."""
    data = bytearray(decode(BOOK.issue(PASS).removeprefix(PREFIX)))

    for position in range(len(data)):
        for bit in range(8):
            data[position] ^= 1 << bit
            assert "not-admitted" == code_of(PREFIX + encode(bytes(data)))
            data[position] ^= 1 << bit


def test_a_cut_or_lengthened_token_is_refused() -> None:
    """No prefix of a token opens anything, nor anything appended."""
    token = BOOK.issue(PASS)

    for length in range(len(token)):
        assert "not-admitted" == code_of(token[:length])
    assert "not-admitted" == code_of(token + "A")
    assert "not-admitted" == code_of(token + "AAAA")


@given(st.text() | st.binary().map(lambda data: PREFIX + encode(data)))
def test_any_other_text_is_refused(text: str) -> None:
    """Forged, foreign or noise: one answer, and no other exception."""
    assert "not-admitted" == code_of(text)


def test_a_pass_without_its_prefix_is_no_pass() -> None:
    """The prefix tells kinds of token apart, so it belongs to the token."""
    assert "not-admitted" == code_of(BOOK.issue(PASS).removeprefix(PREFIX))


def test_a_pass_of_another_installation_is_refused() -> None:
    """Their secret is not ours."""
    assert "not-admitted" == code_of(Passbook([OTHER]).issue(PASS))


def test_the_previous_secret_is_still_accepted() -> None:
    """While a secret is being replaced, passes under the old one live on."""
    token = BOOK.issue(PASS)

    assert PASS == Passbook([OTHER, SECRET]).read(token, NOW)


def test_new_passes_are_issued_under_the_current_secret() -> None:
    """Once the old secret is withdrawn, what was issued since still holds."""
    token = Passbook([OTHER, SECRET]).issue(PASS)

    assert PASS == Passbook([OTHER]).read(token, NOW)
    assert "not-admitted" == code_of(token, BOOK)


def test_a_pass_ends_at_its_expiry() -> None:
    """Good a millisecond before, expired at the moment itself."""
    token = BOOK.issue(PASS)

    assert PASS == BOOK.read(token, PASS.expires_at - 0.001)
    assert "expired" == code_of(token, now=PASS.expires_at)


def test_a_forged_pass_is_not_called_expired() -> None:
    """Time is looked at only in what is ours."""
    token = Passbook([OTHER]).issue(replace(PASS, expires_at=NOW - 1))

    assert "not-admitted" == code_of(token)


@pytest.mark.parametrize("secrets", [[], [b""], [b"s" * 31], [SECRET, b"short"]])
def test_a_weak_secret_is_refused_at_start(secrets: list[bytes]) -> None:
    """Fewer than 32 bytes sign nothing."""
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Passbook(secrets)


def test_a_secret_is_read_from_its_text() -> None:
    """At least 32 bytes of base64url."""
    assert SECRET == read_secret(encode(SECRET))


@pytest.mark.parametrize("text", ["", "Lenoir", encode(b"s" * 31), encode(SECRET) + "="])
def test_a_bad_secret_is_not_quoted(text: str) -> None:
    """The sentence says what a secret is, not what was given."""
    with pytest.raises(ValueError, match="at least 32 random bytes in base64url") as raised:
        read_secret(text)

    assert not text or text not in str(raised.value)


def test_installation_secrets_are_read_in_their_order() -> None:
    """The current one first; one that is not set is none."""
    one, other = encode(b"a" * 32), encode(b"b" * 32)

    assert [b"a" * 32, b"b" * 32] == read_secrets(one, other)
    assert [b"a" * 32] == read_secrets(one, "")
    with pytest.raises(ValueError):
        read_secrets(one, "short")
