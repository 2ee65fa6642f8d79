"""`teleconsult relay`, as it is typed."""

import re
import signal
import socket
from pathlib import Path

import pytest

from deploy.relay import relay_secrets
from relay.control import connected
from relay.coturn_config import SECRET_PLACEHOLDER
from relay.probe import Probe
from tests.deploy.test_command import SECRET, ended, line_with, stopped, typed
from tests.relay.serving import COUNTED, free_port

LOOPBACK = "127.0.0.1"


@pytest.fixture
def free() -> str:
    """A port of loopback that nobody uses."""
    return str(free_port())


def secret() -> bytes:
    (only,) = relay_secrets(SECRET)
    return only.encode()


async def test_the_own_engine_relays_and_takes_orders(tmp_path: Path, free: str) -> None:
    """Passwords made of the installation secret are good; a stop signal ends it cleanly."""
    place = tmp_path / "private" / "control"
    async with typed(
        "relay", "--port", free, "--control", str(place), TELECONSULT_INSTALLATION_SECRET=SECRET
    ) as process:
        assert f"port {free}" in await line_with(process, "Relaying on")
        await line_with(process, "Orders are taken")
        async with Probe.to(LOOPBACK, int(free)) as probe, connected(place) as orders:
            await probe.allocate(secret(), "one")
            await orders.bind(["one", "two"])
            assert 1 == (await orders.counters())["allocations"]

            await orders.end(["one"])

            assert 0 == (await orders.counters())["allocations"]

        code, _, errors = await stopped(process, signal.SIGTERM)

    assert (0, "") == (code, errors)
    assert not place.exists()


async def test_an_open_relay_says_that_it_is_open(tmp_path: Path, free: str) -> None:
    """And what it opens: loopback for this test, but for the relay itself; ports of the range."""
    flags = "--open --allow-peers 127.0.0.2/31 --allow-peers 127.0.0.1 --relayed-ports 50000-50999"
    place = str(tmp_path / "private" / "control")
    async with typed(
        *("relay", "--port", free, "--control", place, *flags.split()),
        TELECONSULT_INSTALLATION_SECRET=SECRET,
    ) as process:
        assert "any public address" in await line_with(process, "It is OPEN")
        assert "50000 to 50999" in await line_with(process, "UDP ports")
        assert "127.0.0.2/31, 127.0.0.1/32" in await line_with(process, "besides the internet")
        await line_with(process, "Orders are taken")
        async with Probe.to(LOOPBACK, int(free)) as probe, connected(Path(place)) as orders:
            await probe.allocate(secret(), "one")
            assert await probe.permission("127.0.0.3") is None
            assert [403, 403] == [await probe.permission(ip) for ip in ("127.0.0.4", "10.0.0.1")]
            await orders.end(["one"])
            assert 0 == (await orders.counters())["allocations"]

        code, _, errors = await stopped(process, signal.SIGTERM)

    assert (0, "") == (code, errors)


async def test_an_operator_reads_the_numbers_of_a_running_relay(tmp_path: Path, free: str) -> None:
    """A line each: a name from a closed list and a number. No secret is needed, and no address
    of anybody can be among them."""
    place = str(tmp_path / "private" / "control")
    async with typed(
        "relay", "--port", free, "--control", place, TELECONSULT_INSTALLATION_SECRET=SECRET
    ) as process:
        await line_with(process, "Orders are taken")
        async with Probe.to(LOOPBACK, int(free)) as probe:
            await probe.allocate(secret(), "one")
            code, output, errors = await ended("relay", "--counters", "--control", place)

    assert (0, "") == (code, errors)
    lines = [re.fullmatch(r"([a-z_0-9]+): ([0-9]+)", line) for line in output.splitlines()]
    numbers = {line[1]: int(line[2]) for line in lines if line}
    assert len(lines) == len(numbers)
    assert COUNTED | {"refused_401"} == numbers.keys()
    assert (1, 1) == (numbers["allocations"], numbers["refused_401"])


async def test_coturn_relays_and_what_it_leaves_open_is_said(free: str) -> None:
    """An operator reads at the start what this engine cannot do."""
    async with typed(
        "relay", "--engine", "coturn", "--port", free, TELECONSULT_INSTALLATION_SECRET=SECRET
    ) as process:
        await line_with(process, "its trial is passed")
        await line_with(process, "unbound:")
        async with Probe.to(LOOPBACK, int(free)) as probe:
            await probe.allocate(secret())

        code, _, errors = await stopped(process, signal.SIGINT)

    assert (0, "") == (code, errors)


async def test_coturns_configuration_is_printed_without_the_secret() -> None:
    """For who runs coturn himself. No secret is needed to read it."""
    code, output, errors = await ended("relay", "--engine", "coturn", "--print-config")

    assert (0, "") == (code, errors)
    assert f"static-auth-secret={SECRET_PLACEHOLDER}\n" in output
    assert "denied-peer-ip=0.0.0.0-255.255.255.255\n" in output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "installation_secret is missing"),
        (("--counters", "--control", "/nowhere/control"), "No relay listens on /nowhere/control."),
        (("--counters", "--engine", "coturn"), "has no control socket"),
        (("--print-config",), "has no configuration file"),
        (("--engine", "coturn", "--print-config", "--ip", "::1"), "needs one IPv4 address"),
        (("--engine", "coturn", "--print-config", "--key", "x"), "come together"),
        (("--engine", "coturn", "--print-config", "--ip", "0.0.0.0"), "not the address of one"),
        (("--engine", "coturn", "--print-config", "--open"), "is for the own engine"),
        (
            ("--engine", "coturn", "--print-config", "--ip", "192.0.2.1", "--ip", "192.0.2.2"),
            "give --ip once",
        ),
    ],
)
async def test_what_cannot_be_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    """And exit code 1."""
    code, output, errors = await ended("relay", *words)

    assert 1 == code
    assert sentence in errors
    assert 1 == len(errors.strip().splitlines())
    assert "" == output


async def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    """The system's word for it is in the sentence."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((LOOPBACK, 0))
        port = str(taken.getsockname()[1])

        code, _, errors = await ended(
            "relay",
            "--port",
            port,
            "--control",
            str(tmp_path / "private" / "control"),
            TELECONSULT_INSTALLATION_SECRET=SECRET,
        )

    assert 1 == code
    assert f"Cannot relay on {LOOPBACK}, port {port}" in errors


def test_each_installation_secret_has_its_own_relay_secret() -> None:
    """Nobody who learns what passwords are made of learns the installation secret."""
    first, second = relay_secrets("c" * 43, "g" * 43)

    assert first != second
    assert "c" * 43 != first
    assert 43 == len(first)
