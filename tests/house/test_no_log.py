"""The relay has no way to write an address down: it neither logs, nor prints, nor keeps files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_arrows import imports, room_files
from tests.house.tree import ROOT

# What could take an address to a log, a screen or a disk.
WRITERS = frozenset("logging syslog traceback warnings sys pprint io tempfile shelve".split())
CALLS = frozenset({"print", "open", "breakpoint"})
METHODS = frozenset({"write_text", "write_bytes", "call_exception_handler"})


def ways_to_write(root: Path) -> Iterator[str]:
    """Yield, a sentence each, what in the relay could write something down."""
    for path in room_files(root, "relay"):
        for name in imports("relay", path):
            if name.partition(".")[0] in WRITERS:
                yield f"{path.stem} imports {name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                    yield f"{path.stem} calls {name}"
                case ast.Call(func=ast.Attribute(attr=name)) if name in METHODS:
                    yield f"{path.stem} calls {name}"


def test_the_relay_has_no_way_to_write_an_address() -> None:
    """In none of its files, doors included: there is no setting that could turn one on."""
    assert [] == list(ways_to_write(ROOT))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import logging", "imports logging"),
        ("from logging import getLogger", "imports logging.getLogger"),
        ("def f():\n    import sys", "imports sys"),
        ("print(address)", "calls print"),
        ("open('log', 'a')", "calls open"),
        ("Path('log').write_text(address)", "calls write_text"),
    ],
)
def test_a_way_to_write_is_found(tmp_path: Path, code: str, found: str) -> None:
    """The check above can fail."""
    (tmp_path / "relay").mkdir()
    (tmp_path / "relay" / "door.py").write_text(code)

    assert [f"door {found}"] == list(ways_to_write(tmp_path))
