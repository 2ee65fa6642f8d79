"""The one table of figures: what each is, and what all of them say of one consultation."""

import math
from fractions import Fraction

import pytest

from signaling.figures import (
    DAY_S,
    DUTY_BANDS,
    ENDINGS,
    FIGURES,
    HOUR_S,
    WAITS,
    Figure,
    bound,
    duty_band,
    named,
    right_of_hundred,
    total_epsilon,
    uncertainty,
    wait_bin,
)
from tests.house.documents import table
from tests.house.tree import ROOT
from tests.signaling.test_noise import probability


def test_one_consultation_costs_one_in_all() -> None:
    """The total of this very list: a figure more, or one that says more, changes this line."""
    assert 1 == total_epsilon()
    assert ["consultations", "waits", "endings"] == [figure.name for figure in FIGURES]
    assert [Fraction(1, 2), Fraction(1, 4), Fraction(1, 4)] == [f.epsilon for f in FIGURES]


def test_a_figure_more_costs_more() -> None:
    """The total is that of the list that is asked for, not a number written down."""
    another = Figure("another", ("",), HOUR_S, Fraction(1, 3), 10)

    assert Fraction(4, 3) == total_epsilon((*FIGURES, another))
    assert 0 == total_epsilon(())


def test_the_document_lists_these_figures_and_no_others() -> None:
    """With their bins, noise, threshold and cost; and the total by the function."""
    rows = table((ROOT / "signaling" / "DATA.md").read_text(encoding="utf-8"), "figure")

    *listed, total = [[cell.replace("`", "") for cell in row] for row in rows]
    assert [
        [
            figure.name,
            {HOUR_S: "an hour", DAY_S: "a day"}[figure.epoch_s],
            str(figure.epsilon),
            str(uncertainty(figure)),
            str(figure.threshold),
        ]
        for figure in FIGURES
    ] == [[name, *numbers] for name, _, *numbers in listed]
    assert [" ".join(figure.bins) or "one" for figure in FIGURES] == [
        bins.partition(":")[0] for _, bins, *_ in listed
    ]
    assert ["together", str(total_epsilon())] == [total[0], total[3]]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_a_threshold_is_beyond_the_noise(figure: Figure) -> None:
    """What nobody did is hardly ever shown as something: the noise alone stays below."""
    ratio = math.exp(-float(figure.epsilon))

    assert ratio**figure.threshold / (1 + ratio) < 0.01
    assert uncertainty(figure) < figure.threshold


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_names_and_bins_are_words_that_a_key_may_have(figure: Figure) -> None:
    """They stand in names of tallies and in metrics: letters, digits and hyphens."""
    assert figure is named(figure.name)
    assert len(figure.bins) == len(set(figure.bins))
    for word in (figure.name, *figure.bins):
        assert word.replace("-", "").isalnum() or "" == word
        assert word.isascii() and word == word.lower()


def test_a_figure_that_is_not_there_is_not_found() -> None:
    """A name is one of the table or an error."""
    with pytest.raises(KeyError):
        named("doctors")


def test_what_is_below_the_threshold_is_nothing() -> None:
    """Noise may be negative; what is shown never is."""
    assert [0, 0, 0, 20, 21] == [WAITS.released(noisy) for noisy in (-7, 0, 19, 20, 21)]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_the_uncertainty_is_that_of_the_closed_form(figure: Figure) -> None:
    """19 of 20 throws are within it, and not so many within one less."""
    width = uncertainty(figure)

    def within(most: int) -> float:
        return sum(probability(x, figure.scale) for x in range(-most, most + 1))

    assert within(width) >= 0.95 > within(width - 1)


def test_the_uncertainties_are_six_and_twelve() -> None:
    """As the pages say them."""
    assert [6, 12, 12] == [uncertainty(figure) for figure in FIGURES]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_the_bound_is_that_of_the_best_guess(figure: Figure) -> None:
    """Noise around n and around n - 1 differ by so much, summed over all that can be seen."""
    ratio = math.exp(-float(figure.epsilon))
    apart = sum(
        abs(probability(x, figure.scale) - probability(x + 1, figure.scale))
        for x in range(-400, 400)
    )

    assert math.isclose(apart / 2, bound(figure.epsilon), rel_tol=1e-9)
    assert math.isclose((1 - ratio) / (1 + ratio), bound(figure.epsilon))


def test_a_guess_is_right_so_often_of_a_hundred() -> None:
    """Rounded up: it is said of what cannot be exceeded."""
    guesses = [right_of_hundred(Fraction(quarters, 4)) for quarters in (0, 1, 2, 4)]

    assert [50, 57, 63, 74] == guesses


@pytest.mark.parametrize(
    ("waited_s", "bin"),
    [
        *[(-1.0, "under-1"), (0.0, "under-1"), (59.9, "under-1"), (60.0, "1-5")],
        *[(299.9, "1-5"), (300.0, "5-15"), (899.9, "5-15"), (900.0, "15-30")],
        *[(1799.9, "15-30"), (1800.0, "over-30"), (1e9, "over-30")],
    ],
)
def test_a_wait_is_in_one_class(waited_s: float, bin: str) -> None:
    """Each class begins where the one before ends."""
    assert bin == wait_bin(waited_s)


def test_an_epoch_begins_with_the_hour_or_day_of_utc() -> None:
    """All nodes agree on it without asking."""
    consultations = named("consultations")

    assert [7200, 7200, 3600] == [consultations.start_of(now) for now in (7200, 10799.9, 7199.9)]
    assert [DAY_S, DAY_S] == [ENDINGS.start_of(now) for now in (DAY_S, 2 * DAY_S - 0.1)]


def test_doctors_on_duty_are_in_one_band() -> None:
    """From nobody to many."""
    counts = (0, 1, 4, 5, 19, 20, 1300)

    bands = [duty_band(count) for count in counts]

    assert ["none", "few", "few", "some", "some", "many", "many"] == bands
    assert ["none", "few", "some", "many"] == [band for band, _ in DUTY_BANDS]


@pytest.mark.parametrize("document", ["signaling/DATA.md", "README.md"])
def test_what_a_document_says_of_one_consultation_is_the_tables(document: str) -> None:
    """The total; and in DATA.md how often a guess is right."""
    said = (ROOT / document).read_text(encoding="utf-8")

    assert f"ε = {total_epsilon()} " in said
    if document.endswith("DATA.md"):
        assert f"right {right_of_hundred(total_epsilon())} times of 100" in said
