"""One word, one meaning, and never a shop's: what the pages say to people."""

import ast
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
# How it is made is nobody's business who is ill, or who treats. « Prendre le relais » is plain.
JARGON = {
    "fr": "WebRTC TURN STUN ICE TLS DTLS websocket socket jeton token handshake signalisation "
    "getUserMedia getStats relais Relais",
    "en": "WebRTC TURN STUN TLS DTLS websocket socket token handshake signalling relay "
    "getUserMedia getStats",
    "ar": "WebRTC TURN STUN ICE TLS DTLS websocket socket token مرحّل",
}
# The staff's page watches paths, and calls them by their names; it is in their two languages.
STAFF = "status"
STAFF_LANGUAGES = {"fr", "en"}
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
    return [
        f"{key}: {word}"
        for key, sentence in sentences(text)
        for word in [
            *of_a_shop(language, sentence, is_banner=bool(BANNER_KEYS.match(key))),
            *of_the_trade(language, sentence),
        ]
    ]


def of_a_shop(language: str, sentence: str, *, is_banner: bool) -> list[str]:
    """List the words of a sentence that no page says."""
    before, after = AROUND[language]
    bare = VOWEL_SIGNS.sub("", sentence)
    return [
        word
        for word in FORBIDDEN[language].split()
        if not (is_banner and word in IN_THE_BANNER[language])
        and re.search(rf"(?<!\w){before}{word}{after}(?!\w)", bare, re.I)
    ]


def of_the_trade(language: str, sentence: str) -> list[str]:
    """List the words that only engineers know; in capitals as written, « ice » being a word."""
    bare = re.sub(r"\b([Pp]rendre|prend|prenez|pris) le relais\b", "", sentence)
    return [word for word in JARGON[language].split() if re.search(rf"(?<!\w){word}(?!\w)", bare)]


def read(language: str, *, is_staff: bool = False) -> str:
    """Read a language's words, which are in one file or in one for each part of the pages."""
    files = sorted(path for path in WORDS.glob("*.ts") if language_of(path) == language)
    files = [path for path in files if (path.name.partition(".")[0] == STAFF) == is_staff]
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


@pytest.mark.parametrize("language", sorted(STAFF_LANGUAGES))
def test_nor_does_the_page_of_the_staff(language: str) -> None:
    """It may name the parts of the machine, and nobody is sold anything there either."""
    said = list(sentences(read(language, is_staff=True)))

    assert len(said) > 50
    assert [] == [
        f"{key}: {word}"
        for key, sentence in said
        for word in of_a_shop(language, sentence, is_banner=False)
    ]


def test_every_language_is_checked() -> None:
    """A new language brings its own list."""
    found = {path.name: language_of(path) for path in WORDS.glob("*.ts")}

    assert FORBIDDEN.keys() == set(found.values()) - {None}
    for name, language in found.items():
        parts = {other for other in found if other.startswith(name.partition(".")[0] + ".")}
        if language is not None and name != f"{language}.ts":
            languages = STAFF_LANGUAGES if name.startswith(f"{STAFF}.") else FORBIDDEN
            assert {name.replace(f".{language}.", f".{each}.") for each in languages} <= parts


def places() -> Iterator[tuple[str, str, str]]:
    """Yield what stands elsewhere than in the words: where, in which language, and the text."""
    web = ROOT / "clients" / "web"
    pages = [*web.glob("*.html"), *(ROOT / "signaling").rglob("*.html")]
    for page in pages:
        text = re.sub(r"<!--.*?-->", "", page.read_text(encoding="utf-8"), flags=re.S)
        own = next((part for part in page.name.split(".") if part in FORBIDDEN), "fr")
        # One element in another language, as for whoever has no script.
        for language, said in re.findall(r'<(?!html)\w+ lang="(\w+)"[^>]*>(.*?)</', text, re.S):
            yield page.name, language, said
        rest = re.sub(r'<(?!html)\w+ lang="\w+"[^>]*>.*?</', "", text, flags=re.S)
        for said in re.split(r"</?(?:p|li|h\d|title|td|th|summary|div|section)\b[^>]*>", rest):
            yield page.name, own, re.sub(r"<[^>]*>", "", said)
    for path in (ROOT / "signaling").rglob("*_words.py"):
        yield from of_python(path)


def of_python(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the texts that a mapping of languages has, whatever its shape."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in FORBIDDEN:
                    for part in ast.walk(value):
                        if isinstance(part, ast.Constant) and isinstance(part.value, str):
                            yield path.name, str(key.value), part.value


def test_nothing_else_speaks_like_a_shop() -> None:
    """Pages of the server, what stands before the script, and printed words alike."""
    all_ = list(places())

    assert {"index.html", "doctor.html"} <= {where for where, _, _ in all_}
    assert [] == [
        (where, " ".join(said.split()), found)
        for where, language, said in all_
        if (found := of_a_shop(language, said, is_banner="15" in said or "appelez le" in said))
    ]


@pytest.mark.parametrize("language", sorted(FORBIDDEN.keys() - {"fr"}))
def test_a_language_is_loaded_by_whoever_chose_it(language: str) -> None:
    """Its parts come with its own file alone, and that by `import()`: nobody carries three."""
    source = WORDS.parent
    taken = re.compile(rf"""from "[^"]*?(?:/|\.){language}\.ts\"""")
    takers = {
        str(path.relative_to(source))
        for path in [*source.rglob("*.ts"), *source.rglob("*.tsx")]
        if taken.search(path.read_text(encoding="utf-8"))
    }

    assert {f"words/{language}.ts"} == takers


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
        ("fr", 'title: "Le relais ne répond pas",', ["title: relais"]),
        ("fr", 'title: "Prendre le relais",', []),
        ("en", 'title: "No WebRTC, wait your turn",', ["title: WebRTC"]),
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
