"""The arrows of the house point one way, and only the doors open outward."""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.house.tree import ROOT, own_files

# Room -> what it may use from other rooms.
ARROWS: dict[str, frozenset[str]] = {
    # It knows no patients and no doctors, and can be run and read alone.
    "relay": frozenset(),
    # It makes relay passwords; packets and addresses of the relay are out of its reach.
    "signaling": frozenset({"relay.credentials"}),
    # A doctor's end opens what the union made for it, and makes the secrets of its own links.
    "clients.peer": frozenset(
        "signaling.messages signaling.encoding signaling.ed25519 clients.union.keyring "
        "clients.union.bundles clients.union.links clients.union.unions clients.union.errors "
        "clients.union.credentials".split()
    ),
    # Offline at the union: it can reach nothing of the server, nor the server it.
    "clients.union": frozenset(),
    # It asks a service from outside, as anybody does, with peers that have no screen.
    "probe": frozenset(
        "clients.peer signaling.admission signaling.brand signaling.brand_file "
        "signaling.credentials signaling.ed25519 signaling.encoding signaling.figures "
        "signaling.journal signaling.limits signaling.messages signaling.pages signaling.probing "
        "signaling.published signaling.settings signaling.trust".split()
    ),
    "deploy": frozenset({"relay", "signaling", "clients.peer", "clients.union", "probe"}),
}

# Room -> the only files that may touch sockets, clocks, dice, files or logs.
DOORS: dict[str, frozenset[str]] = {
    "relay": frozenset({"control", "coturn", "open_server", "probe", "server", "shared_port"}),
    "signaling": frozenset(
        "brand_file directory_file doorstep exposing journal line pages published redis_connection "
        "redis_keys redis_life redis_node redis_post redis_watch server trust".split()
    ),
    "clients.peer": frozenset(
        "connection desk doctor enrolment far_end guest media media_files patient published "
        "reach relays run socket watch".split()
    ),
    "clients.union": frozenset("files office trusting".split()),
    "probe": frozenset("consultation nodes prometheus server watching".split()),
    "deploy": frozenset(
        "bootstrap brand certificate child command demo demo_probe directory founding metrics "
        "node probe probe_child relay relay_child relay_watch relaying sources status union worker "
        "workers".split()
    ),
}
OUTSIDE = frozenset(
    "asyncio concurrent http importlib io logging multiprocessing os pathlib pickle random "
    "secrets select selectors shelve shutil signal socket socketserver sqlite3 ssl subprocess "
    "sys tempfile threading time datetime urllib.request uuid warnings "
    "aiohttp aioice aiortc av redis uvloop".split()
)
# (room, file) -> what it may use of the outside all the same, and why.
ALLOWED: dict[tuple[str, str], frozenset[str]] = {
    # A path is a value in a setting; nothing is opened.
    ("signaling", "settings"): frozenset({"pathlib"}),
    # A day is a value; nobody here asks which one it is.
    ("signaling", "accessibility"): frozenset({"datetime"}),
    ("signaling", "notices"): frozenset({"datetime"}),
}

# Room -> packages of others. A new dependency is a row here first.
PACKAGES: dict[str, frozenset[str]] = {
    "relay": frozenset({"cryptography", "uvloop"}),
    "signaling": frozenset(
        {"aiohttp", "cryptography", "jwt", "prometheus_client", "pydantic", "redis"}
    ),
    "clients.union": frozenset({"cryptography", "jwt", "pydantic"}),
    "clients.peer": frozenset(
        {"aiohttp", "aioice", "aiortc", "av", "cryptography", "jwt", "numpy", "pydantic"}
    ),
    "probe": frozenset({"aiohttp", "prometheus_client", "pydantic"}),
    "deploy": frozenset({"cryptography", "pydantic", "pydantic_settings", "uvloop"}),
}

# The server checks signatures, in one file. It can open nothing.
SIGNATURES_ONLY = {
    "cryptography.exceptions.InvalidSignature",
    "cryptography.hazmat.primitives.asymmetric.ed25519.Ed25519PublicKey",
}
# Nor does it know tokens anywhere else than here.
TOKENS_IN = "credentials"
BROKER_MAX_LINES = 100


def room_files(root: Path, room: str) -> list[Path]:
    """List the modules of a room."""
    return sorted((root / room.replace(".", "/")).glob("*.py"))


def imports(room: str, path: Path) -> Iterator[str]:
    """Yield every dotted name that a module imports anywhere in it, made absolute."""
    parts = room.split(".")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = parts[: len(parts) - node.level + 1] if node.level else []
            base = ".".join(above + ([node.module] if node.module else []))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def within(name: str, allowed: frozenset[str] | set[str]) -> bool:
    """Tell whether a dotted name is one of these or inside one of them."""
    return any(name == other or name.startswith(f"{other}.") for other in allowed)


def faults(root: Path, room: str) -> list[str]:
    """Say, a sentence each, where a room breaks its arrows."""
    found = []
    ours = frozenset({*ARROWS, "clients", "tests"})
    for path in room_files(root, room):
        where = f"{room}.{path.stem}"
        is_door = path.stem in DOORS[room]
        for name in imports(room, path):
            top = name.partition(".")[0]
            if within(name, {room}):
                continue
            if within(name, ours):
                if not within(name, ARROWS[room]):
                    found.append(f"{where} reaches into {name}")
            elif not is_door and within(name, OUTSIDE - ALLOWED.get((room, path.stem), set())):
                found.append(f"{where} is not a door but imports {name}")
            elif top not in sys.stdlib_module_names and top not in PACKAGES[room]:
                found.append(f"{where} imports {top}, which its room does not depend on")
            if room == "signaling" and top == "cryptography":
                if path.stem != "ed25519" or name not in SIGNATURES_ONLY:
                    found.append(f"{where} could do more than check a signature: {name}")
            if room == "signaling" and top == "jwt" and path.stem != TOKENS_IN:
                found.append(f"{where} reads tokens")
        found += [f"{where} calls {word}()" for word in reached_by_name(path, is_door)]
    return found


def reached_by_name(path: Path, is_door: bool) -> Iterator[str]:
    """Yield built-in functions called in a module that would get round its imports."""
    forbidden = {"eval", "exec", "__import__"} | (set() if is_door else {"open", "input"})
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in forbidden:
                yield node.func.id


def circle(uses: Mapping[str, set[str]]) -> list[str]:
    """Find modules of which each uses the next and the last the first; none is []."""
    left = dict(uses)
    while left:
        free = [name for name, used in left.items() if not used & left.keys()]
        if not free:
            return sorted(left)
        for name in free:
            del left[name]
    return []


def uses_within(root: Path, room: str) -> dict[str, set[str]]:
    """Map each module of a room to the modules of the same room that it imports."""
    stems = {path.stem for path in room_files(root, room)} - {"__init__"}
    return {
        path.stem: {
            stem
            for name in imports(room, path)
            for stem in stems
            if within(name, {f"{room}.{stem}"})
        }
        for path in room_files(root, room)
        if path.stem in stems
    }


@pytest.mark.parametrize("room", ARROWS)
def test_a_room_uses_only_what_its_arrows_allow(room: str) -> None:
    """A file imports its own room, its room's arrows and, if a door, the outside."""
    assert room_files(ROOT, room)
    assert [] == faults(ROOT, room)


@pytest.mark.parametrize("room", ARROWS)
def test_the_doors_are_files_and_say_that_they_are_doors(room: str) -> None:
    """A list of doors that names a file which is gone, or is silent about it, is a lie."""
    if room == "deploy":
        return assert_all_files(room)
    for path in room_files(ROOT, room):
        words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        if path.stem in DOORS[room]:
            assert "A door" in words, f"{path.name} is a door and does not say so"
        else:
            assert "A door" not in words, f"{path.name} calls itself a door and is not listed"
    assert_all_files(room)


def assert_all_files(room: str) -> None:
    """Check that every door of a room exists."""
    assert DOORS[room] <= {path.stem for path in room_files(ROOT, room)}


@pytest.mark.parametrize("room", ARROWS)
def test_no_two_files_of_a_room_need_each_other(room: str) -> None:
    """Each room can be read from its first file to its last."""
    assert [] == circle(uses_within(ROOT, room))


def test_every_room_has_its_arrows() -> None:
    """A new room is a row in the tables above before it is a folder."""
    packages = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in own_files(ROOT, "__init__.py")
        if path.parent != ROOT / "clients"
    }

    assert ARROWS.keys() == {name for name in packages if not name.startswith("tests")}
    assert ARROWS.keys() == DOORS.keys() == PACKAGES.keys()


def test_the_broker_is_short_and_can_open_nothing() -> None:
    """The file that an auditor reads first fits on two screens and imports words only."""
    broker = ROOT / "signaling" / "broker.py"
    words = {"signaling.messages", "signaling.addresses"}

    assert len(broker.read_text(encoding="utf-8").splitlines()) < BROKER_MAX_LINES
    assert all(within(name, words) for name in imports("signaling", broker))


def write(root: Path, files: Mapping[str, str]) -> None:
    """Put a small tree of modules on the disk."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("signaling/store.py", "import time"),
        ("signaling/store.py", "from datetime import UTC"),
        ("signaling/store.py", "def f():\n    import secrets"),
        ("signaling/store.py", "from pathlib import Path"),
        ("signaling/store.py", "open('x')"),
        ("signaling/store.py", "__import__('time')"),
        ("signaling/line.py", "eval('1')"),
        ("signaling/store.py", "from deploy import demo"),
        ("signaling/store.py", "from clients.peer.letters import M1"),
        ("signaling/server.py", "import tests.clock"),
        ("signaling/server.py", "import numpy"),
        ("signaling/line.py", "from cryptography.hazmat.primitives.asymmetric import x25519"),
        ("signaling/ed25519.py", "from cryptography.hazmat.primitives.ciphers import aead"),
        (
            "signaling/admission.py",
            "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey",
        ),
        ("signaling/broker.py", "from cryptography.exceptions import InvalidSignature"),
        ("clients/peer/patient.py", "from signaling.server import create_app"),
        ("clients/peer/patient.py", "from signaling import passes"),
        ("clients/peer/patient.py", "from deploy.demo import run"),
        ("clients/peer/letters.py", "import aiohttp"),
        ("deploy/demo.py", "from tests.clock import Clock"),
        ("relay/core.py", "import time"),
        ("relay/core.py", "from signaling.passes import Passbook"),
        ("relay/server.py", "from clients.peer.letters import M1"),
        ("signaling/line.py", "import jwt"),
        ("signaling/trust.py", "from clients.union import lists"),
        ("clients/union/lists.py", "from signaling.encoding import encode"),
        ("clients/union/lists.py", "from clients.peer.letters import M1"),
        ("clients/union/lists.py", "import time"),
        ("clients/union/office.py", "import aiohttp"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path: Path, file: str, text: str) -> None:
    """The check above can fail: each of these would break the house."""
    write(tmp_path, {file: text})

    assert 1 == len(faults(tmp_path, ".".join(Path(file).parts[:-1])))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("signaling/store.py", "from . import messages\nfrom .messages import Id\nimport bisect"),
        ("signaling/server.py", "import asyncio, time\nfrom aiohttp import web"),
        ("signaling/settings.py", "from pathlib import Path"),
        (
            "signaling/ed25519.py",
            "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey",
        ),
        ("clients/peer/letters.py", "from signaling.messages import Id"),
        ("signaling/credentials.py", "import jwt"),
        ("clients/union/office.py", "import secrets, time"),
        ("deploy/demo.py", "from signaling.server import create_app\nfrom clients.peer import run"),
    ],
)
def test_an_allowed_import_passes(tmp_path: Path, file: str, text: str) -> None:
    """The check above does not cry wolf."""
    write(tmp_path, {file: text})

    assert [] == faults(tmp_path, ".".join(Path(file).parts[:-1]))


def test_a_circle_is_found(tmp_path: Path) -> None:
    """The check for circles can fail."""
    write(
        tmp_path,
        {
            "signaling/a.py": "from .b import x",
            "signaling/b.py": "from . import c",
            "signaling/c.py": "import signaling.a",
            "signaling/d.py": "from .a import x",
        },
    )

    assert ["a", "b", "c", "d"] == circle(uses_within(tmp_path, "signaling"))
