"""Passes: the one token that the server issues, and needs not remember.

Pure. A pass proves a place in a queue or a seat in a session; it survives a lost
socket and a lost store. It is bound to its holder's key by a thumbprint: who has read a
pass but not the key cannot use it (`admission.holder_of`).

Layout, big-endian: version 1, kind 1, role 1, id 16, key 16, epoch 8,
arrival 8 (microseconds), generation 4, expiry 8 (milliseconds), four texts of at most 63
characters each with their length in one byte (session, queue, what a counted link
still costs: mark, uses, end in milliseconds and the former mark if there is one, joined
by dots; relay tag), then the first 16 bytes of HMAC-SHA256. As text: `pass1.` and base64url.
"""

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .encoding import decode, encode
from .messages import MemberRole
from .store import Spend

PREFIX = "pass1."

Kind = Literal["wait", "member", "invite"]

_KINDS: tuple[Kind, ...] = ("wait", "member", "invite")
_ROLES: tuple[MemberRole, ...] = ("patient", "doctor", "guest", "colleague")
_HEAD = struct.Struct(">BBB16s16s8sQIQ")
_VERSION = 1
_MAC_BYTES = 16
_LABEL = b"teleconsult pass v1"


class BadPass(Exception):
    """The token is no pass of ours, or its time is over.

    `code` is `not-admitted` or `expired`, as the wire refuses it.
    """

    def __init__(self, code: Literal["not-admitted", "expired"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass says. Texts are base64url; points in time are the server's clock.

    Attributes:
        id: the ticket (*wait*), the member (*member*) or the invitation (*invite*).
        key: thumbprint of its holder's key; zeros in an invitation for a guest.
        epoch: of the store that knew the id, 8 bytes.
        arrival: microseconds, made unique by the store; keeps the place.
        expires_at: seconds.
        session: empty in a *wait*.
        queue: where a patient waited, so that the way back needs no store.
        spend: what the session that is waited for will cost a counted link.
        tag: what a member's relay passwords are made for, should the store lose the seat.
    """

    kind: Kind
    role: MemberRole
    id: str
    key: str
    epoch: str
    arrival: int
    generation: int
    expires_at: float
    session: str = ""
    queue: str = ""
    spend: Spend | None = None
    tag: str = ""


class Passbook:
    """Issues passes under the first secret and reads them under any.

    Args:
        secrets: installation secrets, at least 32 bytes each; the current one first,
            then the previous one while it is being replaced.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets or any(len(secret) < 32 for secret in secrets):
            raise ValueError("an installation secret has at least 32 bytes")
        self._keys = [hmac.digest(secret, _LABEL, hashlib.sha256) for secret in secrets]

    def issue(self, pass_: Pass) -> str:
        """Write a pass as its token."""
        texts = (pass_.session, pass_.queue, _cost(pass_.spend), pass_.tag)
        data = b"".join(
            (
                _HEAD.pack(
                    _VERSION,
                    _KINDS.index(pass_.kind),
                    _ROLES.index(pass_.role),
                    decode(pass_.id),
                    decode(pass_.key),
                    decode(pass_.epoch),
                    pass_.arrival,
                    pass_.generation,
                    round(pass_.expires_at * 1000),
                ),
                *(bytes((len(text),)) + text.encode("ascii") for text in texts),
            )
        )
        return PREFIX + encode(data + _mac(self._keys[0], data))

    def read(self, token: str, now: float) -> Pass:
        """Check a token's MAC and time.

        Raises:
            BadPass: `not-admitted` for anything that this installation did not issue,
                `expired` for what it did issue, too long ago.
        """
        try:
            data = decode(token.removeprefix(PREFIX))
        except ValueError:
            raise BadPass("not-admitted") from None
        data, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
        # Every key is tried, so that time does not tell which one matched.
        known = [hmac.compare_digest(_mac(key, data), mac) for key in self._keys]
        if not token.startswith(PREFIX) or not any(known) or data[0] != _VERSION:
            raise BadPass("not-admitted")
        pass_ = _unpack(data)
        if pass_.expires_at <= now:
            raise BadPass("expired")
        return pass_


def claimed_kind(token: str) -> Kind | None:
    """Tell what a pass says that it is, unchecked; None of what is no pass."""
    try:
        kind = decode(token.removeprefix(PREFIX))[1]
    except (ValueError, IndexError):
        return None
    return _KINDS[kind] if token.startswith(PREFIX) and kind < len(_KINDS) else None


def read_secrets(*texts: str) -> list[bytes]:
    """Read the installation secrets that are set: the current one, then the previous one.

    Raises:
        ValueError: as `read_secret` does.
    """
    return [read_secret(text) for text in texts if text]


def read_secret(text: str) -> bytes:
    """Read an installation secret from its text.

    Raises:
        ValueError: not base64url of at least 32 bytes. The sentence does not quote it.
    """
    try:
        secret = decode(text)
    except ValueError:
        secret = b""
    if len(secret) < 32:
        raise ValueError("an installation secret is at least 32 random bytes in base64url")
    return secret


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, hashlib.sha256)[:_MAC_BYTES]


def _unpack(data: bytes) -> Pass:
    """Read what `issue` packed. The MAC has been checked: the shape is ours."""
    _, kind, role, id_, key, epoch, arrival, generation, expires_ms = _HEAD.unpack_from(data)
    texts, tail = [], data[_HEAD.size :]
    while tail:
        texts.append(tail[1 : 1 + tail[0]].decode("ascii"))
        tail = tail[1 + tail[0] :]
    session, queue, cost, tag = texts
    return Pass(
        kind=_KINDS[kind],
        role=_ROLES[role],
        id=encode(id_),
        key=encode(key),
        epoch=encode(epoch),
        arrival=arrival,
        generation=generation,
        expires_at=expires_ms / 1000,
        session=session,
        queue=queue,
        spend=_spend(cost),
        tag=tag,
    )


def _cost(spend: Spend | None) -> str:
    if spend is None:
        return ""
    said = f"{spend.mark}.{spend.uses}.{round(spend.expires_at * 1000)}"
    return f"{said}.{spend.former}" if spend.former else said


def _spend(cost: str) -> Spend | None:
    if not cost:
        return None
    mark, uses, ends_ms, *former = cost.split(".")
    return Spend(mark, int(uses), int(ends_ms) / 1000, "".join(former))
