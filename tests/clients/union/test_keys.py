"""The root key: under a passphrase, and under nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.union import keys
from clients.union.encoding import decode, encode
from clients.union.errors import UnionError, Unreadable
from clients.union.keys import Root
from signaling import ed25519
from tests.dice import Dice

PASSPHRASE = "quatre mots au hasard"
ROOT = Root(b"s" * 32, b"q" * 32)
LOCKED = keys.lock(ROOT, PASSPHRASE, Dice(), log2_n=2)


def test_a_locked_root_opens_with_its_passphrase() -> None:
    """Both secrets come back."""
    opened = keys.unlock(LOCKED, PASSPHRASE)

    assert (ROOT.seed, ROOT.queue_master) == (opened.seed, opened.queue_master)


def test_another_passphrase_opens_nothing() -> None:
    """And is told in a sentence that quotes neither."""
    with pytest.raises(UnionError) as raised:
        keys.unlock(LOCKED, "quatre mots au hazard")

    assert "hazard" not in str(raised.value)


def test_a_locked_root_shows_no_secret() -> None:
    """Nor does it when printed in a trace."""
    data = decode(LOCKED.removeprefix("root1."))

    assert ROOT.seed not in data and ROOT.queue_master not in data
    assert "seed" not in repr(ROOT) and encode(ROOT.seed) not in repr(ROOT)


def test_every_changed_byte_is_found() -> None:
    """Wherever it is; a file cannot ask for an endless computation either."""
    data = bytearray(decode(LOCKED.removeprefix("root1.")))
    for position in range(len(data)):
        data[position] ^= 0x80
        with pytest.raises(UnionError):
            keys.unlock("root1." + encode(bytes(data)), PASSPHRASE)
        data[position] ^= 0x80


@settings(max_examples=50)
@given(st.text(max_size=40) | st.binary(max_size=8).map(lambda data: "root1." + encode(data)))
def test_any_other_text_is_unreadable(text: str) -> None:
    """Never another exception."""
    with pytest.raises(Unreadable):
        keys.unlock(text, PASSPHRASE)


def test_a_guess_costs() -> None:
    """What is written by default is at least 2^17, 128 MiB a guess."""
    assert 17 <= keys.SCRYPT_LOG2_N <= keys.SCRYPT_LOG2_N_MAX


def test_a_short_passphrase_is_refused() -> None:
    """Twelve characters at least."""
    assert PASSPHRASE == keys.check_passphrase(PASSPHRASE)
    with pytest.raises(UnionError):
        keys.check_passphrase("onze lettre")


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize("y", sorted(keys._SMALL_ORDER))
def test_keys_under_which_anybody_signs_are_known(y: bytes, sign: int) -> None:
    """To the server as well, which shares no code; no seed makes one."""
    key = y[:-1] + bytes((y[-1] | sign,))

    assert keys.is_small_order(key) and ed25519.is_small_order(key)
    assert keys._SMALL_ORDER == ed25519._SMALL_ORDER
    assert not keys.is_small_order(ROOT.public_key)


def test_queue_keys_differ_by_queue_and_day() -> None:
    """A key of today opens no card of tomorrow, nor of another queue."""
    made = {ROOT.queue_key(queue, day) for queue in ("a", "b") for day in (1, 2)}

    assert 4 == len(made) and all(len(key) == 32 for key in made)
    assert ROOT.queue_key("a", 1) == ROOT.queue_key("a", 1)
