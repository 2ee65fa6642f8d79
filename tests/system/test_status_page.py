"""The real status page and its real server: staff enter, read, leave; others do not."""

import time
from pathlib import Path

import pytest
from playwright.async_api import expect

from clients.union import keyring
from clients.union.credentials import DAY_S, Role
from deploy.status import Options, serving
from probe.history import History
from probe.rounds import STEPS, Round
from signaling.journal import Journal
from tests.system.ends import chromium
from tests.unions import ORIGIN, QUEUE, AUnion

SEED = b"somebody of the union".ljust(32)
CODE = 0x57A7


def enrolled(folder: Path, role: Role) -> Path:
    """A folder of trust with one union, which vouches for somebody of a role."""
    union, now = AUnion(), int(time.time())
    request = keyring.Keyring(SEED).request(now // DAY_S - 1, 3)
    queues = (QUEUE,) if role == "doctor" else ()
    union.vouch(request, queues=queues, has_links=role == "doctor", now=now, role=role)
    union.publish(folder, now=now)
    return folder


def history() -> History:
    """One green round, a second ago."""
    rounds = History(time.time() - 60)
    rounds.add(Round("udp", "1", time.time() - 1, {step: 10.0 for step in STEPS}))
    return rounds


async def test_staff_open_their_address_and_read_how_the_service_stands(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The keys in it are enough; whoever closes the access is out, and may come in again."""
    options = Options(ORIGIN, port=0, trust=enrolled(tmp_path_factory.mktemp("trust"), "staff"))
    async with (
        serving(options, history(), lambda: b"", Journal()) as origin,
        chromium(CODE, tmp_path) as (_, page),
    ):
        await page.goto(f"{origin}/status#{keyring.write(SEED)}")

        await page.wait_for_selector("main[data-state=board]")
        await expect(page.locator("[data-path=udp][data-node='1']")).to_be_visible()
        await page.click("#leave")
        await page.wait_for_selector("main[data-state=left]")
        await page.click("#enter")
        await page.wait_for_selector("main[data-state=board]")


async def test_a_doctors_keys_do_not_open_it(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The page says what to do, and shows nothing."""
    options = Options(ORIGIN, port=0, trust=enrolled(tmp_path_factory.mktemp("trust"), "doctor"))
    async with (
        serving(options, history(), lambda: b"", Journal()) as origin,
        chromium(CODE, tmp_path) as (_, page),
    ):
        await page.goto(f"{origin}/status#{keyring.write(SEED)}")

        await page.wait_for_selector("main[data-state=refused]")
        assert 0 == await page.locator("[data-path]").count()


async def test_everybody_reads_a_public_page(tmp_path: Path) -> None:
    """Without keys, and without being asked for them."""
    options = Options(ORIGIN, port=0, is_public=True)
    async with (
        serving(options, history(), lambda: b"", Journal()) as origin,
        chromium(CODE, tmp_path) as (_, page),
    ):
        await page.goto(f"{origin}/status")

        await page.wait_for_selector("main[data-state=board]")
        await expect(page.locator("[data-path=udp][data-node='1']")).to_be_visible()
