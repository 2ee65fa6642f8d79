"""Passes envelopes between the members of a session, blind.

Pure, and meant to be read first: an envelope is an address and bytes that this file
cannot open. No key, no import that could open anything, no log, no copy kept. What an
envelope may weigh is `messages.ENVELOPE_MAX_CHARS`; how many may come is the socket's
pace.

A `Desk` belongs to one socket whose person sits in a session. The server gives it what
`accepted` said; it answers where an envelope goes, or refuses.
"""

from .addresses import of_seat
from .messages import Accepted, Envelope, Id


class NoSession(Exception):
    """An envelope outside a session, or to nobody in it."""


class Desk:
    """Where one socket's envelopes are addressed. Empty until its person has a seat."""

    __slots__ = ("_far_ends", "_member", "_session")

    def __init__(self) -> None:
        self._session: Id | None = None
        self._member: Id | None = None
        self._far_ends: frozenset[Id] = frozenset()

    @property
    def address(self) -> str | None:
        """Where this person's own post is delivered, while seated."""
        if self._session is None or self._member is None:
            return None
        return of_seat(self._session, self._member)

    def seat(self, accepted: Accepted) -> None:
        """Take the session, the person's own seat and the far ends from what he is told."""
        self._session = accepted.session
        self._member = accepted.member
        self._far_ends = frozenset(
            other.member for other in accepted.members if other.member != accepted.member
        )

    def clear(self) -> None:
        """Forget the session: it is over for this person."""
        self.__init__()  # type: ignore[misc] # back to empty, all of it

    def forward(self, envelope: Envelope) -> tuple[str, Envelope]:
        """Readdress an envelope: from whom it is, and the address that it goes to.

        Raises:
            NoSession: the sender has no seat, or the addressee none in the same session.
        """
        if self._session is None or self._member is None:
            raise NoSession
        if envelope.member not in self._far_ends:
            raise NoSession
        far_end = of_seat(self._session, envelope.member)
        return far_end, Envelope(member=self._member, body=envelope.body)
