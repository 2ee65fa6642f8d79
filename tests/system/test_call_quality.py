"""The call as both see it: how good it is, the voice first, sound alone, and what is veiled."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from deploy.demo import demonstration
from signaling.journal import Journal
from tests.system.ends import KEEP_CONNECTIONS, DoctorOnPage, PatientOnPage, chromium, until
from tests.system.test_pages import Stage

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6

# What the network would do, put into what the browser counts: nothing here can make it truly weak
# for one of two browsers on one machine. `globalThis.network` holds what is to be counted instead.
WEAK_WHEN_TOLD = """() => {
  const Real = globalThis.RTCPeerConnection;
  globalThis.network = null;
  const counted = Real.prototype.getStats;
  Real.prototype.getStats = async function (...given) {
    const report = await counted.apply(this, given);
    if (globalThis.network === null) return report;
    return new Map([...report].map(([id, stats]) =>
      [id, { ...stats, ...(globalThis.network[stats.type] ?? {}) }]));
  };
}"""

NARROW = "network = { 'candidate-pair': { availableOutgoingBitrate: 20000 } }"
WIDE = "network = null"
# A machine that is busy elsewhere stutters: what a good network would have counted.
GOOD = """network = {
  'candidate-pair': { availableOutgoingBitrate: 3000000, currentRoundTripTime: 0.02 },
  'inbound-rtp': { packetsLost: 0, jitter: 0.005, concealedSamples: 0, totalFreezesDuration: 0 },
  'remote-inbound-rtp': { packetsLost: 0, jitter: 0.005, roundTripTime: 0.02 },
}"""

# Of the connection that runs: what its senders were told.
SENDERS = """() => globalThis.openConnections().at(-1).getSenders().map((sender) => {
  const [encoding] = sender.getParameters().encodings;
  return { kind: sender.track?.kind ?? null, ...encoding };
})"""

# Bytes of a packet of our own voice, on average over the time between two calls.
VOICE = """async () => {
  const all = [...(await globalThis.openConnections().at(-1).getStats()).values()];
  const { bytesSent, packetsSent } =
    all.find(({ type, kind }) => type === 'outbound-rtp' && kind === 'audio');
  const before = globalThis.voice ?? { bytesSent: 0, packetsSent: 0 };
  globalThis.voice = { bytesSent, packetsSent };
  const packets = packetsSent - before.packetsSent;
  return { packets, bytes: (bytesSent - before.bytesSent) / packets };
}"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Two browsers whose network can be told to be weak; at the end no page has complained."""
    async with AsyncExitStack() as stack:
        addresses = await stack.enter_async_context(demonstration({"port": "0"}, Journal()))
        _, patient = await stack.enter_async_context(chromium(PATIENT_CODE, tmp_path))
        _, doctor = await stack.enter_async_context(chromium(DOCTOR_CODE, tmp_path))
        for page in (patient, doctor):
            await page.add_init_script(f"({WEAK_WHEN_TOLD})(); ({KEEP_CONNECTIONS})()")
        made = Stage(
            addresses,
            PatientOnPage(patient, addresses.patient, PATIENT_CODE),
            DoctorOnPage(doctor, addresses.doctor, DOCTOR_CODE),
        )
        yield made
        assert made.patient.complaints + made.doctor.complaints == []


async def says(page: Page, test_id: str, words: str) -> None:
    """Wait until this part of the page says that."""
    await page.get_by_test_id(test_id).filter(has_text=words).wait_for(timeout=20_000)


async def sent(page: Page, kind: str) -> dict[str, Any]:
    """What the sender of this kind was told."""
    senders: list[dict[str, Any]] = await page.evaluate(SENDERS)
    return next((one for one in senders if one["kind"] == kind), {})


async def test_a_good_call_says_so_and_puts_the_voice_first(stage: Stage) -> None:
    """A word on the picture, numbers with units behind it, and priorities at both ends."""
    await stage.meet()
    for one in (stage.patient.page, stage.doctor.page):
        await one.evaluate(GOOD)

    page = stage.patient.page
    await page.get_by_test_id("quality").click()

    await says(page, "incoming", "Bonne")
    await page.get_by_text("Les chiffres").click()
    numbers = await page.inner_text(".quality .panel")
    for unit in ("%", "ms", "kbit/s"):
        assert unit in numbers
    for one in (page, stage.doctor.page):
        assert (await sent(one, "audio"))["priority"] == "high"
        assert (await sent(one, "video"))["priority"] == "low"
        await until(partial(_has, one, "video", 1_500_000), "the picture stays small", 40)


async def test_a_narrow_network_keeps_the_voice_and_gives_the_picture_back(stage: Stage) -> None:
    """The picture shrinks step by step to nothing, is said so, and comes back by itself."""
    await stage.meet()
    page = stage.patient.page

    await page.evaluate(NARROW)

    await says(page, "voice", "votre image s’arrête pour garder la voix")
    await until(lambda: _is_active(page, "video", False), "the picture is still sent")
    assert await _is_active(page, "audio", True)
    await says(page, "quality", "Faible")
    await page.evaluate(WIDE)
    await until(lambda: _is_active(page, "video", True), "the picture does not come back")
    await stage.see_each_other()


async def test_sound_alone_needs_a_click_of_both_and_either_goes_back(stage: Stage) -> None:
    """Asked, agreed, labelled at both ends; a camera comes back on by its own person's click."""
    await stage.meet()
    patient, doctor = stage.patient.page, stage.doctor.page
    await doctor.get_by_test_id("more").click()
    await stage.doctor.clicks("propose-audio")
    await patient.wait_for_selector("#agree-audio")
    assert await doctor.inner_text("[data-testid=audio-label]") == ""
    assert (await sent(doctor, "video"))["kind"] == "video"

    await stage.patient.clicks("agree-audio")

    for page in (patient, doctor):
        await says(page, "audio-label", "Échange audio, non remboursable en principe")
        await until(partial(_sends_no, page, "video"), "a picture is still sent")
    await stage.doctor.hears(PATIENT_CODE)
    await stage.doctor.clicks("back-to-video")
    await says(patient, "voice", "Votre caméra est restée coupée")
    await stage.patient.sees(DOCTOR_CODE)
    assert await patient.get_attribute("#camera", "aria-pressed") == "true"
    await stage.patient.clicks("light-again")
    await stage.doctor.sees(PATIENT_CODE)


async def test_a_proposal_that_is_refused_changes_nothing(stage: Stage) -> None:
    """Who asked is told, and both pictures go on."""
    await stage.meet()
    await stage.patient.page.get_by_test_id("more").click()
    await stage.patient.clicks("propose-audio")

    await stage.doctor.clicks("refuse-audio")

    await says(stage.patient.page, "voice", "préfère garder l’image")
    await stage.see_each_other()


async def test_a_patients_picture_is_veiled_until_the_doctor_wants_it(stage: Stage) -> None:
    """Blurred and under a sheet, also in full screen; lifted and put back by click and by key."""
    await stage.meet()
    doctor, patient = stage.doctor.page, stage.patient.page
    await says(patient, "voice", "ne voit pas encore votre image nettement")
    assert await _blur(doctor) >= 36
    await stage.doctor.clicks("full")
    await doctor.wait_for_function("() => document.fullscreenElement !== null")
    assert await _blur(doctor) >= 36
    await stage.doctor.clicks("full")

    await stage.doctor.clicks("lift")

    await doctor.wait_for_selector("[data-testid=veil]", state="detached")
    assert await _blur(doctor) == 0
    await patient.wait_for_selector("[data-testid=voice]:empty", state="attached")
    await doctor.keyboard.press("Control+i")
    await doctor.wait_for_selector("[data-testid=veil]")
    assert await _blur(doctor) >= 36
    await doctor.keyboard.press("Control+i")
    await doctor.wait_for_selector("[data-testid=veil]", state="detached")
    assert await _blur(patient) == 0


async def test_what_is_veiled_does_not_float_over_other_windows(stage: Stage) -> None:
    """A window of its own would show the bare picture: it is refused, and closed at once."""
    await stage.meet()
    doctor = stage.doctor.page
    asked = "document.querySelector('#far').requestPictureInPicture().then(() => 'floats', String)"
    floats = "document.pictureInPictureElement?.id ?? null"

    assert await doctor.locator("#float").count() == 0
    assert "InvalidStateError" in await doctor.evaluate(asked)

    await stage.doctor.clicks("lift")
    await stage.doctor.clicks("float")
    await doctor.wait_for_function(f"() => ({floats}) === 'far'")
    await stage.doctor.clicks("lower")
    await doctor.wait_for_function(f"() => ({floats}) === null")
    assert "InvalidStateError" in await doctor.evaluate(asked)


async def test_a_camera_that_is_off_is_said_and_is_no_fault(stage: Stage) -> None:
    """The far end's own word tells a dark picture from a lost one, and goes when it is back."""
    await stage.meet()
    doctor = stage.doctor.page
    await stage.doctor.clicks("lift")

    await stage.patient.clicks("camera")
    await says(doctor, "voice", "L’autre personne a coupé sa caméra.")
    await doctor.wait_for_selector(".over-picture >> text=Caméra coupée")
    await stage.patient.clicks("mute")
    await says(doctor, "voice", "a coupé sa caméra et son micro")

    await stage.patient.clicks("camera")
    await stage.patient.clicks("mute")
    await doctor.wait_for_selector(".over-picture", state="detached")
    await stage.doctor.sees(PATIENT_CODE)


async def test_a_reload_brings_the_veil_and_the_words_back(stage: Stage) -> None:
    """A page anew knows of no lifting, and hears again what the far end does."""
    await stage.meet()
    await stage.doctor.clicks("lift")
    await stage.patient.clicks("mute")
    await says(stage.doctor.page, "voice", "a coupé son micro")

    await stage.doctor.page.reload()

    await stage.doctor.is_at("session")
    await stage.doctor.page.wait_for_selector("[data-testid=veil]")
    await says(stage.doctor.page, "voice", "a coupé son micro")


async def test_a_voice_and_a_silence_look_the_same_on_the_way(stage: Stage) -> None:
    """At one pace and of one size: nobody on the way reads who speaks (RFC 6562)."""
    await stage.meet()
    page = stage.patient.page
    await page.evaluate(GOOD)
    await until(lambda: _has(page, "audio", 40_000), "the voice does not get its full rate", 40)
    await page.evaluate(VOICE)
    await _over_a_hundred_packets(page)
    voice = await _over_a_hundred_packets(page)

    await stage.patient.clicks("mute")
    await _over_a_hundred_packets(page)
    silence = await _over_a_hundred_packets(page)

    assert abs(voice - silence) < 2


async def _over_a_hundred_packets(page: Page) -> float:
    """Return the mean size of as many packets of voice: two seconds of it."""
    before = await page.evaluate("globalThis.voice.packetsSent")
    count = (
        "[...(await globalThis.openConnections().at(-1).getStats()).values()]"
        ".find(({ type, kind }) => type === 'outbound-rtp' && kind === 'audio').packetsSent"
    )

    async def holds() -> bool:
        return bool(await page.evaluate(f"(async () => {count} >= {before} + 100)()"))

    await until(holds, "no voice is sent in this silence")
    return float((await page.evaluate(VOICE))["bytes"])


async def _is_active(page: Page, kind: str, is_active: bool) -> bool:
    return (await sent(page, kind)).get("active") is is_active


async def _has(page: Page, kind: str, max_bps: int) -> bool:
    return (await sent(page, kind)).get("maxBitrate") == max_bps


async def _sends_no(page: Page, kind: str) -> bool:
    return await sent(page, kind) == {}


async def _blur(page: Page) -> float:
    """Return the far picture's blur, in pixels."""
    found = await page.evaluate(
        "/blur\\(([\\d.]+)px/.exec(getComputedStyle(document.querySelector('#far')).filter)?.[1]"
        " ?? 0"
    )
    return float(found)
