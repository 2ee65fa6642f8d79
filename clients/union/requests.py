"""The enrolment request: what a doctor's device shows to the union, as QR or text.

Pure. It holds public keys only and names nobody; who the doctor is, staff knows and
types. The device key signs it, so that nobody enrols keys that he does not have; so does
the link key, since each personal link shows its public half. A passkey signs nothing here:
who names another's could never show its gesture.

    "enrol3." base64url( version 3, device key 32, encryption key (X25519) 32,
    link public key 32, first day 4, n 1, passkey's algorithm 1, its public key 0, 64 or 32,
    n day keys 32 each, signature 64 by the device key, signature 64 by the link key, both
    over all before the two )
"""

import struct
from dataclasses import dataclass
from enum import IntEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from .encoding import decode, encode, thumbprint
from .errors import Unreadable
from .keys import is_small_order

PREFIX = "enrol3."
DAYS_MAX = 62
"""Two months: a doctor who enrols early for the next one still fits."""

_VERSION = 3
_HEAD = struct.Struct(">B32s32s32sIBB")
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_LABEL = b"teleconsult enrolment v3\n"
_UNCOMPRESSED = b"\4"
"""Before the two coordinates of a point (SEC 1 §2.3.3)."""


class Algorithm(IntEnum):
    """How a passkey signs (RFC 9053 §2: COSE algorithms -7 and -8)."""

    ES256 = 1
    EDDSA = 2


_PASSKEY_BYTES = {0: 0, Algorithm.ES256: 64, Algorithm.EDDSA: 32}


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey's public half: of P-256 both coordinates, of Ed25519 the key."""

    algorithm: Algorithm
    key: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """The public keys of one device, and the day on which its first day key begins."""

    device_key: bytes
    encryption_key: bytes
    link_key: bytes
    first_day: int
    day_keys: tuple[bytes, ...]
    passkey: Passkey | None = None

    @property
    def device(self) -> str:
        """The device's name: its key's thumbprint."""
        return thumbprint(self.device_key)

    @property
    def handle(self) -> str:
        """The doctor's personal handle, which is also the name of his personal queue."""
        return thumbprint(self.link_key)


def make(
    device_key: Ed25519PrivateKey,
    encryption_key: bytes,
    link_key: Ed25519PrivateKey,
    first_day: int,
    day_keys: tuple[bytes, ...],
    passkey: Passkey | None = None,
) -> str:
    """Write a request and sign it by device key and link key; the others are public halves."""
    head = _HEAD.pack(
        _VERSION,
        device_key.public_key().public_bytes_raw(),
        encryption_key,
        link_key.public_key().public_bytes_raw(),
        first_day,
        len(day_keys),
        passkey.algorithm if passkey else 0,
    )
    body = head + (passkey.key if passkey else b"") + b"".join(day_keys)
    return PREFIX + encode(body + device_key.sign(_LABEL + body) + link_key.sign(_LABEL + body))


def read(text: str) -> Request:
    """Read a request and check its two signatures. Spaces and line breaks are a copyist's.

    Raises:
        Unreadable: not a request, changed, or with a key twice or a key that is none.
    """
    text = "".join(text.split())
    if not text.startswith(PREFIX):
        raise Unreadable(f"This is not an enrolment request: it does not begin with {PREFIX}")
    data = decode(text.removeprefix(PREFIX))
    body, signatures = data[: -2 * _SIGNATURE_BYTES], data[-2 * _SIGNATURE_BYTES :]
    if len(body) < _HEAD.size:
        raise Unreadable("This enrolment request is cut short; copy it whole.")
    version, device, encryption, link, first_day, days, algorithm = _HEAD.unpack_from(body)
    if version != _VERSION:
        raise Unreadable("This enrolment request is of another version of the page.")
    if algorithm not in _PASSKEY_BYTES:
        raise Unreadable("This enrolment request is of another version of the page.")
    days_at = _HEAD.size + _PASSKEY_BYTES[algorithm]
    if not 1 <= days <= DAYS_MAX or len(body) != days_at + days * _KEY_BYTES:
        raise Unreadable("This enrolment request is damaged; copy it whole.")
    passkey = Passkey(Algorithm(algorithm), body[_HEAD.size : days_at]) if algorithm else None
    day_keys = tuple(body[at : at + _KEY_BYTES] for at in range(days_at, len(body), _KEY_BYTES))
    try:
        for key, at in ((device, 0), (link, _SIGNATURE_BYTES)):
            signature = signatures[at : at + _SIGNATURE_BYTES]
            Ed25519PublicKey.from_public_bytes(key).verify(signature, _LABEL + body)
        # A key of small order makes this exchange fail: nothing could be sealed to it.
        X25519PrivateKey.from_private_bytes(bytes(31) + b"\1").exchange(
            X25519PublicKey.from_public_bytes(encryption)
        )
    except (InvalidSignature, ValueError):
        raise Unreadable("A signature of this enrolment request does not hold.") from None
    if passkey and passkey.algorithm is Algorithm.ES256:
        _check_point(passkey.key)
        signing = (device, link, *day_keys)
    else:
        signing = (device, link, *day_keys, *([passkey.key] if passkey else []))
    if any(is_small_order(key) for key in signing):
        raise Unreadable("This enrolment request names a key under which anybody can sign.")
    if len(set(signing)) != len(signing):
        raise Unreadable("This enrolment request names one key twice.")
    return Request(device, encryption, link, first_day, day_keys, passkey)


def _check_point(key: bytes) -> None:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _UNCOMPRESSED + key)
    except ValueError:
        raise Unreadable("The passkey of this enrolment request is none.") from None
