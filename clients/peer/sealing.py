"""The parts that the seal is made of: hashes, keys, padding, and one way to encrypt to a key.

Pure: seeds are arguments. Only the fresh randomness inside an HPKE encryption is the
library's own. Nothing that is refused is repeated in a sentence.

`clients/SCEAU.md` §1 and §8. HPKE is RFC 9180 (Hybrid Public Key Encryption), here with one
suite and no other: X-Wing (ML-KEM-768 and X25519), HKDF-SHA-256, AES-256-GCM.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand

Dice = Callable[[int], bytes]
"""n -> n random bytes."""

Code = Literal[
    "form",
    "sealed",
    "signature",
    "token",
    "identity",
    "revoked",
    "handle",
    "passkey",
    "commitment",
    "confirmation",
    "record",
    "resume",
    "certificate",
    "twice",
    "description",
    "card",
    "roster",
]

_SENTENCES: dict[Code, str] = {
    "form": "This is not a message of the seal.",
    "sealed": "This was not sealed for us, or was changed on its way.",
    "signature": "This was not signed by who should have.",
    "token": "This link does not lead here.",
    "identity": "No trusted union vouches for this doctor now.",
    "revoked": "The union took this doctor's credential back, or its list is missing or too old.",
    "handle": "This is another doctor than the link's.",
    "passkey": "The doctor did not unlock this device today, and the union asks for it.",
    "commitment": "The far end did not keep to what it had promised.",
    "confirmation": "The two ends do not hold the same keys.",
    "record": "A record was changed, repeated, left out or out of order.",
    "resume": "This is not who was here before.",
    "certificate": "The call is not connected to who was agreed on.",
    "twice": "This was had already, or is not its turn.",
    "description": "This session description would not bind the call to the handshake.",
    "card": "No colleague of these queues, or not of today, made this card.",
    "roster": "Not everybody in this consultation knows the same people.",
}

NAME = b"sceau/1"
HASH_BYTES = 32
SEED_BYTES = 32
SIGNATURE_BYTES = 64
THUMBPRINT_BYTES = 16

KEM_PUBLIC_BYTES = 1216
_MLKEM_PUBLIC_BYTES = 1184
_MLKEM_SEED_BYTES = 64

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Refused(Exception):
    """The seal does not hold. `code` says where; whatever it belonged to is over."""

    def __init__(self, code: Code) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code


def framed(text: bytes) -> bytes:
    """`lp`: the length before the text, so that no two lists of texts look the same."""
    return len(text).to_bytes(4, "big") + text


def hashed(label: str, *parts: bytes) -> bytes:
    """`H`: SHA-256 over name, label and parts."""
    return hashlib.sha256(b"".join(map(framed, (NAME, label.encode(), *parts)))).digest()


def mac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104)."""
    return hmac.digest(key, text, "sha256")


def extract(salt: bytes, secret: bytes) -> bytes:
    """HKDF-Extract (RFC 5869 §2.2)."""
    return HKDF.extract(hashes.SHA256(), salt, secret)


def expand(key: bytes, label: str, size: int = 32) -> bytes:
    """HKDF-Expand (RFC 5869 §2.3)."""
    return HKDFExpand(hashes.SHA256(), size, NAME + b"|" + label.encode()).derive(key)


def thumb(text: bytes) -> bytes:
    """Name a key or a document by half of its hash."""
    return hashlib.sha256(text).digest()[:THUMBPRINT_BYTES]


def utf8(text: str) -> bytes:
    """Write text as UTF-8.

    Raises:
        Refused: `form`: half of a surrogate pair, which UTF-8 does not have.
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Refused("form") from None


def read_object(text: bytes) -> dict[str, Any]:
    """Read the object that a JSON text is, in UTF-8 and with nothing that only Python knows.

    Raises:
        Refused: `form`.
    """
    try:
        # Decoded first: json would accept UTF-16, and bytes that are no text.
        value = json.loads(text.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refused("form") from None
    if not isinstance(value, dict):
        raise Refused("form")
    return value


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def pad(text: bytes, sizes: Sequence[int]) -> bytes:
    """Fill up to the first size that leaves room for one byte (ISO/IEC 7816-4).

    Raises:
        Refused: `form`: longer than the largest size holds.
    """
    for size in sizes:
        if len(text) < size:
            return (text + b"\x80").ljust(size, b"\0")
    raise Refused("form")


def unpad(padded: bytes, sizes: Sequence[int]) -> bytes:
    """Undo `pad`. Any of the sizes will do, also one larger than needed.

    Raises:
        Refused: `form`.
    """
    text = padded.rstrip(b"\0")
    if len(padded) not in sizes or not text.endswith(b"\x80"):
        raise Refused("form")
    return text[:-1]


@dataclass(frozen=True, slots=True)
class KemKey:
    """An X-Wing key pair. The private half is left out of `repr`."""

    private: MLKEM768X25519PrivateKey = field(repr=False)
    public: bytes


def kem_key(seed: bytes) -> KemKey:
    """Make the key pair of a 32-byte seed (draft-connolly-cfrg-xwing-kem §5.2)."""
    shake = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + 32)
    first = mlkem.MLKEM768PrivateKey.from_seed_bytes(shake[:_MLKEM_SEED_BYTES])
    second = x25519.X25519PrivateKey.from_private_bytes(shake[_MLKEM_SEED_BYTES:])
    return KemKey(
        MLKEM768X25519PrivateKey(first, second),
        first.public_key().public_bytes_raw() + second.public_key().public_bytes_raw(),
    )


def read_kem_public(public: bytes) -> MLKEM768X25519PublicKey:
    """Decode an X-Wing public key, each half with its length.

    Raises:
        Refused: `form`: another length, or numbers that ML-KEM does not have.
    """
    try:
        return MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES]),
            x25519.X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:]),
        )
    except ValueError:
        raise Refused("form") from None


def seal(public: bytes, info: bytes, text: bytes) -> bytes:
    """Encrypt to a public key: enc (1120) ‖ ciphertext.

    Raises:
        Refused: `form`: not a public key, or one whose X25519 half shares no secret.
    """
    key = read_kem_public(public)
    try:
        return _SUITE.encrypt(text, key, info)
    except ValueError:
        raise Refused("form") from None


def unseal(key: KemKey, info: bytes, sealed: bytes) -> bytes:
    """Open what was sealed to this key with this `info`.

    Raises:
        Refused: `sealed`.
    """
    try:
        return _SUITE.decrypt(sealed, key.private, info)
    except (InvalidTag, ValueError):
        raise Refused("sealed") from None
