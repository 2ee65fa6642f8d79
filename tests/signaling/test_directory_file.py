"""The directory on the disk: read at start, read again, and handed out to whoever asks."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from signaling.admission import NotAdmitted
from signaling.directory import Directory
from signaling.directory_file import following, read_directory
from signaling.directory_text import FILE_MAX_BYTES, WrongDirectory
from signaling.journal import Journal
from signaling.settings import Settings
from signaling.union_admission import UnionAdmission
from tests.serving import Signaling
from tests.unions import INSTALLATION, NOW, WINDOW_S, AUnion, some_key

UNION = AUnion()
HEAD = '[organisation.o]\nname = "O"\n'


def queue(name: str, rest: str = "") -> str:
    return f'[queue.{name}]\norganisation = "o"\ntitle = "{name}"\n{rest}\n'


def say(file: Path, text: str | None) -> None:
    """Write the file, or take it away, as its operator does."""
    if text is None:
        file.unlink()
    else:
        file.write_text(text)


class Noticing(UnionAdmission):
    """An admission that tells when it was given another directory."""

    def __init__(self) -> None:
        super().__init__([INSTALLATION], WINDOW_S)
        self.trust({UNION.id: UNION.trusted()})
        self.followed = asyncio.Event()

    def follow(self, directory: Directory) -> None:
        super().follow(directory)
        self.followed.set()


class Counting(Journal):
    """A journal that tells when something is counted."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.counted = asyncio.Event()
        super().__init__(self.lines.append, lambda: float(NOW))

    def _add(self, line: str) -> None:
        super()._add(line)
        self.counted.set()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "directory.toml"
    path.write_text(HEAD + queue("rennes") + queue("brest"))
    return path


def settings_of(file: Path) -> Settings:
    return Settings(directory=file, reload_s=0.01)


def enters(admission: UnionAdmission, name: str) -> bool | str:
    """Whether somebody new enters a queue by a link, or how he is refused."""
    try:
        return not admission.admit(UNION.pool_link(name), some_key(), NOW).is_late
    except NotAdmitted as refused:
        return refused.code


async def test_a_running_server_follows_its_file(file: Path) -> None:
    """A queue that is new opens, one that is gone takes nobody new, within `reload_s`."""
    admission = Noticing()

    async with following(admission, settings_of(file), Journal(lambda _: None)):
        assert [True, True, "not-admitted"] == [
            enters(admission, name) for name in ("rennes", "brest", "lorient")
        ]
        admission.followed.clear()
        say(file, HEAD + queue("rennes") + queue("lorient"))
        await asyncio.wait_for(admission.followed.wait(), 5)

    assert [True, False, True] == [
        enters(admission, name) for name in ("rennes", "brest", "lorient")
    ]


async def test_a_file_that_goes_wrong_changes_nothing_and_is_counted(file: Path) -> None:
    """Nobody is dropped by a slip of the pen, and the journal says that there is one."""
    admission, journal = Noticing(), Counting()

    async with following(admission, settings_of(file), journal):
        before = admission.directory
        say(file, "[queue")
        await asyncio.wait_for(journal.counted.wait(), 5)
        assert before is admission.directory
        journal.counted.clear()
        say(file, None)
        await asyncio.wait_for(journal.counted.wait(), 5)
        assert before is admission.directory

        say(file, HEAD + queue("rennes"))
        admission.followed.clear()
        await asyncio.wait_for(admission.followed.wait(), 5)

    journal.flush(is_last=True)
    assert journal.lines and all(" directory unreadable " in line for line in journal.lines)


async def test_a_file_that_is_wrong_at_the_start_starts_nothing(file: Path) -> None:
    """All its mistakes at once."""
    say(file, "[organisation.o]\n" + queue("a", "closed = 1"))

    with pytest.raises(WrongDirectory) as raised:
        async with following(Noticing(), settings_of(file), Journal(lambda _: None)):
            raise AssertionError("it started")

    assert 2 == len(raised.value.mistakes)


async def test_without_a_file_names_are_all_there_is() -> None:
    """As before there were directories: unions say which queues there are."""
    admission = Noticing()

    async with following(admission, Settings(), Journal(lambda _: None)):
        assert enters(admission, "any") is True
    assert not admission.followed.is_set()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file "),
        (b"\xff", "The file is no text in UTF-8."),
        (b"#" * (FILE_MAX_BYTES + 1), "The file is larger than 256 KiB."),
    ],
)
def test_a_file_that_cannot_be_read_is_said(
    file: Path, content: bytes | None, sentence: str
) -> None:
    """Missing, of another kind, or too large."""
    file.unlink()
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(WrongDirectory) as raised:
        read_directory(file)
    assert raised.value.mistakes[0].startswith(sentence)


# Handed out


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        yield session


async def test_pages_load_the_whole_directory_once(
    signaling: Signaling, http: aiohttp.ClientSession, file: Path
) -> None:
    """No cookie, nothing of anybody, good for as long as it would not be read again."""
    signaling.admission.follow(read_directory(file))
    url = f"{signaling.origin}/queues.json"

    async with http.get(url, headers={"Accept-Encoding": "identity"}) as answer:
        body, headers = await answer.read(), answer.headers
    async with http.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
        assert body == gzip.decompress(await answer.read())

    assert {"rennes", "brest"} == json.loads(body)["queues"].keys()
    assert "application/json" == headers["Content-Type"]
    assert "public, max-age=60" == headers["Cache-Control"]
    assert "Set-Cookie" not in headers


async def test_who_has_it_is_told_that_it_is_the_same(
    signaling: Signaling, http: aiohttp.ClientSession, file: Path
) -> None:
    """Until it changes: then it comes anew."""
    signaling.admission.follow(read_directory(file))
    url = f"{signaling.origin}/queues.json"
    async with http.get(url) as answer:
        known = {"If-None-Match": answer.headers["ETag"]}

    async with http.get(url, headers=known) as answer:
        assert (304, b"") == (answer.status, await answer.read())

    say(file, HEAD + queue("rennes"))
    signaling.admission.follow(read_directory(file))
    async with http.get(url, headers=known) as answer:
        assert 200 == answer.status and known["If-None-Match"] != answer.headers["ETag"]


async def test_only_get_is_answered(signaling: Signaling, http: aiohttp.ClientSession) -> None:
    """There is nothing to be said to it."""
    async with http.post(f"{signaling.origin}/queues.json") as answer:
        assert 405 == answer.status
