"""How far the pages are accessible, by what was checked and by nothing else.

Pure. `clients/web/src/checked.json` is written by whoever checks the pages; it is built into
them. What is not in it was not checked, and what was checked long ago is not either.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Conformity = Literal["none", "partial"]
"""Never `full`: that is for who has gone through all 106 criteria of the RGAA, which no
program does. A statement of that kind needs another file than this."""

VALID_DAYS = 3 * 365
"""A statement holds three years at most (RGAA, *déclaration d'accessibilité*)."""

_ITEMS_MAX = 200
_CHARS_MAX = 300


@dataclass(frozen=True, slots=True)
class Checked:
    """What was checked on the built pages.

    Attributes:
        date: when, as YYYY-MM-DD.
        axe: version of axe-core.
        screens: names of the screens that it found nothing on.
        widths: of these, in CSS pixels.
        browsers: in which.
        checks: what was looked at, a sentence each.
        gaps: what is known not to be accessible, a sentence each.
    """

    date: str
    axe: str
    screens: tuple[str, ...]
    widths: tuple[str, ...] = ()
    browsers: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def read(text: bytes) -> Checked | None:
    """Read what was checked; None where it does not say when, by what and where."""
    try:
        found = json.loads(text)
        when = date.fromisoformat(found["date"])
        axe = found["axe"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    screens = _texts(found.get("screens"))
    if not isinstance(axe, str) or not axe or not screens:
        return None
    return Checked(
        date=when.isoformat(),
        axe=axe[:_CHARS_MAX],
        screens=screens,
        widths=_texts(found.get("widths")),
        browsers=_texts(found.get("browsers")),
        checks=_texts(found.get("checks")),
        gaps=_texts(found.get("gaps")),
    )


def conformity(checked: Checked | None, today: date) -> Conformity:
    """Say how far the pages are accessible: partly at most, and not at all if nobody looked."""
    if checked is None:
        return "none"
    age = (today - date.fromisoformat(checked.date)).days
    return "partial" if age <= VALID_DAYS else "none"


def _texts(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else []
    return tuple(str(item)[:_CHARS_MAX] for item in items[:_ITEMS_MAX])
