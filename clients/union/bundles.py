"""Bundles: what a union hands to each doctor, sealed, in files that all look alike.

Pure, but for HPKE's own ephemeral key, which the library draws. Only the doctor's
encryption key opens a slot; every slot has the same size, every file the same number of
slots, and the empty ones are random bytes: a file tells neither who is enrolled nor how
many are, and fetching one tells the server no more than one doctor in so many.

RFC 9180 (HPKE): base mode, KEM 0x0020, KDF 0x0001, AEAD 0x0002. The forms are in `README.md`.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from .errors import UnionError, Unreadable

BUNDLE_BYTES = 32 * 1024
"""Thirty days of one doctor with a few queues."""

SLOT_ID_BYTES = 16
SLOT_BYTES = SLOT_ID_BYTES + 32 + BUNDLE_BYTES + 16
FILES = 4
SLOTS_STEP = 8
"""Files grow by so many slots at once."""

_SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_INFO = b"teleconsult bundle v1"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle says, opened."""

    identity: str = field(repr=False)
    access: tuple[str, ...] = field(repr=False)
    queue_keys: Mapping[str, Mapping[str, str]] = field(repr=False)
    union: Mapping[str, Any]


def write(bundle: Bundle) -> bytes:
    """Write a bundle, padded: the text, 0x80, zeros (ISO/IEC 7816-4).

    Raises:
        UnionError: it does not fit.
    """
    text = json.dumps(
        {
            "v": 1,
            "identity": bundle.identity,
            "access": list(bundle.access),
            "queue_keys": {day: dict(keys) for day, keys in bundle.queue_keys.items()},
            "union": dict(bundle.union),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()
    if len(text) >= BUNDLE_BYTES:
        raise UnionError(
            "This doctor's bundle does not fit its slot; "
            "issue fewer days at once (--days), or name fewer queues."
        )
    return (text + b"\x80").ljust(BUNDLE_BYTES, b"\0")


def read(padded: bytes) -> Bundle:
    """Read what `write` wrote; keys of a newer version are passed over.

    Raises:
        Unreadable: not such a thing.
    """
    text = padded.rstrip(b"\0")
    try:
        value = json.loads(text[:-1]) if text.endswith(b"\x80") else None
        if not isinstance(value, dict) or value["v"] != 1:
            raise Unreadable("This is not a bundle of this version.")
        return Bundle(
            value["identity"], tuple(value["access"]), value["queue_keys"], value["union"]
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable("This bundle is damaged.") from None


def slot_id(encryption_key: bytes) -> bytes:
    """Name the slot of an encryption key."""
    return hashlib.sha256(b"teleconsult bundle slot v1" + encryption_key).digest()[:SLOT_ID_BYTES]


def file_of(encryption_key: bytes) -> int:
    """Say in which file the slot of an encryption key is."""
    return hashlib.sha256(encryption_key).digest()[0] % FILES


def seal(bundle: Bundle, encryption_key: bytes) -> bytes:
    """Seal a bundle to a doctor, as a whole slot."""
    public = X25519PublicKey.from_public_bytes(encryption_key)
    return slot_id(encryption_key) + _SUITE.encrypt(write(bundle), public, _INFO)


def open_(files: Sequence[bytes], key: X25519PrivateKey) -> Bundle:
    """Find and open one's own slot.

    Raises:
        Unreadable: there is none, or it was changed.
    """
    public = key.public_key().public_bytes_raw()
    for slot in slots(files[file_of(public)]):
        if slot.startswith(slot_id(public)):
            try:
                return read(_SUITE.decrypt(slot[SLOT_ID_BYTES:], key, _INFO))
            except InvalidTag:
                raise Unreadable("This bundle was changed, or is somebody else's.") from None
    raise Unreadable("There is no bundle for this device yet.")


def slots(file: bytes) -> list[bytes]:
    """Cut a file into its slots.

    Raises:
        Unreadable: it does not hold a whole number of them.
    """
    if len(file) % SLOT_BYTES:
        raise Unreadable("A file of bundles is damaged; fetch or write it again.")
    return [file[at : at + SLOT_BYTES] for at in range(0, len(file), SLOT_BYTES)]


def pack(
    before: Sequence[bytes],
    enrolled: Collection[bytes],
    gone: Collection[bytes],
    fresh: Mapping[bytes, bytes],
    dice: Callable[[int], bytes],
) -> list[bytes]:
    """Write all files anew, equal in size.

    Slots of others stay where they are, empty ones too, so that two editions of a file
    tell that something changed and not whether somebody came, stayed or left.

    Args:
        before: the files as they were; none at first.
        enrolled: the encryption keys that keep a slot.
        gone: the encryption keys that lose theirs.
        fresh: encryption key -> its new slot.
        dice: fills the empty slots.
    """
    files = [slots(file) for file in before] or [[] for _ in range(FILES)]
    kept, wiped = {slot_id(key) for key in enrolled}, {slot_id(key) for key in gone}
    for file in files:
        file[:] = [dice(SLOT_BYTES) if slot[:SLOT_ID_BYTES] in wiped else slot for slot in file]
    for key, slot in fresh.items():
        file = files[file_of(key)]
        ids = [old[:SLOT_ID_BYTES] for old in file]
        mine = [at for at, id_ in enumerate(ids) if id_ == slot_id(key)]
        free = [at for at, id_ in enumerate(ids) if id_ not in kept]
        if mine or free:
            file[(mine or free)[0]] = slot
        else:
            file.append(slot)
        kept.add(slot_id(key))
    most = max(len(file) for file in files)
    most += -most % SLOTS_STEP or (0 if most else SLOTS_STEP)
    for file in files:
        file += [dice(SLOT_BYTES) for _ in range(most - len(file))]
    return [b"".join(file) for file in files]
