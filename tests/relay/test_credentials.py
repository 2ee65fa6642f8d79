"""Relay passwords: good for their tag and their time, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import credentials, stun
from relay.credentials import Name, RelayPassword
from relay.stun import Kind, Method

SECRET = b"s" * 32
OLDER = b"o" * 32
EXPIRY = 1_800_000_600


def test_a_relay_password_is_what_other_relays_make_of_it() -> None:
    """The scheme is public: the same secret in coturn gives the same password."""
    minted = credentials.mint(b"0123456789abcdef0123456789abcdef", "tag", EXPIRY)

    assert RelayPassword("1800000600:tag", "JpBr4TOaIAXNJX1gijzy8BCRzo4=") == minted


def test_a_client_and_the_relay_make_the_same_key() -> None:
    """One knows the password, the other the secret."""
    minted = credentials.mint(SECRET, "tag", EXPIRY)

    assert [credentials.key_of(minted)] == credentials.keys([SECRET], minted.username.encode())


def test_the_previous_secret_is_accepted_while_it_is_replaced() -> None:
    """Keys come with the current secret's first."""
    old, new = (credentials.key_of(credentials.mint(s, "t", EXPIRY)) for s in (OLDER, SECRET))

    assert [new, old] == credentials.keys([SECRET, OLDER], b"1800000600:t")


def test_a_password_of_one_tag_does_not_sign_for_another() -> None:
    """Nor does it for a later time: both are in the name, and the name is in the password."""
    key = credentials.key_of(credentials.mint(SECRET, "mine", EXPIRY))
    signed = stun.parse(stun.serialise(Kind.REQUEST, Method.ALLOCATE, bytes(12), key=key))

    assert stun.holds(signed, *credentials.keys([SECRET], b"1800000600:mine"))
    assert not stun.holds(signed, *credentials.keys([SECRET], b"1800000600:yours"))
    assert not stun.holds(signed, *credentials.keys([SECRET], b"1800000601:mine"))


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b":",
        b"1800000600",
        b"1800000600:",
        b":tag",
        b"180000060:tag",
        b"18000006000:tag",
        b"0800000600:tag",
        b"+180000060:tag",
        b" 1800000600:tag",
        b"1800000600:tag\n",
        b"1800000600:a:b",
        b"1800000600:" + b"a" * 65,
        b"1800000600:\xc3\xa9",
        "١٨٠٠٠٠٠٦٠٠:tag".encode(),
    ],
)
def test_a_name_of_another_form_is_none(name: bytes) -> None:
    """One tag at one time has one name."""
    assert credentials.read_name(name) is None


@given(st.binary(max_size=90))
def test_any_bytes_are_a_name_or_none(name: bytes) -> None:
    """Never an exception."""
    read = credentials.read_name(name)

    assert read is None or name == f"{read.expires_at}:{read.tag}".encode()


@given(st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True))
def test_what_is_minted_is_read(tag: str) -> None:
    """For every tag that may be."""
    minted = credentials.mint(SECRET, tag, EXPIRY)

    assert credentials.is_tag(tag)
    assert Name(EXPIRY, tag) == credentials.read_name(minted.username.encode())


@pytest.mark.parametrize("tag", ["", "a b", "a:b", "é", "a" * 65, "a\n"])
def test_a_tag_outside_its_alphabet_is_refused(tag: str) -> None:
    """Where it is made, not where it would fail."""
    assert not credentials.is_tag(tag)
    with pytest.raises(ValueError, match="needs a tag"):
        credentials.mint(SECRET, tag, EXPIRY)


def test_a_secret_that_could_be_guessed_is_refused_and_not_quoted() -> None:
    """31 bytes are too few, none are too few."""
    with pytest.raises(ValueError, match="at least 32 bytes") as caught:
        credentials.mint(b"x" * 31, "tag", EXPIRY)

    assert "xxx" not in str(caught.value)
    with pytest.raises(ValueError, match="needs a secret"):
        credentials.checked([])
    with pytest.raises(ValueError, match="at least 32 bytes"):
        credentials.checked([SECRET, b"short"])
    assert (SECRET, OLDER) == credentials.checked([SECRET, OLDER])
