"""The file of a brand: text in, a brand out, or every mistake in a sentence.

Pure. Whoever writes the file is a secretary, as with the directory (`directory_text.py`).
TOML: tables `[brand]`, `[legal]`, `[contact]`; `deploy/example/README.md` explains it.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import logo
from .brand import LEGAL, Brand, Legal
from .colours import DARK, LIGHT, is_colour, too_faint
from .directory_table import Table, is_text, short, shown

FILE_MAX_BYTES = 16 * 1024
NAME_MAX_CHARS = 60
SHORT_MAX_CHARS = 24
"""It stands beside the logo on a phone of 320 px, and before the number in a title."""

_KEYS = {
    "brand": ("name", "short", "logo", "accent", "accent_dark"),
    "legal": tuple(name for name in LEGAL if name != "accessibility"),
    "contact": ("accessibility", "team"),
}
# What a mail program opens without a question mark's surprises (RFC 6068 allows far more).
_MAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", re.ASCII
)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


class WrongBrand(Exception):
    """The file is no brand. `mistakes` are sentences, all that were found."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


def read(text: str, picture: Callable[[str], bytes]) -> Brand:
    """Read a file.

    Args:
        picture: the bytes of a file beside it; raises `WrongLogo` where there is none.

    Raises:
        WrongBrand: with every mistake that was found.
    """
    if len(text.encode(errors="replace")) > FILE_MAX_BYTES:
        raise WrongBrand([f"The file is larger than {FILE_MAX_BYTES // 1024} KiB."])
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongBrand([f"The file is not TOML: {error}."]) from None
    except RecursionError:
        raise WrongBrand(["The file is not TOML: brackets in brackets without end."]) from None
    mistakes: list[str] = []
    brand = _brand(document, picture, mistakes)
    if mistakes:
        raise WrongBrand(mistakes)
    return brand


def _brand(
    document: Mapping[str, Any], picture: Callable[[str], bytes], mistakes: list[str]
) -> Brand:
    for kind in document:
        if kind not in _KEYS:
            meant = Table("", {}, mistakes).meant(kind, _KEYS)
            mistakes.append(
                f"[{short(kind)}] is no part of a brand.{meant} "
                "It has [brand], [legal] and [contact]."
            )
    brand, legal, contact = (_table(document, kind, mistakes) for kind in _KEYS)
    name = _line(brand, "name", "the name of the service, as people read it", NAME_MAX_CHARS)
    if "name" not in brand.values:
        brand.missing("name", "the name of the service, as people read it")
    if "short" not in brand.values and len(name) > SHORT_MAX_CHARS:
        brand.missing(
            "short", f"the name in at most {SHORT_MAX_CHARS} characters, for the head of a phone"
        )
    accent, accent_dark = _accents(brand)
    facts = {key: _line(legal, key, LEGAL[key]) for key in _KEYS["legal"]}
    facts["accessibility"] = _mail(contact, "accessibility", LEGAL["accessibility"])
    return Brand(
        name=name,
        short=_line(brand, "short", "the name in short", SHORT_MAX_CHARS) or name,
        logo=_logo(brand, picture),
        accent=accent,
        accent_dark=accent_dark,
        legal=Legal(**facts),
        team=_mail(contact, "team", "where people may write to the team"),
    )


def _table(document: Mapping[str, Any], kind: str, mistakes: list[str]) -> Table:
    values = document.get(kind, {})
    if not isinstance(values, dict):
        mistakes.append(f"{kind} is no table. Expected a line [{kind}] and its values below it.")
        values = {}
    table = Table(kind, values, mistakes)
    table.knows_only(_KEYS[kind], f"[{kind}]")
    return table


def _line(table: Table, key: str, what: str, most: int = 300) -> str:
    """Take one line of text; empty where there is none."""
    value = table.values.get(key)
    if value is None:
        return ""
    if not is_text(value) or len(value) > most:
        table.wrong(
            key,
            f"{shown(value)} is no text. Expected {what}: one line of at most {most} characters "
            "in quotes.",
        )
        return ""
    return str(value)


def _mail(table: Table, key: str, what: str) -> str:
    value = table.values.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 254 or not _MAIL.fullmatch(value):
        table.wrong(key, f"{shown(value)} is no address of mail. Expected {what}.")
        return ""
    return value


def _accents(table: Table) -> tuple[str, str]:
    """Take both colours or none: one for daylight is too dark for the dark."""
    given = [key for key in ("accent", "accent_dark") if key in table.values]
    if len(given) == 1:
        other = "accent_dark" if given == ["accent"] else "accent"
        table.missing(other, "pages have a light and a dark look, and each needs its colour")
    found = []
    for key, theme in (("accent", LIGHT), ("accent_dark", DARK)):
        value = table.values.get(key)
        if value is None:
            found.append("")
        elif not is_colour(value):
            table.wrong(
                key, f'{shown(value)} is no colour. Expected # and six of 0-9a-f: "#0b6b5d".'
            )
            found.append("")
        else:
            for sentence in too_faint(value, theme):
                table.wrong(key, sentence)
            found.append(value.lower())
    return found[0], found[1]


def _logo(table: Table, picture: Callable[[str], bytes]) -> logo.Logo | None:
    value = table.values.get("logo")
    if value is None:
        return None
    if not isinstance(value, str) or not _FILE.fullmatch(value):
        table.wrong(
            "logo",
            f'{shown(value)} is no file beside this one. Expected its name alone: "logo.svg".',
        )
        return None
    try:
        return logo.read(picture(value))
    except logo.WrongLogo as wrong:
        table.wrong("logo", f"{shown(value)}: {wrong}.")
        return None
