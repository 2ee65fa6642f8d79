"""The pages around the service: true of these settings, and of what the documents say."""

import re
from datetime import date
from html.parser import HTMLParser

import pytest

from signaling.accessibility import read
from signaling.brand import DEFAULT, LEGAL, Brand, Legal
from signaling.figures import FIGURES, HOUR_S, right_of_hundred, total_epsilon, uncertainty
from signaling.journal import ROUNDED_TO_S
from signaling.notice_words import BINS
from signaling.notices import LANGUAGES, PAGES, duration, notices, path_of
from signaling.pages import TEXTS
from signaling.settings import RELAY_PASSWORD_MAX_S, Settings
from signaling.usage import KEPT_S
from tests.house.documents import tables
from tests.house.test_words import FORBIDDEN
from tests.house.tree import ROOT

TEMPLATE = '<html lang="fr"><head><title>T</title></head><body><div id="root"></div></body></html>'
ALL = {file.name: file.read_text(encoding="utf-8") for file in TEXTS.glob("*.html")}
TODAY = date(2026, 12, 1)
CHECKED = read(
    b'{"date":"2026-11-30","axe":"4.10.3","screens":["welcome"],"gaps":["<b>Safari</b>"]}'
)
ORIGIN = "https://visio.example.fr"
MISSING = {"fr": "à compléter par l’organisation", "en": "to be completed by the organisation"}
BRAND = Brand(
    name="Cap <Vert>",
    short="Cap <Vert>",
    legal=Legal(**{name: f"fact-{name}" for name in LEGAL} | {"accessibility": "a@b.example"}),
    team="equipe@b.example",
)


def made(settings: Settings | None = None, brand: Brand = DEFAULT) -> dict[str, str]:
    settings = settings or Settings(origins=(ORIGIN,))
    return dict(notices(TEMPLATE, ALL, settings, brand, CHECKED, TODAY))


def page(name: str, language: str = "fr", brand: Brand = DEFAULT) -> str:
    return made(brand=brand)[path_of(name, language)]


def words_of(text: str) -> str:
    """What a reader reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_every_page_is_there_in_every_language() -> None:
    """French under its own name, others under their language; and no text is left over."""
    assert {
        "/confidentialite",
        "/mentions-legales",
        "/accessibilite",
        "/comment-ca-marche",
        "/en/confidentialite",
        "/en/mentions-legales",
        "/en/accessibilite",
        "/en/comment-ca-marche",
    } == made().keys()
    assert {f"{name}.{language}.html" for name in PAGES for language in LANGUAGES} == ALL.keys()


class Outline(HTMLParser):
    """Headings, open elements and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.open: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h\d", tag):
            self.headings.append(int(tag[1]))
        if tag == "a":
            self.links.append(dict(attrs))
        self.scripts += tag in ("script", "style") or any(
            name == "style" or name.startswith("on") for name, _ in attrs
        )
        if tag not in ("img", "meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()


@pytest.mark.parametrize("path", made())
def test_a_page_is_well_made_and_needs_no_script(path: str) -> None:
    """One h1, headings in order, every element closed, every blank filled."""
    outline = Outline()
    outline.feed(made()[path])

    assert [] == outline.open and 0 == outline.scripts
    assert [1] == [level for level in outline.headings if level == 1]
    assert all(b - a <= 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))
    assert "$" not in made()[path]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_leads_to_the_others_and_to_its_other_language(language: str) -> None:
    """Where one is read, all are."""
    for name in PAGES:
        outline = Outline()
        outline.feed(page(name, language))
        targets = {link["href"] for link in outline.links}

        assert {path_of(other, language) for other in PAGES} <= targets
        assert {path_of(name, other) for other in LANGUAGES} <= targets
        assert f'<html lang="{language}">' in page(name, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_do_not_speak_like_a_shop(language: str) -> None:
    """As the other pages do not; the emergency line has its word."""
    for name in PAGES:
        text = ALL[f"{name}.{language}.html"]
        found = [
            word
            for word in FORBIDDEN[language].split()
            if re.search(rf"(?<!\w){word}e?s?(?!\w)", words_of(text), re.IGNORECASE)
        ]
        assert [] == found, name


# What is held

DATA = (ROOT / "signaling" / "DATA.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
ITEM = re.compile(r'<li data-(field|held)="([^"]+)" data-setting="(\w+)">(.*?)</li>')
NUMBERS = {
    "RELAY_PASSWORD_MAX_S": RELAY_PASSWORD_MAX_S,
    "ROUNDED_TO_S": ROUNDED_TO_S,
    "KEPT_S": KEPT_S,
}

# The document quotes the relay's own setting, which is the same number.
CALLED = {"RELAY_PASSWORD_MAX_S": "password_max_s"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_long_things_are_held_is_what_the_document_says(language: str) -> None:
    """Each duration is that of the row of DATA.md on which it stands, by the code's own number."""
    items = ITEM.findall(page("confidentialite", language))

    assert 9 == len(items)
    for _, name, setting, text in items:
        rows = [line for line in DATA.splitlines() if line.startswith("|") and name in line[:200]]
        quoted = f"`{CALLED.get(setting, setting)}` ("
        assert [row for row in rows if quoted in row], name
        value = NUMBERS.get(setting) or Settings.model_fields[setting].default
        assert duration(value, language) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_nobody_sees_is_what_the_readme_says(language: str) -> None:
    """Each « never » of the page is a « never » of the README's table."""
    heading = next(line for line in README.splitlines() if line.startswith("| | patient's page"))
    parts = [cell.strip() for cell in heading.strip("|").split("|")]
    rows = next(rows for names, rows in tables(README) if names[1:2] == ["patient's page"])
    text = page("confidentialite", language)
    lists = re.findall(r'<ul class="never" data-part="([^"]+)">(.*?)</ul>', text, re.DOTALL)

    assert 3 == len(lists)
    for part, items in lists:
        column = parts.index(part)
        for name in re.findall(r'data-readme="([^"]+)"', items):
            cells = [row[column] for row in rows if row[0].startswith(name)]
            assert 1 == len(cells), name
            assert cells[0].startswith("never"), (part, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_figure_of_use_is_said_with_what_it_gives_away(language: str) -> None:
    """What is counted, for how long, its noise, its threshold and its cost, of the one table."""
    text = page("confidentialite", language)
    items = dict(re.findall(r'<li data-figure="(\w+)">(.*?)</li>', text))

    assert [figure.name for figure in FIGURES] == [*items]
    for figure in FIGURES:
        said = words_of(items[figure.name])
        hour, day = {"fr": ("par heure", "par jour"), "en": ("each hour", "each day")}[language]
        numbers = (figure.threshold, uncertainty(figure), right_of_hundred(figure.epsilon))
        assert (hour if figure.epoch_s == HOUR_S else day) in said
        assert all(re.search(rf"\b{number}\b", said) for number in numbers)
        assert f"ε = {figure.epsilon})" in said
        assert all(BINS[language][bin] in said for bin in figure.bins if bin)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_one_consultation_costs_in_all_is_said(language: str) -> None:
    """The total by the function, what it lets anybody guess, and that several cost as often."""
    text = page("confidentialite", language)

    said = re.sub(r"\s", " ", words_of(text))
    assert f"<strong data-epsilon>{total_epsilon()}</strong>" in text
    assert {"fr": "74 fois sur 100", "en": "74 times of 100"}[language] in said
    assert {"fr": "10 consultations, 10 fois", "en": "10 consultations ten times"}[language] in said
    assert {"fr": "aucun, de 1 à 4, de 5 à 19, 20 et plus", "en": "none, 1 to 4, 5 to 19, 20 or"}[
        language
    ] in said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            ("même heure", "même jour", "tranche d’attente", "plusieurs serveurs partagent"),
        ),
        ("en", ("same hour", "same day", "class of waiting", "which several servers share")),
    ],
)
def test_what_noise_does_not_hide_is_said(language: str, words: tuple[str, ...]) -> None:
    """Which memory shows a consultation, within how long and what of it; and that a probe may."""
    text = page("confidentialite", language)
    memory, probe = (re.findall(rf"<p data-{name}>(.*?)</p>", text) for name in ("memory", "probe"))

    assert 1 == len(memory) == len(probe)
    assert [] == [word for word in words if word not in words_of(memory[0])]
    assert {"fr": "plus une seule place", "en": "not one place left"}[language] in probe[0]


def test_numbers_are_those_of_the_settings_in_force() -> None:
    """An installation that changes one says so by itself."""
    settings = Settings(origins=(ORIGIN,), wait_pass_s=1200.0, faults_to_tail=5)
    text = made(settings)

    assert "20\u00a0minutes" in text["/confidentialite"]
    assert "Après 5 appels refusés" in text["/comment-ca-marche"]


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({}, False),
        ({"relay_only": False}, True),
        ({"relay": "none"}, True),
        ({"relay": "coturn"}, False),
    ],
)
def test_who_sees_an_address_is_what_the_settings_make_of_it(
    changes: dict[str, object], seen: bool
) -> None:
    """Without the relay the two ends learn each other's, and the page says it."""
    settings = Settings.model_validate({"origins": (ORIGIN,), **changes})

    assert seen == ("tout droit d’un appareil" in made(settings)["/confidentialite"])


def test_the_page_says_where_everything_is_kept() -> None:
    """In one process, or in a Redis."""
    settings = Settings.model_validate({"store": "redis://localhost"})

    assert "d’un seul programme" in page("confidentialite")
    assert "plusieurs machines" in made(settings)["/confidentialite"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_keys_are_those_of_the_doctors_page(language: str) -> None:
    """Each key that does something is named, and no other."""
    shortcuts = (ROOT / "clients" / "web" / "src" / "shortcuts.ts").read_text(encoding="utf-8")
    keys = re.findall(r'(\S+): "', shortcuts.partition("KEYS = {")[2].partition("}")[0])
    said = re.findall(r"<kbd>(.)</kbd>", page("comment-ca-marche", language))

    assert [key.strip('"').upper() for key in keys] == [key for key in said if key != "⌘"]


# Whose service it is


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_organisation_did_not_say_is_said_to_be_missing(language: str) -> None:
    """Nothing is made up, and nothing is left empty."""
    assert 8 == page("mentions-legales", language).count(MISSING[language])
    assert 0 == page("mentions-legales", language, BRAND).count(MISSING[language])


def test_facts_are_text_and_addresses_of_mail_are_links() -> None:
    """Whatever the file says."""
    text = page("accessibilite", brand=BRAND)

    assert '<a href="mailto:a@b.example">a@b.example</a>' in text
    assert "fact-publisher" in text and ORIGIN in text
    assert "<Vert>" not in "".join(made(brand=BRAND).values())
    assert '<a href="mailto:equipe@b.example">Écrire à l’équipe</a>' in text
    assert "mailto:" not in page("comment-ca-marche")


def test_the_service_says_that_it_employs_and_bills_nobody() -> None:
    """And that it claims no certificate."""
    text = words_of(page("mentions-legales"))

    assert "n’emploie aucun médecin et ne facture rien" in text
    assert "ni agrément ni certification" in text


def test_the_statement_says_what_was_checked_and_what_is_not_right() -> None:
    """With the date, the program, the gaps, and where to turn."""
    text = page("accessibilite")

    assert "<strong data-conformity>partiellement conforme</strong>" in text
    assert "axe-core 4.10.3" in text and "2026-11-30" in text
    assert "<li>&lt;b&gt;Safari&lt;/b&gt;</li>" in text
    assert "Défenseur des droits" in text and "Libre réponse 71120" in text


def test_without_checks_the_statement_claims_nothing() -> None:
    """On this page and at the foot of each."""
    unchecked = dict(notices(TEMPLATE, ALL, Settings(), DEFAULT, None, TODAY))

    assert "<strong data-conformity>non conforme</strong>" in unchecked["/accessibilite"]
    assert "Accessibilité : non conforme" in unchecked["/confidentialite"]
    assert "Rien n’a encore été vérifié" in unchecked["/accessibilite"]


@pytest.mark.parametrize(
    ("seconds", "fr", "en"),
    [
        (1.0, "1\u00a0seconde", "1\u00a0second"),
        (40.0, "40\u00a0secondes", "40\u00a0seconds"),
        (0.5, "0,5\u00a0seconde", "0.5\u00a0seconds"),
        (600.0, "10\u00a0minutes", "10\u00a0minutes"),
        (90.0, "90\u00a0secondes", "90\u00a0seconds"),
        (86_400.0, "24\u00a0heures", "24\u00a0hours"),
        (172_800.0, "2\u00a0jours", "2\u00a0days"),
    ],
)
def test_a_duration_is_said_as_people_do(seconds: float, fr: str, en: str) -> None:
    """In the largest unit that it is whole in."""
    assert (fr, en) == (duration(seconds, "fr"), duration(seconds, "en"))
