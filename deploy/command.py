"""`teleconsult`: one command whose subcommands are the rooms.

A door. It parses what was typed, starts a room, and turns every expected failure into
one sentence on standard error and exit code 1 (2 for a wrong command line).
"""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import uvloop

from signaling.directory_text import WrongDirectory
from signaling.encoding import encode
from signaling.journal import Journal

from . import brand, demo, directory, node, probe, relay, sources, union, workers

STDIN = "-"

Run = Callable[[argparse.Namespace], None]


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command. `argv` is what follows its name; the process's own by default."""
    arguments = _parser().parse_args(argv)
    run: Run = arguments.run
    try:
        run(arguments)
    except (demo.CannotStart, sources.SettingsError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="teleconsult",
        description="Pairs a patient with a doctor on duty, then steps aside.",
        epilog="Each command explains itself: teleconsult serve --help",
    )
    commands = parser.add_subparsers(title="commands", metavar="", required=True)

    serve = commands.add_parser(
        "serve",
        usage="teleconsult serve [--settings FILE] [--SETTING VALUE ...]",
        help="run the service for real",
        description="Run the signaling server: pages and sockets, store in memory. "
        "It needs an installation secret (make one with `teleconsult secret`) and the "
        "origins of its pages. With --trust FOLDER it admits the doctors of the unions in that "
        "folder, and whoever has one of their links, and hands out what those unions publish; "
        "without, nobody is admitted. To try the service use `teleconsult demo`.",
    )
    sources.add_flags(serve)
    serve.set_defaults(run=_serve)

    demonstration = commands.add_parser(
        "demo",
        usage="teleconsult demo [--lan] [--settings FILE] [--SETTING VALUE ...]",
        help="run a throwaway service and print its addresses",
        description="Run everything on this machine with secrets that die with the process, "
        "with a union of its own, and print links for patients, the doctor's page, usable at once, "
        "and how to enrol another device.",
    )
    demonstration.add_argument(
        "--lan",
        action="store_true",
        help="serve the local network over TLS with a self-signed certificate, for phones",
    )
    sources.add_flags(demonstration)
    demonstration.set_defaults(run=lambda arguments: demo.run(vars(arguments), arguments.lan))

    peer = commands.add_parser(
        "peer",
        help="be a patient, a doctor or a guest without a browser",
        description="Hold a consultation without a screen: sends a test picture and a tone, "
        "and says each step. A doctor takes one patient after another until Ctrl-C; a guest comes "
        "by the address that somebody in a consultation handed over, once.",
    )
    peer.add_argument("role", choices=("patient", "doctor", "guest"))
    peer.add_argument(
        "url",
        metavar="URL",
        help="the address as `teleconsult demo` prints it; - reads it from standard input, since "
        "a command line is for every user of the machine to read, and the address is a key",
    )
    peer.add_argument("--once", action="store_true", help="doctor: stop after one consultation")
    peer.add_argument(
        "--relay", metavar="URL", help="use this one of the relay's addresses (turn: or turns:)"
    )
    peer.set_defaults(run=_peer)

    call = commands.add_parser(
        "call",
        help="hold one real consultation between two headless peers",
        description="Two peers without a screen hold one consultation, check each other's "
        "picture and tone, and print each step with its milliseconds. Without addresses a "
        "demonstration is started for it and stopped afterwards. With - they are read from "
        "standard input, one per line, the patient's first: a command line is for every user of "
        "the machine to read, and an address is a key.",
    )
    call.add_argument("patient", nargs="?", metavar="PATIENT_URL | -")
    call.add_argument("doctor", nargs="?", metavar="DOCTOR_URL")
    call.set_defaults(run=_call)

    union.add_commands(commands)
    directory.add_commands(commands)
    brand.add_commands(commands)
    relay.add_commands(commands)
    probe.add_commands(commands)

    secret = commands.add_parser(
        "secret",
        help="make an installation secret",
        description="Print 32 fresh random bytes in base64url, for `installation_secret`.",
    )
    secret.set_defaults(run=lambda _: print(encode(secrets.token_bytes(32))))
    return parser


def _serve(arguments: argparse.Namespace) -> None:
    settings = sources.read(vars(arguments))
    sources.refuse_demo(settings)
    if not settings.installation_secret.get_secret_value():
        raise sources.SettingsError(
            "Setting installation_secret is missing. Make one with: teleconsult secret"
        )
    if not settings.origins:
        raise sources.SettingsError(
            "Setting origins is missing: the addresses of the pages, such as "
            "https://visio.example.fr"
        )
    journal = Journal()
    journal.take_over()

    async def until_stopped() -> None:
        stopped = demo.stop_signal()
        if settings.workers > 1:
            serving: AbstractAsyncContextManager[node.Serving] = workers.serving(settings, journal)
        else:
            serving = node.serving(settings, journal)
        async with serving as served:
            for line in served.said:
                print(line, flush=True)
            await stopped.wait()

    try:
        uvloop.run(until_stopped())
    except WrongDirectory as wrong:
        raise sources.SettingsError(
            directory.wrong_file(settings.directory or Path(), wrong)
        ) from None


def _peer(arguments: argparse.Namespace) -> None:
    from clients.peer import run  # aiortc costs a second to import: only who calls it pays

    way = run.Way(relay_url=arguments.relay)
    url = _read_addresses("The address")[0] if arguments.url == STDIN else arguments.url

    async def be() -> None:
        if arguments.role == "patient":
            await run.run_patient(url, _say, way=way)
        elif arguments.role == "guest":
            await run.run_guest(url, _say, way=way)
        else:
            await run.run_doctor(url, _say, once=arguments.once, way=way)

    _ending_in_a_sentence(be)


def _call(arguments: argparse.Namespace) -> None:
    from clients.peer import run

    addresses = [url for url in (arguments.patient, arguments.doctor) if url]
    if addresses == [STDIN]:
        addresses = _read_addresses("The patient's address", "the doctor's")
    if len(addresses) == 1 or STDIN in addresses:
        raise demo.CannotStart("`teleconsult call` takes both addresses, or - alone, or none.")

    async def hold(patient: str, doctor: str) -> None:
        ms = await run.hold_one_consultation(patient, doctor, _say)
        _say(f"consultation: ok, accept to first frame {ms:.0f} ms")

    async def call() -> None:
        if addresses:
            await hold(*addresses)
            return
        async with demo.demonstration({"port": "0"}, Journal()) as own:
            await hold(own.patient, own.doctor)

    _ending_in_a_sentence(call)


def _read_addresses(*whose: str) -> list[str]:
    """Read addresses from standard input, one a line.

    Raises:
        CannotStart: there are fewer.
    """
    lines = [sys.stdin.readline().strip() for _ in whose]
    if not all(lines):
        raise demo.CannotStart(
            f"{' and '.join(whose)} must come on standard input, one on each line."
        )
    return lines


def _say(line: str) -> None:
    print(line, flush=True)


def _ending_in_a_sentence(act: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run a peer; what it could not do becomes one sentence and exit code 1."""
    from clients.peer.errors import PeerError

    try:
        asyncio.run(act())
    except PeerError as failure:
        sys.exit(str(failure))
