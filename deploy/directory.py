"""`teleconsult directory`: is this file a directory, what was understood, links into it.

A door. It reads one file and the clock, prints, and where it is told to writes links into
that file. What is right and wrong is decided in `signaling/directory_text.py`.
"""

import argparse
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from clients.union.errors import UnionError
from clients.union.links import Window
from clients.union.office import Office
from signaling.directory import Directory, Queue
from signaling.directory_file import read_directory
from signaling.directory_text import SOON_S, WrongDirectory, read, remarks

HOURS_MAX = 10_000
_TABLE = re.compile(r"\s*\[")
_QUEUE = re.compile(r'\s*\[\s*queue\s*\.\s*"?([A-Za-z0-9_-]{1,63})"?\s*\]')
_LINK = re.compile(r"\s*link\s*=")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(commands: Commands) -> None:
    """Add `directory` to the command's own."""
    directory = commands.add_parser(
        "directory",
        help="check the file of organisations, territories and queues",
        description="The directory says which queues there are, what patients read of them, and "
        "which union's doctors may serve which. `teleconsult serve --directory FILE` follows it; "
        "deploy/example/README.md explains it.",
    )
    kinds = directory.add_subparsers(title="commands", metavar="", required=True)
    check = kinds.add_parser(
        "check",
        help="say what is wrong in it, and what was understood",
        description="Read a directory as the server would. Every mistake is said at once, and the "
        "exit code is 1; else what was understood is printed, and what may not be meant.",
    )
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=_check)
    link = kinds.add_parser(
        "link",
        help="let patients widen: sign a link to each queue, into the file",
        description="Sign a link for anybody to each queue that has none, or one that ends within "
        "30 days, and write them into the file; all else in it stays as it is. Queues of other "
        "unions are left alone. On the union's machine: it asks for the passphrase, once.",
    )
    link.add_argument("file", type=Path, metavar="FILE")
    link.add_argument(
        "--folder", type=Path, default=Path("union"), help="the union's folder (default: union)"
    )
    link.add_argument(
        "--hours", type=float, default=8760.0, help="how long they are open (default %(default)g)"
    )
    link.set_defaults(run=_link)


def _check(arguments: argparse.Namespace) -> None:
    try:
        directory = read_directory(arguments.file)
    except WrongDirectory as wrong:
        sys.exit(wrong_file(arguments.file, wrong))
    for line in understood(directory, time.time()):
        print(line)


def _link(arguments: argparse.Namespace) -> None:
    file: Path = arguments.file
    office = Office(arguments.folder)
    try:
        before = read_directory(file)
        id_, now = office.union().id, time.time()
        wanted = linkless(before, id_, now)
        if not 0 < arguments.hours <= HOURS_MAX:
            raise UnionError(f"A link is open for some hours, at most {HOURS_MAX}.")
        window = Window(int(now), int(now + arguments.hours * 3600), 0)
        made = office.pool_links(wanted, window) if wanted else ()
        links = dict(zip(wanted, made, strict=True))
        text = with_links(file.read_text(encoding="utf-8"), links)
        after = read(text).queues
    except WrongDirectory as wrong:
        sys.exit(wrong_file(file, wrong))
    except UnionError as failure:
        sys.exit(str(failure))
    told = {name: queue.link for name, queue in after.items() if name in links}
    if after.keys() != before.queues.keys() or told != {
        name: link.partition("#")[2] for name, link in links.items()
    }:
        sys.exit(f"{file} is written in a way that only people change. It is as it was.")
    if links:
        fresh = file.with_name(f".{file.name}.new")
        fresh.write_text(text, encoding="utf-8")
        shutil.copymode(file, fresh)
        fresh.replace(file)
    print(f"Wrote {len(links)} link{'' if len(links) == 1 else 's'} into {file}.")


def linkless(directory: Directory, union: str, now: float) -> list[str]:
    """Name the queues of a union that need a link now: without, or soon without."""
    return [
        name
        for name, queue in directory.queues.items()
        if queue.link_ends <= now + SOON_S and queue.is_served_by(union) and not queue.is_closed
    ]


def with_links(text: str, links: Mapping[str, str]) -> str:
    """Write links into a directory's text, in the place of those that are there."""
    lines, name = [], ""
    for line in text.splitlines():
        if _TABLE.match(line):
            queue = _QUEUE.match(line)
            name = queue[1] if queue else ""
        elif name in links and _LINK.match(line):
            continue
        lines.append(line)
        if name in links and _QUEUE.match(line):
            lines.append(f'link = "{links[name]}"')
    return "\n".join([*lines, ""])


def wrong_file(file: Path, wrong: WrongDirectory) -> str:
    """Say what is wrong, a line each."""
    count = len(wrong.mistakes)
    return "\n".join(
        (f"{file} is no directory, for {count} reason{'s' if count > 1 else ''}:", *wrong.mistakes)
    )


def understood(directory: Directory, now: float) -> Iterator[str]:
    """Say what a directory says, in lines."""
    queues = directory.queues
    count = len(queues)
    yield f"{count} queue{'s' if count > 1 else ''}:"
    for name, queue in queues.items():
        yield f"  {name}: {'; '.join(_said(queue))}"
    found = remarks(directory, now)
    if found:
        yield "Perhaps not meant:"
        yield from (f"  {remark}" for remark in found)
    yield "This file is right." if not found else "This file is right, and may be used as it is."


def _said(queue: Queue) -> Iterator[str]:
    yield queue.title.fr if queue.title else "without a title"
    if queue.organisation:
        yield queue.organisation.fr
    if (territory := queue.territory) is not None:
        places = [
            *(f"département {number}" for number in territory.departements),
            *(f"postcodes {prefix}…" for prefix in territory.postcodes),
        ]
        if territory.communes:
            places.append(f"{len(territory.communes)} communes")
        yield f"{territory.name.fr} ({', '.join(places) or 'no place in particular'})"
    if queue.hours:
        yield queue.hours.fr
    served = len(queue.unions)
    yield f"served by {served} union{'s' if served > 1 else ''}" if served else "by any union"
    if queue.wider:
        yield f"widens to {', '.join(queue.wider)}"
    yield f"{len(queue.alternatives)} alternatives"
    if queue.is_closed:
        yield "closed: nobody new enters"
