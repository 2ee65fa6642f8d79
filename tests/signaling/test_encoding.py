"""Base64url: one spelling for each bytes, and no other is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.encoding import decode, encode


@given(st.binary())
def test_decoding_undoes_encoding(data: bytes) -> None:
    """Whatever the bytes, and without padding."""
    text = encode(data)

    assert data == decode(text)
    assert "=" not in text


@given(st.text())
def test_any_text_is_canonical_or_refused(text: str) -> None:
    """What is read would be written the same: two texts never mean the same bytes."""
    try:
        data = decode(text)
    except ValueError:
        return

    assert text == encode(data)


@pytest.mark.parametrize(
    "text", ["A", "QQ==", "QQ=", "QR", "Q+Q_", "Q/Q_", "QQQ\n", " QQQ", "é", "\ud800", "QQ.."]
)
def test_another_spelling_is_refused(text: str) -> None:
    """Left-over bits, padding, the other alphabet, white space: no."""
    with pytest.raises(ValueError, match="base64url"):
        decode(text)


def test_the_sentence_does_not_quote_the_text() -> None:
    """Tokens are decoded: what they say stays out of exceptions."""
    with pytest.raises(ValueError, match="not base64url") as raised:
        decode("Lenoir!")

    assert "Lenoir" not in str(raised.value)
    assert raised.value.__suppress_context__
