"""Three hosts and a router, in network namespaces of their own: the worst of two real networks.

    patient 10.98.0.2 ── symmetric NAT ──┐
                                         router ── server 10.99.0.2
    doctor  10.97.0.2 ── only TCP 443 ───┘

The patient's packets leave with another port for each destination (RFC 4787 §4.1, the hardest
kind); the doctor's reach one port of the server by TCP and nothing else, as in a hospital.
Neither reaches the other. The patient has a second network, 10.96.0.2, with the same NAT, to which
nothing goes before he moves. It needs root, for namespaces and nftables.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

SERVER = "10.99.0.2"
RULES = """
table ip teleconsult {
  chain through {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname { "patient", "mobile" } oifname "server" accept
    iifname "doctor" oifname "server" tcp dport 443 accept
  }
  chain out {
    type nat hook postrouting priority 100;
    oifname "server" masquerade fully-random
  }
}
"""


class Networks:
    """The hosts, by name: server, patient, doctor."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def inside(self, host: str, *words: str) -> list[str]:
        """Say how a command is run on a host."""
        return ["ip", "netns", "exec", f"{self.prefix}{host}", *words]

    async def moves(self) -> None:
        """Take the patient out of the reach of his first network, and into the second."""
        patient = f"{self.prefix}patient"
        # The address goes as well: from a source that is gone nothing would come back, but leave.
        await _run("ip", "-n", patient, "addr", "flush", "dev", "eth0")
        await _run("ip", "-n", patient, "link", "set", "eth0", "down")
        await _run("ip", "-n", patient, "route", "replace", "default", "via", "10.96.0.1")

    def launcher(self, host: str, program: str, folder: Path) -> str:
        """Write a program that runs another one on a host."""
        path = folder / f"{host}-{Path(program).name}"
        path.write_text(f'#!/bin/sh\nexec {" ".join(self.inside(host, program))} "$@"\n')
        path.chmod(0o700)
        return str(path)


@asynccontextmanager
async def networks() -> AsyncIterator[Networks]:
    """Make the hosts, gone at the end with whatever still runs in them."""
    assert os.geteuid() == 0, "network namespaces need root"
    made = Networks(f"tc{os.getpid()}")
    router = f"{made.prefix}router"
    hosts = {"server": "10.99.0", "patient": "10.98.0", "doctor": "10.97.0"}
    try:
        for name in ("router", *hosts):
            await _run("ip", "netns", "add", f"{made.prefix}{name}")
            await _run(*made.inside(name, "ip", "link", "set", "lo", "up"))
        for host, net in hosts.items():
            await _link(router, host, f"{made.prefix}{host}", "eth0", net)
            route = ("route", "add", "default", "via", f"{net}.1")
            await _run("ip", "-n", f"{made.prefix}{host}", *route)
        await _link(router, "mobile", f"{made.prefix}patient", "eth1", "10.96.0")
        await _run(*made.inside("router", "sysctl", "-qw", "net.ipv4.ip_forward=1"))
        await _run(*made.inside("router", "nft", "-f", "-"), said=RULES)
        yield made
    finally:
        for name in ("router", *hosts):
            await _run("ip", "netns", "delete", f"{made.prefix}{name}", may_fail=True)


async def _link(router: str, port: str, host: str, interface: str, net: str) -> None:
    """Lay a cable from a port of the router to an interface of a host."""
    cable = ("ip", "-n", router, "link", "add", port, "type", "veth", "peer")
    await _run(*cable, "name", interface, "netns", host)
    await _run("ip", "-n", router, "addr", "add", f"{net}.1/24", "dev", port)
    await _run("ip", "-n", router, "link", "set", port, "up")
    await _run("ip", "-n", host, "addr", "add", f"{net}.2/24", "dev", interface)
    await _run("ip", "-n", host, "link", "set", interface, "up")


async def _run(*words: str, said: str = "", may_fail: bool = False) -> None:
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate(said.encode())
    assert may_fail or process.returncode == 0, (words, errors.decode())
