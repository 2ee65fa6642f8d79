"""An old phone on 3G reaches the waiting room before its owner gives up."""

from pathlib import Path

from playwright.async_api import Route

from tests.pages.scene import scene
from tests.pages.weight import BYTES_MAX, to_the_waiting_room


async def test_the_way_to_the_waiting_room_is_light(tmp_path: Path) -> None:
    """All that is loaded before it can be used, as it goes over the wire."""
    async with scene(tmp_path) as place:
        place.follows_a_directory()

        loaded, _ = await to_the_waiting_room(place, is_slow=False)

    assert any(name.endswith(".js") for name in loaded)
    assert sum(loaded.values()) <= BYTES_MAX, loaded


# Of the largest that was painted so far: when, in milliseconds of the page.
LARGEST = """() => new Promise((resolve) => {
  const seen = new PerformanceObserver((list) => {
    seen.disconnect();
    resolve(list.getEntries().at(-1).startTime);
  });
  seen.observe({ type: 'largest-contentful-paint', buffered: true });
})"""


async def test_a_doctor_reads_before_the_union_has_answered(tmp_path: Path) -> None:
    """The largest of what the page paints until the devices are there does not wait for keys."""
    async with scene(tmp_path) as place:
        held: list[Route] = []
        doctor = await place.doctor()
        await doctor.page.route("**/unions.json", lambda one: held.append(one))
        await doctor.page.goto(doctor.url)
        await doctor.page.get_by_text("Nous cherchons vos clés").wait_for()
        before = await doctor.page.evaluate(LARGEST)

        for one in held:
            await one.continue_()
        await doctor.page.wait_for_selector("#devices-ready:enabled")

        assert held
        assert before == await doctor.page.evaluate(LARGEST)
        await place.closes()
