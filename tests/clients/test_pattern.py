"""A picture and a tone say whose they are, whatever the path does to them."""

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.pattern import (
    CODE_MAX,
    TONES_HZ,
    Picture,
    draw,
    heard_hz,
    is_tone_of,
    read,
    sine,
    tone_hz,
)

CODES = st.integers(0, CODE_MAX)
RATE = 48_000


@given(CODES, st.integers(0, 1000))
def test_a_picture_reads_back_as_its_code(code: int, n: int) -> None:
    """Every code can be told from every other, at any position of the marker."""
    assert code == read(draw(code, 320, 240, n))


@given(CODES, st.sampled_from([(160, 120), (640, 480), (1280, 720), (175, 133)]))
def test_a_picture_reads_at_any_usual_size(code: int, size: tuple[int, int]) -> None:
    """The frame is found wherever it is; no size is agreed on."""
    assert code == read(draw(code, *size))


@given(CODES)
def test_a_picture_cut_from_4_3_to_16_9_still_reads(code: int) -> None:
    """Browsers cut a camera's picture to the shape they were asked for."""
    picture = draw(code, 640, 480)

    assert code == read(picture[60:420])


@given(CODES, st.integers(0, 2**32 - 1))
def test_a_noisy_picture_still_reads(code: int, seed: int) -> None:
    """Coding noise moves no cell over the middle."""
    noise = np.random.default_rng(seed).normal(0, 12, (240, 320))
    picture = np.clip(draw(code, 320, 240) + noise, 0, 255).astype(np.uint8)

    assert code == read(picture)


def test_two_frames_in_a_row_differ() -> None:
    """A frozen picture can be told from a living one."""
    assert not np.array_equal(draw(1, 320, 240, 0), draw(1, 320, 240, 1))


@given(CODES)
def test_a_mirrored_picture_shows_no_code(code: int) -> None:
    """A mirror image would be another code; the light corner gives it away."""
    assert read(np.ascontiguousarray(draw(code, 320, 240)[:, ::-1])) is None


@pytest.mark.parametrize("grey", [0, 24, 128, 255])
def test_an_even_picture_shows_no_code(grey: int) -> None:
    """Black is what a switched-off camera sends."""
    assert read(np.full((240, 320), grey, dtype=np.uint8)) is None


@given(st.integers(0, 2**32 - 1), st.integers(1, 64), st.integers(1, 64))
def test_noise_shows_no_code(seed: int, height: int, width: int) -> None:
    """Any picture gives a code or None, never an exception."""
    picture = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)

    assert read(picture) is None


@pytest.mark.parametrize("code", [0, CODE_MAX, 0xA5C3, 0x0F0F])
def test_a_code_survives_vp8_at_30_kbit_s(code: int) -> None:
    """What a bad mobile network leaves of a picture is enough."""
    pictures = through_vp8(code, bit_rate=30_000)

    assert [code] * 15 == [read(picture) for picture in pictures]
    assert [code] * 15 == [read(picture[::2, ::2]) for picture in pictures]


def through_vp8(code: int, bit_rate: int) -> list[Picture]:
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.bit_rate, encoder.options = bit_rate, {"deadline": "realtime", "lag-in-frames": "0"}
    encoder.framerate = Fraction(15)
    decoder = av.CodecContext.create("vp8", "r")
    pictures: list[Picture] = []
    for n in range(15):
        frame = av.VideoFrame.from_ndarray(draw(code, 320, 240, n), format="gray")
        frame = frame.reformat(format="yuv420p")
        frame.pts = n
        for packet in encoder.encode(frame):
            for seen in decoder.decode(packet):
                pictures.append(seen.to_ndarray(format="gray").astype(np.uint8))
    return pictures


@given(CODES)
def test_a_tone_is_heard_as_its_code(code: int) -> None:
    """A tenth of a second is enough."""
    hz = heard_hz(sine(tone_hz(code), RATE, 0, RATE // 10), RATE)

    assert is_tone_of(code, hz)


def test_the_tones_are_told_apart() -> None:
    """No tone is within another's tolerance."""
    for code in range(len(TONES_HZ)):
        heard = heard_hz(sine(tone_hz(code), RATE, 123, RATE // 10), RATE)

        assert [code] == [x for x in range(len(TONES_HZ)) if is_tone_of(x, heard)]


def test_a_tone_goes_on_without_a_break() -> None:
    """Two pieces in a row are the piece of twice the length."""
    whole = sine(520.0, RATE, 0, 1920)

    assert np.allclose(
        whole, np.concatenate([sine(520.0, RATE, 0, 960), sine(520.0, RATE, 960, 960)])
    )


def test_silence_and_noise_are_no_tone() -> None:
    """A muted microphone and a busy room are not taken for the far end."""
    noise = np.random.default_rng(1).normal(0, 0.2, RATE // 10)

    assert heard_hz(np.zeros(RATE // 10), RATE) is None
    assert heard_hz(noise, RATE) is None
    assert heard_hz(np.zeros(10), RATE) is None
    assert not is_tone_of(0, None)
