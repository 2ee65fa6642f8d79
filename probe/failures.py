"""Why a step was not taken: from what a peer says to one of our own words.

Pure. Nothing of what was said goes on but the word.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from clients.peer.errors import (
    NotEnrolled,
    NotReached,
    NotVouchedFor,
    PeerError,
    TooLate,
    Turned,
)
from clients.peer.relays import Space

from .rounds import Why


class Failed(Exception):
    """A step was not taken, for this reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


WHY_NO_SPACE: Final[Mapping[Space, Why]] = MappingProxyType(
    {
        "full": "relay-full",
        "refused": "refused",
        "unreached": "unreached",
        "silent": "timeout",
        "certificate": "certificate",
        "none": "no-relay",
    }
)
"""What a relay answered to whoever found no address there. One that gave is not to blame."""


def why_of(failure: BaseException) -> Why:
    """Say why something failed."""
    match failure:
        case Failed():
            return failure.why
        case BaseExceptionGroup():  # two ends at once: the first to fail says why
            return why_of(failure.exceptions[0])
        case TimeoutError() | TooLate():
            return "timeout"
        case Turned(code="expired") | NotEnrolled():
            return "expired"
        case Turned():
            return "refused"
        case NotVouchedFor():
            return "unsealed"
        case NotReached():
            return "unreached"
        case PeerError():
            return "closed"
        case _:
            return "internal"
