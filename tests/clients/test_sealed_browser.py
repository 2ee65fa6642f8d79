"""The pages' seal in real browsers, under the pages' own policy, against the headless peer's."""

import json
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import async_playwright

from clients.peer.channel import Channel
from clients.peer.sealed_letters import Link
from signaling.encoding import decode, encode
from signaling.pages import HEADERS, read_pages
from tests.clients.authenticator import AUTHENTICATORS, Authenticator
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    NOW,
    OFFER,
    TODAY,
    UNION,
    Doctor,
    Impostor,
    Patient,
    Union,
    answered,
    code_of,
    flipped,
    key,
    personal,
    pool,
    public,
    seed,
    written,
)
from tests.firefox import FIREFOX, firefox
from tests.house.tree import ROOT
from tests.system.ends import CHROMIUM, FLAGS

# Engine, and who does the arithmetic of X-Wing in it.
ENGINES = (("chromium", "native"), ("chromium", "library"), ("firefox", "library"))
CALL = "(text) => globalThis.seal(text)"


class Refusal(Exception):
    """What the page refused."""


@dataclass
class Sealer:
    """The built module in a page."""

    call: Callable[[str], Awaitable[str]]

    async def __call__(self, name: str, *words: object) -> Any:
        answer = json.loads(await self.call(json.dumps([name, *words])))
        if "refused" in answer:
            raise Refusal(answer["refused"])
        assert "value" in answer, answer
        return answer["value"]

    async def code(self, name: str, *words: object) -> str | None:
        try:
            await self(name, *words)
        except Refusal as refusal:
            return str(refusal)
        return None


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module as Vite builds it for the pages, and a page around it, in a folder of its own."""
    folder = tmp_path_factory.mktemp("seal")
    command = ["run", "--silent", "build:test-entry", "--", "--outDir", str(folder)]
    done = subprocess.run(
        ["python3", str(ROOT / "deploy" / "bootstrap.py"), "npm", *command],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@asynccontextmanager
async def served(folder: Path, before: str | None = None) -> AsyncIterator[str]:
    """The page, with exactly the headers of the pages; a script may run before it."""
    pages = read_pages(folder)

    async def serve(request: web.Request) -> web.Response:
        page = pages.get(request.path)
        if before is not None and request.path == "/before.js":
            headers = {**HEADERS, "Content-Type": "text/javascript"}
            return web.Response(text=before, headers=headers)
        if page is None:
            raise web.HTTPNotFound(headers=HEADERS)
        body = page.body
        if before is not None and request.path == "/":
            body = body.replace(b"<head>", b'<head><script src="/before.js"></script>')
        return web.Response(body=body, headers={**HEADERS, "Content-Type": page.content_type})

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://localhost:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def sealer(
    engine: str, prefer: str, folder: Path, before: str | None = None
) -> AsyncIterator[Sealer]:
    """The module in this browser, with HPKE loaded; a page that broke its policy fails."""
    async with served(folder, before) as url:
        if engine == "firefox":
            assert FIREFOX is not None, "`make test` installs firefox-esr, or says how"
            async with firefox() as page:
                await page.open(url)
                yield await loaded(lambda text: page.call(CALL, text), prefer)
            return
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
            try:
                tab = await browser.new_page()
                complaints: list[str] = []
                tab.on("console", lambda said: complaints.append(said.text))
                tab.on("pageerror", lambda error: complaints.append(str(error)))
                await tab.goto(url)
                yield await loaded(lambda text: tab.evaluate(CALL, text), prefer)
                assert complaints == []
            finally:
                await browser.close()


async def loaded(call: Callable[[str], Awaitable[str]], prefer: str) -> Sealer:
    made = Sealer(call)
    has = await made("load", prefer)
    assert has["isNative"] == (prefer == "native")
    return made


@pytest.fixture(params=ENGINES, ids="-".join)
async def page(request: pytest.FixtureRequest, built: Path) -> AsyncIterator[Sealer]:
    engine, prefer = request.param
    async with sealer(engine, prefer, built) as made:
        yield made
        assert await made("violations") == []


def unions(*trusted: Union) -> list[dict[str, str]]:
    return [
        {"name": union.name, "audience": union.audience, "root": encode(union.trusted.root)}
        for union in trusted or (UNION,)
    ]


def link_words(link: Link) -> dict[str, str | None]:
    return {
        "token": link.token,
        "holderSeed": encode(link.holder_seed),
        "psk": None if link.psk is None else encode(link.psk),
        "handle": None if link.handle is None else encode(link.handle),
    }


async def start_doctor(page: Sealer, link: Link, by: Authenticator | None = None) -> None:
    doctor = Doctor(authenticator=by)
    papers = {
        "deviceSeed": encode(seed("doctor")),
        "identity": doctor.papers.identity,
        "list": doctor.papers.revocations,
        "psk": None if link.psk is None else encode(link.psk),
        "passkey": written(doctor.papers.passkey),
    }
    await page("startDoctor", papers)


async def talk(page: Sealer, peer: Channel) -> None:
    """Each reads what the other says, in order, and both see the same two certificates."""
    mine, its = seed("peer's certificate"), seed("page's certificate")
    for text in ("", "à l’accueil 🩺", "x" * 16383):
        assert peer.read(decode(await page("seal", text))) == text
        assert await page("open", encode(peer.write(text))) == text
    proof = await page("certificateMac", encode(its), encode(mine))
    peer.check_dtls(decode(proof), mine, its)
    proof = encode(peer.dtls_proof(mine, its))
    await page("checkCertificateMac", proof, encode(its), encode(mine))


async def test_the_vectors_come_out_as_frozen(page: Sealer) -> None:
    """Every run is held and every bad message refused, byte by byte, in a real browser."""
    assert [] == await page("vectors")


async def test_pages_and_headless_peers_agree(page: Sealer) -> None:
    """Both roles on both kinds of link, with the browser's own offer: the same digits and words."""
    for link in (personal(), pool()):
        await page_meets_doctor(page, link)
        await page_meets_patient(page, link)


async def test_pages_and_headless_peers_agree_on_a_gesture(page: Sealer) -> None:
    """With either algorithm, and the page refuses what the union did not ask for or lacks."""
    for by in AUTHENTICATORS:
        await page_meets_doctor(page, pool(), by)
        await page_meets_patient(page, pool(), by)

    gesture = written(AUTHENTICATORS[0].asserts(TODAY, public(key("doctor"))))
    named = UNION.identity(key("doctor"), passkey=AUTHENTICATORS[0].jwk)
    for fields in ({"passkey": gesture}, {"identity": named}):
        m1 = decode(await page("startPatient", link_words(personal())))
        m2 = encode(Impostor().m2(m1, **fields))
        assert "passkey" == await page.code("read", m2, unions(), NOW)


async def page_meets_doctor(page: Sealer, link: Link, by: Authenticator | None = None) -> None:
    doctor = Doctor(authenticator=by).handshake()
    offer = await page("describe")

    m2 = answered(doctor, decode(await page("startPatient", link_words(link))), offer)
    proposal = await page("read", encode(m2), unions(), NOW)
    accepted = await page("accept", ANSWER)
    confirmed = doctor.confirm(decode(accepted["m3"]))
    await page("confirmM4", encode(confirmed.m4))

    assert proposal["digits"] == confirmed.digits
    assert proposal["offer"] == offer
    assert proposal["card"]["name"] == "Dr Camille Roux"
    assert confirmed.answer == ANSWER
    assert decode(accepted["resume"]) == confirmed.channel.resume
    await talk(page, confirmed.channel)


async def page_meets_patient(page: Sealer, link: Link, by: Authenticator | None = None) -> None:
    patient = Patient(link).handshake()
    offer = await page("describe")

    await start_doctor(page, link, by)
    m2 = decode(await page("answer", encode(patient.m1), CONNECTION, offer))
    proposal = patient.read(m2)
    accepted = patient.accept(True, ANSWER)
    confirmed = await page("confirmM3", encode(accepted.m3))
    channel = patient.confirm(decode(confirmed["m4"]))

    assert proposal.digits == confirmed["digits"]
    assert proposal.offer == offer
    assert confirmed["answer"] == ANSWER
    assert decode(confirmed["resume"]) == accepted.resume
    await talk(page, channel)


@pytest.mark.parametrize("page", ENGINES[:2], ids="-".join, indirect=True)
async def test_what_somebody_in_between_changed_is_refused(page: Sealer) -> None:
    """A bit is enough, on either way, and so is a union that the page does not trust."""
    link, doctor = personal(), Doctor().handshake()
    m2 = answered(doctor, decode(await page("startPatient", link_words(link))))
    assert "sealed" == await page.code("read", encode(flipped(m2, -1)), unions(), NOW)
    assert "twice" == await page.code("read", encode(m2), unions(), NOW)

    doctor = Doctor().handshake()
    m2 = answered(doctor, decode(await page("startPatient", link_words(link))))
    foreign = Union("another union")
    assert "identity" == await page.code("read", encode(m2), unions(foreign), NOW)

    doctor = Doctor().handshake()
    m2 = answered(doctor, decode(await page("startPatient", link_words(link))))
    await page("read", encode(m2), unions(), NOW)
    m3 = decode((await page("accept", ANSWER))["m3"])
    assert "confirmation" == code_of(doctor.confirm, flipped(m3, -1))

    patient = Patient(link).handshake()
    await start_doctor(page, link)
    changed = encode(flipped(patient.m1, 5))
    assert "signature" == await page.code("answer", changed, CONNECTION, OFFER)


@pytest.mark.parametrize("page", ENGINES[:1], ids="-".join, indirect=True)
async def test_private_keys_stay_in_the_browser(page: Sealer) -> None:
    """Where the browser has X-Wing, not even the page reads a private key."""
    assert await page("isExtractable") is False
