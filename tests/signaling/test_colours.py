"""Colours: contrast by WCAG's formula, and the pages' own colours as they are."""

import re

import pytest

from signaling.colours import DARK, LIGHT, Theme, contrast, is_colour, shades, too_faint
from tests.house.tree import ROOT

STYLE = ROOT / "clients" / "web" / "src" / "style.css"


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#000000", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0),
        ("#123456", "#123456", 1.0),
    ],
)
def test_contrast_is_wcags(one: str, other: str, ratio: float) -> None:
    """Pairs whose ratio everybody's tools say."""
    assert ratio == pytest.approx(contrast(one, other), abs=0.005)


@pytest.mark.parametrize(("theme", "number"), [(LIGHT, 0), (DARK, 1)], ids=["light", "dark"])
def test_the_colours_are_those_of_the_pages(theme: Theme, number: int) -> None:
    """What an accent is measured against is what it will be seen on."""
    text = STYLE.read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", text, re.DOTALL)[number]
    of = dict(re.findall(r"--([\w-]+): (#\w+);", block))

    assert [theme.paper, theme.sheet, theme.ink, theme.line, theme.on_accent] == [
        of[name] for name in ("paper", "sheet", "ink", "line", "on-accent")
    ]
    assert [] == list(too_faint(of["accent"], theme))


def test_what_cannot_be_read_is_said_with_its_ratio() -> None:
    """A secretary learns how far it is from enough, and where."""
    found = list(too_faint("#ff9900", LIGHT))

    assert (
        "#ff9900 is too faint on their sheets (light pages, #ffffff): its contrast is 2.14:1, and "
        "at least 4.5:1 is needed."
    ) in found
    assert any("at least 3:1 is needed" in sentence for sentence in found)


def test_a_ratio_just_below_is_not_rounded_up() -> None:
    """#777777 has 4.48 on white; whoever reads 4.5 would not understand."""
    assert any("4.47:1" in sentence for sentence in too_faint("#777777", LIGHT))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_whatever_is_let_in_can_be_read_in_all_its_shades(theme: Theme) -> None:
    """Under the pointer, and on the ground made of it."""
    for red in range(0, 256, 51):
        for green in range(0, 256, 51):
            for blue in range(0, 256, 51):
                accent = f"#{red:02x}{green:02x}{blue:02x}"
                if not list(too_faint(accent, theme)):
                    made = shades(accent, theme)
                    assert contrast(made.deep, made.on_accent) >= 4.5
                    assert contrast(made.deep, made.tint) >= 4.5


@pytest.mark.parametrize("text", ["red", "#fff", "#12345g", "#1234567", "", None, 5, "#123456;"])
def test_only_six_digits_are_a_colour(text: object) -> None:
    """Nothing else gets into a style."""
    assert not is_colour(text)
