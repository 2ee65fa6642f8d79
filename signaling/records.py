"""Records as text: what a store outside the process holds.

Pure. One kind of record, one JSON object; what one node packs, every other unpacks the same.
Reading is strict: a value that we would not have written like that is not read at all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import TypeAdapter

from .store import CallRecord, Doctor, Over, Session, Spent, StoreAway, Tally, Ticket, WayBack

# The largest holds an M1, or a card, of some thousand characters.
RECORD_MAX_CHARS = 65_536

_R = TypeVar("_R")


class BadRecord(StoreAway):
    """What is held is not a record as this version of the program writes it."""


@dataclass(frozen=True, slots=True)
class Start:
    """A call that was accepted, with its ticket, until its session stands."""

    call: CallRecord
    ticket: Ticket
    session: Session


@dataclass(frozen=True, slots=True)
class Wait:
    """Everything about one ticket, in one value: so each step of a wait is one swap.

    Attributes:
        ticket: None once it is accepted, or when somebody kept it from being made.
        call: the open call that holds it.
        start: the session that it becomes, until that stands.
        turn: raised to make a swap fail that somebody else may have begun.
    """

    ticket: Ticket | None = None
    call: CallRecord | None = None
    start: Start | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """What a counted link has cost, and the calls (call, ticket) that are about to be accepted."""

    spent: Spent
    pending: tuple[tuple[str, str], ...] = ()


PACKED = (Wait, Doctor, Session, WayBack, Account, Over, Tally)
"""Every kind of value that a store outside the process may hold."""

_ADAPTERS: Mapping[type, TypeAdapter[Any]] = MappingProxyType(
    {kind: TypeAdapter(kind) for kind in PACKED}
)


def pack(record: object) -> str:
    """Write a record."""
    fields = _ADAPTERS[type(record)].dump_python(record)
    return json.dumps(fields, default=sorted, separators=(",", ":"), allow_nan=False)


def skim(kind: type[_R], raw: str) -> _R:
    """Read a record's fields, each as it must be, and do not ask for others.

    A tenth of the work, for whoever reads many and then `unpack`s one.

    Raises:
        BadRecord: it is too long, or a field is missing or wrong.
    """
    if len(raw) > RECORD_MAX_CHARS:
        raise BadRecord(f"{len(raw)} characters")
    try:
        record: _R = _ADAPTERS[kind].validate_json(raw, strict=True)
    except ValueError:
        # Not passed on: its text would quote the record.
        raise BadRecord(kind.__name__) from None
    return record


def unpack(kind: type[_R], raw: str) -> _R:
    """Read a record of a kind.

    Raises:
        BadRecord: it is too long, or another's, or has a field too many or too few.
    """
    record = skim(kind, raw)
    try:
        # 3 is as good as 3.0; anything else that we would not write is not ours.
        is_ours = json.loads(pack(record)) == json.loads(raw)
    except ValueError:
        is_ours = False
    if not is_ours:
        raise BadRecord(kind.__name__)
    return record
