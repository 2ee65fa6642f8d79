"""Camera, microphone and loudspeaker: faults before a call, and changes while it runs.

Faults come from the browser where it can be told to have them, and else from a page's own
`getUserMedia`, which rejects as browsers do.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page

from deploy.demo import Addresses, demonstration
from signaling.journal import Journal
from tests.system.ends import PatientOnPage, chromium

PATIENT_CODE = 0x5A31

# `refuse` names the error of each kind of device, `may` what the site may at all.
FAULTY = """(refuse, may) => {
  const query = navigator.permissions.query.bind(navigator.permissions);
  navigator.permissions.query = async (what) => {
    const status = await query(what);
    Object.defineProperty(status, 'state', { get: () => may, configurable: true });
    return status;
  };
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  globalThis.refuse = refuse;
  globalThis.asked = [];
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const kinds = ['audio', 'video'].filter((kind) => wanted[kind]);
    globalThis.asked.push(kinds.join('+'));
    for (const kind of kinds) {
      const [name, message] = globalThis.refuse[kind] ?? [];
      if (name) throw new DOMException(message ?? '', name);
    }
    return real(wanted);
  };
}"""

DENIED = ["NotAllowedError", "Permission denied"]
BY_SYSTEM = ["NotAllowedError", "Permission denied by system"]
BUSY = ["NotReadableError", "Could not start source"]
MISSING = ["NotFoundError", "Requested device not found"]


@pytest.fixture
async def addresses() -> AsyncIterator[Addresses]:
    async with demonstration({"port": "0"}, Journal()) as made:
        yield made


@asynccontextmanager
async def checking(
    addresses: Addresses,
    folder: Path,
    refuse: dict[str, list[str]],
    *flags: str,
    may: str = "prompt",
) -> AsyncIterator[PatientOnPage[Page]]:
    """A patient in the check, whose devices refuse so."""
    async with chromium(PATIENT_CODE, folder, *flags) as (_, page):
        await page.add_init_script(f"({FAULTY})({refuse!r}, {may!r})")
        patient = PatientOnPage(page, addresses.patient, PATIENT_CODE)
        await page.goto(addresses.patient)
        await patient.clicks("consent")
        yield patient
        assert [] == patient.complaints


async def is_told(patient: PatientOnPage[Page], trouble: str) -> None:
    await patient.page.wait_for_selector(f"[data-trouble={trouble}]", timeout=20_000)


async def is_there(page: Page, *ids: str) -> None:
    """Of the ways on, these and no others."""
    shown = await page.evaluate(
        "() => [...document.querySelectorAll('.actions button')].map(({ id }) => id)"
    )
    assert list(ids) == shown


@pytest.mark.parametrize(
    ("refuse", "may", "trouble", "ways"),
    [
        ({"audio": DENIED, "video": DENIED}, "prompt", "denied", ["sound-only", "text-only"]),
        ({"audio": DENIED, "video": DENIED}, "denied", "blocked", ["text-only"]),
        ({"audio": DENIED, "video": DENIED}, "granted", "system", ["text-only"]),
        ({"audio": BY_SYSTEM, "video": BY_SYSTEM}, "prompt", "system", ["text-only"]),
        ({"audio": BUSY, "video": BUSY}, "granted", "busy", ["sound-only", "text-only"]),
        ({"audio": MISSING, "video": MISSING}, "prompt", "missing", ["text-only"]),
        ({"video": BUSY}, "granted", "camera-busy", ["sound-only", "text-only"]),
        ({"video": MISSING}, "prompt", "camera-missing", ["sound-only", "text-only"]),
        ({"audio": MISSING}, "prompt", "microphone-missing", ["no-voice"]),
        ({"audio": BUSY}, "granted", "microphone-busy", ["no-voice"]),
    ],
)
async def test_each_fault_is_told_with_what_can_be_done(
    addresses: Addresses,
    tmp_path: Path,
    refuse: dict[str, list[str]],
    may: str,
    trouble: str,
    ways: list[str],
) -> None:
    """The page knows which device it is, says what to do, and lets everybody go on."""
    async with checking(addresses, tmp_path, refuse, may=may) as patient:
        await is_told(patient, trouble)

        await is_there(patient.page, "devices-again", *ways)
