"""Bytes as text, and the two derivations that everything here is made of.

Pure. Base64url without padding (RFC 4648 §5), only in the one spelling that `encode`
gives; thumbprints as `clients/README.md` says; HKDF-SHA-256 (RFC 5869).
"""

import base64
import binascii
import hashlib

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import Unreadable

SHORT_BYTES = 16
"""A thumbprint of 128 bits is beyond search, and half as long to carry."""


def encode(data: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str, size: int | None = None) -> bytes:
    """Read base64url without padding, of `size` bytes where one is given.

    Raises:
        Unreadable: another alphabet, another length, padding, or left-over bits.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or encode(data) != text or size not in (None, len(data)):
        raise Unreadable("This text is damaged or cut short; copy it whole.")
    return data


def short_hash(data: bytes) -> bytes:
    """Hash to sixteen bytes: SHA-256, cut."""
    return hashlib.sha256(data).digest()[:SHORT_BYTES]


def thumbprint(public_key: bytes) -> str:
    """Name a public key, as the wire does."""
    return encode(short_hash(public_key))


def derive(master: bytes, info: bytes, size: int) -> bytes:
    """Make a secret of `size` bytes from a master: HKDF-SHA-256 without salt."""
    return HKDF(SHA256(), size, None, info).derive(master)
