"""From the address that a person opens to what a peer needs of it.

Pure. The fragment never travels: only the capability in it does, and a doctor's keyring
not even as that. Nothing here is ever put into an exception.

The forms are in `clients/union/README.md`, under *Links*, and in `clients/README.md`, under
*Tokens, proofs and the fragment*.
"""

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlsplit

from clients.union import keyring
from clients.union.errors import Unreadable
from clients.union.links import SECRET_BYTES
from signaling.encoding import decode, encode

from . import capabilities, invites, sealed_letters
from .capabilities import Capability
from .channel import RESUME_BYTES
from .errors import BadLink
from .patient_seal import MARK_BYTES
from .proof import SHORT_BYTES, public_key
from .sealing import SEED_BYTES, thumb

_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Link:
    """An address taken apart. What its fragment holds is left out of `repr`.

    Attributes:
        secret: of a patient's link that has one.
        seed: of a patient's holder key; None where the link gives none and no page made one.
        union: id of the union that a personal link names, if it does.
        keyring: seed of a doctor's keys.
        resume: secret by which a page comes back into a running session.
        mark: of the doctor whom a patient had accepted in it.
        invitation: a guest's.
    """

    role: Literal["patient", "doctor", "guest"]
    origin: str
    token: str = field(default="", repr=False)
    capability: Capability | None = field(default=None, repr=False)
    secret: bytes | None = field(default=None, repr=False)
    seed: bytes | None = field(default=None, repr=False)
    union: str | None = None
    keyring: bytes = field(default=b"", repr=False)
    resume: bytes | None = field(default=None, repr=False)
    mark: bytes | None = field(default=None, repr=False)
    invitation: invites.Address | None = field(default=None, repr=False)

    def sealed(self, seed: bytes) -> sealed_letters.Link:
        """What the seal needs of a patient's link whose holder key has this seed."""
        if self.capability is None or not self.capability.is_personal or self.secret is None:
            return sealed_letters.pool_link(self.token, seed)
        return sealed_letters.personal_link(self.token, self.secret, self.capability.signer)


def parse(url: str) -> Link:
    """Take a patient's link, a guest's invitation or a doctor's address apart.

    Raises:
        BadLink: not such an address; the sentence says what is missing.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadLink("This is not an address.") from None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise BadLink("The address must begin with http:// or https:// and name a host.")
    is_doctors = parts.path.rstrip("/").endswith("/doctor")
    if not parts.fragment:
        raise BadLink(
            "This doctor's address has no keyring after its #; only a page has keys of its own."
            if is_doctors
            else "The address has nothing after its #; copy it whole."
        )

    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    # RFC 6454 §6.2 (The Web Origin Concept): the port is left out where it is the scheme's own.
    if port not in (None, {"http": 80, "https": 443}[parts.scheme]):
        host = f"{host}:{port}"
    opened, *additions = parts.fragment.split("~")
    origin = f"{parts.scheme}://{host}"
    resume = _addition(additions, "r", RESUME_BYTES)

    if is_doctors:
        return Link("doctor", origin, keyring=_keyring(opened), resume=resume)
    if opened.startswith(keyring.PREFIX):
        raise BadLink("This is a doctor's keyring on a patient's address.")
    seed = _addition(additions, "h", SEED_BYTES)
    if opened.startswith(invites.PREFIX):
        invitation = invites.read_fragment(opened)
        token = invitation.token
        return Link("guest", origin, token=token, seed=seed, invitation=invitation)
    token, capability, secret, union = _patients(opened)
    if secret is not None:
        seed = sealed_letters.counted_pool_link(token, secret).holder_seed
        if thumb(public_key(seed)) != capability.holder:
            raise BadLink("The two halves of this link are not of one; copy it whole.")
    return Link(
        "patient",
        origin,
        token=token,
        capability=capability,
        secret=secret,
        seed=seed,
        union=union,
        resume=resume,
        mark=_addition(additions, "d", MARK_BYTES),
    )


def address(url: str, seed: bytes | None, resume: bytes | None, mark: bytes | None = None) -> str:
    """The address as a page leaves it behind, by which the same holder comes back."""
    base, _, fragment = url.partition("#")
    parts = [fragment.split("~")[0]]
    if seed is not None:
        parts.append(f"h={encode(seed)}")
    if resume is not None:
        parts.append(f"r={encode(resume)}")
    if mark is not None:
        parts.append(f"d={encode(mark)}")
    return f"{base}#{'~'.join(parts)}"


def _patients(opened: str) -> tuple[str, Capability, bytes | None, str | None]:
    """Take capability, secret and root apart."""
    head, dot, tail = opened.partition(".")
    if f"{head}{dot}" != capabilities.PREFIX:
        raise BadLink("This is not a consultation link.")
    text, *rest = tail.split(".")
    token = f"{capabilities.PREFIX}{text}"
    try:
        capability = capabilities.parse(token)
    except ValueError:
        raise BadLink("The link is damaged or cut short; copy it whole.") from None
    may_have = 2 if capability.is_personal else 1 if capability.holder is not None else 0
    if len(rest) > may_have:
        raise BadLink("There is more after the # than belongs to this link; copy it alone.")
    if may_have and not rest:
        raise BadLink("The link ends before its secret; copy it whole.")
    secret = _bytes(rest[0], SECRET_BYTES) if rest else None
    if len(rest) == 2:
        _bytes(rest[1], SHORT_BYTES)
    return token, capability, secret, rest[1] if len(rest) == 2 else None


def _addition(additions: list[str], name: str, size: int) -> bytes | None:
    for addition in additions:
        key, _, value = addition.partition("=")
        if key == name:
            return _bytes(value, size)
    return None


def _keyring(opened: str) -> bytes:
    if not opened.startswith(keyring.PREFIX):
        raise BadLink("This is not a doctor's address.")
    try:
        return keyring.read(opened)
    except Unreadable:
        raise BadLink("The doctor's keyring is damaged or cut short; copy it whole.") from None


def _bytes(text: str, size: int) -> bytes:
    try:
        data = decode(text)
    except ValueError:
        raise BadLink("The part after the # is damaged; copy it whole.") from None
    if len(data) != size:
        raise BadLink("The part after the # is cut short; copy it whole.")
    return data
