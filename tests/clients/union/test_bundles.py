"""Bundles: opened by their doctor, alike for everybody else."""

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from clients.union import bundles
from clients.union.bundles import Bundle
from clients.union.errors import UnionError, Unreadable
from tests.dice import Dice

BUNDLE = Bundle("identity", ("monday", "tuesday"), {"1": {"q": "key"}}, {"v": 1})


def keys(count: int) -> list[X25519PrivateKey]:
    dice = Dice(5)
    return [X25519PrivateKey.from_private_bytes(dice(32)) for _ in range(count)]


def public(key: X25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def packed(doctors: list[X25519PrivateKey], dice: Dice) -> list[bytes]:
    enrolled = [public(key) for key in doctors]
    fresh = {key: bundles.seal(BUNDLE, key) for key in enrolled}
    return bundles.pack([], enrolled, [], fresh, dice)


def test_a_doctor_opens_his_own_bundle_and_no_other(dice: Dice) -> None:
    """Whoever is not enrolled finds nothing."""
    mine, other, stranger = keys(3)
    files = packed([mine, other], dice)

    assert BUNDLE == bundles.open_(files, mine) == bundles.open_(files, other)
    with pytest.raises(Unreadable):
        bundles.open_(files, stranger)


def test_all_files_have_one_size_whoever_is_in_them(dice: Dice) -> None:
    """No doctor, one, or nine: the same; many: all files grow together."""
    empty, one, nine, many = (packed(keys(count), dice) for count in (0, 1, 9, 40))

    sizes = {len(file) for files in (empty, one, nine) for file in files}
    assert {bundles.SLOTS_STEP * bundles.SLOT_BYTES} == sizes
    assert 1 == len({len(file) for file in many})
    assert all(bundles.open_(many, key) == BUNDLE for key in keys(40))


def test_a_slot_does_not_tell_how_much_it_says() -> None:
    """A month with five queues is as long as a day with one."""
    key = public(keys(1)[0])
    large = Bundle("i" * 1_000, ("a" * 800,) * 30, {}, {"v": 1})

    assert {bundles.SLOT_BYTES} == {len(bundles.seal(b, key)) for b in (BUNDLE, large)}


def test_a_bundle_too_large_is_a_sentence() -> None:
    """It says what to do."""
    with pytest.raises(UnionError, match="--days"):
        bundles.write(Bundle("i", ("a" * 1_100,) * 30, {}, {}))


def test_a_fresh_bundle_touches_one_slot(dice: Dice) -> None:
    """Others stay where they are, empty ones too: two editions tell one change, not whose."""
    first, second = keys(2)
    before = packed([first], dice)
    fresh = {public(second): bundles.seal(BUNDLE, public(second))}

    after = bundles.pack(before, [public(first), public(second)], [], fresh, dice)

    assert 1 == differing(before, after)
    assert BUNDLE == bundles.open_(after, first) == bundles.open_(after, second)


def test_a_revoked_doctors_slot_is_overwritten(dice: Dice) -> None:
    """And looks like an empty one."""
    first, second = keys(2)
    before = packed([first, second], dice)

    after = bundles.pack(before, [public(second)], [public(first)], {}, dice)

    assert 1 == differing(before, after)
    assert BUNDLE == bundles.open_(after, second)
    with pytest.raises(Unreadable):
        bundles.open_(after, first)


def test_a_renewed_bundle_takes_the_place_of_the_old(dice: Dice) -> None:
    """There is one slot for each doctor."""
    (mine,) = keys(1)
    newer = Bundle("newer", (), {}, {"v": 1})
    fresh = {public(mine): bundles.seal(newer, public(mine))}

    after = bundles.pack(packed([mine], dice), [public(mine)], [], fresh, dice)

    assert newer == bundles.open_(after, mine)


def test_a_changed_bundle_is_unreadable(dice: Dice) -> None:
    """Any byte of it."""
    (mine,) = keys(1)
    files = [bytearray(file) for file in packed([mine], dice)]
    at = files[bundles.file_of(public(mine))].index(bundles.slot_id(public(mine)))
    files[bundles.file_of(public(mine))][at + 1_000] ^= 1

    with pytest.raises(Unreadable):
        bundles.open_([bytes(file) for file in files], mine)


def test_a_file_cut_short_is_unreadable(dice: Dice) -> None:
    """Fetch it again."""
    with pytest.raises(Unreadable):
        bundles.slots(packed([], dice)[0][:-1])


@given(st.binary(max_size=60))
def test_any_other_bytes_are_no_bundle(data: bytes) -> None:
    """Never another exception."""
    with pytest.raises(Unreadable):
        bundles.read(data)


def differing(before: list[bytes], after: list[bytes]) -> int:
    """How many slots differ between two editions."""
    return sum(
        old != new
        for files in zip(before, after, strict=True)
        for old, new in zip(bundles.slots(files[0]), bundles.slots(files[1]), strict=True)
    )
