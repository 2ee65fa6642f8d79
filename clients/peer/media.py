"""Tracks that send a code as picture and tone, and a sink that says which code arrives.

A door: it keeps pace by the clock. What a picture means is `pattern.py`'s; nothing that is
received is kept beyond the moment it takes to look at it.
"""

import asyncio
import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import AudioFrame, VideoFrame

from .pattern import Samples, draw, heard_hz, is_tone_of, read, sine, tone_hz
from .watch import Watch

# Small and slow enough for two peers to share a core, large enough to be read after VP8.
WIDTH, HEIGHT, FRAMES_PER_S = 320, 240, 15
VIDEO_CLOCK_HZ = 90_000  # RFC 7741 §4.1 (RTP Payload Format for VP8)
RATE = 48_000  # RFC 7587 §4.1 (RTP Payload Format for Opus)
SAMPLES_PER_FRAME = RATE // 50
# As long as `heard_hz` needs to tell the tones apart.
LISTEN_SAMPLES = RATE // 10
# A far end has one code; more are a sign of noise, and need not be remembered.
CODES_MAX = 16


class _Pace:
    """Says when frame `n` is due, and never tries to catch up."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._due: float | None = None

    async def wait(self) -> None:
        now = time.monotonic()
        due = now if self._due is None else max(self._due + self._every_s, now - self._every_s)
        self._due = due
        if due > now:
            await asyncio.sleep(due - now)


class PatternTrack(MediaStreamTrack):
    """A camera that sees nothing but a code."""

    kind = "video"

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code, self._n = code, 0
        self._pace = _Pace(1 / FRAMES_PER_S)

    async def recv(self) -> VideoFrame:
        """Give the next picture when it is due."""
        await self._pace.wait()
        if self.readyState != "live":
            raise MediaStreamError
        luma = draw(self._code, WIDTH, HEIGHT, self._n)
        chroma = np.full((HEIGHT // 2, WIDTH), 128, dtype=np.uint8)
        frame = VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
        frame.pts, frame.time_base = self._n * VIDEO_CLOCK_HZ // FRAMES_PER_S, _CLOCK
        self._n += 1
        return frame


class ToneTrack(MediaStreamTrack):
    """A microphone that hears nothing but the tone of a code."""

    kind = "audio"

    def __init__(self, code: int) -> None:
        super().__init__()
        self._hz, self._at = tone_hz(code), 0
        self._pace = _Pace(SAMPLES_PER_FRAME / RATE)

    async def recv(self) -> AudioFrame:
        """Give the next 20 ms when they are due."""
        await self._pace.wait()
        if self.readyState != "live":
            raise MediaStreamError
        tone = sine(self._hz, RATE, self._at, SAMPLES_PER_FRAME)
        frame = AudioFrame.from_ndarray(
            (tone * 32767).astype(np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = RATE
        frame.pts, frame.time_base = self._at, Fraction(1, RATE)
        self._at += SAMPLES_PER_FRAME
        return frame


_CLOCK = Fraction(1, VIDEO_CLOCK_HZ)


class Sink:
    """Looks at and listens to what arrives, and says whose it is.

    Times are seconds on the monotonic clock. `frames` were decoded, of which `read_ok`
    showed a code. `on_first` is told of the "first frame" that showed a code, and of the
    first "tone"; `on_seen` of each new code.
    """

    def __init__(
        self,
        on_first: Callable[[str], None] = lambda _: None,
        on_seen: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_first, self._on_seen = on_first, on_seen
        self.frames = 0
        self.read_ok = 0
        self._seen: dict[int, float] = {}
        self._pitch: tuple[float, float] | None = None
        self._frame_at: float | None = None
        self._longest_gap_s = 0.0
        self._watch = Watch()
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, track: MediaStreamTrack) -> None:
        """Look at a track until it ends or the sink is closed."""
        watching = self._looks(track) if track.kind == "video" else self._listens(track)
        task = asyncio.create_task(watching)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget(self) -> None:
        """Begin anew, so that only what arrives from now on counts."""
        self._seen.clear()
        self._pitch = None

    @property
    def gap_s(self) -> float:
        """The longest time without a picture since the first one, the present time included.

        A new connection does not begin it anew.
        """
        if self._frame_at is None:
            return 0.0
        return max(self._longest_gap_s, time.monotonic() - self._frame_at)

    def has_seen(self, code: int) -> bool:
        """Tell whether this code was read since it began."""
        return code in self._seen

    async def first_code(self, within_s: float = 20.0) -> int:
        """Wait for any code."""
        await self._watch.until(
            lambda: bool(self._seen), within_s, "No picture of the far end was read in time."
        )
        return next(iter(self._seen))

    async def saw(self, code: int, within_s: float = 20.0) -> float:
        """Wait for this code; returns when it was first read."""
        await self._watch.until(
            lambda: code in self._seen, within_s, "The far end's picture was not seen in time."
        )
        return self._seen[code]

    async def heard(self, code: int, within_s: float = 20.0) -> float:
        """Wait for the tone of this code; returns when it was last heard."""
        at = 0.0

        def is_heard() -> bool:
            nonlocal at
            hz, at = self._pitch or (0.0, 0.0)
            return is_tone_of(code, hz)

        await self._watch.until(is_heard, within_s, "The far end's tone was not heard in time.")
        return at

    async def close(self) -> None:
        """Stop looking and listening."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _looks(self, track: MediaStreamTrack) -> None:
        while (frame := await _next(track)) is not None:
            if not isinstance(frame, VideoFrame):
                continue
            self.frames += 1
            self._longest_gap_s, self._frame_at = self.gap_s, time.monotonic()
            code = read(frame.to_ndarray(format="gray").astype(np.uint8, copy=False))
            if code is None:
                continue
            self.read_ok += 1
            if code not in self._seen and len(self._seen) < CODES_MAX:
                if not self._seen:
                    self._on_first("first frame")
                self._seen[code] = time.monotonic()
                self._watch.changed()
                self._on_seen()

    async def _listens(self, track: MediaStreamTrack) -> None:
        pieces: list[Samples] = []
        while (frame := await _next(track)) is not None:
            if not isinstance(frame, AudioFrame) or frame.format.name != "s16":
                continue
            channels = frame.layout.nb_channels
            pieces.append(frame.to_ndarray().reshape(-1, channels)[:, 0] / 32768)
            if sum(map(len, pieces)) < LISTEN_SAMPLES:
                continue
            hz = heard_hz(np.concatenate(pieces), frame.sample_rate)
            pieces.clear()
            if hz is not None:
                if self._pitch is None:
                    self._on_first("tone")
                self._pitch = (hz, time.monotonic())
                self._watch.changed()


async def _next(track: MediaStreamTrack) -> object | None:
    try:
        return await track.recv()
    except MediaStreamError:
        return None
