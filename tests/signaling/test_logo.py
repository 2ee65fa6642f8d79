"""The logo: a picture that only draws, or a sentence that says why not."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.logo import MAX_BYTES, PNG, SVG, WrongLogo, read

NS = 'xmlns="http://www.w3.org/2000/svg"'


def svg(inside: str = "", more: str = 'viewBox="0 0 64 32"') -> bytes:
    return f"<svg {NS} {more}>{inside}</svg>".encode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int = 40, height: int = 20, after: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * (height * (1 + 3 * width)))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
        + after
    )


@pytest.mark.parametrize(
    ("body", "content_type", "ratio"),
    [
        (svg('<path d="M0 0h4" fill="#123456"/>'), SVG, 2.0),
        (svg("<g/>", 'width="30px" height="10"'), SVG, 3.0),
        (b'<?xml version="1.0"?>\n<!-- ours -->\n' + svg(), SVG, 2.0),
        (svg('<linearGradient id="a"/><rect fill="url(#a)"/><use href="#a"/>'), SVG, 2.0),
        (png(), PNG, 2.0),
    ],
)
def test_what_draws_is_served_as_it_is(body: bytes, content_type: str, ratio: float) -> None:
    """With its type, and how wide it is, so that a page can leave the room."""
    logo = read(body)

    assert (body, content_type, ratio) == (logo.body, logo.content_type, logo.ratio)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (svg("<script>alert(1)</script>"), "holds <script>"),
        (svg('<g onload="alert(1)"/>'), r"a script \(onload\)"),
        (svg('<a href="https://a.example">x</a>'), "holds <a>"),
        (svg('<image href="https://a.example/b.png"/>'), "holds <image>"),
        (svg("<foreignObject/>"), "holds <foreignObject>"),
        (svg("<animate/>"), "holds <animate>"),
        (svg('<x xmlns="http://www.w3.org/1999/xhtml"/>'), "holds <x>"),
        (svg('<use href="https://a.example/b.svg#c"/>'), "outside itself"),
        (svg('<rect fill="url(https://a.example/b)"/>'), "outside itself"),
        (svg("<rect style=\"fill:url( 'data:x' )\"/>"), "outside itself"),
        (svg('<rect fill="url(x"/>'), "outside itself"),
        (svg("<style>@import 'https://a.example/c.css'</style>"), "loads something"),
        (svg("<style>a{b:\\75rl(c)}</style>"), "loads something"),
        (svg("<style>a{fill:url(//a.example)}</style>"), "outside itself"),
        (b"<!DOCTYPE svg>" + svg(), "DOCTYPE"),
        (b'<?xml-stylesheet href="a.css"?>' + svg(), "DOCTYPE or an instruction"),
        (b"<html/>", "neither a PNG nor an SVG"),
        (b"\xff\xfe", "neither a PNG nor an SVG"),
        (b"", "neither a PNG nor an SVG"),
        (svg("", ""), "needs a viewBox"),
        (svg("", 'viewBox="0 0 nan 4"'), "needs a viewBox"),
        (svg("", 'viewBox="0 0 700 100"'), "6 times as long"),
        (png(after=b"<script>"), "damaged PNG"),
        (png()[:-4], "damaged PNG"),
        (png(0, 0), "damaged PNG"),
        (png().replace(b"IDAT", b"IDAX"), "damaged PNG"),
        (svg(" " * MAX_BYTES), "larger than 64 KiB"),
    ],
)
def test_what_does_more_than_draw_is_refused(body: bytes, why: str) -> None:
    """A script, a name of somewhere else, a file in the file: with a sentence."""
    with pytest.raises(WrongLogo, match=why):
        read(body)


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda more: png()[:40] + more))
def test_any_bytes_are_a_logo_or_our_error(body: bytes) -> None:
    """Never another exception."""
    try:
        read(body)
    except WrongLogo:
        pass
