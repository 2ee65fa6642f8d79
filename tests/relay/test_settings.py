"""The relay's numbers, and what the README says of them."""

from dataclasses import fields
from pathlib import Path

from relay.settings import Settings
from tests.house.tree import ROOT

README = Path(ROOT, "relay", "README.md").read_text(encoding="utf-8")


def test_every_number_has_its_reason() -> None:
    """In the words of the class."""
    said = Settings.__doc__ or ""

    assert [] == [each.name for each in fields(Settings) if f"{each.name}:" not in said]


def test_where_there_are_too_many_consultations_one_is_idle() -> None:
    """Nobody who has an allocation loses it to the limit."""
    assert Settings().allocations_max < Settings().consultations_max


def test_the_readme_tells_the_numbers_that_operators_ask_for() -> None:
    """Each stands there as it is set."""
    settings = Settings()

    for number in (
        f"{settings.grace_s} s",
        f"{settings.password_max_s // 3600} hours",
        f"{settings.allocations_per_tag} allocations",
        f"{settings.allocations_max} allocations",
        f"{settings.consultations_max} consultations",
        f"{settings.bytes_per_s_per_tag * 8 // 1_000_000} Mb/s",
        f"{settings.loop_bytes_per_s // 1000} kB/s",
        f"{settings.stranger_answers_per_s:g} answers",
    ):
        assert number in README
    assert settings.allocations_reserved == settings.allocations_max // 4
