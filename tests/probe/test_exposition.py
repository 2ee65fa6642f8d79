"""What the probe tells Prometheus: the newest rounds, and nothing of this process."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from probe.exposition import exposition
from probe.rounds import STEPS, Round

GREEN = Round(
    "udp", "1", 1_800_000_000.0, {step: 250.0 for step in STEPS}, None, None, 0.01, 12.0, 2e9
)
RED = Round("tcp", "1", 1_800_000_007.0, {"page": 20.0}, "socket", "unreached")
FULL = Round("tls", "2", 1_800_000_014.0, {"page": 20.0}, "ice", "relay-full")
LABELS = ("path", "node", "step")


def said(*rounds: Round) -> dict[tuple[str, ...], float]:
    """Read it as Prometheus does: name and labels, to value."""
    return {
        (
            sample.name.removeprefix("teleconsult_probe_"),
            *(sample.labels[label] for label in LABELS if label in sample.labels),
        ): sample.value
        for family in text_string_to_metric_families(exposition(rounds).decode())
        for sample in family.samples
    }


def test_a_green_round_says_all_that_was_measured() -> None:
    """In seconds, and as shares."""
    told = said(GREEN)

    assert 1 == told["success", "udp", "1"]
    assert GREEN.at == told["round_timestamp_seconds", "udp", "1"]
    assert {0.25} == {told["step_seconds", "udp", "1", step] for step in STEPS}
    assert {0} == {told["failed", "udp", "1", step] for step in STEPS}
    assert (0.01, 0.012) == (
        told["media_loss_ratio", "udp", "1"],
        told["media_jitter_seconds", "udp", "1"],
    )
    assert 2e9 == told["certificate_expires_timestamp_seconds", "1"]


def test_a_red_round_says_which_step_failed_and_no_more() -> None:
    """What was not measured is absent, and not nought."""
    told = said(RED)

    assert 0 == told["success", "tcp", "1"]
    assert ["socket"] == [step for step in STEPS if told["failed", "tcp", "1", step]]
    assert {("step_seconds", "tcp", "1", "page")} == {k for k in told if k[0] == "step_seconds"}
    assert not any(key[0].startswith(("media", "certificate")) for key in told)


@pytest.mark.parametrize(("round_", "full"), [(GREEN, 0), (RED, 0), (FULL, 1)])
def test_a_full_relay_is_told_from_any_other_failure(round_: Round, full: int) -> None:
    """Somebody may want to be woken by that one alone."""
    assert full == said(round_)["relay_full", round_.path, round_.node]


def test_nothing_of_the_process_is_said() -> None:
    """Every name is the probe's own: no descriptors, no seconds of work, no version of Python."""
    names = {
        family.name for family in text_string_to_metric_families(exposition([GREEN, RED]).decode())
    }

    assert names and all(name.startswith("teleconsult_probe_") for name in names)
