"""An old phone on 3G reaches the waiting room before its owner gives up."""

from pathlib import Path

from tests.pages.scene import scene
from tests.pages.weight import BYTES_MAX, to_the_waiting_room


async def test_the_way_to_the_waiting_room_is_light(tmp_path: Path) -> None:
    """All that is loaded before it can be used, as it goes over the wire."""
    async with scene(tmp_path) as place:
        place.follows_a_directory()

        loaded, _ = await to_the_waiting_room(place, is_slow=False)

    assert any(name.endswith(".js") for name in loaded)
    assert sum(loaded.values()) <= BYTES_MAX, loaded
