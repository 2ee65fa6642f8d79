"""Few and calm: short files, and none of the ways in or out that we decided against."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, own_files

LINES_MAX = 500
# A test file is a list of cases, read one at a time.
TEST_LINES_MAX = 800
# File -> why it is longer all the same.
LONGER = {
    "clients/web/src/consultation.ts": "what each message does to each state is read side by side",
    "clients/web/src/desk.ts": "what is carried out for the machines is read side by side",
    "signaling/waiting_room.py": "what happens to a place and to a call is read side by side",
    "tests/signaling/test_store.py": "the contract of stores in one piece: every store runs it all",
}

# What would keep something in a browser, let text become code, or record.
FORBIDDEN_IN_PAGES = (
    "localStorage",
    "sessionStorage",
    "indexedDB",
    "document.cookie",
    "cookieStore",
    "caches.open",
    "serviceWorker",
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "dangerouslySetInnerHTML",
    "eval(",
    "new Function",
    "MediaRecorder",
    "sendBeacon",
    "console.",
    "@ts-ignore",
)
# File -> the one thing of these that it uses all the same, and why.
ALLOWED_IN_PAGES = {
    # Keys that nobody can take out, the sealed bundle, the request: nothing of a patient.
    "clients/web/src/keyring-store.ts": "indexedDB",
}
SAYS_SECRET = re.compile(r"(?:^|_)(?:mac|hmac|digest|proof|secret|password|signature)s?$")


def name_of(path: Path) -> str:
    """Name a file as people do."""
    return path.relative_to(ROOT).as_posix()


def without_comments(text: str) -> str:
    """Cut comments out of TypeScript. `//` inside a string is taken for a URL and stays."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"(?<!:)//.*", "", text)


def forbidden_in(text: str) -> list[str]:
    """List what a page may not use and uses."""
    code = without_comments(text)
    return [word for word in FORBIDDEN_IN_PAGES if word in code]


def calls_of(tree: ast.Module, name: str) -> Iterator[int]:
    """Yield the lines on which a function is called by its plain name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node.lineno


def hasty_comparisons(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that compare something secret in variable time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and any(
            isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops
        ):
            sides = (node.left, *node.comparators)
            if any(SAYS_SECRET.search(word) for side in sides for word in words_of(side)):
                yield node.lineno


def words_of(side: ast.expr) -> Iterator[str]:
    """Yield the name of one side of a comparison, or of the function that made it."""
    if isinstance(side, ast.Call):
        side = side.func
    if isinstance(side, ast.Name):
        yield side.id.lower()
    elif isinstance(side, ast.Attribute):
        yield side.attr.lower()


def python(*rooms: str) -> list[Path]:
    """List the modules of rooms."""
    return [path for room in rooms for path in own_files(ROOT / room, ".py")]


def test_no_file_is_too_long() -> None:
    """A file fits in a reader's head, or says here why it does not."""
    long = {
        name_of(path)
        for path in own_files(ROOT, ".py", ".ts", ".tsx", ".css", ".html", ".js", ".md")
        if len(path.read_text(encoding="utf-8").splitlines()) > most_lines(path)
    }

    assert long <= LONGER.keys()
    assert all((ROOT / name).exists() for name in LONGER)


def most_lines(path: Path) -> int:
    """Say how long a file may be."""
    return TEST_LINES_MAX if path.is_relative_to(ROOT / "tests") else LINES_MAX


@pytest.mark.parametrize("path", python("signaling", "clients", "relay"), ids=name_of)
def test_only_commands_print(path: Path) -> None:
    """What is printed somewhere else is a second log. The journal's own line is the first."""
    lines = list(calls_of(ast.parse(path.read_text(encoding="utf-8")), "print"))

    assert len(lines) == (name_of(path) == "signaling/journal.py")


@pytest.mark.parametrize("path", python("signaling", "clients", "relay"), ids=name_of)
def test_secrets_are_compared_in_constant_time(path: Path) -> None:
    """No `==` on a MAC: `hmac.compare_digest`."""
    assert [] == list(hasty_comparisons(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize(
    "path", list(own_files(ROOT / "clients" / "web" / "src", ".ts", ".tsx")), ids=name_of
)
def test_pages_keep_nothing_and_run_no_text(path: Path) -> None:
    """Secrets live in the fragment and in memory; text stays text; nothing records."""
    allowed = [ALLOWED_IN_PAGES[name_of(path)]] if name_of(path) in ALLOWED_IN_PAGES else []

    assert allowed == forbidden_in(path.read_text(encoding="utf-8"))


def test_only_the_doctors_page_can_keep_keys() -> None:
    """No file that the patient's page loads leads to the store."""
    source = ROOT / "clients" / "web" / "src"
    (store,) = ALLOWED_IN_PAGES

    assert ROOT / store not in reached(source / "patient.tsx")
    assert ROOT / store in reached(source / "practice.ts")


def reached(start: Path) -> set[Path]:
    """List the files that one imports, and those that they import."""
    found, left = set[Path](), [start]
    while left:
        path = left.pop()
        if path in found or path.suffix not in (".ts", ".tsx"):
            continue
        found.add(path)
        text = without_comments(path.read_text(encoding="utf-8"))
        targets = re.findall(r"""(?:from|import)\s*\(?\s*["'](\.[^"']+)["']""", text)
        left += [(path.parent / target).resolve() for target in targets]
    return found


@pytest.mark.parametrize(
    "path", list(own_files(ROOT / "clients" / "web", ".html", ".css")), ids=name_of
)
def test_pages_name_no_other_host(path: Path) -> None:
    """No inline code, and nothing from a third party."""
    text = path.read_text(encoding="utf-8")

    assert not re.search(r"https?://|<style|\sstyle=|\son\w+=|@import|<script(?![^>]*\ssrc=)", text)


def test_the_page_imports_its_own_files_and_its_few_packages() -> None:
    """The browser client is reached by the wire only, and depends on what it names."""
    source = ROOT / "clients" / "web" / "src"
    package = (ROOT / "clients" / "web" / "package.json").read_text(encoding="utf-8")
    dependencies = re.findall(r'"dependencies":\s*{(.*?)}', package, re.S)[0]
    allowed = re.findall(r'"([^"]+)"\s*:', dependencies)
    for path in own_files(source, ".ts", ".tsx"):
        text = without_comments(path.read_text(encoding="utf-8"))
        for target in re.findall(r"""(?:from|import)\s*\(?\s*["']([^"'\n]+)["']""", text):
            if target.startswith("."):
                assert (path.parent / target).resolve().is_relative_to(source), name_of(path)
            else:
                assert any(target == name or target.startswith(f"{name}/") for name in allowed)


def test_the_checks_can_fail() -> None:
    """Each of these would break the house."""
    assert ["localStorage", "innerHTML"] == forbidden_in("localStorage.a = 1; x.innerHTML = y")
    assert [] == forbidden_in("// nothing in localStorage\n/* eval( */ const a = 'https://b';")
    assert [1] == list(hasty_comparisons(ast.parse("a == given_mac")))
    assert [1] == list(hasty_comparisons(ast.parse("_mac(key, data) != b")))
    assert [1] == list(hasty_comparisons(ast.parse("h.digest() == b")))
    assert [] == list(hasty_comparisons(ast.parse("machine == b and proofread == c")))
    assert [2] == list(calls_of(ast.parse("a()\nprint('x')"), "print"))
