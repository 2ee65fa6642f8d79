"""What the relay is told over its UNIX socket, and what it refuses."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import pytest

from relay.control import Control, ControlError, Numbers, connected, listening
from relay.core import Relay
from relay.effects import Effect, Gone, Source
from tests.relay.serving import SECRET

SOURCE = Source("udp", "192.0.2.1", 1)


class Told:
    """A relay that remembers what it was told."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.done: list[Effect] = []

    def bind(self, tags: Iterable[str]) -> None:
        self.heard.append(("bind", list(tags)))

    def unbind(self, tags: Iterable[str]) -> None:
        self.heard.append(("unbind", list(tags)))

    def rebind(self, consultations: Iterable[Iterable[str]]) -> None:
        self.heard.append(("rebind", [list(one) for one in consultations]))

    def end(self, tags: Iterable[str], now: float) -> list[Effect]:
        self.heard.append(("end", list(tags), now))
        return [Gone(SOURCE)]

    def use_secrets(self, secrets: Sequence[bytes]) -> None:
        if not secrets:
            raise ValueError("none")
        self.heard.append(("secrets", list(secrets)))

    def carry_out(self, effects: Iterable[Effect]) -> None:
        self.done += effects

    def counters(self) -> Numbers:
        return {"allocations": 3}


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def control(told: Told) -> Control:
    return Control(told, told.carry_out, lambda: 1000.0, told.counters)


@pytest.fixture
async def path(control: Control, tmp_path: Path) -> AsyncIterator[Path]:
    """Where a relay listens."""
    place = tmp_path / "private" / "control"
    async with listening(control, place):
        yield place


async def test_every_order_arrives(told: Told, path: Path) -> None:
    """In the order in which it was given, each answered."""
    async with connected(path) as relay:
        await relay.bind(["a", "b"])
        await relay.unbind(["a"])
        await relay.rebind([["a", "b"], ["c"]])
        await relay.end(["b"])
        await relay.use_secrets(["s" * 43])
        numbers = await relay.counters()

    assert [
        ("bind", ["a", "b"]),
        ("unbind", ["a"]),
        ("rebind", [["a", "b"], ["c"]]),
        ("end", ["b"], 1000.0),
        ("secrets", [b"s" * 43]),
    ] == told.heard
    assert [Gone(SOURCE)] == told.done
    assert {"allocations": 3} == numbers


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"bind a b", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "one order"),
        (b"{}", "one order"),
        (b'{"bind":["a"],"end":["b"]}', "one order"),
        (b'{"bind":"a"}', "with a list"),
        (b'{"bind":[1]}', "than texts"),
        (b'{"bind":["a b"]}', "than tags"),
        (b'{"bind":[""]}', "than tags"),
        (b'{"end":["caf\\u00e9"]}', "than tags"),
        (b'{"rebind":["a"]}', "than lists"),
        (b'{"rebind":[["a b"]]}', "than tags"),
        (b'{"secrets":[]}', "cannot do that"),
        (b'{"secrets":["\\ud800"]}', "cannot do that"),
        (b'{"log":["on"]}', "no such order"),
        (json.dumps({"bind": [str(n) for n in range(9)]}).encode(), "more members"),
    ],
)
def test_what_is_no_order_is_refused_and_changes_nothing(
    told: Told, control: Control, line: bytes, sentence: str
) -> None:
    """The answer says why and quotes nothing."""
    answer = json.loads(control.obey(line))

    assert sentence in answer["refused"]
    assert [] == told.heard


def test_what_the_core_refuses_is_refused() -> None:
    """A tag in two consultations, a secret that could be guessed: nothing has changed then."""
    relay = Relay(["192.0.2.1"], [SECRET], os.urandom)
    control = Control(relay, lambda effects: None, lambda: 1000.0, dict)

    for line in (b'{"rebind":[["a"],["a"]]}', b'{"secrets":["short"]}'):
        assert {"refused": "The relay cannot do that."} == json.loads(control.obey(line))
    assert {"ok": True} == json.loads(control.obey(b'{"rebind":[["a"],["b"]]}'))


async def test_a_refusal_is_told_to_who_asked_and_the_line_goes_on(told: Told, path: Path) -> None:
    """One wrong order does not end the conversation."""
    async with connected(path) as relay:
        with pytest.raises(ControlError, match="than tags"):
            await relay.bind(["not a tag"])
        await relay.bind(["a"])

    assert [("bind", ["a"])] == told.heard


async def test_a_folder_that_others_may_enter_is_refused(control: Control, tmp_path: Path) -> None:
    """Whoever can speak to the relay can pair and end consultations."""
    open_to_all = tmp_path / "open"
    os.mkdir(open_to_all, 0o755)

    with pytest.raises(ControlError, match="its owner only"):
        async with listening(control, open_to_all / "control"):
            pass


async def test_two_relays_do_not_share_a_socket(control: Control, path: Path) -> None:
    """The second says so, and the first is still spoken to."""
    with pytest.raises(ControlError, match="Another relay"):
        async with listening(control, path):
            pass
    async with connected(path) as relay:
        await relay.counters()


async def test_what_a_killed_relay_left_is_taken_over(control: Control, tmp_path: Path) -> None:
    """A dead socket's file is no relay."""
    place = tmp_path / "private" / "control"
    code = f"import socket; socket.socket(socket.AF_UNIX).bind({str(place)!r})"
    place.parent.mkdir(mode=0o700)
    process = await asyncio.create_subprocess_exec("python3", "-c", code)
    assert 0 == await process.wait()
    assert place.is_socket()

    async with listening(control, place), connected(place) as relay:
        await relay.counters()


async def test_nobody_there_is_a_sentence(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(ControlError, match="No relay listens"):
        async with connected(tmp_path / "control"):
            pass


async def test_a_relay_that_stops_says_so(control: Control, tmp_path: Path) -> None:
    """Who waits for an answer does not wait for ever, and the socket's file is gone."""
    place = tmp_path / "private" / "control"
    async with listening(control, place):
        holding = connected(place)
        relay = await holding.__aenter__()
        await relay.counters()

    with pytest.raises(ControlError, match="is gone"):
        await relay.counters()
    await holding.__aexit__(None, None, None)
    assert not place.exists()


async def test_only_its_user_may_enter(path: Path) -> None:
    """The folder that it makes is its owner's alone."""
    assert 0o700 == path.parent.stat().st_mode & 0o777
    assert os.geteuid() == path.parent.stat().st_uid
