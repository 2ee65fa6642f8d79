"""Nonces that need no memory: ours, this client's, and not too old."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.effects import Source
from relay.nonce import NONCE_BYTES, NONCE_LIFETIME_S, Nonces

NOW = 1_800_000_000.5
HERE = Source("udp", "192.0.2.1", 5000)


def test_a_nonce_is_known_to_the_end_of_its_life() -> None:
    """And not a second longer."""
    nonces = Nonces(b"k" * 32)
    nonce = nonces.give(HERE, NOW)

    assert NONCE_BYTES == len(nonce)
    assert nonces.know(nonce, HERE, NOW)
    assert nonces.know(nonce, HERE, NOW + NONCE_LIFETIME_S - 1)
    assert not nonces.know(nonce, HERE, NOW + NONCE_LIFETIME_S + 1)


@pytest.mark.parametrize(
    "other",
    [
        HERE._replace(ip="192.0.2.2"),
        HERE._replace(port=5001),
        HERE._replace(transport="tcp"),
        HERE._replace(listener=1),
    ],
)
def test_a_nonce_is_one_clients_alone(other: Source) -> None:
    """What was seen on one path is of no use on another."""
    nonces = Nonces(b"k" * 32)

    assert not nonces.know(nonces.give(HERE, NOW), other, NOW)


def test_a_nonce_of_another_process_is_not_ours() -> None:
    """After a restart a client is told to take a new one."""
    assert not Nonces(b"k" * 32).know(Nonces(b"l" * 32).give(HERE, NOW), HERE, NOW)


def test_a_nonce_from_a_clock_that_was_set_back_is_stale() -> None:
    """It would be good for too long otherwise."""
    nonces = Nonces(b"k" * 32)

    assert not nonces.know(nonces.give(HERE, NOW + 3600), HERE, NOW)


@given(st.binary(max_size=40))
def test_any_bytes_are_no_nonce(nonce: bytes) -> None:
    """And never an exception."""
    assert not Nonces(b"k" * 32).know(nonce, HERE, NOW)


def test_one_changed_character_makes_it_another() -> None:
    """Also those that a lenient reader would pass over."""
    nonces = Nonces(b"k" * 32)
    nonce = nonces.give(HERE, NOW)

    for bent in (nonce[:-1] + b"=", nonce + b"=", nonce + b"\n", b"A" + nonce[1:], nonce.lower()):
        assert not nonces.know(bent, HERE, NOW)
