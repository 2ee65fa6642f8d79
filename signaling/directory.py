"""The directory: organisations, territories and queues, as values, and what they decide.

Pure. `directory_text.py` makes one of the operator's file, `directory_file.py` reads that
again on a timer. It says which queues there are, which trusted union may serve which, and
what patients are shown of them; nothing in it is about a person.

Without a file a directory is made of names (`of_names`): then every union may serve every
queue that its own credentials and links name.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Self

from .probing import is_probe

QUEUES_MAX = 256
"""Four times the first federation. A doctor's credential names at most 64 of them."""

_CORSICA = {"2A": ("200", "201"), "2B": ("202", "206")}


@dataclass(frozen=True, slots=True)
class Text:
    """A text as people read it, in the two languages of the pages."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """What helps where no doctor is on duty: a sentence, a telephone number, a web address."""

    text: Text
    phone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who runs queues. `unions`: ids of those whose doctors serve them; empty: every trusted one.

    `alternatives` are shown in each of its queues that has none of its own.
    """

    name: Text
    unions: frozenset[str] = frozenset()
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Territory:
    """A part of the country, by départements, communes and beginnings of postcodes."""

    name: Text
    departements: tuple[str, ...] = ()
    communes: tuple[str, ...] = ()
    postcodes: tuple[str, ...] = ()

    @property
    def prefixes(self) -> tuple[str, ...]:
        """With what the postcodes of this territory begin. A few communes are exceptions."""
        found = [*self.postcodes]
        for departement in self.departements:
            found += _CORSICA.get(departement, (departement,))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue, its references resolved.

    Attributes:
        title, hours: as shown; None where only a name is known, or no hours are said.
        unions: ids of those that may serve it; empty: every trusted one.
        wider: names of the queues that a patient may widen to, nearest first.
        link: a capability for anybody, by which a waiting patient widens to this queue.
        link_ends: when that ends, in seconds since 1970.
        is_closed: nobody new enters; who waits is still called.
    """

    title: Text | None = None
    organisation: Text | None = None
    territory: Territory | None = None
    hours: Text | None = None
    unions: frozenset[str] = frozenset()
    wider: tuple[str, ...] = ()
    link: str = ""
    link_ends: int = 0
    alternatives: tuple[Alternative, ...] = ()
    is_closed: bool = False

    def is_served_by(self, union: str) -> bool:
        """Tell whether this union's doctors may serve it."""
        return not self.unions or union in self.unions


@dataclass(frozen=True, slots=True)
class Directory:
    """Every queue by its name on the wire.

    `is_open`: unions may name queues that are not listed here, since nobody has listed them.
    """

    queues: Mapping[str, Queue] = field(default_factory=dict)
    is_open: bool = False

    @classmethod
    def of_names(cls, names: Iterable[str]) -> Self:
        """Make the directory of an installation that has no file."""
        return cls({name: Queue() for name in names}, is_open=True)

    def served(self, names: Iterable[str], union: str) -> tuple[str, ...]:
        """Of the queues that a union's credential names, those that it may serve here."""
        return tuple(
            name
            for name in names
            if (self.queues[name].is_served_by(union) if name in self.queues else self.is_open)
        )

    def entry(self, name: str, union: str) -> Literal["anybody", "who was here", "nobody"]:
        """Say whom a link of this union may lead into a queue."""
        if not self.served((name,), union):
            return "nobody"
        return "who was here" if self.is_closed(name) else "anybody"

    def is_closed(self, name: str) -> bool:
        """Tell whether a queue takes nobody new."""
        return name in self.queues and self.queues[name].is_closed

    def after(self, former: "Directory") -> "Directory":
        """Follow another directory: what that had and this has not is closed, not gone.

        Whoever waits there keeps his place, and doctors may still take him.
        """
        if self.is_open or former.is_open:
            return self
        left = {
            name: replace(queue, is_closed=True)
            for name, queue in former.queues.items()
            if name not in self.queues
        }
        # So many are never needed; a file that is renamed without end must not fill the memory.
        kept = dict(list(left.items())[:QUEUES_MAX])
        return replace(self, queues={**kept, **self.queues})


def as_json(directory: Directory) -> bytes:
    """Write what the pages are handed out: the same bytes for the same directory.

    What is empty is left out. `places` maps beginnings of postcodes, and communes, to queues,
    so that a page finds a patient's queue without asking. A probe's queue is shown to nobody.
    """
    listed = {name: _queue(queue) for name, queue in directory.queues.items() if not is_probe(name)}
    return json.dumps(
        {"v": 1, "queues": listed}, ensure_ascii=False, separators=(",", ":"), sort_keys=True
    ).encode()


def _queue(queue: Queue) -> dict[str, Any]:
    territory = queue.territory
    said = {
        "title": _text(queue.title),
        "organisation": _text(queue.organisation),
        "territory": _text(territory.name if territory else None),
        "hours": _text(queue.hours),
        "postcodes": list(territory.prefixes) if territory else [],
        "communes": list(territory.communes) if territory else [],
        "wider": list(queue.wider),
        "link": queue.link,
        "alternatives": [
            {
                key: value
                for key, value in (
                    ("text", _text(one.text)),
                    ("phone", one.phone),
                    ("url", one.url),
                )
                if value
            }
            for one in queue.alternatives
        ],
        "closed": queue.is_closed,
    }
    return {key: value for key, value in said.items() if value}


def _text(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"fr": text.fr, "en": text.en}
