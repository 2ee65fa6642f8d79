"""A real Prometheus for tests: on a free port of 127.0.0.1, with the files that we ship.

Its clock is real, so it asks each second and judges more often; windows of the rules can be
made shorter. Nothing of it is left at the end.
"""

import asyncio
import json
import shutil
import subprocess
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.house.tree import ROOT
from tests.redis_server import HOST, free_port, wait_until

SHIPPED = ROOT / "deploy" / "prometheus"
WITHIN_S = 60.0
RULES = ("hours.yml", "recording.yml", "alerts.yml")
NODE, PROBE = "127.0.0.1:9464", "127.0.0.1:9475"
FASTER = {
    "scrape_interval: 15s": "scrape_interval: 1s",
    "scrape_timeout: 5s": "scrape_timeout: 1s",
    "evaluation_interval: 15s": "evaluation_interval: 250ms",
}


class Prometheus:
    """One process. Made by `prometheus`."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={self.address}",
                "--log.level=error",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def asked(self, path: str, **words: str) -> Any:
        """Ask its API; what it answers under `data`."""
        where = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(words)}"
        with urllib.request.urlopen(where, timeout=10) as answer:
            said = json.load(answer)
        assert "success" == said["status"], said
        return said["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Ask for a value now: each series with its labels."""
        found = self.asked("query", query=expression)["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]

    def firing(self) -> set[tuple[str, str, str]]:
        """Name what fires: alert, path and node."""
        found = self.asked("alerts")["alerts"]
        labels = [one["labels"] for one in found if one["state"] == "firing"]
        return {(of["alertname"], of.get("path", ""), of.get("node", "")) for of in labels}

    async def shows(self, is_so: Callable[[], bool]) -> None:
        """Wait until it says so: what it knows comes with its next look."""
        await asyncio.to_thread(wait_until, is_so, WITHIN_S)

    def is_ready(self) -> bool:
        """Tell whether it answers."""
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/-/ready", timeout=1) as answer:
            return bool(answer.status == 200)
        assert self._process.poll() is None, "Prometheus ended before it began"
        return False

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


@contextmanager
def prometheus(
    node: str = NODE, probe: str = PROBE, but: Mapping[str, str] | None = None
) -> Iterator[Prometheus]:
    """Run one with our files, asking a node and a probe at these addresses.

    Args:
        but: texts of the rules and what stands there instead, such as shorter windows.
    """
    folder = Path(tempfile.mkdtemp(prefix="prometheus-"))
    try:
        changes = {**FASTER, NODE: node, PROBE: probe}
        (folder / "prometheus.yml").write_text(changed("prometheus.yml", changes))
        rules = {name: (SHIPPED / name).read_text(encoding="utf-8") for name in RULES}
        for old, new in (but or {}).items():
            assert any(old in text for text in rules.values()), old
            rules = {name: text.replace(old, new) for name, text in rules.items()}
        for name, text in rules.items():
            (folder / name).write_text(text, encoding="utf-8")
        server = Prometheus(folder)
        try:
            wait_until(server.is_ready, WITHIN_S)
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder)


def changed(name: str, changes: Mapping[str, str]) -> str:
    """Read a shipped file with some of its text replaced."""
    text = (SHIPPED / name).read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text
