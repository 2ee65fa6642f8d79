"""Files and the passphrase: the outer edge of the union's tool.

A door. A file is written beside and then moved into place, so that a crash leaves the old
one or the new one; one office works in a folder at a time. Sentences name paths, and
nothing of what is in them.
"""

import fcntl
import getpass
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import UnionError, Unreadable

PASSPHRASE_FILE = "TELECONSULT_UNION_PASSPHRASE_FILE"
SECRET, PUBLIC = 0o600, 0o644
LIST, ACCESS_LIST = "list.jwt", "access-list.jwt"


def ask_passphrase(is_new: bool) -> str:
    """Have the passphrase from the file that the environment names, or from the keyboard.

    Raises:
        UnionError: neither gives one.
    """
    file = os.environ.get(PASSPHRASE_FILE)
    try:
        if file is not None:
            return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        given = getpass.getpass("Passphrase of the union's root key: ")
        if is_new and getpass.getpass("Once more: ") != given:
            raise UnionError("The two passphrases differ.")
        return given
    except UnicodeDecodeError:
        # The exception itself quotes the passphrase: it goes no further.
        raise UnionError(
            f"The file that {PASSPHRASE_FILE} names is not text in UTF-8; save it as such."
        ) from None
    except (OSError, EOFError):
        raise UnionError(
            f"There is no passphrase: type it, or name a file that holds it in {PASSPHRASE_FILE}."
        ) from None


def read_text(path: Path, missing: str) -> str:
    """Read a file.

    Raises:
        UnionError: it is not there (`missing`), or cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise UnionError(missing) from None
    except OSError as error:
        raise UnionError(f"Cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Unreadable(f"{path} is not a text file.") from None


def write(path: Path, data: bytes, mode: int) -> None:
    """Write beside, then move into place, and have the disk keep both.

    Raises:
        UnionError: it cannot be; nothing of it is left beside.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(handle, mode)
                file.write(data)
                file.flush()
                os.fsync(handle)
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
        _keep_names(path.parent)
    except OSError as error:
        raise UnionError(f"Cannot write {path}: {error.strerror}.") from None


def _keep_names(folder: Path) -> None:
    """Have the disk keep which file has which name: power may fail after a revocation."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone(folder: Path, missing: str) -> Iterator[None]:
    """Work in a folder while nobody else does.

    Raises:
        UnionError: it is not there (`missing`).
    """
    try:
        lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, SECRET)
    except OSError:
        raise UnionError(missing) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
