"""What unions publish: as it lies there now, to whoever asks, and nothing beside it."""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from secrets import randbelow
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDictProxy
from yarl import URL

from clients.union import bundles, keyring, lists, tokens, unions
from signaling.admission import NobodyIsTrusted
from signaling.journal import Journal
from signaling.memory_store import MemoryStore
from signaling.pages import headers_of
from signaling.published import BUNDLES, BUNDLES_MAX_BYTES, LAP_BYTES, LIST_MAX_BYTES, Lap
from signaling.server import create_app
from signaling.settings import Settings
from signaling.store import Life
from tests.serving import SEED, Signaling, serving
from tests.unions import AUnion

Answer = tuple[int, bytes, CIMultiDictProxy[str]]


class Stranger:
    """Somebody with a browser, who asks for things."""

    def __init__(self, http: aiohttp.ClientSession, signaling: Signaling) -> None:
        self._http = http
        self._origin = signaling.origin
        self.place = signaling.trust / signaling.union.id
        self.id = signaling.union.id

    async def asks(self, path: str, method: str = "GET") -> Answer:
        """Ask for a path, written exactly so."""
        # The address is not tidied up: dots and escapes arrive as they are.
        async with self._http.request(method, URL(self._origin + path, encoded=True)) as answer:
            return answer.status, await answer.read(), answer.headers

    async def status(self, path: str, method: str = "GET") -> int:
        """Ask for a path, and hear only how it went."""
        return (await self.asks(path, method))[0]

    async def is_let_in(self, path: str) -> None:
        """Ask again until nobody else is in the way: each answer is a turn of the server's."""
        while await self.status(path) == 503:
            pass


@pytest.fixture
async def stranger(signaling: Signaling) -> AsyncIterator[Stranger]:
    async with aiohttp.ClientSession() as http:
        yield Stranger(http, signaling)


async def test_pages_read_which_unions_are_trusted(
    signaling: Signaling, stranger: Stranger
) -> None:
    """Each as its own file says it."""
    _, body, headers = await stranger.asks("/unions.json")

    said = json.loads(body)
    assert {"v": 1, "unions": [unions.as_json(signaling.union.public)]} == said
    assert "application/json; charset=utf-8" == headers["Content-Type"]


async def test_pages_read_the_list_and_doctors_their_bundles(
    signaling: Signaling, stranger: Stranger
) -> None:
    """What is handed out is what the union signed and sealed."""
    signaling.doctor_address()
    union = signaling.union

    _, listed, list_headers = await stranger.asks(f"/unions/{union.id}/list.jwt")
    answers = [await stranger.asks(f"/unions/{union.id}/bundles/{name}") for name in BUNDLES]

    lists.read(
        listed.decode(),
        union.root.public_key,
        union.id,
        union.audience,
        signaling.now,
        typ=tokens.LIST,
    )
    assert "application/jwt" == list_headers["Content-Type"]
    bundle = bundles.open_([body for _, body, _ in answers], keyring.Keyring(SEED).encryption)
    assert unions.as_json(union.public) == bundle.union
    assert {"application/octet-stream"} == {headers["Content-Type"] for *_, headers in answers}


async def test_what_is_rewritten_is_served_at_once(stranger: Stranger) -> None:
    """Without a restart, and no browser keeps the old."""
    for path, file in (
        (f"/unions/{stranger.id}/list.jwt", "list.jwt"),
        (f"/unions/{stranger.id}/bundles/0.bin", "bundles/0.bin"),
    ):
        (stranger.place / file).write_bytes(b"fresh")

        status, body, headers = await stranger.asks(path)

        assert (200, b"fresh", "no-store") == (status, body, headers["Cache-Control"])
        assert "ETag" not in headers and "Last-Modified" not in headers


async def test_a_large_file_arrives_whole_and_in_pieces(stranger: Stranger) -> None:
    """Of the size that a federation's has."""
    data = os.urandom(1024) * 10 * 1024
    (stranger.place / "bundles/2.bin").write_bytes(data)

    _, body, headers = await stranger.asks(f"/unions/{stranger.id}/bundles/2.bin")

    assert hashlib.sha256(data).digest() == hashlib.sha256(body).digest()
    assert str(len(data)) == headers["Content-Length"]


async def test_answers_carry_the_headers_of_the_pages(stranger: Stranger) -> None:
    """Each those of its type. What is not found too."""
    for path in ("/unions.json", f"/unions/{stranger.id}/list.jwt", "/unions/x/list.jwt"):
        _, _, headers = await stranger.asks(path)
        kind = headers["Content-Type"].partition(";")[0]
        assert headers_of(kind).items() <= dict(headers).items()
        assert "no-store" == headers["Cache-Control"]


@pytest.mark.parametrize(
    "rest",
    [
        "access-list.jwt",
        "union.json",
        "root.key",
        "doctors.json",
        "list.jwt/",
        "list.jwt%00",
        ".",
        "",
        "bundles",
        "bundles/",
        "bundles/4.bin",
        "bundles/00.bin",
        "bundles/0.bin.gz",
        "bundles/-1.bin",
        "bundles/secret",
        "bundles/../root.key",
        "bundles/..%2froot.key",
        "bundles/%2e%2e/root.key",
        "../root.key",
        "%2e%2e%2froot.key",
    ],
)
async def test_nothing_else_of_a_unions_folder_is_found(stranger: Stranger, rest: str) -> None:
    """Not even what an operator left there by mistake."""
    for name in ("root.key", "doctors.json", "bundles/secret", "bundles/4.bin", "../root.key"):
        (stranger.place / name).write_text("secret")

    assert 404 == await stranger.status(f"/unions/{stranger.id}/{rest}")


@pytest.mark.parametrize(
    "path",
    [
        "/unions/list.jwt",
        "/unions/../list.jwt",
        "/unions/%2e%2e/list.jwt",
        "/unions/..%2f/list.jwt",
        "/unions//list.jwt",
        "/unions/./list.jwt",
        "/unions/%2fetc%2fpasswd/list.jwt",
    ],
)
async def test_no_path_leaves_the_folder(
    signaling: Signaling, stranger: Stranger, path: str
) -> None:
    """A list lies where each of these would lead."""
    (signaling.trust / "list.jwt").write_text("outside")

    assert 404 == await stranger.status(path)


async def test_a_union_that_is_not_trusted_publishes_nothing_here(
    signaling: Signaling, stranger: Stranger
) -> None:
    """Though its files lie there: the folder of another site, or one not yet read."""
    other = AUnion(1, signaling.origin)
    other.publish(signaling.trust)

    before = await stranger.status(f"/unions/{other.id}/list.jwt")
    signaling.admission.trust({other.id: other.trusted()})
    after = await stranger.status(f"/unions/{other.id}/list.jwt")

    assert (404, 200) == (before, after)
    assert 404 == await stranger.status(f"/unions/{stranger.id}/list.jwt")


async def test_what_is_missing_or_no_file_or_too_large_is_not_found(stranger: Stranger) -> None:
    """A pipe would never end, and a disk's worth would never be read."""
    listed, bundle = stranger.place / "list.jwt", stranger.place / "bundles/1.bin"
    paths = f"/unions/{stranger.id}/list.jwt", f"/unions/{stranger.id}/bundles/1.bin"

    def missing(path: Path, _: int) -> None:
        pass

    def pipe(path: Path, _: int) -> None:
        os.mkfifo(path)

    def folder(path: Path, _: int) -> None:
        path.mkdir()

    def large(path: Path, most: int) -> None:
        with path.open("wb") as file:
            file.truncate(most + 1)

    for make in (missing, pipe, folder, large):
        for path, most in ((listed, LIST_MAX_BYTES), (bundle, BUNDLES_MAX_BYTES)):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
            make(path, most)
        assert [404, 404] == [await stranger.status(path) for path in paths], make.__name__


async def test_only_get_is_answered(stranger: Stranger) -> None:
    """Nothing is ever sent up."""
    for method in ("HEAD", "POST", "PUT", "DELETE"):
        for path in ("/unions.json", f"/unions/{stranger.id}/bundles/0.bin"):
            assert 405 == await stranger.status(path, method)


async def test_so_many_downloads_at_once_and_no_more(pages: Path) -> None:
    """Who reads slowly holds a descriptor; the next one is asked to come back, then let in."""
    async with serving(pages, downloads_max=1) as signaling, aiohttp.ClientSession() as http:
        stranger = Stranger(http, signaling)
        path = f"/unions/{stranger.id}/bundles/0.bin"
        with (stranger.place / "bundles/0.bin").open("wb") as file:
            file.truncate(BUNDLES_MAX_BYTES)  # more than sockets hold by themselves

        async with http.get(signaling.origin + path) as slow:
            await slow.content.readany()
            status, _, headers = await stranger.asks(path)
            assert (503, "5") == (status, headers["Retry-After"])
            assert 200 == await stranger.status(f"/unions/{stranger.id}/list.jwt")
            slow.close()

        (stranger.place / "bundles/0.bin").unlink()
        await stranger.is_let_in(path)


@pytest.mark.parametrize("limit", ["download_within_s", "download_stall_s"])
async def test_who_reads_too_slowly_is_cut_off(pages: Path, limit: str) -> None:
    """He holds nothing up for longer, and sees by the length that it was not all.

    Whoever reads nothing is cut off long before the end of the time that a slow phone has.
    """
    numbers: dict[str, Any] = {limit: 0.1}
    async with (
        serving(pages, downloads_max=1, **numbers) as signaling,
        aiohttp.ClientSession() as http,
    ):
        stranger = Stranger(http, signaling)
        path = f"/unions/{stranger.id}/bundles/0.bin"
        with (stranger.place / "bundles/0.bin").open("wb") as file:
            file.truncate(BUNDLES_MAX_BYTES)
        port = int(signaling.origin.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")

        (stranger.place / "bundles/0.bin").unlink()
        await stranger.is_let_in(path)

        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(BUNDLES_MAX_BYTES)
        writer.close()


def test_who_reads_on_is_not_cut_off_however_long_it_takes() -> None:
    """The control: the time begins anew with each 300 kB, and not with each piece."""
    lap = Lap(0.0, 10.0)
    for now in range(1, 100):
        lap = lap.after(LAP_BYTES // 8, float(now))
        assert lap.ends > now

    slow = Lap(0.0, 10.0)
    for now in range(1, 11):
        slow = slow.after(LAP_BYTES // 11, float(now))
    assert 10.0 == slow.ends


async def test_a_file_that_is_cut_while_it_is_read_is_not_taken_for_whole(
    stranger: Stranger,
) -> None:
    """Somebody copied over it instead of moving into its place."""
    path = stranger.place / "bundles/0.bin"
    with path.open("wb") as file:
        file.truncate(BUNDLES_MAX_BYTES)

    with pytest.raises(aiohttp.ClientError):
        async with stranger._http.get(
            f"{stranger._origin}/unions/{stranger.id}/bundles/0.bin"
        ) as answer:
            await answer.content.readany()
            path.write_bytes(b"short")
            await answer.read()


async def test_without_a_trust_folder_nothing_is_published(pages: Path) -> None:
    """Not even that nothing is."""
    settings = Settings.model_validate({"pages": pages, "installation_secret": "A" * 43})
    app = create_app(
        settings,
        MemoryStore(Life("e")),
        NobodyIsTrusted(),
        Journal(),
        lambda: 0.0,
        os.urandom,
        randbelow,
    )

    assert "/unions.json" not in {
        route.resource.canonical for route in app.router.routes() if route.resource
    }
