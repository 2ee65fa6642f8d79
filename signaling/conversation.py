"""What may be said next over one socket: tables, and nothing else.

Pure. Two rules, after h11: everything that decides what may follow what is in this
file; and this file knows neither store nor socket. A message outside the table is
refused `out-of-turn` and changes nothing.

Three tables. `MAY_SAY`: state -> what its person may send. `MOVED_BY_SAYING`: what a
person's own word changes at once. `MOVED_BY_HEARING`: what the waiting room does to a
person, when the message that tells it leaves for the socket. A session starts for both
when `accepted` reaches them, so a person is never in a state that he has not been told.

A patient's state *called*, between a doctor's claim and his proposal, is the store's
alone: the patient is told of it by `proposed`.
"""

from typing import Literal

from .messages import ClientMessage, Duty, Leave, ServerMessage

State = Literal[
    "new",
    "waiting",
    "proposed",
    "off",
    "on",
    "calling",
    "patient-in-session",
    "doctor-in-session",
    "guest-in-session",
    "gone",
]

MAY_SAY: dict[State, frozenset[str]] = {
    "new": frozenset({"join"}),
    "waiting": frozenset({"join", "renew", "leave queue"}),
    "proposed": frozenset({"renew", "accept", "leave call", "leave queue"}),
    "off": frozenset({"join", "renew", "duty"}),
    "on": frozenset({"join", "renew", "duty", "call"}),
    "calling": frozenset({"renew", "duty", "propose", "leave call"}),
    "patient-in-session": frozenset({"renew", "envelope", "invite", "leave session"}),
    "doctor-in-session": frozenset({"renew", "duty", "envelope", "invite", "leave session"}),
    "guest-in-session": frozenset({"renew", "envelope", "leave session"}),
    "gone": frozenset(),
}

MOVED_BY_SAYING: dict[tuple[State, str], State] = {
    ("off", "duty on"): "on",
    ("on", "duty off"): "off",
}

MOVED_BY_HEARING: dict[tuple[State, str], State] = {
    ("waiting", "proposed"): "proposed",
    ("proposed", "proposed"): "proposed",
    ("proposed", "ended call"): "waiting",
    ("waiting", "accepted"): "patient-in-session",
    ("proposed", "accepted"): "patient-in-session",
    ("waiting", "ended queue"): "gone",
    ("proposed", "ended queue"): "gone",
    ("patient-in-session", "ended session"): "gone",
    ("off", "accepted"): "doctor-in-session",
    ("on", "accepted"): "doctor-in-session",
    ("on", "called"): "calling",
    ("calling", "called"): "calling",
    ("calling", "ended call"): "on",
    ("calling", "accepted"): "doctor-in-session",
    ("doctor-in-session", "ended session"): "on",
    ("on", "ended duty"): "off",
    ("calling", "ended duty"): "off",
    ("guest-in-session", "ended session"): "gone",
}


class Conversation:
    """The state of one socket's talk. Starts at `new`; `entered` gives it a role."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state: State = "new"

    def may_say(self, message: ClientMessage) -> bool:
        """Tell whether the table lets this message come now."""
        return said(message) in MAY_SAY[self.state]

    def entered(self, state: State) -> None:
        """Place a person who has joined where the waiting room found him."""
        self.state = state

    def says(self, message: ClientMessage) -> None:
        """Move by a person's own word, once the waiting room has agreed to it."""
        word = f"duty {message.state}" if isinstance(message, Duty) else said(message)
        self.state = MOVED_BY_SAYING.get((self.state, word), self.state)

    def hears(self, message: ServerMessage) -> None:
        """Move by what the person is being told."""
        self.state = MOVED_BY_HEARING.get((self.state, heard(message)), self.state)


def said(message: ClientMessage) -> str:
    """Name a message as the tables do: its type, and what is left when it leaves."""
    return f"leave {message.what}" if isinstance(message, Leave) else message.type


def heard(message: ServerMessage) -> str:
    """Name a message of ours as the tables do."""
    return f"ended {message.what}" if message.type == "ended" else message.type
