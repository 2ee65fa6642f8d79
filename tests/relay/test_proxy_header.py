"""The header that says whose stream it is: read as written, and nothing else is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.proxy_header import HEADER_MAX_BYTES, SIGNATURE, BadHeader, read, write

addresses = st.ip_addresses().filter(lambda ip: getattr(ip, "ipv4_mapped", None) is None)
# §2.2 of the specification, its own example of bytes put together: TCP over IPv4.
V4 = SIGNATURE + bytes.fromhex("2111000c c0000201 00000000 1f900000")


@given(addresses, st.integers(0, 65535), st.binary(max_size=40))
def test_what_was_written_is_read(ip: object, port: int, behind: bytes) -> None:
    """Address, port and where the stream begins, for both families."""
    header = write(str(ip), port)

    assert (str(ip), port, len(header)) == read(header + behind)


def test_the_bytes_are_those_of_the_specification() -> None:
    """Signature, version 2, PROXY, TCP over IPv4, twelve bytes of addresses."""
    assert V4 == write("192.0.2.1", 8080)
    assert V4 == write("::ffff:192.0.2.1", 8080)


@given(addresses, st.integers(0, 65535), st.data())
def test_a_header_may_come_in_pieces(ip: object, port: int, data: st.DataObject) -> None:
    """Any beginning of a header is waited for."""
    header = write(str(ip), port)
    size = data.draw(st.integers(0, len(header) - 1))

    assert read(header[:size]) is None


@given(st.binary(max_size=600) | st.binary(max_size=600).map(SIGNATURE.__add__))
def test_any_bytes_are_a_header_or_our_error(data: bytes) -> None:
    """Nothing else is raised, and a header is never longer than what it is read from."""
    try:
        found = read(data)
    except BadHeader:
        return

    assert found is None or found[2] <= min(len(data), HEADER_MAX_BYTES)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        SIGNATURE + b"\x20\x11\x00\x0c" + bytes(12),  # LOCAL: of nobody
        SIGNATURE + b"\x21\x12\x00\x0c" + bytes(12),  # datagrams
        SIGNATURE + b"\x21\x31\x00\xd8" + bytes(216),  # UNIX sockets
        SIGNATURE + b"\x21\x11\x00\x0b" + bytes(11),
        SIGNATURE + b"\x21\x11\xff\xff" + bytes(12),
    ],
    ids=["page", "version-1", "local", "datagram", "unix", "short", "long"],
)
def test_other_headers_are_refused(data: bytes) -> None:
    """A stream of nobody, of another kind, or with a header without end."""
    with pytest.raises(BadHeader):
        read(data)


def test_no_address_is_no_header() -> None:
    """A program that does not know whose stream it has may not bring it."""
    with pytest.raises(ValueError, match="does not appear"):
        write("somewhere", 1)
