"""What the relay's core is told and what it answers: values, nothing that happens.

Pure. The doors make a `Source` of each client's address and carry out effects in the order
in which they are given.
"""

from typing import Literal, NamedTuple

Transport = Literal["udp", "tcp", "tls"]


class Source(NamedTuple):
    """A client as the relay sees it: one half of the five-tuple, and which of our doors it used.

    A plain tuple inside, because the hot path looks it up for every packet.

    Attributes:
        listener: tells our own addresses apart where there are several of one transport.
    """

    transport: Transport
    ip: str
    port: int
    listener: int = 0


class Send(NamedTuple):
    """Send bytes to a client: one datagram, or one more message of its stream (padded)."""

    to: Source
    data: bytes


class Close(NamedTuple):
    """Close a client's stream, after what was sent to it before."""

    stream: Source


class Opened(NamedTuple):
    """An allocation began: its packets may come from now on. Nothing has to be done."""

    source: Source


class Gone(NamedTuple):
    """An allocation ended, for whatever reason. `forward` knows the source no longer.

    The port that was opened for it is closed.
    """

    source: Source


class OpenPort(NamedTuple):
    """Open a UDP port for a client: the first of these that the system gives.

    Of an open relay only. `OpenRelay.port_opened` is told which, before anything else is.
    """

    source: Source
    ip: str
    ports: tuple[int, ...]


class ToPeer(NamedTuple):
    """Send a datagram from a client's port to a peer outside. Of an open relay only."""

    source: Source
    peer: tuple[str, int]
    data: bytes


Effect = Send | Close | Opened | Gone | OpenPort | ToPeer
