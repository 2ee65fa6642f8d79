"""Reading our documents: examples, tables, and numbers that have their home in the code.

A number stands in a document as `name` (value unit): `awake_s` (40 s), `MEMBERS_MAX` (4).
It is compared with the setting or the constant of that name. A duration or a size that
stands there in any other way is a fault: it would be right only until somebody changes it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from relay import settings as relay_settings
from signaling import (
    doorstep,
    figures,
    journal,
    messages,
    redis_kept,
    redis_life,
    settings,
    store,
    usage,
)
from signaling.settings import Settings

QUOTED = re.compile(r"`([A-Za-z_]+)` \((\d[\d.]*)(?: (s|KiB))?\)")
LOOSE = re.compile(
    r"(?<![\w.])\d[\d.,]* ?(?:s|ms|min|h|KiB|MiB|KB|MB|seconds|minutes|hours|days)\b"
)
HOMES = (
    messages,
    store,
    journal,
    doorstep,
    settings,
    redis_kept,
    redis_life,
    figures,
    usage,
)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def home_of(name: str) -> object:
    """Find the number of that name where it lives; None when nobody has it."""
    if name in Settings.model_fields:
        return Settings.model_fields[name].default
    relay = relay_settings.Settings()
    if hasattr(relay, name):
        return getattr(relay, name)
    for module in HOMES:
        if name in vars(module):
            return vars(module)[name]
    return None


def wrong_numbers(text: str) -> list[str]:
    """Say, a sentence each, which numbers of a document are not those of the code."""
    found = []
    for name, value, unit in QUOTED.findall(text):
        number = float(value) * (1024 if unit == "KiB" else 1)
        home = home_of(name)
        if not isinstance(home, int | float) or float(home) != number:
            found.append(f"{name} is {home}, not {value} {unit}".rstrip())
        if (unit == "s") != (name.lower().endswith("_s") and not name.endswith("_per_s")):
            found.append(f"{name} ({value} {unit}) has another unit")
    prose = QUOTED.sub("", FENCE.sub("", text))
    return found + [f"{loose} has no home" for loose in LOOSE.findall(prose)]


def tables(text: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield each table of a document: its heading and its rows, cells without their space."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
            for line in block.splitlines()
        ]
        yield rows[0], rows[2:]


def table(text: str, first_heading: str) -> list[list[str]]:
    """Find the one table whose first column has this heading."""
    found = [rows for heading, rows in tables(text) if heading[0] == first_heading]
    assert len(found) == 1, f"{len(found)} tables with the heading {first_heading}"
    return found[0]


def between(text: str, name: str) -> str:
    """Take the part of a document that a program writes, without its two markers."""
    begin, end = markers(name)
    return text.partition(begin)[2].partition(end)[0].strip("\n")


def markers(name: str) -> tuple[str, str]:
    """Return the two comments around a part that a program writes."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def links(path: Path) -> Iterator[Path]:
    """Yield where a document's relative links lead."""
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target and not target.startswith(("#", "mailto:")):
            yield path.parent / target.partition("#")[0]
