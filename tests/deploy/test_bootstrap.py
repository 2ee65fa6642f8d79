"""What a bare machine is told, and what a second start leaves alone."""

import os
import pathlib
import subprocess
import sys

import pytest

from deploy.bootstrap import (
    NEEDS,
    NODE_MIN,
    PYTHON_MIN,
    ROOT,
    TEST_PACKAGES,
    Stamps,
    Stop,
    clean,
    fingerprint,
    mask_command,
    missing_sentence,
    python_too_old,
    quietly,
    said_by,
    sources,
    version,
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("v20.20.2\n", (20, 20)),
        ("v22.12.0", (22, 12)),
        ("Python 3.11.2\n", (3, 11)),
        ("3.13.0rc1", (3, 13)),
        ("", (0, 0)),
        ("command not found", (0, 0)),
    ],
)
def test_a_version_is_read_from_what_a_program_says(said: str, meant: tuple[int, int]) -> None:
    """A program that says nothing of the kind is older than any."""
    assert meant == version(said)


def test_versions_compare_as_numbers() -> None:
    """3.9 is older than 3.11, and Node 22.2 older than 22.12."""
    assert version("v22.2.0") < NODE_MIN < version("v24.1.0")
    assert version("Python 3.9.18") < PYTHON_MIN <= version("Python 3.11.2")


def test_an_old_python_is_told_in_one_sentence() -> None:
    """It learns what it is and what is needed."""
    assert "Python 3.11 or newer is needed; this is 3.9." == python_too_old((3, 9))
    assert python_too_old((3, 11)) is None
    assert python_too_old((4, 0)) is None


def test_an_old_python_can_read_the_file() -> None:
    """The grammar of Python 3.8 is enough to get as far as that sentence."""
    source = (ROOT / "deploy" / "bootstrap.py").read_text()
    asked = "import ast, sys; ast.parse(sys.stdin.read(), feature_version=(3, 8))"

    subprocess.run([sys.executable, "-c", asked], input=source, text=True, check=True)


def test_the_python_asked_for_is_the_one_declared() -> None:
    """pyproject.toml says the same number."""
    declared = (ROOT / "pyproject.toml").read_text()

    assert 'requires-python = ">={}.{}"'.format(*PYTHON_MIN) in declared


def test_missing_packages_are_told_with_the_command_to_type() -> None:
    """Who is not root can copy the line."""
    told = missing_sentence(["chromium", "coturn"], has_apt=True, has_sudo=True)

    assert told.startswith("Missing on this machine: chromium and coturn.")
    assert (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium coturn"
    ) in told


def test_sudo_is_not_named_where_there_is_none() -> None:
    """Debian without sudo gets a command that works for root."""
    assert "sudo" not in missing_sentence(["chromium"], has_apt=True, has_sudo=False)


def test_a_service_that_tests_have_no_use_for_never_starts() -> None:
    """Debian's would listen to everybody: it is masked before it is there, by us or by hand."""
    assert ["systemctl", "mask", "prometheus.service"] == mask_command(TEST_PACKAGES, True)
    assert [] == mask_command(["chromium", "coturn"], True) == mask_command(TEST_PACKAGES, False)

    told = missing_sentence(["prometheus"], has_apt=True, has_sudo=True, has_systemd=True)

    first, rest = told.split("apt-get install")
    assert "sudo systemctl mask prometheus.service && " in first and "mask" not in rest


def test_without_apt_nobody_is_told_to_type_apt() -> None:
    """Another system learns what is missing, and installs it in its own way."""
    told = missing_sentence(["chromium"], has_apt=False, has_sudo=True)

    assert "Missing on this machine: chromium. Install it, then try again." == told


def test_a_stamp_holds_until_something_changed(tmp_path: pathlib.Path) -> None:
    """Same content, nothing to do; another content, name or word: again."""
    stamps = Stamps(tmp_path / "stamps")
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1")
    before = fingerprint([lock], "here")
    assert not stamps.has("lock", before)

    stamps.put("lock", before)

    assert stamps.has("lock", fingerprint([lock], "here"))
    assert not stamps.has("lock", fingerprint([lock], "elsewhere"))
    lock.write_text("a==2")
    assert not stamps.has("lock", fingerprint([lock], "here"))


def test_a_forgotten_stamp_is_no_stamp(tmp_path: pathlib.Path) -> None:
    """A step that fails half-way is done again, also when it never was."""
    stamps = Stamps(tmp_path)
    stamps.put("pages", "digest")

    stamps.forget("pages", "never")

    assert not stamps.has("pages", "digest")


def test_moving_bytes_between_files_is_a_change(tmp_path: pathlib.Path) -> None:
    """Names and lengths count, so no two trees look alike."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("ab")
    two.write_text("c")
    before = fingerprint([one, two])

    one.write_text("a")
    two.write_text("bc")

    assert before != fingerprint([one, two])
    assert fingerprint([], "ab", "c") != fingerprint([], "a", "bc")


def test_what_is_made_is_not_a_source(tmp_path: pathlib.Path) -> None:
    """A build does not make itself stale."""
    for name in ("src/main.ts", "index.html", "dist/index.html", "node_modules/x/i.js", ".cache"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    found = [
        str(path.relative_to(tmp_path)) for path in sources(tmp_path, {"node_modules", "dist"})
    ]

    assert ["index.html", "src/main.ts"] == found


def test_packages_of_another_python_stay_outside() -> None:
    """What a shell exports for its own Python does not reach ours."""
    kept = clean({"PYTHONPATH": "/x", "VIRTUAL_ENV": "/y", "HOME": "/h", "PATH": "/b"}, path="/a")

    assert "PYTHONPATH" not in kept
    assert "VIRTUAL_ENV" not in kept
    assert ("/h", "/a") == (kept["HOME"], kept["PATH"])


def test_a_step_that_works_says_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """What the tool prints is for the tool's friends."""
    quietly("Counting", [sys.executable, "-c", "print('noise')"])

    assert "Counting …\n" == capfd.readouterr().out


def test_a_step_that_fails_shows_the_end_of_its_output() -> None:
    """The last lines, the code and the command: enough to look further."""
    noisy = "import sys; print(*range(100), sep='\\n'); sys.exit(3)"

    with pytest.raises(Stop) as stop:
        quietly("Counting", [sys.executable, "-c", noisy])

    told = str(stop.value).splitlines()
    assert ["80", "99"] == [told[0], told[-2]]
    assert told[-1].startswith("This failed, with code 3:")


def test_a_step_waits_for_no_answer() -> None:
    """Nobody is there to answer a question in CI."""
    quietly("Asking", [sys.executable, "-c", "import sys; assert sys.stdin.read() == ''"])


def test_an_absent_program_says_nothing(tmp_path: pathlib.Path) -> None:
    """Absent and failing are both an empty answer."""
    assert "" == said_by(tmp_path / "absent")
    assert "" == said_by(sys.executable, "-c", "print(1); raise SystemExit(1)")


@pytest.mark.parametrize(
    "lock", ["requirements.txt", "requirements-dev.txt", "requirements-web.txt"]
)
def test_a_lock_holds_hashes_and_names_no_registry(lock: str) -> None:
    """Each package has a version and hashes; where it comes from is the machine's business."""
    lines = (ROOT / lock).read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith((" ", "#"))]

    assert pinned
    assert all("==" in line and line.endswith("\\") for line in pinned)
    assert not any("://" in line or line.startswith("--") for line in lines)


def test_the_locks_agree() -> None:
    """What the service runs on is what the tests run on."""

    def pins(lock: str) -> set[str]:
        lines = (ROOT / lock).read_text().splitlines()
        return {line.rstrip(" \\") for line in lines if line and not line.startswith((" ", "#"))}

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_debian_packages_are_plain_names() -> None:
    """One word each: nothing that apt-get would read as an option or a version."""
    assert all(name.replace("-", "").isalnum() and name[0] != "-" for name in TEST_PACKAGES)


def test_an_unknown_task_is_told_the_known_ones() -> None:
    """Exit code 2, as with any command, and nothing is prepared."""
    done = subprocess.run(
        [sys.executable, "-I", str(ROOT / "deploy" / "bootstrap.py"), "fly"],
        capture_output=True,
        text=True,
        env={"PATH": os.defpath},
    )

    assert (2, "") == (done.returncode, done.stdout)
    assert all(task in done.stderr for task in NEEDS)
