"""Tracks show and sound their code, and the sink tells whose code arrives."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from clients.peer.errors import TooLate
from clients.peer.media import RATE, PatternTrack, Sink, ToneTrack
from clients.peer.pattern import heard_hz, is_tone_of, read

CODE, OTHER = 0x1234, 0x4321


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    sink = Sink()
    yield sink
    await sink.close()


async def test_the_camera_shows_its_code() -> None:
    """Each frame later than the one before."""
    camera = PatternTrack(CODE)

    first, second = await camera.recv(), await camera.recv()

    assert CODE == read(first.to_ndarray(format="gray").astype(np.uint8))
    assert first.pts is not None
    assert second.pts is not None
    assert first.pts < second.pts


async def test_the_microphone_sounds_its_tone() -> None:
    """Frames of 20 ms that go on without a break."""
    microphone = ToneTrack(CODE)

    frames = [await microphone.recv() for _ in range(6)]

    samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]) / 32768
    assert is_tone_of(CODE, heard_hz(samples, RATE))


async def test_a_track_that_was_stopped_gives_no_more() -> None:
    """aiortc's own way to end a track."""
    for track in (PatternTrack(CODE), ToneTrack(CODE)):
        track.stop()

        with pytest.raises(MediaStreamError):
            await track.recv()


async def test_the_sink_tells_whose_picture_and_tone_arrive(sink: Sink) -> None:
    """And not somebody else's."""
    sink.take(PatternTrack(CODE))
    sink.take(ToneTrack(CODE))

    seen, heard = await asyncio.gather(sink.saw(CODE), sink.heard(CODE))

    assert seen > 0
    assert heard > 0
    assert CODE == await sink.first_code()
    with pytest.raises(TooLate, match="picture was not seen"):
        await sink.saw(OTHER, within_s=0.01)
    with pytest.raises(TooLate, match="tone was not heard"):
        await sink.heard(OTHER, within_s=0.01)


async def test_the_longest_time_without_a_picture_is_told(sink: Sink) -> None:
    """From the first one on, and a new connection does not begin it anew."""
    assert 0.0 == sink.gap_s
    sink.take(PatternTrack(0x5EE5))
    await sink.saw(0x5EE5)
    before = sink.gap_s

    sink.forget()

    assert 0.0 < before <= sink.gap_s


async def test_what_was_forgotten_must_arrive_again(sink: Sink) -> None:
    """So that a new connection proves itself anew."""
    camera = PatternTrack(CODE)
    sink.take(camera)
    await sink.saw(CODE)

    camera.stop()
    sink.forget()

    with pytest.raises(TooLate):
        await sink.first_code(within_s=0.2)
