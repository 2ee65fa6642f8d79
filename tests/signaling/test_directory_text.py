"""The operator's file: what it may say, and every mistake in it as a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.directory import Alternative, Directory, Queue, Territory, Text
from signaling.directory_table import MISTAKES_MAX
from signaling.directory_text import FILE_MAX_BYTES, WrongDirectory, read, remarks
from tests.dice import Dice
from tests.unions import NOW, ADevice, AUnion

UNION, OTHER = AUnion(), AUnion(1)
DAY_S = 86_400
LINK = UNION.pool_link("rennes", ends=NOW + 300 * DAY_S)
WHOLE = f"""
[organisation.sos]
name = "SOS Exemple"
unions = ["{UNION.id}", "{OTHER.id}"]
alternatives = [
  {{ text = {{ fr = "Médecin de garde", en = "Doctor on call" }}, phone = "116117" }},
]

[territory.ille]
name = "Ille-et-Vilaine"
departements = ["35"]
communes = ["Rennes", "Saint-Malo"]
postcodes = ["22490"]

[queue.rennes]
organisation = "sos"
territory = "ille"
title = {{ fr = "Garde de Rennes", en = "Rennes" }}
hours = "20 h – 8 h"
unions = ["{UNION.id}"]
wider = ["brest"]
link = "https://visio.example.fr/#{LINK}"
alternatives = [{{ text = "Pharmacie", url = "https://www.example.fr/garde?x=1" }}]

[queue.brest]
organisation = "sos"
title = "Garde de Brest"
closed = true
"""
SMALL = """
[organisation.sos]
name = "SOS"
[territory.ille]
name = "Ille"
[queue.rennes]
organisation = "sos"
title = "Rennes"
"""


def mistakes(text: str) -> tuple[str, ...]:
    with pytest.raises(WrongDirectory) as raised:
        read(text)
    return raised.value.mistakes


def test_a_whole_file_is_read() -> None:
    """References are resolved, and what a queue does not say its organisation says."""
    pharmacy = Alternative(Text("Pharmacie", "Pharmacie"), "", "https://www.example.fr/garde?x=1")
    sos = Text("SOS Exemple", "SOS Exemple")
    ille = Territory(
        Text("Ille-et-Vilaine", "Ille-et-Vilaine"), ("35",), ("Rennes", "Saint-Malo"), ("22490",)
    )

    assert Directory(
        {
            "rennes": Queue(
                title=Text("Garde de Rennes", "Rennes"),
                organisation=sos,
                territory=ille,
                hours=Text("20 h – 8 h", "20 h – 8 h"),
                unions=frozenset({UNION.id}),
                wider=("brest",),
                link=LINK,
                link_ends=NOW + 300 * DAY_S,
                alternatives=(pharmacy,),
            ),
            "brest": Queue(
                title=Text("Garde de Brest", "Garde de Brest"),
                organisation=sos,
                unions=frozenset({UNION.id, OTHER.id}),
                alternatives=(Alternative(Text("Médecin de garde", "Doctor on call"), "116117"),),
                is_closed=True,
            ),
        }
    ) == read(WHOLE)


def test_a_file_needs_little() -> None:
    """One organisation and one queue; any trusted union may serve it."""
    directory = read(SMALL)

    assert ("rennes",) == directory.served(("rennes",), UNION.id)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            'titre = "Rennes"',
            '[queue.rennes] "titre" is nothing that a queue has. Did you mean "title"? It has: '
            "title, organisation, territory, hours, wider, unions, link, alternatives, closed.",
        ),
        (
            'territory = "ile"',
            '[queue.rennes] territory: "ile" is not the name of a territory of this file. '
            'Did you mean "ille"?',
        ),
        (
            'wider = ["renes"]',
            '[queue.rennes] wider: "renes" is not the name of a queue of this file. '
            'Did you mean "rennes"?',
        ),
        ('wider = ["rennes"]', '[queue.rennes] wider: "rennes" is this queue itself.'),
        (
            'unions = ["SML"]',
            '[queue.rennes] unions: "SML" is not right. Expected a union\'s id of 22 characters, '
            "as `teleconsult union show` prints it.",
        ),
        (
            'closed = "yes"',
            '[queue.rennes] closed: "yes" is not right. Expected true or false, unquoted.',
        ),
        (
            "hours = 24",
            "[queue.rennes] hours: 24 is no text. Expected when doctors are usually there, as "
            "patients read it: one line of at most 300 characters in quotes, or "
            '{ fr = "…", en = "…" }.',
        ),
        (
            'link = "https://visio.example.fr"',
            '[queue.rennes] link: "https://visio.example.fr" is no link. Expected what this '
            "prints: teleconsult link pool rennes",
        ),
        (
            f'link = "{LINK[:-1]}"',
            "[queue.rennes] link: this is no whole link to a queue for anybody. Expected what "
            "this prints: teleconsult link pool rennes",
        ),
        (
            f'link = "{ADevice(Dice(3)).link().token}"',
            "[queue.rennes] link: this one is for one person only. Expected what this prints: "
            "teleconsult link pool rennes (without --uses)",
        ),
        (
            f'link = "{UNION.pool_link("brest")}"',
            '[queue.rennes] link: this one leads to the queue "brest". Expected what this '
            "prints: teleconsult link pool rennes",
        ),
        (
            f'unions = ["{OTHER.id}"]\nlink = "{LINK}"',
            "[queue.rennes] link: a union signed it that is not among those that serve this queue.",
        ),
        (
            "alternatives = [15]",
            "[queue.rennes] alternatives: [15] is no list of alternatives. Expected "
            '[ { text = "…", phone = "116117" }, … ].',
        ),
        (
            'alternatives = [{ phone = "15" }]',
            "[queue.rennes.alternatives 1] text is missing: a sentence that says what this is.",
        ),
        (
            'alternatives = [{ text = "a", phone = "quinze" }]',
            '[queue.rennes.alternatives 1] phone: "quinze" is no number. Expected digits in '
            'quotes: "116117".',
        ),
        (
            'alternatives = [{ text = "a" }, { text = "a", url = "javascript:alert(1)" }]',
            '[queue.rennes.alternatives 2] url: "javascript:alert(1)" is no web address. Expected '
            "one that begins with https://",
        ),
        (
            '[territory.x]\nname = "x"\ndepartements = [35]',
            "[territory.x] departements: 35 is not right. Expected the number of a département "
            'in quotes, such as "35", "2A" or "971".',
        ),
        (
            '[territory.x]\nname = "x"\ndepartements = ["96", "20"]',
            '[territory.x] departements: "96" is not right. Expected the number of a département '
            'in quotes, such as "35", "2A" or "971".',
        ),
        (
            '[territory.x]\nname = "x"\npostcodes = ["3"]',
            '[territory.x] postcodes: "3" is not right. Expected a postcode or its beginning in '
            'quotes, such as "35400" or "354".',
        ),
        (
            '[territory."à côté"]\nname = "x"',
            '[territory.à côté]: "à côté" cannot be a name. Expected 1 to 63 letters without '
            "accents, digits, - or _, and no row of 22 that looks like a doctor's own queue.",
        ),
        (
            '[queue.probe-2]\norganisation = "sos"\ntitle = "x"',
            '[queue.probe-2]: "probe-2" is a name of the probe, which looks whether the service '
            "is up. Expected another name: neither probe nor one that begins with probe-.",
        ),
        (
            '[territory]\nnom = "x"',
            '[territory] "nom" stands there without a table of its own. Expected '
            "[territory.NAME], such as [territory.rennes].",
        ),
        (
            "[queues.x]",
            '[queues] is no part of a directory. Did you mean "queue"? It has '
            "[organisation.NAME], [territory.NAME] and [queue.NAME].",
        ),
        (
            '[queue.x]\ntitle = "x"\norganisation = "ssos"',
            '[queue.x] organisation: "ssos" is not the name of an organisation of this file. '
            'Did you mean "sos"?',
        ),
        (
            '[queue.x]\ntitle = "x"',
            "[queue.x] organisation is missing: the name of an organisation of this file (sos).",
        ),
        (
            "[organisation.x]\nunions = []",
            "[organisation.x] name is missing: the name that people read.",
        ),
    ],
)
def test_a_mistake_is_a_sentence(line: str, sentence: str) -> None:
    """Where it is, what stands there, what is expected, and what was perhaps meant."""
    assert sentence == mistakes(SMALL + line)[0]


def test_a_queue_may_narrow_the_unions_of_its_organisation_only() -> None:
    """One that the organisation does not trust would serve by a slip of the pen."""
    found = mistakes(
        SMALL.replace('name = "SOS"', f'name = "SOS"\nunions = ["{UNION.id}"]')
        + f'unions = ["{OTHER.id}"]'
    )

    assert ("[queue.rennes] unions: one is not among the unions of its organisation.",) == found


def test_all_mistakes_are_found_at_once() -> None:
    """Whoever mends the file starts the service once, not once for each."""
    found = mistakes(SMALL + 'wider = ["x"]\nclosed = 1\nterritory = "y"\n[other]\n')

    assert 4 == len(found)


def test_more_mistakes_than_anybody_reads_are_a_number() -> None:
    """The first of them, and how many more there are."""
    wrong = "\n".join(f'[territory.t{number}]\nname = ""' for number in range(MISTAKES_MAX + 7))

    found = mistakes(SMALL + wrong)

    assert MISTAKES_MAX + 1 == len(found) and "And 7 more." == found[-1]


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("", "There is no queue."),
        ("[queue.a", "The file is not TOML: "),
        ("[queue.a]\n[queue.a]", "The file is not TOML: "),
        ("a = " + "[" * 9_000, "The file is not TOML: "),
        ("#" * (FILE_MAX_BYTES + 1), "The file is larger than 256 KiB."),
        (
            "".join(f'[queue.q{number}]\ntitle = "q"\n' for number in range(257)),
            "[queue] 257 are too many; at most 256 are allowed.",
        ),
    ],
)
def test_what_is_no_directory_is_said(text: str, begins: str) -> None:
    """Empty, broken, or larger than any."""
    assert mistakes(text)[0].startswith(begins)


KEYS = st.sampled_from(
    "name unions alternatives departements communes postcodes title organisation territory hours "
    "wider link closed text phone url fr en x".split()
)
VALUES = st.recursive(
    st.sampled_from(["rennes", "sos", "35", "x", "https://a.fr", 7, True, 1.5])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(char):08X}" for char in value) + '"'
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key} = {toml(one)}" for key, one in value.items()) + "}"
    return str(value)


@given(
    st.dictionaries(
        st.sampled_from(["organisation.sos", "territory.x", "queue.rennes", "queue.x", "x.y"]),
        st.dictionaries(KEYS, VALUES, max_size=5),
        max_size=4,
    )
)
def test_any_tables_are_a_directory_or_sentences(tables: dict[str, dict[str, object]]) -> None:
    """Never another exception, and every sentence is one line."""
    text = "\n".join(
        f"[{name}]\n" + "\n".join(f"{key} = {toml(value)}" for key, value in values.items())
        for name, values in tables.items()
    )
    try:
        read(text)
    except WrongDirectory as wrong:
        assert wrong.mistakes and all("\n" not in sentence for sentence in wrong.mistakes)


@given(st.text(max_size=60))
def test_any_text_is_a_directory_or_sentences(text: str) -> None:
    """Never another exception."""
    assert mistakes(text)


# Remarks


def test_what_may_not_be_meant_is_remarked() -> None:
    """It stops nobody from starting: a link that ended at night must not keep the house shut."""
    directory = read(
        SMALL
        + f'wider = ["brest"]\nlink = "{LINK}"\n'
        + '[queue.brest]\norganisation = "sos"\ntitle = "Brest"'
    )

    assert (
        "1 of the queues that others widen to have no link, so that nobody can: brest. Make them "
        "with: teleconsult directory link FILE",
        "[queue.rennes] has no alternatives: when nobody is on duty, its patients are shown the "
        "emergency numbers only.",
        "[queue.brest] has no alternatives: when nobody is on duty, its patients are shown the "
        "emergency numbers only.",
    ) == remarks(directory, NOW)
    assert "[queue.rennes] link ends within 30 days" in remarks(directory, NOW + 271 * DAY_S)[1]
    assert "[queue.rennes] link has ended" in remarks(directory, NOW + 300 * DAY_S)[1]


def test_a_file_that_says_everything_has_no_remarks() -> None:
    """Then there is nothing to mend."""
    assert () == remarks(read(WHOLE), NOW)
