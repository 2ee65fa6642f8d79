"""What views say comes from the words, and what they look like turns with the language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT

WEB = ROOT / "clients" / "web"
VIEWS = sorted((WEB / "src").glob("*.tsx"))
STYLES = sorted((WEB / "src").glob("*.css"))
PAGES = sorted(WEB.glob("*.html"))

COMMENT = re.compile(r"\{?/\*.*?\*/\}?|(?<!:)//[^\n]*", re.S)
# Text after a tag or a value; code there has signs that no sentence has.
TEXT = re.compile(r"</?\w[^<>]*>([^<>{}();=]*)(?=[<{])|\}([^<>{}();=]*)</")
SAID = re.compile(r"""\b(?:aria-label|title|placeholder|alt|label)="([^"]*)\"""")
# No language has other names for these.
NAMES = {"SAMU", "SMS"}
LETTERS = re.compile(r"[^\W\d_]{2,}")
# « é » and « ’ » are in no code, and in nearly every French sentence.
FRENCH = re.compile(r"[«»’œàâçéèêëîïôùûÀÂÇÉÈÊÎÔ]")

PHYSICAL = re.compile(
    r"^\s*(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right"
    r"|float)\s*:|text-align\s*:\s*(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius",
    re.M,
)


def sentences(code: str) -> Iterator[str]:
    """Yield what a view itself says to people, without its words."""
    code = COMMENT.sub("", code)
    for found in [*TEXT.finditer(code), *SAID.finditer(code)]:
        text = " ".join(filter(None, found.groups()))
        if set(LETTERS.findall(text)) - NAMES:
            yield " ".join(text.split())
    for line in code.splitlines():
        if FRENCH.search(line):
            yield line.strip()


@pytest.mark.parametrize("view", VIEWS, ids=lambda path: path.name)
def test_a_view_says_nothing_of_its_own(view: Path) -> None:
    """A sentence outside of `words/` would be French to everybody."""
    assert [] == list(sentences(view.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("<p>Bonjour à tous</p>", 2),
        ("<p>{name} attend</p>", 1),
        ("<p>\n  Merci\n</p>", 1),
        ('<button aria-label="Fermer" />', 1),
        ('const text = "Déjà là";', 1),
        ("<p>Encore {count}</p>", 1),
        ("<b>15</b> SAMU\n</a>", 0),
        ("<p>{t.title}</p> // déjà", 0),
        ("const all: Map<string, Array<number>> = new Map<string, number>();", 0),
        ("const go = (a: Desk<State, Event>) => a < b;", 0),
        ("<li key={line}>{line}</li>", 0),
    ],
)
def test_a_sentence_in_a_view_is_found(code: str, found: int) -> None:
    """The check above can fail, and does not cry wolf."""
    assert found == len(list(sentences(code)))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_without_script_says_what_it_needs_and_no_more(page: Path) -> None:
    """Before the words are there only the title and the help without script can be read."""
    code = page.read_text(encoding="utf-8")
    code = re.sub(r"<noscript>.*?</noscript>|<title>.*?</title>|<!--.*?-->", "", code, flags=re.S)

    assert [] == [text for text in re.findall(r">([^<>]*)<", code) if text.strip()]


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_a_style_turns_with_the_language(style: Path) -> None:
    """Arabic starts at the right: a style speaks of start and end, not of left and right."""
    code = COMMENT.sub("", style.read_text(encoding="utf-8"))

    assert [] == [found[0].strip() for found in PHYSICAL.finditer(code)]


@pytest.mark.parametrize(
    ("style", "is_found"),
    [
        ("  margin-left: auto;", True),
        ("  left: 0;", True),
        ("  text-align: right;", True),
        ("  margin-inline-start: auto;", False),
        ("  transform-origin: left;", False),
        ("  text-align: start;", False),
    ],
)
def test_a_style_that_does_not_turn_is_found(style: str, is_found: bool) -> None:
    """The check above can fail."""
    assert is_found == bool(PHYSICAL.search(style))
