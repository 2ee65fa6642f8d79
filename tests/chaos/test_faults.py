"""Whatever fails, everybody who waited is called once, in order, and nobody's talk is cut.

The same faults as `make chaos`, with fewer people: real nodes, a real Redis, real pictures.
"""

import pytest

from tests.chaos.faults import FAULTS, Fault, run

PATIENTS, TALKS = 30, 1


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
async def test_nobody_is_lost_doubled_overtaken_or_cut_off(fault: Fault) -> None:
    """After each fault, of everybody who was there before it."""
    # Nobody is called before all are back, here by the test itself: calls may begin at once.
    verdict = await run(fault, PATIENTS, TALKS, ("--rebuild-s", "1"))

    assert verdict.is_clean, verdict
