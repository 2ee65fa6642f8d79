"""The probe's own process, as a demonstration starts it.

A door. What to do comes as one line of JSON on standard input, since a command line is for every
user of the machine to read and keys are in it; the answer is one line on standard output. When
standard input ends, whoever started it is gone or wants it to stop, and it stops.
"""

import asyncio
import json
import signal
import socket
import ssl
import sys
from pathlib import Path

from clients.peer import probe_keys
from clients.peer.errors import PeerError
from clients.peer.reach import Reach
from probe.watching import Node
from signaling.journal import Journal

from .certificate import SelfSigned, server_context
from .demo import CannotStart
from .demo_probe import Order
from .status import Options, probing
from .worker import end_of_input, say


def main() -> None:
    """Probe what standard input says, until it ends."""
    # Ctrl-C is for whoever started it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    order = Order(**json.loads(sys.stdin.readline()))
    journal = Journal()
    journal.take_over()
    try:
        asyncio.run(_probe(order, journal))
    except (CannotStart, PeerError) as error:
        say({"error": str(error)})


async def _probe(order: Order, journal: Journal) -> None:
    own = SelfSigned(order.certificate.encode(), order.key.encode()) if order.certificate else None
    trust = ssl.create_default_context(cadata=order.certificate) if own else None
    nodes = [Node(order.node, Reach(trust), probe_keys.read(order.keys))]
    listeners = [socket.socket(fileno=number) for number in order.listeners]
    for listener in listeners:
        listener.setblocking(False)
    options = Options(
        service=order.service,
        host=order.host,
        metrics={order.node: order.metrics},
        trust=Path(order.trust),
        pages=Path(order.pages),
        is_demo=True,
    )
    context = server_context(own) if own else None
    async with probing(nodes, options, journal, listeners=listeners, context=context):
        say({"said": []})
        await end_of_input()


if __name__ == "__main__":
    main()
