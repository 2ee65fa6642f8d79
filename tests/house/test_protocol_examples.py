"""PROTOCOL.md says what the code does: its examples, tables and numbers are run."""

import ast
import json
import re
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from signaling import messages
from signaling.admission import holder_of
from signaling.line import SENTENCES
from signaling.messages import (
    ClientMessage,
    Ended,
    Outcome,
    RefusalCode,
    Refused,
    ServerMessage,
    parse,
    parse_from_server,
    serialise,
)
from tests.house.documents import between, links, table, wrong_numbers
from tests.house.protocol_tables import PART, PROTOCOL, states
from tests.house.tree import ROOT

TEXT = PROTOCOL.read_text(encoding="utf-8")
TO_SERVER = TEXT.partition("\n## Messages to the server\n")[2].partition("\n## ")[0]
FROM_SERVER = TEXT.partition("\n## Messages from the server\n")[2].partition("\n## ")[0]
VECTORS = json.loads((ROOT / "tests" / "vectors" / "letters.json").read_text(encoding="utf-8"))

# What aiohttp closes by itself: broken framing, text that is not UTF-8, a frame too large.
CLOSED_BY_LIBRARY = {1002, 1007, 1009}


def sections(part: str) -> dict[str, str]:
    """Split a part at its headings: message -> what is said of it."""
    return {
        name: text for name, text in re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", part, re.M | re.S)
    }


def examples(part: str) -> list[tuple[str, str]]:
    """Yield each example and under which message it stands."""
    return [
        (name, example)
        for name, text in sections(part).items()
        for example in re.findall(r"```json\n(.*?)\n```", text, re.S)
    ]


def types(union: object) -> set[str]:
    """Name the messages of one direction."""
    return {model.model_fields["type"].default for model in get_args(get_args(union)[0])}


def in_backticks(text: str) -> list[str]:
    """List what stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize(("name", "example"), examples(TO_SERVER))
def test_an_example_to_the_server_is_a_message(name: str, example: str) -> None:
    """The server accepts it, key by key, and writes it the same way."""
    message = parse(example)

    assert name == message.type
    assert json.loads(example) == json.loads(serialise(message))


@pytest.mark.parametrize(("name", "example"), examples(FROM_SERVER))
def test_an_example_from_the_server_is_a_message(name: str, example: str) -> None:
    """A client understands it, and no key of it is unknown."""
    message = parse_from_server(example)

    assert name == message.type
    assert json.loads(example) == json.loads(serialise(message))


@pytest.mark.parametrize(
    ("part", "union"), [(TO_SERVER, ClientMessage), (FROM_SERVER, ServerMessage)]
)
def test_every_message_has_its_example(part: str, union: object) -> None:
    """No message is undocumented, and none is documented that does not exist."""
    assert types(union) == sections(part).keys() == {name for name, _ in examples(part)}


def test_the_examples_of_hello_and_join_prove_a_key() -> None:
    """Who follows the document signs what the server checks."""
    hello = json.loads(dict(examples(FROM_SERVER))["hello"])
    join = json.loads(dict(examples(TO_SERVER))["join"])

    holder = holder_of(join["proof"], hello["challenge"], VECTORS["proof"]["origin"], join["token"])

    assert VECTORS["proof"]["thumbprint"] == holder


def test_the_example_of_a_refusal_is_what_the_server_says() -> None:
    """Code and sentence go together."""
    refused = parse_from_server(dict(examples(FROM_SERVER))["refused"])

    assert isinstance(refused, Refused)
    assert SENTENCES[refused.code] == refused.text


def test_states_and_arrows_are_those_of_the_conversation() -> None:
    """The tables and the diagram were made from what the server obeys."""
    assert states() == between(TEXT, PART), "python -m tests.house.protocol_tables --write"


def test_every_number_is_the_one_in_the_code() -> None:
    """A number has one home; the document quotes it."""
    assert [] == wrong_numbers(TEXT)


@pytest.mark.parametrize(
    "sentence",
    [
        "kept for `awake_s` (41 s)",
        "kept for `awake_s` (40)",
        "kept for `no_such_s` (40 s)",
        "at most `MEMBERS_MAX` (5)",
        "frames of `FRAME_MAX_BYTES` (47 KiB)",
        "kept for 40 s",
        "kept for 10 minutes",
        "frames of 48 KiB",
    ],
)
def test_a_wrong_number_is_found(sentence: str) -> None:
    """The check above can fail."""
    assert wrong_numbers(sentence)


def test_every_refusal_is_explained_once() -> None:
    """Each code of the wire has its row, and nothing else has."""
    assert list(get_args(RefusalCode)) == [row[0] for row in table(TEXT, "code")]


def test_every_refusal_is_listed_where_it_may_come() -> None:
    """A code that no message may be answered with would be a code too many."""
    anywhere = in_backticks(re.findall(r"Any of them may be refused ([^;]+);", TO_SERVER)[0])
    listed = {
        code
        for text in sections(TO_SERVER).values()
        for code in in_backticks(re.findall(r"Refused: ([^.]+)\.", text)[0])
    }

    assert set(get_args(RefusalCode)) == listed | set(anywhere)


def test_every_outcome_is_explained_once() -> None:
    """Each outcome of the wire has its row, with what it may be the outcome of."""
    rows = table(TEXT, "outcome")
    whats = get_args(Ended.model_fields["what"].annotation)

    assert list(get_args(Outcome)) == [row[0] for row in rows]
    assert set(whats) == {what for row in rows for what in row[1].split(", ")}


def test_every_close_code_is_explained() -> None:
    """The codes with which the server closes are those of the table."""
    closing = {
        "OK": 1000,
        "GOING_AWAY": 1001,
        "UNSUPPORTED_DATA": 1003,
        "POLICY_VIOLATION": 1008,
        "INTERNAL_ERROR": 1011,
    }
    used = {
        closing[node.attr]
        for name in ("line.py", "server.py")
        for node in ast.walk(ast.parse((ROOT / "signaling" / name).read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "WSCloseCode"
    }

    assert used | CLOSED_BY_LIBRARY == {int(row[0]) for row in table(TEXT, "close code")}


@pytest.mark.parametrize("row", table(TEXT, "alphabet"), ids=lambda row: row[0])
def test_every_alphabet_holds_at_its_bounds(row: list[str]) -> None:
    """The shortest and the longest pass, one character less or more does not."""
    name, _, characters, length = row
    field: TypeAdapter[Any] = TypeAdapter(vars(messages)[name])
    least, most = (int(bound) for bound in length.split(" to "))
    allowed = "-_09AZaz" + ("." if "." in characters else "")
    # Sixteen bytes have one spelling: the last character carries two bits.
    last = "A" if name in ("Id", "Key") else ""

    for text in (
        "a" * least,
        "a" * most,
        *((allowed * most)[start:][:most] for start in range(9)),
    ):
        right = text[:-1] + last if last else text
        assert right == field.validate_python(right)
    for wrong in ("a" * (least - 1), "a" * (most + 1), "é" * most, "+" * most, "=" * most):
        with pytest.raises(ValidationError):
            field.validate_python(wrong)
    if last:
        with pytest.raises(ValidationError):
            field.validate_python("a" * most)
    if "." not in allowed:
        with pytest.raises(ValidationError):
            field.validate_python("." * most)


def test_the_links_lead_somewhere() -> None:
    """Every document that is named is there."""
    assert [] == [target for target in links(PROTOCOL) if not target.exists()]
