"""A probe's two lines: whole and of one service, or a sentence that repeats none of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.errors import BadLink
from clients.peer.probe_keys import ProbeKeys, read, seed_of, write
from clients.union import keyring
from tests.unions import ORIGIN, QUEUE, AUnion

UNION = AUnion()
SEED = b"p" * 32
KEYRING = keyring.write(SEED)
ADDRESS = f"{ORIGIN}/doctor#{KEYRING}"
LINK = f"{ORIGIN}/#{UNION.pool_link('probe-2')}"


@pytest.mark.parametrize(
    "text",
    [
        f"{KEYRING}\n{LINK}\n",
        f"{LINK}\n{KEYRING}",
        f"{LINK}\n{ADDRESS}\n",
        f"\n  {ADDRESS}\r\n\n{LINK}\r\n",
        write(SEED) + LINK,
    ],
    ids=["as it is written", "the other way round", "as addresses", "with blanks", "appended"],
)
def test_keys_are_read_in_any_order(text: str) -> None:
    """The keyring alone, or the doctor's address that ends in it."""
    keys = read(text)

    assert ProbeKeys(LINK, SEED) == keys
    assert ADDRESS == keys.doctor


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "one line that has key1."),
        (f"{LINK}\n", "one line that has key1."),
        (f"{KEYRING}\n{KEYRING}\n", "one line that has key1."),
        (f"{KEYRING}\n", "no link yet"),
        (f"{KEYRING}\n{LINK}\n{LINK}\n", "more than that"),
        (f"{KEYRING[:-2]}\n{LINK}\n", "cut short"),
        (f"{KEYRING}\n{LINK[:-2]}\n", "cut short"),
        (f"{KEYRING}\n{ORIGIN}/#{UNION.pool_link(QUEUE)}\n", "a queue of the probe"),
        (f"https://other.example/doctor#{KEYRING}\n{LINK}\n", "two services"),
        (f"{ORIGIN}/#{KEYRING}\n{LINK}\n", "patient's address"),
        ("key1." + "A" * 3000, "longer"),
    ],
    ids=lambda value: value[:12],
)
def test_what_is_not_whole_is_said(text: str, sentence: str) -> None:
    """And what to do about it; no secret is in the sentence."""
    with pytest.raises(BadLink, match=sentence) as raised:
        read(text)
    assert KEYRING[5:20] not in str(raised.value) and "cap1." not in str(raised.value)


def test_no_secret_is_shown_with_the_rest() -> None:
    """By whoever prints the value."""
    assert "key1" not in repr(read(f"{LINK}\n{KEYRING}")) and "cap1" not in repr(
        read(f"{LINK}\n{KEYRING}")
    )


@given(st.text(max_size=80) | st.text("key1.cap#/htps:\n A-_", max_size=80))
def test_any_other_text_is_a_sentence(text: str) -> None:
    """Never another exception."""
    for reading in (read, seed_of):
        with pytest.raises(BadLink):
            reading(text)
