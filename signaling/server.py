"""The signaling server: pages, sockets, and one pulse for everything that is timed.

A door: aiohttp lives here. It reads the clock once and passes it on. No access log is
kept (`run` turns aiohttp's off), and nothing here knows what a message means.
"""

import asyncio
import errno
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from ssl import SSLContext

from aiohttp import WSCloseCode, hdrs, web

from .addresses import of_queue
from .admission import Admission
from .brand_file import read_brand
from .counting import Counting
from .directory_file import Handout
from .doorstep import Doorstep
from .encoding import encode
from .journal import Journal
from .limits import Networks, network_of
from .line import Line
from .messages import FRAME_MAX_BYTES, Board, Ended
from .noise import Below
from .pages import STATUS, headers_of, read_pages, serve_page, whole
from .passes import Passbook, read_secrets
from .published import Publisher
from .relaying import Relaying
from .settings import Settings
from .store import Deliver, Store, StoreAway
from .usage import Usage
from .waiting_room import WaitingRoom

SOCKET_PATH = "/v1"
USAGE = web.AppKey("usage", Usage)
"""Where an application has its figures of use."""

_LINES_AT_ONCE = 256  # about a millisecond of boards
_GOODBYE_S = 2.0  # a stopping server waits this long for its good-byes to be read
_BACKLOG = 1024  # connections the kernel keeps while we are busy: a second of a crowd
_BODY_MAX_BYTES = 1024  # nobody posts anything here


def steady_clock() -> Callable[[], float]:
    """Return a clock in seconds since 1970 that never steps while the process lives."""
    offset = time.time() - time.monotonic()
    return lambda: time.monotonic() + offset


class Service:
    """The lines of one process and the boards they watch.

    Args:
        settings: the numbers.
        store: where queue and sessions are kept.
        admission: who may enter.
        journal: the only log.
        clock: seconds since 1970, never stepping.
        new_bytes: dice: that many random bytes.
        is_open: whether there is a store that may be used.
        usage: the figures of use.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        admission: Admission,
        journal: Journal,
        clock: Callable[[], float],
        new_bytes: Callable[[int], bytes],
        passbook: Passbook,
        relaying: Relaying,
        is_open: Callable[[], bool],
        usage: Usage,
    ) -> None:
        self._settings = settings
        self._store = store
        self._admission = admission
        self._journal = journal
        self._clock = clock
        self._is_open = is_open
        self._usage = usage
        self._new_bytes = new_bytes
        self._networks = Networks(settings, new_bytes, clock())
        self._counting = Counting(usage)
        self._room = WaitingRoom(store, passbook, settings, new_bytes, relaying, self._counting)
        self._lines: set[Line] = set()
        self._empty = asyncio.Event()
        self._stirred: set[str] = set()
        self._watchers: dict[str, tuple[Deliver, set[Line]]] = {}

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """Serve one WebSocket."""
        origin = request.headers.get(hdrs.ORIGIN, "")
        if origin not in self._settings.origins:
            self._journal.count("turned-away", "origin")
            raise web.HTTPForbidden(text="This page is not one of this service.")
        if not self._is_open():
            raise web.HTTPServiceUnavailable(text="The waiting room is away. Try again soon.")
        if len(self._lines) >= self._settings.sockets_max:
            self._journal.count("turned-away", "crowd")
            raise web.HTTPServiceUnavailable(text="Too many people at once. Try again soon.")
        network = self._network_of(request)
        is_known = self._networks.comes(network)
        if is_known is None:
            self._journal.count("turned-away", "network")
            raise web.HTTPServiceUnavailable(text="Too many from this network. Try again soon.")
        ws = web.WebSocketResponse(
            heartbeat=self._settings.ping_every_s,
            max_msg_size=FRAME_MAX_BYTES,
            compress=False,
            autoping=False,  # the line counts pings as it counts messages
        )
        try:
            await ws.prepare(request)
        except BaseException:
            is_known()
            raise

        async def entered(line: Line) -> None:
            is_known()
            await self._watch(line)

        line = Line(
            ws,
            origin,
            encode(self._new_bytes(16)),
            network,
            room=self._room,
            store=self._store,
            admission=self._admission,
            settings=self._settings,
            journal=self._journal,
            networks=self._networks,
            clock=self._clock,
            entered=entered,
        )
        self._lines.add(line)
        self._empty.clear()
        try:
            await line.talk()
        finally:
            is_known()
            self._lines.discard(line)
            try:
                await line.over()
            finally:
                await self._stop_watching(line)
                if not self._lines:
                    self._empty.set()
        return ws

    def _network_of(self, request: web.Request) -> bytes:
        forwarded = request.headers.getall(hdrs.X_FORWARDED_FOR, ())
        return network_of(request.remote, forwarded, self._settings.trusted_proxies)

    async def pulse(self, _: web.Application) -> AsyncIterator[None]:
        """Run what is timed while the application lives."""
        with suppress(StoreAway):
            await self._tick()  # which life of the store this is, before anybody enters it
            await self._tick_usage()
        tasks = [
            asyncio.create_task(self._every(self._settings.tick_s, self._tick)),
            asyncio.create_task(self._every(self._settings.tick_s, self._tick_usage)),
            asyncio.create_task(self._every(self._settings.board_every_s, self._send_boards)),
            asyncio.create_task(self._every(self._settings.tick_s, self._mind_the_store)),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._journal.flush(is_last=True)

    async def say_goodbye(self, _: web.Application) -> None:
        """Tell every person that the server is stopping, and close."""
        self._send_away()
        if self._lines:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), _GOODBYE_S)

    def _send_away(self) -> None:
        for line in list(self._lines):
            line.tell(Ended(what="socket", outcome="closing"))
            line.close(WSCloseCode.GOING_AWAY)

    async def _mind_the_store(self) -> None:
        """Send everybody to other nodes while this one has no store that it may use."""
        if not self._is_open():
            self._send_away()

    async def _every(self, period_s: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(period_s)
            try:
                await act()
            except StoreAway:
                pass  # `is_open` tells when that has lasted
            except Exception as error:
                # The pulse goes on: one queue's fault must not stop everybody's time.
                self._journal.fault(error)

    async def _tick(self) -> None:
        waiting = (
            (line.network, line.person.queues[0], line.person.key)
            for line in self._lines
            if line.person is not None and line.person.ticket is not None
        )
        self._networks.forget(self._clock(), waiting)
        if await self._room.tick(self._clock()):
            # The store was lost under everybody's feet: each comes back by what his page holds.
            self._send_away()
        self._journal.flush()

    async def _tick_usage(self) -> None:
        """Count, and let hours and days of the figures end, on a task that holds nobody up."""
        await self._counting.hand_on()
        await self._usage.tick(self._clock())

    # Boards

    async def _watch(self, line: Line) -> None:
        """Send a first board to somebody who entered, and hear of stirs in his queues."""
        for queue in line.person.queues if line.person else ():
            if queue in self._watchers:
                self._watchers[queue][1].add(line)
            else:
                stir = self._stir_of(queue)
                # The line first: somebody else's going must not find nobody here meanwhile.
                self._watchers[queue] = stir, {line}
                await self._store.listen(of_queue(queue), stir)
                if self._watchers.get(queue, (None,))[0] is not stir:
                    await self._store.hush(of_queue(queue), stir)  # all have gone again
            self._stirred.add(queue)
        line.board = None

    async def _stop_watching(self, line: Line) -> None:
        """Forget the names of queues that nobody here watches any more."""
        left: list[tuple[str, Deliver]] = []
        for queue, (stir, lines) in self._watchers.items():
            lines.discard(line)
            if not lines:
                left.append((queue, stir))
        # All at once, before anything is waited for: others go meanwhile.
        for queue, _ in left:
            del self._watchers[queue]
        for queue, stir in left:
            await self._store.hush(of_queue(queue), stir)

    def _stir_of(self, queue: str) -> Deliver:
        return lambda _: self._stirred.add(queue)

    async def _send_boards(self) -> None:
        """Send each line its board, where it changed or the heartbeat is due."""
        stirred, self._stirred = self._stirred, set()
        try:
            await self._send_stirred(stirred)
        except Exception:
            self._stirred |= stirred  # what could not be sent now is news still
            raise

    async def _send_stirred(self, stirred: set[str]) -> None:
        now = self._clock()
        due = [line for line in self._lines if self._is_due(line, stirred, now)]
        queues = {queue: await self._room.boards.places(queue) for queue in _queues_of(due)}
        # Doctors with the same queues read the same board: it is made once.
        boards: dict[tuple[str, ...], Board] = {}
        for number, line in enumerate(due, 1):
            if number % _LINES_AT_ONCE == 0:
                await asyncio.sleep(0)  # a crowd's boards must not hold up anybody's message
            if line.person is None:
                continue
            if line.person.is_doctor:
                names = await self._room.boards.queues_of(line.person)
                if names not in boards:
                    boards[names] = await self._room.boards.of_doctor(names, now)
                self._send_board(line, boards[names], now)
            elif line.person.ticket is not None:
                queue = line.person.queues[0]
                places = queues.get(queue)
                is_closed = self._admission.directory.is_closed(queue)
                board = places.board(line.person.ticket, is_closed) if places else None
                self._send_board(line, board, now)

    def _is_due(self, line: Line, stirred: set[str], now: float) -> bool:
        if line.person is None:
            return False
        return now - line.board_at >= self._settings.heartbeat_s or not stirred.isdisjoint(
            line.person.queues
        )

    def _send_board(self, line: Line, board: Board | None, now: float) -> None:
        is_heartbeat = now - line.board_at >= self._settings.heartbeat_s
        if board is not None and (board != line.board or is_heartbeat):
            line.board, line.board_at = board, now
            line.tell(board)


def _queues_of(lines: Iterable[Line]) -> set[str]:
    """Name the queues in which patients among these lines wait."""
    return {
        queue
        for line in lines
        if line.person is not None and line.person.ticket is not None
        for queue in line.person.queues
    }


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(headers_of(response.content_type))


def create_app(
    settings: Settings,
    store: Store,
    admission: Admission,
    journal: Journal,
    clock: Callable[[], float],
    new_bytes: Callable[[int], bytes],
    below: Below,
    publisher: Publisher | None = None,
    relaying: Relaying | None = None,
    is_open: Callable[[], bool] = lambda: True,
) -> web.Application:
    """Build the application: pages and sockets over one waiting room.

    Args:
        below: dice for the noise of the figures of use; nobody may foresee them.
        publisher: hands out the files of the trusted unions, where there is a folder of them.
        relaying: which relay is handed out, and told of sessions; none without it.
        is_open: whether there is a store that may be used; nobody is let in otherwise.

    Raises:
        NoPages: the pages are not built.
        WrongBrand: the brand's file is wrong.
        ValueError: no usable installation secret.
    """
    secrets = read_secrets(*settings.secrets)
    passbook = Passbook(secrets)
    relaying = relaying or Relaying(secrets[0])
    usage = Usage(store, below, lambda: admission.directory.queues)
    service = Service(
        settings, store, admission, journal, clock, new_bytes, passbook, relaying, is_open, usage
    )
    app = web.Application(client_max_size=_BODY_MAX_BYTES)
    app[USAGE] = usage
    app.router.add_get(SOCKET_PATH, service.socket)
    brand = read_brand(settings.brand)
    today = datetime.fromtimestamp(clock(), UTC).date()
    for path, page in whole(read_pages(settings.pages), settings, brand, today).items():
        if path != STATUS:
            app.router.add_get(path, serve_page(page))
    Handout(lambda: admission.directory, settings).add_routes(app.router)
    if publisher is not None:
        publisher.add_routes(app.router)
    app.on_response_prepare.append(_add_headers)
    app.on_shutdown.append(service.say_goodbye)
    app.cleanup_ctx.append(service.pulse)
    return app


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Bind every address of a host name; port 0 takes a free one, the same for all.

    `localhost` is the loopback of IPv4 and, where there is one, of IPv6, whatever a resolver
    says of it (RFC 6761 §6.3): another program on one of them must not get our visitors.

    Raises:
        OSError: an address or the port cannot be had.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _addresses(host):
            try:
                sockets.append(_bound(family, address, port))
            except OSError as error:
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) or not sockets:
                    raise
            port = sockets[0].getsockname()[1]
    except OSError:
        for listener in sockets:
            listener.close()
        raise
    return sockets


def _addresses(host: str) -> Iterable[tuple[socket.AddressFamily, str]]:
    if host == "localhost":
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found)


def _bound(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


@asynccontextmanager
async def running(
    app: web.Application,
    listeners: Iterable[socket.socket],
    settings: Settings,
    journal: Journal,
    ssl_context: SSLContext | None = None,
    beside: Callable[[], asyncio.Protocol] | None = None,
) -> AsyncIterator[None]:
    """Serve on bound sockets while the block lasts, then say good-bye to everybody.

    `beside` is for connections that are no HTTP but STUN.
    """
    runner = web.AppRunner(
        app,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=_GOODBYE_S,
        keepalive_timeout=settings.keep_alive_s,
    )
    await runner.setup()
    assert runner.server is not None  # set up just now
    server_inside = runner.server
    step = Doorstep(
        server_inside, lambda: len(server_inside.connections), settings, journal, beside
    )
    loop = asyncio.get_running_loop()
    servers = []
    try:
        for listener in listeners:
            servers.append(
                await loop.create_server(step, sock=listener, ssl=ssl_context, backlog=_BACKLOG)
            )
        yield
    finally:
        for server in servers:
            server.close()
        await runner.cleanup()
        for guard in list(step.standing):
            guard.close()
