"""`teleconsult directory check`, and the example that ships."""

from pathlib import Path

import pytest

from deploy.command import main
from deploy.directory import understood, wrong_file
from signaling.directory import Directory, Queue
from signaling.directory_file import read_directory
from signaling.directory_text import WrongDirectory
from tests.unions import NOW

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
