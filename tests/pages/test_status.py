"""Staff see how the service stands, on every screen and whatever happens to the server."""

from pathlib import Path

from tests.pages.checks import DESKTOP, faults_of
from tests.pages.staff import staff


async def test_the_board_is_for_everybody(tmp_path: Path) -> None:
    """No rule of axe is broken, nothing is cut off or too small, and nothing complains."""
    async with staff(tmp_path) as place:
        page = await place.board()

        assert [] == await faults_of(page)
        for summary in await page.query_selector_all(".path details > summary"):
            await summary.click()
        await page.wait_for_selector(".path .chart canvas")
        assert [] == await faults_of(page)
        assert place.complaints == []


async def test_a_path_that_fails_is_told_in_words(tmp_path: Path) -> None:
    """Its card says so, the sentence above counts it, and the incident has path, node and step."""
    async with staff(tmp_path, DESKTOP) as place:
        page = await place.board()

        assert "1 chemin sur 8 n’aboutit pas" == await page.inner_text(".sentence")
        card = page.locator("[data-path=tls][data-node='2']")
        assert "N’aboutit pas" == await card.locator(".is").inner_text()
        assert "recherche du chemin" in await card.locator(".why").inner_text()
        told = await page.locator(".incident").first.inner_text()
        assert told.startswith("Le chemin TLS par le nœud 2 n’aboutit pas depuis 15\u00a0h\u00a053")
        assert "« recherche du chemin » : délai dépassé" in told
