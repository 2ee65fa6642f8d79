"""Records as text: whatever is written is read again the same, and nothing else is read."""

import dataclasses
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.records import PACKED, RECORD_MAX_CHARS, Account, BadRecord, Wait, pack, skim, unpack
from signaling.store import HELD, CallRecord, Seat, Session, Spent, Ticket

# Times are numbers, and a whole number is one.
LEAVES: dict[object, st.SearchStrategy[object]] = {
    str: st.text(max_size=6),
    int: st.integers(0, 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 2**53),
    bool: st.booleans(),
    type(None): st.none(),
}


def some(kind: object) -> st.SearchStrategy[Any]:
    """Anything that a type allows."""
    if kind in LEAVES:
        return LEAVES[kind]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return st.builds(kind, **{name: some(of) for name, of in get_type_hints(kind).items()})
    within = get_args(kind)
    if get_origin(kind) is Literal:
        return st.sampled_from(within)
    if get_origin(kind) is frozenset:
        return st.frozensets(some(within[0]), max_size=3)
    if get_origin(kind) is tuple and within[-1] is ...:
        return st.lists(some(within[0]), max_size=3).map(tuple)
    if get_origin(kind) is tuple:
        return st.tuples(*(some(one) for one in within))
    return st.one_of(*(some(one) for one in within))


records = st.one_of(*(some(kind) for kind in PACKED))

A_TICKET = Ticket("t", "q", "k", 1, 2.0, 3.0, declined=frozenset({"b", "a"}))


@given(records)
def test_what_is_packed_is_unpacked_the_same(record: object) -> None:
    """Every kind of value, with whatever is in it."""
    assert record == unpack(type(record), pack(record))


def test_sets_are_written_in_order() -> None:
    """In each process they have another order of their own."""
    assert '"declined":["a","b"]' in pack(Wait(A_TICKET))


def test_every_kind_that_is_held_has_its_value() -> None:
    """Alone, or within another."""
    within = {Ticket: Wait, CallRecord: Wait, Seat: Session, Spent: Account}

    assert set(PACKED) == {within.get(kind, kind) for kind in HELD}


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "null",
        "[]",
        "{}",
        "not json",
        pack(Wait(A_TICKET)).replace('"turn":0', '"turn":"0"'),
        pack(Wait(A_TICKET)).replace('"turn":0', '"turn":0,"name":"Jeanne"'),
        pack(Wait(A_TICKET)).replace(',"turn":0', ""),
        pack(Wait(A_TICKET)).replace('"arrival":1', '"arrival":1.5'),
        pack(Wait(A_TICKET)).replace('"renewed":2.0', '"renewed":NaN'),
        pack(Wait(A_TICKET)).replace('["a","b"]', '["b","a","a"]'),
    ],
)
def test_what_we_would_not_write_is_not_read(raw: str) -> None:
    """A field too many or too few, another type, no record at all."""
    with pytest.raises(BadRecord):
        unpack(Wait, raw)


@given(records)
def test_a_record_is_skimmed_as_it_is_unpacked(record: object) -> None:
    """Who reads many reads the same."""
    assert record == skim(type(record), pack(record))


@pytest.mark.parametrize(
    "raw", ["", "[]", pack(Wait(A_TICKET)).replace('"arrival":1', '"arrival":"1"')]
)
def test_a_field_that_is_wrong_is_not_skimmed(raw: str) -> None:
    """Whoever skims does not look for more than that."""
    with pytest.raises(BadRecord):
        skim(Wait, raw)


def test_a_text_that_is_too_long_is_not_looked_at() -> None:
    """However right it may be."""
    long = replace(A_TICKET, m1="m" * RECORD_MAX_CHARS)

    with pytest.raises(BadRecord):
        unpack(Wait, pack(Wait(long)))


def test_what_is_wrong_with_a_record_is_not_quoted() -> None:
    """A fault is written to the journal; what was held is not."""
    with pytest.raises(BadRecord) as raised:
        unpack(Wait, pack(Wait(A_TICKET)).replace("1", '"secret"'))

    assert "Wait" == str(raised.value)
    assert raised.value.__cause__ is None
