"""The server of the status page: the page, who may read it, and what it is told.

A door: aiohttp lives here. It listens apart from the service, so that it says what is wrong when
the service cannot; it keeps no access log. An answer is made at most every few seconds and is the
same for everybody, however many ask.

The routes are in `README.md`.
"""

import asyncio
import gzip
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from aiohttp import hdrs, web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signaling.admission import NotAdmitted
from signaling.brand import CSS_PATH, JSON_PATH, LOGO_PATH
from signaling.brand_file import read_brand
from signaling.journal import Journal
from signaling.limits import Networks, network_of
from signaling.pages import (
    STATUS,
    NoPages,
    Page,
    headers_of,
    read_pages,
    serve_page,
    whole,
)
from signaling.published import Publisher
from signaling.settings import Settings

from .staff import Crowded, Staff, TooOften
from .state import State, as_bytes

MADE_EVERY_S: Final = 10.0
"""What is told changes once a minute. Making it takes 20 ms, in which a probe measures nothing."""

BODY_MAX_BYTES: Final = 8 * 1024
"""Four times a credential with its proof."""

_TOKEN_MAX_CHARS: Final = 4_096
_SHORT_MAX_CHARS: Final = 256
_BESIDE: Final = frozenset({CSS_PATH, JSON_PATH, LOGO_PATH, "/robots.txt", "/favicon.ico"})
_NO_STORE: Final = {hdrs.CACHE_CONTROL: "no-store"}
_LOOPBACK_NAMES: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PORT: Final = re.compile(r":[0-9]{1,5}$")
_FORWARDED: Final = (hdrs.FORWARDED, hdrs.X_FORWARDED_FOR, hdrs.VIA)


class _Enter(BaseModel):
    """What somebody shows who wants to enter."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    challenge: Annotated[str, Field(max_length=_SHORT_MAX_CHARS)]
    token: Annotated[str, Field(max_length=_TOKEN_MAX_CHARS)]
    proof: Annotated[str, Field(max_length=_SHORT_MAX_CHARS)]


@dataclass(frozen=True, slots=True)
class Serves:
    """What the page's server is given.

    Attributes:
        staff: who has entered.
        state: makes the answer of this moment.
        exposition: gives what the probe says of itself to a Prometheus of this machine.
        origins: how browsers reach the page; a proof made for another is void.
        clock: seconds since 1970.
        new_bytes: dice: that many random bytes.
        journal: the only log.
        is_public: whether everybody may read it.
        publisher: hands out what the unions publish, so that staff find their credential.
    """

    staff: Staff
    state: Callable[[], State]
    exposition: Callable[[], bytes]
    origins: frozenset[str]
    clock: Callable[[], float]
    new_bytes: Callable[[int], bytes]
    journal: Journal
    is_public: bool = False
    publisher: Publisher | None = None


class StatusPage:
    """Answers what the page asks."""

    def __init__(self, serves: Serves, settings: Settings) -> None:
        self._serves = serves
        self._settings = settings
        self._networks = Networks(settings, serves.new_bytes, serves.clock())
        self._made: tuple[float, bytes, bytes] | None = None

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Answer these and nothing else."""
        router.add_get(f"{STATUS}/challenge", self.challenge, allow_head=False)
        router.add_get(f"{STATUS}/state", self.state, allow_head=False)
        router.add_post(f"{STATUS}/enter", self.enter)
        router.add_post(f"{STATUS}/leave", self.leave)
        router.add_get("/metrics", self.metrics, allow_head=False)

    async def challenge(self, _: web.Request) -> web.StreamResponse:
        """Give what a proof is to sign. It costs nothing to make, and is held nowhere."""
        return _said({"challenge": self._serves.staff.challenge(self._serves.clock())})

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Let somebody of a union's staff in."""
        origin = request.headers.get(hdrs.ORIGIN, "")
        if origin not in self._serves.origins:
            return _said({"code": "origin"}, 403)
        now, network = self._serves.clock(), self._network_of(request)
        if not self._networks.may_try(network, now):
            return _said({"code": "too-fast"}, 429)
        try:
            async with asyncio.timeout(self._settings.greet_within_s):
                asked = _Enter.model_validate_json(await request.read())
            entry = self._serves.staff.enter(asked.token, asked.proof, asked.challenge, origin, now)
        except (ValidationError, TimeoutError):
            self._networks.failed(network, now)
            return _said({"code": "malformed"}, 400)
        except NotAdmitted as refusal:
            self._networks.failed(network, now)
            return _said({"code": refusal.code}, 403)
        except TooOften:
            return _said({"code": "too-fast"}, 429)
        except Crowded:
            return _said({"code": "full"}, 503)
        return _said({"pass": entry.pass_, "expires_at": int(entry.expires_at)})

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Tell how everything is, whoever may know."""
        now = self._serves.clock()
        if not self._serves.is_public:
            # Who has a good pass pays for nobody else's guesses: it is looked at first.
            if not self._serves.staff.is_in(_pass_of(request), now):
                network = self._network_of(request)
                if not self._networks.may_try(network, now):
                    return _said({"code": "too-fast"}, 429)
                self._networks.failed(network, now)
                answer = _said({"code": "staff-only"}, 401)
                answer.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
                return answer
        if self._made is None or not 0 <= now - self._made[0] < MADE_EVERY_S:
            try:
                body = as_bytes(self._serves.state())
                self._made = now, body, gzip.compress(body, compresslevel=1, mtime=0)
            except Exception as error:
                # What was told last says when that was; it is better than nothing.
                self._serves.journal.fault(error)
        if self._made is None:
            return _said({"code": "away"}, 503)
        _, body, zipped = self._made
        headers = {**_NO_STORE, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            body, headers[hdrs.CONTENT_ENCODING] = zipped, "gzip"
        return web.Response(body=body, content_type="application/json", headers=headers)

    async def leave(self, request: web.Request) -> web.StreamResponse:
        """Make a pass void."""
        self._serves.staff.leave(_pass_of(request))
        return web.Response(status=204, headers=_NO_STORE)

    async def metrics(self, request: web.Request) -> web.StreamResponse:
        """Give the probe's exposition to who asks from this machine, and not through a proxy."""
        is_through = any(name in request.headers for name in _FORWARDED)
        # A page of somebody else's whose name leads here says that name (DNS rebinding).
        is_ours = _PORT.sub("", request.host) in _LOOPBACK_NAMES
        if is_through or not is_ours or not _is_loopback(request.remote):
            raise web.HTTPNotFound(headers=_NO_STORE)
        body = self._serves.exposition()
        headers = {**_NO_STORE, hdrs.CONTENT_TYPE: "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=body, headers=headers)

    def _network_of(self, request: web.Request) -> bytes:
        self._networks.forget(self._serves.clock(), ())
        forwarded = request.headers.getall(hdrs.X_FORWARDED_FOR, ())
        return network_of(request.remote, forwarded, self._settings.trusted_proxies)


def create_app(serves: Serves, settings: Settings) -> web.Application:
    """Build the application.

    Raises:
        NoPages: the page is not built.
        WrongBrand: the brand's file is wrong.
    """
    app = web.Application(client_max_size=BODY_MAX_BYTES)
    for path, page in _pages(settings, serves.clock()).items():
        app.router.add_get(path, serve_page(page))
    StatusPage(serves, settings).add_routes(app.router)
    if serves.publisher is not None:
        serves.publisher.add_routes(app.router)
    app.on_response_prepare.append(_add_headers)
    return app


def _pages(settings: Settings, now: float) -> Mapping[str, Page]:
    """Read the page and what it loads; none of the service's own pages."""
    today = datetime.fromtimestamp(now, UTC).date()
    all_ = whole(read_pages(settings.pages), settings, read_brand(settings.brand), today)
    if STATUS not in all_:
        raise NoPages("The status page is not built yet. Type: make web")
    return {
        path: page
        for path, page in all_.items()
        if path == STATUS or path in _BESIDE or path.startswith("/assets/")
    }


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(headers_of(response.content_type))


def _said(what: Mapping[str, Any], status: int = 200) -> web.Response:
    return web.json_response(what, status=status, headers=_NO_STORE)


def _pass_of(request: web.Request) -> str:
    """Read the pass that a request shows; "" where it shows none."""
    scheme, _, shown = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    is_one = scheme.lower() == "bearer" and len(shown) <= _SHORT_MAX_CHARS
    return shown if is_one else ""


def _is_loopback(peer: str | None) -> bool:
    try:
        address = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
