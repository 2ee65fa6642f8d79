"""Cut a client's stream into messages: STUN and ChannelData, told apart by two bits.

Pure. It reads lengths and nothing else, and holds at most one unfinished message.

RFC 8656 §3.1, §12.5: over TCP and TLS, ChannelData is padded to a multiple of four bytes
and the padding is not in its length. A stream begins with STUN, because a channel is asked
for before it is used: so the first byte tells it from a request for a page, whose letters
look like channels.
"""

import struct

from .errors import RelayError
from .stun import HEADER_BYTES

# What a datagram of IPv4 holds. More could not be written as a Data indication, whose length has
# 16 bits and counts its header's attributes too; nothing that a browser sends comes near it.
MESSAGE_MAX_BYTES = 65_507

_HEAD = struct.Struct(">HH")


class BadStream(RelayError):
    """What comes is neither STUN nor ChannelData. The stream cannot be read further."""


class Framer:
    """One stream's reader. After `BadStream` it is of no further use."""

    def __init__(self, max_bytes: int = MESSAGE_MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._held = bytearray()
        self._has_begun = False

    @property
    def held_bytes(self) -> int:
        """How much of an unfinished message is held."""
        return len(self._held)

    def feed(self, data: bytes) -> list[bytes]:
        """Take what arrived, give the messages that are whole, without their padding.

        Raises:
            BadStream: what was whole before it is lost with the stream.
        """
        held = self._held
        held += data
        messages, at = [], 0
        while len(held) - at >= 4:
            first, length = _HEAD.unpack_from(held, at)
            if first & 0xC000 == 0x4000 and self._has_begun:
                size = 4 + length
            elif first & 0xC000 == 0 and length % 4 == 0:
                size = HEADER_BYTES + length
            else:
                raise BadStream("neither STUN nor ChannelData")
            whole = size + -size % 4
            if whole > self._max_bytes:
                raise BadStream("a message is longer than the stream may hold")
            if len(held) - at < whole:
                break
            messages.append(bytes(held[at : at + size]))
            at += whole
            self._has_begun = True
        del held[:at]
        return messages
