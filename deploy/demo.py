"""A whole service for trying out, on this machine or the local network.

A door. Its secrets are made at start and gone at the end, those of its union too
(`founding.py`); the printed addresses work at once.
"""

import asyncio
import errno
import resource
import secrets
import signal
import socket
import ssl
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from clients.union.errors import UnionError
from relay.server import tls_context
from relay.shared_port import SPLICES_MAX
from signaling import redis_node, store_address
from signaling.brand_text import WrongBrand
from signaling.directory_file import following, read_directory
from signaling.directory_text import WrongDirectory
from signaling.encoding import encode
from signaling.exposition import StoreState
from signaling.journal import Journal
from signaling.memory_store import MemoryStore
from signaling.pages import NoPages
from signaling.passes import read_secrets
from signaling.published import Publisher
from signaling.redis_watch import MayKeep
from signaling.server import USAGE, create_app, listening_sockets, running, steady_clock
from signaling.settings import Settings
from signaling.store import Life, Store, StoreAway
from signaling.trust import trusting
from signaling.union_admission import UnionAdmission

from . import certificate, demo_probe, metrics, relaying, sources
from .brand import wrong_file as wrong_brand
from .child import DidNotStart
from .directory import wrong_file
from .founding import Founded
from .relay_watch import RelayError

FRESH_EVERY_S = 60.0
"""How often it is looked whether the union must sign again: a machine may have slept."""

SPARE_DESCRIPTORS = 128
"""For the log, the listening sockets, and whatever Python opens by itself."""

DOORSTEP_SHARE = 1 / 8
"""Of scarce descriptors: about what the settings give the doorstep (2,000 of 17,000). People
come in over seconds and stay for minutes, so that few are at the door at any time."""


class CannotStart(Exception):
    """The service cannot start. The sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """What to open in a browser.

    Attributes:
        patient: a link to the first queue, for anybody.
        doctor: the doctor's page, with the keys of a doctor.
        own: a link to this doctor.
        fingerprint: SHA-256 of the self-signed certificate, when there is one.
        command: what vouches for another device.
        metrics: where the node says how it is.
        probe: what lets a probe in, as `teleconsult probe` reads it.
        status: the status page, with the keys of staff; where a probe runs.
    """

    patient: str
    doctor: str
    own: str = ""
    fingerprint: str = ""
    command: str = ""
    metrics: str = ""
    probe: str = field(default="", repr=False)
    status: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where a server listens.

    Attributes:
        relay: what is to be said of the relay, in lines.
        metrics: where it says how it is.
        own: its certificate, if it made that itself.
    """

    origin: str
    relay: tuple[str, ...]
    metrics: str
    own: certificate.SelfSigned | None


@asynccontextmanager
async def listening(
    settings: Settings,
    admission: UnionAdmission,
    journal: Journal,
    publisher: Publisher | None = None,
    *,
    lan: str | None = None,
    is_demo: bool = False,
    listeners: list[socket.socket] | None = None,
    shared: relaying.Shared | None = None,
) -> AsyncIterator[Listening]:
    """Run one signaling server with the store that its settings name, and say where.

    Args:
        lan: serve TLS under this IP address, with a certificate made for it.
        is_demo: allow the server's own origin, whatever the settings say. For real, pages
            come from the addresses in the settings and from nowhere else.
        listeners: the port, where another process has taken it for this one.
        shared: the relay, where another process runs it.

    Raises:
        CannotStart: the port is taken, the pages are not built, or the store could keep
            what it is given.
    """
    settings = _within_descriptors(settings)
    listeners = listeners or bound(settings)
    async with AsyncExitStack() as stack:
        for listener in listeners:
            stack.callback(listener.close)  # asyncio closes them too, once it has them
        port = listeners[0].getsockname()[1]
        origin = origin_of(settings, lan, port)
        if is_demo:
            settings = settings.model_copy(update={"origins": (*settings.origins, origin)})
        try:
            context, own = _context(settings, lan)
            watchers = stack.enter_context(metrics.port(settings))
            relay = (
                relaying.joined(settings, shared)
                if shared is not None
                else relaying.chosen(settings, origin, journal)
            )
            chosen = await stack.enter_async_context(relay)
            kept = await stack.enter_async_context(_store(settings, journal, is_demo))
            app = create_app(
                settings,
                kept.store,
                admission,
                journal,
                kept.clock,
                secrets.token_bytes,
                secrets.randbelow,
                publisher,
                chosen.relaying,
                kept.is_open,
            )
        except (NoPages, RelayError, MayKeep, metrics.PortTaken) as error:
            raise CannotStart(str(error)) from None
        except WrongBrand as wrong:
            raise CannotStart(wrong_brand(settings.brand or Path(), wrong)) from None
        await stack.enter_async_context(
            running(app, listeners, settings, journal, context, chosen.splices)
        )
        watched = metrics.Watched(
            settings, admission, kept.clock, kept.state, app[USAGE].released, chosen.is_up
        )
        await stack.enter_async_context(metrics.telling(watched, watchers, journal))
        yield Listening(origin, chosen.said, metrics.address(watchers), own)


def bound(settings: Settings) -> list[socket.socket]:
    """Take the port of the pages.

    Raises:
        CannotStart: somebody has it.
    """
    try:
        return listening_sockets(settings.host, settings.port)
    except OSError as error:
        raise CannotStart(_cannot_listen(settings, error)) from None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A store, its time, and whether people may be let in."""

    store: Store
    clock: Callable[[], float]
    is_open: Callable[[], bool]
    state: Callable[[], StoreState]


@asynccontextmanager
async def _store(settings: Settings, journal: Journal, is_demo: bool) -> AsyncIterator[_Kept]:
    """Have the store that the settings name while the block lasts.

    Raises:
        CannotStart, MayKeep: with a sentence.
    """
    address = store_address.read(settings.store.get_secret_value())
    steady = steady_clock()
    if address is None:
        yield _Kept(MemoryStore(_new_life(settings, is_demo)), steady, lambda: True, StoreState)
        return
    try:
        joining = redis_node.joined(address, settings, journal, steady, secrets.token_bytes)
        async with joining as node:
            kind = "redis" if address.kind == "one" else address.kind
            yield _Kept(
                node.store,
                node.clock,
                node.is_open,
                lambda: StoreState(kind, node.is_open(), node.is_memory_only()),
            )
    except StoreAway:
        raise CannotStart("The store went away while it was asked. Try again.") from None


def _new_life(settings: Settings, is_demo: bool) -> Life:
    """Begin a store that is empty now. Nobody waited in a demonstration before it began."""
    now = steady_clock()()
    calls_from = 0.0 if is_demo else now + settings.rebuild_s
    return Life(encode(secrets.token_bytes(8)), began=now, calls_from=calls_from)


def origin_of(settings: Settings, lan: str | None, port: int) -> str:
    """Say how a browser reaches the pages, as it says so itself: usual ports are left out."""
    is_tls = bool(lan or settings.certificate)
    host = lan or settings.host
    if host in ("", "0.0.0.0", "::"):  # everywhere, so here too
        host = "localhost"
    if ":" in host:
        host = f"[{host}]"
    usual = 443 if is_tls else 80
    return f"{'https' if is_tls else 'http'}://{host}" + (f":{port}" if port != usual else "")


def _context(
    settings: Settings, lan: str | None
) -> tuple[ssl.SSLContext | None, certificate.SelfSigned | None]:
    """Make what TLS needs, and say which certificate was made for it.

    Raises:
        CannotStart: the certificate and its key are no pair.
    """
    if bool(settings.certificate) != bool(settings.certificate_key):
        raise CannotStart("Settings certificate and certificate_key come together.")
    if settings.certificate and settings.certificate_key:
        try:
            pair = str(settings.certificate), str(settings.certificate_key)
            return tls_context(*pair), None
        except OSError:
            raise CannotStart(
                "Settings certificate and certificate_key are not a readable pair of PEM files."
            ) from None
    if lan is None:
        return None, None
    own = certificate.self_signed((lan,), certificate.new_key(), datetime.now(UTC))
    return certificate.server_context(own), own


@asynccontextmanager
async def demonstration(
    flags: Mapping[str, object],
    journal: Journal,
    lan: str | None = None,
    *,
    is_probed: bool = False,
) -> AsyncIterator[Addresses]:
    """Run a demonstration and yield its addresses.

    Args:
        lan: this machine's IP address on its network: it listens there and speaks TLS.
        is_probed: a probe runs beside it, with a status page, where that is built.

    Raises:
        CannotStart, SettingsError: with a sentence.
    """
    secret = sources.DEMO_MARK + encode(secrets.token_bytes(33))
    with tempfile.TemporaryDirectory(prefix="teleconsult-demo-") as name:
        folder = Path(name)
        fixed: dict[str, object] = {"installation_secret": secret, "trust": folder / "trust"}
        if lan:
            fixed["host"] = lan  # where its addresses lead, and on no other network
        # Whatever ports are free: its addresses are handed out, nobody has to know them.
        free = {name: flags.get(name) or "0" for name in ("relay_port", "metrics_port")}
        settings = sources.read({**flags, **free}, **fixed)
        queues = _queues(settings)
        # Those of a file are the file's, once it is followed.
        named = () if settings.directory else queues
        admission = UnionAdmission(read_secrets(*settings.secrets), settings.link_window_s, named)
        publisher = Publisher(folder / "trust", lambda: admission.unions, settings)
        async with listening(
            settings, admission, journal, publisher, lan=lan, is_demo=True
        ) as server:
            try:
                union = Founded(folder, server.origin, queues, settings.link_window_s)
                addresses = Addresses(
                    patient=union.patient_link(),
                    doctor=union.doctor_address(),
                    own=union.own_link(),
                    fingerprint=server.own.fingerprint if server.own else "",
                    command=union.command(),
                    probe="\n".join(union.probe_keys()),
                    metrics=server.metrics,
                )
            except UnionError as error:
                raise CannotStart(str(error)) from None
            settings = settings.model_copy(update={"origins": (server.origin,)})
            async with (
                trusting(admission, settings, journal, steady_clock(), is_demo=True),
                following(admission, settings, journal, union.opened),
                _keeping_fresh(union, journal),
                AsyncExitStack() as stack,
            ):
                # Tests build pages of their own; those that have no status page need no probe.
                if is_probed and (settings.pages / "status.html").is_file():
                    probed = _probed(union, server, settings, journal, lan)
                    status = await stack.enter_async_context(probed)
                    addresses = replace(addresses, status=status)
                yield addresses


@asynccontextmanager
async def _probed(
    union: Founded, server: Listening, settings: Settings, journal: Journal, lan: str | None
) -> AsyncIterator[str]:
    """Have the demonstration probed while the block lasts; yields the address of staff.

    Raises:
        CannotStart: with a sentence.
    """
    host = lan or "localhost"
    async with AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(demo_probe.port_of(host))
            order = demo_probe.Order(
                service=server.origin,
                keys="\n".join(union.probe_keys()),
                metrics=server.metrics,
                trust=str(union.trust),
                pages=str(settings.pages),
                host=host,
                certificate=server.own.certificate.decode() if server.own else "",
                key=server.own.key.decode() if server.own else "",
                listeners=port.descriptors,
            )
            await stack.enter_async_context(demo_probe.probed(order, journal))
        except (DidNotStart, OSError) as error:
            raise CannotStart(str(error)) from None
        scheme = "https" if lan else "http"
        yield union.staff_address(f"{scheme}://{host}:{port.number}")


def _queues(settings: Settings) -> tuple[str, ...]:
    """Name the queues of a demonstration.

    Raises:
        CannotStart: its directory is none.
    """
    if settings.directory is None:
        return settings.queues
    try:
        return tuple(read_directory(settings.directory).queues)
    except WrongDirectory as wrong:
        raise CannotStart(wrong_file(settings.directory, wrong)) from None


@asynccontextmanager
async def _keeping_fresh(union: Founded, journal: Journal) -> AsyncIterator[None]:
    """Have the union sign again in time, while the block lasts."""

    async def again() -> None:
        while True:
            await asyncio.sleep(FRESH_EVERY_S)
            try:
                await asyncio.to_thread(union.keep_fresh)
            except Exception as error:
                # Tried again soon; what was signed holds until then.
                journal.fault(error)

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def run(flags: Mapping[str, object], lan: bool) -> None:
    """Run a demonstration until Ctrl-C.

    Raises:
        CannotStart, SettingsError: with a sentence.
    """
    journal = Journal()
    journal.take_over()
    uvloop.run(_until_stopped(flags, journal, lan))


async def _until_stopped(flags: Mapping[str, object], journal: Journal, lan: bool) -> None:
    stopped = stop_signal()
    try:
        address = certificate.lan_address() if lan else None
    except certificate.NoLanAddress as error:
        raise CannotStart(str(error)) from None
    async with demonstration(flags, journal, address, is_probed=True) as addresses:
        print(_welcome(addresses), flush=True)
        await stopped.wait()
        print("\nStopped. Nothing was kept.", flush=True)


def stop_signal() -> asyncio.Event:
    """Hear from now on when somebody asks this process to stop.

    To be called before anything says that the process is up.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


def _within_descriptors(settings: Settings) -> Settings:
    """Ask the system for as many descriptors as sockets need, and make do with what it gives."""
    spare = SPARE_DESCRIPTORS + (2 * SPLICES_MAX if settings.certificate else 0)
    wanted = settings.sockets_max + settings.doorstep_max + spare
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    doorstep = min(settings.doorstep_max, max(1, int(wanted * DOORSTEP_SHARE)))
    sockets = min(settings.sockets_max, max(1, wanted - doorstep - spare))
    return settings.model_copy(update={"sockets_max": sockets, "doorstep_max": doorstep})


def _cannot_listen(settings: Settings, error: OSError) -> str:
    where = f"Cannot listen on {settings.host}, port {settings.port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{where}: another program uses it, perhaps another `make run`.\n"
            f"Stop that one, or choose another port: make run PORT={settings.port + 1}"
        )
    return f"{where}: {error.strerror or error}."


def _welcome(addresses: Addresses) -> str:
    lan = bool(addresses.fingerprint)
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    lines = [
        "",
        "teleconsult is running. Open the first two, in two windows or on two machines:"
        if lan
        else "teleconsult is running, for this machine only. Open the first two, in two windows:",
        "",
        f"  patient's link   {bold}{addresses.patient}{plain}",
        f"  doctor's page    {bold}{addresses.doctor}{plain}",
        f"  doctor's own     {bold}{addresses.own}{plain}",
        *([f"  status page      {bold}{addresses.status}{plain}"] if addresses.status else []),
        "",
        "The first is for any doctor on duty, the last for this doctor only; both end in a day.",
        "Whoever has the doctor's address is this doctor here: it carries throwaway keys.",
        *(
            ["The status page has those of union staff; a probe tries every path once a minute."]
            if addresses.status
            else []
        ),
        "To try the enrolment of another device open this there, and put the request that it shows",
        f"in the place of REQUEST, in a terminal of this machine: {addresses.doctor.split('#')[0]}",
        "",
        f"  {addresses.command}",
        "",
    ]
    if lan:
        lines += [
            "The certificate is self-signed: browsers warn once, and it costs two things,",
            "no passkey for doctors and no relay over TLS (turns:). Its SHA-256 fingerprint:",
            addresses.fingerprint,
        ]
    return "\n".join([*lines, "Ctrl-C stops it; nothing is kept.", ""])
