"""Relay passwords: a name and a password that are good for some time, and need no table.

Pure. Minting and checking are two halves of one promise and share this file. Whoever has
the secret mints; the relay checks.

The scheme of "A REST API for Access to TURN Services" (draft-uberti-behave-turn-rest): the
name is `expiry:tag`, the password base64(HMAC-SHA1(secret, name)), and the key of
MESSAGE-INTEGRITY the MD5 of name, realm and password (RFC 8489 §9.2.2). Browsers know
nothing newer. These protect minutes on a relay, never what goes through it.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

# Short, because it goes into every answer to a stranger; coturn's own too.
REALM = "relay"
SECRET_MIN_BYTES = 32

# The first second of the year 2001 to the last of 2286. No leading zeros: one name, one text.
_NAME = re.compile(rb"([1-9][0-9]{9}):([A-Za-z0-9_-]{1,64})")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,64}")


class RelayPassword(NamedTuple):
    """What a browser is given as `username` and `credential`."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Name:
    """What a username says, once its signature is checked.

    Attributes:
        expires_at: seconds since 1970.
        tag: which pass it was made for. The relay knows nothing else of anybody.
    """

    expires_at: int
    tag: str


def is_tag(text: str) -> bool:
    """Tell whether a text may be a tag: 1 to 64 letters, digits, `-` and `_`."""
    return _TAG.fullmatch(text) is not None


def mint(secret: bytes, tag: str, expires_at: int) -> RelayPassword:
    """Make the relay password of a tag.

    Raises:
        ValueError: no tag, a secret that is too short, or a time that no clock shows.
    """
    username = f"{expires_at}:{tag}"
    if read_name(username.encode("utf-8", "replace")) is None:
        raise ValueError("a relay password needs a tag and a time of ten digits")
    return RelayPassword(username, _password(_checked(secret), username.encode()).decode())


def read_name(username: bytes) -> Name | None:
    """Read a username; None if it has another form. It proves nothing yet."""
    found = _NAME.fullmatch(username)
    return Name(int(found[1]), found[2].decode("ascii")) if found else None


def keys(secrets: Sequence[bytes], username: bytes) -> list[bytes]:
    """List the keys that MESSAGE-INTEGRITY may have been made with, the current one first."""
    return [_key(username, _password(secret, username)) for secret in secrets]


def key_of(password: RelayPassword) -> bytes:
    """Say which key a client makes of its password."""
    return _key(password.username.encode(), password.password.encode())


def checked(secrets: Sequence[bytes]) -> tuple[bytes, ...]:
    """Refuse secrets that could be guessed.

    Raises:
        ValueError: none, or one that is too short. The sentence does not quote it.
    """
    if not secrets:
        raise ValueError("the relay needs a secret")
    return tuple(_checked(secret) for secret in secrets)


def _checked(secret: bytes) -> bytes:
    if len(secret) < SECRET_MIN_BYTES:
        raise ValueError(f"a relay secret has at least {SECRET_MIN_BYTES} bytes")
    return secret


def _password(secret: bytes, username: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret, username, hashlib.sha1))


def _key(username: bytes, password: bytes) -> bytes:
    said = b"%s:%s:%s" % (username, REALM.encode(), password)
    return hashlib.md5(said, usedforsecurity=False).digest()
