"""What a statement may claim: what was checked, and never more."""

import json
from datetime import date
from typing import Any, get_args

import pytest

from signaling.accessibility import Conformity, conformity, read
from tests.house.tree import ROOT

CHECKED = {
    "date": "2026-11-30",
    "axe": "4.10.3",
    "screens": ["welcome", "waiting"],
    "widths": [320, 1280],
    "browsers": ["Chromium"],
    "checks": ["clavier seul"],
    "gaps": [],
}
TODAY = date(2026, 12, 1)


def text(**changes: Any) -> bytes:
    return json.dumps(CHECKED | changes).encode()


def test_automatic_checks_alone_are_partly_and_no_more() -> None:
    """Whatever they found, and whoever says that he looked: full is for an audit."""
    assert "partial" == conformity(read(text()), TODAY)
    assert "partial" == conformity(read(text(checks=["tout"] * 106)), TODAY)
    assert ("none", "partial") == get_args(Conformity)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        text(date=""),
        text(date="hier"),
        text(axe=""),
        text(axe=4),
        text(screens=[]),
        text(screens="welcome"),
    ],
)
def test_what_was_not_checked_is_not_claimed(body: bytes) -> None:
    """No date, no program, no screen: no conformity."""
    assert read(body) is None
    assert "none" == conformity(read(body), TODAY)


def test_a_statement_grows_old() -> None:
    """After three years it holds no more."""
    assert "none" == conformity(read(text(date="2023-11-30")), TODAY)
    assert "partial" == conformity(read(text(date="2023-12-05")), TODAY)


def test_what_was_checked_is_told_in_bounds() -> None:
    """Numbers as text, and no list without end."""
    checked = read(text(screens=["x" * 1000] * 1000))

    assert checked is not None and ("320", "1280") == checked.widths
    assert (200, 300) == (len(checked.screens), len(checked.screens[0]))


def test_the_file_that_is_built_in_is_of_this_form() -> None:
    """Its keys are those that are read."""
    path = ROOT / "clients" / "web" / "src" / "checked.json"

    assert CHECKED.keys() == json.loads(path.read_text(encoding="utf-8")).keys()
