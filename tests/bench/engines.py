"""The relays that are compared: each a process on one core, and what it used of it."""

import json
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.relay import relay_secrets
from deploy.relay_child import Order
from relay import stun
from relay.coturn_config import Coturn, configuration
from relay.stun import Kind, Method
from signaling.encoding import encode
from tests.bench.calls import LOOPBACK, Address, BenchError, asked

ROOT = Path(__file__).parents[2]
OWN = (sys.executable, "-m", "tests.bench.own_relay")
OPEN = ("relay", "--open", "--allow-peers", "127.0.0.0/8")
FIRST_TO_RUN = -20  # nice(2): others on the machine disturb less
STOPS_WITHIN_S = 5.0
STARTS_IN_TRIES = 20  # of half a second each at least
# Of coturn's configuration, what would be measured instead of it.
_LIMITS = re.compile(r"(user-quota|total-quota|max-bps|bps-capacity)=")


@dataclass(frozen=True, slots=True)
class Used:
    """What the threads of a process used of their core, since they began."""

    ran_s: float
    waited_s: float

    def since(self, before: "Used") -> "Used":
        return Used(self.ran_s - before.ran_s, self.waited_s - before.waited_s)


@dataclass(frozen=True, slots=True)
class Engine:
    """One relay that runs.

    Attributes:
        control: where our closed relay is told who is together.
        peers: at which address it reaches peers: ours never at one of the machine's own.
    """

    pid: int
    address: Address
    secret: str
    control: Path | None = None
    peers: str = LOOPBACK

    def used(self) -> Used:
        """Ask the scheduler (proc(5), schedstat): ticks are too coarse."""
        ran = waited = 0
        for thread in Path(f"/proc/{self.pid}/task").iterdir():
            said = (thread / "schedstat").read_text().split()
            ran, waited = ran + int(said[0]), waited + int(said[1])
        return Used(ran / 1e9, waited / 1e9)


@contextmanager
def own(core: int, folder: Path) -> Iterator[Engine]:
    """Run our closed relay, as the service starts it."""
    folder.chmod(0o700)
    secret = encode(secrets.token_bytes(32))
    control = folder / "control"
    order = Order(
        [LOOPBACK], 0, ["udp"], [LOOPBACK], [secret], str(control), str(folder / "streams")
    )
    with _running(OWN, core, stdin=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        process.stdin.write(order.line())
        process.stdin.flush()
        said = json.loads(process.stdout.readline() or "{}")
        if "port" not in said:
            raise BenchError(f"Our relay does not start: {said.get('error')}")
        yield Engine(process.pid, (LOOPBACK, said["port"]), secret, control)


def has_open_mode() -> bool:
    """Tell whether our relay can reach peers."""
    said = subprocess.run([*OWN, "relay", "--help"], cwd=ROOT, capture_output=True, text=True)
    return "--allow-peers" in said.stdout


@contextmanager
def own_open(core: int, folder: Path) -> Iterator[Engine]:
    """Run our relay in open mode, by its own command."""
    folder.chmod(0o700)
    of_installation = encode(secrets.token_bytes(32))
    settings = folder / "settings.toml"
    settings.write_text(f'installation_secret = "{of_installation}"\n')
    port = _free_port()
    words = [*OWN, *OPEN, "--settings", str(settings), "--control", str(folder / "control")]
    with _running([*words, "--port", str(port)], core) as process:
        _answering(port)
        (secret,) = relay_secrets(of_installation)
        yield Engine(process.pid, (LOOPBACK, port), secret, peers="127.0.0.2")


def coturn_version() -> str | None:
    """Say which coturn is installed, if one is."""
    if not (program := shutil.which("turnserver")):
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    return said.split()[-1] if said.split() else "of unknown version"


@contextmanager
def coturn(core: int) -> Iterator[Engine]:
    """Run the installed coturn by our configuration, without limits and with one thread."""
    secret, port = encode(secrets.token_bytes(32)), _free_port()
    lines = configuration(Coturn(secret, LOOPBACK, port)).splitlines()
    # On one core more threads would only wait for each other.
    lines = [line for line in lines if not _LIMITS.match(line)] + ["relay-threads=0"]
    descriptor = os.memfd_create("turnserver.conf")
    try:
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        words = ["turnserver", "-c", f"/proc/self/fd/{descriptor}"]
        with _running(words, core, pass_fds=[descriptor]) as process:
            _answering(port)
            yield Engine(process.pid, (LOOPBACK, port), secret)
    finally:
        os.close(descriptor)


@contextmanager
def _running(
    words: Sequence[str],
    core: int,
    *,
    stdin: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program on one core while the block lasts."""
    process = subprocess.Popen(
        words,
        cwd=ROOT,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        preexec_fn=lambda: take(core),
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def take(core: int) -> None:
    """Stay on one core, in front of others if that is allowed."""
    os.sched_setaffinity(0, {core})
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, FIRST_TO_RUN)


def machine(cores: Mapping[str, int], coturn_: str | None) -> str:
    """Say in one line what the numbers are of."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    priority = os.getpriority(os.PRIO_PROCESS, 0)
    return (
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores "
        f"({', '.join(f'{who} on {core}' for who, core in cores.items())}, nice {priority}), "
        f"Linux {platform.release()}, Python {platform.python_version()}, "
        f"coturn {coturn_ or 'not installed'}"
    )


def _answering(port: int) -> None:
    """Wait until a relay answers.

    Raises:
        BenchError: it does not.
    """
    request = stun.serialise(Kind.REQUEST, Method.BINDING, secrets.token_bytes(12))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((LOOPBACK, port))
        for _ in range(STARTS_IN_TRIES):
            with suppress(BenchError):
                asked(asking, request)
                return
    raise BenchError("The relay does not answer.")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((LOOPBACK, 0))
        return int(free.getsockname()[1])
