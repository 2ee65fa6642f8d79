"""The folder of trusted unions: read at start, read again, and never believed blindly."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from clients.union import unions
from signaling.admission import NotAdmitted
from signaling.journal import Journal
from signaling.settings import Settings
from signaling.trust import FILE_MAX_BYTES, holds_demonstration, read_trust, trusting
from signaling.union_admission import Trusted, UnionAdmission
from tests.clock import Clock
from tests.unions import INSTALLATION, NOW, ORIGIN, WINDOW_S, AUnion, key_of

UNION, OTHER = AUnion(), AUnion(1)
SEED = b"d" * 32


class Folder:
    """A folder as an operator keeps it, and a server's journal of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: list[str] = []
        self.journal = Journal(self.written.append, lambda: float(NOW))

    def puts(self, union: AUnion, listed: str | None = None) -> None:
        place = self.path / union.id
        place.mkdir(exist_ok=True)
        (place / "union.json").write_text(unions.write(union.public))
        if listed is not None:
            (place / "access-list.jwt").write_text(listed + "\n")

    def counted(self) -> list[str]:
        self.journal.flush(is_last=True)
        return [line.split(" ", 1)[1] for line in self.written if "trust" in line]


class Noticing(UnionAdmission):
    """An admission that tells when the folder was read."""

    def __init__(self, secrets: Sequence[bytes], link_window_s: float) -> None:
        super().__init__(secrets, link_window_s)
        self.read = asyncio.Event()

    def trust(self, trusted: Mapping[str, Trusted]) -> None:
        super().trust(trusted)
        self.read.set()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_unions_are_read_with_their_lists(folder: Folder) -> None:
    """Each under its id, which is its root's thumbprint and its folder's name."""
    folder.puts(UNION, UNION.list(seq=3))
    folder.puts(OTHER, OTHER.list())

    read = read_trust(folder.path, (ORIGIN,), NOW, folder.journal)

    assert {UNION.id: UNION.trusted(seq=3), OTHER.id: OTHER.trusted()} == read
    assert [] == folder.counted()


def test_a_list_that_does_not_hold_is_no_list(folder: Folder) -> None:
    """Missing, another union's, over, or something else: its doctors are refused, aloud."""
    for listed in (None, OTHER.list(), UNION.list(now=NOW - 86_400), "hello", "[" * 9_000):
        folder.puts(UNION, listed)
        assert read_trust(folder.path, (ORIGIN,), NOW, folder.journal)[UNION.id].listed is None

    assert ["trust stale 5"] == folder.counted()


def test_what_is_no_union_is_passed_over(folder: Folder) -> None:
    """The others are trusted all the same; nothing of the file is in the journal."""
    folder.puts(UNION, UNION.list())
    for name, data in (("a", b"{}"), ("b", b"\xff"), ("c", b" " * (FILE_MAX_BYTES + 1))):
        (folder.path / name).mkdir()
        (folder.path / name / "union.json").write_bytes(data)

    assert {UNION.id} == read_trust(folder.path, (ORIGIN,), NOW, folder.journal).keys()
    assert ["trust unreadable 3"] == folder.counted()


def test_a_union_of_other_pages_is_passed_over(folder: Folder) -> None:
    """It vouches for doctors of another service."""
    folder.puts(UNION, UNION.list())

    assert {} == read_trust(folder.path, ("https://b.example",), NOW, folder.journal)
    assert ["trust unreadable 1"] == folder.counted()


def test_a_folder_that_is_not_there_trusts_nobody(folder: Folder) -> None:
    """It may come later."""
    assert {} == read_trust(folder.path / "none", (ORIGIN,), NOW, folder.journal)


async def test_a_revocation_counts_at_the_next_reading(folder: Folder, clock: Clock) -> None:
    """A running server hears of a lost device by the file alone, within `reload_s`."""
    admission = Noticing([INSTALLATION], WINDOW_S)
    credential = UNION.access(SEED)
    folder.puts(UNION, UNION.list())
    settings = Settings(trust=folder.path, origins=(ORIGIN,), reload_s=0.01)

    async with trusting(admission, settings, folder.journal, clock):
        assert admission.admit(credential.token, key_of(SEED), clock.now)
        folder.puts(UNION, UNION.list([credential.jti], seq=2))
        admission.read.clear()
        await asyncio.wait_for(admission.read.wait(), 5)

    with pytest.raises(NotAdmitted) as raised:
        admission.admit(credential.token, key_of(SEED), clock.now)
    assert "revoked" == raised.value.code


async def test_without_a_folder_nothing_is_read(clock: Clock) -> None:
    """An installation may trust nobody."""
    admission = UnionAdmission([INSTALLATION], WINDOW_S)

    async with trusting(admission, Settings(), Journal(lambda _: None), clock):
        assert () == admission.unions


def test_a_folder_is_one_unions_and_a_pipe_is_nobodys(folder: Folder) -> None:
    """A second folder cannot hide the first one's list, and nothing is waited for."""
    folder.puts(UNION, UNION.list())
    (folder.path / "copy").mkdir()
    (folder.path / "copy" / "union.json").write_text(unions.write(UNION.public))
    (folder.path / "pipe").mkdir()
    os.mkfifo(folder.path / "pipe" / "union.json")

    read = read_trust(folder.path, (ORIGIN,), NOW, folder.journal)

    assert {UNION.id: UNION.trusted()} == read
    assert ["trust unreadable 2"] == folder.counted()


def test_a_demonstrations_union_is_trusted_by_a_demonstration_only(folder: Folder) -> None:
    """Anybody may have its keys: a real server passes it over, aloud, and says so when asked."""
    demo = AUnion(2)
    folder.puts(UNION, UNION.list())
    assert not holds_demonstration(folder.path)
    demo.public = replace(demo.public, is_demo=True)
    folder.puts(demo, demo.list())

    real = read_trust(folder.path, (ORIGIN,), NOW, folder.journal)
    shown = read_trust(folder.path, (ORIGIN,), NOW, folder.journal, is_demo=True)

    assert ([UNION.id], {UNION.id, demo.id}) == (list(real), set(shown))
    assert ["trust unreadable 1"] == folder.counted()
    assert holds_demonstration(folder.path)


def test_what_is_no_file_of_a_union_is_no_demonstrations(folder: Folder) -> None:
    """It is not trusted either, so that it does not stop a service from starting."""
    (folder.path / "x").mkdir()
    (folder.path / "x" / "union.json").write_text('{"demo": true}')

    assert not holds_demonstration(folder.path)
    assert not holds_demonstration(folder.path / "nowhere")
