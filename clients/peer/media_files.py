"""A sender's picture and tone as files, for a browser that plays them as camera and microphone.

A door: it writes two files and nothing else. What is in them is `pattern.py`'s.

Chromium: --use-file-for-fake-video-capture=x.y4m, --use-file-for-fake-audio-capture=x.wav.
"""

import wave
from pathlib import Path

import numpy as np

from .pattern import draw, sine, tone_hz

FRAMES_PER_S = 15
WAV_RATE = 48_000
# Chromium's noise suppression learns a steady tone away within seconds; a beeping one it keeps.
BEEP_S, PAUSE_S = 0.3, 0.1


def write_y4m(
    path: Path, code: int, *, width: int = 640, height: int = 480, frames: int = 30
) -> None:
    """Write a short film of a code, to be played over and over."""
    grey = bytes([128]) * (width * height // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n".encode())
        for n in range(frames):
            file.write(b"FRAME\n" + draw(code, width, height, n).tobytes() + grey)


def write_wav(path: Path, code: int, *, length_s: float = 4.0) -> None:
    """Write the tone of a code as beeps, to be played over and over."""
    count = int(length_s * WAV_RATE)
    at = np.arange(count) % int((BEEP_S + PAUSE_S) * WAV_RATE)
    tone = sine(tone_hz(code), WAV_RATE, 0, count) * (at < BEEP_S * WAV_RATE)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(WAV_RATE)
        file.writeframes((tone * 32767).astype("<i2").tobytes())
