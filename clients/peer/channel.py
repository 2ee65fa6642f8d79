"""The session that a handshake opens: records, the proof over DTLS, the way back.

Pure, and strict: the reader expects exactly the next record. Whatever is refused ends the
session, and its keys are forgotten.

`clients/SCEAU.md` §6 and §7. Records are AES-256-GCM (NIST SP 800-38D).
"""

import hmac
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .sealing import NAME, Refused, expand, hashed, mac, pad, unpad, utf8

Role = Literal["patient", "doctor"]

RECORD_SIZES = (256, 1024, 4096, 16384)
RESUME_BYTES = 16
_IV_BYTES = 12
_TAG_BYTES = 16
_SID_BYTES = 16


class Kind(IntEnum):
    """What an envelope carries: its first byte."""

    M1 = 1
    M2 = 2
    M3 = 3
    M4 = 4
    RECORD = 5
    KNOCK = 6


def write_envelope(kind: Kind, body: bytes = b"") -> bytes:
    """Put a message into an envelope."""
    return bytes((kind,)) + body


def read_envelope(envelope: bytes) -> tuple[Kind, bytes]:
    """Take a message out of its envelope.

    Raises:
        Refused: `form`: an unknown kind, or a knock that says more.
    """
    try:
        kind = Kind(envelope[0])
    except (IndexError, ValueError):
        raise Refused("form") from None
    if kind is Kind.KNOCK and len(envelope) > 1:
        raise Refused("form")
    return kind, envelope[1:]


class _Direction:
    """The key of who sends, and how many records went."""

    def __init__(self, key: bytes, sender: Role) -> None:
        self._aead = AESGCM(expand(key, f"key {sender}", 32))
        self._iv = int.from_bytes(expand(key, f"iv {sender}", _IV_BYTES), "big")
        self._counter = 0

    def write(self, text: bytes, about: bytes) -> bytes:
        record = self._aead.encrypt(self._nonce(), text, about)
        self._counter += 1
        return record

    def read(self, record: bytes, about: bytes) -> bytes:
        try:
            text = self._aead.decrypt(self._nonce(), record, about)
        except InvalidTag:
            raise Refused("record") from None
        self._counter += 1
        return text

    def _nonce(self) -> bytes:
        return (self._iv ^ self._counter).to_bytes(_IV_BYTES, "big")


@dataclass(frozen=True, slots=True)
class _Keys:
    sends: _Direction
    reads: _Direction
    about: bytes
    dtls: bytes


class Channel:
    """One end of a session. `resume` is the secret by which a page comes back into it."""

    def __init__(self, key: bytes, role: Role) -> None:
        """Make the end of `role` from `k`; handshakes do this once they are confirmed."""
        self.role = role
        self._far: Role = "doctor" if role == "patient" else "patient"
        self.resume = expand(key, "resume", RESUME_BYTES)
        self._keys: _Keys | None = _Keys(
            sends=_Direction(key, role),
            reads=_Direction(key, self._far),
            about=NAME + expand(key, "session", _SID_BYTES),
            dtls=expand(key, "dtls", 32),
        )

    def write(self, text: str) -> bytes:
        """Seal the next record.

        Raises:
            Refused: `form`: too long for the largest size, or no text that UTF-8 has, and the
                session is over; `record`: it was over before.
        """
        keys = self._open()
        self._keys = None
        record = keys.sends.write(pad(utf8(text), RECORD_SIZES), keys.about)
        self._keys = keys
        return record

    def read(self, record: bytes) -> str:
        """Open the next record of the far end.

        Raises:
            Refused: `record`, or `form` for what the far end padded or spelled wrong.
        """
        keys = self._open()
        self._keys = None
        if len(record) - _TAG_BYTES not in RECORD_SIZES:
            raise Refused("record")
        padded = keys.reads.read(record, keys.about)
        try:
            text = unpad(padded, RECORD_SIZES).decode()
        except UnicodeDecodeError:
            raise Refused("form") from None
        self._keys = keys
        return text

    def dtls_proof(self, own: bytes, far: bytes) -> bytes:
        """Prove, first thing in the data channel, between which certificates it runs.

        Args:
            own: SHA-256 of this end's certificate, of the live transport.
            far: SHA-256 of the far end's, likewise.
        """
        return mac(self._open().dtls, hashed("dtls", self.role.encode(), own, far))

    def check_dtls(self, proof: bytes, own: bytes, far: bytes) -> None:
        """Check the far end's proof; until then no track is enabled.

        Raises:
            Refused: `certificate`.
        """
        keys = self._open()
        self._keys = None
        wanted = mac(keys.dtls, hashed("dtls", self._far.encode(), far, own))
        if not hmac.compare_digest(wanted, proof):
            raise Refused("certificate")
        self._keys = keys

    def close(self) -> None:
        """Forget the keys."""
        self._keys = None

    def _open(self) -> _Keys:
        if self._keys is None:
            raise Refused("record")
        return self._keys
