"""What `make call` and `make run LAN=1` promise: a whole consultation, by the command itself."""

import asyncio
import hashlib
import os
import re
import secrets
import ssl
import sys
import time
from pathlib import Path

from clients.peer.reach import Reach
from clients.peer.run import Way, hold_one_consultation
from clients.union import keyring
from deploy.demo import Addresses, demonstration
from signaling.journal import Journal

HOUSE = Path(__file__).parents[2]
CLOSING_LINE = re.compile(r"consultation: ok, accept to first frame \d+ ms")


async def called(pages: Path, *words: str, given: str = "") -> list[str]:
    """Let `teleconsult call` run to its end; returns its lines."""
    bare = {name: value for name, value in os.environ.items() if "TELECONSULT" not in name}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from deploy.command import main; main()", "call", *words),
        cwd=HOUSE,
        env={**bare, "PYTHONPATH": str(HOUSE), "TELECONSULT_PAGES": str(pages)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(given.encode())
    assert (0, "") == (process.returncode, errors.decode())
    return output.decode().splitlines()


async def test_a_call_without_addresses_holds_a_consultation_of_its_own(pages: Path) -> None:
    """Its own demonstration, two peers, and a closing line with the milliseconds."""
    lines = await called(pages)

    assert CLOSING_LINE.fullmatch(lines[-1])


async def test_a_call_takes_its_addresses_from_standard_input(pages: Path) -> None:
    """So that nobody else on the machine can read them off the list of processes."""
    async with demonstration({"port": "0", "pages": str(pages)}, Journal()) as addresses:
        lines = await called(pages, "-", given=f"{addresses.patient}\n{addresses.doctor}\n")

    assert CLOSING_LINE.fullmatch(lines[-1])


async def test_the_doctors_own_link_may_be_tried_more_than_once(pages: Path) -> None:
    """Whoever tries something out opens it again."""
    async with demonstration({"port": "0", "pages": str(pages)}, Journal()) as addresses:
        for _ in range(2):
            ms = await hold_one_consultation(addresses.own, addresses.doctor, lambda _: None)
            assert 0 < ms < 30_000


async def test_a_device_enrolled_by_the_printed_command_serves_at_once(pages: Path) -> None:
    """Its page finds the bundle without a restart."""
    seed = secrets.token_bytes(32)
    request = keyring.Keyring(seed).request(int(time.time()) // 86_400 - 1, 3)
    async with demonstration({"port": "0", "pages": str(pages)}, Journal()) as addresses:
        enrolling = await asyncio.create_subprocess_shell(
            addresses.command.replace("REQUEST", request),
            env={**os.environ, "PYTHONPATH": str(HOUSE)},
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await enrolling.communicate()
        assert 0 == enrolling.returncode and "Dr Dominique Essai may serve" in told.decode()
        doctor = addresses.doctor.partition("#")[0] + "#" + keyring.write(seed)

        ms = await hold_one_consultation(addresses.patient, doctor, lambda _: None)

    assert 0 < ms < 30_000


async def test_a_consultation_over_tls_for_who_compared_the_fingerprint(pages: Path) -> None:
    """As on the local network, here on loopback: a client that trusts this certificate only."""
    flags = {"port": "0", "pages": str(pages)}
    async with demonstration(flags, Journal(), lan="127.0.0.1") as addresses:
        assert addresses.patient.startswith("https://127.0.0.1:")
        trust = await asyncio.to_thread(trust_in, addresses)

        ms = await hold_one_consultation(
            addresses.patient, addresses.doctor, lambda _: None, Way(reach=Reach(trust))
        )

    assert 0 < ms < 30_000


def trust_in(addresses: Addresses) -> ssl.SSLContext:
    """Trust what the server shows, after having compared the fingerprint."""
    port = int(addresses.patient.split(":")[2].partition("/")[0])
    shown = ssl.get_server_certificate(("127.0.0.1", port))
    der = ssl.PEM_cert_to_DER_cert(shown)
    assert addresses.fingerprint == hashlib.sha256(der).digest().hex(":").upper()
    return ssl.create_default_context(cadata=shown)
