"""Capabilities: one layout, one spelling, one signature that covers all of it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union import links
from clients.union.keys import public_key, signing_key
from signaling import capability
from signaling.admission import NotAdmitted, thumbprint
from signaling.encoding import decode, encode
from tests.dice import Dice
from tests.unions import NOW, QUEUE, ADevice, AUnion

LABEL = b"teleconsult capability v1\n"
SEED = b"l" * 32
LINK_KEY = public_key(SEED)
PERSONAL = ADevice(Dice()).link().token
POOL = AUnion().pool_link()


def made(body: bytes, seed: bytes = SEED) -> str:
    """Any body, rightly signed."""
    return capability.PREFIX + encode(body + signing_key(seed).sign(LABEL + body))


def tail(
    holder: bytes = b"h" * 16, begins: int = NOW, ends: int = NOW + 60, uses: int = 1
) -> bytes:
    return struct.pack(">16sIIB", holder, begins, ends, uses)


def personal(rest: bytes = b"", version: int = 1, key: bytes = LINK_KEY) -> bytes:
    return bytes((version, 1)) + key + b"n" * 8 + (rest or tail())


def pool(queue: bytes = b"q", rest: bytes = b"", length: int | None = None) -> bytes:
    size = bytes((len(queue) if length is None else length,))
    return bytes((1, 2)) + b"s" * 16 + size + queue + b"n" * 8 + (rest or tail())


def refused(token: str) -> str:
    with pytest.raises(NotAdmitted) as raised:
        capability.parse(token)
    return raised.value.code


def test_a_personal_capability_is_read() -> None:
    """Its queue is the hash of the key that signs it."""
    cap = capability.parse(made(personal()))

    assert (True, LINK_KEY, thumbprint(LINK_KEY)) == (cap.is_personal, cap.signer, cap.queue)
    assert (encode(b"h" * 16), NOW, NOW + 60, 1) == (cap.holder, cap.begins, cap.ends, cap.uses)
    assert cap.is_signed_by(LINK_KEY) and not cap.is_signed_by(public_key(b"o" * 32))


def test_a_pool_capability_is_read() -> None:
    """For anybody without a count, for one with."""
    one, anybody = pool(), pool(rest=tail(bytes(16), uses=0))

    assert (False, "q", b"s" * 16) == (
        (cap := capability.parse(made(one))).is_personal,
        cap.queue,
        cap.signer,
    )
    assert "" == capability.parse(made(anybody)).holder


@pytest.mark.parametrize(
    "body",
    [
        personal(version=2),
        b"\1\3" + personal()[2:],
        personal(rest=tail(bytes(16), uses=1)),
        personal(rest=tail(uses=0)),
        personal(rest=tail(begins=NOW, ends=NOW)),
        personal() + b"\0",
        personal()[:-1],
        pool(rest=tail(bytes(16), uses=1)),
        pool(rest=tail(uses=0)),
        pool(b""),
        pool("é".encode()),
        pool(b"a.b"),
        pool(b"q" * 64),
        pool(b"q\n"),
        pool(b"queue", length=4),
        pool(b"queue", length=6),
        pool(encode(b"h" * 16).encode()),
        b"",
        b"\1",
        b"\1\1",
        b"\1\2",
    ],
    ids=range(21),
)
def test_what_means_nothing_is_refused(body: bytes) -> None:
    """Though rightly signed: lengths, names, counts without holders, endless windows."""
    assert "not-admitted" == refused(made(body))


@pytest.mark.parametrize("token", [PERSONAL, POOL])
def test_every_single_changed_bit_breaks_the_signature(token: str) -> None:
    """Or the layout: nothing of a capability can be bent."""
    cap = capability.parse(token)
    root = cap.signer if cap.is_personal else AUnion().root.public_key
    data = bytearray(decode(token.removeprefix("cap1.")))
    assert cap.is_signed_by(root)

    for position in range(len(data)):
        data[position] ^= 1
        try:
            bent = capability.parse("cap1." + encode(bytes(data)))
            assert not bent.is_signed_by(bent.signer if bent.is_personal else root)
        except NotAdmitted:
            pass
        data[position] ^= 1


def test_a_link_key_of_small_order_signs_nothing() -> None:
    """Under such a key anybody's signature would hold."""
    body = personal(key=bytes(32))
    cap = capability.parse("cap1." + encode(body + bytes(64)))

    assert not cap.is_signed_by(cap.signer)


def test_one_capability_has_one_spelling() -> None:
    """Padding, other alphabets and left-over bits are refused."""
    for other in (POOL + "=", POOL + "A", POOL[:-1], POOL.upper(), POOL[5:], "cap2." + POOL[5:]):
        assert "not-admitted" == refused(other)


def test_a_queue_that_looks_personal_is_told() -> None:
    """A union's queue cannot be mistaken for a doctor's own."""
    assert capability.looks_personal(capability.parse(PERSONAL).queue)
    assert not capability.looks_personal(QUEUE)


@given(st.text(max_size=60) | st.binary(max_size=300).map(lambda d: "cap1." + encode(d)))
def test_any_other_text_is_refused(token: str) -> None:
    """A capability or NotAdmitted; never another exception."""
    try:
        cap = capability.parse(token)
    except NotAdmitted as refusal:
        assert "not-admitted" == refusal.code
    else:
        assert not cap.is_signed_by(cap.signer if cap.is_personal else LINK_KEY)


def test_a_token_of_the_longest_queue_fits_the_wire() -> None:
    """At most 1024 characters."""
    window = links.Window(NOW, NOW + 1, 0)
    token = links.pool(AUnion().root.key, "q" * 63, b"n" * 8, window)

    assert len(token) <= 1024 and "q" * 63 == capability.parse(token).queue
