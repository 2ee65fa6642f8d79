"""The file of a brand and the logo beside it, read at start.

A door: it reads two files, and writes nothing. A wrong file stops the start.
"""

import errno
from pathlib import Path

from .brand import DEFAULT, Brand
from .brand_text import FILE_MAX_BYTES, WrongBrand, read
from .logo import MAX_BYTES, WrongLogo


def read_brand(path: Path | None) -> Brand:
    """Read a brand's file; without one the brand is the pages' own.

    Raises:
        WrongBrand: with every mistake that was found, or why it cannot be read.
    """
    if path is None:
        return DEFAULT
    try:
        text = _content(path, FILE_MAX_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise WrongBrand(["The file is no text in UTF-8."]) from None
    except OSError as error:
        raise WrongBrand([f"Cannot read {path}: {error.strerror}."]) from None
    return read(text, lambda name: _picture(path.parent / name))


def _picture(path: Path) -> bytes:
    try:
        return _content(path, MAX_BYTES)
    except OSError as error:
        raise WrongLogo(f"it cannot be read: {error.strerror}") from None


def _content(path: Path, most: int) -> bytes:
    """Read what there is, and at most one byte more than there may be."""
    if not path.is_file():
        raise FileNotFoundError(errno.ENOENT, "there is no such file")
    with path.open("rb") as file:
        return file.read(most + 1)
