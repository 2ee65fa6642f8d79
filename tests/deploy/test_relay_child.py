"""The relay's process by itself: it ends with whoever started it, and says nothing else."""

import asyncio
import json
import sys
from pathlib import Path

from deploy.relay_child import Order
from deploy.relay_watch import HOUSE

SECRET = "s3cret" * 6


async def started(order: Order) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "deploy.relay_child"),
        cwd=HOUSE,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(order.line())
    return process


def an_order(folder: Path, ip: str = "127.0.0.1") -> Order:
    places = str(folder / "r" / "control"), str(folder / "r" / "streams")
    return Order([ip], 0, ["udp", "tcp"], [ip], [SECRET], *places)


async def test_it_ends_when_its_master_is_gone(tmp_path: Path) -> None:
    """Also one that was killed has closed its end: no relay is left behind."""
    process = await started(an_order(tmp_path))
    assert process.stdout is not None and process.stdin is not None
    said = json.loads(await process.stdout.readline())
    assert said["port"] > 0

    process.stdin.close()

    rest, errors = await process.communicate()
    assert (0, b"", b"") == (process.returncode, rest, errors)


async def test_what_it_cannot_have_is_its_only_answer(tmp_path: Path) -> None:
    """An address of another machine: one line, the system's own words."""
    process = await started(an_order(tmp_path, "192.0.2.1"))

    said, errors = await process.communicate()

    assert {"error": "Cannot assign requested address"} == json.loads(said)
    assert b"" == errors


async def test_its_secret_is_on_no_command_line(tmp_path: Path) -> None:
    """A command line and an environment are for others to read."""
    process = await started(an_order(tmp_path))
    assert process.stdout is not None and process.stdin is not None
    await process.stdout.readline()
    about = Path(f"/proc/{process.pid}")

    seen = (about / "cmdline").read_bytes() + (about / "environ").read_bytes()

    assert SECRET.encode() not in seen
    process.stdin.close()
    await process.wait()
