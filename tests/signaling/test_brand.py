"""A brand: what pages are told of it, and how it is written into them."""

import json
import re
from dataclasses import replace

from signaling.brand import DEFAULT, Brand, as_css, as_json, dressed, remarks
from signaling.logo import SVG, Logo

BRAND = Brand(
    name="Permanence du Cap Vert",
    short="Cap <Vert>",
    logo=Logo(b"<svg/>", SVG, 2.0),
    accent="#8a2f5c",
    accent_dark="#f0a6cb",
    team="equipe@cap.example",
)
PAGE = (
    '<head><meta name="theme-color" content="#0b6b5d" />'
    "<title>Téléconsultation – médecins</title></head><body></body>"
)


def test_the_style_holds_custom_properties_and_nothing_else() -> None:
    """Colours that were measured, under names of ours, by daylight and in the dark."""
    text = as_css(BRAND).decode()

    rule = r":root:root \{( --[a-z-]+: #[0-9a-f]{6};){4} \}"
    assert re.fullmatch(rf"{rule}\n@media \(prefers-color-scheme: dark\) \{{\n{rule}\n\}}\n", text)
    assert "--accent: #8a2f5c" in text and "--accent: #f0a6cb" in text
    assert b"{" not in as_css(DEFAULT)


def test_pages_are_told_name_logo_and_no_more_than_they_show() -> None:
    """Legal facts are for the pages that show them."""
    assert {
        "v": 1,
        "conformity": "partial",
        "name": "Permanence du Cap Vert",
        "short": "Cap <Vert>",
        "logo": {"path": "/brand-logo", "ratio": 2.0},
        "team": "equipe@cap.example",
    } == json.loads(as_json(BRAND, "partial"))
    assert {"v": 1, "conformity": "none"} == json.loads(as_json(DEFAULT, "none"))


def test_a_brand_is_in_the_page_before_any_script() -> None:
    """Title, colour of the browser's bar, the style, and what scripts read."""
    page = dressed(PAGE, BRAND, as_json(BRAND, "none"))

    assert "<title>Cap &lt;Vert&gt; – médecins</title>" in page
    assert '<meta name="theme-color" content="#8a2f5c" />' in page
    assert '<link rel="stylesheet" href="/brand.css">\n</head>' in page
    assert "<Vert>" not in page


def test_without_a_brand_a_page_asks_for_nothing_more() -> None:
    """The style is linked where it says something."""
    page = dressed(PAGE, DEFAULT, as_json(DEFAULT, "none"))

    assert "brand.css" not in page and "<title>Téléconsultation – médecins</title>" in page


def test_a_name_is_text_whatever_is_in_it() -> None:
    r"""Neither HTML nor a pattern's own \1."""
    page = dressed(PAGE, replace(BRAND, short=r'\1"&<'), "{}")

    assert r"<title>\1&quot;&amp;&lt; – médecins</title>" in page


def test_each_missing_fact_is_a_sentence() -> None:
    """Whoever starts a service without them reads what the pages say in their place."""
    found = remarks(DEFAULT)

    assert 9 == len(found)
    assert (
        "[legal] publisher is missing: who publishes the service: name, legal form, number of "
        "registration. The pages say « à compléter par l’organisation » in its place."
    ) == found[0]
