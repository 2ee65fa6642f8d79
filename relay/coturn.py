"""Try, start and watch an installed coturn.

A door: it runs `turnserver`, asks it questions over a socket of its own, and starts it again
when it dies. It reads nothing of people's: outside the trial coturn's output goes nowhere. The
configuration, which holds the secret, is in memory only and never on the disk or a command
line.

What is in the configuration, and which holes it leaves: `coturn_config.py`.
"""

import asyncio
import os
import platform
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal, TypeAlias

from .coturn_config import (
    Coturn,
    Hole,
    Version,
    configuration,
    holes,
    ignored_options,
    must_be_refused,
    read_version,
)
from .probe import Probe, ProbeError

PROGRAM = "turnserver"
UP_WITHIN_S = 10.0
STOPS_WITHIN_S = 5.0
AGAIN_AFTER_S = 0.5
AGAIN_AFTER_MAX_S = 30.0
STEADY_AFTER_S = 60.0  # who has served that long begins with the short pause again

State: TypeAlias = Literal["serving", "down"]


class CoturnError(Exception):
    """coturn cannot serve here. The sentence says why."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The coturn of this machine."""

    program: str
    version: Version
    machine: str

    @property
    def name(self) -> str:
        return f"coturn {'.'.join(map(str, self.version))}"

    @property
    def holes(self) -> tuple[Hole, ...]:
        return holes(self.version, self.machine)


async def installed(program: str = PROGRAM) -> Installed:
    """Find coturn and make sure that nothing is known of it that forbids its use.

    Raises:
        CoturnError: it is not there, does not say what it is, or has a hole that stays open.
    """
    path = shutil.which(program)
    if path is None:
        raise CoturnError(
            "There is no coturn on this machine. Install Debian's package coturn, or use the "
            "relay's own engine: --engine own"
        )
    process = await asyncio.create_subprocess_exec(
        path,
        "--version",
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await process.communicate()
    version = read_version(said.decode(errors="replace"))
    if version is None:
        raise CoturnError("The installed turnserver does not tell its version.")
    found = Installed(path, version, platform.machine())
    fatal = [hole for hole in found.holes if hole.state == "fatal"]
    if fatal:
        told = "; ".join(f"{hole.sentence} ({hole.name})" for hole in fatal)
        raise CoturnError(f"{found.name} may not serve: {told}.")
    return found


class Watched:
    """A coturn that is started again whenever it dies.

    Attributes:
        state: whether it serves now.
        deaths: how often it died by itself.
        holes: what stays open, to be told to whoever asks how the relay is.
    """

    def __init__(self, found: Installed, chosen: Coturn) -> None:
        self.state: State = "down"
        self.deaths = 0
        self.holes = tuple(hole for hole in found.holes if hole.state == "residual")
        self._found, self._chosen = found, chosen
        self._process: asyncio.subprocess.Process | None = None
        self._changed = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process that serves, if one does."""
        return self._process.pid if self._process else None

    async def next_change(self) -> State:
        """Wait until it dies or serves again."""
        self._changed.clear()
        await self._changed.wait()
        return self.state

    async def keep(self) -> None:
        """Keep it serving until cancelled."""
        loop = asyncio.get_running_loop()
        pause_s = AGAIN_AFTER_S
        while True:
            began_at = loop.time()
            with suppress(CoturnError):
                async with _process(self._found, configuration(self._chosen), None) as process:
                    await _answering(self._chosen, process)
                    self._process = process
                    self._become("serving")
                    try:
                        await process.wait()
                    finally:
                        self._process = None
            self.deaths += 1
            self._become("down")
            pause_s = (
                AGAIN_AFTER_S
                if loop.time() - began_at > STEADY_AFTER_S
                else min(2 * pause_s, AGAIN_AFTER_MAX_S)
            )
            await asyncio.sleep(pause_s)

    def _become(self, state: State) -> None:
        self.state = state
        self._changed.set()


@asynccontextmanager
async def serving(found: Installed, chosen: Coturn) -> AsyncIterator[Watched]:
    """Try the configuration, then serve by it while the block lasts.

    Raises:
        CoturnError: with a sentence.
        ConfigurationError: a value that cannot be one.
    """
    await tried(found, chosen)
    watched = Watched(found, chosen)
    keeping = asyncio.create_task(watched.keep())
    try:
        changing = asyncio.create_task(watched.next_change())
        await asyncio.wait({changing, keeping}, return_when=asyncio.FIRST_COMPLETED)
        changing.cancel()
        if watched.state != "serving":
            raise CoturnError(f"{found.name} passed its trial and then did not start.")
        yield watched
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


async def tried(found: Installed, chosen: Coturn) -> None:
    """Run coturn for a moment by the configuration and make sure that it obeys it.

    coturn warns about what it does not understand and goes on without it; what it obeys is
    therefore tried, not read.

    Raises:
        CoturnError: its port is taken; it ignores an option, does not start, or reaches
            what it must not.
        ConfigurationError: a value that cannot be one.
    """
    text = configuration(chosen, is_trial=True)
    # coturn shares a taken port, and people would be served by either.
    if not _is_free(chosen.ip, chosen.port):
        raise CoturnError(f"Another program uses port {chosen.port} of {chosen.ip}.")
    said: list[str] = []
    async with _process(found, text, said.append) as process:
        failure: CoturnError | None = None
        try:
            await _answering(chosen, process)
            await _closed(found, chosen)
        except CoturnError as error:
            failure = error
    # Only now has it said all that it had to say.
    if ignored := ignored_options("".join(said)):
        raise CoturnError(
            f"{found.name} does not understand {', '.join(ignored)}. It would serve without, "
            "and therefore does not serve."
        )
    if failure:
        raise failure


async def _answering(chosen: Coturn, process: asyncio.subprocess.Process) -> None:
    """Wait until it answers.

    Raises:
        CoturnError: it ends first, or is silent.
    """
    ending = asyncio.create_task(process.wait())
    asking = asyncio.create_task(_asked(chosen))
    try:
        await asyncio.wait(
            {ending, asking}, timeout=UP_WITHIN_S, return_when=asyncio.FIRST_COMPLETED
        )
        if ending.done():
            raise CoturnError("coturn ended as soon as it was started.")
        if not asking.done() or asking.exception():
            raise CoturnError("coturn was started and does not answer.")
    finally:
        for task in (ending, asking):
            task.cancel()
            with suppress(asyncio.CancelledError, ProbeError):
                await task


async def _asked(chosen: Coturn) -> None:
    async with Probe.to(chosen.ip, chosen.port) as probe:
        await probe.binding(UP_WITHIN_S)


async def _closed(found: Installed, chosen: Coturn) -> None:
    """Make sure that it lets one end reach the relay itself and nothing else.

    Raises:
        CoturnError: it does not.
    """
    try:
        async with Probe.to(chosen.ip, chosen.port) as probe:
            await probe.allocate(chosen.secret.encode())
            if await probe.permission(chosen.public_ip or chosen.ip) is not None:
                raise CoturnError(f"{found.name} refuses its own address, where both ends meet.")
            for address in must_be_refused(chosen):
                if await probe.permission(address) is None:
                    raise CoturnError(f"{found.name} would reach {address} for anybody.")
            await probe.release()
    except ProbeError as error:
        raise CoturnError(f"{found.name} did not stand its trial: {error}") from None


@asynccontextmanager
async def _process(
    found: Installed, text: str, hear: Callable[[str], None] | None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run coturn by a configuration while the block lasts, and not a moment longer."""
    descriptor = os.memfd_create("turnserver.conf")
    try:
        os.write(descriptor, text.encode())
        process = await asyncio.create_subprocess_exec(
            *_dying_with_us(),
            found.program,
            "-c",
            f"/proc/self/fd/{descriptor}",
            cwd="/",
            env={"PATH": os.defpath},
            pass_fds=(descriptor,),
            start_new_session=True,  # Ctrl-C is for us; we stop it
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if hear else asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.STDOUT if hear else asyncio.subprocess.DEVNULL,
        )
    finally:
        os.close(descriptor)
    hearing = asyncio.create_task(_hear(process, hear))
    try:
        yield process
    finally:
        await _stop(process)
        await hearing


def _dying_with_us() -> tuple[str, ...]:
    """Have the system end it with us, even if we are killed. Part of util-linux."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", "TERM") if setpriv else ()


async def _hear(process: asyncio.subprocess.Process, hear: Callable[[str], None] | None) -> None:
    if hear and process.stdout:
        while line := await process.stdout.readline():
            hear(line.decode(errors="replace"))


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOPS_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()


def _is_free(ip: str, port: int) -> bool:
    """Tell whether a UDP port can be had."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taking:
        try:
            taking.bind((ip, port))
        except OSError:
            return False
    return True
