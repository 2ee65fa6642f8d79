"""What Lighthouse says of the pages, as a phone and as a desktop show them.

    python -m tests.pages.lighthouse [runs]        or: make lighthouse

Each page is judged so many times and the median stands in the table: performance depends on
what else the machine does. Below it stands what lowered a score. Exit code 1 if one is too low.
"""

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deploy.bootstrap import JUDGE, node
from signaling.settings import PAGES
from tests.serving import Signaling, serving
from tests.system.ends import CHROMIUM

# Category -> the least out of a hundred.
LEAST = {"accessibility": 100, "best-practices": 95, "performance": 95}
PRESETS = {"mobile": (), "desktop": ("--preset=desktop",)}
RUNS = 3
WITHIN_S = 120

# In French, as most people open them: other words come in a file of their own.
BROWSER = (
    "--headless=new",
    "--no-sandbox",
    "--accept-lang=fr-FR",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)
ROW = "{:<16} {:<8} {:>13} {:>14} {:>11}"

Report = dict[str, Any]


def addresses(signaling: Signaling) -> dict[str, str]:
    """List the pages, each as somebody opens it."""
    return {
        "patient": signaling.pool_link(),
        "doctor": signaling.doctor_address(),
        "/confidentialite": f"{signaling.origin}/confidentialite",
    }


async def judged(address: str, preset: Sequence[str], folder: Path) -> Report:
    """Have Lighthouse open a page once in a browser of its own."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    program = await asyncio.create_subprocess_exec(
        "node",
        str(JUDGE / "node_modules" / "lighthouse" / "cli" / "index.js"),
        address,
        *preset,
        f"--only-categories={','.join(LEAST)}",
        f"--chrome-flags={' '.join(BROWSER)}",
        "--output=json",
        f"--output-path={report}",
        "--no-enable-error-reporting",
        "--quiet",
        # What the browser keeps goes with the folder.
        env={**os.environ, "PATH": node(), "CHROME_PATH": CHROMIUM, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(WITHIN_S):
            said, _ = await program.communicate()
    finally:
        if program.returncode is None:
            # The one signal at which it takes its browser along.
            program.send_signal(signal.SIGINT)
            await program.wait()
    if not report.is_file():
        sys.exit(f"Lighthouse did not come to an end:\n{said.decode(errors='replace')}")
    made: Report = json.loads(report.read_text(encoding="utf-8"))
    if "runtimeError" in made:
        sys.exit(f"Lighthouse could not judge {address}: {made['runtimeError']['message']}")
    return made


def score(report: Report, category: str) -> int:
    """Say what a page got out of a hundred. What could not be judged has nothing."""
    return round(100 * (report["categories"][category]["score"] or 0))


def lowered(report: Report) -> Iterator[str]:
    """Yield, a line each, what took something from a score."""
    for category in LEAST:
        for part in report["categories"][category]["auditRefs"]:
            audit = report["audits"][part["id"]]
            # None: not for this page, or only said and not counted.
            if part["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                shown = audit.get("displayValue", "")
                yield f"{category}: {part['id']} {audit['score']:.2f} {shown}".rstrip()
                for item in audit.get("details", {}).get("items", []):
                    at = item.get("node", {}).get("snippet") or item.get("description")
                    if at:
                        yield f"  {at}"


async def main(runs: int) -> bool:
    """Print the table; say whether all scores are high enough."""
    found, is_good = dict[str, list[str]](), True
    print(ROW.format("page", "preset", *LEAST), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(PAGES) as signaling:
            for page, address in addresses(signaling).items():
                for preset, options in PRESETS.items():
                    reports = [await judged(address, options, Path(folder)) for _ in range(runs)]
                    scores = {
                        name: statistics.median_low(score(one, name) for one in reports)
                        for name in LEAST
                    }
                    print(ROW.format(page, preset, *scores.values()), flush=True)
                    is_good &= all(scores[name] >= least for name, least in LEAST.items())
                    found[f"{page} {preset}"] = list(lowered(reports[-1]))
    for where, lines in found.items():
        for line in lines:
            print(f"{where}: {line}")
    return is_good


if __name__ == "__main__":
    times = int(sys.argv[1]) if sys.argv[1:] else RUNS
    sys.exit(not asyncio.run(main(times)))
