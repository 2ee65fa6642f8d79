"""What a union says of a doctor: one identity for patients, one access a day for servers.

A probe and union staff are vouched for in the same way, each by its own role. Their identities
are of other types, so that no patient's page takes one of them for a doctor.

Pure. An access credential names nobody and shares nothing with another day's, but for
the personal handle of a doctor who wants links. No credential holds a secret.

Days count from 1970-01-01, in UTC; the forms are in `README.md`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

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

Role: TypeAlias = Literal["doctor", "probe", "staff"]

IDENTITY_TYPES: Mapping[Role, str] = {
    "doctor": tokens.IDENTITY,
    "probe": tokens.PROBE_IDENTITY,
    "staff": tokens.STAFF_IDENTITY,
}

SHOWN_AS: Mapping[Role, str] = {"doctor": "", "probe": "Sonde", "staff": "Équipe"}
"""What stands on a card in the place of a specialty."""

PROBE_QUEUE = "probe"
"""This name, and those that begin with it and a hyphen, are for probes alone."""

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


def is_probe(queue: str) -> bool:
    """Tell whether a queue's name is a probe's own (`signaling/PROTOCOL.md`, Fields)."""
    return queue == PROBE_QUEUE or queue.startswith(f"{PROBE_QUEUE}-")


def check_queues(role: Role, queues: Sequence[str]) -> None:
    """Check that credentials of a role may name these queues.

    Raises:
        UnionError: a server would refuse them.
    """
    for name in queues:
        if role == "doctor" and is_probe(check_queue(name)):
            raise UnionError(
                f"{name!r} is a name of the probe, whose queue no doctor serves; take another one."
            )
        if role == "probe" and not is_probe(check_queue(name)):
            raise UnionError(
                f"{name!r} cannot be the queue of a probe: its name is probe, "
                "or begins with probe-."
            )
    if role == "staff" and queues:
        raise UnionError("Staff serve no queue: leave --queue out.")


def identity(
    root: Root,
    audience: str,
    request: Request,
    card: Card,
    days: int,
    now: int,
    dice: Callable[[int], bytes],
    role: Role = "doctor",
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
        **({"handle": request.handle} if role == "doctor" else {}),
        "cnf": {"jwk": _ed25519(request.device_key)},
        **({"passkey": {"jwk": _jwk(request.passkey)}} if request.passkey else {}),
    }
    return Signed(tokens.sign(claims, IDENTITY_TYPES[role], root.key), jti, ends)


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
    role: Role = "doctor",
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
        "role": role,
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
