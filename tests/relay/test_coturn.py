"""coturn as Debian packages it: tried, started, watched, on loopback."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import aioice
import pytest

from relay import coturn
from relay.coturn import CoturnError, Installed, installed, serving, tried
from relay.coturn_config import Coturn, Tls, configuration
from relay.probe import Probe, ProbeError
from tests.relay import serving as loopback
from tests.relay.serving import authority, free_port, password

SECRET = loopback.SECRET.decode()


@pytest.fixture
def chosen() -> Coturn:
    """A coturn on a free port of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return Coturn(secret=SECRET, ip="127.0.0.1", port=free.getsockname()[1])


@pytest.fixture
def written_logs() -> Iterator[None]:
    """Make sure that coturn wrote no log where it does when it is not told otherwise."""
    places = [*Path("/var/log").glob("turn*"), *Path("/var/tmp").glob("turn*")]
    yield
    assert places == [*Path("/var/log").glob("turn*"), *Path("/var/tmp").glob("turn*")]


async def found() -> Installed:
    return await installed()


@pytest.mark.usefixtures("written_logs")
async def test_the_installed_coturn_stands_its_trial(chosen: Coturn) -> None:
    """It understands every option, and reaches its own address and no other."""
    await tried(await found(), chosen)


async def test_an_option_that_it_does_not_know_is_found(
    chosen: Coturn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """coturn goes on without it, and we do not."""
    monkeypatch.setattr(
        coturn,
        "configuration",
        lambda chosen, is_trial=False: configuration(chosen, is_trial=is_trial) + "prometheus\n",
    )

    with pytest.raises(CoturnError, match="does not understand prometheus"):
        await tried(await found(), chosen)


@pytest.mark.parametrize(
    ("taken_out", "sentence"),
    [
        ("denied-peer-ip=0.0.0.0-255.255.255.255\n", "would reach"),
        ("allowed-peer-ip=127.0.0.1\n", "refuses its own address"),
    ],
)
async def test_a_list_with_a_hole_does_not_stand(
    chosen: Coturn, monkeypatch: pytest.MonkeyPatch, taken_out: str, sentence: str
) -> None:
    """The trial asks, and believes answers only."""

    def leaky(chosen: Coturn, is_trial: bool = False) -> str:
        text = configuration(chosen, is_trial=is_trial)
        assert taken_out in text
        return text.replace(taken_out, "")

    monkeypatch.setattr(coturn, "configuration", leaky)

    with pytest.raises(CoturnError, match=sentence):
        await tried(await found(), chosen)


async def test_a_taken_port_is_told(chosen: Coturn) -> None:
    """coturn would share it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((chosen.ip, chosen.port))

        with pytest.raises(CoturnError, match="Another program uses port"):
            await tried(await found(), chosen)


async def test_an_address_that_is_not_ours_is_told(chosen: Coturn) -> None:
    """A sentence, not a process that nobody reaches."""
    with pytest.raises(CoturnError):
        await tried(await found(), replace(chosen, ip="203.0.113.200"))


async def test_without_coturn_a_sentence_says_what_to_do() -> None:
    """The relay's own engine needs nothing installed."""
    with pytest.raises(CoturnError, match="--engine own"):
        await installed("no-such-turnserver")


async def test_a_version_with_a_fatal_hole_does_not_start(tmp_path: Path) -> None:
    """4.6.2 draws its nonces from what can be foreseen."""
    old = tmp_path / "turnserver"
    old.write_text("#!/bin/sh\necho 4.6.2\n")
    old.chmod(0o755)

    with pytest.raises(CoturnError, match=r"may not serve.*CVE-2025-69217"):
        await installed(str(old))


@pytest.mark.usefixtures("written_logs")
async def test_it_serves_and_its_secret_is_nowhere_to_be_read(chosen: Coturn) -> None:
    """Neither on the command line nor in a file: the configuration is in memory."""
    async with serving(await found(), chosen) as watched:
        assert "serving" == watched.state
        async with Probe.to(chosen.ip, chosen.port) as probe:
            await probe.allocate(SECRET.encode())
            assert await probe.permission(chosen.ip) is None
            assert 403 == await probe.permission("169.254.169.254")
            await probe.release()
        process = Path("/proc", str(watched.pid))
        assert SECRET.encode() not in (process / "cmdline").read_bytes()
        assert SECRET.encode() not in (process / "environ").read_bytes()
        opened = {os.readlink(name) for name in (process / "fd").iterdir()}
        files = {name for name in opened if name.startswith("/") and "memfd" not in name}
        assert files <= {"/dev/null", "/dev/urandom", "/dev/random"}


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_two_agents_meet_through_it(
    chosen: Coturn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transport: str
) -> None:
    """Over every transport, by passwords that the server mints for either engine."""
    made = authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.root))
    tls = Tls(str(made.certificate), str(made.key), free_port(socket.SOCK_STREAM))
    chosen = replace(chosen, tls=tls)
    port = tls.port if transport == "tls" else chosen.port

    async with serving(await found(), chosen):
        one, two = (agent(transport, port, tag, controls=tag == "one") for tag in ("one", "two"))
        try:
            await asyncio.gather(one.gather_candidates(), two.gather_candidates())
            for here, there in ((one, two), (two, one)):
                for candidate in here.local_candidates:
                    await there.add_remote_candidate(candidate)
                await there.add_remote_candidate(None)
                there.remote_username = here.local_username
                there.remote_password = here.local_password
            await asyncio.gather(one.connect(), two.connect())

            await one.send(b"bonjour")
            assert b"bonjour" == await two.recv()
        finally:
            await asyncio.gather(one.close(), two.close())


def agent(transport: str, port: int, tag: str, *, controls: bool) -> aioice.Connection:
    given = password(tag)
    return aioice.Connection(
        ice_controlling=controls,
        stun_server=None,
        turn_server=("127.0.0.1", port),
        turn_username=given.username,
        turn_password=given.password,
        turn_transport="udp" if transport == "udp" else "tcp",
        turn_ssl=transport == "tls",
        transport_policy=aioice.TransportPolicy.RELAY,
    )


async def test_it_is_started_again_when_it_dies(chosen: Coturn) -> None:
    """Whoever watches is told, and the next one serves by the same configuration."""
    async with serving(await found(), chosen) as watched:
        first = watched.pid
        assert first is not None

        os.kill(first, signal.SIGKILL)

        assert "down" == await watched.next_change()
        assert "serving" == await watched.next_change()
        assert first != watched.pid
        assert 1 == watched.deaths


async def test_nothing_is_left_of_it_afterwards(chosen: Coturn) -> None:
    """When the block is over its process and its port are gone."""
    async with serving(await found(), chosen) as watched:
        pid = watched.pid
        assert pid is not None

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    async with Probe.to(chosen.ip, chosen.port) as probe:
        with pytest.raises(ProbeError):
            await probe.binding(within_s=0.2)


async def test_what_stays_open_is_told(chosen: Coturn) -> None:
    """Who asks how the relay is hears of every residual hole."""
    async with serving(await found(), chosen) as watched:
        names = {hole.name for hole in watched.holes}

    assert {"unbound", "unended"} <= names
    assert {"residual"} == {hole.state for hole in watched.holes}


async def test_an_answer_forged_by_a_stranger_is_no_answer(chosen: Coturn) -> None:
    """A probe hears the address that it asked, and only what it asked."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((chosen.ip, chosen.port))
        silent.setblocking(False)
        async with Probe.to(chosen.ip, chosen.port) as probe:
            asking = asyncio.create_task(probe.binding(within_s=0.3))
            _, source = await loop.sock_recvfrom(silent, 100)
            await loop.sock_sendto(silent, bytes(40), source)

            with pytest.raises(ProbeError, match="did not answer"):
                await asking
