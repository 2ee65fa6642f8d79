"""Which queues are the probe's."""

import pytest

from signaling.probing import is_probe


@pytest.mark.parametrize("queue", ["probe", "probe-", "probe-2", "probe-rennes"])
def test_the_reserved_names_are_the_probes(queue: str) -> None:
    """The word alone, and all that begin with it and a hyphen."""
    assert is_probe(queue)


@pytest.mark.parametrize("queue", ["", "prob", "probes", "Probe", "PROBE-2", "ma-probe", "probe_2"])
def test_every_other_name_is_for_people(queue: str) -> None:
    """Names are compared letter by letter, as everywhere on the wire."""
    assert not is_probe(queue)
