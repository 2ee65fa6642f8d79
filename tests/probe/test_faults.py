"""What is cut is red within a round, and nothing else is: a path, a node, and back again."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from urllib.parse import urlsplit

import pytest

from clients.peer.reach import Reach
from deploy import relaying
from probe.history import History
from probe.rounds import Path
from probe.watching import Node, Watching
from tests.clock import Clock
from tests.probe.fronts import Front, a_front
from tests.probe.services import UNHURRIED, a_service
from tests.relay.serving import Authority

ROWS: tuple[tuple[str, Path], ...] = (("1", "udp"), ("1", "tcp"), ("2", "udp"), ("2", "tcp"))


@dataclass
class Scene:
    """Two nodes that are watched, and what can be cut: the second node, the relay's TCP."""

    watch: Watching
    history: History
    clock: Clock
    node: Front
    tcp: Front

    async def red_after_a_round(self) -> list[tuple[str, Path]]:
        """Let a minute pass and a round be held; returns which rows are not green."""
        self.clock.advance(60.0)
        await self.watch.once()
        assert set(ROWS) == set(self.history.rows())
        return [row for row in ROWS if self.history.state(*row, self.clock.now)[0] != "up"]


@pytest.fixture
async def scene(
    made: Authority, pages: File, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    plain_urls = relaying.plain_urls
    async with a_front() as node, a_front() as tcp:

        def with_a_front(ips: Sequence[str], port: int) -> list[str]:
            """Hand out the front in the place of the relay's own TCP."""
            tcp.target = port
            urls = plain_urls(ips, port)
            return [
                url.replace(f":{port}?transport=tcp", f":{tcp.port}?transport=tcp") for url in urls
            ]

        monkeypatch.setattr(relaying, "plain_urls", with_a_front)
        more = {"relay_only": "true", "relay_transports": "udp,tcp"}
        async with a_service(made, pages, more) as service:
            node.target = urlsplit(service.keys.link).port or 443
            by_front = Reach(service.reach.trust, at=f"https://localhost:{node.port}")
            history = History(clock.now)
            nodes = [Node("1", service.reach, service.keys), Node("2", by_front, service.keys)]
            watch = Watching(nodes, history.add, limits=UNHURRIED, clock=clock)
            yield Scene(watch, history, clock, node, tcp)


async def test_what_is_cut_is_red_and_nothing_else(scene: Scene) -> None:
    """TCP to the relay: that path of both nodes. A node: all its paths. It ends when it is back."""
    await scene.tcp.cut()
    without_tcp = await scene.red_after_a_round()
    await scene.tcp.opens()
    await scene.node.cut()
    without_a_node = await scene.red_after_a_round()
    await scene.node.opens()
    at_last = await scene.red_after_a_round()

    assert [("1", "tcp"), ("2", "tcp")] == without_tcp
    assert [("2", "udp"), ("2", "tcp")] == without_a_node
    assert [] == at_last
    incidents = scene.history.incidents(scene.clock.now)
    assert {("1", "tcp", "ice"), ("2", "tcp", "ice"), ("2", "udp", "page")} == {
        (one.node, one.path, one.step) for one in incidents
    }
    assert all(one.ended is not None for one in incidents)
