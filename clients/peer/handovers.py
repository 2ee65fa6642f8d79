"""Handing a patient over: the letters that say who would go on, and what an end heard of it.

Pure. A name in one of them is the word of who sealed it, until a colleague's own M2 proves it.

`clients/SCEAU.md` §11, *Hand over*. Unknown keys and kinds are ignored.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from signaling.encoding import encode
from signaling.messages import Id

from .introductions import Ask
from .sealed_letters import Role
from .sealing import Refused, read_object, utf8

NAME_MAX_CHARS = 200
NOTE_MAX_CHARS = 4000

_Name = Annotated[str, Field(max_length=NAME_MAX_CHARS)]


class _Letter(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class HandOver(_Letter):
    """To the patient: the doctor would leave; this colleague would go on, if one is named."""

    t: Literal["handover"] = "handover"
    member: Id | None = None
    name: _Name | None = None
    specialty: _Name | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "HandOver":
        if len({self.member is None, self.name is None, self.specialty is None}) > 1:
            raise ValueError("a colleague has a seat, a name and a specialty")
        return self


class Choice(_Letter):
    """To the first doctor: the colleague at this seat, or the queue."""

    t: Literal["choice"] = "choice"
    choice: Literal["colleague", "queue"]
    member: Id | None = None

    @model_validator(mode="after")
    def _names_whom(self) -> "Choice":
        if (self.choice == "colleague") != (self.member is not None):
            raise ValueError("a colleague is chosen by his seat")
        return self


class Note(_Letter):
    """To the colleague: what he must know."""

    t: Literal["note"] = "note"
    text: Annotated[str, Field(max_length=NOTE_MAX_CHARS, repr=False)]


Letter = HandOver | Choice | Note

_LETTER: TypeAdapter[Letter] = TypeAdapter(Annotated[Letter, Field(discriminator="t")])
_KINDS = {"handover", "choice", "note"}


def write(letter: Letter) -> str:
    """Write a letter as the text of a record; absent fields are left out."""
    return letter.model_dump_json(exclude_none=True)


def read(text: str) -> Letter | None:
    """Read a letter; None for a kind that is not of these.

    Raises:
        Refused: `form`.
    """
    value = read_object(utf8(text))
    kind = value.get("t")
    if not isinstance(kind, str):
        raise Refused("form")
    if kind not in _KINDS:
        return None
    try:
        return _LETTER.validate_python(value)
    except ValidationError:
        # `from None`: pydantic's error quotes the letter.
        raise Refused("form") from None


@dataclass(frozen=True, slots=True)
class Offer:
    """A colleague who would go on, as the patient is shown him.

    Attributes:
        seat: the colleague's.
        by: seat of the doctor who says so.
        ask: by which the patient asks him; None before it has come.
    """

    seat: Id
    by: Id
    name: str
    specialty: str
    ask: Ask | None = field(default=None, repr=False)


@dataclass
class Heard:
    """What an end of a session heard of a hand over.

    Attributes:
        offer: a patient's: who would go on.
        leaving: a patient's: seat of the doctor who would leave, so that the queue may be chosen.
        choice: a doctor's: what the patient chose.
        declined: a doctor's: seats of colleagues whom the patient did not want.
        note: a colleague's: what he must know.
    """

    offer: Offer | None = None
    leaving: Id | None = None
    choice: Choice | None = None
    declined: set[Id] = field(default_factory=set)
    note: str | None = None

    def hears(self, sender: Id, role: Role | None, own: Role, letter: Letter) -> None:
        """Note a letter, where its sender may say so; anybody else's is passed over."""
        match letter:
            case HandOver() if (own, role) == ("patient", "doctor"):
                self.leaving, self.offer = sender, None
                if letter.member is not None:
                    name, specialty = letter.name or "", letter.specialty or ""
                    self.offer = Offer(letter.member, sender, name, specialty)
            case Choice() if (own, role) == ("doctor", "patient"):
                self.choice = letter
            case Note() if (own, role) == ("doctor", "doctor"):
                self.note = letter.text if self.note is None else self.note

    def hears_of(self, sender: Id, ask: Ask) -> None:
        """Note by what the patient asks a colleague: only after he has chosen him."""
        seat, before = encode(ask.far.seat), self.offer
        is_named = before is not None and before.seat == seat and before.by == sender
        name, specialty = (before.name, before.specialty) if before and is_named else ("", "")
        self.offer = Offer(seat, sender, name, specialty, ask)

    def is_gone(self, seat: Id) -> None:
        """Forget a colleague who has left."""
        if self.offer is not None and self.offer.seat == seat:
            self.offer = None
        if self.leaving == seat:
            self.leaving = None
