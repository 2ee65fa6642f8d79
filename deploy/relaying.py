"""Which relay a service hands out, by its settings: started here, elsewhere, or none.

A door. It starts what is to be started and says what an operator must know of it; what a
relay password is, is `signaling/relaying.py`'s.
"""

import asyncio
import ipaddress
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from relay import control, coturn, coturn_config
from relay.probe import Probe, ProbeError
from relay.shared_port import Splices
from signaling.journal import Journal
from signaling.passes import read_secrets
from signaling.relaying import Offer, Relaying, password_secret
from signaling.settings import Settings

from .relay_child import Order
from .relay_watch import LOOK_EVERY_S, Orders, RelayError, running

COTURN_PASSWORD_MAX_S = 600.0
"""Where nobody can say that a session is over, its passwords must be over soon."""

_PORTS = {"http": 80, "https": 443}
_HERE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Shared:
    """What other processes need to hand out a relay that runs already.

    Attributes:
        control: UNIX socket for who is together; empty where nobody can be told.
        streams: UNIX socket for streams of the pages' port; empty where they are not shared.
    """

    urls: list[str]
    password_s: float
    control: str = ""
    streams: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The relay of a service.

    Attributes:
        relaying: makes passwords and gives orders.
        splices: takes connections of the pages' port that are the relay's; None where it
            does not share that port.
        said: what an operator reads at the start, in lines.
        shared: for other processes; None where they find what they need in the settings.
        is_up: tells whether the relay is there; None where nobody here can know.
    """

    relaying: Relaying
    splices: Splices | None = None
    said: tuple[str, ...] = ()
    shared: Shared | None = None
    is_up: Callable[[], bool] | None = None


@asynccontextmanager
async def chosen(settings: Settings, origin: str, journal: Journal) -> AsyncIterator[Chosen]:
    """Run what carries picture and sound while the block lasts.

    Args:
        origin: how browsers reach the pages. Where that is by TLS of this process, the
            relay shares its port.

    Raises:
        RelayError: with a sentence.
    """
    secret = read_secrets(*settings.secrets)[0]
    match settings.relay:
        case "none":
            line = "No relay: the two ends connect directly and learn each other's address."
            yield Chosen(Relaying(secret), said=(line,))
        case "elsewhere":
            async with _elsewhere(settings, secret) as found:
                yield found
        case "coturn":
            async with _by_coturn(settings, secret, journal) as found:
                yield found
        case "own":
            async with _own(settings, secret, origin, journal) as found:
                yield found


@asynccontextmanager
async def joined(settings: Settings, shared: Shared) -> AsyncIterator[Chosen]:
    """Hand out a relay that another process runs, while the block lasts."""
    secret = read_secrets(*settings.secrets)[0]
    offer = Offer(tuple(shared.urls), settings.relay_only, shared.password_s)
    if settings.relay == "coturn":
        (ip,), _ = addresses(settings)
        async with _asking(ip, settings.relay_port) as is_up:
            yield Chosen(Relaying(secret, offer), is_up=is_up)
        return
    if not shared.control:
        yield Chosen(Relaying(secret, offer))
        return
    splices = Splices(Path(shared.streams)) if shared.streams else None
    async with _telling(Orders(Path(shared.control))) as orders:
        try:
            yield Chosen(Relaying(secret, offer, orders), splices, is_up=lambda: orders.is_heard)
        finally:
            if splices is not None:
                splices.close()


@asynccontextmanager
async def _own(
    settings: Settings, secret: bytes, origin: str, journal: Journal
) -> AsyncIterator[Chosen]:
    ips, public_ips = addresses(settings)
    secrets = [password_secret(each) for each in read_secrets(*settings.secrets)]
    with tempfile.TemporaryDirectory(prefix="teleconsult-relay-") as name:
        folder = Path(name)
        order = Order(
            ips=ips,
            port=settings.relay_port,
            transports=list(settings.relay_transports),
            public_ips=public_ips,
            secrets=secrets,
            control=str(folder / "control"),
            streams=str(folder / "streams"),
        )
        async with running(order, journal) as port:
            every = [*plain_urls(public_ips, port), *shared_urls(settings, origin)]
            urls = [url for url in every if _transport(url) in settings.relay_transports]
            if not urls:
                raise RelayError("A relay over tls alone needs certificate and certificate_key.")
            is_shared = any(_transport(url) == "tls" for url in urls)
            splices = Splices(folder / "streams") if is_shared else None
            offer = Offer(tuple(urls), settings.relay_only, settings.relay_password_s)
            async with _telling(Orders(folder / "control")) as orders:
                try:
                    line = f"Relaying at {', '.join(urls)}."
                    shared = Shared(
                        urls, offer.password_s, order.control, order.streams if is_shared else ""
                    )
                    yield Chosen(
                        Relaying(secret, offer, orders),
                        splices,
                        (line,),
                        shared,
                        lambda: orders.is_heard,
                    )
                finally:
                    if splices is not None:
                        splices.close()


@asynccontextmanager
async def _telling(orders: Orders) -> AsyncIterator[Orders]:
    keeping = asyncio.create_task(orders.keep())
    try:
        yield orders
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


@asynccontextmanager
async def _asking(ip: str, port: int) -> AsyncIterator[Callable[[], bool]]:
    """Ask a relay that another process watches whether it is there, while the block lasts."""
    answered = True  # whoever watches it has tried it

    async def again() -> None:
        nonlocal answered
        while True:
            try:
                async with Probe.to(ip, port) as probe:
                    await probe.binding()
                answered = True
            except (ProbeError, OSError):
                answered = False
            await asyncio.sleep(LOOK_EVERY_S)

    asking = asyncio.create_task(again())
    try:
        yield lambda: answered
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


@asynccontextmanager
async def _elsewhere(settings: Settings, secret: bytes) -> AsyncIterator[Chosen]:
    if not settings.relay_urls:
        raise RelayError(
            "A relay elsewhere needs relay_urls, such as turn:relay.example.fr:3478?transport=udp"
        )
    offer = Offer(settings.relay_urls, settings.relay_only, password_s(settings))
    async with AsyncExitStack() as stack:
        orders: Orders | None = None
        if settings.relay_control is not None:
            try:
                async with control.connected(settings.relay_control) as relay:
                    await relay.counters()
            except control.ControlError as error:
                raise RelayError(f"{error} Start it first, as the same user.") from None
            orders = await stack.enter_async_context(_telling(Orders(settings.relay_control)))
        line = f"The relay is elsewhere: {', '.join(settings.relay_urls)}."
        is_up = (lambda: orders.is_heard) if orders is not None else None
        yield Chosen(Relaying(secret, offer, orders), said=(line,), is_up=is_up)


@asynccontextmanager
async def _by_coturn(settings: Settings, secret: bytes, journal: Journal) -> AsyncIterator[Chosen]:
    ips, public_ips = addresses(settings)
    if len(ips) > 1:
        raise RelayError("With coturn the relay listens on one address: set relay_ip to one.")
    (ip,), (public,) = ips, public_ips
    tls = (
        coturn_config.Tls(
            str(settings.certificate), str(settings.certificate_key), settings.relay_tls_port
        )
        if settings.certificate
        else None
    )
    configured = coturn_config.Coturn(
        secret=password_secret(secret),
        ip=ip,
        port=settings.relay_port,
        public_ip=public if public != ip else None,
        tls=tls,
    )
    try:
        found = await coturn.installed()
        async with coturn.serving(found, configured) as watched:
            urls = plain_urls(public_ips, settings.relay_port)
            host = urlsplit(next(iter(settings.origins), "")).hostname
            if tls and host:
                urls.append(f"turns:{_bracketed(host)}:{tls.port}?transport=tcp")
            offer = Offer(tuple(urls), settings.relay_only, password_s(settings))
            said = [
                f"{found.name} relays on {ip}, port {settings.relay_port}. It cannot be told "
                "who belongs together. What it leaves open:",
                *(f"  {hole.name}: {hole.sentence}" for hole in watched.holes),
            ]
            counting = asyncio.create_task(_count_deaths(watched, journal))
            try:
                shared = Shared(urls, offer.password_s)
                yield Chosen(
                    Relaying(secret, offer),
                    said=tuple(said),
                    shared=shared,
                    is_up=lambda: watched.state == "serving",
                )
            finally:
                counting.cancel()
    except (coturn.CoturnError, coturn_config.ConfigurationError) as error:
        raise RelayError(str(error)) from None


async def _count_deaths(watched: coturn.Watched, journal: Journal) -> None:
    while True:
        if await watched.next_change() == "down":
            journal.count("relay", "died")


def password_s(settings: Settings) -> float:
    """Say how long relay passwords live: shorter where a session's end cannot be told."""
    if settings.relay == "own" or settings.relay_control is not None:
        return settings.relay_password_s
    return min(settings.relay_password_s, COTURN_PASSWORD_MAX_S)


def addresses(settings: Settings) -> tuple[list[str], list[str]]:
    """Say at which addresses of this machine the relay listens, and how people reach them.

    Raises:
        RelayError: that is not said, and not to be guessed; or nobody else could reach them.
    """
    host = "127.0.0.1" if settings.host == "localhost" else settings.host
    ips = list(settings.relay_ip or (host,))
    public = list(settings.relay_public_ip or ips)
    if len(public) != len(ips):
        raise RelayError("Settings relay_ip and relay_public_ip have the same number of addresses.")
    for given in (ips, public):
        found = [_address(ip) for ip in given]
        if len({ip.version for ip in found}) < len(found):
            raise RelayError("The relay has one address of a family: set relay_ip to such.")
    names = {urlsplit(origin).hostname or "" for origin in settings.origins}
    if all(_address(ip).is_loopback for ip in public) and not names <= _HERE:
        raise RelayError(
            "The pages are for everybody and the relay would be for this machine only: set relay_ip"
            " (and relay_public_ip behind a router), or relay to none for direct paths only."
        )
    return ips, public


def _address(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        found = None
    if found is None or found.is_unspecified or getattr(found, "scope_id", None):
        raise RelayError(
            f"{ip} is not the address of one machine, and the relay needs one: set relay_ip "
            "(and relay_public_ip behind a router), or relay to none for direct paths only."
        )
    return found


def plain_urls(ips: Sequence[str], port: int) -> list[str]:
    """List the addresses of a relay without TLS, in the order in which pages try them."""
    return [
        f"turn:{_bracketed(ip)}:{port}?transport={over}" for over in ("udp", "tcp") for ip in ips
    ]


def shared_urls(settings: Settings, origin: str) -> list[str]:
    """List the address of a relay behind the port of the pages, where they speak TLS here."""
    over_tls = (each for each in settings.origins if each.startswith("https:"))
    parts = urlsplit(next(over_tls, origin))
    if settings.certificate is None or parts.scheme != "https" or not parts.hostname:
        return []
    port = parts.port or _PORTS[parts.scheme]
    return [f"turns:{_bracketed(parts.hostname)}:{port}?transport=tcp"]


def _transport(url: str) -> str:
    return "tls" if url.startswith("turns:") else url.rpartition("=")[2]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
