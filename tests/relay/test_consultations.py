"""Who is together: only those whom the server bound, and only while it says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.consultations import Consultations

NOW = 1_800_000_000.0


@pytest.fixture
def consultations() -> Consultations:
    return Consultations(tags_max=4, ended_max=3, ended_for_s=3600)


def test_nobody_is_together_by_default(consultations: Consultations) -> None:
    """Not even a tag with itself: that is another question."""
    assert not consultations.are_together("a", "b")
    assert not consultations.are_together("a", "a")
    assert {"a"} == consultations.with_("a")


def test_who_is_bound_is_together_pair_by_pair(consultations: Consultations) -> None:
    """All members with all."""
    assert {"a", "b", "c"} == consultations.bind(["a", "b", "c"])

    assert all(consultations.are_together(*pair) for pair in ("ab", "ba", "bc", "ca"))
    assert not consultations.are_together("a", "d")
    assert 1 == len(consultations)
    assert frozenset() == consultations.bind(["c", "b", "a"])


def test_who_is_bound_anew_leaves_the_consultation_before(consultations: Consultations) -> None:
    """A doctor's second patient never reaches the first."""
    consultations.bind(["doctor", "first"])

    assert {"doctor", "first", "second"} == consultations.bind(["doctor", "second"])

    assert not consultations.are_together("doctor", "first")
    assert not consultations.are_together("first", "second")
    assert consultations.are_together("doctor", "second")


def test_a_third_person_is_bound_with_the_two(consultations: Consultations) -> None:
    """The server names all of them again."""
    consultations.bind(["a", "b"])
    consultations.bind(["a", "b", "c"])

    assert consultations.are_together("a", "b")
    assert consultations.are_together("b", "c")


def test_who_leaves_leaves_the_others_together(consultations: Consultations) -> None:
    """And the last one alone."""
    consultations.bind(["a", "b", "c"])

    assert {"a", "b", "c"} == consultations.unbind(["a"])
    assert consultations.are_together("b", "c")
    assert not consultations.are_together("a", "b")
    consultations.unbind(["b"])
    assert 0 == len(consultations)
    assert frozenset() == consultations.unbind(["b", "nobody"])


def test_rebinding_says_all_there_is(consultations: Consultations) -> None:
    """What the server does not name is no more."""
    consultations.bind(["a", "b"])
    consultations.bind(["c", "d"])

    assert {"a", "b", "c", "d", "e"} == consultations.rebind([["a", "b"], ["c", "e"]])

    assert consultations.are_together("a", "b")
    assert consultations.are_together("c", "e")
    assert not consultations.are_together("c", "d")


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ([["a", "x"], ["a", "b"]], "in two consultations"),
        ([["x"], list("abcde")], "more tags"),
        ([["x", "not a tag"]], "a tag is"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    consultations: Consultations, groups: list[list[str]], sentence: str
) -> None:
    """The server is told, and everybody keeps whom they have."""
    consultations.bind(["a", "b"])

    with pytest.raises(ValueError, match=sentence):
        consultations.rebind(groups)

    assert consultations.are_together("a", "b")
    assert not consultations.are_together("a", "x")


@pytest.mark.parametrize("group", [list("abcde"), ["a", "not a tag"]])
def test_a_group_that_makes_no_sense_changes_nothing(
    consultations: Consultations, group: list[str]
) -> None:
    """Too many, or no tag."""
    consultations.bind(["a", "b"])
    with pytest.raises(ValueError, match="tag"):
        consultations.bind(group)

    assert consultations.are_together("a", "b")


def test_an_ended_tag_is_refused_as_long_as_a_password_could_live(
    consultations: Consultations,
) -> None:
    """Then nothing of it is known any more."""
    consultations.end(["a"], NOW)
    consultations.forget(NOW + 3599)
    assert consultations.has_ended("a")
    consultations.forget(NOW + 3600)

    assert not consultations.has_ended("a")
    assert not consultations.has_ended("b")


def test_a_tag_that_is_bound_again_is_let_in_again(consultations: Consultations) -> None:
    """The server's last word counts."""
    consultations.end(["a"], NOW)
    consultations.bind(["a", "b"])

    assert not consultations.has_ended("a")


def test_only_so_many_ended_tags_are_remembered(consultations: Consultations) -> None:
    """The oldest is forgotten first; one that is ended again is no longer the oldest."""
    consultations.end(["a", "b", "c", "a", "d"], NOW)

    assert [True, False, True, True] == [consultations.has_ended(tag) for tag in "abcd"]


def bound(consultations: Consultations, *groups: str) -> list[str]:
    """List which of these groups are still together."""
    return [group for group in groups if consultations.are_together(group[0], group[1])]


def test_a_consultation_in_which_nobody_is_is_forgotten(consultations: Consultations) -> None:
    """A server that died says no end: after the life of a password nobody could come any more."""
    consultations.bind(["a", "b"])
    consultations.forget(NOW)

    consultations.forget(NOW + 3599)
    assert ["ab"] == bound(consultations, "ab")
    consultations.forget(NOW + 3600)

    assert [] == bound(consultations, "ab")
    assert 0 == len(consultations)
    assert {"a"} == consultations.with_("a")


def test_a_consultation_that_is_said_again_stays(consultations: Consultations) -> None:
    """Whole or by those who remain in it: the server is there."""
    consultations.bind(["a", "b"])
    consultations.bind(["c", "d", "e"])
    consultations.bind(["f", "g"])
    consultations.forget(NOW)
    consultations.bind(["b", "a"])
    consultations.unbind(["e"])
    consultations.forget(NOW + 1800)

    consultations.forget(NOW + 3600)
    assert ["ab", "cd"] == bound(consultations, "ab", "cd", "fg")
    consultations.forget(NOW + 5400)

    assert [] == bound(consultations, "ab", "cd")


def test_a_consultation_lasts_as_long_as_somebody_is_in_it(consultations: Consultations) -> None:
    """However long; and then as long again as a password could live."""
    consultations.bind(["a", "b"])
    consultations.came("a")
    for hours in range(30):
        consultations.forget(NOW + hours * 3600)
    assert ["ab"] == bound(consultations, "ab")

    consultations.went("a")
    consultations.forget(NOW + 30 * 3600)
    consultations.forget(NOW + 31 * 3600 - 1)
    assert ["ab"] == bound(consultations, "ab")
    consultations.forget(NOW + 31 * 3600)

    assert [] == bound(consultations, "ab")


def test_there_are_only_so_many_consultations() -> None:
    """The one that was idle longest goes first, and whom it bound is told as changed."""
    consultations = Consultations(4, 0, 3600, consultations_max=3)
    consultations.came("a")
    for group in ("ab", "cd", "ef", "cd"):
        consultations.bind(group)

    assert {"g", "h", "e", "f"} == consultations.bind("gh")
    assert ["ab", "cd", "gh"] == bound(consultations, "ab", "cd", "ef", "gh")
    consultations.rebind(["ij", "kl", "mn", "op"])

    assert ["kl", "mn", "op"] == bound(consultations, "ij", "kl", "mn", "op")


def test_where_somebody_is_in_each_the_oldest_goes() -> None:
    """The limit is one, whatever happens."""
    consultations = Consultations(4, 0, 3600, consultations_max=2)
    for tag in "ace":
        consultations.came(tag)

    for group in ("ab", "cd", "ef"):
        consultations.bind(group)

    assert ["cd", "ef"] == bound(consultations, "ab", "cd", "ef")


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("bind"), st.frozensets(st.sampled_from("abcdef"), max_size=4)),
            st.tuples(st.sampled_from(["came", "went"]), st.sampled_from("abcdef")),
            st.tuples(st.just("tick"), st.integers(0, 12)),
        ),
        max_size=30,
    )
)
def test_nothing_is_forgotten_too_early_and_nothing_kept_for_ever(
    steps: list[tuple[str, object]],
) -> None:
    """Idle for ten seconds, to the tick: before it is there, afterwards it is not."""
    consultations = Consultations(tags_max=4, ended_max=0, ended_for_s=10)
    here: set[str] = set()
    idle_since: dict[frozenset[str], float] = {}
    now = NOW
    for what, value in steps:
        match what, value:
            case "bind", frozenset():
                consultations.unbind(value)
                consultations.bind(value)
                parts = {group - value: since for group, since in idle_since.items()}
                idle_since = {
                    group: since if group in idle_since else now
                    for group, since in parts.items()
                    if len(group) > 1
                }
                if len(value) > 1:
                    idle_since[value] = now
            case (("came" | "went"), str()):
                if (what == "came") == (value in here):
                    continue
                here ^= {value}
                consultations.came(value) if what == "came" else consultations.went(value)
                if what == "went":
                    idle_since.update({group: now for group in idle_since if value in group})
            case "tick", int():
                consultations.forget(now)
                now += value
                consultations.forget(now)
                idle_since = {
                    group: now if group & here else since
                    for group, since in idle_since.items()
                    if group & here or now < since + 10
                }

        assert len(idle_since) == len(consultations)
        for group in idle_since:
            assert all(group == consultations.with_(tag) for tag in group)


@given(
    st.lists(
        st.tuples(st.booleans(), st.frozensets(st.sampled_from("abcdef"), max_size=4)), max_size=20
    )
)
def test_whatever_is_said_together_is_mutual_and_within_one_group(
    steps: list[tuple[bool, frozenset[str]]],
) -> None:
    """A model of it: a list of disjoint sets."""
    consultations = Consultations(tags_max=4, ended_max=0, ended_for_s=0)
    model: list[frozenset[str]] = []
    for binds, tags in steps:
        model = [group - tags for group in model]
        if binds:
            consultations.bind(tags)
            model.append(tags)
        else:
            consultations.unbind(tags)
        model = [group for group in model if len(group) > 1]

        for a in "abcdef":
            for b in "abcdef":
                wanted = a != b and any({a, b} <= group for group in model)
                assert wanted == consultations.are_together(a, b)
        assert len(model) == len(consultations)
