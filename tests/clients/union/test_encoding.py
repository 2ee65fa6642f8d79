"""Bytes as text: one spelling, and one refusal for all the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union.encoding import decode, derive, encode, thumbprint
from clients.union.errors import Unreadable
from signaling import admission


@given(st.binary(max_size=80))
def test_what_is_written_is_read(data: bytes) -> None:
    """Whatever the bytes."""
    assert data == decode(encode(data))


@given(st.text(max_size=40))
def test_any_text_is_bytes_or_unreadable(text: str) -> None:
    """Never another exception, and never a second spelling."""
    try:
        assert text == encode(decode(text))
    except Unreadable:
        pass


def test_another_length_is_unreadable() -> None:
    """Where a length is wanted."""
    with pytest.raises(Unreadable):
        decode(encode(bytes(15)), 16)


def test_the_server_names_keys_the_same_way() -> None:
    """Two programs that share no code agree."""
    assert admission.thumbprint(b"k" * 32) == thumbprint(b"k" * 32)


def test_each_purpose_has_its_own_secret() -> None:
    """As long as asked, and different."""
    assert 16 == len(derive(b"m" * 32, b"a", 16))
    assert derive(b"m" * 32, b"a", 16) != derive(b"m" * 32, b"b", 16)
