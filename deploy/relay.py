"""`teleconsult relay`: the media relay, by its own engine or by coturn.

A door. It parses, starts one of the two in this process and says what it serves and what it
cannot close. What is served to whom is `relay/`'s.
"""

import argparse
import asyncio
import gc
import ipaddress
import os
import resource
import secrets
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import uvloop

from relay import control, coturn, coturn_config, open_server, server
from relay.core import Relay, Settings
from relay.open_core import OpenRelay
from signaling.journal import Journal
from signaling.passes import read_secrets
from signaling.relaying import password_secret

from . import demo, relay_open, sources

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

LOOPBACK = "127.0.0.1"
PORT = 3478
TLS_PORT = 5349


def add_commands(commands: Commands) -> None:
    """Add `relay` to the command's own."""
    relay = commands.add_parser(
        "relay",
        help="run the media relay",
        description="Carry picture and sound, sealed as they are, between the members of one "
        "consultation. The installation secret is read as `teleconsult serve` reads it. The own "
        "engine is told by the server which members belong together, over --control; coturn "
        "cannot be told, and what that means is said at its start.",
    )
    relay.add_argument("--settings", metavar="FILE", help="read the secret from this TOML file")
    relay.add_argument(
        "--engine",
        choices=("own", "coturn"),
        default="own",
        help="what carries the packets (default %(default)s)",
    )
    relay.add_argument(
        "--print-config",
        action="store_true",
        help="coturn: print the configuration, without the secret, and stop",
    )
    relay.add_argument(
        "--counters",
        action="store_true",
        help="print the numbers of the relay that runs behind --control, and stop",
    )
    relay.add_argument(
        "--ip",
        action="append",
        help="an address to listen on, not a wildcard; several for the own engine, the first of "
        f"which is handed out (default {LOOPBACK}: this machine only)",
    )
    relay.add_argument("--public-ip", metavar="IP", help="how people reach it behind a router")
    relay.add_argument("--port", type=int, default=PORT, help="UDP and TCP (default %(default)s)")
    relay.add_argument("--tls-port", type=int, default=TLS_PORT, help="default %(default)s")
    relay.add_argument("--certificate", metavar="FILE", help="its chain, as PEM: speak TLS too")
    relay.add_argument("--key", metavar="FILE", help="its key, as PEM")
    relay.add_argument(
        "--control",
        type=Path,
        metavar="PATH",
        default=_runtime_folder() / "control",
        help="own engine: the UNIX socket on which the server speaks to it (default %(default)s)",
    )
    relay_open.add_flags(relay)
    relay.set_defaults(run=_run)


def relay_secrets(*installation_secrets: str) -> list[str]:
    """Make of each installation secret what relay passwords are made of, as both engines take it.

    Raises:
        ValueError: one is no installation secret.
    """
    return [password_secret(secret) for secret in read_secrets(*installation_secrets)]


def _run(arguments: argparse.Namespace) -> None:
    try:
        if arguments.print_config:
            if arguments.engine != "coturn":
                raise demo.CannotStart("The own engine has no configuration file to print.")
            placeholder = coturn_config.SECRET_PLACEHOLDER
            print(coturn_config.configuration(_coturn(arguments, placeholder)), end="")
            return
        if arguments.counters:
            if arguments.engine != "own":
                raise demo.CannotStart("coturn has no control socket to ask for numbers.")
            uvloop.run(_print_counters(arguments.control))
            return
        of_installation = _secrets(vars(arguments))
        engine = _by_coturn if arguments.engine == "coturn" else _by_own_engine
        journal = Journal()
        journal.take_over()
        uvloop.run(engine(arguments, of_installation, journal))
    except (
        control.ControlError,
        coturn.CoturnError,
        coturn_config.ConfigurationError,
    ) as error:
        raise demo.CannotStart(str(error)) from None


def _secrets(flags: Mapping[str, object]) -> list[str]:
    settings = sources.read({"settings": flags.get("settings")})
    sources.refuse_demo(settings)
    if not settings.installation_secret.get_secret_value():
        raise sources.SettingsError(
            "Setting installation_secret is missing. It is the one of `teleconsult serve`."
        )
    return relay_secrets(*settings.secrets)


async def _by_own_engine(
    arguments: argparse.Namespace, of_installation: list[str], journal: Journal
) -> None:
    stopped = demo.stop_signal()
    asyncio.get_running_loop().set_exception_handler(
        lambda _, about: journal.fault(about.get("exception") or RuntimeError())
    )
    _take_all_descriptors()
    context = _context(arguments)
    ips = _ips(arguments)
    here = [server.Address(ip, arguments.port) for ip in ips]
    opened = relay_open.read(arguments)
    relay, serve = _engine(opened, arguments.public_ip or ips[0], ips, of_installation)
    try:
        async with serve(
            udp=here,
            tcp=here,
            tls=[replace(each, port=arguments.tls_port) for each in here] if context else [],
            context=context,
        ) as serving:
            orders = control.Control(relay, serving.carry_out, time.time, serving.numbers)
            async with control.listening(orders, arguments.control):
                # What is here now stays: a collection in mid-call need not look at it.
                gc.freeze()
                tls = f", and TLS on port {arguments.tls_port}" if context else ""
                _say(f"Relaying on {' and '.join(ips)}, port {arguments.port} (UDP and TCP){tls}.")
                for sentence in opened.sentences() if opened else ():
                    _say(sentence)
                _say(f"Orders are taken on {arguments.control}.")
                await stopped.wait()
    except OSError as error:
        raise demo.CannotStart(
            f"Cannot relay on {' and '.join(ips)}, port {arguments.port}: "
            f"{error.strerror or error}."
        ) from None


def _engine(
    opened: relay_open.Open | None, told: str, ips: list[str], of_installation: list[str]
) -> tuple[Relay, Callable[..., AbstractAsyncContextManager[server.Server]]]:
    """Make the core, closed or open, and what serves it. `told` is its address for clients."""
    given = [told], [secret.encode() for secret in of_installation], secrets.token_bytes
    if opened is None:
        closed = Relay(*given, now=time.time())
        return closed, partial(server.serving, closed, time.time)
    relay = OpenRelay(
        *given,
        Settings(port_first=opened.first, port_last=opened.last),
        time.time(),
        own=[*ips, *open_server.addresses_of_this_machine()],
        allowed=opened.allowed,
    )
    at = {told: next((ip for ip in ips if (":" in ip) == (":" in told)), ips[0])}
    return relay, partial(open_server.serving, relay, time.time, at=at)


async def _by_coturn(
    arguments: argparse.Namespace, of_installation: list[str], journal: Journal
) -> None:
    stopped = demo.stop_signal()
    found = await coturn.installed()
    chosen = _coturn(arguments, of_installation[0])
    async with coturn.serving(found, chosen) as watched:
        _say(f"{found.name} relays on {chosen.ip}, port {chosen.port}; its trial is passed.")
        _say("What it leaves open:")
        for hole in watched.holes:
            _say(f"  {hole.name}: {hole.sentence}")
        stopping = asyncio.create_task(stopped.wait())
        while not stopping.done():
            changing = asyncio.create_task(watched.next_change())
            await asyncio.wait({stopping, changing}, return_when=asyncio.FIRST_COMPLETED)
            if not changing.done():
                changing.cancel()
            elif changing.result() == "down":
                print(f"{found.name} died and is started again.", file=sys.stderr, flush=True)


async def _print_counters(path: Path) -> None:
    async with control.connected(path) as relay:
        for name, number in (await relay.counters()).items():
            _say(f"{name}: {number:d}")


def _coturn(arguments: argparse.Namespace, secret: str) -> coturn_config.Coturn:
    _check_pair(arguments)
    if relay_open.read(arguments):
        raise demo.CannotStart("--open is for the own engine.")
    tls = (
        coturn_config.Tls(
            os.path.abspath(arguments.certificate),
            os.path.abspath(arguments.key),
            arguments.tls_port,
        )
        if arguments.certificate
        else None
    )
    ips = _ips(arguments)
    if len(ips) > 1:
        raise demo.CannotStart("With coturn the relay listens on one address: give --ip once.")
    return coturn_config.Coturn(
        secret=secret,
        ip=ips[0],
        port=arguments.port,
        public_ip=arguments.public_ip,
        tls=tls,
    )


def _ips(arguments: argparse.Namespace) -> list[str]:
    """List the addresses to listen on.

    Raises:
        CannotStart: one is none, or every address: an answer must come from where it was asked.
    """
    ips: list[str] = arguments.ip or [LOOPBACK]
    for ip in (*ips, *filter(None, [arguments.public_ip])):
        try:
            is_one = not ipaddress.ip_address(ip).is_unspecified
        except ValueError:
            is_one = False
        if not is_one:
            raise demo.CannotStart(f"{ip} is not the address of one machine.")
    return ips


def _context(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    _check_pair(arguments)
    if not arguments.certificate:
        return None
    try:
        return server.tls_context(arguments.certificate, arguments.key)
    except OSError:
        raise demo.CannotStart(
            "--certificate and --key are not a readable pair of PEM files."
        ) from None


def _check_pair(arguments: argparse.Namespace) -> None:
    if bool(arguments.certificate) != bool(arguments.key):
        raise demo.CannotStart("--certificate and --key come together.")


def _take_all_descriptors() -> None:
    """Every allocation has a socket of its own."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _runtime_folder() -> Path:
    return Path(os.environ.get("XDG_RUNTIME_DIR") or "/run") / "teleconsult-relay"


def _say(line: str) -> None:
    print(line, flush=True)
