"""A sender's own picture and tone, made so that the far end can tell whose they are.

Pure: arrays in, arrays out. The picture is a light frame on a dark ground, found wherever
scaling or cropping has put it; in it a dark ring with one light corner, which tells a picture
from its mirror image; in that sixteen cells, light or dark: the code. The tone is one of eight.

Measured: read back through VP8 at 30 kbit/s, halved, cropped from 4:3 to 16:9.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float64]

CODE_MAX: Final = 0xFFFF
# The side of the frame, as a part of the picture's height: it survives a 4:3 picture cut to 16:9.
SIDE: Final = 0.65
CELLS: Final = 8  # frame, ring, four of data, ring, frame
DARK: Final = 24
LIGHT: Final = 224
DIM: Final = 72  # the moving marker: below the middle, so never taken for light
# Between the lightest and the darkest. Less is a black or a blurred picture.
CONTRAST_MIN: Final = 80
# Rows and columns looked at when the frame is sought. More costs time and finds no more.
SEARCH_LINES: Final = 120

# Far from each other, from mains hum and its harmonics, and within what speech codecs keep.
TONES_HZ: Final = (520.0, 690.0, 860.0, 1030.0, 1200.0, 1370.0, 1540.0, 1710.0)
TONE_TOLERANCE_HZ: Final = 40.0
# Root mean square, of full scale 1: below it is silence.
SILENCE: Final = 0.005
# How much of the energy is within 40 Hz of the peak. A voice or noise has less.
PURITY_MIN: Final = 0.5


def draw(code: int, width: int, height: int, n: int = 0) -> Picture:
    """Draw a code, light and dark, as `height` rows of `width`; `n` moves a dim marker."""
    picture = np.full((height, width), DARK, dtype=np.uint8)
    side = int(height * SIDE) // CELLS * CELLS
    cells = np.kron(cells_of(code), np.ones((side // CELLS, side // CELLS), dtype=np.uint8))
    top, left = (height - side) // 2, (width - side) // 2
    picture[top : top + side, left : left + side] = cells
    marker = max(4, width // 40)
    at = (n * marker) % max(1, width - marker)
    picture[height - marker :, at : at + marker] = DIM
    return picture


def read(picture: Picture) -> int | None:
    """Read the code that a picture shows; None where it shows none for certain."""
    height, width = picture.shape
    down, across = max(1, height // SEARCH_LINES), max(1, width // SEARCH_LINES)
    sample = picture[::down, ::across]
    lightest, darkest = int(sample.max()), int(sample.min())
    if lightest - darkest < CONTRAST_MIN:
        return None
    middle = (lightest + darkest) / 2
    light = sample > middle
    rows = np.flatnonzero(light.sum(axis=1) >= 3)
    columns = np.flatnonzero(light.sum(axis=0) >= 3)
    if len(rows) < CELLS or len(columns) < CELLS:
        return None

    top, bottom = rows[0] * down, (rows[-1] + 1) * down
    left, right = columns[0] * across, (columns[-1] + 1) * across
    grid = np.empty((CELLS, CELLS), dtype=bool)
    for row in range(CELLS):
        for column in range(CELLS):
            y, x = (
                top + (bottom - top) * (row + 0.3) / CELLS,
                left + (right - left) * (column + 0.3) / CELLS,
            )
            tall, wide = (bottom - top) * 0.4 / CELLS, (right - left) * 0.4 / CELLS
            cell = picture[int(y) : int(y + tall) + 1, int(x) : int(x + wide) + 1]
            grid[row, column] = cell.mean() > middle
    bits = grid[2:6, 2:6].reshape(-1)
    code = int(np.dot(bits, 1 << np.arange(16)))
    return code if np.array_equal(grid, cells_of(code) == LIGHT) else None


def tone_hz(code: int) -> float:
    """The tone that goes with a code; eight codes in a row have eight tones."""
    return TONES_HZ[code % len(TONES_HZ)]


def sine(hz: float, rate: int, start: int, count: int) -> Samples:
    """Samples `start` to `start + count` of a tone at half of full scale 1."""
    return np.asarray(0.5 * np.sin(2 * np.pi * hz * np.arange(start, start + count) / rate))


def heard_hz(samples: Samples, rate: int) -> float | None:
    """The pitch of a pure tone; None for silence, noise or a voice.

    A tenth of a second is enough to tell the eight tones apart.
    """
    if len(samples) < rate // 20 or float(np.sqrt(np.mean(samples**2))) < SILENCE:
        return None
    energy = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / rate)
    peak = float(hz[int(np.argmax(energy))])
    near = energy[np.abs(hz - peak) <= TONE_TOLERANCE_HZ].sum()
    return peak if near >= PURITY_MIN * energy.sum() else None


def is_tone_of(code: int, hz: float | None) -> bool:
    """Tell whether a pitch is the tone that goes with a code."""
    return hz is not None and abs(hz - tone_hz(code)) <= TONE_TOLERANCE_HZ


def cells_of(code: int) -> Picture:
    """Give the cells of a code: eight rows of eight, light or dark."""
    cells = np.full((CELLS, CELLS), LIGHT, dtype=np.uint8)
    cells[1:-1, 1:-1] = DARK
    cells[1, 1] = LIGHT
    bits = (code >> np.arange(16)) & 1
    cells[2:6, 2:6] = np.where(bits.reshape(4, 4) == 1, LIGHT, DARK)
    return cells
