"""The doorstep: a connection enters when it has said a whole HTTP head, and in time.

A door. aiohttp waits for a first request without end; a flooder would hold descriptors
that way with nothing at all. Here a connection has `greet_within_s` for its head, of at
most `HEAD_MAX_BYTES`, and only so many may stand on the step at once; then it is handed
to aiohttp, which never learns that it waited. What begins as STUN does is the relay's, where
that shares the port.
"""

import asyncio
from collections.abc import Callable
from typing import Literal, cast

from .journal import Journal
from .settings import Settings

HEAD_MAX_BYTES = 16 * 1024
"""Twice what browsers send at most; aiohttp's own bound for a header line is 8 KiB."""

STUN = b"\0"
"""How a STUN request begins (RFC 8489 §5); a request for a page begins with a letter."""

_END_OF_HEAD = b"\r\n\r\n"


class Doorstep:
    """Makes the guard of each new connection.

    Args:
        factory: makes the protocol that a connection is handed to.
        inside: counts the connections that were handed on and are still open.
        beside: makes the protocol of connections that are no HTTP but STUN, where the relay
            shares this port.
    """

    def __init__(
        self,
        factory: Callable[[], asyncio.Protocol],
        inside: Callable[[], int],
        settings: Settings,
        journal: Journal,
        beside: Callable[[], asyncio.Protocol] | None = None,
    ) -> None:
        self.factory = factory
        self.beside = beside
        self.inside = inside
        self.journal = journal
        self.settings = settings
        self.standing: dict[_Guard, None] = {}
        """In the order of their coming."""

    def __call__(self) -> asyncio.Protocol:
        """Return the guard of one connection."""
        return _Guard(self)


class _Guard(asyncio.Protocol):
    def __init__(self, step: Doorstep) -> None:
        self._step = step
        self._head = bytearray()
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not of asyncio's classes, but have the same methods.
        self._transport = cast(asyncio.Transport, transport)
        if self._step.inside() >= self._step.settings.connections_max:
            self.turn_away("crowd")
            return
        if len(self._step.standing) >= self._step.settings.doorstep_max:
            # The one who has said nothing for longest makes room: who wants in speaks at once.
            next(iter(self._step.standing)).turn_away("crowd")
        self._step.standing[self] = None
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._step.settings.greet_within_s, self.turn_away, "silent")

    def data_received(self, data: bytes) -> None:
        self._head += data
        if self._head.startswith(b"\r\n"):
            # Empty lines before a request are allowed (RFC 9112 §2.2) and say nothing yet.
            self._head = self._head.lstrip(b"\r\n")
        if len(self._head) > HEAD_MAX_BYTES:
            self.turn_away("silent")
        elif self._step.beside is not None and self._head.startswith(STUN):
            self._hand_to(self._step.beside())
        elif _END_OF_HEAD in self._head:
            self._hand_to(self._step.factory())

    def _hand_to(self, protocol: asyncio.Protocol) -> None:
        self._leave()
        if self._transport is not None:
            self._transport.set_protocol(protocol)
            protocol.connection_made(self._transport)
            protocol.data_received(bytes(self._head))

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def turn_away(self, why: Literal["silent", "crowd"]) -> None:
        """Close without a word."""
        self._leave()
        if self._transport is not None:
            self._step.journal.count("turned-away", why)
            self._transport.abort()

    def close(self) -> None:
        """Close because the server stops."""
        self._leave()
        if self._transport is not None:
            self._transport.close()

    def _leave(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._step.standing.pop(self, None)
