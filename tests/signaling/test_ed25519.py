"""Signatures: the right key over the right text, and no key that anybody could use."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from hypothesis import given
from hypothesis import strategies as st

from signaling.ed25519 import is_signed, is_small_order

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
PUBLIC_KEY = KEY.public_key().public_bytes_raw()
TEXT = b"text"
SIGNATURE = KEY.sign(TEXT)


def test_a_signature_holds_for_its_key_and_its_text_only() -> None:
    """One bit anywhere, and it does not."""
    assert is_signed(TEXT, SIGNATURE, PUBLIC_KEY)
    assert not is_signed(b"test", SIGNATURE, PUBLIC_KEY)
    for i in range(64):
        assert not is_signed(
            TEXT, SIGNATURE[:i] + bytes((SIGNATURE[i] ^ 1,)) + SIGNATURE[i + 1 :], PUBLIC_KEY
        )
    for i in range(32):
        assert not is_signed(
            TEXT, SIGNATURE, PUBLIC_KEY[:i] + bytes((PUBLIC_KEY[i] ^ 1,)) + PUBLIC_KEY[i + 1 :]
        )


@given(st.binary(max_size=70), st.binary(max_size=40))
def test_any_bytes_are_a_no(signature: bytes, public_key: bytes) -> None:
    """Too short, too long, no point of the curve: nobody signed that."""
    assert not is_signed(TEXT, signature, public_key)
    assert not is_signed(TEXT, SIGNATURE, public_key)


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def added(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Add two points of the curve (RFC 8032 §5.1.4, affine)."""
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def times(n: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while n:
        if n & 1:
            total = added(total, point)
        point, n = added(point, point), n >> 1
    return total


def a_point(y: int) -> tuple[int, int] | None:
    """Find the point with this y, if the curve has one (RFC 8032 §5.1.3)."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    return None if (x * x - square) % P else (x, y)


def small_order_points() -> set[bytes]:
    """All eight, found as multiples by the prime order of points of the whole curve."""
    found: set[tuple[int, int]] = set()
    for y in range(2, 60):
        point = a_point(y)
        if point is not None:
            found.add(times(ORDER, point))
    return {(y | (x & 1) << 255).to_bytes(32, "little") for x, y in found}


def test_a_key_of_small_order_signs_nothing() -> None:
    """Under such a key anybody can sign: the library lets some through, we none."""
    points = small_order_points()
    assert 8 == len(points)

    forged = 0
    for key in sorted(points):
        assert is_small_order(key)
        for r in sorted(points):
            signature = r + bytes(32)
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(signature, TEXT)
                forged += 1
            except InvalidSignature:
                pass
            assert not is_signed(TEXT, signature, key)
    assert forged, "the control: without our check one of these would have been a signature"
