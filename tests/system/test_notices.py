"""The pages around the service, in a browser: read by anybody, and nobody loses his place by it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page

from deploy.demo import Addresses, demonstration
from signaling.colours import contrast
from signaling.journal import Journal
from tests.house.tree import ROOT
from tests.system.ends import PatientOnPage, chromium, complaints_of

CODE = 0x5A31
BRAND = ROOT / "deploy" / "example" / "brand.toml"
NAME = "Côte d’Émeraude"
PAGES = ("confidentialite", "mentions-legales", "accessibilite", "comment-ca-marche")
WIDTHS = (320, 1280)

# What sticks out of the page, or is smaller than a finger; a link in a sentence may be so.
FAULTS = """() => {
  const found = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push('wider than the window');
  for (const link of document.querySelectorAll('header a, footer a')) {
    const { width, height } = link.getBoundingClientRect();
    if (Math.min(width, height) < 44) found.push(`${link.textContent} is ${width} by ${height}`);
  }
  return found;
}"""
COLOURS = """(selector) => {
  const style = getComputedStyle(document.querySelector(selector));
  const hex = (rgb) => '#' + rgb.match(/\\d+/g).slice(0, 3)
    .map((part) => Number(part).toString(16).padStart(2, '0')).join('');
  return [hex(style.color), hex(style.backgroundColor)];
}"""


@pytest.fixture
async def service() -> AsyncIterator[Addresses]:
    """A demonstration in the brand of the example."""
    async with demonstration({"port": "0", "brand": str(BRAND)}, Journal()) as addresses:
        yield addresses


def origin_of(addresses: Addresses) -> str:
    return addresses.doctor.partition("/doctor")[0]


@pytest.fixture
async def window(tmp_path: Path) -> AsyncIterator[tuple[Browser, Page]]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(chromium(CODE, tmp_path))


async def test_each_page_is_read_without_a_script_on_any_screen(
    service: Addresses, window: tuple[Browser, Page]
) -> None:
    """Both languages, at 320 px and on a desk: the brand, the heading, nothing that sticks out."""
    browser, _ = window
    for width in WIDTHS:
        context = await browser.new_context(viewport={"width": width, "height": 700})
        page = await context.new_page()
        complaints = complaints_of(page)
        for language in ("", "en/"):
            for name in PAGES:
                await page.goto(f"{origin_of(service)}/{language}{name}")

                assert [] == await page.evaluate(FAULTS), (name, width)
                assert NAME in await page.inner_text("header .brand")
                assert await page.inner_text("h1")
                assert 0 == await page.evaluate("document.scripts.length")
                assert (await page.title()).endswith(f"– {NAME}")
                size = await page.evaluate("document.querySelector('header img').naturalWidth")
                assert size > 0
        assert [] == complaints
        await context.close()


async def test_the_language_of_a_page_can_be_changed(
    service: Addresses, window: tuple[Browser, Page]
) -> None:
    """One tap, and the same page."""
    _, page = window
    await page.goto(f"{origin_of(service)}/confidentialite")

    await page.click("#language")

    assert page.url.endswith("/en/confidentialite")
    assert "en" == await page.get_attribute("html", "lang")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_brand_is_shown_from_the_first_moment(
    service: Addresses, window: tuple[Browser, Page], scheme: str
) -> None:
    """Name, logo and colours of the organisation, which can be read; and nothing jumps."""
    browser, _ = window
    context = await browser.new_context(
        locale="fr-FR", color_scheme="dark" if scheme == "dark" else "light"
    )
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(service.patient)
    await page.wait_for_selector("button.primary")

    assert NAME in await page.inner_text("header .brand")
    assert NAME == await page.title()
    ink, ground = await page.evaluate(COLOURS, "button.primary")
    assert {"light": "#8a2f5c", "dark": "#f0a6cb"}[scheme] == ground
    assert contrast(ink, ground) >= 4.5
    assert not [url for url in asked if url.endswith("/brand.json")]
    image = "document.querySelector('header img')"
    assert [28, 28] == await page.evaluate(f"[{image}.width, {image}.height]")
    await page.goto(service.doctor)
    await page.wait_for_selector("main")
    assert f"{NAME} – médecins" == await page.title()


async def test_reading_about_the_service_costs_no_place(
    service: Addresses, window: tuple[Browser, Page]
) -> None:
    """The link at the foot of the waiting room opens another tab, and the patient stays first."""
    _, page = window
    patient = PatientOnPage(page, service.patient, CODE)
    await patient.waits()

    async with page.context.expect_page() as opened:
        await page.click(".information a[href='/confidentialite']")
    other = await opened.value
    await other.wait_for_selector("h1")

    assert other.url.endswith("/confidentialite")
    assert "#" not in other.url and not await other.evaluate("opener !== null || document.referrer")
    await other.close()
    assert "waiting" == await page.get_attribute("main", "data-state")
    assert "1" == await page.get_attribute("main", "data-place")


async def test_nothing_is_to_be_found_by_a_search(service: Addresses) -> None:
    """Whatever can be found says so in its headers, and no title or address names a doctor."""
    paths = ["/", "/doctor", "/brand.css", "/brand.json", "/brand-logo", "/robots.txt"]
    paths += [f"/{name}" for name in PAGES] + [f"/en/{name}" for name in PAGES]
    paths += ["/queues.json", "/unions.json", "/checked.json", "/not-there"]
    async with aiohttp.ClientSession() as session:
        for path in paths:
            async with session.get(f"{origin_of(service)}{path}") as answer:
                body = await answer.text()
                assert "nosniff" == answer.headers["X-Content-Type-Options"]
                assert "no-referrer" == answer.headers["Referrer-Policy"]
                if answer.content_type != "text/css":  # which nobody finds, and robots.txt closes
                    assert "noindex, nofollow, noarchive" == answer.headers["X-Robots-Tag"], path
                    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
                assert (404 if path == "/not-there" else 200) == answer.status, path
                if answer.content_type == "text/html":
                    assert "no-store" == answer.headers["Cache-Control"]
                    assert "og:" not in body and "Dr " not in body.partition("</head>")[0]
        async with session.get(f"{origin_of(service)}/robots.txt") as answer:
            assert "User-agent: *\nDisallow: /\n" == await answer.text()
