"""One table of the operator's file: takes values out, and notes in sentences what is wrong.

Pure. What the values mean is in `directory_text.py`. A sentence quotes what was written,
cut where it is long: the file is its writer's own, and holds nothing of a person.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from .directory import Text

TEXT_MAX_CHARS = 300
MISTAKES_MAX = 50
"""So many are worth reading at once; the rest is a number."""

_SHOWN_CHARS = 60
# Controls, what turns a line round, halves of characters, private ones, and ends of lines.
_NOT_READ = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name and values, and where all mistakes are noted."""

    where: str
    values: Mapping[str, Any]
    mistakes: list[str] = field(repr=False)

    def wrong(self, key: str, sentence: str) -> None:
        """Note what is wrong with a value."""
        self.mistakes.append(f"[{self.where}] {key}: {sentence}")

    def missing(self, key: str, expected: str) -> None:
        """Note a value that has to be there."""
        self.mistakes.append(f"[{self.where}] {key} is missing: {expected}.")

    def knows_only(self, keys: Iterable[str], what: str) -> None:
        """Note every key that means nothing; `what` has these."""
        for key in self.values:
            if key not in keys:
                self.mistakes.append(
                    f"[{self.where}] {shown(key)} is nothing that {what} has."
                    f"{self.meant(key, keys)} It has: {', '.join(keys)}."
                )

    def meant(self, word: str, known: Iterable[str]) -> str:
        """Guess which right name was meant, where one is near."""
        if len(self.mistakes) >= MISTAKES_MAX:
            return ""  # it will not be read, and looking is slow
        near = get_close_matches(word[:_SHOWN_CHARS], list(known), n=1, cutoff=0.7)
        return f" Did you mean {shown(near[0])}?" if near else ""

    def text(self, key: str, expected: str, *, is_needed: bool = False) -> Text | None:
        """Take a text: one for both languages, or one for each."""
        if key not in self.values:
            if is_needed:
                self.missing(key, expected)
            return None
        value = self.values[key]
        if isinstance(value, str):
            value = {"fr": value, "en": value}
        if (
            not isinstance(value, dict)
            or value.keys() != {"fr", "en"}
            or not all(map(is_text, value.values()))
        ):
            self.wrong(
                key,
                f"{shown(self.values[key])} is no text. Expected {expected}: one line of at most "
                f'{TEXT_MAX_CHARS} characters in quotes, or {{ fr = "…", en = "…" }}.',
            )
            return None
        return Text(value["fr"], value["en"])

    def words(
        self, key: str, most: int, fits: Callable[[str], object], expected: str
    ) -> tuple[str, ...]:
        """Take a list of words of one form, each once."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            self.wrong(key, f'{shown(value)} is no list. Expected ["…", "…"]: {expected}.')
            return ()
        if len(value) > most:
            self.wrong(key, f"{len(value)} are too many; at most {most} are allowed.")
            return ()
        good: Counter[str] = Counter()
        for word in value:
            if isinstance(word, str) and fits(word):
                good[word] += 1
            else:
                self.wrong(key, f"{shown(word)} is not right. Expected {expected}.")
        for word, times in good.items():
            if times > 1:
                self.wrong(key, f"{shown(word)} stands there more than once.")
        return tuple(good)

    def named(self, key: str, known: Mapping[str, T], what: str) -> T | None:
        """Take the one thing of this file that is named: `what`."""
        value = self.values.get(key)
        if value is None:
            listed = f" ({listing(known)})" if known else ""
            self.missing(key, f"the name of {what} of this file{listed}")
            return None
        return self.found(key, value, known, what)

    def found(self, key: str, value: object, known: Mapping[str, T], what: str) -> T | None:
        """Find a thing of this file by its name."""
        if isinstance(value, str) and value in known:
            return known[value]
        meant = self.meant(str(value), known)
        self.wrong(key, f"{shown(value)} is not the name of {what} of this file.{meant}")
        return None

    def flag(self, key: str) -> bool:
        """Take yes or no; no where nothing is said."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, f"{shown(value)} is not right. Expected true or false, unquoted.")
        return value is True


def is_text(value: object) -> bool:
    """Tell whether this is one line that people can read."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= TEXT_MAX_CHARS
        and value == value.strip()
        and not any(unicodedata.category(char) in _NOT_READ for char in value)
    )


def shown(value: object) -> str:
    """Quote what was written, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{short(value)}"' if isinstance(value, str) else short(str(value))


def short(text: str) -> str:
    """Cut a text, and leave out what would harm a terminal."""
    clean = "".join(
        "?" if unicodedata.category(char) in _NOT_READ else char for char in text[:_SHOWN_CHARS]
    )
    return clean if len(text) <= _SHOWN_CHARS else f"{clean}…"


def listing(names: Iterable[str], most: int = 5) -> str:
    """List some names."""
    some = list(names)
    return ", ".join(some[:most]) + (" …" if len(some) > most else "")
