"""The TURN server as a machine: bytes of a client and `now` in, effects out.

Pure. (RFC 8656, Traversal Using Relays around NAT.)
"""

from collections.abc import Callable, Iterable, Sequence

from .effects import Close, Effect, Gone, Opened, Send, Source, Transport

__all__ = ["HEADROOM", "Close", "Effect", "Gone", "Opened", "Relay", "Send", "Source", "Transport"]

# Bytes that a door leaves free in front of what it received, and behind it.
HEADROOM = 48
TAILROOM = 4


class Relay:
    """A TURN server without sockets. `now` is always seconds since 1970.

    Args:
        relayed: the relay's own address, given out with a virtual port; the first of each
            family counts.
        secrets: what relay passwords are made of; the current one first.
        dice: gives n random bytes.
    """

    def __init__(
        self, relayed: Sequence[str], secrets: Sequence[bytes], dice: Callable[[int], bytes]
    ) -> None:
        raise NotImplementedError

    def forward(
        self, source: Source, view: memoryview, size: int
    ) -> tuple[Source, memoryview] | None:
        """Move one packet without copying it: where it goes, and what goes there.

        The message lies in `view[HEADROOM : HEADROOM + size]`, with `TAILROOM` bytes behind
        it; headers are rewritten in place. None: not for this path, give it to `receive`.
        What goes to a stream is padded already.
        """
        raise NotImplementedError

    def receive(self, source: Source, data: bytes, now: float) -> list[Effect]:
        """Take one datagram, or one message cut from a stream by `framing`."""
        raise NotImplementedError

    def lost(self, source: Source) -> list[Effect]:
        """A stream was closed, by the client or the network: its allocation ends."""
        raise NotImplementedError

    def tick(self, now: float) -> list[Effect]:
        """Let time pass: at least once a second, even when nothing arrives."""
        raise NotImplementedError

    def bind(self, tags: Iterable[str]) -> None:
        """These tags, and no others, are one consultation now. Each leaves the one it was in."""
        raise NotImplementedError

    def unbind(self, tags: Iterable[str]) -> None:
        """These tags are of no consultation any more. Their allocations stay, and reach nobody."""
        raise NotImplementedError

    def rebind(self, consultations: Iterable[Iterable[str]]) -> None:
        """Exactly these consultations are bound: what a server says when it comes back."""
        raise NotImplementedError

    def end(self, tags: Iterable[str], now: float) -> list[Effect]:
        """Unbind tags, end their allocations at once and refuse their passwords from now on."""
        raise NotImplementedError

    def use_secrets(self, secrets: Sequence[bytes]) -> None:
        """Check passwords with these secrets from now on; the current one first."""
        raise NotImplementedError
