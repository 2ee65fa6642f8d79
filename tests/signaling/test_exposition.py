"""What a node says of itself: these names, these labels, and nothing of its process."""

import re

from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from signaling.exposition import NodeState, RelayState, StoreState, exposition

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
}
WHOLE = NodeState(
    "0.1.0",
    1_795_000_000,
    StoreState("sentinel", is_open=False, is_memory_only=True),
    RelayState("own", is_only=False, is_up=True),
    unions_trusted=2,
    lists_fresh=1,
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

    assert found == {
        "teleconsult_build_info[('version', '0.1.0')]": 1,
        "teleconsult_started_timestamp_seconds": 1_795_000_000,
        "teleconsult_unions_trusted": 2,
        "teleconsult_union_lists_fresh": 1,
        "teleconsult_store_info[('kind', 'sentinel')]": 1,
        "teleconsult_store_open": 0,
        "teleconsult_store_memory_only": 1,
        "teleconsult_relay_info[('kind', 'own'), ('only', 'no')]": 1,
        "teleconsult_relay_up": 1,
    }


def test_no_name_and_no_label_is_outside_the_list() -> None:
    """Every family is a gauge of ours with the labels that it has here."""
    families = list(text_string_to_metric_families(exposition(WHOLE).decode()))

    assert LABELS.keys() == {family.name for family in families}
    for family in families:
        assert "gauge" == family.type and family.documentation
        assert {name for sample in family.samples for name in sample.labels} == LABELS[family.name]


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
