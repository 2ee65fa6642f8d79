"""A stream cut into messages, wherever the network cuts it."""

import struct
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import stun
from relay.errors import RelayError
from relay.framing import MESSAGE_MAX_BYTES, BadStream, Framer
from relay.stun import Attr, Kind, Method

REQUEST = stun.serialise(Kind.REQUEST, Method.BINDING, bytes(12), [(Attr.USERNAME, b"abc")])


def channel_data(channel: int, data: bytes) -> bytes:
    """ChannelData as it stands in a datagram."""
    return struct.pack(">HH", channel, len(data)) + data


def padded(message: bytes) -> bytes:
    """The same in a stream."""
    return message + bytes(-len(message) % 4)


MESSAGES = [
    REQUEST,
    channel_data(0x4000, b""),
    channel_data(0x4001, b"a"),
    channel_data(0x7FFF, b"abcdefg"),
    REQUEST,
]
STREAM = b"".join(padded(message) for message in MESSAGES)


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_stream_cut_anywhere_gives_the_same_messages(at: int) -> None:
    """At every byte."""
    framer = Framer()

    assert MESSAGES == framer.feed(STREAM[:at]) + framer.feed(STREAM[at:])
    assert 0 == framer.held_bytes


def test_a_stream_that_comes_byte_by_byte_gives_the_same_messages() -> None:
    """And a message no sooner than its padding has come."""
    framer = Framer()

    assert MESSAGES == [m for byte in STREAM for m in framer.feed(bytes((byte,)))]


@given(st.lists(st.sampled_from(MESSAGES)), st.lists(st.integers(0, 200)))
def test_any_messages_cut_anyhow_come_out_again(messages: list[bytes], cuts: list[int]) -> None:
    """Whatever the order and the pieces."""
    messages = [REQUEST, *messages]
    stream = b"".join(map(padded, messages))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    framer = Framer()

    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert messages == [m for piece in pieces for m in framer.feed(piece)]


@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_are_messages_or_our_error(pieces: list[bytes]) -> None:
    """Never another exception, and never more held than one message."""
    framer = Framer()
    try:
        for piece in pieces:
            framer.feed(piece)
    except RelayError:
        pass
    assert framer.held_bytes <= MESSAGE_MAX_BYTES + 60


@pytest.mark.parametrize(
    "first", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02", b"\x80abc", b"\xff" * 4]
)
def test_what_is_neither_ends_the_stream(first: bytes) -> None:
    """A length that is no multiple of four, other bits, or a channel before any request."""
    with pytest.raises(BadStream):
        Framer().feed(first)


def test_a_header_that_promises_too_much_ends_the_stream_at_once() -> None:
    """Not after the bytes have been collected."""
    assert [REQUEST] == Framer().feed(padded(REQUEST) + struct.pack(">HH", 0x4000, 60_000))
    with pytest.raises(BadStream):
        Framer().feed(padded(REQUEST) + struct.pack(">HH", 0x4000, 0xFFFF))
    with pytest.raises(BadStream):
        Framer(max_bytes=2000).feed(padded(REQUEST) + struct.pack(">HH", 0x4000, 60_000))


def test_a_stream_without_end_holds_one_message_at_most() -> None:
    """However long it runs."""
    framer = Framer(max_bytes=2000)
    message = padded(channel_data(0x4000, bytes(1000)))
    framer.feed(padded(REQUEST) + message * 10)
    tracemalloc.start()
    for _ in range(200):
        framer.feed(message)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 20_000
