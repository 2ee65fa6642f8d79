"""Ed25519 signatures (RFC 8032), checked and never made.

Pure, and the only file of the room that may use `cryptography`: of it only the check of a
signature, so that nothing here could open a letter.

Keys of small order are refused on top of what RFC 8032 §5.1.7 asks for.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64

# Points of small order, sign bit cleared, with their non-canonical spellings. Under such a
# "key" anybody can sign, and RFC 8032's verification lets it pass: Chalkias, Garillot and
# Nikolaenko, Taming the many EdDSAs (2020), §2. No honest key is among them.
_SMALL_ORDER = frozenset(
    bytes.fromhex(y)
    for y in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)


def is_signed(text: bytes, signature: bytes, public_key: bytes) -> bool:
    """Tell whether the holder of `public_key` signed `text`. False for whatever is no key."""
    if len(public_key) != PUBLIC_KEY_BYTES or is_small_order(public_key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except (ValueError, InvalidSignature):
        return False
    return True


def is_small_order(public_key: bytes) -> bool:
    """Tell whether this is a "key" under which anybody can sign."""
    return public_key[:-1] + bytes((public_key[-1] & 0x7F,)) in _SMALL_ORDER
