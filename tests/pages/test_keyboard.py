"""Whoever has a keyboard and no pointer comes as far as everybody else, and sees where he is."""

from pathlib import Path

from playwright.async_api import Page

from tests.pages.checks import DESKTOP, measures
from tests.pages.scene import Scene, scene
from tests.system.ends import SETTLED, WITHIN_S, DoctorOnPage, PatientOnPage

# Denied until the person has allowed it in the browser's own settings, which no page can show.
DENIED_AT_FIRST = """
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (asked) => {
    if (window.isAllowed) return real(asked);
    throw new DOMException('', 'NotAllowedError');
  };
"""

# What can be reached by Tab, in the order of the page; of a group of radios the one that is set.
CONTROLS = """
  const controls = () => [...document.querySelectorAll(
    'a[href], button, summary, input, select, textarea, [tabindex="0"]')].filter((one) =>
    one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0
    && (one.type !== 'radio' || one.checked));
  const named = (one) => one.tagName.toLowerCase() + (one.id ? '#' + one.id : '')
    + (one.name ? `[name=${one.name}]` : '');
"""

# The stop after one more Tab: what is wrong with it; null where the round is done.
STOP = f"""() => {{
  {CONTROLS}
  const one = document.activeElement;
  const {{ visited }} = window;
  if (one === null || one === document.body || one.matches('main')) return [];
  if (visited.includes(one)) return null;
  const faults = [];
  const before = visited.at(-1);
  const isAfter = before === undefined || one === controls()[0]
    || before.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
  if (!isAfter) faults.push(`${{named(one)}} comes before ${{named(before)}} in the page`);
  visited.push(one);
  // A radio is drawn by what follows it, and the choice of a language by what is around it.
  const drawn = [one, one.nextElementSibling, one.parentElement].find((shown) => {{
    if (shown === null) return false;
    const {{ outlineStyle, outlineWidth, outlineColor }} = getComputedStyle(shown);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2
      && !/, 0\\)$|transparent/.test(outlineColor);
  }});
  if (drawn === undefined) return [...faults, `focus is not seen on ${{named(one)}}`];
  const {{ left, top, right, bottom }} = drawn.getBoundingClientRect();
  const isWithin = left >= -1 && top >= -1 && right <= innerWidth + 1
    && (bottom <= innerHeight + 1 || bottom - top > innerHeight);
  if (!isWithin) faults.push(`${{named(one)}} is not in sight: ${{[left, top, right, bottom]}}`);
  const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const isBare = at !== null && (drawn.contains(at) || at.closest('label')?.contains(one));
  if (!isBare) faults.push(`${{named(one)}} is covered by ${{at === null ? null : named(at)}}`);
  return faults;
}}"""

# What comes or goes on the way is nobody's fault.
BEGIN = f"""() => {{
  {CONTROLS}
  [window.visited, window.due] = [[], controls()];
}}"""
MISSED = f"""() => {{
  {CONTROLS}
  const there = controls();
  return window.due.filter((one) => there.includes(one) && !window.visited.includes(one))
    .map((one) => `no Tab leads to ${{named(one)}}`);
}}"""

IS_LOST = "() => [null, document.body].includes(document.activeElement)"
STOPS_MAX = 60


async def faults_of_a_round(page: Page) -> list[str]:
    """Go through the screen by Tab until it begins anew."""
    await page.evaluate(BEGIN)
    faults: list[str] = []
    for _ in range(STOPS_MAX):
        await page.keyboard.press("Tab")
        found = await page.evaluate(STOP)
        if found is None:
            break
        faults += found
    else:
        faults.append("the round has no end")
    return faults + await measures(page, MISSED)


async def presses(page: Page, selector: str, key: str = "Enter", by: str = "Tab") -> None:
    """Go on to a control by keys, and press one there."""
    await page.wait_for_selector(f"{selector}:not(:disabled)", timeout=WITHIN_S * 1000)
    for _ in range(STOPS_MAX):
        if await page.evaluate(f"() => document.activeElement.matches('{selector}')"):
            await page.keyboard.press(key)
            return
        await page.keyboard.press(by)
    raise AssertionError(f"{by} never leads to {selector}")


class Walk:
    """What was found at each screen on somebody's way."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []

    async def looks(self, screen: str, is_first: bool = False) -> None:
        """Go once around the screen as it stands; a screen that came by a key has the focus."""
        await self.page.evaluate(SETTLED)
        if not is_first and await self.page.evaluate(IS_LOST):
            self.faults.append(f"{screen}: the focus was lost")
        self.faults += [f"{screen}: {one}" for one in await faults_of_a_round(self.page)]


async def test_a_patient_comes_from_the_link_to_the_end_by_keys_alone(tmp_path: Path) -> None:
    """Each control of each screen is reached in its order, in sight, bare and with a mark."""
    async with scene(tmp_path) as place:
        place.follows_a_directory()
        doctor, patient = await place.doctor(), await place.patient(None, DENIED_AT_FIRST)
        page, walk = patient.page, Walk(patient.page)
        await page.goto(patient.url)

        await goes_in(patient, walk)
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.is_at("proposed")
        await walk.looks("proposed")
        await presses(page, "#accept", by="Shift+Tab")
        await is_live(page)
        await talks(page, walk)
        await presses(page, "#hang-up")
        await patient.is_over()
        await walk.looks("ended")

        assert not walk.faults, "\n".join(walk.faults)
        await ends_well(place)


async def goes_in(patient: PatientOnPage[Page], walk: Walk) -> None:
    """From the first screen into the waiting room."""
    page = patient.page
    await patient.is_at("welcome")
    await walk.looks("welcome", is_first=True)
    await presses(page, "#consent")
    await page.wait_for_selector("#territory-where")
    await walk.looks("about")
    await presses(page, "[name=person]", "ArrowRight")
    assert await page.evaluate("() => document.querySelectorAll('[name=person]')[1].checked")
    await presses(page, "#about-ready", "Space")
    await page.wait_for_selector("#devices-again")
    await walk.looks("devices")
    await page.evaluate("() => { window.isAllowed = true; }")
    await presses(page, "#devices-again")
    await patient.is_at("waiting")
    await walk.looks("waiting")


async def talks(page: Page, walk: Walk) -> None:
    """In the call: « Plus », which folds behind who leaves it, and the microphone."""
    await walk.looks("call")
    await unfolds(page, walk)
    await page.wait_for_selector("details.more:not([open])")
    await presses(page, "details.more > summary", "Space")
    await presses(page, "#pick-camera", "Escape")
    await page.wait_for_selector("details.more:not([open]) > summary:focus")
    await presses(page, "#mute", "Space", by="Shift+Tab")
    await page.wait_for_selector("#mute[aria-pressed=true]")


async def is_live(page: Page) -> None:
    """Wait until media passes, and the first of what is said of them."""
    await page.wait_for_selector("[data-flow=live]", timeout=WITHIN_S * 1000)
    await page.wait_for_selector(".quality > summary", timeout=WITHIN_S * 1000)


async def unfolds(page: Page, walk: Walk) -> None:
    """Go through what is behind « Plus », and on."""
    await presses(page, "details.more > summary")
    await page.wait_for_selector("details.more[open]")
    await walk.looks("call, unfolded")


async def test_a_doctor_calls_and_hangs_up_by_keys_alone(tmp_path: Path) -> None:
    """From the devices to the board, through a call, and back to the board."""
    async with scene(tmp_path, DESKTOP) as place:
        patient, doctor = await place.patient(), await place.doctor()
        page, walk = doctor.page, Walk(doctor.page)
        await patient.waits()

        await goes_on_duty(doctor, walk)
        await presses(page, "#call-next")
        await patient.is_at("proposed")
        await doctor.is_at("calling")
        await walk.looks("calling")
        await patient.accepts()
        await is_live(page)
        await walk.looks("call")
        await presses(page, "#lift")
        await page.wait_for_selector("#lower")
        await walk.looks("call, unveiled")
        await presses(page, "#lower")
        await page.wait_for_selector("#lift:focus")
        await unfolds(page, walk)
        await presses(page, "#hang-up")
        await doctor.is_over()
        await patient.is_over()
        await walk.looks("on, after a call")

        assert not walk.faults, "\n".join(walk.faults)
        await ends_well(place)


async def goes_on_duty(doctor: DoctorOnPage[Page], walk: Walk) -> None:
    """From the devices to the board, on which somebody waits."""
    page = doctor.page
    await page.goto(doctor.url)
    await page.wait_for_selector("#devices-ready:enabled")
    await walk.looks("devices", is_first=True)
    await presses(page, "#devices-ready")
    await page.wait_for_selector("#go-on-duty:enabled")
    await walk.looks("off")
    await presses(page, "#go-on-duty")
    await page.wait_for_selector("#call-next:enabled")
    await walk.looks("on")


async def ends_well(place: Scene) -> None:
    """Nothing complained on the way."""
    assert place.complaints == []
    await place.closes()
