"""Colours of a brand, measured against those of the pages, and what is made of them.

Pure. Contrast as WCAG 2.2 defines it (*relative luminance*, *contrast ratio*). The pages' own
colours have their home in `clients/web/src/style.css`; a test compares.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TEXT_MIN = 4.5
"""WCAG 2.2, 1.4.3: text, and what an accent colours is text too."""
GRAPHIC_MIN = 3.0
"""WCAG 2.2, 1.4.11: what is no text."""

_DEEP = 0.25  # a button under the pointer, so much nearer to black, or to white in the dark
_TINT = 0.12  # a ground behind words, so much of the accent in it

_FORM = re.compile(r"#[0-9A-Fa-f]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Theme:
    """The pages' own colours by daylight or in the dark, as far as an accent meets them.

    Attributes:
        name: as a sentence says it.
        far: what a deep accent is nearer to: black, or white.
    """

    name: str
    paper: str
    sheet: str
    ink: str
    line: str
    on_accent: str
    far: str


LIGHT = Theme("light", "#f7f6f2", "#ffffff", "#17302b", "#d5dbd6", "#ffffff", "#000000")
DARK = Theme("dark", "#101816", "#19241f", "#e8efec", "#33443d", "#06231d", "#ffffff")


@dataclass(frozen=True, slots=True)
class Shades:
    """What is made of one accent: the custom properties of a page."""

    accent: str
    deep: str
    tint: str
    on_accent: str


def is_colour(text: object) -> bool:
    """Tell whether this is `#rrggbb`."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def shades(accent: str, theme: Theme) -> Shades:
    """Make of an accent what a page needs."""
    return Shades(
        accent=accent.lower(),
        deep=_mixed(accent, theme.far, _DEEP),
        tint=_mixed(theme.sheet, accent, _TINT),
        on_accent=theme.on_accent,
    )


def too_faint(accent: str, theme: Theme) -> Iterator[str]:
    """Say, a sentence each, what could not be read in this colour, and how far it is from that."""
    made = shades(accent, theme)
    for what, one, other, least in (
        ("on the paper of the pages", accent, theme.paper, TEXT_MIN),
        ("on their sheets", accent, theme.sheet, TEXT_MIN),
        ("under the words of a button", accent, theme.on_accent, TEXT_MIN),
        ("beside their lines", accent, theme.line, GRAPHIC_MIN),
        ("as a ground behind words", made.tint, theme.ink, TEXT_MIN),
        ("on a ground made of itself", made.deep, made.tint, TEXT_MIN),
    ):
        ratio = contrast(one, other)
        if ratio < least:
            yield (
                f"{accent} is too faint {what} ({theme.name} pages, {other}): its contrast is "
                f"{_shown(ratio)}:1, and at least {least:g}:1 is needed."
            )


def _shown(ratio: float) -> str:
    """Cut and do not round: 4.499 is not 4.5."""
    return f"{int(ratio * 100) / 100:.2f}"


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, other: str, share: float) -> str:
    """Return a colour with so much of another in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
