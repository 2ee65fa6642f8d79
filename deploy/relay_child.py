"""The relay's own process, as `teleconsult serve` and `demo` start it.

A door. What to serve comes as one line of JSON on standard input, since a command line is for
every user of the machine to read and secrets are in it; the answer is one line on standard
output. When standard input ends, whoever started it is gone or wants it to stop, and it stops.
It writes nothing else.
"""

import asyncio
import errno
import gc
import json
import os
import resource
import secrets
import signal
import socket
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import uvloop

from relay import control, server, shared_port
from relay.core import Relay

TRIES = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What the process is to serve.

    Attributes:
        ips: where it listens, one address of a family.
        port: UDP and TCP; 0 takes a free one.
        transports: which of the two.
        public_ips: how people reach these; the first one's family is that of its virtual ports.
        secrets: what relay passwords are made of, as texts.
        control: UNIX socket for what the server says.
        streams: UNIX socket for streams that the server accepted.
    """

    ips: list[str]
    port: int
    transports: list[str]
    public_ips: list[str]
    secrets: list[str]
    control: str
    streams: str

    def line(self) -> bytes:
        """Write it as the child reads it."""
        return json.dumps(asdict(self)).encode() + b"\n"


def main() -> None:
    """Serve what standard input says, until it ends."""
    # Ctrl-C is for whoever started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = Order(**json.loads(sys.stdin.readline()))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # each allocation has a socket
    try:
        uvloop.run(_serve(order))
    except OSError as error:
        _say({"error": error.strerror or "unknown"})
    except (control.ControlError, ValueError) as error:
        _say({"error": str(error)})


async def _serve(order: Order) -> None:
    loop = asyncio.get_running_loop()
    # A fault in one packet's way ends nothing, and there is no log.
    loop.set_exception_handler(lambda _, about: None)
    port = order.port or _free_port(order.ips)
    here = [server.Address(ip, port) for ip in order.ips]
    made_of = [secret.encode() for secret in order.secrets]
    relay = Relay(order.public_ips, made_of, secrets.token_bytes, now=time.time())
    udp, tcp = (here if over in order.transports else [] for over in ("udp", "tcp"))
    async with server.serving(relay, time.time, udp=udp, tcp=tcp) as served:
        orders = control.Control(relay, served.carry_out, time.time, served.numbers)
        async with (
            control.listening(orders, Path(order.control)),
            shared_port.listening(served, Path(order.streams)),
        ):
            # What is here now stays: a collection in mid-call need not look at it.
            gc.freeze()
            _say({"port": port})
            await _end_of_input()


async def _end_of_input() -> None:
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


def _free_port(ips: list[str]) -> int:
    """Find a port that is free for UDP and TCP at every address.

    Raises:
        OSError: there is none, or no such address.
    """
    for last in (*[False] * TRIES, True):
        with ExitStack() as stack:
            port = 0
            try:
                for ip, kind in product(ips, (socket.SOCK_DGRAM, socket.SOCK_STREAM)):
                    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
                    taken = stack.enter_context(socket.socket(family, kind))
                    taken.bind((ip, port))
                    port = int(taken.getsockname()[1])
            except OSError as error:
                if last or error.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
    raise AssertionError("the last try returns or raises")


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
