"""What a union says of a doctor: one identity for patients, one access a day for servers.

Pure. An access credential names nobody and shares nothing with another day's, but for
the personal handle of a doctor who wants links. No credential holds a secret.

Days count from 1970-01-01, in UTC; the forms are in `README.md`.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import tokens
from .encoding import encode
from .errors import UnionError
from .keys import Root
from .requests import Algorithm, Passkey, Request

DAY_S = 24 * 3600
DAYS = 30
"""What one bundle covers. A month's renewal has no day without a credential."""

BEGINS_S = 4 * 3600
ENDS_S = 34 * 3600
"""An access credential holds from 04:00 to 10:00 of the next day: a night is one duty."""

TOKEN_MAX_CHARS = 1024
"""What the wire carries as a token (`signaling/PROTOCOL.md`, Fields)."""

QUEUES_MAX = 63
"""With the personal queue, as many as the wire lets a doctor serve."""

_QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
_LIKE_A_HANDLE = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")


@dataclass(frozen=True, slots=True)
class Card:
    """How a doctor is shown to patients."""

    name: str
    specialty: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A credential, with what is needed to revoke it."""

    token: str
    jti: str
    ends: int


def check_queue(name: str) -> str:
    """Return a queue's name that the wire can carry and that is no personal handle.

    Raises:
        UnionError: it is neither.
    """
    if not _QUEUE_NAME.fullmatch(name):
        raise UnionError(
            f"{name!r} cannot name a queue: 1 to 63 letters without accents, digits, - and _."
        )
    if _LIKE_A_HANDLE.fullmatch(name):
        raise UnionError(
            f"{name!r} cannot name a queue: it looks like a doctor's personal queue. "
            "One letter more or less will do."
        )
    return name


def identity(
    root: Root,
    audience: str,
    request: Request,
    card: Card,
    days: int,
    now: int,
    dice: Callable[[int], bytes],
) -> Signed:
    """Vouch for a device to patients, until its last access credential ends."""
    jti = encode(dice(16))
    ends = (request.first_day + days - 1) * DAY_S + ENDS_S
    claims = {
        "iss": root.id,
        "aud": audience,
        "nbf": now,
        "exp": ends,
        "jti": jti,
        "card": {"name": card.name, "specialty": card.specialty},
        "handle": request.handle,
        "cnf": {"jwk": _ed25519(request.device_key)},
        **({"passkey": {"jwk": _jwk(request.passkey)}} if request.passkey else {}),
    }
    return Signed(tokens.sign(claims, tokens.IDENTITY, root.key), jti, ends)


def _jwk(passkey: Passkey) -> dict[str, str]:
    """Write a passkey's public half as RFC 7518 §6.2 and RFC 8037 §2 do."""
    if passkey.algorithm is Algorithm.EDDSA:
        return _ed25519(passkey.key)
    x, y = passkey.key[:32], passkey.key[32:]
    return {"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)}


def _ed25519(key: bytes) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": encode(key)}


def access(
    root: Root,
    audience: str,
    key: str,
    day: int,
    queues: Sequence[str],
    handle: str | None,
    dice: Callable[[int], bytes],
) -> Signed:
    """Let the holder of a day's key serve queues on that day.

    Args:
        key: thumbprint of the day's key.
        handle: the personal handle of a doctor who wants links.

    Raises:
        UnionError: too many queues for one token.
    """
    jti = encode(dice(16))
    ends = day * DAY_S + ENDS_S
    claims = {
        "iss": root.id,
        "aud": audience,
        "nbf": day * DAY_S + BEGINS_S,
        "exp": ends,
        "jti": jti,
        "role": "doctor",
        "queues": list(queues),
        **({"handle": handle} if handle else {}),
        "cnf": {"jkt": key},
    }
    token = tokens.sign(claims, tokens.ACCESS, root.key)
    if len(token) > TOKEN_MAX_CHARS or len(queues) > QUEUES_MAX:
        raise UnionError(
            "These are more queues than one credential can name; "
            "give fewer to this doctor, or shorter names."
        )
    return Signed(token, jti, ends)
