"""The brand on the disk: read at start, and nothing is guessed."""

from pathlib import Path

import pytest

from signaling.brand import DEFAULT
from signaling.brand_file import read_brand
from signaling.brand_text import WrongBrand
from signaling.logo import MAX_BYTES
from tests.house.tree import ROOT

EXAMPLE = ROOT / "deploy" / "example" / "brand.toml"


def test_the_example_is_a_brand() -> None:
    """With its logo, and with every fact."""
    brand = read_brand(EXAMPLE)

    assert brand.logo is not None and () == brand.missing


def test_without_a_file_the_brand_is_the_pages_own() -> None:
    """Nothing has to be written to try the service."""
    assert DEFAULT == read_brand(None)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "there is no such file"),
        (b"\xff", "no text in UTF-8"),
        (b'[brand]\nname = "a"\nlogo = "b.svg"', '"b.svg": it cannot be read: there is no such'),
        (b'[brand]\nname = "a"\nlogo = "large.svg"', "larger than 64 KiB"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    """No file, no text, no picture, too much of one."""
    (tmp_path / "large.svg").write_bytes(b" " * (MAX_BYTES + 10))
    if content is not None:
        (tmp_path / "brand.toml").write_bytes(content)

    with pytest.raises(WrongBrand, match=sentence):
        read_brand(tmp_path / "brand.toml")
