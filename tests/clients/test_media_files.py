"""The files that a browser plays as camera and microphone say whose they are."""

from pathlib import Path

import av
import numpy as np

from clients.peer.media_files import write_wav, write_y4m
from clients.peer.pattern import heard_hz, is_tone_of, read

CODE = 0xBEEF


def test_the_film_shows_its_code_in_every_frame(tmp_path: Path) -> None:
    """Another program's decoder reads what we wrote."""
    film = tmp_path / "camera.y4m"

    write_y4m(film, CODE, width=320, height=240, frames=6)

    with av.open(str(film)) as file:
        pictures = [f.to_ndarray(format="gray") for f in file.decode(video=0)]
    assert [CODE] * 6 == [read(x.astype(np.uint8)) for x in pictures]


def test_the_sound_beeps_in_its_tone(tmp_path: Path) -> None:
    """Another program's decoder hears the tone, with pauses."""
    sound = tmp_path / "microphone.wav"

    write_wav(sound, CODE, length_s=1.2)

    with av.open(str(sound)) as file:
        samples = np.concatenate([f.to_ndarray().reshape(-1) for f in file.decode(audio=0)])
    tenths = [heard_hz(x / 32768, 48_000) for x in np.split(samples.astype(float), 12)]
    assert [True, True, True, False] * 3 == [is_tone_of(CODE, hz) for hz in tenths]
