"""What can go wrong for a peer: one plain sentence each, without anything of a person in it.

Pure. `code` is for machines, the sentence for whoever started the peer.
"""

from .sealing import Code, Refused


class PeerError(Exception):
    """A peer could not do what it was asked."""


class BadLink(PeerError):
    """The address is not a consultation link or a doctor's page."""


class NotReached(PeerError):
    """No socket could be opened, or it was lost and did not come back in time."""


class Turned(PeerError):
    """The server refused. `code` is the wire's."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"The server refused: {text}")
        self.code = code

    @property
    def is_nobody_yet(self) -> bool:
        """Tell whether a doctor may soon get a patient by asking again."""
        return self.code in ("no-patient", "rebuilding", "unavailable")


class Replaced(PeerError):
    """A newer socket took over; this peer does not fight back."""


class TooLate(PeerError):
    """What was awaited did not come in time."""


class Over(PeerError):
    """The wait, the call or the session ended while something else was awaited.

    `outcome` is the wire's.
    """

    def __init__(self, what: str, outcome: str) -> None:
        super().__init__(f"The {what} ended: {outcome}.")
        self.what = what
        self.outcome = outcome


class NotEnrolled(PeerError):
    """No union vouches for this doctor's keys now, or none that is trusted here."""


class NotVouchedFor(PeerError):
    """What holds the far end to its word did not hold. `code` is the seal's."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(str(refused))
        self.code: Code = refused.code


class FarEndFailed(PeerError):
    """The far end said something that is not in order, or could not be reached."""
