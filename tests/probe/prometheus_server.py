"""A real Prometheus for tests: on a free port of 127.0.0.1, with hours of samples already in it.

Unrealistic: nobody scraped them. `promtool` turns text into the blocks of a Prometheus, so that
ninety days need no waiting. It is Debian's, as an operator has it.
"""

import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

WITHIN_S = 60.0


class Recording:
    """Samples, as scrapes would have left them."""

    def __init__(self) -> None:
        self._families: dict[str, list[str]] = {}

    def says(self, series: str, times: Iterable[int], value: Callable[[int], float]) -> None:
        """Record a series over some time."""
        name = series.partition("{")[0]
        lines = self._families.setdefault(name, [f"# TYPE {name} gauge"])
        lines += [f"{series} {float(value(at))} {at}" for at in times]

    def text(self) -> str:
        """Write it as OpenMetrics."""
        lines = (line for family in self._families.values() for line in family)
        return "\n".join([*lines, "# EOF\n"])


@contextmanager
def prometheus_with(recording: Recording) -> Iterator[str]:
    """Run a Prometheus that remembers a recording, and say where."""
    with tempfile.TemporaryDirectory(prefix="prometheus-") as name:
        folder = Path(name)
        said, settings, data = folder / "said.txt", folder / "prometheus.yml", folder / "data"
        said.write_text(recording.text())
        settings.write_text("scrape_configs: []\n")
        blocks = ("tsdb", "create-blocks-from", "openmetrics", str(said), str(data))
        subprocess.run(("promtool", *blocks), check=True, capture_output=True, timeout=WITHIN_S)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={settings}",
                f"--storage.tsdb.path={data}",
                "--storage.tsdb.retention.time=10y",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/-/ready", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while True:
        assert process.poll() is None, "Prometheus has ended"
        assert time.monotonic() < deadline, "Prometheus does not answer"
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)  # between two looks: it says by nothing else that it is ready
