"""The file of a brand: what is right is understood, what is wrong is a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.brand import Brand, remarks
from signaling.brand_text import FILE_MAX_BYTES, WrongBrand, read
from signaling.logo import WrongLogo

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"/>'
RIGHT = """
[brand]
name = "Permanence du Cap Vert et des îles voisines"
short = "Cap Vert"
logo = "logo.svg"
accent = "#8A2F5C"
accent_dark = "#f0a6cb"
[legal]
publisher = "Union"
[contact]
accessibility = "acces@cap.example"
"""


def picture(name: str) -> bytes:
    """One picture is beside the file, and one that is none."""
    if name == "page.svg":
        return b"<html/>"
    if name != "logo.svg":
        raise WrongLogo("there is no such file")
    return SVG


def brand_of(text: str) -> Brand:
    return read(text, picture)


def mistakes_of(text: str) -> tuple[str, ...]:
    with pytest.raises(WrongBrand) as wrong:
        brand_of(text)
    return wrong.value.mistakes


def test_a_right_file_is_understood() -> None:
    """Name, colours, logo and facts; what is left out is missing."""
    brand = brand_of(RIGHT)

    assert ("Cap Vert", "#8a2f5c", "#f0a6cb") == (brand.short, brand.accent, brand.accent_dark)
    assert brand.logo is not None and 2.0 == brand.logo.ratio
    assert "Union" == brand.legal.publisher and "acces@cap.example" == brand.legal.accessibility
    assert 7 == len(remarks(brand))


def test_a_name_is_all_that_is_needed() -> None:
    """It is its own short one where it is short."""
    brand = brand_of('[brand]\nname = "Cap Vert"')

    assert ("Cap Vert", "Cap Vert", None, "") == (brand.name, brand.short, brand.logo, brand.accent)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "[brand] name is missing: the name of the service, as people read it."),
        (
            f'[brand]\nname = "{"a" * 25}"',
            "[brand] short is missing: the name in at most 24 characters, for the head of a phone.",
        ),
        (
            f'[brand]\nname = "{"a" * 61}"\nshort = "a"',
            f'[brand] name: "{"a" * 60}…" is no text. Expected the name of the service, as people '
            "read it: one line of at most 60 characters in quotes.",
        ),
        (
            '[brand]\nname = "a"\ncolour = "#000000"',
            '[brand] "colour" is nothing that [brand] has. '
            "It has: name, short, logo, accent, accent_dark.",
        ),
        (
            '[brand]\nname = "a"\n[legl]',
            '[legl] is no part of a brand. Did you mean "legal"? '
            "It has [brand], [legal] and [contact].",
        ),
        (
            'brand = "a"',
            "brand is no table. Expected a line [brand] and its values below it.",
        ),
        (
            '[brand]\nname = "a"\naccent = "#8a2f5c"',
            "[brand] accent_dark is missing: pages have a light and a dark look, and each needs "
            "its colour.",
        ),
        (
            '[brand]\nname = "a"\naccent = "red"\naccent_dark = "#f0a6cb"',
            '[brand] accent: "red" is no colour. Expected # and six of 0-9a-f: "#0b6b5d".',
        ),
        (
            '[brand]\nname = "a"\naccent = "#8a2f5c"\naccent_dark = "#8a2f5c"',
            "[brand] accent_dark: #8a2f5c is too faint on the paper of the pages (dark pages, "
            "#101816): its contrast is 2.26:1, and at least 4.5:1 is needed.",
        ),
        (
            '[brand]\nname = "a"\nlogo = "../logo.svg"',
            '[brand] logo: "../logo.svg" is no file beside this one. '
            'Expected its name alone: "logo.svg".',
        ),
        (
            '[brand]\nname = "a"\nlogo = "no.svg"',
            '[brand] logo: "no.svg": there is no such file.',
        ),
        (
            '[brand]\nname = "a"\nlogo = "page.svg"',
            '[brand] logo: "page.svg": the picture is neither a PNG nor an SVG.',
        ),
        (
            '[brand]\nname = "a"\n[contact]\nteam = "a@b.c?subject=x"',
            '[contact] team: "a@b.c?subject=x" is no address of mail. '
            "Expected where people may write to the team.",
        ),
        ('[brand]\nname = "a\u202eb"', None),
        ("[brand", None),
    ],
)
def test_a_mistake_is_a_sentence(text: str, sentence: str | None) -> None:
    """It says where it is, what stands there and what is expected."""
    found = mistakes_of(text)

    assert found if sentence is None else sentence in found


def test_all_mistakes_are_said_at_once() -> None:
    """Nobody mends them one by one."""
    assert 3 == len(mistakes_of('[brand]\nname = 1\nlogo = 2\n[contact]\nteam = "a"'))


def test_a_file_that_is_too_large_is_not_read() -> None:
    """Whatever it is."""
    assert ("The file is larger than 16 KiB.",) == mistakes_of("#" * (FILE_MAX_BYTES + 1))


@given(st.text(max_size=200) | st.text(max_size=60).map(lambda more: f"{RIGHT}\n{more}"))
def test_any_text_is_a_brand_or_our_error(text: str) -> None:
    """Never another exception."""
    try:
        brand_of(text)
    except WrongBrand:
        pass
