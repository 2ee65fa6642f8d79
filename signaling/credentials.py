"""What a union signed, as the server reads it: access credentials and revocation lists.

Pure: `now` is an argument, the library's clock is never asked. One algorithm, EdDSA; the
header has exactly `alg`, `typ` and `kid`, so that no key comes from a token (RFC 8725
§3). Claims that are not on the list are refused too: a credential that said more of a
doctor than it must would be held here.

A credential has one of three roles, and each may name what the others may not: a doctor
people's queues and his own, a probe its own queues and no other, staff none at all.

The forms are in `clients/union/README.md`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .admission import NotAdmitted, thumbprint
from .capability import looks_personal
from .ed25519 import is_small_order
from .encoding import decode, encode
from .messages import QUEUES_MAX, Id, Key, QueueName
from .probing import is_probe

ACCESS = "teleconsult-access+jwt"
LIST_KEY = "teleconsult-list-key+jwt"
LIST = "teleconsult-access-list+jwt"

SKEW_S = 60
"""A clock may be so far behind the signer's. At the end of a token none is allowed."""

LIST_LIFETIME_MAX_S = 24 * 3600
"""However long a list says that it lives: a revocation takes no longer to arrive."""

Role = Literal["doctor", "probe", "staff"]

_ALGORITHM = "EdDSA"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Union:
    """A union as the server knows it; its name is for pages. `id`: the root's thumbprint."""

    id: str
    audience: str
    root: bytes
    name: str = ""
    is_demo: bool = False


@dataclass(frozen=True, slots=True)
class RevocationList:
    """Ids of credentials that hold no more. Says nothing once it has ended."""

    seq: int
    ends: int
    revoked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Access:
    """What an access credential lets its holder do. `key`: the day key's thumbprint."""

    jti: str
    key: str
    role: Role
    queues: tuple[str, ...]
    handle: str
    ends: int


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Time = Annotated[int, Field(ge=0, lt=2**40)]


class _UnionFile(_Strict):
    v: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    audience: str
    root: str
    demo: bool = False


class _Thumbprint(_Strict):
    jkt: Key


class _Access(_Strict):
    iss: Key
    aud: str
    nbf: Time
    exp: Time
    jti: Id
    role: Role
    queues: Annotated[tuple[QueueName, ...], Field(max_length=QUEUES_MAX - 1, strict=False)]
    handle: Key | None = None
    cnf: _Thumbprint


class _Jwk(_Strict):
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str


class _Confirmed(_Strict):
    jwk: _Jwk


class _ListKey(_Strict):
    iss: Key
    aud: str
    nbf: Time
    exp: Time
    cnf: _Confirmed


class _List(_Strict):
    iss: Key
    aud: str
    iat: Time
    exp: Time
    seq: Time
    key: str
    revoked: Annotated[tuple[Id, ...], Field(strict=False)]
    pad: str


_C = TypeVar("_C", bound=_Strict)


def read_union(text: str) -> Union:
    """Read a `union.json`.

    Raises:
        NotAdmitted: not one.
    """
    try:
        file = _UnionFile.model_validate_json(text)
    except ValidationError:
        raise NotAdmitted("not-admitted") from None
    if not file.name.strip() or not file.name.isprintable():
        raise NotAdmitted("not-admitted")
    root = _key(file.root)
    return Union(thumbprint(root), file.audience, root, file.name, file.demo)


def issuer_of(token: str) -> str:
    """Say which union a token claims to be of; "" for what is no token. Nothing is checked."""
    try:
        issuer = _json(token, 1).get("iss")
    except NotAdmitted:
        return ""
    return issuer if isinstance(issuer, str) else ""


def read_access(token: str, union: Union, now: float) -> Access:
    """Check an access credential of a union.

    Raises:
        NotAdmitted: `expired` or `early` for one that was or will be good, else
            `not-admitted`.
    """
    claims = _checked(token, ACCESS, union.root, _Access)
    if claims.iss != union.id or claims.aud != union.audience:
        raise NotAdmitted("not-admitted")
    if any(looks_personal(queue) for queue in claims.queues) or not _goes_with_role(claims):
        raise NotAdmitted("not-admitted")
    _check_time(claims.nbf, claims.exp, now)
    return Access(
        claims.jti, claims.cnf.jkt, claims.role, claims.queues, claims.handle or "", claims.exp
    )


def read_list(token: str, union: Union, now: float) -> RevocationList:
    """Check a revocation list: the root's delegation, then the list key's signature.

    Raises:
        NotAdmitted: it does not hold, is over, or would live too long.
    """
    delegation = _json(token, 1).get("key")
    if not isinstance(delegation, str):
        raise NotAdmitted("not-admitted")
    delegated = _checked(delegation, LIST_KEY, union.root, _ListKey)
    claims = _checked(token, LIST, _key(delegated.cnf.jwk.x), _List)
    for said in (delegated, claims):
        if said.iss != union.id or said.aud != union.audience:
            raise NotAdmitted("not-admitted")
    if claims.exp - claims.iat > LIST_LIFETIME_MAX_S:
        raise NotAdmitted("not-admitted")
    _check_time(delegated.nbf, delegated.exp, now)
    _check_time(claims.iat, claims.exp, now)
    ends = min(claims.exp, delegated.exp)
    return RevocationList(claims.seq, ends, frozenset(claims.revoked))


def _goes_with_role(claims: _Access) -> bool:
    """Tell whether a role may name these queues and this handle."""
    if claims.role == "doctor":
        # A handle is a hash, and with much patience it begins as one likes.
        return not any(is_probe(queue) for queue in (*claims.queues, claims.handle or ""))
    if claims.handle is not None:
        return False
    if claims.role == "staff":
        return not claims.queues
    return bool(claims.queues) and all(map(is_probe, claims.queues))


def _check_time(begins: int, ends: int, now: float) -> None:
    if ends <= now:
        raise NotAdmitted("expired")
    if now < begins - SKEW_S:
        raise NotAdmitted("early")


def _checked(token: str, typ: str, root: bytes, form: type[_C]) -> _C:
    """Check header and signature, then read the claims."""
    if _json(token, 0) != {"alg": _ALGORITHM, "typ": typ, "kid": thumbprint(root)}:
        raise NotAdmitted("not-admitted")
    jwk: Mapping[str, Any] = {"kty": "OKP", "crv": "Ed25519", "x": encode(root)}
    try:
        payload: bytes = jwt.PyJWS(algorithms=[_ALGORITHM]).decode(
            token, jwt.PyJWK.from_dict(dict(jwk), _ALGORITHM), algorithms=[_ALGORITHM]
        )
        return form.model_validate_json(payload)
    except (jwt.PyJWTError, ValueError):  # pydantic's ValidationError is a ValueError
        raise NotAdmitted("not-admitted") from None


def _json(token: str, part: int) -> dict[str, Any]:
    """Read a part of a compact JWS, in the one spelling that there is."""
    parts = token.split(".")
    try:
        value = json.loads(decode(parts[part])) if len(parts) == 3 else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise NotAdmitted("not-admitted")
    return value


def _key(text: str) -> bytes:
    try:
        key = decode(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES or is_small_order(key):
        raise NotAdmitted("not-admitted")
    return key
