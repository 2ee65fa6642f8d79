"""What a patient's page weighs until the waiting room can be used, and how long it takes there.

    python -m tests.pages.weight        or: make weight

Bytes are those that went over the wire, as the server compresses them, headers included. The
time is Chromium's emulation of an old phone on 3G, with an empty cache and nobody who hesitates:
each button is pressed as soon as it is there. The emulation does not slow the one socket down.
"""

import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.pages.scene import Scene, scene

BYTES_MAX = 80 * 1024
TIME_MAX_S = 2.5
RUNS = 5

# An old phone on 3G, as Lighthouse has it.
DOWN_BITS_PER_S = 1_600_000
UP_BITS_PER_S = 750_000
LATENCY_MS = 150
CPU_SLOWER = 4

HURRIED = """
  const press = () => {
    const main = document.querySelector('main');
    if (main?.dataset.state === 'waiting' && main.dataset.place !== undefined) {
      window.__arrived ??= performance.now();
      return;
    }
    for (const id of ['consent', 'about-ready', 'about-go', 'devices-ready'])
      document.querySelector(`#${id}:enabled`)?.click();
  };
  new MutationObserver(press).observe(document,
    { subtree: true, childList: true, attributes: true });
"""
ARRIVED = "() => window.__arrived"
# Scripts and styles that were asked for once everything was there: of the call to come.
LATE = """() => performance.getEntriesByType('resource')
  .filter(({ name, startTime }) => startTime > window.__arrived && name.includes('/assets/'))
  .map(({ name }) => name)"""


async def to_the_waiting_room(place: Scene, *, is_slow: bool) -> tuple[dict[str, int], float]:
    """Open a link with an empty cache; what was loaded, by path, and the seconds it took."""
    page = await place.tab(HURRIED)
    loaded = await loads(page, is_slow=is_slow)
    await page.goto(place.signaling.pool_link())
    await page.wait_for_function(ARRIVED, timeout=60_000)
    took_s = await page.evaluate(ARRIVED) / 1000
    # What was asked for before, and what the waiting room itself shows, is part of it.
    await page.wait_for_load_state("networkidle")
    late = set(await page.evaluate(LATE))
    loaded = {name: size for name, size in loaded.items() if name not in late}
    await page.context.close()
    place.tabs.remove(page)
    return loaded, took_s


async def loads(page: Page, *, is_slow: bool) -> dict[str, int]:
    """Count what a page loads from now on, and slow it down if told to."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Network.enable")
    if is_slow:
        await devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": LATENCY_MS,
                "downloadThroughput": DOWN_BITS_PER_S / 8,
                "uploadThroughput": UP_BITS_PER_S / 8,
            },
        )
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    names: dict[str, str] = {}
    loaded: dict[str, int] = {}

    def asked(event: dict[str, Any]) -> None:
        names[event["requestId"]] = event["request"]["url"].partition("#")[0]

    def finished(event: dict[str, Any]) -> None:
        name = names.get(event["requestId"], "?")
        loaded[name] = loaded.get(name, 0) + int(event["encodedDataLength"])

    devtools.on("Network.requestWillBeSent", asked)
    devtools.on("Network.loadingFinished", finished)
    return loaded


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with scene(Path(folder)) as place:
            place.follows_a_directory()
            loaded, _ = await to_the_waiting_room(place, is_slow=False)
            for name, size in sorted(loaded.items(), key=lambda one: -one[1]):
                print(f"  {size:7} {name.removeprefix(place.signaling.origin)}")
            total = sum(loaded.values())
            print(f"patient_page_kib: {total / 1024:.1f} (at most {BYTES_MAX / 1024:.0f})")
            times = [(await to_the_waiting_room(place, is_slow=True))[1] for _ in range(RUNS)]
            spread = f"{min(times):.2f} to {max(times):.2f}"
            print(
                f"patient_page_slow_s: {statistics.median(times):.2f} "
                f"(at most {TIME_MAX_S}; {spread})"
            )
            await place.closes()


if __name__ == "__main__":
    asyncio.run(main())
