"""`teleconsult probe`: what an operator types to know whether consultations can be held.

A door. It reads keys and addresses, lets `probe` act, and says what was found. What it measures
is the probe's own two ends, so that its figures are exact and about nobody.
"""

import argparse
import asyncio
import re
import ssl
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from signaling.journal import Journal
from signaling.settings import PAGES

from . import certificate, demo

if TYPE_CHECKING:  # aiortc costs a second to import: only who probes pays
    from probe.rounds import Round
    from probe.watching import Node

    from .status import Options

STDIN = "-"
ENROL = "enrol"
LISTEN = "127.0.0.1:9475"
NODES_MAX = 32
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(commands: Commands) -> None:
    """Add `probe` to the command's own."""
    probe = commands.add_parser(
        "probe",
        usage="teleconsult probe URL --keys FILE [--node NAME=URL ...] [--once | OPTION ...]\n"
        "       teleconsult probe enrol FILE\n"
        "       teleconsult probe --once",
        help="hold a consultation with itself over each path, every minute, and show how it went",
        description="Hold a real, sealed consultation between two peers without a screen, over "
        "each path of each node, every minute, and show on a status page how it went. The two "
        "meet in a queue of their own, which nobody sees and no figure counts. First, once: "
        "`teleconsult probe enrol FILE`, which makes the probe's keys and prints the request for "
        "the union. With --once and without URL a throwaway service is started for it.",
    )
    probe.add_argument(
        "url",
        nargs="?",
        metavar="URL",
        help="where the pages are, such as https://visio.example.fr",
    )
    probe.add_argument("file", nargs="?", metavar="FILE", help=argparse.SUPPRESS)
    probe.add_argument(
        "--keys",
        action="append",
        metavar="FILE",
        help="the file that `enrol` made, with the link of the union as its second line; - reads "
        "both lines from standard input. Given once for each node, nodes are asked side by side",
    )
    probe.add_argument(
        "--node",
        action="append",
        metavar="NAME=URL",
        help="a node, by an address of its own; may be given several times",
    )
    probe.add_argument(
        "--once", action="store_true", help="print one table and stop; 1 if any is red"
    )
    page = probe.add_argument_group("status page")
    page.add_argument(
        "--listen",
        default=LISTEN,
        metavar="ADDRESS:PORT",
        help="where it listens; 0 takes a free port (default %(default)s)",
    )
    page.add_argument(
        "--origin",
        action="append",
        metavar="URL",
        help="how a browser reaches it, where that is not where it listens, as behind a proxy",
    )
    page.add_argument(
        "--trust", metavar="FOLDER", help="of trusted unions, whose staff may read it"
    )
    page.add_argument(
        "--pages", metavar="FOLDER", help="of the built pages (default: those of this program)"
    )
    page.add_argument("--public", action="store_true", help="everybody may read it")
    page.add_argument(
        "--metrics",
        action="append",
        metavar="NAME=URL",
        help="where a node says how it is, such as 1=http://127.0.0.1:9464/metrics; may be given "
        "several times. A node without a name is 1",
    )
    page.add_argument(
        "--prometheus",
        default="",
        metavar="URL",
        help="a Prometheus that remembers for longer than this process runs",
    )
    probe.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Do what was typed.

    Raises:
        CannotStart: with a sentence.
    """
    from clients.peer.errors import PeerError

    try:
        if arguments.url == ENROL:
            _enrol(arguments)
        elif arguments.file is not None:
            raise demo.CannotStart("`teleconsult probe` takes one address, or `enrol FILE`.")
        elif arguments.url is None:
            if not arguments.once:
                raise demo.CannotStart("Say where the pages are: teleconsult probe URL")
            sys.exit(asyncio.run(_once_on_its_own()))
        else:
            nodes = nodes_of(arguments.url, arguments.keys or [], arguments.node or [])
            if arguments.once:
                sys.exit(asyncio.run(_once(nodes)))
            _keeps(nodes, options_of(arguments, nodes))
    except PeerError as failure:
        raise demo.CannotStart(str(failure)) from None


def _enrol(arguments: argparse.Namespace) -> None:
    from clients.peer import enrolment

    if arguments.file is None:
        raise demo.CannotStart("Say where the keys are to be: teleconsult probe enrol FILE")
    print(enrolment.enrol(Path(arguments.file), time.time()))
    # Beside, so that the request alone goes into a file.
    print(
        "\nGive this to the union: teleconsult union issue REQUEST --role probe --name NAME\n"
        f"Add the link that it answers with to {arguments.file}, as a second line.\n"
        "Later the same prints a request for further days: teleconsult union renew REQUEST",
        file=sys.stderr,
    )


def nodes_of(url: str, files: Sequence[str], named: Sequence[str]) -> tuple["Node", ...]:
    """Say which nodes are probed, by which keys.

    Raises:
        CannotStart, PeerError: with a sentence.
    """
    from clients.peer import enrolment, probe_keys
    from clients.peer.link import parse
    from clients.peer.reach import BY_ITS_ADDRESS, Reach
    from probe.watching import SHARED_MAX, Node, every_s

    if not files:
        raise demo.CannotStart(
            "The probe needs its keys: --keys FILE. Make them with: teleconsult probe enrol FILE"
        )
    keys = [
        probe_keys.read(sys.stdin.read(probe_keys.TEXT_MAX_CHARS + 1))
        if file == STDIN
        else enrolment.read(Path(file))
        for file in files
    ]
    for each in keys:
        if parse(each.link).origin != origin(url):
            raise demo.CannotStart("The probe's link is for another address than the one given.")
    reaches: list[tuple[str, str | None]] = [_named(word) for word in named]
    reaches = reaches or [("1", None)]
    names = {name for name, _ in reaches}
    if len(names) < len(reaches) or len(reaches) > NODES_MAX:
        raise demo.CannotStart(f"Nodes have names of their own, and are at most {NODES_MAX}.")
    if len(keys) not in (1, len(reaches)):
        raise demo.CannotStart("Give --keys once, or once for each --node.")
    nodes = tuple(
        Node(name, Reach(at=at) if at else BY_ITS_ADDRESS, keys[number % len(keys)])
        for number, (name, at) in enumerate(reaches)
    )
    try:
        every_s(nodes)
    except ValueError:
        raise demo.CannotStart(
            f"More than {SHARED_MAX} nodes need keys of their own: --keys once for each --node, "
            "each time another file."
        ) from None
    return nodes


def options_of(arguments: argparse.Namespace, nodes: Sequence["Node"]) -> "Options":
    """Say what the status page is to be.

    Raises:
        CannotStart: with a sentence.
    """
    from probe.watching import EVERY_S, every_s

    from .status import Options

    beat_s = every_s(nodes)
    if beat_s > EVERY_S:
        print(
            f"Each path is tried every {beat_s / 60:.0f} minutes, since nodes share their keys: "
            "give --keys once for each --node to have each tried every minute.",
            file=sys.stderr,
        )
    host, port = _listening(arguments.listen)
    metrics = dict(_cut(word) for word in arguments.metrics or [])
    if not metrics.keys() <= {node.name for node in nodes}:
        raise demo.CannotStart("--metrics names a node that is not probed.")
    for url in filter(None, [*metrics.values(), arguments.prometheus]):
        if urlsplit(url).scheme not in _PORTS:
            raise demo.CannotStart(f"{url} is not an address that begins with http.")
    if not arguments.trust and not arguments.public:
        print(
            "Nobody may read the status page: give --trust FOLDER, for staff of the unions in it, "
            "or --public.",
            file=sys.stderr,
        )
    return Options(
        service=origin(arguments.url),
        host=host,
        port=port,
        origins=tuple(origin(url) for url in arguments.origin or []),
        metrics=metrics,
        trust=Path(arguments.trust) if arguments.trust else None,
        prometheus=arguments.prometheus,
        pages=Path(arguments.pages) if arguments.pages else PAGES,
        is_public=arguments.public,
        every_s=beat_s,
    )


def _keeps(nodes: Sequence["Node"], options: "Options") -> None:
    """Probe until somebody stops it."""
    from .status import probing

    journal = Journal()
    journal.take_over()

    async def until_stopped() -> None:
        stopped = demo.stop_signal()
        async with probing(nodes, options, journal) as at:
            print(f"Probing {options.service}. Status page: {at}/status", flush=True)
            await stopped.wait()

    asyncio.run(until_stopped())


def table(node: str, rounds: Sequence["Round"]) -> str:
    """Write the newest rounds of one node: a column each path, a line each step."""
    from probe.rounds import STEPS

    mine = [one for one in rounds if one.node == node]
    lines = [_line(f"node {node}", [one.path for one in mine])]
    for step in STEPS:
        taken = [one.steps.get(step) for one in mine]
        lines.append(
            _line(f"  {step}", [f"{ms:.0f} ms" if ms is not None else "–" for ms in taken])
        )
    losses = [f"{one.loss:.1%}" if one.loss is not None else "–" for one in mine]
    jitters = [f"{one.jitter_ms:.1f} ms" if one.jitter_ms is not None else "–" for one in mine]
    lines += [_line("  lost", losses), _line("  jitter", jitters)]
    lines.append(_line("", ["green" if one.is_ok else "RED" for one in mine]))
    lines += [
        f"{one.path} failed at {one.failed}: {one.why}" for one in mine if one.failed is not None
    ]
    return "\n".join(lines)


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<16}" + "".join(f"{cell:>12}" for cell in cells)


async def _once(nodes: Sequence["Node"]) -> int:
    """Hold one round over everything and print it; 1 if a path is red, or is not known."""
    from probe.watching import Watching

    rounds = await Watching(nodes, lambda _: None).once()
    for node in nodes:
        print(table(node.name, rounds), flush=True)
    has_all = {node.name for node in nodes} == {one.node for one in rounds}
    return 0 if has_all and all(one.is_ok for one in rounds) else 1


async def _once_on_its_own() -> int:
    async with throwaway() as node:
        return await _once([node])


@asynccontextmanager
async def throwaway() -> AsyncIterator["Node"]:
    """Run a service that has all paths, with secrets and a certificate of this hour."""
    from clients.peer import probe_keys
    from clients.peer.reach import Reach
    from probe.watching import Node

    with tempfile.TemporaryDirectory(prefix="teleconsult-probe-") as folder:
        own = certificate.self_signed(("127.0.0.1",), certificate.new_key(), datetime.now(UTC))
        pair = certificate.written(own, folder)
        flags: dict[str, object] = {
            "port": "0",
            "metrics_port": "0",
            "certificate": str(pair),
            "certificate_key": str(pair),
            "relay_only": "false",
        }
        trust = ssl.create_default_context(cadata=own.certificate.decode())
        async with demo.demonstration(flags, Journal()) as addresses:
            yield Node("1", Reach(trust), probe_keys.read(addresses.probe))


def _named(word: str) -> tuple[str, str | None]:
    name, url = _cut(word)
    return name, origin(url)


def _cut(word: str) -> tuple[str, str]:
    name, equals, url = word.partition("=")
    if not equals or _NAME.fullmatch(name) is None:
        raise demo.CannotStart(
            f"{word} names no node: write NAME=URL, the name in letters, digits, dot, _ and -."
        )
    return name, url


def _listening(word: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{word}")
        if parts.port is None or not parts.hostname or parts.netloc != word:
            raise ValueError
    except ValueError:
        raise demo.CannotStart(f"{word} is no address and port, such as {LISTEN}") from None
    return parts.hostname, parts.port


def origin(url: str) -> str:
    """Take the origin of an address that has nothing else.

    Raises:
        CannotStart: it is none, or more.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        port, host = None, None
    else:
        if parts.scheme not in _PORTS or parts.netloc.rpartition("@")[1]:
            host = None
        if parts.path.strip("/") or parts.query or parts.fragment:
            host = None
    if not host:
        raise demo.CannotStart(f"{url} is not the address of a service, such as https://host")
    host = f"[{host}]" if ":" in host else host
    # RFC 6454 §6.2: the port is left out where it is the scheme's own.
    return f"{parts.scheme}://{host}" + (
        f":{port}" if port not in (None, _PORTS[parts.scheme]) else ""
    )
