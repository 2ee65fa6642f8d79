"""The letters that two ends write to each other inside the seal's records.

Pure. A letter that parses is well-formed, not to be believed: whether its connection is
the right one is `patient.py`'s and `doctor.py`'s to ask. What opens a session and what
seals a letter is `sealed.py`'s and `channel.py`'s.

The table is in `clients/README.md`. Unknown keys and unknown kinds are ignored.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signaling.messages import ENVELOPE_MAX_CHARS, Id

# A page gathers a handful; a machine with many addresses gathers dozens.
CANDIDATES_MAX = 64

Line = Annotated[str, Field(max_length=1024)]
# Base64url makes four characters of three bytes.
Sdp = Annotated[str, Field(min_length=1, max_length=ENVELOPE_MAX_CHARS * 3 // 4)]


class BadLetter(ValueError):
    """The text is not a letter. Its sentence carries nothing of the text."""


class _Letter(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class Card(_Letter):
    """What a patient is shown of the doctor."""

    name: Annotated[str, Field(max_length=200)]
    specialty: Annotated[str, Field(max_length=200)]


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


Letter = Description | Candidates | Again

_LETTER: TypeAdapter[Letter] = TypeAdapter(Annotated[Letter, Field(discriminator="t")])
_KINDS = {"description", "candidates", "again"}


def write(letter: Letter) -> str:
    """Write a letter as the text of a record; absent fields are left out."""
    return letter.model_dump_json(exclude_none=True)


def understood(text: str) -> Letter | None:
    """Read a letter; None, too, for what says nothing that we understand.

    It is the far end's own word, under seal: no reason to end anything.
    """
    try:
        return read(text)
    except BadLetter:
        return None


def read(text: str) -> Letter | None:
    """Read a letter; None for a kind that a newer far end may have added.

    Raises:
        BadLetter: not JSON, no kind, or a kind without what belongs to it.
    """
    try:
        value = json.loads(text)
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
