"""The letters that two ends write to each other inside the wire's opaque bodies.

Pure. A letter that parses is well-formed, not to be believed: whether its nonce, its
connection or its resume code are the right ones is `patient.py`'s and `doctor.py`'s to ask.
Letters are not sealed yet; sealing replaces `write` and `read` and nothing else.

The table is in `clients/README.md`. Unknown keys and unknown kinds are ignored.
"""

import base64
import binascii
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signaling.messages import ENVELOPE_MAX_CHARS, Id

# A page gathers a handful; a machine with many addresses gathers dozens.
CANDIDATES_MAX = 64

Line = Annotated[str, Field(max_length=1024)]
# Base64url makes four characters of three bytes.
Sdp = Annotated[str, Field(min_length=1, max_length=ENVELOPE_MAX_CHARS * 3 // 4)]
ResumeMac = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class BadLetter(ValueError):
    """The body is not a letter. Its sentence carries nothing of the body."""


class _Letter(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Card(_Letter):
    """What a patient is shown of the doctor."""

    name: Annotated[str, Field(max_length=200)]
    specialty: Annotated[str, Field(max_length=200)]


class M1(_Letter):
    t: Literal["m1"] = "m1"
    nonce: Id
    resume: ResumeMac | None = None


class M2(_Letter):
    t: Literal["m2"] = "m2"
    nonce: Id
    card: Card
    connection: Id
    restarts: bool
    offer: Sdp


class M3(_Letter):
    t: Literal["m3"] = "m3"
    nonce: Id
    resume: Id
    restarts: bool
    answer: Sdp


class Ready(_Letter):
    """The M3 was in order; before it a patient names no address."""

    t: Literal["ready"] = "ready"


class Description(_Letter):
    t: Literal["description"] = "description"
    connection: Id
    type: Literal["offer", "answer"]
    sdp: Sdp


class Candidate(_Letter):
    """As RTCIceCandidate's toJSON writes it; an empty `candidate` is the last one."""

    candidate: Line
    sdpMid: Line | None = None
    sdpMLineIndex: Annotated[int, Field(ge=0, lt=CANDIDATES_MAX)] | None = None


class Candidates(_Letter):
    t: Literal["candidates"] = "candidates"
    connection: Id
    candidates: Annotated[tuple[Candidate, ...], Field(max_length=CANDIDATES_MAX, strict=False)]


class Again(_Letter):
    """The path is broken; please offer a new connection."""

    t: Literal["again"] = "again"


class Knock(_Letter):
    """The doctor's page lost its keys; please send a fresh M1."""

    t: Literal["knock"] = "knock"


Letter = M1 | M2 | M3 | Ready | Description | Candidates | Again | Knock

_LETTER: TypeAdapter[Letter] = TypeAdapter(Annotated[Letter, Field(discriminator="t")])
_KINDS = {"m1", "m2", "m3", "ready", "description", "candidates", "again", "knock"}


def write(letter: Letter) -> str:
    """Write a letter as an opaque body; absent fields are left out."""
    return to_base64url(letter.model_dump_json(exclude_none=True).encode())


def read(body: str) -> Letter | None:
    """Read a letter; None for a kind that a newer far end may have added.

    Raises:
        BadLetter: not base64url, not JSON, no kind, or a kind without what belongs to it.
    """
    try:
        value = json.loads(from_base64url(body))
    except (ValueError, RecursionError):
        raise BadLetter("not a letter") from None
    kind = value.get("t") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        raise BadLetter("a letter without a kind")
    if kind not in _KINDS:
        return None
    try:
        return _LETTER.validate_python(value)
    except ValidationError:
        # `from None`: pydantic's error quotes the letter.
        raise BadLetter(f"not a letter of kind {kind}") from None


def to_base64url(data: bytes) -> str:
    """RFC 4648 §5 (Base-N Encodings), without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The inverse of `to_base64url`.

    Raises:
        ValueError: another alphabet, padding, or an impossible length.
    """
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        data = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("not base64url") from None
    if to_base64url(data) != text:
        raise ValueError("not base64url")
    return data
