"""Revocation lists: fresh, signed by a delegated key, and of a length that tells little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union import lists, tokens
from clients.union.encoding import encode
from clients.union.errors import UnionError, Unreadable
from clients.union.keys import public_key
from tests.dice import Dice
from tests.unions import NOW, ORIGIN, AUnion

UNION, OTHER = AUnion(), AUnion(1)
SOME = encode(b"r" * 16)


def read(token: str, now: float = NOW, union: AUnion = UNION) -> lists.RevocationList:
    return lists.read(token, union.root.public_key, union.id, ORIGIN, now, typ=tokens.ACCESS_LIST)


def test_a_list_is_read_as_it_was_signed() -> None:
    """Number, time, ids."""
    assert lists.RevocationList(7, NOW, NOW + 86_400, frozenset({SOME})) == read(
        UNION.list([SOME], seq=7)
    )


def test_a_list_lives_a_day_and_no_longer() -> None:
    """Nor is one accepted that says so."""
    read(UNION.list(), NOW + 86_399)
    with pytest.raises(Unreadable):
        read(UNION.list(), NOW + 86_400)

    endless = lists.sign(
        UNION.list_seed,
        UNION.delegation(),
        UNION.id,
        ORIGIN,
        1,
        [],
        NOW,
        typ=tokens.ACCESS_LIST,
        lifetime_s=86_401,
    )
    with pytest.raises(Unreadable):
        read(endless)


def test_a_list_ends_with_its_delegation() -> None:
    """A list key that was not renewed says nothing any more."""
    delegation = UNION.delegation()
    ends = lists.delegation_ends(delegation)

    token = lists.sign(
        UNION.list_seed, delegation, UNION.id, ORIGIN, 1, [], ends - 10, typ=tokens.ACCESS_LIST
    )
    assert ends == read(token, ends - 10).ends


def test_a_list_key_signs_lists_only_and_only_its_unions() -> None:
    """Without the root's delegation, or with another union's, a list is nothing."""
    stranger = lists.sign(
        b"x" * 32, UNION.delegation(), UNION.id, ORIGIN, 1, [], NOW, typ=tokens.ACCESS_LIST
    )
    foreign = lists.sign(
        UNION.list_seed, OTHER.delegation(), UNION.id, ORIGIN, 1, [], NOW, typ=tokens.ACCESS_LIST
    )
    own = lists.delegate(OTHER.root, ORIGIN, public_key(UNION.list_seed), NOW)
    usurped = lists.sign(UNION.list_seed, own, UNION.id, ORIGIN, 1, [], NOW, typ=tokens.ACCESS_LIST)

    for token in (stranger, foreign, usurped, UNION.delegation(), OTHER.list()):
        with pytest.raises(Unreadable):
            read(token)


def test_the_length_of_a_list_does_not_count_its_ids() -> None:
    """None, one and forty look alike, to the byte."""
    dice = Dice()
    many = [encode(dice(16)) for _ in range(40)]

    assert 1 == len({len(UNION.list(ids)) for ids in ([], [SOME], many)})


def test_the_worst_case_is_a_lists_life_and_a_reload() -> None:
    """When the fresh list never arrives."""
    assert 86_460 == lists.worst_case_s(lists.LIST_LIFETIME_S, 60)


def test_a_list_too_long_for_a_call_is_a_sentence() -> None:
    """120 identities fit M2 beside all else (`test_sealed_passkeys.py`); servers' are free."""
    dice = Dice()
    ids = [encode(dice(16)) for _ in range(210)]

    listed = UNION.list(ids[:120], typ=tokens.LIST)
    assert len(listed) <= lists.LIST_MAX_CHARS
    with pytest.raises(UnionError, match="some 120"):
        UNION.list(ids, typ=tokens.LIST)
    assert 210 == len(read(UNION.list(ids)).revoked)


@given(st.text(max_size=60))
def test_any_other_text_is_unreadable(text: str) -> None:
    """Never another exception."""
    with pytest.raises(Unreadable):
        read(text)


def test_a_list_is_signed_by_its_key_and_not_by_the_root() -> None:
    """The root stays in its drawer."""
    token = tokens.sign(
        {**tokens.unchecked(UNION.list()), "seq": 2}, tokens.ACCESS_LIST, UNION.root.key
    )
    with pytest.raises(Unreadable):
        read(token)


def test_a_list_for_patients_is_none_for_servers() -> None:
    """It does not name the credentials that servers see."""
    with pytest.raises(Unreadable):
        read(UNION.list(typ=tokens.LIST))
