"""`teleconsult`, as it is typed: real processes, real ports, real signals."""

import asyncio
import json
import os
import shlex
import signal
import socket
import sys
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from deploy.command import main
from signaling.encoding import decode
from tests.unions import AUnion

HOUSE = Path(__file__).parents[2]
COMMANDS = ("serve", "demo", "peer", "call", "union", "link", "directory", "probe", "secret")
SECRET = "c" * 43
POOL = AUnion().pool_link()


def environment(**more: str) -> dict[str, str]:
    """This machine's, without any setting of ours but a port that several may take at once."""
    bare = {name: value for name, value in os.environ.items() if "TELECONSULT" not in name}
    own = {"PYTHONPATH": str(HOUSE), "PYTHONUNBUFFERED": "1", "TELECONSULT_METRICS_PORT": "0"}
    return {**bare, **own, **more}


@asynccontextmanager
async def typed(*words: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the command, and see to it that it is over afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from deploy.command import main; main()",
        *words,
        cwd=HOUSE,
        env=environment(**more),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(*words: str, **more: str) -> tuple[int | None, str, str]:
    """Let the command end by itself: exit code, output, errors."""
    async with typed(*words, **more) as process:
        output, errors = await process.communicate()
        return process.returncode, output.decode(), errors.decode()


async def line_with(process: asyncio.subprocess.Process, text: str) -> str:
    """Wait for a line of output."""
    assert process.stdout is not None
    while line := (await process.stdout.readline()).decode():
        if text in line:
            return line.strip()
    raise AssertionError(f"the command ended without saying {text!r}")


async def stopped(process: asyncio.subprocess.Process, number: int) -> tuple[int | None, str, str]:
    """Send a signal and let the command end."""
    process.send_signal(number)
    output, errors = await process.communicate()
    return process.returncode, output.decode(), errors.decode()


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as response:
        return str(response.read().decode())


def exit_of(*words: str) -> str | int | None:
    """How the command ends, run in this process."""
    with pytest.raises(SystemExit) as raised:
        main(words)
    return raised.value.code


# What a person reads


def test_help_lists_every_room(capsys: pytest.CaptureFixture[str]) -> None:
    """And says where to read on."""
    assert 0 == exit_of("--help")

    shown = capsys.readouterr().out
    listed = {line.split()[0] for line in shown.splitlines() if line.startswith("    ")}
    assert set(COMMANDS) <= listed
    assert "--help" in shown.splitlines()[-1]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In a sentence, not in a list of flags alone."""
    assert 0 == exit_of(command, "--help")

    text = " ".join(capsys.readouterr().out.split())
    assert f"usage: teleconsult {command}" in text and ". " in text.partition("options:")[0] + " "


@pytest.mark.parametrize(
    "words",
    [[], ["dance"], ["peer"], ["peer", "nurse", "x"], ["secret", "more"], ["demo", "--no"]],
    ids=str,
)
def test_a_wrong_command_line_is_exit_two(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With the usage, on standard error."""
    assert 2 == exit_of(*words)

    shown = capsys.readouterr()
    assert "" == shown.out and shown.err.startswith("usage: teleconsult")


def test_a_secret_is_fresh_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    """Thirty-two bytes of base64url on a line, and nothing else."""
    main(["secret"])
    main(["secret"])

    first, second = capsys.readouterr().out.splitlines()
    assert (32, 32) == (len(decode(first)), len(decode(second)))
    assert first != second


@pytest.mark.parametrize("words", [["http://localhost/"], ["-", "http://localhost/"]], ids=str)
def test_one_address_alone_makes_no_call(words: list[str]) -> None:
    """Both, or none, or both from standard input."""
    assert "`teleconsult call` takes both addresses, or - alone, or none." == exit_of(
        "call", *words
    )


# A demonstration


async def test_a_demonstration_prints_its_addresses_and_stops_cleanly(pages: Path) -> None:
    """All usable at once, by the name that passkeys need; Ctrl-C ends it without a trace."""
    async with typed("demo", "--port", "0", "--pages", str(pages)) as process:
        patient = (await line_with(process, "patient's link")).split()[-1]
        doctor = (await line_with(process, "doctor's page")).split()[-1]

        own = (await line_with(process, "doctor's own")).split()[-1]
        command = shlex.split(await line_with(process, "union issue REQUEST"))
        folder = Path(command[command.index("--folder") + 1])

        assert patient.startswith("http://localhost:") and "/#cap1." in patient
        assert own.startswith("http://localhost:") and "/#cap1." in own
        assert doctor.startswith("http://localhost:") and "/doctor#key1." in doctor
        assert (folder / "union.json").exists()
        for address in (patient, own, doctor):
            assert "teleconsult" in await asyncio.to_thread(fetched, address.partition("#")[0])

        code, output, errors = await stopped(process, signal.SIGINT)

    assert (0, "Stopped. Nothing was kept.") == (code, output.strip().splitlines()[-1])
    assert "Traceback" not in errors
    assert not folder.parent.exists()


async def test_a_demonstration_says_for_whom_it_is(pages: Path) -> None:
    """A doctor's address is a key; and a service manager's signal stops it as well."""
    async with typed("demo", "--port", "0", "--pages", str(pages)) as process:
        await line_with(process, "for this machine only")
        await line_with(process, "Whoever has the doctor's address is this doctor here")

        assert 0 == (await stopped(process, signal.SIGTERM))[0]


@pytest.mark.parametrize("command", ["demo", "serve"])
async def test_a_busy_port_is_a_sentence(pages: Path, command: str) -> None:
    """Which says what to do; no traceback."""
    more = {"TELECONSULT_INSTALLATION_SECRET": SECRET, "TELECONSULT_ORIGINS": "https://a.example"}
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        settings = ["--port", str(port), "--pages", str(pages)]

        code, output, errors = await ended(command, *settings, **more if command == "serve" else {})

    assert (1, "") == (code, output)
    assert errors.startswith(f"Cannot listen on localhost, port {port}: ")
    assert "PORT=" in errors and "Traceback" not in errors


async def test_missing_pages_are_a_sentence(tmp_path: Path) -> None:
    """Which says what to type."""
    code, output, errors = await ended("demo", "--port", "0", "--pages", str(tmp_path))

    assert (1, "", "The pages are not built yet. Type: make web") == (code, output, errors.strip())


async def test_a_wrong_setting_is_a_sentence() -> None:
    """From the environment as from the command line."""
    code, _, errors = await ended("demo", TELECONSULT_PORT="http")

    assert 1 == code
    assert errors.startswith("Setting port: ") and "Traceback" not in errors


# The service for real


async def test_serve_runs_with_a_secret_and_origins(pages: Path) -> None:
    """It says that nobody is admitted yet, serves the pages, and stops cleanly."""
    async with typed(
        *("serve", "--port", "0", "--pages", str(pages), "--origins", "https://visio.example.fr"),
        *("--relay-port", "0", "--relay-public-ip", "192.0.2.1"),
        TELECONSULT_INSTALLATION_SECRET=SECRET,
    ) as process:
        line = await line_with(process, "Serving on http://localhost:")
        assert "No union is trusted yet: nobody is admitted." in line
        origin = line.removeprefix("Serving on ").partition(". ")[0]
        assert "teleconsult" in await asyncio.to_thread(fetched, f"{origin}/doctor")

        code, _, errors = await stopped(process, signal.SIGINT)

    assert 0 == code
    assert "Traceback" not in errors and "example.fr" not in errors


async def test_serve_opens_sockets_to_the_pages_of_the_settings_only(pages: Path) -> None:
    """Its own address on this machine is not one of them."""
    async with (
        typed(
            *("serve", "--port", "0", "--pages", str(pages), "--origins", "https://a.example"),
            *("--relay-port", "0", "--relay-public-ip", "192.0.2.1"),
            TELECONSULT_INSTALLATION_SECRET=SECRET,
        ) as process,
        aiohttp.ClientSession() as http,
    ):
        line = await line_with(process, "Serving on http://localhost:")
        own = line.removeprefix("Serving on ").partition(". ")[0]

        async with http.ws_connect(f"{own}/v1", origin="https://a.example") as socket:
            assert "hello" == (await socket.receive_json())["type"]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{own}/v1", origin=own)
        assert 403 == refused.value.status

        await stopped(process, signal.SIGINT)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"ORIGINS": "https://a.example"}, "Setting installation_secret is missing."),
        ({"INSTALLATION_SECRET": SECRET}, "Setting origins is missing"),
        (
            {"ORIGINS": "https://a.example", "INSTALLATION_SECRET": "demo" + "c" * 44},
            "This installation secret was made for a demonstration.",
        ),
        (
            {"ORIGINS": "https://a.example", "INSTALLATION_SECRET": SECRET, "DEMO_SECRET": "x"},
            "TELECONSULT_DEMO_SECRET is set: this environment belongs to a demonstration.",
        ),
        (
            {"ORIGINS": "https://a.example", "INSTALLATION_SECRET": "short"},
            "Setting installation_secret: not 32 random bytes",
        ),
        (
            {"ORIGINS": "https://a.example/", "INSTALLATION_SECRET": SECRET},
            "Setting origins: each is a scheme",
        ),
        (
            {"ORIGIN": "https://a.example", "INSTALLATION_SECRET": SECRET},
            "TELECONSULT_ORIGIN is set, but is no setting.",
        ),
    ],
    ids=[
        *("no secret", "no origins", "demo secret", "demo environment"),
        *("weak secret", "path in origin", "misspelt"),
    ],
)
async def test_serve_refuses_what_is_not_for_real(
    pages: Path, more: dict[str, str], sentence: str
) -> None:
    """In a sentence that quotes no secret, with exit code 1."""
    settings = {f"TELECONSULT_{name}": value for name, value in more.items()}

    code, output, errors = await ended("serve", "--port", "0", "--pages", str(pages), **settings)

    assert (1, "") == (code, output)
    assert sentence in errors and "Traceback" not in errors and errors.strip()
    assert more.get("INSTALLATION_SECRET", SECRET) not in errors


async def test_serve_does_not_start_on_a_wrong_directory(pages: Path, tmp_path: Path) -> None:
    """All that is wrong is said, and nothing listens."""
    file = tmp_path / "directory.toml"
    file.write_text('[queue.a]\ntitel = "A"\n')  # before anything runs

    code, output, errors = await ended(
        *("serve", "--port", "0", "--pages", str(pages), "--directory", str(file)),
        *("--relay-port", "0", "--relay-public-ip", "192.0.2.1"),
        TELECONSULT_INSTALLATION_SECRET=SECRET,
        TELECONSULT_ORIGINS="https://a.example",
    )

    assert (1, "") == (code, output)
    assert f"{file} is no directory, for 3 reasons:" == errors.splitlines()[0]
    assert 'Did you mean "title"?' in errors and "Traceback" not in errors


async def test_serve_follows_a_directory(pages: Path) -> None:
    """Hands it out, and says what may not be meant."""
    async with typed(
        *("serve", "--port", "0", "--pages", str(pages)),
        *("--directory", "deploy/example/directory.toml", "--origins", "https://a.example"),
        *("--relay-port", "0", "--relay-public-ip", "192.0.2.1"),
        TELECONSULT_INSTALLATION_SECRET=SECRET,
    ) as process:
        await line_with(process, "of the queues that others widen to have no link")
        line = await line_with(process, "Serving on http://localhost:")
        origin = line.removeprefix("Serving on ").partition(". ")[0]

        told = json.loads(await asyncio.to_thread(fetched, f"{origin}/queues.json"))

        assert 63 == len(told["queues"])
        assert 0 == (await stopped(process, signal.SIGINT))[0]


# Without a browser


@pytest.mark.parametrize("role", ["patient", "doctor"])
async def test_a_peer_without_a_usable_address_says_so(role: str) -> None:
    """In a sentence, before anything is connected."""
    code, output, errors = await ended("peer", role, "http://localhost/")

    assert (1, "") == (code, output)
    assert errors.strip() and "Traceback" not in errors


@pytest.mark.parametrize(
    ("words", "given", "sentence"),
    [
        (("peer", "patient", "-"), "http://localhost/\n", "has nothing after its #"),
        (("peer", "doctor", "-"), "http://localhost/doctor#x", "not a doctor's address"),
        (("peer", "guest", "-"), "http://localhost/#inv1.x", "no invitation, or not all of it"),
        (("peer", "patient", "-"), "", "The address must come on standard input"),
        (("call", "-"), f"http://localhost/#{POOL}\nftp://y", "must begin with http"),
        (("call", "-"), "http://localhost/#x\n", "address and the doctor's must come"),
    ],
)
async def test_addresses_come_from_standard_input(
    words: tuple[str, ...], given: str, sentence: str
) -> None:
    """A command line is for every user of the machine to read, and an address is a key."""
    async with typed(*words) as process:
        output, errors = await process.communicate(given.encode())

    assert (1, b"") == (process.returncode, output)
    assert sentence in errors.decode() and "Traceback" not in errors.decode()
