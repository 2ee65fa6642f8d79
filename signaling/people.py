"""Who sits behind a socket, who came in, and how the house says no. Pure values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .addresses import of_doctor, of_ticket
from .conversation import State
from .encoding import encode
from .messages import (
    Accepted,
    Called,
    Id,
    Joined,
    MemberRole,
    Proposed,
    RefusalCode,
    Relay,
    ServerMessage,
)
from .passes import BadPass, Pass, Passbook
from .store import CallRecord

NO_KEY = encode(bytes(16))
"""In a guest's invitation, where the holder is not known yet."""


class Refusal(Exception):
    """The house says no. `code` is documented under the message in PROTOCOL.md."""

    def __init__(self, code: RefusalCode, retry_s: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retry_s = retry_s


@dataclass(frozen=True, slots=True)
class Person:
    """Who sits behind one socket, as far as the server knows.

    Attributes:
        role: as which the person entered.
        key: thumbprint of the holder's key; a doctor's post is addressed to it.
        queues: those a doctor may serve; the one a patient is or was in.
        ticket: a waiting patient's.
        session, member: a seat, once there is one.
        called_until: the deadline of the call that the person was told of last, while it runs.
    """

    role: MemberRole
    key: str
    queues: tuple[str, ...] = ()
    ticket: Id | None = None
    session: Id | None = None
    member: Id | None = None
    called_until: float | None = None

    @property
    def is_doctor(self) -> bool:
        """Tell whether the person entered by a doctor's credential."""
        return self.role in ("doctor", "colleague")

    @property
    def address(self) -> str | None:
        """Where this person's own post goes while outside a session."""
        if self.is_doctor:
            return of_doctor(self.key)
        return of_ticket(self.ticket) if self.ticket is not None else None

    def told(self, message: ServerMessage) -> "Person":
        """Return the person after having been told something."""
        if isinstance(message, Accepted):
            told = replace(self, ticket=None, called_until=None)
            return replace(told, session=message.session, member=message.member)
        if isinstance(message, Called | Proposed):
            return replace(self, called_until=message.deadline)
        if message.type == "ended" and message.what == "call":
            return replace(self, called_until=None)
        if message.type == "ended" and message.what == "session":
            return replace(self, session=None, member=None)
        return self


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody came in: who, in which state of the conversation, and what to answer."""

    person: Person
    state: State
    answers: Sequence[ServerMessage]

    @property
    def accepted(self) -> Accepted | None:
        """The seat, when the way in led back into a session."""
        return next((a for a in self.answers if isinstance(a, Accepted)), None)


def joined_as(person: Person, now: float, relay: Relay | None = None) -> Joined:
    """Return the greeting of somebody who needs no pass: the credential is the way back."""
    return Joined(queues=person.queues if person.is_doctor else (), relay=relay, now=now)


def called(call: CallRecord, m1: str, relay: Relay | None) -> Called:
    """Return what a doctor is told of a call."""
    return Called(call=call.id, ticket=call.ticket, m1=m1, relay=relay, deadline=call.deadline)


def own_pass(passbook: Passbook, token: str, key: str, now: float) -> Pass:
    """Read a pass of the holder of `key`, or an invitation for whoever comes.

    Raises:
        Refusal: `not-admitted` (not ours, or not this holder's), `expired`.
    """
    try:
        pass_ = passbook.read(token, now)
    except BadPass as bad:
        raise Refusal(bad.code) from None
    if pass_.key not in (key, NO_KEY):
        raise Refusal("not-admitted")
    return pass_
