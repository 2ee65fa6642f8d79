"""What one peer can say of the way to its first far end: which relay, and what arrives.

Pure but for what the desk does for it. Figures of packets, no address of anybody.

RFC 3550 §6.4.1 (RTP) for loss and jitter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from signaling.messages import Relay

from .relays import Space

NO_RELAY = ""
"""Instead of a relay's address: the relay is not to be asked."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What has arrived of one far end so far.

    Attributes:
        received: packets of picture and sound.
        lost: packets that were sent and never came; a packet that came twice counts back.
        jitter_ms: how unevenly they come, of the stream where that is worst.
    """

    received: int
    lost: int
    jitter_ms: float

    def loss_since(self, earlier: "Arrived") -> float | None:
        """Say which share was lost since then, from 0 to 1; None where nothing was sent."""
        received, lost = self.received - earlier.received, max(0, self.lost - earlier.lost)
        return lost / (received + lost) if received + lost > 0 else None


class House(Protocol):
    """What is asked of a peer's desk."""

    relay_url: str | None

    def handed(self) -> Relay | None:
        """Give the relay that the server handed out, if any."""

    def found(self) -> int:
        """Count the addresses at which this end can be reached."""

    async def arrived(self) -> Arrived | None:
        """Say what has arrived; None without a connection."""

    async def asks_for_space(self, within_s: float) -> Space:
        """Ask the relay for what a connection asks of it."""


class Measuring:
    """One peer's measurements."""

    def __init__(self, house: House) -> None:
        self._house = house

    @property
    def relay(self) -> Relay | None:
        """The relay that the server handed out; None before that, or where there is none."""
        return self._house.handed()

    def goes_by(self, relay_url: str) -> None:
        """Say which of the relay's addresses the next connection uses; or `NO_RELAY`."""
        self._house.relay_url = relay_url

    @property
    def found(self) -> int:
        """At how many addresses this end can be reached, as far as it has found them."""
        return self._house.found()

    async def arrived(self) -> Arrived | None:
        """Say what has arrived so far; None without a connection."""
        return await self._house.arrived()

    async def asks_for_space(self, within_s: float) -> Space:
        """Ask the relay for what a connection asks of it, and give it back at once."""
        return await self._house.asks_for_space(within_s)


def arrived(reports: Sequence[Mapping[str, object]], rates: Mapping[str, int]) -> Arrived:
    """Sum up what receivers report; `rates` are the media's clocks, in hertz."""
    received = lost = 0
    jitters = [0.0]
    for report in reports:
        packets, missing, jitter = (
            report.get(name) for name in ("packetsReceived", "packetsLost", "jitter")
        )
        rate = rates.get(str(report.get("kind")))
        if isinstance(packets, int) and isinstance(missing, int) and isinstance(jitter, int):
            received, lost = received + packets, lost + missing
            if rate:
                jitters.append(jitter / rate * 1000)
    return Arrived(received, lost, max(jitters))
