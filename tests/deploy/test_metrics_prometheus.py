"""A real Prometheus with the files that we ship: what it reads, whom it wakes, what is drawn."""

import asyncio
import json
import os
import re
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from probe import rounds
from probe.exposition import exposition
from probe.rounds import PATHS, STEPS, Round
from signaling.encoding import encode
from signaling.exposing import METRICS_PATH, exposing
from signaling.exposition import NodeState
from signaling.figures import ENDINGS
from signaling.journal import Journal
from signaling.server import listening_sockets, running
from signaling.settings import Settings
from signaling.usage import Epoch
from tests.children import child
from tests.deploy.test_command import line_with, typed
from tests.house.test_words import of_a_shop
from tests.house.tree import ROOT
from tests.nodes import ORIGIN
from tests.prometheus_server import Prometheus, prometheus
from tests.redis_server import HOST, free_port
from tests.signaling.test_exposition import WHOLE
from tests.unions import INSTALLATION

DASHBOARD = ROOT / "deploy" / "grafana" / "teleconsult.json"
ROUND_S = 0.5
NO_PROBE = ("TeleconsultProbeSilent", "", "")
# What takes minutes takes seconds here.
FASTER = {"[90s]": "[4s]", "for: 2m": "for: 2s", "for: 1m": "for: 1s", "interval: 2m": ""}
OF_PEOPLE = re.compile(r"(?i)doctor_|patient|link|address|queue|key|session|ticket")


@dataclass
class Watched:
    """A node and a probe as Prometheus meets them; a test says how they are."""

    node: str = ""
    probe: str = ""
    state: NodeState = WHOLE
    failing: set[str] = field(default_factory=set)

    def says(self) -> NodeState:
        return self.state

    async def newest(self, _: web.Request) -> web.StreamResponse:
        """The newest round over each path: one every half second."""
        at = time.time() // ROUND_S * ROUND_S
        return web.Response(body=exposition([self._round(path, at) for path in PATHS]))

    def _round(self, path: rounds.Path, at: float) -> Round:
        ends = at + 100 * 86_400
        if path in self.failing:
            return Round(path, "1", at, {"page": 9.0}, "socket", "timeout", None, None, ends)
        steps = dict.fromkeys(STEPS, 10.0)
        return Round(path, "1", at, steps, None, None, 0.001, 2.0, ends)


@asynccontextmanager
async def watched() -> AsyncIterator[tuple[Watched, Prometheus]]:
    """A node that has released figures, a probe with rounds, and Prometheus that asks both."""
    here, journal = Watched(), Journal(lambda _: None)
    node, probing = listening_sockets("127.0.0.1", 0), listening_sockets("127.0.0.1", 0)
    here.node, here.probe = (f"127.0.0.1:{one[0].getsockname()[1]}" for one in (node, probing))
    app = web.Application()
    app.router.add_get(METRICS_PATH, here.newest)
    settings = Settings(tick_s=0.05)
    async with (
        exposing(here.says, node, settings, journal),
        running(app, probing, settings, journal),
    ):
        started = prometheus(here.node, here.probe, FASTER)
        server = await asyncio.to_thread(started.__enter__)
        try:
            yield here, server
        finally:
            await asyncio.to_thread(started.__exit__, None, None, None)


async def answered(server: Prometheus, expression: str) -> None:
    """Wait until it knows a value."""
    await server.shows(lambda: bool(server.query(expression)))


async def fires(server: Prometheus, *alerts: tuple[str, str, str]) -> None:
    """Wait until these alerts fire, and no other."""
    await server.shows(lambda: server.firing() == set(alerts))


async def test_a_path_that_is_cut_wakes_somebody_for_its_row_alone() -> None:
    """The others stay green; once it is whole again nobody is woken any more."""
    async with watched() as (here, server):
        up = "count(teleconsult:probe_up == 1)"
        await server.shows(lambda: four(server, up))
        here.state = replace(WHOLE, store=replace(WHOLE.store, is_open=True), lists_fresh=2)
        await fires(server)

        here.failing.add("tls")
        await fires(server, ("TeleconsultPathFailing", "tls", "1"))

        assert {"tls"} == {row["path"] for row, _ in server.query("teleconsult:probe_up == 0")}
        here.failing.clear()
        await fires(server)


def four(server: Prometheus, expression: str) -> bool:
    """Tell whether all four paths are counted."""
    return [4.0] == [value for _, value in server.query(expression)]


async def test_a_relay_a_store_and_a_node_that_fail_wake_somebody_each() -> None:
    """Each by its own name."""
    async with watched() as (here, server):
        relay = replace(WHOLE.relay, is_up=False)
        here.state = replace(WHOLE, relay=relay, lists_fresh=2)
        await fires(server, ("TeleconsultRelayDown", "", "1"), ("TeleconsultStoreAway", "", "1"))

        store = replace(WHOLE.store, is_memory_only=False)
        here.state = replace(WHOLE, store=store, lists_fresh=2)
        await fires(server, ("TeleconsultStoreRefused", "", "1"))


async def test_a_running_service_is_scraped_and_missed_when_it_is_gone(pages: Path) -> None:
    """As an operator sets it up: a real node, our files, a relay that hangs, and a kill."""
    async with typed(
        *("serve", "--port", "0", "--pages", str(pages), "--origins", ORIGIN),
        *("--relay-port", "0", "--relay-public-ip", "192.0.2.1"),
        TELECONSULT_INSTALLATION_SECRET=encode(INSTALLATION),
    ) as process:
        line = await line_with(process, "Metrics at")
        node = re.findall(r"127\.0\.0\.1:\d+", line)[0]
        started = prometheus(node, f"{HOST}:{free_port()}", FASTER)
        server = await asyncio.to_thread(started.__enter__)
        try:
            relay = 'teleconsult_relay_up{node="1"} == 1'
            await answered(server, relay)
            names = set(server.asked("label/__name__/values"))
            assert "teleconsult_usage_epsilon" in names
            assert not [name for name in names if name.startswith(("python_", "process_"))]

            hung = child("deploy.relay_child", process.pid)
            os.kill(hung, signal.SIGSTOP)
            try:
                await fires(server, ("TeleconsultRelayDown", "", "1"), NO_PROBE)
            finally:
                os.kill(hung, signal.SIGKILL)  # who is stopped hears of no end
            await fires(server, NO_PROBE)

            process.send_signal(signal.SIGKILL)
            await fires(server, ("TeleconsultNodeSilent", "", "1"), NO_PROBE)
        finally:
            await asyncio.to_thread(started.__exit__, None, None, None)


async def test_every_rule_works_and_every_alert_speaks_to_a_person() -> None:
    """In French and English: what happened, what is kept, what to do; and of nobody."""
    async with watched() as (_, server):
        await server.shows(lambda: all(rule["health"] == "ok" for rule in rules_of(server)))

        alerts = [rule for rule in rules_of(server) if rule["type"] == "alerting"]
        assert 11 == len(alerts)
        for alert in alerts:
            said = alert["annotations"]
            assert {"summary", "description", "summary_en", "description_en"} == said.keys()
            for words in ("Ce qui se passe :", "Ce qui reste :", "Que faire :"):
                assert 1 == said["description"].count(words)
            for words in ("What happened:", "What is kept:", "What to do:"):
                assert 1 == said["description_en"].count(words)
            french = said["summary"] + said["description"]
            assert [] == of_a_shop("fr", french, is_banner=False)
            assert alert["labels"]["severity"] in ("warning", "critical")


def rules_of(server: Prometheus) -> list[dict[str, Any]]:
    """All rules, as Prometheus has read them."""
    return [rule for group in server.asked("rules")["groups"] for rule in group["rules"]]


async def test_every_query_of_the_dashboard_is_answered() -> None:
    """Each curve has something to draw once a service runs and its first epochs are released."""
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    queries = sorted({target["expr"] for panel in dashboard["panels"] for target in of(panel)})
    assert 30 < len(queries)

    async with watched() as (here, server):
        here.failing.add("tls")
        values = dict.fromkeys(ENDINGS.bins, 0) | {"relayed": 60, "direct": 40}
        epochs = {**WHOLE.usage.epochs, "endings": Epoch(ENDINGS, 0, values)}
        here.state = replace(WHOLE, usage=replace(WHOLE.usage, epochs=epochs))
        for query in queries:
            asked = query.replace("$path", ".*").replace("$node", ".*")
            assert "$" not in asked
            await answered(server, asked)


def of(panel: dict[str, Any]) -> list[dict[str, Any]]:
    """A panel's queries."""
    targets: list[dict[str, Any]] = panel.get("targets", [])
    return targets


def test_the_dashboard_draws_usage_with_its_uncertainty_and_nobody() -> None:
    """Each figure has its edges beside it; no query names what could be somebody's."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]

    for panel in panels:
        queries = " ".join(target["expr"] for target in of(panel))
        assert not OF_PEOPLE.search(queries.replace("|queue|", "|"))
        if "teleconsult:usage" in queries:
            assert "teleconsult:usage:low" in queries and "teleconsult:usage:high" in queries
        if panel["type"] != "row":
            assert panel["description"] and "${datasource}" == panel["datasource"]["uid"]
