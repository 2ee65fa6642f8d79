"""What is published is fetched from the link's origin, bounded, or its absence is told."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from clients.peer import published
from clients.peer.errors import NotEnrolled, NotReached, PeerError
from clients.peer.published import Published
from clients.union import bundles
from clients.union.keyring import Keyring
from signaling.server import listening_sockets
from tests.serving import SEED, Signaling

UNION = "u" * 22


@asynccontextmanager
async def handing_out(answer: Callable[[], web.StreamResponse]) -> AsyncIterator[Published]:
    """A server that answers everything alike."""

    async def answers(_: web.Request) -> web.StreamResponse:
        return answer()

    app = web.Application()
    app.router.add_get("/{path:.*}", answers)
    runner = web.AppRunner(app)
    await runner.setup()
    listener = listening_sockets("127.0.0.1", 0)[0]
    await web.SockSite(runner, listener).start()
    yield Published(f"http://127.0.0.1:{listener.getsockname()[1]}")
    await runner.cleanup()


async def test_the_trusted_unions_are_read(signaling: Signaling) -> None:
    """Each as its own file says."""
    [union] = await Published(signaling.origin).unions()

    assert (signaling.union.id, signaling.origin) == (union.kid, union.audience)


async def test_a_union_that_cannot_be_read_is_passed_over(signaling: Signaling) -> None:
    """One that is damaged takes the trust from no other."""
    [good] = await Published(signaling.origin).unions()
    said = {"v": 1, "name": good.name, "audience": good.audience, "root": "A" * 43}

    async with handing_out(lambda: web.json_response({"v": 1, "unions": [said, 7, {}]})) as there:
        assert () == await there.unions()


async def test_a_list_is_read_as_text(signaling: Signaling) -> None:
    """The very token that goes into M2."""
    token = await Published(signaling.origin).revocations(signaling.union.id)

    assert 2 == token.count(".")


async def test_a_doctor_finds_his_own_bundle(signaling: Signaling) -> None:
    """And whoever has none is told so by None."""
    signaling.doctor_address()
    there = Published(signaling.origin)

    bundle = await there.bundle(signaling.union.id, Keyring(SEED).encryption)

    assert bundle is not None and bundle.access
    assert await there.bundle(signaling.union.id, Keyring(bytes(32)).encryption) is None
    assert await there.bundle(UNION, Keyring(SEED).encryption) is None


async def test_a_bundle_that_was_changed_is_no_bundle(signaling: Signaling) -> None:
    """It was sealed to the doctor, and by nobody else's bytes."""
    signaling.doctor_address()
    for file in (signaling.trust / signaling.union.id / "bundles").iterdir():
        data = bytearray(file.read_bytes())
        data[1000 :: bundles.SLOT_BYTES] = bytes(b ^ 1 for b in data[1000 :: bundles.SLOT_BYTES])
        file.write_bytes(data)

    with pytest.raises(NotEnrolled, match="changed"):
        await Published(signaling.origin).bundle(signaling.union.id, Keyring(SEED).encryption)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=302, headers={"Location": "http://elsewhere.invalid/"}),
        lambda: web.Response(body=bytes(published.UNIONS_MAX_BYTES + 1)),
        lambda: web.Response(status=404),
        lambda: web.Response(text="no JSON"),
        lambda: web.json_response({"v": 2, "unions": []}),
        lambda: web.json_response([]),
    ],
)
async def test_what_is_not_the_list_of_unions_is_a_sentence(
    answer: Callable[[], web.StreamResponse],
) -> None:
    """Trouble with the network, and no word against anybody. Nobody is sent elsewhere."""
    async with handing_out(answer) as there:
        with pytest.raises(PeerError):
            await there.unions()


async def test_a_list_or_file_that_is_too_long_or_cut_is_not_read() -> None:
    """Each has its bound, and a slot is whole or none."""
    long = bytes(published.LIST_MAX_BYTES + 1)
    async with handing_out(lambda: web.Response(body=long)) as there:
        with pytest.raises(PeerError):
            await there.revocations(UNION)
        with pytest.raises(NotReached, match="whole"):
            await there.bundle(UNION, Keyring(SEED).encryption)


async def test_a_server_that_is_not_there_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    """After as long as one that is just starting may take."""
    monkeypatch.setattr(published, "STARTING_S", 0.1)

    with pytest.raises(NotReached, match="not reached in time"):
        await Published(f"http://127.0.0.1:{unused_tcp_port}").unions()


async def test_a_server_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is a limit to the whole of it."""
    monkeypatch.setattr(published, "WITHIN_S", 0.1)
    listener = listening_sockets("127.0.0.1", 0)[0]
    with listener:
        port = listener.getsockname()[1]
        with pytest.raises(NotReached, match="not reached in time"):
            await Published(f"http://127.0.0.1:{port}").unions()
