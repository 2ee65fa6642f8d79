"""Enrolling a probe, which has no screen: makes its keys, and the request for the union.

A door: one file, which its owner alone may read. It is made once; later the same keys ask for
further days, and what else stands in the file stays. No sentence tells what is in it.

The two lines are `probe_keys.py`'s, the request is in `clients/union/README.md`.
"""

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from clients.union.credentials import BEGINS_S, DAY_S
from clients.union.keyring import SEED_BYTES, Keyring

from . import probe_keys
from .errors import PeerError
from .probe_keys import ProbeKeys

DAYS = 31
"""A month, and a day for the office to answer, as a doctor's page asks for."""


def enrol(file: Path, now: float, dice: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Make the keys of a probe, where the file is not there yet, and ask the union for days.

    Returns:
        The text of the request, for `teleconsult union issue` and later `renew`.

    Raises:
        PeerError: the file cannot be written or read, or holds something else.
    """
    seed = dice(SEED_BYTES)
    try:
        _make(file, probe_keys.write(seed))
    except FileExistsError:
        seed = probe_keys.seed_of(_text(file))
    except OSError as error:
        raise PeerError(f"Cannot write {file}: {error.strerror}.") from None
    # The day that is on: it began at four.
    return Keyring(seed).request(int(now - BEGINS_S) // DAY_S, DAYS)


def read(file: Path) -> ProbeKeys:
    """Read the file of an enrolled probe.

    Raises:
        PeerError: it cannot be read, others may read it, or it is not whole.
    """
    return probe_keys.read(_text(file))


def _make(file: Path, text: str) -> None:
    """Write a file that is not there; where it cannot be written whole none is left."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as written:
            written.write(text)
    except OSError:
        file.unlink(missing_ok=True)
        raise


def _text(file: Path) -> str:
    try:
        # A pipe would be waited for.
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as opened:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise PeerError(f"{file} is no file.")
            if about.st_mode & 0o077:
                raise PeerError(
                    f"Others may read {file}, and be the probe. Take that away: chmod 600 {file}"
                )
            content = opened.read(probe_keys.TEXT_MAX_CHARS + 1)
    except OSError as error:
        raise PeerError(f"Cannot read {file}: {error.strerror}.") from None
    return content.decode("ascii", errors="replace")
