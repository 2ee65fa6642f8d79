"""Whose links lead to a doctor: his own and trusted unions', in time, by their holder."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.capabilities import WAITED_MAX_S, parse, psk_of
from clients.peer.identity import TrustedUnion
from clients.peer.sealing import Refused, thumb
from clients.union import links
from signaling.encoding import decode, encode
from tests.unions import NOW, AUnion

UNION, OTHERS = AUnion(), AUnion(1)
TRUSTED = [TrustedUnion("union", UNION.audience, UNION.root.public_key)]
MASTER, NONCE = bytes(range(32)), b"nonce123"
WINDOW = links.Window(NOW, NOW + 3_600, 1)
SECRETS = links.secrets_of(links.secret_of(MASTER, NONCE))
HOLDER = links.Secrets(SECRETS.holder_seed, b"").holder
PERSONAL = links.personal(MASTER, NONCE, WINDOW).rpartition(".")[0]
POOL = UNION.pool_link()
ANYBODY = b"a" * 16
LABEL = b"teleconsult capability v1\n"


def pool_of(queue: bytes, version: int = 1, kind: int = 2, length: int | None = None) -> str:
    """A pool's link as a union could sign it, whatever it means."""
    head = bytes((version, kind)) + thumb(UNION.root.public_key)
    head += bytes((len(queue) if length is None else length,)) + queue
    body = head + NONCE + bytes(16) + struct.pack(">IIB", NOW, NOW + 3_600, 0)
    return f"cap1.{encode(body + UNION.root.key.sign(LABEL + body))}"


def refused(token: str, holder: bytes = HOLDER, master: bytes = MASTER, now: float = NOW) -> bool:
    try:
        psk_of(token, holder, master, TRUSTED, now)
    except Refused as refusal:
        return refusal.code == "token"
    return False


def test_an_own_link_gives_its_psk() -> None:
    """The one that the patient's end made of the secret."""
    assert SECRETS.psk == psk_of(PERSONAL, HOLDER, MASTER, [], NOW)


def test_a_pools_link_of_a_trusted_union_gives_none() -> None:
    """Whoever holds it, where it names nobody."""
    assert psk_of(POOL, ANYBODY, MASTER, TRUSTED, NOW) is None


def test_a_link_says_whose_identity_is_expected() -> None:
    """A probe's where its queue is the probe's; a doctor's of every other link."""
    assert ("probe", "probe-2") == (
        parse(UNION.pool_link("probe-2")).leads_to,
        parse(UNION.pool_link("probe-2")).queue,
    )
    assert "doctor" == parse(POOL).leads_to == parse(PERSONAL).leads_to
    assert "" == parse(PERSONAL).queue


def test_a_counted_pools_link_is_its_holders_alone() -> None:
    """And gives no PSK."""
    token, _, secret = UNION.counted_link().rpartition(".")
    holder = links.secrets_of(decode(secret)).holder

    assert psk_of(token, holder, MASTER, TRUSTED, NOW) is None
    assert refused(token, ANYBODY)


def test_somebody_elses_link_leads_elsewhere() -> None:
    """Another doctor's, another union's, or this doctor's in another hand."""
    assert refused(PERSONAL, master=bytes(32))
    assert refused(PERSONAL, ANYBODY)
    assert refused(OTHERS.pool_link())
    with pytest.raises(Refused):
        psk_of(POOL, ANYBODY, MASTER, [], NOW)


@pytest.mark.parametrize("token", [PERSONAL, POOL])
@pytest.mark.parametrize(
    ("now", "is_refused"),
    [
        (NOW - 61, True),
        (NOW - 60, False),
        (NOW + 3_599 + WAITED_MAX_S, False),
        (NOW + 3_600 + WAITED_MAX_S, True),
    ],
)
def test_a_link_has_its_time(token: str, now: float, is_refused: bool) -> None:
    """A minute of skew before; at the end as long as somebody who came may have waited."""
    assert is_refused == refused(token, now=now)


@pytest.mark.parametrize("token", [PERSONAL, POOL])
@given(at=st.integers(0), bit=st.integers(0, 7))
def test_no_bit_of_a_link_can_be_changed(token: str, at: int, bit: int) -> None:
    """All of it is signed, or the signature."""
    data = bytearray(decode(token.removeprefix("cap1.")))
    data[at % len(data)] ^= 1 << bit

    assert refused(f"cap1.{encode(bytes(data))}")


@pytest.mark.parametrize("token", [POOL, UNION.counted_link().rpartition(".")[0]])
def test_a_pools_link_names_its_union_and_a_personal_one_none(token: str) -> None:
    """By which the patient's end knows whose doctors it leads to."""
    assert UNION.id == parse(token).union
    assert parse(PERSONAL).union is None


@pytest.mark.parametrize(
    ("queue", "is_one"),
    [
        (b"q", True),
        (b"q" * 63, True),
        (b"A" * 21, True),
        (b"A" * 22, False),
        (b"", False),
        (b"q" * 64, False),
        (b"a queue", False),
        (b"q\n", False),
        ("santé".encode(), False),
    ],
)
def test_a_pools_link_names_a_queue_and_nobodys_handle(queue: bytes, is_one: bool) -> None:
    """As the server reads it: 22 letters could be the queue of one doctor."""
    assert is_one != refused(pool_of(queue))


@pytest.mark.parametrize(
    ("version", "kind", "length"), [(2, 2, 1), (1, 3, 1), (1, 2, 2), (1, 2, 0)]
)
def test_a_union_can_sign_no_other_form(version: int, kind: int, length: int) -> None:
    """Another version, another kind, another length than the queue's."""
    assert refused(pool_of(b"q", version, kind, length))
    assert not refused(pool_of(b"q", 1, 2, 1))


@pytest.mark.parametrize("token", [PERSONAL, POOL])
def test_nobody_else_can_sign(token: str) -> None:
    """Not without the key that it names."""
    data = decode(token.removeprefix("cap1."))

    assert refused(f"cap1.{encode(data[:-64] + bytes(64))}")


@given(st.text() | st.binary(max_size=300).map(lambda data: f"cap1.{encode(data)}"))
def test_any_text_is_a_capability_or_is_none(text: str) -> None:
    """A far end may send anything; nothing but the refusal comes of it."""
    assert refused(text)


@given(st.binary(max_size=400))
def test_reading_never_fails_otherwise(data: bytes) -> None:
    """A ValueError, whatever the bytes."""
    for head in (b"\1\1", b"\1\2", b""):
        try:
            parse(f"cap1.{encode(head + data)}")
        except ValueError:
            pass
