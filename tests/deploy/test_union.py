"""`teleconsult union` and `teleconsult link`, as staff types them, in a real folder."""

import asyncio
import json
import re
import shlex
import signal
import time
from pathlib import Path

import pytest

from clients.peer.enrolment import enrol, read
from clients.union.files import PASSPHRASE_FILE
from clients.union.office import Office
from deploy.command import main
from deploy.union import RELOAD_S
from signaling.settings import Settings
from tests.deploy.test_command import SECRET, fetched, line_with, stopped, typed
from tests.dice import Dice
from tests.unions import ORIGIN, ADevice

UNION = ("init", "issue", "renew", "publish", "revoke", "list", "show", "trust")
PASSPHRASE = "quatre mots au hasard"
DOCTOR = ("--name", "Dr Camille Martin", "--specialty", "Médecine générale", "--queue", "garde")


class Staff:
    """Somebody at the union's machine."""

    def __init__(self, folder: Path, screen: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.screen = screen

    def types(self, *words: str | Path) -> str:
        """Type a command and read what it prints."""
        main([str(word) for word in words])
        shown = self.screen.readouterr()
        assert "" == shown.err
        return shown.out

    def union(self, *words: str | Path) -> str:
        return self.types("union", words[0], "--folder", self.folder, *words[1:])

    def fails(self, *words: str | Path) -> str:
        """Type a command that ends in a sentence."""
        with pytest.raises(SystemExit) as raised:
            main([str(word) for word in words])
        assert isinstance(raised.value.code, str), "a sentence, and exit code 1"
        assert "" == self.screen.readouterr().out and "\n" not in raised.value.code
        return raised.value.code


@pytest.fixture
def staff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Staff:
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    monkeypatch.setenv(PASSPHRASE_FILE, str(tmp_path / "passphrase"))
    monkeypatch.chdir(tmp_path)
    # A passphrase that is cheap to guess, so that thirty tests need not pay for a dear one.
    Office(tmp_path / "union", lambda _: PASSPHRASE, log2_n=2).init("Union des médecins", ORIGIN)
    return Staff(tmp_path / "union", capsys)


def today() -> int:
    """The day on this machine, on which what is typed here depends."""
    return int(time.time()) // 86_400


@pytest.mark.parametrize("command", UNION)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In sentences."""
    with pytest.raises(SystemExit) as raised:
        main(["union", command, "--help"])

    shown = " ".join(capsys.readouterr().out.split())
    assert 0 == raised.value.code
    assert f"usage: teleconsult union {command}" in shown and ". " in shown


def test_a_union_is_made(staff: Staff, tmp_path: Path) -> None:
    """With an id to say aloud, and how a server comes to trust it."""
    staff.folder = tmp_path / "another"

    made = staff.union("init", "Another", ORIGIN)

    assert re.findall(r"id is (\S+)", made)[0] in staff.union("show")
    assert f"union trust FOLDER {staff.folder / 'union.json'}" in made


def test_a_doctor_is_enrolled_shown_and_revoked(staff: Staff) -> None:
    """Each step says what was done and what comes next."""
    request = ADevice(Dice(1)).request(today())
    issued = staff.union("issue", request, *DOCTOR)
    device = re.findall(r"on device (\S+)", issued)[0]
    assert "Dr Camille Martin may serve from" in issued and "bundles" in issued

    shown = staff.union("show")
    assert device in shown and "Dr Camille Martin" in shown and ": until" in shown

    revoked = staff.union("revoke", device[:8])
    assert f"Revoked device {device}" in revoked
    assert "30 revoked" in staff.union("list")
    assert f"{device}  Dr Camille Martin, Médecine générale (garde): revoked" in staff.union("show")


def test_a_probe_is_enrolled_without_a_screen(staff: Staff, tmp_path: Path) -> None:
    """Its file, the union's answer, the link as second line: then the probe has all it needs."""
    file = tmp_path / "probe"

    issued = staff.union("issue", enrol(file, time.time()), "--role", "probe", "--name", "Sonde A")
    link = issued.splitlines()[-1]
    with file.open("a") as more:
        more.write(link + "\n")

    assert "Sonde A may probe from" in issued and "second line" in issued
    assert link == read(file).link
    assert "Sonde A, Sonde (probe-" in staff.union("show")
    renewed = staff.union("renew", enrol(file, time.time()))
    assert "Sonde A may probe from" in renewed and "cap1." not in renewed


def test_staff_is_enrolled_for_the_status_page(staff: Staff) -> None:
    """By the request of the page, as a doctor; shown as what it is."""
    request = ADevice(Dice(1)).request(today())

    issued = staff.union("issue", request, "--role", "staff", "--name", "Sacha Martin")

    assert "Sacha Martin may read the status page from" in issued and "cap1." not in issued
    assert "Sacha Martin, Équipe (status page only): until" in staff.union("show")
    staff.union("revoke", "Sacha Martin")
    assert "(status page only): revoked" in staff.union("show")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--name", "Dr A", "--queue", "garde"), "(--specialty)"),
        (("--name", "A", "--role", "staff", "--specialty", "Équipe"), "leave --specialty out"),
        (("--name", "A", "--role", "staff", "--queue", "garde"), "leave --queue out"),
        (("--name", "A", "--role", "probe", "--queue", "garde"), "begins with probe-"),
        (("--name", "Dr A", "--specialty", "MG", "--queue", "probe"), "no doctor serves"),
    ],
    ids=str,
)
def test_what_does_not_go_with_a_role_is_a_sentence(
    staff: Staff, words: tuple[str, ...], sentence: str
) -> None:
    """Before anything is signed."""
    request = ADevice(Dice(1)).request(today())

    assert sentence in staff.fails("union", "issue", "--folder", staff.folder, request, *words)


def test_revoking_says_the_worst_case(staff: Staff) -> None:
    """A list's life and a reload: what is promised elsewhere is what is printed here."""
    staff.union("issue", ADevice(Dice(1)).request(today()), *DOCTOR)

    shown = " ".join(staff.union("revoke", "Dr Camille Martin").split())

    assert "servers then refuse in 1 min." in shown
    assert "at the worst 24 h 1 min from now" in shown
    assert 60 == RELOAD_S == Settings().reload_s


def test_a_slower_server_has_a_later_worst_case(staff: Staff) -> None:
    """Staff may know better how often lists are read."""
    staff.union("issue", ADevice(Dice(1)).request(today()), *DOCTOR)

    assert "24 h 5 min 30 s" in staff.union("revoke", "dr camille martin", "--reload-s", "330")


def test_a_request_may_be_in_a_file(staff: Staff, tmp_path: Path) -> None:
    """As it was mailed."""
    (tmp_path / "request.txt").write_text(ADevice(Dice(1)).request(today()) + "\n")

    assert "may serve" in staff.union("issue", tmp_path / "request.txt", *DOCTOR)


def test_devices_are_renewed_together(staff: Staff, tmp_path: Path) -> None:
    """From text and from files; what fails is told afterwards, and the rest is done."""
    known, other, stranger = (ADevice(Dice(seed)) for seed in (1, 2, 3))
    staff.union("issue", known.request(today()), *DOCTOR)
    staff.union("issue", other.request(today()), *DOCTOR)
    (tmp_path / "request.txt").write_text(other.request(today() + 20))

    done = staff.union("renew", known.request(today() + 20), tmp_path / "request.txt")
    assert 2 == done.count("Dr Camille Martin may serve from") and "union publish" in done

    with pytest.raises(SystemExit) as raised:
        main(
            ["union", "renew", "--folder", str(staff.folder), "no-such-file"]
            + [one.request(today() + 21) for one in (stranger, known)]
        )
    assert "no enrolment request and no file.\nThe register knows no" in str(raised.value.code)
    assert 1 == staff.screen.readouterr().out.count("may serve from")


def test_what_is_issued_is_published_as_it_says(staff: Staff, tmp_path: Path) -> None:
    """The command that the output names, with the server's folder in it, is the one."""
    trust = tmp_path / "trust"
    staff.types("union", "trust", trust, staff.folder / "union.json")
    issued = staff.union("issue", ADevice(Dice(1)).request(today()), *DOCTOR)
    named = shlex.split(re.findall(r"teleconsult (union publish .*)", issued)[0])

    published = staff.types(*(str(trust) if word == "FOLDER" else word for word in named))

    assert "Published Union des médecins" in published
    (place,) = trust.iterdir()
    for number in range(4):
        name = f"bundles/{number}.bin"
        assert (staff.folder / name).read_bytes() == (place / name).read_bytes()


def test_a_server_is_told_whom_to_trust(staff: Staff, tmp_path: Path) -> None:
    """And whom no more; the ids are for people to compare."""
    trust = tmp_path / "trust"
    union = re.findall(r"id (\S+),", staff.union("show"))[0]

    assert f"Trusts Union des médecins, id {union}" in staff.types(
        "union", "trust", trust, staff.folder / "union.json"
    )
    assert (trust / union / "access-list.jwt").exists()
    assert union in staff.types("union", "trust", trust)
    assert "No longer trusts" in staff.types("union", "trust", trust, f"--remove={union}")
    assert "" == staff.types("union", "trust", trust)


def test_links_are_one_line_of_at_most_260_characters(staff: Staff, tmp_path: Path) -> None:
    """Of each kind."""
    (tmp_path / "master").write_text(staff.types("secret"))
    folder = ("--folder", staff.folder)

    for words in (
        ("personal", tmp_path / "master", staff.folder / "union.json"),
        ("personal", tmp_path / "master", staff.folder / "union.json", "--uses", "3"),
        ("pool", "garde", *folder, "--hours", "2000"),
        ("pool", "garde", *folder, "--uses", "1", "--from", "2030-01-15T14:00"),
    ):
        (line,) = staff.types("link", *words).splitlines()
        assert line.startswith(f"{ORIGIN}/#cap1.") and len(line) <= 260


@pytest.mark.parametrize(
    "words",
    [
        ("union", "issue", "enrol3.AAAA", *DOCTOR),
        ("union", "issue", "no-such-file", *DOCTOR),
        ("union", "revoke", "nobody"),
        ("union", "renew", "enrol3.AAAA"),
        ("union", "publish", "nowhere"),
        ("union", "init", "Again", ORIGIN, "--folder", "union"),
        ("union", "init", "Other", "visio.example.fr", "--folder", "other"),
        ("union", "list", "--folder", "nowhere"),
        ("union", "show", "--folder", "nowhere"),
        ("union", "trust", "trust", "nowhere/union.json"),
        ("union", "trust", "trust", "--remove", "x"),
        ("link", "pool", "a b"),
        ("link", "pool", "garde", "--hours", "0"),
        ("link", "pool", "garde", "--hours", "nan"),
        ("link", "pool", "garde", "--from", "tomorrow"),
        ("link", "pool", "garde", "--uses", "1", "--hours", "25"),
        ("link", "personal", "nowhere", "union/union.json"),
        ("link", "personal", "passphrase", "union/union.json"),
        ("link", "personal", "passphrase", "nowhere"),
    ],
    ids=str,
)
def test_every_failure_is_one_sentence(staff: Staff, words: tuple[str, ...]) -> None:
    """On standard error, with exit code 1, and without the passphrase."""
    sentence = staff.fails(*words)

    assert sentence.endswith((".", "04:00", "T14:00", "show", "init", "fr", "secret", "json"))
    assert PASSPHRASE not in sentence


async def test_serve_admits_by_the_unions_that_it_is_told_to_trust(
    staff: Staff, tmp_path: Path, pages: Path
) -> None:
    """And says how many, to people and to pages."""
    staff.types("union", "trust", tmp_path / "trust", staff.folder / "union.json")
    async with typed(
        *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN),
        *("--relay-port", "0", "--relay-public-ip", "192.0.2.1"),
        *("--trust", str(tmp_path / "trust")),
        TELECONSULT_INSTALLATION_SECRET=SECRET,
    ) as process:
        serving = await line_with(process, "Serving on")
        assert "1 union is trusted." in serving
        origin = re.findall(r"http://\S+[0-9]", serving)[0]
        published = await asyncio.to_thread(fetched, f"{origin}/unions.json")
        assert ["Union des médecins"] == [one["name"] for one in json.loads(published)["unions"]]

        code, _, errors = await stopped(process, signal.SIGINT)

    assert 0 == code and "Traceback" not in errors
