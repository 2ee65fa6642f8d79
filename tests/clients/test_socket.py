"""One place at the server over many WebSockets: it enters, renews, and comes back."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from clients.peer import socket as sockets
from clients.peer.errors import Replaced, Turned
from clients.peer.link import parse
from clients.peer.reach import SOCKET_PATH
from clients.peer.socket import Socket
from signaling.encoding import encode
from signaling.messages import (
    Ended,
    Hello,
    Join,
    Joined,
    Leave,
    Refused,
    Renew,
    ServerMessage,
    serialise,
)
from signaling.messages import parse as parse_message
from signaling.server import listening_sockets
from signaling.store import Ticket
from tests.serving import QUEUE, Signaling


@pytest.fixture
async def socket(signaling: Signaling) -> AsyncIterator[Socket]:
    socket = patient_socket(signaling)
    socket.open()
    yield socket
    await socket.close()


def patient_socket(
    signaling: Signaling,
    seed: bytes = b"s" * 32,
    token: str = "",
    at: str = "",
    *,
    uses_pass: bool = True,
) -> Socket:
    link = parse(signaling.pool_link().replace(signaling.origin, at or signaling.origin))
    return Socket(
        link,
        lambda _: (token or link.token, seed),
        is_last=lambda message: isinstance(message, Ended) and message.what == "queue",
        fresh_m1=lambda: encode(secrets.token_bytes(16)),
        uses_pass=uses_pass,
        dice=secrets.token_bytes,
    )


@asynccontextmanager
async def answering(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """Another server, which knows nothing but this one answer; yields its origin."""
    app = web.Application()
    app.router.add_get(SOCKET_PATH, handler)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = listening_sockets("127.0.0.1", 0)[0]
    await web.SockSite(runner, listener).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    await runner.cleanup()


async def hears(socket: Socket, kind: type[ServerMessage]) -> ServerMessage:
    while not isinstance(message := await socket.next(), kind):
        pass
    return message


async def test_it_enters_and_hears_of_its_place(socket: Socket) -> None:
    """`joined` comes first."""
    assert isinstance(await socket.next(), Joined)


async def test_it_comes_back_by_its_pass(socket: Socket, signaling: Signaling) -> None:
    """The capability is not shown twice: the same ticket is found again."""
    await hears(socket, Joined)
    [before] = await signaling.store.waiting(QUEUE, 99)

    await socket.lose()
    socket.come_back()
    await hears(socket, Joined)

    [after] = await signaling.store.waiting(QUEUE, 99)
    assert (before.id, before.arrival) == (after.id, after.arrival)
    assert before.m1 != after.m1


async def test_a_pass_that_is_worth_nothing_any_more_gives_way_to_the_first_token(
    socket: Socket, signaling: Signaling
) -> None:
    """After a long sleep the link still opens."""
    await hears(socket, Joined)
    await socket.lose()
    [ticket] = await signaling.store.waiting(QUEUE, 99)
    await signaling.store.give_up(ticket.id)

    socket.come_back()

    await hears(socket, Joined)
    [again] = await signaling.store.waiting(QUEUE, 99)
    assert ticket.id != again.id


async def test_what_was_said_while_away_goes_first_when_back(socket: Socket) -> None:
    """Nobody has to say good-bye twice."""
    await hears(socket, Joined)
    await socket.lose()
    await socket.send(Leave(what="queue"))

    socket.come_back()

    assert Ended(what="queue", outcome="left") == await hears(socket, Ended)


async def test_what_a_dying_socket_does_not_take_goes_by_the_next_one_in_order(
    signaling: Signaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that lets one in and is gone holds nobody up, and nothing is lost."""
    sent: list[str] = []
    tries = 0
    send_str = aiohttp.ClientWebSocketResponse.send_str

    async def tears(ws: aiohttp.ClientWebSocketResponse, text: str) -> None:
        """The real thing, but the third frame tears its connection as a lost network does."""
        nonlocal tries
        tries += 1
        assert tries < 20, "the same socket is tried again and again"
        if tries == 3:
            raise aiohttp.ClientConnectionResetError
        sent.append(text)
        await send_str(ws, text)

    monkeypatch.setattr(aiohttp.ClientWebSocketResponse, "send_str", tears)
    socket = patient_socket(signaling)
    said = [Renew(m1=encode(bytes([n]) * 16)) for n in range(3)]
    for message in said:
        await socket.send(message)

    socket.open()
    await hears(socket, Joined)
    await hears(socket, Joined)
    await socket.send(Leave(what="queue"))
    await hears(socket, Ended)

    assert [serialise(m) for m in said] == [text for text in sent if '"renew"' in text]
    await socket.close()


async def test_a_server_that_stops_while_one_enters_is_tried_again(
    signaling: Signaling,
) -> None:
    """It says `closing` to those at the door too: no fault of theirs, nor of its own."""
    knocks = 0

    async def stops(request: web.Request) -> web.StreamResponse:
        """A server that stops between its hello and its answer; the next one behaves."""
        nonlocal knocks
        knocks += 1
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str(serialise(Hello(challenge=encode(bytes(16)), now=1.0)))
        await ws.receive()
        if knocks > 1:
            await ws.send_str(serialise(Joined(now=1.0)))
            await ws.receive()
        else:
            await ws.send_str(serialise(Ended(what="socket", outcome="closing")))
        return ws

    async with answering(stops) as url:
        socket = patient_socket(signaling, at=url)
        socket.open()

        assert isinstance(await socket.next(), Joined)
        assert 2 == knocks
        await socket.close()


async def test_a_doctor_shows_the_newest_pass_of_her_seat(signaling: Signaling) -> None:
    """Beside the credential, so that a server which lost the session makes it anew."""
    kept: list[str | None] = []
    given = iter(["pass1.first", None, "pass1.newer", None])

    async def seats(request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_str(serialise(Hello(challenge=encode(bytes(16)), now=0)))
        joined = parse_message((await ws.receive()).data)
        assert isinstance(joined, Join)
        kept.append(joined.keep_pass)
        await ws.send_str(serialise(Joined(token=next(given), now=0)))
        return ws

    async with answering(seats) as url:
        socket = patient_socket(signaling, at=url, uses_pass=False)
        socket.open()
        for _ in range(4):
            await hears(socket, Joined)
        await socket.close()

    assert kept == [None, "pass1.first", "pass1.first", "pass1.newer"]


async def test_an_older_socket_does_not_fight_back(socket: Socket, signaling: Signaling) -> None:
    """The newer one keeps the place."""
    await hears(socket, Joined)
    newer = patient_socket(signaling)

    newer.open()
    await hears(newer, Joined)

    with pytest.raises(Replaced):
        await hears(socket, Refused)
    await newer.close()


async def test_a_token_that_opens_nothing_is_the_end(signaling: Signaling) -> None:
    """Trying again would not help."""
    socket = patient_socket(signaling, token="cap1.AAAA")
    socket.open()

    with pytest.raises(Turned, match="opens nothing"):
        await socket.next()
    await socket.close()


async def test_it_renews_by_itself_when_nothing_is_heard(
    socket: Socket, signaling: Signaling, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a waiting patient would fall asleep."""
    monkeypatch.setattr(sockets, "RENEW_TIMER_S", 0.02)
    renewals: asyncio.Queue[str | None] = asyncio.Queue()
    renew_ticket = signaling.store.renew_ticket

    async def note(ticket: str, now: float, expires_at: float, m1: str | None) -> Ticket | None:
        renewals.put_nowait(m1)
        return await renew_ticket(ticket, now, expires_at, m1)

    await hears(socket, Joined)
    monkeypatch.setattr(signaling.store, "renew_ticket", note)
    await socket.lose()  # the next life has the shorter timer
    socket.come_back()

    assert await renewals.get() is not None
    assert await renewals.get() is None


async def test_leaving_for_good_leaves_nothing_running(signaling: Signaling) -> None:
    """At any moment, the very first one too."""
    before = asyncio.all_tasks()
    socket = patient_socket(signaling)
    socket.open()

    await socket.close()

    assert not [t for t in asyncio.all_tasks() - before if "Socket" in repr(t.get_coro())]
