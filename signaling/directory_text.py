"""The operator's file of organisations, territories and queues: text in, a directory out.

Pure. Whoever writes the file is a secretary, not a programmer: all mistakes are found at
once, each is a sentence that says where it is, what stands there and what is expected.

The form is TOML: tables `[organisation.NAME]`, `[territory.NAME]`, `[queue.NAME]`.
`deploy/example/README.md` explains it by example.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from .admission import NotAdmitted
from .capability import PREFIX, looks_personal, parse
from .directory import QUEUES_MAX, Alternative, Directory, Organisation, Queue, Territory, Text
from .directory_table import MISTAKES_MAX, TEXT_MAX_CHARS, Table, is_text, listing, short, shown
from .encoding import encode
from .probing import is_probe

FILE_MAX_BYTES = 256 * 1024
"""A page loads what is made of it: 256 queues with all they say fit in half."""

ALTERNATIVES_MAX = WIDER_MAX = UNIONS_MAX = 8
TERRITORIES_MAX = ORGANISATIONS_MAX = 256
PLACES_MAX = 2_000
"""Of each kind in one territory: its communes, its beginnings of postcodes."""

SOON_S = 30 * 86_400
"""A link that ends within this time is mentioned: somebody has to sign another."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
_DEPARTEMENT = re.compile(r"0[1-9]|[1345678]\d|2[1-9]|2[AB]|9[0-5]|97[1-8]|98[678]", re.ASCII)
_POSTCODE = re.compile(r"\d{2,5}", re.ASCII)
_PHONE = re.compile(r"\+?\d(?:[ .]?\d){1,14}", re.ASCII)
_WEB = re.compile(r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?(?:/[\x21-\x7e]*)?", re.ASCII)
_UNION = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_KEYS = {
    "organisation": ("name", "unions", "alternatives"),
    "territory": ("name", "departements", "communes", "postcodes"),
    "queue": (
        *("title", "organisation", "territory", "hours", "wider", "unions"),
        *("link", "alternatives", "closed"),
    ),
}
_MOST = {
    "organisation": ORGANISATIONS_MAX,
    "territory": TERRITORIES_MAX,
    "queue": QUEUES_MAX,
}


class WrongDirectory(Exception):
    """The file is no directory. `mistakes` are sentences, all that were found."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        found = tuple(mistakes)
        more = len(found) - MISTAKES_MAX
        self.mistakes = found[:MISTAKES_MAX] + ((f"And {more} more.",) if more > 0 else ())
        super().__init__("\n".join(self.mistakes))


def read(text: str) -> Directory:
    """Read a file.

    Raises:
        WrongDirectory: with every mistake that was found.
    """
    if len(text.encode(errors="replace")) > FILE_MAX_BYTES:
        raise WrongDirectory([f"The file is larger than {FILE_MAX_BYTES // 1024} KiB."])
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongDirectory([f"The file is not TOML: {error}."]) from None
    except RecursionError:
        raise WrongDirectory(["The file is not TOML: brackets in brackets without end."]) from None
    mistakes: list[str] = []
    directory = _directory(document, mistakes)
    if mistakes:
        raise WrongDirectory(mistakes)
    return directory


def remarks(directory: Directory, now: float) -> tuple[str, ...]:
    """Say what is not wrong and may all the same not be meant, a sentence each.

    Args:
        now: seconds since 1970.
    """
    found = []
    queues = directory.queues
    wanted = {other for queue in queues.values() for other in queue.wider}
    bare = [
        name
        for name in queues
        if name in wanted and not (queues[name].link or queues[name].is_closed)
    ]
    if bare:
        found.append(
            f"{len(bare)} of the queues that others widen to have no link, so that nobody can: "
            f"{listing(bare)}. Make them with: teleconsult directory link FILE"
        )
    for name, queue in queues.items():
        if queue.link and queue.link_ends <= now + SOON_S:
            when = "has ended" if queue.link_ends <= now else "ends within 30 days"
            found.append(
                f"[queue.{name}] link {when}: nobody can widen to it then. "
                "Make another with: teleconsult directory link FILE"
            )
        if not queue.alternatives:
            found.append(
                f"[queue.{name}] has no alternatives: when nobody is on duty, its patients are "
                "shown the emergency numbers only."
            )
    return tuple(found)


def _directory(document: Mapping[str, Any], mistakes: list[str]) -> Directory:
    for kind in document:
        if kind not in _KEYS:
            mistakes.append(
                f"[{short(kind)}] is no part of a directory."
                f"{Table('', {}, mistakes).meant(kind, _KEYS)} "
                "It has [organisation.NAME], [territory.NAME] and [queue.NAME]."
            )
    organisations = {
        name: _organisation(table) for name, table in _tables(document, "organisation", mistakes)
    }
    territories = {
        name: _territory(table) for name, table in _tables(document, "territory", mistakes)
    }
    tables = dict(_tables(document, "queue", mistakes))
    if not tables:
        mistakes.append("There is no queue. Expected at least one table such as [queue.garde-35].")
    return Directory({name: _queue(name, tables, organisations, territories) for name in tables})


def _tables(
    document: Mapping[str, Any], kind: str, mistakes: list[str]
) -> Iterable[tuple[str, Table]]:
    """Yield the tables of one kind, and note what is none."""
    tables = document.get(kind, {})
    if not isinstance(tables, dict):
        mistakes.append(f"[{kind}] has no name. Expected [{kind}.NAME], such as [{kind}.rennes].")
        return
    if len(tables) > _MOST[kind]:
        mistakes.append(f"[{kind}] {len(tables)} are too many; at most {_MOST[kind]} are allowed.")
        return
    for name, values in tables.items():
        where = f"{kind}.{short(name)}"
        if not isinstance(values, dict):
            mistakes.append(
                f"[{kind}] {shown(name)} stands there without a table of its own. "
                f"Expected [{kind}.NAME], such as [{kind}.rennes]."
            )
            continue
        if not _NAME.fullmatch(name) or looks_personal(name):
            mistakes.append(
                f"[{where}]: {shown(name)} cannot be a name. Expected 1 to 63 letters without "
                "accents, digits, - or _, and no row of 22 that looks like a doctor's own queue."
            )
        elif kind == "queue" and is_probe(name):
            mistakes.append(
                f"[{where}]: {shown(name)} is a name of the probe, which looks whether the service "
                "is up. Expected another name: neither probe nor one that begins with probe-."
            )
        table = Table(where, values, mistakes)
        table.knows_only(_KEYS[kind], f"{'an' if kind[0] == 'o' else 'a'} {kind}")
        yield name, table


def _organisation(table: Table) -> Organisation:
    name = table.text("name", "the name that people read", is_needed=True)
    return Organisation(name or Text("", ""), _unions(table), _alternatives(table))


def _unions(table: Table) -> frozenset[str]:
    form = "a union's id of 22 characters, as `teleconsult union show` prints it"
    return frozenset(table.words("unions", UNIONS_MAX, _UNION.fullmatch, form))


def _territory(table: Table) -> Territory:
    name = table.text("name", "the name that people read", is_needed=True)
    departement = 'the number of a département in quotes, such as "35", "2A" or "971"'
    postcode = 'a postcode or its beginning in quotes, such as "35400" or "354"'
    commune = 'the name of a commune, such as "Saint-Malo"'
    return Territory(
        name or Text("", ""),
        table.words("departements", PLACES_MAX, _DEPARTEMENT.fullmatch, departement),
        table.words("communes", PLACES_MAX, is_text, commune),
        table.words("postcodes", PLACES_MAX, _POSTCODE.fullmatch, postcode),
    )


def _queue(
    name: str,
    tables: Mapping[str, Table],
    organisations: Mapping[str, Organisation],
    territories: Mapping[str, Territory],
) -> Queue:
    table = tables[name]
    organisation = table.named("organisation", organisations, "an organisation")
    organisation = organisation or Organisation(Text("", ""))
    territory = (
        table.named("territory", territories, "a territory")
        if "territory" in table.values
        else None
    )
    wider = table.words("wider", WIDER_MAX, lambda _: True, "names of queues of this file")
    for other in wider:
        if other == name:
            table.wrong("wider", f"{shown(name)} is this queue itself.")
        else:
            table.found("wider", other, tables, "a queue")
    unions = _unions(table) or organisation.unions
    if organisation.unions and not unions <= organisation.unions:
        table.wrong("unions", "one is not among the unions of its organisation.")
    link, ends = _link(table, name, unions)
    return Queue(
        title=table.text("title", "the name that patients read", is_needed=True),
        organisation=organisation.name,
        territory=territory,
        hours=table.text("hours", "when doctors are usually there, as patients read it"),
        unions=unions,
        wider=wider,
        link=link,
        link_ends=ends,
        alternatives=_alternatives(table) or organisation.alternatives,
        is_closed=table.flag("closed"),
    )


def _link(table: Table, queue: str, unions: frozenset[str]) -> tuple[str, int]:
    """Take a link as it was printed, an address or its capability; and when it ends."""
    value = table.values.get("link")
    if value is None:
        return "", 0
    how = f"Expected what this prints: teleconsult link pool {queue}"
    if not isinstance(value, str) or len(value) > 1024 or PREFIX not in value:
        table.wrong("link", f"{shown(value)} is no link. {how}")
        return "", 0
    token = value[value.index(PREFIX) :]
    try:
        capability = parse(token)
    except NotAdmitted:
        table.wrong("link", f"this is no whole link to a queue for anybody. {how}")
        return "", 0
    if capability.is_personal or capability.holder:
        table.wrong("link", f"this one is for one person only. {how} (without --uses)")
    elif capability.queue != queue:
        table.wrong("link", f"this one leads to the queue {shown(capability.queue)}. {how}")
    elif unions and encode(capability.signer) not in unions:
        table.wrong("link", "a union signed it that is not among those that serve this queue.")
    return token, capability.ends


def _alternatives(table: Table) -> tuple[Alternative, ...]:
    value = table.values.get("alternatives", [])
    form = 'Expected [ { text = "…", phone = "116117" }, … ]'
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        table.wrong("alternatives", f"{shown(value)} is no list of alternatives. {form}.")
        return ()
    if len(value) > ALTERNATIVES_MAX:
        table.wrong("alternatives", f"{len(value)} are too many; at most {ALTERNATIVES_MAX}.")
        return ()
    return tuple(
        _alternative(Table(f"{table.where}.alternatives {number}", one, table.mistakes))
        for number, one in enumerate(value, 1)
    )


def _alternative(table: Table) -> Alternative:
    table.knows_only(("text", "phone", "url"), "an alternative")
    text = table.text("text", "a sentence that says what this is", is_needed=True)
    phone, url = table.values.get("phone", ""), table.values.get("url", "")
    if "phone" in table.values and not (isinstance(phone, str) and _PHONE.fullmatch(phone)):
        table.wrong("phone", f'{shown(phone)} is no number. Expected digits in quotes: "116117".')
    if "url" in table.values and not (isinstance(url, str) and _is_web(url)):
        table.wrong(
            "url", f"{shown(url)} is no web address. Expected one that begins with https://"
        )
    return Alternative(text or Text("", ""), str(phone), str(url))


def _is_web(url: str) -> bool:
    return len(url) <= TEXT_MAX_CHARS and _WEB.fullmatch(url) is not None
