"""`union.json`: what others must know of a union."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union import unions
from clients.union.encoding import encode
from clients.union.errors import UnionError, Unreadable
from clients.union.unions import Union
from tests.unions import AUnion

PUBLIC = AUnion().public


def test_a_union_is_read_as_it_was_written() -> None:
    """Name, audience, root; its id follows."""
    assert PUBLIC == unions.read(unions.write(PUBLIC))
    assert AUnion().id == PUBLIC.id


@pytest.mark.parametrize(
    "audience",
    [
        "https://visio.example.fr/",
        "visio.example.fr",
        "http://visio.example.fr",
        "https://a b",
        "https://VISIO.example.fr",
        "https://a.example#x",
    ],
)
def test_an_audience_that_is_no_origin_is_refused(audience: str) -> None:
    """Exactly as browsers write it, and never in the clear but for this machine."""
    with pytest.raises(UnionError):
        unions.check(Union("Union", audience, bytes(32)))


def test_a_root_under_which_anybody_signs_is_refused() -> None:
    """Anybody could vouch for anybody."""
    for root in (bytes(32), b"\1" + bytes(31)):
        with pytest.raises(Unreadable, match="anybody can sign"):
            unions.read(unions.write(Union("Union", "https://a.example", root)))


@pytest.mark.parametrize("name", ["", " ", "a" * 81, "a\nb", "a\u202eb"])
def test_a_name_that_plays_tricks_is_refused(name: str) -> None:
    """Patients read it."""
    with pytest.raises(UnionError):
        unions.check(Union(name, "https://a.example", bytes(32)))


@given(
    st.text(max_size=60)
    | st.recursive(st.none() | st.text(), lambda inner: st.lists(inner)).map(json.dumps)
    | st.just(json.dumps({"v": 1, "name": 1, "audience": "", "root": ""}))
    | st.binary(max_size=40).map(
        lambda root: json.dumps(
            {"v": 1, "name": "a", "audience": "https://a.example", "root": encode(root)}
        )
    )
)
def test_any_other_text_is_unreadable(text: str) -> None:
    """A union, or one of our sentences."""
    try:
        assert 32 == len(unions.read(text).root)
    except Unreadable:
        pass


def test_a_demonstrations_union_says_so() -> None:
    """In its file and in each bundle; a real one does not carry the word at all."""
    demo = replace(PUBLIC, is_demo=True)

    assert demo == unions.read(unions.write(demo)) != PUBLIC
    assert unions.as_json(demo)["demo"] is True and "demo" not in unions.as_json(PUBLIC)


@pytest.mark.parametrize("value", [True, False, 0, None, "no"])
def test_whoever_says_anything_of_a_demonstration_is_one(value: object) -> None:
    """A word that only a demonstration writes is not argued with."""
    assert unions.read(json.dumps({**unions.as_json(PUBLIC), "demo": value})).is_demo
