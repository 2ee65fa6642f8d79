"""An operator writes one line; what is wrong with it is said, and none of it quoted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.store_address import HOSTS_MAX, NoAddress, Place, StoreAddress, read

GOOD = [
    ("redis://h", StoreAddress("one", (Place("h", 6379),))),
    ("redis://u:p@h:1", StoreAddress("one", (Place("h", 1),), "u", "p")),
    ("redis://:p@10.0.0.1", StoreAddress("one", (Place("10.0.0.1", 6379),), "", "p")),
    ("redis://u:p@[::1]:7", StoreAddress("one", (Place("::1", 7),), "u", "p")),
    ("redis://u:a%40b%2F:c@h", StoreAddress("one", (Place("h", 6379),), "u", "a@b/:c")),
    ("rediss://u:p@h", StoreAddress("one", (Place("h", 6379),), "u", "p", is_tls=True)),
    ("unix:///run/r.sock", StoreAddress("one", (Place(path="/run/r.sock"),))),
    ("unix://u:p@/run/r", StoreAddress("one", (Place(path="/run/r"),), "u", "p")),
    (
        "redis+sentinel://u:p@a,b:2/teleconsult",
        StoreAddress("sentinel", (Place("a", 26379), Place("b", 2)), "u", "p", "teleconsult"),
    ),
    (
        "rediss+cluster://u:p@a,b:2",
        StoreAddress("cluster", (Place("a", 6379), Place("b", 2)), "u", "p", is_tls=True),
    ),
]


@pytest.mark.parametrize(("text", "address"), GOOD)
def test_an_address_is_read(text: str, address: StoreAddress) -> None:
    """One server, a socket of this machine, Sentinels, a Cluster; each by TLS too."""
    assert address == read(text)


def test_memory_is_no_address() -> None:
    """The store is then in the process itself."""
    assert read("memory") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is memory, or begins with"),
        ("Lenoir", "is memory, or begins with"),
        ("http://u:Lenoir@h", "is memory, or begins with"),
        ("redis:/Lenoir", "is memory, or begins with"),
        ("redis://Lenoir@h", "a user and a password"),
        ("redis://Lenoir:@h", "a user and a password"),
        ("redis://u:Lenoir@", "A host is a name"),
        ("redis://u:Lenoir@h:0", "A host is a name"),
        ("redis://u:Lenoir@h:99999", "A host is a name"),
        ("redis://u:Lenoir@h:x", "A host is a name"),
        ("redis://u:Lenoir@::1", "A host is a name"),
        ("redis://u:Lenoir@h/1", "Nothing stands after the host"),
        ("redis+cluster://u:Lenoir@h/s", "Nothing stands after the host"),
        ("redis://u:Lenoir@a,b", "names one host"),
        ("redis+sentinel://u:Lenoir@a,b", "the name that they give the master"),
        ("redis+sentinel://u:Lenoir@a,b/Len oir", "no spaces"),
        ("redis://u:Lenoir@h?db=1", r"nothing after \? or #"),
        ("redis://u:Lenoir#1@h", r"nothing after \? or #"),
        ("unix://Lenoir", "the path of a socket"),
        ("unix://u:Lenoir@/run/", "the path of a socket"),
        ("redis+cluster://" + ",".join("h" * (HOSTS_MAX + 1)), "At most 16 hosts"),
    ],
)
def test_a_wrong_address_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    """Which says what is wrong, and nothing of a password."""
    with pytest.raises(NoAddress, match=sentence) as refused:
        read(text)

    assert "Lenoir" not in str(refused.value)


@given(st.text() | st.from_regex(r"(rediss?(\+cluster|\+sentinel)?|unix)://.{0,40}"))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """No other exception, whatever is written there."""
    try:
        found = read(text)
    except NoAddress:
        return

    assert found is None or found.places


def test_a_place_is_written_as_people_write_it() -> None:
    """In sentences that say which server is meant."""
    assert ["h:1", "[::1]:1", "/r"] == [
        str(place) for place in (Place("h", 1), Place("::1", 1), Place(path="/r"))
    ]


def test_the_password_is_not_shown() -> None:
    """Neither in a traceback nor in a list."""
    assert "Lenoir" not in repr(read("redis://u:Lenoir@h"))
