"""The README is short and true: its commands exist and its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.documents import FENCE, links, table
from tests.house.tree import ROOT, own_files

README = ROOT / "README.md"
LINES_MAX = 120


def commands(text: str) -> list[list[str]]:
    """List the command lines in a document's fenced blocks, as words, without comments."""
    found = []
    for block in FENCE.findall(text):
        language, _, body = block.strip("`").partition("\n")
        if language.strip() in ("", "sh", "bash", "shell", "console", "text"):
            for line in body.splitlines():
                words = line.removeprefix("$ ").partition("#")[0].split()
                if words and words[0] in ("make", "teleconsult", ".venv/bin/teleconsult", "git"):
                    found.append(words)
    return found


def make_targets(makefile: str) -> set[str]:
    """List what can be made."""
    return {
        target
        for line in makefile.splitlines()
        for names in re.findall(r"^([a-z][\w ]*):(?!=)", line)
        for target in names.split()
    }


def subcommands() -> set[str]:
    """List the subcommands that `teleconsult --help` names."""
    shown = subprocess.run(
        [sys.executable, "-c", "from deploy.command import main; main(['--help'])"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return set(re.findall(r"^ {2,4}([a-z]+)(?= {2,}|\n)", shown, re.M))


def unknown(text: str, targets: set[str], rooms: set[str]) -> list[str]:
    """List the commands of a document that do not exist."""
    found = []
    for program, *arguments in commands(text):
        plain = [word for word in arguments if not word.startswith("-") and "=" not in word]
        if program == "make":
            found += [f"make {word}" for word in plain if word not in targets]
        elif program != "git" and (not plain or plain[0] not in rooms):
            found.append(f"{program} {' '.join(plain)}".rstrip())
    return found


def test_the_readme_is_short() -> None:
    """Nobody reads the second screenful of a second page."""
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LINES_MAX


def test_every_command_of_the_readme_exists() -> None:
    """What a newcomer types works."""
    text = README.read_text(encoding="utf-8")
    targets = make_targets((ROOT / "Makefile").read_text(encoding="utf-8"))

    assert {"run", "test"} <= {word for command in commands(text) for word in command}
    assert [] == unknown(text, targets, subcommands())


@pytest.mark.parametrize(
    "path", sorted(own_files(ROOT, ".md")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    """A link to a file that moved is found."""
    assert [] == [target for target in links(path) if not target.exists()]


def test_the_signaling_room_names_each_of_its_files() -> None:
    """Who opens the room finds every file in one table, with its job."""
    text = (ROOT / "signaling" / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`(\w+)\.py`", "".join(row[0] for row in table(text, "file")))

    assert sorted(named) == sorted(
        path.stem for path in (ROOT / "signaling").glob("*.py") if path.stem != "__init__"
    )


def test_every_decision_is_short_and_can_be_changed() -> None:
    """A decision has a date, a reason, what would change our mind, and five lines at most."""
    text = (ROOT / "signaling" / "README.md").read_text(encoding="utf-8")
    decisions = text.partition("\n## Decisions\n")[2].partition("\n## ")[0].strip().split("\n\n")

    assert len(decisions) > 5
    for decision in decisions:
        assert re.match(r"\*\*[^*]+\*\* \(20\d\d-\d\d\)\.", decision), decision
        assert re.search(r"Would\s+change\s+our\s+mind: ", decision), decision
        assert len(decision.splitlines()) <= 5, decision


def test_a_command_that_does_not_exist_is_found() -> None:
    """The check above can fail."""
    text = "```sh\ngit clone x\nmake run LAN=1  # try\nmake dinner\nteleconsult cook --now\n```\n"

    assert ["make dinner", "teleconsult cook"] == unknown(text, {"run"}, {"serve"})
    assert {"run", "web", "lock"} == make_targets("flags = x\nrun:\n\techo\nweb lock: run\n")
    assert {"serve", "demo", "call", "peer", "secret"} <= subcommands()
