"""The union's own keys: made from dice, kept under a passphrase.

Pure: random bytes are arguments. Nothing here reads a file or asks for a passphrase.

`root.key` holds the seed of the root key (Ed25519, RFC 8032) and the queue master, sealed
together: base64url of version 1, log2 of scrypt's N 1, salt 16, nonce 12, AES-256-GCM of
both. scrypt (RFC 7914) makes each guess of the passphrase cost a third of a second and
128 MiB; PKCS 8 as libraries write it (PBKDF2, 2048 rounds) costs under a millisecond.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from .encoding import decode, derive, encode, thumbprint
from .errors import UnionError, Unreadable

SEED_BYTES = 32
PASSPHRASE_MIN_CHARS = 12
SCRYPT_LOG2_N = 17
SCRYPT_LOG2_N_MAX = 20
"""A file that asks for more than a GiB of memory is not one of ours."""

# y of the points of small order, sign bit cleared, with their non-canonical spellings
# (Chalkias, Garillot and Nikolaenko, Taming the many EdDSAs, 2020, §2).
_SMALL_ORDER = frozenset(
    bytes.fromhex(y)
    for y in (
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    )
)

_PREFIX = "root1."
_HEAD_BYTES, _SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 2, 16, 12, 16
_VERSION = 1
_LABEL = b"teleconsult union root v1"


@dataclass(frozen=True, slots=True)
class Root:
    """The two secrets that a passphrase protects."""

    seed: bytes = field(repr=False)
    queue_master: bytes = field(repr=False)

    @property
    def key(self) -> Ed25519PrivateKey:
        """The key that vouches for doctors."""
        return signing_key(self.seed)

    @property
    def public_key(self) -> bytes:
        """Its public half, by which pages and servers know the union."""
        return public_key(self.seed)

    @property
    def id(self) -> str:
        """The union's name among machines: its root's thumbprint."""
        return thumbprint(self.public_key)

    def queue_key(self, queue: str, day: int) -> bytes:
        """Make the key of a queue for one day, 32 bytes; `day` counts from 1970-01-01."""
        return derive(self.queue_master, f"teleconsult queue key v1\n{queue}\n{day}".encode(), 32)


def new_root(dice: Callable[[int], bytes]) -> Root:
    """Make a root key and a queue master."""
    return Root(dice(SEED_BYTES), dice(SEED_BYTES))


def signing_key(seed: bytes) -> Ed25519PrivateKey:
    """Make a signing key of its seed."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(seed: bytes) -> bytes:
    """Return the public half of a seed's key."""
    return signing_key(seed).public_key().public_bytes_raw()


def is_small_order(key: bytes) -> bool:
    """Tell whether this is an Ed25519 "key" under which anybody can sign."""
    return key[:-1] + bytes((key[-1] & 0x7F,)) in _SMALL_ORDER


def check_passphrase(passphrase: str) -> str:
    """Return a passphrase that is worth its name.

    Raises:
        UnionError: it is too short.
    """
    if len(passphrase) < PASSPHRASE_MIN_CHARS:
        raise UnionError(
            f"The passphrase has fewer than {PASSPHRASE_MIN_CHARS} characters; "
            "four or five words at random are easy to keep."
        )
    return passphrase


def lock(
    root: Root, passphrase: str, dice: Callable[[int], bytes], log2_n: int = SCRYPT_LOG2_N
) -> str:
    """Seal a root under a passphrase, as the text of `root.key`."""
    head = bytes((_VERSION, log2_n))
    salt, nonce = dice(_SALT_BYTES), dice(_NONCE_BYTES)
    sealed = AESGCM(_stretched(passphrase, salt, log2_n)).encrypt(
        nonce, root.seed + root.queue_master, _LABEL + head
    )
    return _PREFIX + encode(head + salt + nonce + sealed)


def unlock(text: str, passphrase: str) -> Root:
    """Open the text of `root.key`.

    Raises:
        Unreadable: not such a file.
        UnionError: another passphrase, or a changed file: the two cannot be told apart.
    """
    size = _HEAD_BYTES + _SALT_BYTES + _NONCE_BYTES + 2 * SEED_BYTES + _TAG_BYTES
    if not text.startswith(_PREFIX):
        raise Unreadable("This is not a root key of this tool.")
    data = decode(text.removeprefix(_PREFIX), size)
    if data[0] != _VERSION or not 1 <= data[1] <= SCRYPT_LOG2_N_MAX:
        raise Unreadable("This is not a root key of this version of the tool.")
    head, rest = data[:_HEAD_BYTES], data[_HEAD_BYTES:]
    salt, rest = rest[:_SALT_BYTES], rest[_SALT_BYTES:]
    nonce, sealed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    try:
        opened = AESGCM(_stretched(passphrase, salt, data[1])).decrypt(nonce, sealed, _LABEL + head)
    except InvalidTag:
        raise UnionError("The passphrase does not open the root key.") from None
    return Root(opened[:SEED_BYTES], opened[SEED_BYTES:])


def _stretched(passphrase: str, salt: bytes, log2_n: int) -> bytes:
    return Scrypt(salt, 32, 2**log2_n, 8, 1).derive(passphrase.encode())
