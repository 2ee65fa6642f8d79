"""Text and documents in the call: seen letter by letter, whole or not at all, and forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page

from deploy.demo import demonstration
from signaling.journal import Journal
from tests.system.company import company_of, makes_an_address
from tests.system.ends import (
    KEEP_CONNECTIONS,
    DoctorOnPage,
    HeadlessPatient,
    PatientOnPage,
    chromium,
    until,
)
from tests.system.test_pages import DOCTOR_CODE, PATIENT_CODE, STORED, Stage

GUEST_CODE = 0x6B12
MEGABYTE = 1_000_000
PDF = b"%PDF-1.7\n" + bytes(range(251)) * (3 * MEGABYTE // 251)

# Frames that a page sends to the server while it watches; a heartbeat is none of them.
KEEP_FRAMES = """
  window.__told = [];
  const Real = WebSocket;
  globalThis.WebSocket = class extends Real {
    send(data) {
      window.__told.push(String(data));
      super.send(data);
    }
  };
"""
# Every address that was made for something in memory, and each that was given back.
KEEP_ADDRESSES = """
  window.__addresses = new Set();
  const make = URL.createObjectURL.bind(URL);
  const give = URL.revokeObjectURL.bind(URL);
  URL.createObjectURL = (thing) => {
    const address = make(thing);
    window.__addresses.add(address);
    return address;
  };
  URL.revokeObjectURL = (address) => {
    window.__addresses.delete(address);
    give(address);
  };
"""


@asynccontextmanager
async def a_stage(folder: Path, *scripts: str) -> AsyncIterator[Stage]:
    """Two browsers in a call; at the end no page has complained."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(demonstration({"port": "0"}, Journal()))
        pages = []
        for code in (PATIENT_CODE, DOCTOR_CODE):
            _, page = await stack.enter_async_context(chromium(code, folder))
            for script in (KEEP_FRAMES, KEEP_ADDRESSES, *scripts):
                await page.add_init_script(script)
            pages.append(page)
        made = Stage(
            addresses,
            PatientOnPage(pages[0], addresses.patient, PATIENT_CODE),
            DoctorOnPage(pages[1], addresses.doctor, DOCTOR_CODE),
        )
        await made.meet()
        for page in pages:
            await page.click("#talk")
        yield made
        assert made.patient.complaints + made.doctor.complaints == []


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Two browsers in a call."""
    async with a_stage(tmp_path) as made:
        yield made


async def reads(page: Page, kind: str, text: str) -> None:
    """Wait until a line, or the one that is being written, says this and no more."""
    await page.wait_for_function(
        """([kind, text]) => [...document.querySelectorAll(`[data-testid=talk-${kind}] span`)]
             .some((line) => line.textContent === text)""",
        arg=[kind, text],
    )


async def test_each_letter_is_seen_before_the_line_is_finished(stage: Stage) -> None:
    """And so is each correction; a finished line stands once, at both ends."""
    patient, doctor = stage.patient.page, stage.doctor.page

    await patient.type("#talk-text", "J’ai mal a")
    await reads(doctor, "draft", "J’ai mal a")
    await patient.press("#talk-text", "Backspace")
    await reads(doctor, "draft", "J’ai mal ")
    await patient.type("#talk-text", "à la tête 🤕")
    await patient.press("#talk-text", "Enter")

    for page in (patient, doctor):
        await reads(page, "line", "J’ai mal à la tête 🤕")
        assert 1 == await page.locator("[data-testid=talk-line]").count()
    assert 0 == await doctor.locator("[data-testid=talk-draft]").count()
    # Whoever types on at once writes another line.
    await doctor.type("#talk-text", "Depuis")
    await doctor.press("#talk-text", "Enter")
    await doctor.type("#talk-text", "quand ?")
    await reads(patient, "line", "Depuis")
    await reads(patient, "draft", "quand ?")


async def offers(page: Page, content: bytes, name: str = "ordonnance.pdf") -> None:
    """Choose a file to send."""
    kind = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    await page.set_input_files("#paper-file", kind)  # type: ignore[arg-type]


async def paper_is(page: Page, state: str) -> None:
    await page.wait_for_selector(f"[data-testid=paper][data-is={state}]")


async def test_a_document_arrives_whole_and_is_saved_by_the_reader(stage: Stage) -> None:
    """Three megabytes, byte for byte, and nothing of them passes the server."""
    patient, doctor = stage.patient.page, stage.doctor.page
    for page in (patient, doctor):
        await page.evaluate("() => { window.__told.length = 0; }")

    await offers(doctor, PDF)
    await paper_is(patient, "offered")
    await patient.click("text=Accepter")
    await asyncio.gather(paper_is(patient, "done"), paper_is(doctor, "done"))
    async with patient.expect_download() as started:
        await patient.click("text=Enregistrer")
    download = await started.value

    assert "ordonnance.pdf" == download.suggested_filename
    assert PDF == await asyncio.to_thread((await download.path()).read_bytes)
    for page in (patient, doctor):
        told = await page.evaluate("() => window.__told.join(' ')")
        assert '"envelope"' not in told
        assert len(told) < 10_000


async def test_what_is_refused_or_cancelled_is_not_kept(stage: Stage) -> None:
    """By either end, and said at both."""
    patient, doctor = stage.patient.page, stage.doctor.page

    await offers(doctor, PDF)
    await paper_is(patient, "offered")
    await patient.click("text=Refuser")
    await asyncio.gather(paper_is(patient, "refused"), paper_is(doctor, "refused"))

    await offers(patient, PDF, "analyse.pdf")
    await paper_is(doctor, "offered")
    await patient.click("text=Annuler l’envoi")
    await asyncio.gather(paper_is(patient, "cancelled"), paper_is(doctor, "cancelled"))

    for page in (patient, doctor):
        assert 0 == await page.locator("text=Enregistrer").count()
        assert [] == await page.evaluate("() => [...window.__addresses]")


async def test_what_is_neither_pdf_nor_picture_is_not_even_proposed(stage: Stage) -> None:
    """By its first bytes, whatever its name; and what is too large is told before it is read."""
    patient, doctor = stage.patient.page, stage.doctor.page

    await offers(patient, b"MZ\x90\x00 a program", "photo.jpg")

    await patient.wait_for_selector("text=seuls les PDF et les images")
    assert 0 == await doctor.locator("[data-testid=paper]").count()


async def test_nothing_is_left_after_the_call(stage: Stage) -> None:
    """No line, no document, no address of one, nothing stored: also not of what was shown."""
    patient, doctor = stage.patient.page, stage.doctor.page
    await patient.type("#talk-text", "secret canari")
    await patient.press("#talk-text", "Enter")
    await offers(doctor, await doctor.screenshot(), "photo.png")
    await patient.click("text=Accepter")
    await paper_is(patient, "done")
    await patient.click("text=Afficher")
    await patient.wait_for_selector("dialog img")
    await patient.click("#picture-close")

    await patient.click("#hang-up")
    await asyncio.gather(stage.patient.is_over(), stage.doctor.is_over())

    for page in (patient, doctor):
        await until(lambda page=page: _is_empty(page), "an address is left")  # type: ignore[misc]
        assert "canari" not in await page.content()
        assert not any((await page.evaluate(STORED)).values())


async def _is_empty(page: Page) -> bool:
    left: list[str] = await page.evaluate("() => [...window.__addresses]")
    return left == []


# Of the documents' channel, as a path that breaks: after so many bytes nothing more leaves.
CUT_AFTER = """
  window.__cutAfter = Infinity;
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (data) {
    if (window.__cut === this) return;
    if (this.label === 'papers' && typeof data !== 'string') {
      window.__cutAfter -= data.byteLength;
      if (window.__cutAfter < 0) window.__cut ??= this;
    }
    if (window.__cut !== this) send.call(this, data);
  };
"""
# The browser says of its connection that it has failed, and goes on saying so.
BREAK = """() => {
  const connection = openConnections().at(-1);
  Object.defineProperty(connection, 'iceConnectionState', { get: () => 'failed' });
  connection.oniceconnectionstatechange();
}"""
# Where each document that is asked for is to begin.
KEEP_TAKES = """
  window.__takes = [];
  const say = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (data) {
    if (typeof data === 'string' && data.includes('"take"')) {
      window.__takes.push(JSON.parse(data).from);
    }
    say.call(this, data);
  };
"""


async def test_after_another_connection_all_goes_on_where_it_was(tmp_path: Path) -> None:
    """A document from the byte that the reader has, and a line that was never acknowledged."""
    async with a_stage(tmp_path, f"({KEEP_CONNECTIONS})()", CUT_AFTER, KEEP_TAKES) as stage:
        patient, doctor = stage.patient.page, stage.doctor.page
        await doctor.evaluate("() => { window.__cutAfter = 1_000_000; }")
        await offers(doctor, PDF)
        await paper_is(patient, "offered")
        await patient.click("text=Accepter")
        await doctor.wait_for_function("() => window.__cut !== undefined")
        await patient.type("#talk-text", "Toujours là ?")

        await doctor.evaluate(BREAK)
        await asyncio.gather(paper_is(patient, "done"), paper_is(doctor, "done"))

        first, again = await patient.evaluate("() => window.__takes")
        assert 0 == first < again < MEGABYTE
        await reads(doctor, "draft", "Toujours là ?")
        async with patient.expect_download() as started:
            await patient.click("text=Enregistrer")
        path = await (await started.value).path()
        assert PDF == await asyncio.to_thread(path.read_bytes)


async def test_who_loads_the_page_anew_sends_again_and_both_are_told(stage: Stage) -> None:
    """A page that was reloaded has the file no more; nothing waits for it without end."""
    patient, doctor = stage.patient.page, stage.doctor.page
    await offers(patient, PDF)
    await paper_is(doctor, "offered")

    await patient.reload()

    await paper_is(doctor, "lost")
    await doctor.wait_for_selector("text=Envoyez-le à nouveau")
    await patient.click("#talk")
    await offers(patient, PDF)
    await paper_is(doctor, "offered")


async def test_in_larger_company_a_line_goes_to_everybody_and_says_whose_it_is(
    tmp_path: Path,
) -> None:
    """A document goes to one: the doctor, where nobody else is chosen."""
    async with (
        company_of(tmp_path) as company,
        chromium(GUEST_CODE, tmp_path) as (_, page),
    ):
        await company.meet()
        guest = company.guest(page, await makes_an_address(company.doctor.page), GUEST_CODE)
        await guest.joins()
        pages = (company.patient.page, company.doctor.page, page)
        for one in pages:
            await one.click("#talk")
        await page.type("#talk-text", "Je traduis.")
        for one in pages[:2]:
            await reads(one, "draft", "Je traduis.")

        await page.press("#talk-text", "Enter")
        for one in pages:
            await reads(one, "line", "Je traduis.")
        await offers(company.patient.page, PDF)
        await paper_is(company.doctor.page, "offered")

        lines = [await one.text_content("[data-testid=talk-line] b") for one in pages]
        assert ["un accompagnant", "un accompagnant", "Vous"] == lines
        assert 0 == await page.locator("[data-testid=paper]").count()


async def test_a_far_end_that_reads_nothing_gets_no_button(tmp_path: Path) -> None:
    """An older page, or a peer without a screen: a sentence says why, and the call goes on."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(demonstration({"port": "0"}, Journal()))
        _, page = await stack.enter_async_context(chromium(DOCTOR_CODE, tmp_path))
        patient = HeadlessPatient(addresses.patient, PATIENT_CODE)
        stack.push_async_callback(patient.peer.close)
        doctor = DoctorOnPage(page, addresses.doctor, DOCTOR_CODE)
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.accepts()
        await doctor.sees(PATIENT_CODE)

        await page.wait_for_selector("text=ne permet ni messages écrits ni documents")

        assert 0 == await page.locator("#talk").count()
        assert doctor.complaints == []
