"""What a node says of itself: these names, these labels, and nothing of its process."""

import re

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from signaling.exposition import NodeState, RelayState, StoreState, exposition
from signaling.figures import CONSULTATIONS, FIGURES, WAITS, uncertainty
from signaling.usage import Epoch, OnDuty, Released

# Name -> its labels. All there are: a new one is a row here, and a reason in `exposition.py`.
LABELS: dict[str, set[str]] = {
    "teleconsult_build_info": {"version"},
    "teleconsult_started_timestamp_seconds": set(),
    "teleconsult_unions_trusted": set(),
    "teleconsult_union_lists_fresh": set(),
    "teleconsult_store_info": {"kind"},
    "teleconsult_store_open": set(),
    "teleconsult_store_memory_only": set(),
    "teleconsult_relay_info": {"kind", "only"},
    "teleconsult_relay_up": set(),
    "teleconsult_usage": {"figure", "bin"},
    "teleconsult_usage_epoch_start_timestamp_seconds": {"figure"},
    "teleconsult_usage_partial": {"figure"},
    "teleconsult_usage_since_timestamp_seconds": set(),
    "teleconsult_doctors_on_duty": {"band"},
    "teleconsult_usage_epsilon": {"figure"},
    "teleconsult_usage_threshold": {"figure"},
    "teleconsult_usage_uncertainty": {"figure"},
}
# Label -> all values that it may have, but for `version`, which is the release's.
VALUES = {
    "figure": {figure.name for figure in FIGURES},
    "bin": {bin for figure in FIGURES for bin in figure.bins},
    "band": {"none", "few", "some", "many"},
    "kind": {"memory", "redis", "sentinel", "cluster", "own", "coturn", "elsewhere", "none"},
    "only": {"yes", "no"},
}
HOUR, DAY = 1_795_000_000 // 3_600 * 3_600, 1_795_000_000 // 86_400 * 86_400
WHOLE = NodeState(
    "0.1.0",
    1_795_000_000,
    StoreState("sentinel", is_open=False, is_memory_only=True),
    RelayState("own", is_only=False, is_up=True),
    unions_trusted=2,
    lists_fresh=1,
    usage=Released(
        {
            "consultations": Epoch(CONSULTATIONS, HOUR, {"": 14}),
            "waits": Epoch(WAITS, DAY, dict.fromkeys(WAITS.bins, 0) | {"1-5": 31}, is_partial=True),
        },
        since=DAY - 60,
        on_duty=OnDuty("few", HOUR),
    ),
)


def said(state: NodeState) -> dict[str, float]:
    """Read an exposition as a scraper does: each series with its value."""
    text = exposition(state).decode()
    return {
        sample.name + str(sorted(sample.labels.items()) or ""): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_node_says_what_it_is_and_how_its_parts_are() -> None:
    """One gauge each, as a scraper reads it."""
    found = said(WHOLE)

    assert {name: value for name, value in found.items() if "usage" not in name} == {
        "teleconsult_build_info[('version', '0.1.0')]": 1,
        "teleconsult_started_timestamp_seconds": 1_795_000_000,
        "teleconsult_unions_trusted": 2,
        "teleconsult_union_lists_fresh": 1,
        "teleconsult_store_info[('kind', 'sentinel')]": 1,
        "teleconsult_store_open": 0,
        "teleconsult_store_memory_only": 1,
        "teleconsult_relay_info[('kind', 'own'), ('only', 'no')]": 1,
        "teleconsult_relay_up": 1,
        "teleconsult_doctors_on_duty[('band', 'none')]": 0,
        "teleconsult_doctors_on_duty[('band', 'few')]": 1,
        "teleconsult_doctors_on_duty[('band', 'some')]": 0,
        "teleconsult_doctors_on_duty[('band', 'many')]": 0,
    }


def test_usage_is_what_was_released_and_nothing_else() -> None:
    """Each number is one that the release rule made; whose epoch is partial is told."""
    found = said(WHOLE)

    counts = {name: value for name, value in found.items() if name.startswith("teleconsult_usage[")}
    assert counts == {
        f"teleconsult_usage[('bin', '{bin}'), ('figure', '{figure}')]": value
        for figure, epoch in WHOLE.usage.epochs.items()
        for bin, value in epoch.values.items()
    }
    assert HOUR == found[of("usage_epoch_start_timestamp_seconds", "consultations")]
    assert 0 == found[of("usage_partial", "consultations")]
    assert 1 == found[of("usage_partial", "waits")]
    assert DAY - 60 == found["teleconsult_usage_since_timestamp_seconds"]


def test_no_figure_is_drawn_without_its_noise() -> None:
    """How each is made is said beside it, before anything of it is released too."""
    found = said(NodeState("0.1.0", 0))

    for figure in FIGURES:
        assert float(figure.epsilon) == found[of("usage_epsilon", figure.name)]
        assert figure.threshold == found[of("usage_threshold", figure.name)]
        assert uncertainty(figure) == found[of("usage_uncertainty", figure.name)]


def test_a_figure_that_was_not_released_is_absent() -> None:
    """Nobody takes silence for a quiet night."""
    found = said(NodeState("0.1.0", 0))

    assert not [name for name in found if name.startswith("teleconsult_usage[")]
    assert not [name for name in found if "epoch_start" in name or "partial" in name]
    assert not [name for name in found if "since" in name or "on_duty" in name]


def of(name: str, figure: str) -> str:
    """Name a series of one figure."""
    return f"teleconsult_{name}[('figure', '{figure}')]"


def test_no_name_and_no_label_is_outside_the_list() -> None:
    """Every family is a gauge of ours with the labels that it has here."""
    families = list(text_string_to_metric_families(exposition(WHOLE).decode()))

    assert LABELS.keys() == {family.name for family in families}
    for family in families:
        assert "gauge" == family.type and family.documentation
        for labels in (sample.labels for sample in family.samples):
            assert labels.keys() == LABELS[family.name]
            assert all(value in VALUES[name] for name, value in labels.items() if name in VALUES)
    assert {"version"} == set().union(*LABELS.values()) - VALUES.keys()


def test_nothing_of_the_process_is_said() -> None:
    """The default registry knows descriptors and seconds; none of its names comes out."""
    own = set(re.findall(r"^(\w+)", exposition(WHOLE).decode(), re.M))
    default = {family.name for family in REGISTRY.collect()}

    assert {"python_info", "process_open_fds"} <= default
    assert not own & default
    assert not [name for name in own if name.endswith("_created")]


def test_a_relay_that_nobody_can_ask_is_not_called_down() -> None:
    """Silence is not a zero."""
    assert "teleconsult_relay_up" not in said(NodeState("0.1.0", 0, relay=RelayState("elsewhere")))


def test_the_same_state_is_the_same_bytes() -> None:
    """Nothing is counted by being read."""
    assert exposition(WHOLE) == exposition(WHOLE)
