"""Every screen of the pages can be read, reached and used by everybody, at every width."""

from contextlib import aclosing
from pathlib import Path

import pytest

from tests.pages.checks import faults_of
from tests.pages.scene import scene
from tests.pages.screens import WALKS, Walk


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
async def test_every_screen_of_a_walk_is_for_everybody(walk: Walk, tmp_path: Path) -> None:
    """No rule of axe is broken, nothing is cut off or too small, and nothing complains."""
    faults: list[str] = []
    seen: list[str] = []

    async with scene(tmp_path) as set_, aclosing(walk.go(set_)) as stands:
        async for name, page in stands:
            seen.append(name)
            faults += [f"{name}: {fault}" for fault in await faults_of(page)]
        faults += [f"complaint: {one}" for one in set_.complaints]
        await set_.closes()

    assert list(walk.screens) == seen
    assert not faults, "\n".join(faults)
