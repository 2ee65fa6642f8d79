"""Who a doctor is: an identity credential, and the list that could take it back.

Pure: `now` is an argument, the later of this machine's clock and the server's. It makes no
token and holds no key but the public ones of trusted unions.

Tokens are JWS (RFC 7515) as `clients/union/README.md` describes them; PyJWT checks the
signature and the audience, this file everything else, in its own clock.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clients.union.credentials import IDENTITY_TYPES, Role
from signaling import encoding
from signaling.ed25519 import PUBLIC_KEY_BYTES, is_small_order
from signaling.messages import Key

from .letters import Card
from .passkeys import LEFT_OUT, Passkey
from .sealing import Code, Refused, thumb

SKEW_S = 60  # allowed at `nbf` and `iat`, not at `exp`
LIST_LIFETIME_MAX_S = 24 * 3600
TOKEN_MAX_CHARS = 8192

_HEADER = {"alg", "typ", "kid"}
# Three parts, the last of 64 bytes in their one spelling: PyJWT reads base64url leniently.
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]")

Seconds = Annotated[int, Field(ge=0, lt=10**11)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Jti = Annotated[str, Field(min_length=1, max_length=64)]
PublicKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class _Claims(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    iss: Key
    exp: Seconds


class _Jwk(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: PublicKey


class _EcJwk(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: PublicKey
    y: PublicKey


class _PasskeyClaim(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    jwk: _Jwk | _EcJwk


class _Confirmed(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    jwk: _Jwk


class _IdentityClaims(_Claims):
    nbf: Seconds
    jti: Jti
    card: Card
    handle: Key | None = None
    cnf: _Confirmed
    passkey: Annotated[_PasskeyClaim | None, LEFT_OUT] = None


class _ListKeyClaims(_Claims):
    nbf: Seconds
    cnf: _Confirmed


class _ListClaims(_Claims):
    iat: Seconds
    seq: Annotated[int, Field(ge=0)]
    revoked: Annotated[list[Jti], Field(max_length=TOKEN_MAX_CHARS)]


C = TypeVar("C", bound=_Claims)


@dataclass(frozen=True, slots=True)
class TrustedUnion:
    """A union as its `union.json` tells: what patients see, for whom it signs, its root key."""

    name: str
    audience: str
    root: bytes

    @property
    def kid(self) -> str:
        """By which name its tokens call it."""
        return encoding.encode(thumb(self.root))


@dataclass(frozen=True, slots=True)
class Identity:
    """A doctor vouched for: `device_key` signs M2, `handle` is the personal one, if any.

    Attributes:
        union: its name, as patients see it.
        audience: the union's, origin of the pages.
        passkey: whose gesture must come with M2, if the union says so.
        judged_at: when this was found to hold.
    """

    device_key: bytes
    card: Card
    handle: bytes | None
    union: str
    audience: str
    passkey: Passkey | None
    judged_at: float


def read_union(text: str | bytes) -> TrustedUnion:
    """Read a `union.json`.

    Raises:
        ValueError: another form, or a root under which anybody could sign.
    """
    value = json.loads(text)
    try:
        version, name, audience = value["v"], value["name"], value["audience"]
        root = encoding.decode(value["root"])
    except (TypeError, KeyError):
        raise ValueError("not a union.json") from None
    if version != 1 or not isinstance(name, str) or not isinstance(audience, str):
        raise ValueError("not a union.json")
    if len(root) != PUBLIC_KEY_BYTES or is_small_order(root):
        raise ValueError("not a root key")
    return TrustedUnion(name, audience, root)


def verify(
    identity: str,
    revocations: str,
    unions: Iterable[TrustedUnion],
    now: float,
    role: Role = "doctor",
) -> Identity:
    """Say who a doctor is, on the word of one of these unions.

    Args:
        role: a probe's patient expects a probe, and everybody else a doctor.

    Raises:
        Refused: `identity` for the credential; `revoked` where the list is missing, stale,
            not of the same union, or names the credential.
    """
    trusted = {union.kid: union for union in unions}
    union = trusted.get(_kid(identity, IDENTITY_TYPES[role], "identity"))
    if union is None:
        raise Refused("identity")
    claims = _read(identity, _IdentityClaims, union.root, union, "identity")
    if not claims.nbf - SKEW_S <= now < claims.exp:
        raise Refused("identity")
    device_key = _key(claims.cnf, "identity")
    if claims.jti in _revoked(revocations, union, now):
        raise Refused("revoked")
    handle = None if claims.handle is None else encoding.decode(claims.handle)
    passkey = None if claims.passkey is None else _passkey(claims.passkey)
    return Identity(device_key, claims.card, handle, union.name, union.audience, passkey, now)


def _revoked(revocations: str, union: TrustedUnion, now: float) -> list[str]:
    kid = _kid(revocations, "teleconsult-list+jwt", "revoked")
    # The list brings the delegation of its key, and the delegation the key: nothing of the
    # list is used before the signature under that key holds.
    delegation = _unverified(revocations).get("key")
    if not isinstance(delegation, str):
        raise Refused("revoked")
    if _kid(delegation, "teleconsult-list-key+jwt", "revoked") != union.kid:
        raise Refused("revoked")
    delegated = _read(delegation, _ListKeyClaims, union.root, union, "revoked")
    if not delegated.nbf - SKEW_S <= now < delegated.exp:
        raise Refused("revoked")
    list_key = _key(delegated.cnf, "revoked")
    if kid != encoding.encode(thumb(list_key)):
        raise Refused("revoked")
    claims = _read(revocations, _ListClaims, list_key, union, "revoked")
    if not claims.iat - SKEW_S <= now < claims.exp:
        raise Refused("revoked")
    if claims.exp - claims.iat > LIST_LIFETIME_MAX_S:
        raise Refused("revoked")
    return claims.revoked


def _kid(token: str, typ: str, code: Code) -> str:
    """Read which key a token names, after its header was found to be exactly ours."""
    if len(token) > TOKEN_MAX_CHARS or not _COMPACT.fullmatch(token):
        raise Refused(code)
    try:
        header: Mapping[str, object] = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Refused(code) from None
    kid = header.get("kid")
    if header.keys() != _HEADER or not isinstance(kid, str):
        raise Refused(code)
    # `alg` is pinned where the signature is checked.
    if header["typ"] != typ:
        raise Refused(code)
    return kid


def _unverified(token: str) -> Mapping[str, object]:
    try:
        claims: Mapping[str, object] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Refused("revoked") from None
    return claims


def _read(token: str, kind: type[C], key: bytes, union: TrustedUnion, code: Code) -> C:
    """Check signature, audience and issuer, and read the claims."""
    try:
        claims = jwt.decode(
            token,
            Ed25519PublicKey.from_public_bytes(key),
            algorithms=["EdDSA"],
            audience=union.audience,
            # PyJWT would take the time of its own clock.
            options={
                "strict_aud": True,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
        read = kind.model_validate(claims)
    except (jwt.PyJWTError, ValueError, RecursionError, ValidationError):
        raise Refused(code) from None
    if read.iss != union.kid:
        raise Refused(code)
    return read


def _key(confirmed: _Confirmed, code: Code) -> bytes:
    key = _number(confirmed.jwk.x, code)
    if is_small_order(key):
        raise Refused(code)
    return key


def _passkey(claim: _PasskeyClaim) -> Passkey:
    """Read which passkey; a key that is none verifies nothing later."""
    x = _number(claim.jwk.x, "identity")
    if isinstance(claim.jwk, _Jwk):
        return Passkey("EdDSA", x)
    return Passkey("ES256", x + _number(claim.jwk.y, "identity"))


def _number(text: str, code: Code) -> bytes:
    try:
        return encoding.decode(text)
    except ValueError:
        raise Refused(code) from None
