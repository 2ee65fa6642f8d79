"""Consultation links: a capability that certifies itself, and the secret beside it.

Pure. A personal link is signed by a doctor's link key, a pool link by the union's root.
The capability is what the server sees; the secret never leaves the fragment, and makes
the holder key and the PSK of the seal (`clients/SCEAU.md` §2).

    version 1, kind 1, then
    personal   link public key 32, nonce 8
    pool       signer's thumbprint 16, length 1, queue, nonce 8
    both       holder's thumbprint 16, not before 4, end 4, uses 1, signature 64
"""

import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from .credentials import check_queue
from .encoding import derive, encode, short_hash
from .errors import UnionError
from .keys import public_key, signing_key

PREFIX = "cap1."
URL_MAX_CHARS = 260
"""Still a QR code that an old phone reads from paper."""

WINDOW_MAX_S = 24 * 3600
"""A counted link is open no longer: servers forget that it was used when it ends."""

USES_MAX = 255
_VERSION, _PERSONAL, _POOL = 1, 1, 2
_LABEL = b"teleconsult capability v1\n"
_WINDOW = struct.Struct(">IIB")
_ANYBODY = bytes(16)
NONCE_BYTES = 8
SECRET_BYTES = 16


@dataclass(frozen=True, slots=True)
class Window:
    """When a link opens and ends, and how many sessions it starts; 0 is not counted."""

    begins: int
    ends: int
    uses: int


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the secret of a link makes."""

    holder_seed: bytes = field(repr=False)
    psk: bytes = field(repr=False)

    @property
    def holder(self) -> bytes:
        """The holder's thumbprint, as the capability names it."""
        return short_hash(public_key(self.holder_seed))


def link_key(master: bytes) -> Ed25519PrivateKey:
    """Make a doctor's link key of the link master."""
    return signing_key(derive(master, b"teleconsult link key v1", 32))


def secret_of(master: bytes, nonce: bytes) -> bytes:
    """Make the secret of one personal link; the doctor makes it again when it comes back."""
    return derive(master, b"teleconsult link secret v1\n" + nonce, SECRET_BYTES)


def secrets_of(secret: bytes) -> Secrets:
    """Make holder key and PSK of a link's secret."""
    return Secrets(_expanded(secret, b"holder"), _expanded(secret, b"psk"))


def personal(master: bytes, nonce: bytes, window: Window) -> str:
    """Make the fragment of a personal link without its root: capability and secret."""
    _check(window, is_counted=True)
    key, secret = link_key(master), secret_of(master, nonce)
    body = b"".join(
        (
            bytes((_VERSION, _PERSONAL)),
            key.public_key().public_bytes_raw(),
            nonce,
            secrets_of(secret).holder,
            _WINDOW.pack(window.begins, window.ends, window.uses),
        )
    )
    return f"{_signed(body, key)}.{encode(secret)}"


def pool(root: Ed25519PrivateKey, queue: str, nonce: bytes, window: Window) -> str:
    """Make the fragment of a link to a queue, for anybody who has it."""
    return _signed(_pool(root, check_queue(queue), nonce, _ANYBODY, window), root)


def pool_for_one(
    root: Ed25519PrivateKey, queue: str, nonce: bytes, secret: bytes, window: Window
) -> str:
    """Make the fragment of a counted link to a queue: capability and secret."""
    body = _pool(root, check_queue(queue), nonce, secrets_of(secret).holder, window)
    return f"{_signed(body, root)}.{encode(secret)}"


def url(origin: str, fragment: str, root: str = "") -> str:
    """Make the address of a link.

    Args:
        root: the id of the union by which the doctor must be vouched for; left out
            where it makes the address too long, since the handle binds it already.

    Raises:
        UnionError: it is too long even so.
    """
    for whole in ([f"{origin}/#{fragment}.{root}"] if root else []) + [f"{origin}/#{fragment}"]:
        if len(whole) <= URL_MAX_CHARS:
            return whole
    raise UnionError(
        f"The address of this link is longer than {URL_MAX_CHARS} characters; "
        "give the queue a shorter name, or the pages a shorter address."
    )


def _pool(
    root: Ed25519PrivateKey, queue: str, nonce: bytes, holder: bytes, window: Window
) -> bytes:
    _check(window, is_counted=holder != _ANYBODY)
    name = queue.encode("ascii")
    return b"".join(
        (
            bytes((_VERSION, _POOL)),
            short_hash(root.public_key().public_bytes_raw()),
            bytes((len(name),)),
            name,
            nonce,
            holder,
            _WINDOW.pack(window.begins, window.ends, window.uses),
        )
    )


def _signed(body: bytes, key: Ed25519PrivateKey) -> str:
    return PREFIX + encode(body + key.sign(_LABEL + body))


def _check(window: Window, *, is_counted: bool) -> None:
    if is_counted and not 1 <= window.uses <= USES_MAX:
        raise UnionError(f"A link may start 1 to {USES_MAX} consultations.")
    if not is_counted and window.uses != 0:
        raise UnionError("A link for anybody cannot be counted.")
    if not 0 <= window.begins < window.ends < 2**32:
        raise UnionError("A link ends after it begins.")
    if is_counted and window.ends - window.begins > WINDOW_MAX_S:
        raise UnionError(
            f"A counted link is open for at most {WINDOW_MAX_S // 3600} hours; "
            "for a later day say --from."
        )


def _expanded(secret: bytes, label: bytes) -> bytes:
    extract = HMAC(b"sceau/1", SHA256())
    extract.update(secret)
    return HKDFExpand(SHA256(), 32, b"sceau/1|" + label).derive(extract.finalize())
