"""What a directory decides: which queues there are, who serves them, what patients see."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.directory import (
    QUEUES_MAX,
    Alternative,
    Directory,
    Organisation,
    Queue,
    Territory,
    Text,
    as_json,
)

OURS, THEIRS = "ours".ljust(21, "o") + "A", "theirs".ljust(21, "t") + "A"
BOTH = Directory({"a": Queue(unions=frozenset({OURS})), "b": Queue()})


def test_a_union_serves_the_queues_that_name_it_or_nobody() -> None:
    """In the order of its credential; what the directory does not know is not served."""
    assert ("b", "a") == BOTH.served(("b", "unknown", "a"), OURS)
    assert ("b",) == BOTH.served(("a", "b"), THEIRS)


@pytest.mark.parametrize(
    ("queue", "union", "entry"),
    [
        ("a", OURS, "anybody"),
        ("a", THEIRS, "nobody"),
        ("b", THEIRS, "anybody"),
        ("unknown", OURS, "nobody"),
    ],
)
def test_a_link_leads_where_its_union_serves(queue: str, union: str, entry: str) -> None:
    """A patient of another union's link would wait for doctors who may not take him."""
    assert entry == BOTH.entry(queue, union)


def test_a_directory_of_names_keeps_nobody_out() -> None:
    """Without a file each union's own credentials and links say which queues there are."""
    directory = Directory.of_names(("a",))

    assert ("a", "any") == directory.served(("a", "any"), OURS)
    assert "anybody" == directory.entry("any", THEIRS)
    assert {"v": 1, "queues": {"a": {}}} == json.loads(as_json(directory))


def test_a_queue_that_disappears_is_closed_and_still_served() -> None:
    """Nobody new enters; who waits there is called by the doctors who could before."""
    after = Directory({"b": Queue()}).after(BOTH)

    assert ("a", "b") == after.served(("a", "b"), OURS)
    assert "who was here" == after.entry("a", OURS)
    assert "anybody" == after.entry("b", OURS)
    assert ("b",) == after.served(("a", "b"), THEIRS)


def test_a_queue_that_comes_back_is_open_again() -> None:
    """As the file says it, whatever was before."""
    without = Directory({"b": Queue()}).after(BOTH)

    assert BOTH == BOTH.after(without)


def test_a_queue_stays_closed_over_many_readings() -> None:
    """The file need not be read once only for its patients to be kept."""
    once = Directory({"b": Queue()}).after(BOTH)

    assert once == Directory({"b": Queue()}).after(once)


def test_closed_queues_do_not_pile_up() -> None:
    """A file whose names change at every reading keeps no more than one directory of them."""
    held = Directory()
    for turn in range(4):
        held = Directory({f"q{turn}-{n}": Queue() for n in range(QUEUES_MAX)}).after(held)

    assert 2 * QUEUES_MAX == len(held.queues)


def test_names_and_a_file_leave_nothing_to_each_other() -> None:
    """Names alone were nobody's list: a first directory closes none of them."""
    names = Directory.of_names(("a",))

    assert names == names.after(BOTH)
    assert BOTH == BOTH.after(names)


@pytest.mark.parametrize(
    ("territory", "prefixes"),
    [
        (Territory(Text("x", "x"), ("35", "971")), ("35", "971")),
        (Territory(Text("x", "x"), ("2A", "2B")), ("200", "201", "202", "206")),
        (Territory(Text("x", "x"), ("35",), (), ("354", "35")), ("354", "35")),
    ],
)
def test_a_departement_is_what_its_postcodes_begin_with(
    territory: Territory, prefixes: tuple[str, ...]
) -> None:
    """Corsica has letters where its postcodes have digits."""
    assert prefixes == territory.prefixes


def test_pages_are_told_nothing_of_the_probes_queue() -> None:
    """Wherever a directory has it from."""
    told = json.loads(as_json(Directory.of_names(("probe", "probe-2", "probes"))))

    assert ["probes"] == [*told["queues"]]


def test_pages_are_told_what_people_read_and_nothing_of_unions() -> None:
    """Titles, territory, hours, where to widen and how, and what helps when nobody is there."""
    organisation = Organisation(Text("Org", "Org"), frozenset({OURS}))
    told = json.loads(
        as_json(
            Directory(
                {
                    "a": Queue(
                        title=Text("Rennes", "Rennes city"),
                        organisation=organisation.name,
                        territory=Territory(Text("Ille", "Ille"), ("35",), ("Rennes",)),
                        hours=Text("24 h", "always"),
                        unions=organisation.unions,
                        wider=("b",),
                        alternatives=(
                            Alternative(Text("Garde", "Duty"), "116117", "https://a.fr"),
                        ),
                    ),
                    "b": Queue(link="cap1.x", link_ends=9, is_closed=True),
                }
            )
        )
    )

    assert told == {
        "v": 1,
        "queues": {
            "a": {
                "title": {"fr": "Rennes", "en": "Rennes city"},
                "organisation": {"fr": "Org", "en": "Org"},
                "territory": {"fr": "Ille", "en": "Ille"},
                "hours": {"fr": "24 h", "en": "always"},
                "postcodes": ["35"],
                "communes": ["Rennes"],
                "wider": ["b"],
                "alternatives": [
                    {
                        "text": {"fr": "Garde", "en": "Duty"},
                        "phone": "116117",
                        "url": "https://a.fr",
                    }
                ],
            },
            "b": {"link": "cap1.x", "closed": True},
        },
    }


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_same_directory_is_the_same_bytes(order: list[str]) -> None:
    """So that a page which has it need not load it again."""
    assert as_json(Directory({name: Queue() for name in order})) == as_json(
        Directory({name: Queue() for name in "abcd"})
    )
