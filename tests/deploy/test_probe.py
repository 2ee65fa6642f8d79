"""`teleconsult probe`, as an operator types it."""

import re
import signal
import stat
from functools import partial
from pathlib import Path

import pytest

from clients.peer import enrolment
from clients.peer.reach import Reach
from clients.union import keyring, requests
from deploy.command import main
from deploy.probe import nodes_of, table
from probe import watching
from probe.rounds import PATHS, STEPS, Round
from probe.watching import Watching
from tests.deploy.test_command import typed
from tests.probe.services import UNHURRIED
from tests.unions import AUnion

ORIGIN = "https://visio.example.fr"
SEED = b"probe's seed".ljust(32)


@pytest.fixture
def keys(tmp_path: Path) -> str:
    """The file of an enrolled probe."""
    link = AUnion(audience=ORIGIN).pool_link("probe-1", 1_800_000_000, 1_800_086_400)
    file = tmp_path / "keys"
    file.write_text(f"{keyring.write(SEED)}\n{ORIGIN}/#{link}\n")
    file.chmod(0o600)
    return str(file)


def exit_of(*words: str) -> object:
    with pytest.raises(SystemExit) as ended:
        main(["probe", *words])
    return ended.value.code


def test_a_fresh_service_has_every_path_green(
    pages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One table: a column each path, a line each step, and nothing of anybody in it."""
    monkeypatch.setenv("TELECONSULT_PAGES", str(pages))
    monkeypatch.setattr(watching, "Watching", partial(Watching, limits=UNHURRIED))

    code = exit_of("--once")

    shown = capsys.readouterr().out.splitlines()
    assert ["node", "1", *PATHS] == shown[0].split()
    assert list(STEPS) == [line.split()[0] for line in shown[1 : 1 + len(STEPS)]]
    assert ["green"] * len(PATHS) == shown[-1].split()
    assert 0 == code
    assert not any(word in line for line in shown for word in ("127.0.0.1", "cap1", "key1"))


def test_a_dead_service_is_a_table_in_red(
    keys: str, unused_tcp_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which step failed, and why; the exit code is for who runs it from a script."""
    dead = f"http://localhost:{unused_tcp_port}"

    assert 1 == exit_of(ORIGIN, "--keys", keys, "--node", f"a={dead}", "--once")

    shown = capsys.readouterr().out
    assert ["node", "a", "udp"] == shown.splitlines()[0].split()
    assert 1 == shown.count("RED")
    assert "udp failed at page: unreached" in shown


def test_enrolment_makes_keys_and_prints_the_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do next; nobody else may read the file."""
    file = tmp_path / "keys"

    main(["probe", "enrol", str(file)])

    shown = capsys.readouterr()
    assert requests.read(shown.out), "nothing beside it, so that it goes into a file as it is"
    assert "--role probe" in shown.err and str(file) in shown.err
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert keyring.read(file.read_text().split()[0])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["enrol"], "Say where the keys are to be"),
        ([ORIGIN], "The probe needs its keys"),
        ([ORIGIN, "more"], "takes one address"),
        (["https://other.example.fr", "--keys", "KEYS"], "for another address"),
        (["ftp://visio.example.fr", "--keys", "KEYS"], "is not the address of a service"),
        ([f"{ORIGIN}/#cap1.x", "--keys", "KEYS"], "is not the address of a service"),
        ([ORIGIN, "--keys", "KEYS", "--node", "nothing"], "names no node"),
        ([ORIGIN, "--keys", "KEYS", "--node", 'a"b=http://x'], "names no node"),
        ([ORIGIN, "--keys", "KEYS", "--node", "a=http://x", "--node", "a=http://y"], "names"),
        ([ORIGIN, "--keys", "KEYS", "--keys", "KEYS"], "once, or once for each"),
        ([ORIGIN, "--keys", "/nowhere/keys"], "Cannot read"),
        (
            [ORIGIN, "--keys", "KEYS", *(w for n in "abcde" for w in ("--node", f"{n}=http://x"))],
            "need keys of their own",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(words: list[str], sentence: str, keys: str) -> None:
    """And exit code 1, as of every other command; no key is in it."""
    said = str(exit_of(*(keys if word == "KEYS" else word for word in words), "--once"))

    assert sentence in said
    assert "key1" not in said and "\n" not in said


def test_each_node_has_an_address_and_keys(keys: str) -> None:
    """Keys that are given once are shared, so that nodes wait for each other."""
    one, two = nodes_of(ORIGIN, [keys], ["a=http://10.0.0.1:8080", "b=https://b.example/"])
    (alone,) = nodes_of(f"{ORIGIN}:443/", [keys], [])

    assert (Reach(at="http://10.0.0.1:8080"), Reach(at="https://b.example")) == (
        one.reach,
        two.reach,
    )
    assert enrolment.read(Path(keys)) == one.keys == two.keys == alone.keys
    assert ("1", Reach()) == (alone.name, alone.reach)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Say where the pages are"),
        ([ORIGIN, "--keys", "KEYS", "--listen", "9465"], "is no address and port"),
        ([ORIGIN, "--keys", "KEYS", "--listen", "localhost:many"], "is no address and port"),
        ([ORIGIN, "--keys", "KEYS", "--metrics", "2=http://x"], "names a node that is not probed"),
        ([ORIGIN, "--keys", "KEYS", "--metrics", "1=/metrics"], "begins with http"),
        ([ORIGIN, "--keys", "KEYS", "--prometheus", "prometheus:9090"], "begins with http"),
        ([ORIGIN, "--keys", "KEYS", "--origin", "status"], "is not the address of a service"),
    ],
)
def test_a_status_page_that_cannot_be_is_one_sentence(
    words: list[str], sentence: str, keys: str
) -> None:
    """Before anything is listened to or asked."""
    assert sentence in str(exit_of(*(keys if word == "KEYS" else word for word in words)))


async def test_it_goes_on_until_it_is_stopped(keys: str, pages: Path, unused_tcp_port: int) -> None:
    """It says where its page is, outlasts a dead service, and stops when told."""
    dead = f"a=http://localhost:{unused_tcp_port}"
    (pages / "status.html").write_text("<!doctype html><title>teleconsult</title>")
    words = ["probe", ORIGIN, "--keys", keys, "--node", dead, "--public", "--pages", str(pages)]

    async with typed(*words, "--listen", "127.0.0.1:0") as process:
        assert process.stdout is not None
        said = (await process.stdout.readline()).decode()
        process.send_signal(signal.SIGTERM)
        output, errors = await process.communicate()

    assert re.fullmatch(rf"Probing {ORIGIN}\. Status page: http://127\.0\.0\.1:\d+/status\n", said)
    assert (0, b"", b"") == (process.returncode, output, errors)


def test_a_table_shows_what_was_not_measured_as_such() -> None:
    """Neither as nought nor as green."""
    found = table("a", [Round("udp", "a", 0.0, {"page": 12.4}, "socket", "timeout")])

    assert found.splitlines()[1].split() == ["page", "12", "ms"]
    assert found.splitlines()[2].split() == ["socket", "–"]
    assert found.endswith("udp failed at socket: timeout")
