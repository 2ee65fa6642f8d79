"""One word, one meaning, and never a shop's: what the pages say to people."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from signaling.messages import Outcome, RefusalCode
from tests.house.tree import ROOT

WORDS = ROOT / "clients" / "web" / "src" / "words"

# A consultation is not sold here, nobody is rated, and nobody is a user.
FORBIDDEN = {
    "fr": "client prestataire offre commande panier note avis promotion urgence notation étoile "
    "utilisateur usager salon",
    "en": "client customer user provider agent caller rating review basket offer promotion lobby",
    "ar": "زبون زبائن عميل عملاء مستخدم مستعمل مزود سلة طلبية عرض عروض تقييم نجوم ترويج "
    "تخفيض خصم طوارئ",
}
# « Urgence » is for the emergency banner, on paper too, and for nothing else.
IN_THE_BANNER = {"fr": {"urgence"}, "en": set[str](), "ar": {"طوارئ"}}
# What may stand around a word and leave it the same word: articles and endings.
AROUND = {
    "fr": ("", "e?s?"),
    "en": ("", "e?s?"),
    "ar": ("[وف]?(?:[بك]?ال|لل|[بكل])?", "(?:ة|ات|ون|ين|ان|ي|ه|ها|هم|كم|نا)?"),
}
VOWEL_SIGNS = re.compile(r"[\u064b-\u0652]")
BANNER_KEYS = re.compile(r"^(emergency\w*|sheetEmergency|orCall|call1\d+|sms114)$")

STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
KEY = re.compile(r"""^\s*["']?([\w-]+)["']?\s*:""")


def sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield each text of a words file with the key that it stands under."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    key = ""
    for line in text.splitlines():
        if re.match(r"\s*(//|import |export (type|default))", line):
            continue
        named = KEY.match(line)
        if named:
            key, line = named[1], line[named.end() :]
        for quoted, templated in STRING.findall(line):
            yield key, re.sub(r"\$\{[^}]*\}", "", quoted or templated)


def unfit(language: str, text: str) -> list[str]:
    """Say, a sentence each, which words of a language are not ours to say."""
    found = []
    before, after = AROUND[language]
    for key, sentence in sentences(VOWEL_SIGNS.sub("", text)):
        for word in FORBIDDEN[language].split():
            in_banner = word in IN_THE_BANNER[language] and BANNER_KEYS.match(key)
            if not in_banner and re.search(rf"(?<!\w){before}{word}{after}(?!\w)", sentence, re.I):
                found.append(f"{key}: {word}")
    return found


def read(language: str) -> str:
    """Read a language's words, which are in one file or in one for each part of the pages."""
    files = sorted(path for path in WORDS.glob("*.ts") if language_of(path) == language)
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def language_of(path: Path) -> str | None:
    """Say in which language a file is: `fr.ts`, `enrolment.fr.ts`; none chooses among them."""
    last = path.stem.rpartition(".")[2]
    return last if last in FORBIDDEN or not (WORDS / f"{path.stem}.fr.ts").exists() else None


@pytest.mark.parametrize("language", FORBIDDEN)
def test_the_pages_do_not_speak_like_a_shop(language: str) -> None:
    """No client, no offer, no rating; « urgence » only where the numbers are."""
    assert len(list(sentences(read(language)))) > 50
    assert [] == unfit(language, read(language))


def test_every_language_is_checked() -> None:
    """A new language brings its own list."""
    found = {path.name: language_of(path) for path in WORDS.glob("*.ts")}

    assert FORBIDDEN.keys() == set(found.values()) - {None}
    for name, language in found.items():
        parts = {other for other in found if other.startswith(name.partition(".")[0] + ".")}
        if language is not None and name != f"{language}.ts":
            assert {name.replace(f".{language}.", f".{each}.") for each in FORBIDDEN} <= parts


@pytest.mark.parametrize("language", FORBIDDEN)
def test_every_refusal_and_outcome_has_its_words(language: str) -> None:
    """Whatever the server answers, the page has a sentence for it."""
    keys = {named[1] for line in read(language).splitlines() if (named := KEY.match(line))}

    assert set(get_args(RefusalCode)) | set(get_args(Outcome)) <= keys


def test_the_emergency_numbers_are_said() -> None:
    """15, 112 and 114 are in every language, in the digits that people dial."""
    for language in FORBIDDEN:
        said = " ".join(sentence for _, sentence in sentences(read(language)))
        assert all(re.search(rf"\b{number}\b", said) for number in (15, 112, 114))


@pytest.mark.parametrize(
    ("language", "line", "fault"),
    [
        ("fr", 'title: "Bonjour, cher client",', ["title: client"]),
        ("fr", 'title: "Deux clientes attendent",', ["title: client"]),
        ("fr", 'title: "Urgence ?",', ["title: urgence"]),
        ("fr", "more: (n: number) => `${n} avis`,", ["more: avis"]),
        ("fr", 'facts: ["Rien", "Donnez une note"],', ["facts: note"]),
        ("en", '"not-found": "No user here",', ["not-found: user"]),
        ("fr", 'emergency: "Urgence vitale ?",', []),
        ("fr", '// client\ntitle: "Noter n’est pas jouer",', []),
        ("en", 'title: "Your browser is used",', []),
        ("ar", 'title: "أهلًا بالزبائن الكرام",', ["title: زبائن"]),
        ("ar", 'title: "تقييمات المستخدمين",', ["title: مستخدم", "title: تقييم"]),
        ("ar", 'title: "هل من طوارئ؟",', ["title: طوارئ"]),
        ("ar", 'emergency: "طوارئ؟",', []),
        ("ar", 'title: "هذه الصفحة معروضة"', []),
    ],
)
def test_a_word_of_a_shop_is_found(language: str, line: str, fault: list[str]) -> None:
    """The check above can fail, and does not cry wolf."""
    assert fault == unfit(language, line)
