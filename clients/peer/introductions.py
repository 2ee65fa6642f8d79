"""What is said in a session of more than two: who should ask whom, and who knows whom.

Pure: `dice` is an argument. It makes and reads letters; what becomes of them is `invites.py`'s
and `rosters.py`'s. A letter that reads well is the word of who sealed it, and no more.

`clients/SCEAU.md` §11, *The inviter* and *Rosters*. Unknown keys and kinds are ignored.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signaling.encoding import decode, encode
from signaling.messages import Id, Key

from .invites import ID_BYTES, Expected, Invite
from .rosters import Entry, Gathering
from .sealed_letters import PSK_BYTES, Psk, Role
from .sealing import Dice, Refused, read_object, utf8


class _Letter(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class _Entry(_Letter):
    member: Id
    role: Role
    key: Key

    @property
    def entry(self) -> Entry:
        return Entry(decode(self.member), self.role, decode(self.key))


class _Introduction(_Entry):
    invite: Id
    psk: Psk

    @property
    def invitation(self) -> Invite:
        return Invite(decode(self.invite), self.psk)


class _Ask(_Introduction):
    t: Literal["ask"]


class _Expect(_Introduction):
    t: Literal["expect"]
    holder: Key | None = None


class _Declined(_Letter):
    t: Literal["declined"]
    member: Id


class _Roster(_Letter):
    t: Literal["roster"]
    members: Annotated[tuple[_Entry, ...], Field(strict=False)]


_LETTER: TypeAdapter[_Ask | _Expect | _Declined | _Roster] = TypeAdapter(
    Annotated[_Ask | _Expect | _Declined | _Roster, Field(discriminator="t")]
)
_KINDS = {"ask", "expect", "declined", "roster"}


@dataclass(frozen=True, slots=True)
class Ask:
    """To who asks: whom, and with which invitation."""

    far: Entry
    invite: Invite = field(repr=False)


@dataclass(frozen=True, slots=True)
class Expect:
    """To who answers: who will ask.

    Attributes:
        holder: thumbprint under which M1 is signed.
    """

    far: Entry
    invite: Invite = field(repr=False)
    holder: bytes

    @property
    def expected(self) -> Expected:
        """What the answering end opens for it."""
        return Expected(self.invite, self.far.role, self.holder, self.far.seat, self.far.key)


@dataclass(frozen=True, slots=True)
class Declined:
    """To who introduced: the patient does not want this doctor."""

    seat: bytes


@dataclass(frozen=True, slots=True)
class Roster:
    """To everybody: whom the sender knows."""

    members: tuple[Entry, ...]


Letter = Ask | Expect | Declined | Roster


def introduce(
    dice: Dice, newcomer: Entry, other: Entry, holder: bytes
) -> tuple[tuple[bytes, Ask], tuple[bytes, Expect]]:
    """Introduce a newcomer to a member: to whom goes which letter. `Expect` goes first.

    Of two, a doctor answers; of two doctors or two others, who was there before.

    Args:
        holder: thumbprint under which a newcomer who is a doctor signs M1.
    """
    invite = Invite(dice(ID_BYTES), dice(PSK_BYTES))
    asks, answers = newcomer, other
    if newcomer.role == "doctor" and other.role != "doctor":
        asks, answers = other, newcomer
    signs = holder if asks.role == "doctor" else asks.key
    return (asks.seat, Ask(answers, invite)), (answers.seat, Expect(asks, invite, signs))


def check(letter: Ask | Expect, sender: bytes, gathering: Gathering) -> None:
    """Check that this member may introduce this one.

    Raises:
        Refused: `token`: not a patient or doctor whom this end knows, or one who names a doctor
            and is none; `form`: of two, not the doctor would answer; `roster`: the one who is
            introduced cannot be in, as far as this end knows.
    """
    who = gathering.find(sender)
    if who is None or who.role == "guest":
        raise Refused("token")
    own, far = gathering.own.role, letter.far.role
    asks, answers = (own, far) if isinstance(letter, Ask) else (far, own)
    if isinstance(letter, Expect) and asks == "doctor" and who.role != "doctor":
        raise Refused("token")  # only a doctor brings a colleague
    if asks == "doctor" and answers != "doctor":
        raise Refused("form")  # who asks shows no identity
    gathering.check(letter.far)


def write(letter: Letter) -> str:
    """Write a letter as the text of a record."""
    return json.dumps(_fields(letter), separators=(",", ":"))


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
        letter = _LETTER.validate_python(value)
    except ValidationError:
        # `from None`: pydantic's error quotes the letter.
        raise Refused("form") from None
    match letter:
        case _Ask():
            return Ask(letter.entry, letter.invitation)
        case _Expect():
            if (letter.holder is None) == (letter.role == "doctor"):
                raise Refused("form")
            return Expect(letter.entry, letter.invitation, decode(letter.holder or letter.key))
        case _Declined():
            return Declined(decode(letter.member))
        case _Roster():
            return Roster(tuple(member.entry for member in letter.members))


def _fields(letter: Letter) -> dict[str, object]:
    match letter:
        case Ask(far, invite):
            return {"t": "ask", **_entry(far), **_invite(invite)}
        case Expect(far, invite, holder):
            signs = {"holder": encode(holder)} if far.role == "doctor" else {}
            return {"t": "expect", **_entry(far), **_invite(invite), **signs}
        case Declined(seat):
            return {"t": "declined", "member": encode(seat)}
        case Roster(members):
            return {"t": "roster", "members": _entries(members)}


def _entries(members: Iterable[Entry]) -> list[dict[str, str]]:
    return [_entry(member) for member in members]


def _entry(entry: Entry) -> dict[str, str]:
    return {"member": encode(entry.seat), "role": entry.role, "key": encode(entry.key)}


def _invite(invite: Invite) -> dict[str, str]:
    return {"invite": encode(invite.id), "psk": encode(invite.psk)}
