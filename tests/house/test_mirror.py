"""Each module has its test file and each test file its module; exceptions are named."""

import ast
from pathlib import Path

import pytest

from tests.house.tree import ROOT

# Room -> where its tests are.
MIRRORS = {
    "signaling": "tests/signaling",
    "clients/peer": "tests/clients",
    "clients/union": "tests/clients/union",
    "deploy": "tests/deploy",
    "relay": "tests/relay",
    "probe": "tests/probe",
}

# Module -> why it has no test file of its own.
TESTED_ELSEWHERE = {
    "deploy/node.py": "test_command.py serves by one, test_workers.py by several",
    "deploy/worker.py": "test_workers.py starts them",
    "deploy/child.py": "test_workers.py and test_demo_probe.py start them, and kill them",
    "deploy/probe_child.py": "test_demo_probe.py starts it",
    "signaling/memory_store.py": "test_store.py runs the contract on every store",
    "signaling/redis_tickets.py": "test_store.py, and test_redis_store.py for what only Redis has",
    "signaling/redis_calls.py": "as redis_tickets.py",
    "signaling/redis_links.py": "as redis_tickets.py",
    "signaling/redis_seats.py": "as redis_tickets.py",
    "signaling/redis_doctors.py": "as redis_tickets.py",
    "signaling/redis_kept.py": "as redis_tickets.py",
    "signaling/redis_tallies.py": "as redis_tickets.py",
    "signaling/redis_due.py": "as redis_tickets.py",
    "clients/peer/errors.py": "sentences only; each is met in the test of what raises it",
    "relay/effects.py": "the words between core and doors: test_core.py, test_server.py",
    "relay/errors.py": "sentences only; each is met in the test of what raises it",
    "clients/union/errors.py": "sentences only; each is met in the test of what raises it",
    "clients/peer/desk.py": "what patient and doctor share: test_peer.py",
    "clients/peer/patient.py": "test_peer.py holds whole consultations",
    "clients/peer/doctor.py": "test_peer.py holds whole consultations",
    "clients/peer/far_end.py": "what patient, doctor and guest share: test_peer.py",
    "clients/peer/paths.py": "test_peer.py loses paths and finds them again",
    "clients/peer/guest.py": "tests/system/test_third_person.py holds whole consultations",
    "clients/peer/pairs.py": "tests/system/test_third_person.py holds whole consultations",
    "clients/peer/company.py": "tests/system/test_third_person.py holds whole consultations",
    "clients/peer/colleagues.py": "tests/system/test_third_person.py hands patients over",
    "clients/peer/hand_over.py": "tests/system/test_third_person.py hands patients over",
}

# Test file -> which promise it keeps that no single module does.
WITHOUT_MODULE: dict[str, str] = {
    "tests/probe/test_faults.py": "what is cut is red, and nothing else",
    "tests/probe/test_uncounted.py": "no figure of use counts a round of the probe",
    "tests/clients/union/test_union_vectors.py": "page and tool make the same bytes",
    "tests/relay/test_advisories.py": "what other relays were found to do wrong, ours does not",
}


def modules(root: Path, room: str) -> list[str]:
    """List a room's modules that hold code, as paths."""
    return [
        path.relative_to(root).as_posix()
        for path in sorted((root / room).glob("*.py"))
        if path.stem != "__main__" and holds_code(path)
    ]


def holds_code(path: Path) -> bool:
    """Tell whether a module defines anything; a docstring and imports do not count."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) for n in body)


def without_test(root: Path, room: str) -> list[str]:
    """List modules whose test file is missing."""
    return [
        module
        for module in modules(root, room)
        if not (root / MIRRORS[room] / f"test_{Path(module).stem}.py").exists()
    ]


def without_module(root: Path, room: str) -> list[str]:
    """List test files whose module is missing. A long one may be cut: test_<module>_<part>."""
    names = {path.stem for path in (root / room).glob("*.py")}
    return [
        path.relative_to(root).as_posix()
        for path in sorted((root / MIRRORS[room]).glob("test_*.py"))
        if not any(path.stem == f"test_{n}" or path.stem.startswith(f"test_{n}_") for n in names)
    ]


@pytest.mark.parametrize("room", MIRRORS)
def test_every_module_has_its_test_file(room: str) -> None:
    """Who changes a file knows where its test is."""
    assert [] == [path for path in without_test(ROOT, room) if path not in TESTED_ELSEWHERE]


@pytest.mark.parametrize("room", MIRRORS)
def test_every_test_file_has_its_module(room: str) -> None:
    """A test of something that is gone is found."""
    assert [] == [path for path in without_module(ROOT, room) if path not in WITHOUT_MODULE]


def test_the_exceptions_are_needed() -> None:
    """An exception that names nothing, or needs none, is taken off the list."""
    untested = {path for room in MIRRORS for path in without_test(ROOT, room)}
    strays = {path for room in MIRRORS for path in without_module(ROOT, room)}

    assert TESTED_ELSEWHERE.keys() <= untested
    assert WITHOUT_MODULE.keys() <= strays


def test_a_module_without_test_and_a_test_without_module_are_found(tmp_path: Path) -> None:
    """The checks above can fail."""
    for name in ("signaling/queue.py", "tests/signaling/test_lobby.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("def f(): pass")

    assert ["signaling/queue.py"] == without_test(tmp_path, "signaling")
    assert ["tests/signaling/test_lobby.py"] == without_module(tmp_path, "signaling")
