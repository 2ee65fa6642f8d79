"""Who may enter: the holder's proof, and the contract of what checks a token.

Pure and stateless. The only file of the room that may use `cryptography`, and of it
only the check of an Ed25519 signature (RFC 8032): nothing here could open a letter.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .encoding import decode, encode

Role = Literal["patient", "doctor"]

_PUBLIC_KEY_BYTES = 32
_PROOF_BYTES = _PUBLIC_KEY_BYTES + 64

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


class NotAdmitted(Exception):
    """The token or its proof does not hold. `code` is how the wire refuses it."""

    def __init__(self, code: Literal["unproven", "not-admitted", "expired"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who may enter: as what, under which key, and for which queues.

    A patient has exactly one queue, a doctor those that he may serve.
    """

    role: Role
    key: str
    queues: tuple[str, ...]


class Admission(Protocol):
    """Checks a capability (patient) or an access credential (doctor)."""

    def admit(self, token: str, key: str, now: float) -> Entrant:
        """Say what the holder of `key` may do with `token`.

        Raises:
            NotAdmitted: `not-admitted` or `expired`.
        """
        ...


class NobodyIsTrusted:
    """An installation that trusts no union yet: nobody enters."""

    def admit(self, token: str, key: str, now: float) -> Entrant:
        raise NotAdmitted("not-admitted")


def holder_of(proof: str, challenge: str, origin: str, token: str) -> str:
    """Check a proof and return the thumbprint of the key that made it.

    Args:
        proof: base64url of an Ed25519 public key (32 bytes) and a signature (64 bytes).
        challenge: what this socket was given in `hello`, used once.
        origin: the socket's Origin header, so that a proof made for another site is void.
        token: what is being presented, so that a proof goes with one token only.

    Raises:
        NotAdmitted: `unproven`.
    """
    try:
        data = decode(proof)
        if len(data) != _PROOF_BYTES:
            raise NotAdmitted("unproven")
        public_key = data[:_PUBLIC_KEY_BYTES]
        if _is_small_order(public_key):
            raise NotAdmitted("unproven")
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            data[_PUBLIC_KEY_BYTES:], proven_text(challenge, origin, token)
        )
    except (ValueError, InvalidSignature):
        raise NotAdmitted("unproven") from None
    return thumbprint(public_key)


def _is_small_order(public_key: bytes) -> bool:
    return public_key[:-1] + bytes((public_key[-1] & 0x7F,)) in _SMALL_ORDER


def proven_text(challenge: str, origin: str, token: str) -> bytes:
    """Join what a proof signs. None of the three can contain a line feed."""
    return "\n".join(("teleconsult proof v1", challenge, origin, token)).encode()


def thumbprint(public_key: bytes) -> str:
    """Name a public key: SHA-256, first sixteen bytes, base64url."""
    return encode(hashlib.sha256(public_key).digest()[:16])
