"""From the address that a person opens to what a peer needs of it.

Pure. The fragment never travels: only the token made from it does, and a doctor's secret
not even as that. Nothing here is ever put into an exception.

The forms are in `clients/README.md`, under *Tokens, proofs and the fragment*.
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from .errors import BadLink
from .letters import from_base64url, to_base64url

SOCKET_PATH = "/v1"
SEED_BYTES = 32
RESUME_BYTES = 16

_SOCKET_SCHEMES = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Link:
    """An address taken apart. What its fragment holds is left out of `repr`."""

    role: Literal["patient", "doctor"]
    origin: str
    socket_url: str
    capability: str = field(default="", repr=False)
    doctor_secret: bytes = field(default=b"", repr=False)
    seed: bytes | None = field(default=None, repr=False)
    resume: bytes | None = field(default=None, repr=False)


def parse(url: str) -> Link:
    """Take a patient's link or a doctor's address apart.

    Raises:
        BadLink: not such an address; the sentence says what is missing.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadLink("This is not an address.") from None
    scheme = _SOCKET_SCHEMES.get(parts.scheme)
    if scheme is None or not parts.hostname:
        raise BadLink("The address must begin with http:// or https:// and name a host.")
    if not parts.fragment:
        raise BadLink("The address has nothing after its #; copy it whole.")

    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    # RFC 6454 §6.2 (The Web Origin Concept): the port is left out where it is the scheme's own.
    if port not in (None, {"http": 80, "https": 443}[parts.scheme]):
        host = f"{host}:{port}"
    token, *additions = parts.fragment.split("~")
    seed = _addition(additions, "h", SEED_BYTES)
    resume = _addition(additions, "r", RESUME_BYTES)
    origin, socket_url = f"{parts.scheme}://{host}", f"{scheme}://{host}{SOCKET_PATH}"

    if parts.path.rstrip("/").endswith("/doctor"):
        return Link(
            "doctor", origin, socket_url, "", _doctor_secret(token), seed=seed, resume=resume
        )
    if token.startswith("demo1.d."):
        raise BadLink("This is a doctor's secret on a patient's address.")
    return Link("patient", origin, socket_url, token, seed=seed, resume=resume)


def address(url: str, seed: bytes, resume: bytes | None) -> str:
    """The address as a page leaves it behind, by which the same holder comes back."""
    base, _, fragment = url.partition("#")
    parts = [fragment.split("~")[0], f"h={to_base64url(seed)}"]
    if resume is not None:
        parts.append(f"r={to_base64url(resume)}")
    return f"{base}#{'~'.join(parts)}"


def _addition(additions: list[str], name: str, size: int) -> bytes | None:
    for addition in additions:
        key, _, value = addition.partition("=")
        if key == name:
            return _bytes(value, size)
    return None


def _doctor_secret(token: str) -> bytes:
    if not token.startswith("demo1.d."):
        raise BadLink("This is not a doctor's address.")
    return _bytes(token.removeprefix("demo1.d."), SEED_BYTES)


def _bytes(text: str, size: int) -> bytes:
    try:
        data = from_base64url(text)
    except ValueError:
        raise BadLink("The part after the # is damaged; copy it whole.") from None
    if len(data) != size:
        raise BadLink("The part after the # is cut short; copy it whole.")
    return data
