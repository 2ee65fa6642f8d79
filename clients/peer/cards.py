"""Cards by which colleagues of one queue recognise each other on the board.

Pure: `dice` and `now` are arguments. Whoever shares a queue may open a card; only the device
that it names can have made it, for those queues and that day. The server sees 1536 bytes.

`clients/SCEAU.md` §11, *Cards*. The card key is used once (NIST SP 800-38D allows a fixed
nonce then); slots hold it under the queue keys of the day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from signaling.ed25519 import PUBLIC_KEY_BYTES, is_signed
from signaling.encoding import decode, encode

from . import passkeys
from .identity import Identity
from .invites import SECRET_BYTES, Expected, colleague
from .passkeys import (
    CLIENT_MAX_BYTES,
    DATA_MAX_BYTES,
    DATA_MIN_BYTES,
    DAY_S,
    SIGNATURE_MAX_BYTES,
    SIGNATURE_MIN_BYTES,
    SKEW_S,
    Assertion,
)
from .sealed import CheckIdentity, Papers
from .sealing import (
    NAME,
    SIGNATURE_BYTES,
    Dice,
    Refused,
    expand,
    extract,
    framed,
    hashed,
    pad,
    thumb,
    unpad,
)

CARD_BYTES = 1536  # 2048 characters, as much as the wire carries
SLOTS = 8
DAY_BEGINS_S, DAY_ENDS_S = 4 * 3600, 34 * 3600  # an access credential's, clients/union/README.md

_VERSION = b"\1"
_NONCE_BYTES, _KEY_BYTES, _TAG_BYTES = 16, 32, 16
_SLOTS_BYTES = SLOTS * _KEY_BYTES
_TEXT_BYTES = CARD_BYTES - 1 - _NONCE_BYTES - _SLOTS_BYTES - _TAG_BYTES
_ONCE = bytes(12)

QueueKeys = Mapping[int, Mapping[str, bytes]]
"""day, counted from 1970 -> queue -> its key of that day. The bundle's `queue_keys`."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Who is on duty on one of the own queues. The union vouches for him.

    Attributes:
        to: thumbprint of his day key, as the server's `invite` names him.
    """

    identity: Identity
    to: bytes
    day_key: bytes
    secret: bytes = field(repr=False)

    @property
    def expected(self) -> Expected:
        """What an inviter opens for him."""
        return colleague(self.secret, self.day_key, self.identity.device_key)


def write(
    dice: Dice, papers: Papers, day: int, day_key: bytes, keys: Mapping[str, bytes]
) -> tuple[str, bytes]:
    """Make the card of a day, and the invite secret that it holds.

    Args:
        day_key: public half of the access credential's key.
        keys: key of the day of each queue served.

    Raises:
        Refused: `form`: the credential is longer than a card.
    """
    nonce, card_key, secret = dice(_NONCE_BYTES), dice(_KEY_BYTES), dice(SECRET_BYTES)
    served = [_masked(card_key, keys[queue], nonce) for queue in sorted(keys)][:SLOTS]
    slots = b"".join(served) + dice(_KEY_BYTES * SLOTS)[: _SLOTS_BYTES - _KEY_BYTES * len(served)]
    text = day.to_bytes(4, "big") + day_key + secret + _parts(papers.identity)
    text += _gesture(papers.passkey)
    text += papers.device_key.sign(hashed("card", nonce, slots, text))
    body = AESGCM(card_key).encrypt(_ONCE, pad(text, (_TEXT_BYTES,)), _about(nonce))
    return encode(_VERSION + nonce + slots + body), secret


def read(
    card: str, keys: QueueKeys, check_identity: CheckIdentity, revocations: str, now: float
) -> Colleague:
    """Say whose card this is, on the word of the own union.

    Args:
        revocations: the own union's list.

    Raises:
        Refused: `form`, `card`, `identity`, `revoked`, `passkey`.
    """
    data = _bytes(card)
    if len(data) != CARD_BYTES or data[:1] != _VERSION:
        raise Refused("form")
    nonce, slots, body = _cut(data[1:], _NONCE_BYTES, _SLOTS_BYTES)
    opened = next(_openings(nonce, slots, body, keys, now), None)
    if opened is None:
        raise Refused("card")
    day, padded = opened
    text = unpad(padded, (_TEXT_BYTES,))
    signed, signature = text[:-SIGNATURE_BYTES], text[-SIGNATURE_BYTES:]
    said_day, day_key, secret, rest = _cut(signed, 4, PUBLIC_KEY_BYTES, SECRET_BYTES)
    header, rest = _take(rest)
    claims, rest = _take(rest)
    jws_signature, rest = _cut(rest, SIGNATURE_BYTES)
    credential = ".".join(map(encode, (header, claims, jws_signature)))
    gesture = _read_gesture(rest)
    if int.from_bytes(said_day, "big") != day:
        raise Refused("card")
    doctor = check_identity(credential, revocations)
    if not is_signed(hashed("card", nonce, slots, signed), signature, doctor.device_key):
        raise Refused("card")
    passkeys.check(gesture, doctor.passkey, doctor.device_key, doctor.audience, doctor.judged_at)
    return Colleague(doctor, thumb(day_key), day_key, secret)


def is_on(day: int, now: float) -> bool:
    """Tell whether a day of duty is on: two are, from four to ten in the morning."""
    return DAY_BEGINS_S - SKEW_S <= now - day * DAY_S < DAY_ENDS_S


def _openings(
    nonce: bytes, slots: bytes, body: bytes, keys: QueueKeys, now: float
) -> Iterator[tuple[int, bytes]]:
    """Yield what the body opens to, and under a key of which day."""
    for day, queues in keys.items():
        if not is_on(day, now):
            continue
        for key in queues.values():
            for slot in _cut(slots, *[_KEY_BYTES] * (SLOTS - 1)):
                try:
                    card_key = _masked(slot, key, nonce)
                    yield day, AESGCM(card_key).decrypt(_ONCE, body, _about(nonce))
                except InvalidTag:
                    continue


def _masked(text: bytes, queue_key: bytes, nonce: bytes) -> bytes:
    mask = expand(extract(nonce, queue_key), "card slot", _KEY_BYTES)
    return bytes(x ^ y for x, y in zip(text, mask, strict=True))


def _about(nonce: bytes) -> bytes:
    return NAME + b"card" + nonce


def _parts(identity: str) -> bytes:
    """Take a credential apart: its bytes are a quarter fewer than its characters."""
    header, claims, signature = map(_bytes, identity.split("."))
    return framed(header) + framed(claims) + signature


def _gesture(gesture: Assertion | None) -> bytes:
    parts = (gesture.data, gesture.client, gesture.signature) if gesture else (b"", b"", b"")
    return b"".join(map(framed, parts))


def _read_gesture(text: bytes) -> Assertion | None:
    data, rest = _take(text)
    client, rest = _take(rest)
    signature, rest = _take(rest)
    if rest:
        raise Refused("form")
    if not data and not client and not signature:
        return None
    if not DATA_MIN_BYTES <= len(data) <= DATA_MAX_BYTES:
        raise Refused("form")
    if not 1 <= len(client) <= CLIENT_MAX_BYTES:
        raise Refused("form")
    if not SIGNATURE_MIN_BYTES <= len(signature) <= SIGNATURE_MAX_BYTES:
        raise Refused("form")
    return Assertion(data, client, signature)


def _take(text: bytes) -> tuple[bytes, bytes]:
    """Cut lp(x) off."""
    size = int.from_bytes(text[:4], "big")
    if len(text) < 4 + size:
        raise Refused("form")
    return text[4 : 4 + size], text[4 + size :]


def _cut(text: bytes, *sizes: int) -> Iterator[bytes]:
    """Cut parts of these sizes off; the last one is what is left, and may be nothing."""
    for size in sizes:
        yield text[:size]
        text = text[size:]
    yield text


def _bytes(text: str) -> bytes:
    try:
        return decode(text)
    except ValueError:
        raise Refused("form") from None
