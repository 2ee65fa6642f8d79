"""Send indications, read where they lie: what `Relay.forward` does not read by itself.

Pure. It reads those that clients send and is sure of: one XOR-PEER-ADDRESS and one DATA in
either order, and perhaps a FINGERPRINT. Everything else is for `stun.parse`.

RFC 8656 §11.1; RFC 8489 §14.2 for how an address is hidden.
"""

import struct
from collections.abc import Mapping
from typing import TypeAlias, TypeVar

from . import stun
from .stun import Attr

# Of IPv4 the twelve bytes of XOR-PEER-ADDRESS, which are the same in every message. Those of
# IPv6 are hidden with the transaction too: the number that they are when they are shown.
PeerKey: TypeAlias = bytes | int

_HEAD = struct.Struct(">HH")
_DATA, _PEER = int(Attr.DATA), int(Attr.XOR_PEER_ADDRESS)
_COOKIE_BYTES = stun.COOKIE.to_bytes(4, "big")
_IPV4_BYTES = 8
_To = TypeVar("_To")


def peer_key(value: bytes, transaction: bytes) -> PeerKey:
    """Say by what a peer is found whose address has been read from this XOR-PEER-ADDRESS."""
    whole = stun.attribute(Attr.XOR_PEER_ADDRESS, value)
    return whole if len(value) == _IPV4_BYTES else _shown(whole, _COOKIE_BYTES + transaction)


def read(known: Mapping[PeerKey, _To], message: memoryview) -> tuple[_To, int, int] | None:
    """Find out to whom of those known it goes, where its payload begins and how long it is.

    The header has been read: it is a Send indication of this length. None: let it be parsed.
    """
    at, end = stun.HEADER_BYTES, len(message)
    to, payload_at, payload_size = None, 0, 0
    for _ in range(2):
        if at + 4 > end:
            return None
        type_, length = _HEAD.unpack_from(message, at)
        after = at + 4 + length + -length % 4
        if after > end:
            return None
        if type_ == _DATA and not payload_at:
            payload_at, payload_size = at + 4, length
        elif type_ == _PEER and to is None:
            peer = message[at:after]
            to = known.get(bytes(peer) if length == _IPV4_BYTES else _shown(peer, message[4:20]))
            if to is None:
                return None
        else:
            return None
        at = after
    if to is None or (at != end and not stun.is_fingerprint(message, at)):
        return None
    return to, payload_at, payload_size


def _shown(attribute: bytes | memoryview, hidden_by: bytes | memoryview) -> int:
    # The address is the end of the attribute, and as long as cookie and transaction.
    return int.from_bytes(attribute, "big") ^ int.from_bytes(hidden_by, "big")
