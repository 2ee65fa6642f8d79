"""Values out of a table, and a sentence for each that is not right."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.directory import Text
from signaling.directory_table import MISTAKES_MAX, TEXT_MAX_CHARS, Table, is_text, short, shown


def table(**values: Any) -> Table:
    return Table("queue.a", values, [])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Rennes", Text("Rennes", "Rennes")),
        ({"fr": "Garde", "en": "Duty"}, Text("Garde", "Duty")),
        ("20\u00a0h\u202f!", Text("20\u00a0h\u202f!", "20\u00a0h\u202f!")),
    ],
)
def test_a_text_is_for_both_languages_or_for_each(value: object, text: Text) -> None:
    """French has spaces that do not break, and they are text."""
    assert text == table(key=value).text("key", "a name")


@pytest.mark.parametrize(
    "value",
    ["", " a", "a" * (TEXT_MAX_CHARS + 1), "a\nb", "a\u202eb", "\x1b[2J", 7, ["a"], {"fr": "a"}],
)
def test_what_people_cannot_read_is_no_text(value: object) -> None:
    """Too long, in one language of two, several lines, or letters that turn the line round."""
    asked = table(key=value)

    assert asked.text("key", "a name") is None
    (sentence,) = asked.mistakes
    assert sentence.startswith("[queue.a] key: ") and "Expected a name" in sentence


def test_a_missing_text_is_a_mistake_only_where_it_is_needed() -> None:
    """The sentence says what belongs there."""
    asked = table()

    assert asked.text("hours", "when") is None and asked.text("title", "a name") is None
    assert [] == asked.mistakes
    asked.text("title", "the name that people read", is_needed=True)
    assert ["[queue.a] title is missing: the name that people read."] == asked.mistakes


def test_words_are_taken_each_once_in_their_order() -> None:
    """A list as it was written."""
    asked = table(key=["b", "a"])

    assert ("b", "a") == asked.words("key", 2, str.islower, "small letters")
    assert () == asked.words("none", 2, str.islower, "small letters")
    assert [] == asked.mistakes


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("a", '"a" is no list. Expected ["…", "…"]: small letters.'),
        (["a", "b", "c"], "3 are too many; at most 2 are allowed."),
        (["a", "B"], '"B" is not right. Expected small letters.'),
        ([1], "1 is not right. Expected small letters."),
        ([{"a": 1}], "{'a': 1} is not right. Expected small letters."),
        (["a", "a"], '"a" stands there more than once.'),
    ],
)
def test_what_is_no_list_of_words_is_said(value: object, sentence: str) -> None:
    """What was written, and what is expected."""
    asked = table(key=value)

    asked.words("key", 2, str.islower, "small letters")

    assert [f"[queue.a] key: {sentence}"] == asked.mistakes


def test_a_name_is_found_or_the_nearest_is_offered() -> None:
    """Of the things of this file."""
    known = {"rennes": 1, "brest": 2}
    asked = table(good="rennes", typo="renes", far="x", list=["rennes"])

    assert 1 == asked.named("good", known, "a territory")
    for key in ("typo", "far", "list", "none"):
        assert asked.named(key, known, "a territory") is None
    assert [
        '[queue.a] typo: "renes" is not the name of a territory of this file. '
        'Did you mean "rennes"?',
        '[queue.a] far: "x" is not the name of a territory of this file.',
        "[queue.a] list: ['rennes'] is not the name of a territory of this file. "
        'Did you mean "rennes"?',
        "[queue.a] none is missing: the name of a territory of this file (rennes, brest).",
    ] == asked.mistakes


def test_a_key_that_means_nothing_is_said() -> None:
    """A typo in a key must not pass for a value that is not there."""
    asked = table(titel="x", title="x")

    asked.knows_only(("title", "hours"), "a queue")

    assert [
        '[queue.a] "titel" is nothing that a queue has. Did you mean "title"? It has: title, hours.'
    ] == asked.mistakes


@pytest.mark.parametrize(("value", "flag"), [(True, True), (False, False), ("yes", False)])
def test_a_flag_is_true_or_false(value: object, flag: bool) -> None:
    """And nothing in quotes."""
    asked = table(closed=value)

    assert flag == asked.flag("closed")
    assert isinstance(value, bool) == (asked.mistakes == [])
    assert not asked.flag("none")


def test_where_nobody_reads_on_nothing_near_is_looked_for() -> None:
    """A large wrong file is found wrong as quickly as a small one."""
    asked = table()

    assert "Did you mean" in asked.meant("titel", ["title"])
    asked.mistakes.extend(["x"] * MISTAKES_MAX)
    assert "" == asked.meant("titel", ["title"])


@pytest.mark.parametrize("show", [short, shown])
@given(value=st.text())
def test_nothing_that_is_shown_harms_a_terminal(show: Callable[[str], str], value: str) -> None:
    """However strange the file."""
    said = show(value)

    assert len(said) <= 63 and (not said.strip() or is_text(said.strip()))
