"""Camera, microphone and loudspeaker: faults before a call, and changes while it runs.

Faults come from the browser where it can be told to have them, and else from a page's own
`getUserMedia`, which rejects as browsers do.
"""

import json
import wave
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Page

from clients.peer.pattern import cells_of
from deploy.demo import Addresses, demonstration
from signaling.journal import Journal
from tests.system.ends import DoctorOnPage, PatientOnPage, chromium, until

PATIENT_CODE, DOCTOR_CODE, OTHER_CODE, SCREEN_CODE = 0x5A31, 0xC3E6, 0x16B4, 0x7D92

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
        await comes_to_the_check(patient)
        yield patient
        assert [] == patient.complaints


async def comes_to_the_check(patient: PatientOnPage[Page]) -> None:
    """Agree, and say nothing of oneself."""
    await patient.page.goto(patient.url)
    await patient.clicks("consent")
    await patient.clicks("about-ready")


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


async def test_a_person_who_said_no_is_not_asked_again_by_itself(
    addresses: Addresses, tmp_path: Path
) -> None:
    """One question, one no: the next question is the person's to want."""
    async with checking(addresses, tmp_path, {"audio": DENIED, "video": DENIED}) as patient:
        await is_told(patient, "denied")

        assert ["audio+video"] == await patient.page.evaluate("() => globalThis.asked")


async def test_what_is_mended_works_at_the_next_try(addresses: Addresses, tmp_path: Path) -> None:
    """The other application was closed: one tap, and the check is over."""
    async with checking(addresses, tmp_path, {"video": BUSY}, may="granted") as patient:
        await is_told(patient, "camera-busy")

        await patient.page.evaluate("() => { globalThis.refuse = {}; }")
        await patient.clicks("devices-again")

        await enters(patient)


async def test_a_silent_microphone_is_told_and_keeps_nobody_out(
    addresses: Addresses, tmp_path: Path
) -> None:
    """Where nothing at all is heard the page says so, and a tap goes on all the same."""
    silence = tmp_path / "silence.wav"
    with wave.open(str(silence), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(2 * 48_000))
    flag = f"--use-file-for-fake-audio-capture={silence}"
    async with checking(addresses, tmp_path, {}, flag) as patient:
        await is_told(patient, "silent")

        await patient.clicks("devices-anyway")

        await enters(patient)


async def test_a_black_picture_is_told(addresses: Addresses, tmp_path: Path) -> None:
    """A cover before the lens is no fault of the browser's, and nothing else tells."""
    film = tmp_path / "black.y4m"
    picture = bytes([16]) * (640 * 480) + bytes([128]) * (640 * 480 // 2)
    film.write_bytes(b"YUV4MPEG2 W640 H480 F15:1 Ip A1:1 C420jpeg\nFRAME\n" + picture)
    flag = f"--use-file-for-fake-video-capture={film}"

    async with checking(addresses, tmp_path, {}, flag) as patient:
        await is_told(patient, "camera-dark")


async def test_the_test_sound_asks_whether_it_was_heard(
    addresses: Addresses, tmp_path: Path
) -> None:
    """Nothing else can know: a no is answered with what to do."""
    async with checking(addresses, tmp_path, {"video": MISSING}) as patient:
        await is_told(patient, "camera-missing")
        await patient.page.click("[data-testid=choose-devices]")

        await patient.clicks("test-sound")
        await patient.clicks("sound-not-heard")

        await patient.page.wait_for_selector("[data-answer=not-heard]")


async def test_in_another_application_the_link_leads_out_whole(
    addresses: Addresses, tmp_path: Path
) -> None:
    """On Android by one tap, with the fragment; the browser opened so is the same patient's."""
    agent = "Mozilla/5.0 (Linux; Android 14; Pixel; wv) Chrome/140 Mobile Instagram 300.0"
    async with chromium(PATIENT_CODE, tmp_path, user_agent=agent) as (_, page):
        await page.add_init_script(f"({FAULTY})({{'audio': {BUSY}, 'video': {BUSY}}}, 'prompt')")
        await comes_to_the_check(PatientOnPage(page, addresses.patient, PATIENT_CODE))

        way = await page.get_attribute("[data-testid=open-in-browser]", "href")

        address = await page.evaluate("() => location.href")
        assert way is not None
        link, _, rest = way.rpartition("#Intent;")
        assert address == link.replace("intent:", "http:", 1)
        assert "scheme=http" in rest.split(";")


# --- in the call ------------------------------------------------------------------------

# Another camera and a screen, drawn here: real tracks, of pictures that no fake device has.
OTHERS = """(camera, screen) => {
  const devices = navigator.mediaDevices;
  const [real, list] = [devices.getUserMedia.bind(devices), devices.enumerateDevices.bind(devices)];
  const shows = (cells) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [640, 480];
    const context = canvas.getContext('2d', { alpha: false });
    let n = 0;
    const draw = () => {
      context.fillStyle = 'rgb(24, 24, 24)';
      context.fillRect(0, 0, 640, 480);
      cells.forEach((row, y) => row.forEach((value, x) => {
        context.fillStyle = `rgb(${value}, ${value}, ${value})`;
        context.fillRect(164 + 39 * x, 84 + 39 * y, 39, 39);
      }));
      context.fillStyle = 'rgb(72, 72, 72)';
      context.fillRect((16 * n++) % 624, 464, 16, 16);
    };
    setInterval(draw, 66);
    return canvas.captureStream(15);
  };
  globalThis.isUnplugged = false;
  devices.enumerateDevices = async () => [
    ...(await list()).filter(({ kind }) => kind !== 'videoinput' || !globalThis.isUnplugged),
    { kind: 'videoinput', deviceId: 'second', label: 'Second camera', groupId: '' },
  ];
  devices.getUserMedia = async (wanted) => {
    const isOther = wanted.video && (globalThis.isUnplugged
      || wanted.video.deviceId?.ideal === 'second');
    if (!isOther) return real(wanted);
    const stream = shows(camera);
    const [track] = stream.getVideoTracks();
    track.getSettings = () => ({ deviceId: 'second' });
    if (wanted.audio)
      (await real({ audio: true })).getTracks().forEach((one) => stream.addTrack(one));
    return stream;
  };
  devices.getDisplayMedia = async () => {
    const stream = shows(screen);
    globalThis.screenTrack = stream.getVideoTracks()[0];
    return stream;
  };
}"""


@dataclass
class Call:
    """A patient with two cameras and a screen to share, and a doctor, who see each other."""

    patient: PatientOnPage[Page]
    doctor: DoctorOnPage[Page]


@asynccontextmanager
async def waiting(
    addresses: Addresses, folder: Path, script: str
) -> AsyncIterator[tuple[PatientOnPage[Page], DoctorOnPage[Page]]]:
    """A patient in the check, in whose page a script runs first, and a doctor on duty."""
    async with AsyncExitStack() as stack:
        _, page = await stack.enter_async_context(chromium(PATIENT_CODE, folder))
        _, theirs = await stack.enter_async_context(chromium(DOCTOR_CODE, folder))
        await page.add_init_script(script)
        patient = PatientOnPage(page, addresses.patient, PATIENT_CODE)
        doctor = DoctorOnPage(theirs, addresses.doctor, DOCTOR_CODE)
        await doctor.goes_on_duty()
        await comes_to_the_check(patient)
        yield patient, doctor
        assert [] == patient.complaints + doctor.complaints


async def enters(patient: PatientOnPage[Page]) -> None:
    """Once the devices work the page goes on by itself."""
    await patient.is_at("waiting")


async def meet(patient: PatientOnPage[Page], doctor: DoctorOnPage[Page]) -> None:
    await enters(patient)
    await doctor.calls_next()
    await patient.accepts()
    await patient.sees(DOCTOR_CODE)


@pytest.fixture
async def call(addresses: Addresses, tmp_path: Path) -> AsyncIterator[Call]:
    pictures = [cells_of(code).tolist() for code in (OTHER_CODE, SCREEN_CODE)]
    script = f"({OTHERS})(...{json.dumps(pictures)})"
    async with waiting(addresses, tmp_path, script) as (patient, doctor):
        await meet(patient, doctor)
        await doctor.sees(PATIENT_CODE)
        yield Call(patient, doctor)


async def test_another_camera_is_seen_at_once(call: Call) -> None:
    """Picked in the call, without a new offer: the far end sees the other picture."""
    page = call.patient.page
    await page.click("[data-testid=more]")

    await page.select_option("#pick-camera", "second")

    await call.doctor.sees(OTHER_CODE)


async def test_the_screen_is_shared_and_the_camera_comes_back(call: Call) -> None:
    """The far end sees the screen, then the camera again; a mute stays as it was."""
    page = call.patient.page
    await call.patient.clicks("mute")
    await page.click("[data-testid=more]")

    await call.patient.clicks("share-screen")

    await call.doctor.sees(SCREEN_CODE)
    await page.wait_for_selector("[data-sharing]")
    assert "true" == await page.get_attribute("#mute", "aria-pressed")

    await call.patient.clicks("stop-sharing")

    await call.doctor.sees(PATIENT_CODE)
    assert "true" == await page.get_attribute("#mute", "aria-pressed")


async def test_a_doctors_shared_screen_is_not_for_the_next_patient(
    addresses: Addresses, tmp_path: Path
) -> None:
    """The doctor shares, hangs up and calls: the next patient gets the camera."""
    pictures = [cells_of(code).tolist() for code in (OTHER_CODE, SCREEN_CODE)]
    async with (
        waiting(addresses, tmp_path, "") as (patient, doctor),
        chromium(OTHER_CODE, tmp_path) as (_, page),
    ):
        await doctor.page.evaluate(f"() => ({OTHERS})(...{json.dumps(pictures)})")
        await meet(patient, doctor)
        await doctor.clicks("share-screen")
        await patient.sees(SCREEN_CODE)

        await doctor.hangs_up()
        await doctor.is_over()
        following = PatientOnPage(page, addresses.own, OTHER_CODE)
        await following.waits()
        await meet(following, doctor)

        await doctor.page.wait_for_selector("[data-sharing]", state="detached")
        assert "ended" == await doctor.page.evaluate("() => globalThis.screenTrack.readyState")
        assert [] == following.complaints


async def test_the_browsers_own_bar_ends_the_sharing_too(call: Call) -> None:
    """The track ends, the camera is back, and the page no longer says that it shares."""
    page = call.patient.page
    await page.click("[data-testid=more]")
    await call.patient.clicks("share-screen")
    await call.doctor.sees(SCREEN_CODE)

    await page.evaluate("() => globalThis.screenTrack.dispatchEvent(new Event('ended'))")

    await call.doctor.sees(PATIENT_CODE)
    await page.wait_for_selector("[data-sharing]", state="detached")


async def test_an_unplugged_camera_is_replaced_by_the_other(call: Call) -> None:
    """By itself, and the page says so in a line."""
    page = call.patient.page

    await page.evaluate(
        """() => {
          globalThis.isUnplugged = true;
          const [track] = document.querySelector('#self').srcObject.getVideoTracks();
          track.stop();
          track.dispatchEvent(new Event('ended'));
        }"""
    )

    await call.doctor.sees(OTHER_CODE)
    await page.wait_for_selector("[data-own=camera-other]")


async def test_a_telephone_call_pauses_the_microphone_and_gives_it_back(call: Call) -> None:
    """The page says so, and that it is back; nobody has to do anything."""
    page = call.patient.page
    told = """(kind) => document.querySelector('#self').srcObject.getAudioTracks()[0]
      .dispatchEvent(new Event(kind))"""

    await page.evaluate(told, "mute")
    await page.wait_for_selector("[data-own=microphone-paused]")

    await page.evaluate(told, "unmute")
    await page.wait_for_selector("[data-own=microphone-back]")


async def test_a_lost_microphone_comes_back_when_it_is_plugged_in(call: Call) -> None:
    """There is no other: the page says so, waits for it, and is heard again."""
    page = call.patient.page
    await page.evaluate(
        """() => {
          const devices = navigator.mediaDevices;
          const list = devices.enumerateDevices.bind(devices);
          globalThis.isDeaf = true;
          devices.enumerateDevices = async () =>
            (await list()).filter(({ kind }) => kind !== 'audioinput' || !globalThis.isDeaf);
          const [track] = document.querySelector('#self').srcObject.getAudioTracks();
          track.stop();
          track.dispatchEvent(new Event('ended'));
        }"""
    )
    await page.wait_for_selector("[data-own=microphone-gone]")

    await page.evaluate(
        """() => {
          globalThis.isDeaf = false;
          navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
        }"""
    )

    await page.wait_for_selector("[data-own=microphone-back]")
    await call.doctor.hears(PATIENT_CODE)


async def test_who_has_no_camera_is_heard(addresses: Addresses, tmp_path: Path) -> None:
    """With sound alone the call is a call, and the camera is not asked for again."""
    script = f"({FAULTY})({ {'video': MISSING}!r}, 'prompt')"
    async with waiting(addresses, tmp_path, script) as (patient, doctor):
        await is_told(patient, "camera-missing")
        await patient.clicks("sound-only")
        asked = await patient.page.evaluate("() => globalThis.asked.length")

        await meet(patient, doctor)

        await doctor.hears(PATIENT_CODE)
        assert asked == await patient.page.evaluate("() => globalThis.asked.length")


async def test_who_has_no_device_sees_and_hears_in_writing(
    addresses: Addresses, tmp_path: Path
) -> None:
    """Without a single track of one's own the call comes about, and the far end is seen."""
    script = f"({FAULTY})({ {'audio': MISSING, 'video': MISSING}!r}, 'prompt')"
    async with waiting(addresses, tmp_path, script) as (patient, doctor):
        await is_told(patient, "missing")
        await patient.clicks("text-only")

        await meet(patient, doctor)

        await patient.hears(DOCTOR_CODE)
        await until(lambda: is_live(doctor.page), "the doctor's page is not in a live call")


async def is_live(page: Page) -> bool:
    return await page.query_selector(".call[data-flow=live]") is not None
