"""One of several processes that serve one port, as `workers.py` starts it.

A door. What to serve comes as one line of JSON on standard input, since a command line is for
every user of the machine to read and secrets are in it; the answer is one line on standard
output. When standard input ends, whoever started it is gone or wants it to stop, and it stops.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from typing import Any

import uvloop
from pydantic import SecretStr

from signaling.directory_text import WrongDirectory
from signaling.journal import Journal
from signaling.settings import Settings

from . import demo, node
from .directory import wrong_file
from .relaying import Shared


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is to serve.

    Attributes:
        settings: all of them, secrets as text.
        listeners: descriptors of bound sockets, which it has from whoever started it.
        shared: the relay, if that runs already.
    """

    settings: dict[str, Any]
    listeners: list[int]
    shared: dict[str, Any] | None

    def line(self) -> bytes:
        """Write it as a worker reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


def written(settings: Settings) -> dict[str, Any]:
    """Write settings so that another process reads the same ones, its secrets too."""
    plain: dict[str, Any] = settings.model_dump(mode="json")
    for name, value in settings:
        if isinstance(value, SecretStr):
            plain[name] = value.get_secret_value()
    return plain


def main() -> None:
    """Serve what standard input says, until it ends."""
    # Ctrl-C is for whoever started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = Order(**json.loads(sys.stdin.readline()))
    journal = Journal()
    journal.take_over()
    settings = Settings.model_validate(order.settings)
    try:
        uvloop.run(_serve(settings, order, journal))
    except demo.CannotStart as error:
        say({"error": str(error)})
    except WrongDirectory as wrong:
        say({"error": wrong_file(settings.directory, wrong) if settings.directory else ""})


async def _serve(settings: Settings, order: Order, journal: Journal) -> None:
    listeners = [socket.socket(fileno=number) for number in order.listeners]
    for listener in listeners:
        listener.setblocking(False)
    shared = Shared(**order.shared) if order.shared is not None else None
    async with node.serving(settings, journal, listeners, shared) as served:
        say({"said": served.said})
        await end_of_input()


async def end_of_input() -> None:
    """Wait until whoever started this process closes its end, or is gone."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not os.read(0, 4096):
            ended.set()

    loop.add_reader(0, read)
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    loop.remove_reader(0)


def say(what: dict[str, object]) -> None:
    """Answer whoever started this process, once."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
