"""A holder key, and what it proves.

Pure: the seed is an argument; nothing here makes, keeps or sends one.

The forms are in `clients/README.md`; `tests/vectors/letters.json` ties them to the pages'.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .letters import to_base64url

# A 128-bit thumbprint or code is beyond search, and half as long to read.
SHORT_BYTES = 16


def public_key(seed: bytes) -> bytes:
    """The Ed25519 public key of a 32-byte seed (RFC 8032, EdDSA)."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def thumbprint(seed: bytes) -> str:
    """By which name the server knows the holder of this seed."""
    return to_base64url(hashlib.sha256(public_key(seed)).digest()[:SHORT_BYTES])


def prove(seed: bytes, challenge: str, origin: str, token: str) -> str:
    """Prove that the holder of `seed` presents `token` here and now."""
    text = f"teleconsult proof v1\n{challenge}\n{origin}\n{token}".encode()
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return to_base64url(public_key(seed) + key.sign(text))


def doctor_token(secret: bytes, seed: bytes) -> str:
    """What a doctor of a demonstration shows instead of the secret."""
    name = f"demo1.d.{thumbprint(seed)}"
    mac = hmac.digest(secret, name.encode(), "sha256")[:SHORT_BYTES]
    return f"{name}.{to_base64url(mac)}"


def resume_mac(secret: bytes, nonce: str) -> str:
    """Show, with a fresh M1, that one is who agreed on the resume secret."""
    return to_base64url(hmac.digest(secret, f"teleconsult resume v0\n{nonce}".encode(), "sha256"))


def may_resume(secret: bytes, nonce: str, mac: str | None) -> bool:
    """Tell whether an M1 comes from who agreed on the resume secret."""
    return mac is not None and hmac.compare_digest(resume_mac(secret, nonce).encode(), mac.encode())
