"""From *accept* to the first picture, through the relay and directly, in one run.

Two browsers and a whole service for each call. The time is the patient's click on *accept* to
the later of the two ends' first picture that shows the sender's own pattern, by the one clock
of this machine. Direct and relayed calls alternate; medians, with the least and the most.

    .venv/bin/python -m tests.bench.first_frame
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.demo import demonstration
from signaling.journal import Journal
from tests.system.ends import DoctorOnPage, Kind, PatientOnPage, doctor_end, patient_end

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
ROUNDS = 5
PAIRS: tuple[tuple[Kind, Kind], ...] = (("chromium", "chromium"), ("firefox", "chromium"))
WAYS: Mapping[str, dict[str, object]] = {
    "direct": {"port": "0", "relay": "none"},
    "relayed": {"port": "0"},
}

# A pattern has light and dark cells; before it there are no pictures, or black ones.
WATCH = """() => {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [64, 48];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  globalThis.firstPicture = new Promise((resolve) => {
    const look = () => {
      const video = document.querySelector('#far');
      if (video?.videoWidth) {
        context.drawImage(video, 0, 0, 64, 48);
        const seen = context.getImageData(0, 0, 64, 48).data.filter((_, at) => at % 4 === 1);
        if (Math.max(...seen) - Math.min(...seen) > 100) return resolve(Date.now());
      }
      setTimeout(look, 4);
    };
    look();
  });
}"""
CLICK = "() => { const at = Date.now(); document.querySelector('#accept').click(); return at; }"


async def one_call(pair: tuple[Kind, Kind], given: dict[str, object], folder: Path) -> float:
    """Hold a call and say how many milliseconds it took."""
    async with (
        demonstration(given, Journal(lambda _: None)) as addresses,
        patient_end(pair[0], addresses.patient, PATIENT_CODE, folder) as patient,
        doctor_end(pair[1], addresses.doctor, DOCTOR_CODE, folder) as doctor,
    ):
        assert isinstance(patient, PatientOnPage) and isinstance(doctor, DoctorOnPage)
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.is_at("proposed")
        for page in (patient.page, doctor.page):
            await page.evaluate(WATCH)
        await asyncio.sleep(1)  # a person reads the card
        clicked_at = await patient.page.evaluate(CLICK)
        seen_at: list[Any] = await asyncio.gather(
            *(
                page.evaluate("() => globalThis.firstPicture")
                for page in (patient.page, doctor.page)
            )
        )
        await asyncio.gather(patient.sees(DOCTOR_CODE), doctor.sees(PATIENT_CODE))
        await patient.hangs_up()
        return float(max(seen_at) - clicked_at)


async def measured(rounds: int = ROUNDS) -> list[str]:
    """Measure both pairs both ways; lines of `name: value`."""
    lines = []
    for pair in PAIRS:
        found: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way, given in WAYS.items():
                with tempfile.TemporaryDirectory() as folder:
                    found[way].append(await one_call(pair, dict(given), Path(folder)))
        name = "_".join(pair)
        for way, times in found.items():
            spread = f"{min(times):.0f} to {max(times):.0f}"
            middle = statistics.median(times)
            lines.append(f"accept_to_first_frame_{way}_{name}_ms: {middle:.0f} ({spread})")
        ratio = statistics.median(found["relayed"]) / statistics.median(found["direct"])
        lines.append(f"relayed_vs_direct_first_frame_{name}: {ratio:.2f} (goal: 1.3 at most)")
    return lines


def main() -> None:
    """Print what was measured."""
    for line in asyncio.run(measured(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
