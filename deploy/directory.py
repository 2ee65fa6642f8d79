"""`teleconsult directory check`: is this file a directory, and what was understood.

A door. It reads one file and the clock, and prints. What is right and wrong is decided in
`signaling/directory_text.py`.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from signaling.directory import Directory, Queue
from signaling.directory_file import read_directory
from signaling.directory_text import WrongDirectory, remarks

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


def _check(arguments: argparse.Namespace) -> None:
    try:
        directory = read_directory(arguments.file)
    except WrongDirectory as wrong:
        sys.exit(wrong_file(arguments.file, wrong))
    for line in understood(directory, time.time()):
        print(line)


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
