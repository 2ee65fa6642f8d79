"""A node is asked, and never believed further than its form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.readings import SAMPLES_MAX, Epoch, Reading, Relay, Store, Unreadable, read
from signaling.figures import FIGURES
from tests.probe.expositions import EPOCHS, HEALTH, NOW, WHOLE, duty, exposition, usage

HOUR = EPOCHS["consultations"]


def test_a_whole_exposition_is_read() -> None:
    """Health, band and what was released, each as a value."""
    assert Reading(
        version="0.1.0",
        started=NOW - 5_000,
        store=Store("redis", memory_only=True, open=True),
        relay=Relay("own", only=False, up=True),
        lists_fresh=True,
        band="few",
        usage_since=NOW - 86_400,
        epochs=(Epoch("consultations", HOUR, {"": 23}, is_partial=False),),
    ) == read(WHOLE, NOW)


def test_every_figure_is_read_with_all_its_bins() -> None:
    """What the table of figures names is what can be read, no more and no less."""
    said = [usage(f.name, EPOCHS[f.name], dict.fromkeys(f.bins, 30.0), partial=1) for f in FIGURES]

    assert (
        tuple(
            Epoch(f.name, EPOCHS[f.name], dict.fromkeys(f.bins, 30), is_partial=True)
            for f in FIGURES
        )
        == read(exposition(*said), NOW).epochs
    )


def test_what_a_distributor_adds_to_a_version_is_told() -> None:
    """With a hyphen: the page knows no plus."""
    said = read('teleconsult_build_info{version="0.1.0+deb12"} 1\n', NOW)

    assert "0.1.0-deb12" == said.version


def test_an_empty_exposition_says_nothing() -> None:
    """A node that has nothing to say yet is up all the same."""
    assert Reading() == read("", NOW)


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ('teleconsult_build_info{version="<b>1</b>"}', 1, "version"),
        (f'teleconsult_build_info{{version="{"1" * 33}"}}', 1, "version"),
        ("teleconsult_started_timestamp_seconds", NOW * 1_000, "started"),
        ('teleconsult_store_info{kind="mysql"}', 1, "store"),
        ("teleconsult_store_open", 0.5, "store"),
        ('teleconsult_relay_info{kind="else",only="no"}', 1, "relay"),
        ("teleconsult_started_timestamp_seconds", float("nan"), "started"),
        ("teleconsult_started_timestamp_seconds", float("inf"), "started"),
        ("teleconsult_started_timestamp_seconds", -1, "started"),
        ("teleconsult_unions_trusted", 0, "lists_fresh"),
        ("teleconsult_unions_trusted", float("nan"), "lists_fresh"),
        ('teleconsult_doctors_on_duty{band="some"}', 1, "band"),
        ('teleconsult_doctors_on_duty{band="17"}', 1, "band"),
    ],
)
def test_what_is_not_of_the_form_is_not_said(name: str, value: float, field: str) -> None:
    """One wrong word costs its own field."""
    of_the_same = name.partition("{")[0]
    good = exposition(HEALTH, duty("few"), without=[] if field == "band" else [of_the_same])

    said = read(good + f"{name} {value}\n", NOW)

    assert getattr(said, field) is None
    assert said.usage_since == NOW - 86_400


@pytest.mark.parametrize(("fresh", "are_fresh"), [(2, True), (1, False), (float("nan"), False)])
def test_every_trusted_union_needs_a_list_that_holds(fresh: float, are_fresh: bool) -> None:
    """One union whose doctors are refused is said."""
    said = read(exposition(HEALTH, {"teleconsult_union_lists_fresh": fresh}), NOW)

    assert are_fresh is said.lists_fresh


@pytest.mark.parametrize(
    "said",
    [
        usage("consultations", HOUR, {"": 22.5}),
        usage("consultations", HOUR, {"": -1.0}),
        usage("consultations", HOUR, {"": 2e9}),
        usage("consultations", HOUR, {"": float("nan")}),
        usage("consultations", HOUR, {"dr-house": 30.0}),
        usage("consultations", HOUR, {"": 30.0, "cardiology": 30.0}),
        usage("consultations", HOUR, {"": 30.0}, partial=2),
        usage("consultations", HOUR + 1, {"": 30.0}),
        usage("consultations", HOUR + 3_600, {"": 30.0}),
        usage("consultations", float("inf"), {"": 30.0}),
        usage("doctor-17", HOUR, {"": 30.0}),
        usage("waits", EPOCHS["waits"], {"under-1": 30.0}),
    ],
)
def test_a_figure_that_is_not_of_the_table_is_not_read(said: dict[str, float]) -> None:
    """No queue, doctor or hour that is still running comes in, whatever a node says."""
    assert () == read(exposition(said), NOW).epochs


@pytest.mark.parametrize(
    "text", ["a b c\n", 'x{a="\n', "x{a=b} 1\n", "teleconsult_store_open one\n"]
)
def test_what_is_no_exposition_is_said_to_be_none(text: str) -> None:
    """One answer for all of it."""
    with pytest.raises(Unreadable):
        read(text, NOW)


def test_more_samples_than_anybody_has_are_not_read() -> None:
    """A node that says ten thousand things says none."""
    with pytest.raises(Unreadable):
        read("".join(f'x{{a="{n}"}} 1\n' for n in range(SAMPLES_MAX + 1)), NOW)


@given(st.text(alphabet=st.sampled_from('teleconsult_usage{}="\\, \n#1e.-NaN+')) | st.text())
def test_any_text_is_a_reading_or_none(text: str) -> None:
    """Nothing else comes out of the parser, whatever goes in."""
    try:
        assert isinstance(read(text, NOW), Reading)
    except Unreadable:
        pass
