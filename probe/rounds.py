"""One round of the probe: a consultation over one path, step by step.

Pure. A round is about nobody: both ends are the probe's own, and a round carries no address,
no id and no text of the service, only codes of the closed lists below.

The paths and steps are those that the status page shows, in this order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Path = Literal["direct", "udp", "tcp", "tls"]
PATHS: Final[tuple[Path, ...]] = ("direct", "udp", "tcp", "tls")
"""Without the relay where the service allows it, and by each transport of the relay's."""

Step = Literal[
    "page", "socket", "queue", "claim", "seal", "ice", "dtls", "frame", "media", "hang-up",
    "nothing-left",
]  # fmt: skip
STEPS: Final[tuple[Step, ...]] = (
    "page",  # both pages are handed out
    "socket",  # the doctor's socket is open, and he is let in and on duty
    "queue",  # the patient has a place, first in the probe's queue
    "claim",  # the doctor's call has reached the patient
    "seal",  # accepted; both ends hold the same keys
    "ice",  # the path is found
    "dtls",  # it is encrypted, and to nobody else
    "frame",  # each end has read the other's picture
    "media",  # some seconds of picture and tone, with what was lost of them
    "hang-up",  # both ends know that it is over
    "nothing-left",  # the probe's queue is empty again
)

Why = Literal[
    "refused", "timeout", "closed", "unreached", "relay-full", "certificate", "wrong-picture",
    "unsealed", "not-empty", "no-relay", "expired", "internal",
]  # fmt: skip
WHYS: Final[tuple[Why, ...]] = (
    "refused",  # the service answered, and said no
    "timeout",  # no answer in time
    "closed",  # a socket or a path was closed or lost meanwhile
    "unreached",  # nobody listens there
    "relay-full",  # the relay answered 486 or 508 (RFC 8656 §7.2)
    "certificate",  # of TLS: of another name, expired, or of nobody known
    "wrong-picture",  # what arrived is not what the other end sent
    "unsealed",  # what holds the ends to each other did not hold
    "not-empty",  # somebody, or something, is in the probe's queue
    "no-relay",  # the relay has no address for this path
    "expired",  # the probe's own credential or link is over
    "internal",  # the probe itself failed
)


@dataclass(frozen=True, slots=True)
class Round:
    """How one consultation went.

    Attributes:
        path: over which path.
        node: the name of the node that was asked.
        at: when it began, in seconds since 1970.
        steps: milliseconds of each step that was taken.
        failed: the first step that was not; None if all were.
        why: a code of `WHYS`; None if nothing failed.
        loss: what share of the packets of media was lost, from 0 to 1.
        jitter_ms: how unevenly they came: the worst of the streams (RFC 3550 §6.4.1).
        certificate_ends: until when the node's certificate is good, in seconds since 1970;
            None without TLS.
    """

    path: Path
    node: str
    at: float
    steps: Mapping[Step, float] = field(default_factory=dict)
    failed: Step | None = None
    why: Why | None = None
    loss: float | None = None
    jitter_ms: float | None = None
    certificate_ends: float | None = None

    @property
    def is_ok(self) -> bool:
        """Whether every step was taken."""
        return self.failed is None

    @property
    def first_frame_ms(self) -> float | None:
        """From opening the page to the first picture; None if there was none."""
        until = STEPS.index("frame") + 1
        if any(step not in self.steps for step in STEPS[:until]):
            return None
        return sum(self.steps[step] for step in STEPS[:until])
