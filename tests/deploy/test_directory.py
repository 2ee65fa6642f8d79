"""`teleconsult directory check`, and the example that ships."""

import time
from pathlib import Path

import pytest

from clients.union.files import PASSPHRASE_FILE
from clients.union.office import Office
from deploy.command import main
from deploy.directory import understood, wrong_file
from signaling.directory import Directory, Queue
from signaling.directory_file import read_directory
from signaling.directory_text import WrongDirectory, remarks
from tests.unions import NOW, AUnion

EXAMPLE = Path(__file__).parents[2] / "deploy" / "example" / "directory.toml"
DEPARTEMENTS = {
    *(f"{number:02}" for number in range(1, 96) if number != 20),
    *("2A", "2B", "971", "972", "973", "974", "976"),
}


def test_the_example_is_right_and_of_the_size_of_a_federation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """63 queues, as anybody may check by typing it."""
    main(["directory", "check", str(EXAMPLE)])

    lines = capsys.readouterr().out.splitlines()
    assert "63 queues:" == lines[0]
    assert "This file is right, and may be used as it is." == lines[-1]


def test_the_example_covers_every_departement_once() -> None:
    """Wherever a patient lives there is one queue for him."""
    found = [
        number
        for queue in read_directory(EXAMPLE).queues.values()
        for number in (queue.territory.departements if queue.territory else ())
    ]

    assert DEPARTEMENTS == set(found) and 101 == len(found)


def test_in_the_example_every_patient_of_the_mainland_may_widen() -> None:
    """To neighbours that are there; an island far from all others has none."""
    queues = read_directory(EXAMPLE).queues

    alone = {name for name, queue in queues.items() if not queue.wider}
    assert {"garde-2a-2b", "garde-973"} == alone
    assert all(queue.alternatives and queue.hours for queue in queues.values())


def test_mistakes_are_all_said_and_the_command_fails(tmp_path: Path) -> None:
    """With exit code 1, and the sentences on standard error."""
    file = tmp_path / "directory.toml"
    file.write_text('[organisation.o]\n[queue.a]\ntitle = "A"\norganisation = "p"\n')

    with pytest.raises(SystemExit) as raised:
        main(["directory", "check", str(file)])

    assert (
        f"{file} is no directory, for 2 reasons:\n"
        "[organisation.o] name is missing: the name that people read.\n"
        '[queue.a] organisation: "p" is not the name of an organisation of this file.'
    ) == raised.value.code


def test_one_mistake_is_one() -> None:
    """And no plural."""
    assert "a is no directory, for 1 reason:\nx" == wrong_file(Path("a"), WrongDirectory(["x"]))


def test_a_bare_queue_is_understood() -> None:
    """What is not said is said to be so."""
    lines = list(understood(Directory({"a": Queue(is_closed=True)}), NOW))

    said = "without a title; by any union; 0 alternatives; closed: nobody new enters"
    assert ["1 queue:", f"  a: {said}"] == lines[:2]


# Links


class Staff:
    """Somebody at the union's machine, with a copy of the directory."""

    def __init__(self, folder: Path, screen: pytest.CaptureFixture[str]) -> None:
        self.union = Office(folder / "union", lambda _: "quatre mots au hasard", log2_n=10)
        self.id = self.union.init("Union", "https://visio.example.fr").id
        self.file = folder / "directory.toml"
        self._screen = screen

    def writes(self, text: str) -> None:
        self.file.write_text(text)

    def types(self, *more: str) -> str:
        """Type the command, and read what it prints."""
        folder = ["--folder", str(self.file.with_name("union"))]
        main(["directory", "link", str(self.file), *folder, *more])
        return self._screen.readouterr().out

    def fails(self, *more: str) -> str:
        with pytest.raises(SystemExit) as raised:
            self.types(*more)
        return str(raised.value.code)


@pytest.fixture
def staff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Staff:
    (tmp_path / "passphrase").write_text("quatre mots au hasard\n")
    monkeypatch.setenv(PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    return Staff(tmp_path, capsys)


def test_every_queue_of_the_example_gets_a_link_at_once(staff: Staff) -> None:
    """All else stays as it was, comments too; a second time there is nothing to do."""
    staff.writes(EXAMPLE.read_text())

    assert f"Wrote 63 links into {staff.file}.\n" == staff.types()

    written = staff.file.read_text()
    without = [line for line in written.splitlines() if not line.startswith("link = ")]
    assert EXAMPLE.read_text().splitlines() == without
    assert all(queue.link for queue in read_directory(staff.file).queues.values())
    assert () == remarks(read_directory(staff.file), time.time())
    assert f"Wrote 0 links into {staff.file}.\n" == staff.types()
    assert written == staff.file.read_text()


def test_a_link_that_ends_soon_is_replaced(staff: Staff) -> None:
    """One that is good for longer is left alone."""
    staff.writes(EXAMPLE.read_text())
    staff.types("--hours", "24")
    old = read_directory(staff.file)

    assert "Wrote 63 links" in staff.types()

    new = read_directory(staff.file)
    assert all(new.queues[name].link != queue.link for name, queue in old.queues.items())


def test_queues_of_others_and_closed_ones_get_none(staff: Staff) -> None:
    """A union signs for itself alone."""
    head = '[organisation.o]\nname = "O"\n'
    queue = '[queue.{}]\ntitle = "T"\norganisation = "o"\n{}\n'
    other = f'unions = ["{AUnion().id}"]'
    staff.writes(
        head
        + queue.format("ours", f'unions = ["{staff.id}"]')
        + queue.format("theirs", other)
        + queue.format("closed", "closed = true")
    )

    assert "Wrote 1 link into" in staff.types()

    queues = read_directory(staff.file).queues
    assert queues["ours"].link and not queues["theirs"].link and not queues["closed"].link


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        ("[queue", (), "is no directory, for 1 reason"),
        (None, ("--hours", "0"), "A link is open for some hours"),
        (
            '[organisation.o]\nname = "O"\n[queue]\na = { title = "A", organisation = "o" }\n',
            (),
            "is written in a way that only people change. It is as it was.",
        ),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    staff: Staff, text: str | None, more: tuple[str, ...], sentence: str
) -> None:
    """And is said in a sentence."""
    staff.writes(text or EXAMPLE.read_text())
    before = staff.file.read_text()

    assert sentence in staff.fails(*more)
    assert before == staff.file.read_text()
