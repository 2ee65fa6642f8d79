"""Who may enter: the holder's proof, and the contract of what checks a token.

Pure and stateless. It may check a signature and can make none; nothing here could open a
letter.

What a proof signs is in `clients/README.md`, under *Tokens, proofs and the fragment*.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal, Protocol

from .directory import Directory
from .ed25519 import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, is_signed
from .encoding import decode, encode
from .store import Spend

Role = Literal["patient", "doctor"]

_PROOF_BYTES = PUBLIC_KEY_BYTES + SIGNATURE_BYTES


class NotAdmitted(Exception):
    """The token or its proof does not hold. `code` is how the wire refuses it."""

    def __init__(
        self, code: Literal["unproven", "not-admitted", "expired", "early", "revoked"]
    ) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who may enter: as what, under which key, and for which queues.

    A patient has exactly one queue, a doctor those that he may serve. `spend`: what a
    session costs a patient whose link is counted. `is_late`: the queue takes nobody new,
    and only who has a place in it comes back.
    """

    role: Role
    key: str
    queues: tuple[str, ...]
    spend: Spend | None = None
    is_late: bool = False


class Admission(Protocol):
    """Checks a capability (patient) or an access credential (doctor)."""

    def admit(self, token: str, key: str, now: float) -> Entrant:
        """Say what the holder of `key` may do with `token`.

        Raises:
            NotAdmitted: `not-admitted`, `expired`, `early` or `revoked`.
        """
        ...

    @property
    def directory(self) -> Directory:
        """Say which queues there are now."""
        ...


class NobodyIsTrusted:
    """An installation that trusts no union yet: nobody enters."""

    def admit(self, token: str, key: str, now: float) -> Entrant:
        raise NotAdmitted("not-admitted")

    @property
    def directory(self) -> Directory:
        return Directory()


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
    except ValueError:
        raise NotAdmitted("unproven") from None
    public_key, signature = data[:PUBLIC_KEY_BYTES], data[PUBLIC_KEY_BYTES:]
    text = proven_text(challenge, origin, token)
    if len(data) != _PROOF_BYTES or not is_signed(text, signature, public_key):
        raise NotAdmitted("unproven")
    return thumbprint(public_key)


def proven_text(challenge: str, origin: str, token: str) -> bytes:
    """Join what a proof signs. None of the three can contain a line feed."""
    return "\n".join(("teleconsult proof v1", challenge, origin, token)).encode()


def thumbprint(public_key: bytes) -> str:
    """Name a public key: SHA-256, first sixteen bytes, base64url."""
    return encode(hashlib.sha256(public_key).digest()[:16])
