"""The doctor's gesture of the day: a passkey's assertion, checked and never made.

Pure: the day is an argument. It reads what a browser and an authenticator wrote, and believes
nothing of it before the signature holds.

`clients/SCEAU.md` §4, *Passkey*. Web Authentication Level 2 (WebAuthn), §5.8.1 for the client's
data, §6.1 for the authenticator's, §7.2 for the checks.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from pydantic import BeforeValidator

from signaling import encoding
from signaling.ed25519 import is_signed

from .sealing import Refused, read_object

DAY_S = 24 * 3600
SKEW_S = 60  # a doctor's clock may be so far ahead at midnight

# What the authenticator says without extensions, and a little room for them.
DATA_MIN_BYTES, DATA_MAX_BYTES = 37, 128
CLIENT_MAX_BYTES = 512
# DER of two numbers of 256 bits, or 64 bytes of EdDSA.
SIGNATURE_MIN_BYTES, SIGNATURE_MAX_BYTES = 8, 72

_LABEL = b"teleconsult passkey v1\n"
_HOST = re.compile(r"https?://([a-z0-9.-]+)(?::[0-9]{1,5})?")
_RP_BYTES = 32
_PRESENT, _VERIFIED = 0x01, 0x04
_UNCOMPRESSED = b"\4"


def _not_null(value: object) -> object:
    if value is None:
        raise ValueError("null")
    return value


LEFT_OUT = BeforeValidator(_not_null)
"""What a doctor without a passkey does not say is left out, and never null."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey's public half, as the identity credential names it.

    `key` is 32 bytes of Ed25519, or both coordinates of P-256.
    """

    algorithm: Literal["ES256", "EdDSA"]
    key: bytes


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey's gesture gives: authenticatorData, clientDataJSON, signature."""

    data: bytes = field(repr=False)
    client: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def challenge(day: int, device_key: bytes) -> bytes:
    """Say what the gesture is about: this device on this day, counted from 1970 in UTC."""
    return hashlib.sha256(_LABEL + day.to_bytes(4, "big") + device_key).digest()


def check(
    assertion: Assertion | None,
    passkey: Passkey | None,
    device_key: bytes,
    audience: str,
    now: float,
) -> None:
    """Check that there is a gesture exactly where the union says so, and that it holds.

    Args:
        audience: the union's, the origin of the pages.

    Raises:
        Refused: `passkey`.
    """
    if passkey is None:
        if assertion is not None:
            raise Refused("passkey")
        return
    if assertion is None:
        raise Refused("passkey")
    _check_client(assertion.client, device_key, audience, now)
    _check_data(assertion.data, audience)
    text = assertion.data + hashlib.sha256(assertion.client).digest()
    if not _is_signed(text, assertion.signature, passkey):
        raise Refused("passkey")


def _check_client(client: bytes, device_key: bytes, audience: str, now: float) -> None:
    """WebAuthn §7.2, steps 10 to 14."""
    try:
        said = read_object(client)
    except Refused:
        raise Refused("passkey") from None
    if said.get("type") != "webauthn.get":
        raise Refused("passkey")
    today = int(now + SKEW_S) // DAY_S
    wanted = [encoding.encode(challenge(day, device_key)) for day in (today, today - 1)]
    if said.get("challenge") not in wanted:
        raise Refused("passkey")
    if said.get("origin") != audience:
        raise Refused("passkey")
    if said.get("crossOrigin", False) is not False:
        raise Refused("passkey")


def _check_data(data: bytes, audience: str) -> None:
    """WebAuthn §7.2, steps 15 to 17."""
    host = _HOST.fullmatch(audience)
    if host is None:
        raise Refused("passkey")
    rp = hashlib.sha256(host[1].encode()).digest()
    if not hmac.compare_digest(rp, data[:_RP_BYTES]):
        raise Refused("passkey")
    if not data[_RP_BYTES] & _PRESENT:
        raise Refused("passkey")
    if not data[_RP_BYTES] & _VERIFIED:
        raise Refused("passkey")


def _is_signed(text: bytes, signature: bytes, passkey: Passkey) -> bool:
    if passkey.algorithm == "EdDSA":
        return is_signed(text, signature, passkey.key)
    try:
        point = _UNCOMPRESSED + passkey.key
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key.verify(signature, text, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
