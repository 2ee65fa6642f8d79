"""Who is at the other end of a stream that another process accepted: the PROXY header.

Pure. Written by who accepted the stream, read by the relay. It comes first, once, and from
nobody but our own processes; a proxy that an operator puts in front may write it as well.

"The PROXY protocol", Willy Tarreau, version 2 (binary), §2.2: TCP over IPv4 and IPv6 only.
"""

import ipaddress
import struct

from .errors import RelayError

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
HEAD_BYTES = 16
# A header with addresses of IPv6, and room for what a proxy may add behind them.
HEADER_MAX_BYTES = 512

_HEAD = struct.Struct(">12sBBH")
_PROXY_V2 = 0x21
_TCP4, _TCP6 = 0x11, 0x21


class BadHeader(RelayError):
    """The stream does not begin with a header that says who is there."""


def write(ip: str, port: int) -> bytes:
    """Write a header for a client. Where it came in is left out: zeros.

    Raises:
        ValueError: no address.
    """
    address = ipaddress.ip_address(ip)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    family = _TCP4 if address.version == 4 else _TCP6
    body = address.packed + bytes(len(address.packed)) + struct.pack(">HH", port, 0)
    return _HEAD.pack(SIGNATURE, _PROXY_V2, family, len(body)) + body


def read(data: bytes) -> tuple[str, int, int] | None:
    """Read a header: address and port of the client, and how many bytes it took.

    None: it is not whole yet.

    Raises:
        BadHeader: it is none, or says nothing of a client over TCP.
    """
    if not SIGNATURE.startswith(data[:12]):
        raise BadHeader("not a PROXY header")
    if len(data) < HEAD_BYTES:
        return None
    _, command, family, length = _HEAD.unpack_from(data)
    size = {_TCP4: 4, _TCP6: 16}.get(family)
    if command != _PROXY_V2 or size is None or length < 2 * size + 4:
        raise BadHeader("a PROXY header of another kind")
    whole = HEAD_BYTES + length
    if whole > HEADER_MAX_BYTES:
        raise BadHeader("a PROXY header is longer than it may be")
    if len(data) < whole:
        return None
    ip = ipaddress.ip_address(data[HEAD_BYTES : HEAD_BYTES + size])
    (port,) = struct.unpack_from(">H", data, HEAD_BYTES + 2 * size)
    return str(ip), port, whole
