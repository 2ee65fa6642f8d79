"""What a union signs: JWS in compact form, EdDSA and nothing else.

Pure. Signing and checking are two halves of one promise and stand together. Times are
whole seconds since 1970 and arguments; the library's own clock is never asked.

RFC 7515 (JWS), RFC 8037 (EdDSA in JOSE), RFC 8725 §3 (JWT best current practices: one
algorithm, explicit types). The forms are in `README.md`.
"""

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from .encoding import decode, thumbprint
from .errors import Unreadable

IDENTITY = "teleconsult-identity+jwt"
PROBE_IDENTITY = "teleconsult-probe-identity+jwt"
STAFF_IDENTITY = "teleconsult-staff-identity+jwt"
ACCESS = "teleconsult-access+jwt"
LIST_KEY = "teleconsult-list-key+jwt"
LIST = "teleconsult-list+jwt"
ACCESS_LIST = "teleconsult-access-list+jwt"

SKEW_S = 60
"""A clock may be so far behind the signer's. At the end of a token none is allowed."""

Claims = Mapping[str, Any]


def sign(claims: Claims, typ: str, key: Ed25519PrivateKey) -> str:
    """Sign claims as a token of one type. The header names the key and never carries it."""
    kid = thumbprint(key.public_key().public_bytes_raw())
    return jwt.encode(
        dict(claims), key, algorithm="EdDSA", headers={"typ": typ, "kid": kid}, sort_headers=True
    )


def check(
    token: str, typ: str, public_key: bytes, audience: str, issuer: str, now: float
) -> dict[str, Any]:
    """Check a token's signature, type, audience, issuer and time, and return its claims.

    Raises:
        Unreadable: any of them does not hold.
    """
    header, claims = _json(token, 0), _json(token, 1)
    kid = thumbprint(public_key)
    if header != {"alg": "EdDSA", "typ": typ, "kid": kid}:
        raise Unreadable("This token is of another kind or by another key.")
    try:
        jwt.PyJWS(algorithms=["EdDSA"]).decode(
            token, Ed25519PublicKey.from_public_bytes(public_key), algorithms=["EdDSA"]
        )
    except (jwt.PyJWTError, ValueError):
        raise Unreadable("The signature of this token does not hold.") from None
    if claims.get("aud") != audience or claims.get("iss") != issuer:
        raise Unreadable("This token is of another union or for another service.")
    begins, ends = claims.get("nbf", claims.get("iat")), claims.get("exp")
    if type(begins) is not int or type(ends) is not int:
        raise Unreadable("This token says no time.")
    if not begins - SKEW_S <= now < ends:
        raise Unreadable("The time of this token is over, or has not come.")
    return claims


def unchecked(token: str) -> dict[str, Any]:
    """Read a token's claims without any check: only to learn by which key to check it."""
    return _json(token, 1)


def _json(token: str, part: int) -> dict[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:
        raise Unreadable("This is not a token.")
    try:
        value = json.loads(decode(parts[part]))
    except (ValueError, RecursionError):
        raise Unreadable("This is not a token.") from None
    if not isinstance(value, dict):
        raise Unreadable("This is not a token.")
    return value
