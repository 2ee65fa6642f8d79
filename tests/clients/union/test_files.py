"""Files of the union's tool: whole or not at all, and secret where they are."""

import os
import stat
import traceback
from pathlib import Path

import pytest

from clients.union.errors import UnionError
from clients.union.files import (
    PASSPHRASE_FILE,
    PUBLIC,
    SECRET,
    alone,
    ask_passphrase,
    read_text,
    write,
)


def test_a_written_file_is_as_secret_as_asked(tmp_path: Path) -> None:
    """Whatever the umask, and whatever was there before; nothing is left beside it."""
    path = tmp_path / "a"
    for mode in (PUBLIC, SECRET):
        write(path, b"text", mode)
        assert mode == stat.S_IMODE(path.stat().st_mode)

    assert ("text", ["a"]) == (read_text(path, ""), [p.name for p in tmp_path.iterdir()])


def test_a_missing_or_unreadable_file_is_a_sentence(tmp_path: Path) -> None:
    """Of ours where it is missing, of the system's otherwise."""
    (tmp_path / "binary").write_bytes(b"\xff")

    for path, sentence in (("none", "Make one"), ("", "Is a directory"), ("binary", "text")):
        with pytest.raises(UnionError, match=sentence):
            read_text(tmp_path / path, "Make one.")
    with pytest.raises(UnionError, match="Cannot write"):
        write(tmp_path / "no" / "folder", b"", PUBLIC)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """Its text may be a key."""
    (tmp_path / "root.key").mkdir()

    with pytest.raises(UnionError, match="Cannot write"):
        write(tmp_path / "root.key", b"seed", SECRET)
    assert ["root.key"] == [path.name for path in tmp_path.iterdir()]


def test_a_written_file_survives_a_loss_of_power(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk keeps the text before its name, and the name before the next step."""
    kept: list[tuple[bool, bool]] = []

    def note(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        kept.append((is_folder, (tmp_path / "a").exists()))

    monkeypatch.setattr("os.fsync", note)
    write(tmp_path / "a", b"text", PUBLIC)

    assert [(False, False), (True, True)] == kept


def test_an_office_needs_its_folder(tmp_path: Path) -> None:
    """And works there alone."""
    with alone(tmp_path, ""):
        pass
    with pytest.raises(UnionError, match="no union"), alone(tmp_path / "none", "no union"):
        pass


def test_a_passphrase_comes_from_the_file_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its line's end, and with its spaces."""
    (tmp_path / "p").write_text("quatre mots au hasard \n")
    monkeypatch.setenv(PASSPHRASE_FILE, str(tmp_path / "p"))

    assert "quatre mots au hasard " == ask_passphrase(True)


def test_no_passphrase_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That names the variable and quotes no content."""
    monkeypatch.setenv(PASSPHRASE_FILE, str(tmp_path / "none"))

    with pytest.raises(UnionError, match=PASSPHRASE_FILE):
        ask_passphrase(False)


def test_a_passphrase_that_is_not_utf_8_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a trace of it quote what the file holds."""
    (tmp_path / "p").write_bytes("café et quatre mots".encode("latin-1"))
    monkeypatch.setenv(PASSPHRASE_FILE, str(tmp_path / "p"))

    with pytest.raises(UnionError, match="UTF-8") as raised:
        ask_passphrase(False)
    assert "quatre" not in "".join(traceback.format_exception(raised.value))


def test_a_new_passphrase_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, or nothing is made."""
    monkeypatch.delenv(PASSPHRASE_FILE, raising=False)
    typed = iter(["one passphrase", "another passphrase"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))

    with pytest.raises(UnionError, match="differ"):
        ask_passphrase(True)
