"""A holder key, and what it proves.

Pure: the seed is an argument; nothing here makes, keeps or sends one.

The forms are in `clients/README.md`; `tests/vectors/letters.json` ties them to the pages'.
"""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signaling.encoding import encode

# A 128-bit thumbprint is beyond search, and half as long to read.
SHORT_BYTES = 16


def public_key(seed: bytes) -> bytes:
    """The Ed25519 public key of a 32-byte seed (RFC 8032, EdDSA)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def thumbprint(seed: bytes) -> str:
    """By which name the server knows the holder of this seed."""
    return encode(hashlib.sha256(public_key(seed)).digest()[:SHORT_BYTES])


def prove(seed: bytes, challenge: str, origin: str, token: str) -> str:
    """Prove that the holder of `seed` presents `token` here and now."""
    text = f"teleconsult proof v1\n{challenge}\n{origin}\n{token}".encode()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return encode(public_key(seed) + key.sign(text))
