"""STUN messages: bytes to value and back, their integrity and their fingerprint.

Pure, and strict: what does not add up is no message. It decides nothing; who may ask what
is `core`'s to say.

RFC 8489 (Session Traversal Utilities for NAT) §5, §14; the attributes of RFC 8656 §18.
SHA-256, USERHASH and PASSWORD-ALGORITHMS are left out: no browser sends them.
"""

import hashlib
import hmac
import ipaddress
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from .errors import RelayError

COOKIE = 0x2112A442
HEADER_BYTES = 20
MAC_BYTES = 20
# What a client sends has about ten; each costs time before anything is proven.
ATTRIBUTES_MAX = 64

_HEADER = struct.Struct(">HHI12s")
_ATTRIBUTE = struct.Struct(">HH")
_COOKIE_BYTES = COOKIE.to_bytes(4, "big")
_FINGERPRINT_XOR = 0x5354554E
# RFC 8489 §5: the class is the bits of 0x0110, the method is what remains.
_KIND_BITS = 0x0110


class Kind(IntEnum):
    """The class of a message. `class` is Python's word."""

    REQUEST = 0x0000
    INDICATION = 0x0010
    SUCCESS = 0x0100
    ERROR = 0x0110


class Method(IntEnum):
    """What is asked for, as its bits stand in a request."""

    BINDING = 0x0001
    ALLOCATE = 0x0003
    REFRESH = 0x0004
    SEND = 0x0006
    DATA = 0x0007
    CREATE_PERMISSION = 0x0008
    CHANNEL_BIND = 0x0009


class Attr(IntEnum):
    """The attributes that we read or write. Below 0x8000 a request must be understood."""

    USERNAME = 0x0006
    MESSAGE_INTEGRITY = 0x0008
    ERROR_CODE = 0x0009
    UNKNOWN_ATTRIBUTES = 0x000A
    CHANNEL_NUMBER = 0x000C
    LIFETIME = 0x000D
    XOR_PEER_ADDRESS = 0x0012
    DATA = 0x0013
    REALM = 0x0014
    NONCE = 0x0015
    XOR_RELAYED_ADDRESS = 0x0016
    REQUESTED_ADDRESS_FAMILY = 0x0017
    EVEN_PORT = 0x0018
    REQUESTED_TRANSPORT = 0x0019
    XOR_MAPPED_ADDRESS = 0x0020
    RESERVATION_TOKEN = 0x0022
    FINGERPRINT = 0x8028


_KNOWN = frozenset(Attr)
_OPTIONAL_FROM = 0x8000


class BadMessage(RelayError):
    """The bytes are no STUN message, or not one that adds up."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that adds up. Nothing behind MESSAGE-INTEGRITY is in it.

    Attributes:
        method: its bits, also of methods that we do not know.
        attributes: those that we know and those that need not be, in order.
        unknown: types that must be understood and are not, each once.
        signed: the bytes under MESSAGE-INTEGRITY, with the length that it is made over;
            empty if there is none.
        mac: MESSAGE-INTEGRITY; empty if there is none.
    """

    kind: Kind
    method: int
    transaction: bytes
    attributes: tuple[tuple[int, bytes], ...]
    unknown: tuple[int, ...] = ()
    signed: bytes = b""
    mac: bytes = b""

    def first(self, attr: int) -> bytes | None:
        """Find the value of an attribute that stands once; the first one wins (§14)."""
        for type_, value in self.attributes:
            if type_ == attr:
                return value
        return None

    def all(self, attr: int) -> list[bytes]:
        """Find the values of an attribute that may be repeated."""
        return [value for type_, value in self.attributes if type_ == attr]


def parse(data: bytes) -> Message:
    """Read one whole message.

    Raises:
        BadMessage: with one sentence per cause, without the data.
    """
    if len(data) < HEADER_BYTES:
        raise BadMessage("shorter than a header")
    type_, length, cookie, transaction = _HEADER.unpack_from(data)
    if type_ & 0xC000:
        raise BadMessage("the two highest bits are not zero")
    if cookie != COOKIE:
        raise BadMessage("another magic cookie")
    if length % 4 or length != len(data) - HEADER_BYTES:
        raise BadMessage("the length does not fit the message")

    attributes, unknown = [], []
    signed = mac = b""
    at, count = HEADER_BYTES, 0
    while at < len(data):
        count += 1
        if count > ATTRIBUTES_MAX:
            raise BadMessage("more attributes than a message has")
        attr, size = _ATTRIBUTE.unpack_from(data, at)
        end = at + 4 + size
        if end + -size % 4 > len(data):
            raise BadMessage("an attribute is longer than the message")
        value = data[at + 4 : end]
        if attr == Attr.FINGERPRINT:
            _check_fingerprint(data, at, value)
        # §14.5: "agents MUST ignore all other attributes that follow MESSAGE-INTEGRITY".
        elif not mac:
            if attr == Attr.MESSAGE_INTEGRITY:
                if size != MAC_BYTES:
                    raise BadMessage("MESSAGE-INTEGRITY has another size")
                signed, mac = _with_length(data[:at], at + 4 + size), value
            elif attr in _KNOWN or attr >= _OPTIONAL_FROM:
                attributes.append((attr, value))
            elif attr not in unknown:
                unknown.append(attr)
        at = end + -size % 4
    kind, method = Kind(type_ & _KIND_BITS), type_ & ~_KIND_BITS
    return Message(kind, method, transaction, tuple(attributes), tuple(unknown), signed, mac)


def serialise(
    kind: Kind,
    method: int,
    transaction: bytes,
    attributes: Iterable[tuple[int, bytes]] = (),
    key: bytes | None = None,
    *,
    fingerprint: bool = False,
) -> bytes:
    """Write a message, signed with `key` if there is one."""
    body = b"".join(attribute(attr, value) for attr, value in attributes)
    data = _HEADER.pack(kind | method, len(body), COOKIE, transaction) + body
    if key is not None:
        data = _with_length(data, len(data) + 4 + MAC_BYTES)
        data += attribute(Attr.MESSAGE_INTEGRITY, hmac.digest(key, data, hashlib.sha1))
    if fingerprint:
        data = _with_length(data, len(data) + 8)
        data += attribute(Attr.FINGERPRINT, _fingerprint(data))
    return data


def attribute(attr: int, value: bytes) -> bytes:
    """Write one attribute, padded with zeros."""
    return _ATTRIBUTE.pack(attr, len(value)) + value + bytes(-len(value) % 4)


def holds(message: Message, key: bytes) -> bool:
    """Tell whether MESSAGE-INTEGRITY was made with this key, in constant time."""
    return hmac.compare_digest(hmac.digest(key, message.signed, hashlib.sha1), message.mac)


def xor_address(ip: str, port: int, transaction: bytes) -> bytes:
    """Write an address as XOR-MAPPED-ADDRESS and its like have it (§14.2)."""
    packed = _packed(ip)
    pad = _COOKIE_BYTES + transaction
    family = 1 if len(packed) == 4 else 2
    hidden = bytes(a ^ b for a, b in zip(packed, pad, strict=False))
    return struct.pack(">BBH", 0, family, port ^ (COOKIE >> 16)) + hidden


def read_address(value: bytes, transaction: bytes) -> tuple[str, int]:
    """Read what `xor_address` writes. An IPv4 address inside an IPv6 one stays where it is.

    Raises:
        BadMessage: no address.
    """
    if len(value) < 4 or {1: 8, 2: 20}.get(value[1]) != len(value):
        raise BadMessage("an address has another size than its family")
    pad = _COOKIE_BYTES + transaction
    packed = bytes(a ^ b for a, b in zip(value[4:], pad, strict=False))
    port = int.from_bytes(value[2:4], "big") ^ (COOKIE >> 16)
    return str(ipaddress.ip_address(packed)), port


def error_code(code: int) -> bytes:
    """Write ERROR-CODE without a reason phrase: answers to strangers are small (§14.8)."""
    return bytes((0, 0, code // 100, code % 100))


def _packed(ip: str) -> bytes:
    """Pack an address. A socket of both families names IPv4 clients in IPv6: undone here."""
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.packed
    return address.packed


def is_fingerprint(data: bytes | memoryview, at: int) -> bool:
    """Tell whether what begins here is a FINGERPRINT that holds, and the end of the message."""
    return data[at:] == attribute(Attr.FINGERPRINT, _fingerprint(data[:at]))


def _check_fingerprint(data: bytes, at: int, value: bytes) -> None:
    """Check FINGERPRINT: it is the last attribute and made over all before it (§14.7)."""
    if at + 8 != len(data) or len(value) != 4:
        raise BadMessage("FINGERPRINT is not the end of the message")
    if value != _fingerprint(data[:at]):
        raise BadMessage("FINGERPRINT does not fit the message")


def _fingerprint(data: bytes | memoryview) -> bytes:
    return (zlib.crc32(data) ^ _FINGERPRINT_XOR).to_bytes(4, "big")


def _with_length(data: bytes, total: int) -> bytes:
    """Say in the header that the message ends at `total`."""
    return data[:2] + (total - HEADER_BYTES).to_bytes(2, "big") + data[4:]
