"""Every check of the seal is missed when it is gone: some attack then succeeds.

Each mutant is the seal with one thing taken out, run against the attacks of its test files.
The conditions in front of `raise Refused` are found in the source, each by itself and each
part of it; whatever else holds the seal together is a row of the table. No mutant survives,
and a row that no longer fits the source fails.
"""

import ast
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path

import pytest

import clients.peer
from tests.house.tree import ROOT

# In the order in which they need each other.
SOURCES = (
    "sealing",
    "channel",
    "descriptions",
    "passkeys",
    "identity",
    "sealed_letters",
    "sealed",
    "rosters",
    "invites",
    "introductions",
    "cards",
)
# Who plays in the tests, in the same order.
CAST = ("authenticator", "seal_cast", "gathering_cast", "gathering_vectors")
# Module -> the files whose tests must miss what is gone from it.
ATTACKS = {
    "sealing": ("test_sealing", "test_sealed", "test_sealed_letters"),
    "channel": ("test_channel",),
    "descriptions": ("test_descriptions",),
    "passkeys": ("test_passkeys", "test_sealed_letters"),
    "identity": ("test_identity",),
    "sealed_letters": ("test_sealed_letters", "test_sealed", "test_sealed_members"),
    "sealed": (
        "test_sealed",
        "test_sealed_letters",
        "test_sealed_passkeys",
        "test_sealed_members",
    ),
    "rosters": ("test_rosters",),
    "invites": ("test_invites",),
    "introductions": ("test_introductions", "test_invites"),
    "cards": ("test_cards",),
}
_TAKE = "state, self._state = self._state, None"


@dataclass(frozen=True)
class Mutant:
    """A module and what is done to its text; all replacements together."""

    module: str
    name: str
    replacements: tuple[tuple[str, str], ...]
    # How often the first text stands there; each is replaced.
    times: int = 1


def row(module: str, name: str, *replacements: tuple[str, str], times: int = 1) -> Mutant:
    return Mutant(module, name, replacements, times)


TABLE = (
    row(
        "sealing",
        "lengths are not hashed",
        ("map(framed, (NAME, label.encode(), *parts))", "(NAME, label.encode(), *parts)"),
    ),
    row("sealing", "labels are not hashed", ("(NAME, label.encode(), *parts)", "(NAME, *parts)")),
    row("sealing", "labels are not expanded", ('+ b"|" + label.encode()', "")),
    row(
        "sealing",
        "what is sealed goes with no info",
        ("_SUITE.encrypt(text, key, info)", '_SUITE.encrypt(text, key, b"")'),
        ("_SUITE.decrypt(sealed, key.private, info)", '_SUITE.decrypt(sealed, key.private, b"")'),
    ),
    row("sealing", "another suite", ("AEAD.AES_256_GCM)", "AEAD.CHACHA20_POLY1305)")),
    row(
        "channel",
        "one key both ways",
        ('expand(key, f"key {sender}", 32)', 'expand(key, "key")'),
        ('expand(key, f"iv {sender}", _IV_BYTES)', 'expand(key, "iv", _IV_BYTES)'),
    ),
    row("channel", "no counter", ("(self._iv ^ self._counter)", "self._iv")),
    row(
        "channel",
        "records need not follow",
        ("self._nonce(), record, about)", "record[-12:], record[:-12], about)"),
        (
            "record = self._aead.encrypt(self._nonce(), text, about)",
            "record = self._aead.encrypt(self._nonce(), text, about) + self._nonce()",
        ),
        ("len(record) - _TAG_BYTES not in", "len(record) - _TAG_BYTES - 12 not in"),
    ),
    row(
        "channel",
        "records go with no session",
        ('about=NAME + expand(key, "session", _SID_BYTES)', 'about=b""'),
    ),
    row(
        "channel",
        "records are not padded",
        ("pad(utf8(text), RECORD_SIZES)", "utf8(text)"),
        ("unpad(padded, RECORD_SIZES).decode()", "padded.decode()"),
        ("len(record) - _TAG_BYTES not in RECORD_SIZES", "False"),
    ),
    row(
        "channel",
        "a proof in no role",
        ("self.role.encode(), own, far", "*sorted((own, far))"),
        ("self._far.encode(), far, own", "*sorted((own, far))"),
    ),
    row(
        "channel",
        "a proof without the prover's certificate",
        ("self.role.encode(), own, far", "self.role.encode(), far"),
        ("self._far.encode(), far, own", "self._far.encode(), own"),
    ),
    row(
        "channel",
        "a proof without the checker's certificate",
        ("self.role.encode(), own, far", "self.role.encode(), own"),
        ("self._far.encode(), far, own", "self._far.encode(), far"),
    ),
    row(
        "channel",
        "a proof under no key",
        ("mac(self._open().dtls,", "mac(NAME,"),
        ("mac(keys.dtls,", "mac(NAME,"),
    ),
    row(
        "channel",
        "a refused record ends nothing",
        ("        self._keys = None\n        if len(record)", "        if len(record)"),
    ),
    row(
        "channel",
        "what cannot be written ends nothing",
        ("        self._keys = None\n        record = keys", "        record = keys"),
    ),
    row(
        "channel",
        "a refused proof ends nothing",
        ("        self._keys = None\n        wanted", "        wanted"),
    ),
    row(
        "channel",
        "good-bye forgets nothing",
        ('"""Forget the keys."""\n        self._keys = None', '"""Forget the keys."""'),
    ),
    row("descriptions", "any hash will do", ("sha-256 (", "sha-[0-9]+ (")),
    row("descriptions", "any length will do", ("{31}", "*")),
    row("descriptions", "spaces hide a line", ("line.strip().casefold()", "line.casefold()")),
    row(
        "descriptions",
        "capitals hide a line",
        ('seen.startswith("a=fingerprint")', 'line.strip().startswith("a=fingerprint")'),
    ),
    row(
        "descriptions",
        "only whole line ends count",
        ("lines = sdp.splitlines()", 'lines = sdp.split("\\r\\n")'),
    ),
    row(
        "descriptions",
        "sections may be left out",
        ('found[0] in names or section[0].split(" ")[1:2] == ["0"]', "True"),
    ),
    row("passkeys", "any label", ("_LABEL + day", "day")),
    row("passkeys", "any device", ('"big") + device_key)', '"big"))')),
    row(
        "passkeys",
        "any day",
        ('_LABEL + day.to_bytes(4, "big")', "_LABEL"),
    ),
    row(
        "passkeys",
        "the day before that, too",
        ("(today, today - 1)", "range(today - 2, today + 1)"),
    ),
    row("passkeys", "tomorrow, too", ("(today, today - 1)", "range(today - 1, today + 2)")),
    row("passkeys", "not yesterday", ("(today, today - 1)", "(today,)")),
    row("passkeys", "more skew", ("SKEW_S = 60", "SKEW_S = 61")),
    row(
        "passkeys",
        "the client's data is not signed",
        ("assertion.data + hashlib.sha256(assertion.client).digest()", "assertion.data"),
    ),
    row("passkeys", "the host may be longer", ("_HOST.fullmatch", "_HOST.match")),
    row(
        "passkeys",
        "a gesture in a repr",
        ("signature: bytes = field(repr=False)", "signature: bytes"),
    ),
    row("passkeys", "null is nothing", ("if value is None:", "if False:")),
    row(
        "sealed_letters",
        "any length of a gesture",
        ("DATA_MIN_BYTES, DATA_MAX_BYTES)", "0, 9999)"),
    ),
    row("sealed_letters", "any length of the client's data", ("1, CLIENT_MAX_BYTES)", "0, 9999)")),
    row(
        "sealed_letters",
        "any length of its signature",
        ("SIGNATURE_MIN_BYTES, SIGNATURE_MAX_BYTES)", "0, 9999)"),
    ),
    row(
        "identity",
        "any curve of a passkey",
        ('kty: Literal["EC"]\n    crv: Literal["P-256"]', 'kty: Literal["EC"]\n    crv: str'),
    ),
    row(
        "sealed",
        "the gesture is not looked at",
        ("        passkeys.check(\n", "        _ = (\n"),
    ),
    row("sealed", "no gesture is shown", ("None if gesture is None else asdict(gesture)", "None")),
    row(
        "identity",
        "no signature",
        ('"strict_aud": True,', '"strict_aud": True, "verify_signature": False,'),
    ),
    row(
        "identity",
        "any algorithm",
        ('algorithms=["EdDSA"]', 'algorithms=["EdDSA", "none", "HS256"]'),
    ),
    row(
        "identity",
        "no audience",
        ('"strict_aud": True,', '"strict_aud": False, "verify_aud": False,'),
    ),
    row("identity", "several audiences", ('"strict_aud": True,', '"strict_aud": False,')),
    row("identity", "more skew", ("SKEW_S = 60", "SKEW_S = 61")),
    row("identity", "a longer list", ("24 * 3600", "25 * 3600")),
    row(
        "identity",
        "any curve",
        ('crv: Literal["Ed25519"]', "crv: str"),
        ('kty: Literal["OKP"]', "kty: str"),
    ),
    row(
        "identity",
        "any number for a time",
        ("strict=True, frozen=True)\n\n    iss", "strict=False, frozen=True)\n\n    iss"),
    ),
    row("identity", "a list without a sequence", ("    seq: Annotated[int, Field(ge=0)]\n", "")),
    row(
        "sealed_letters",
        "no PSK in the key",
        ("(psk or NO_PSK) + doctor + patient", "doctor + patient"),
    ),
    row(
        "sealed_letters", "no seed of the doctor's in the key", ("+ doctor + patient", "+ patient")
    ),
    row(
        "sealed_letters", "no seed of the patient's in the key", ("+ doctor + patient", "+ doctor")
    ),
    row(
        "sealed_letters",
        "no M1 in the transcript",
        ('"transcript", m1, m2, sealed', '"transcript", m2, sealed'),
    ),
    row(
        "sealed_letters",
        "no M2 in the transcript",
        ('"transcript", m1, m2, sealed', '"transcript", m1, sealed'),
    ),
    row(
        "sealed_letters",
        "no M3 in the transcript",
        ('"transcript", m1, m2, sealed', '"transcript", m1, m2'),
    ),
    row("sealed_letters", "one confirmation for both", ('"confirm doctor"', '"confirm patient"')),
    row("sealed_letters", "digits without M1", ('"digits", m1, m2_json', '"digits", m2_json')),
    row("sealed_letters", "digits without M2", ('"digits", m1, m2_json', '"digits", m1')),
    row(
        "sealed_letters",
        "digits without the patient's nonce",
        ("mac(patient + doctor,", "mac(doctor,"),
    ),
    row(
        "sealed_letters",
        "digits without the doctor's nonce",
        ("mac(patient + doctor,", "mac(patient,"),
    ),
    row("sealed_letters", "fewer digits", ("% 1_000_000", "% 1_000")),
    row("sealed_letters", "any version of a letter", ("v: Literal[1]", "v: int")),
    row(
        "sealed_letters",
        "any length of a nonce",
        ("if not size <= len(data) <= (most or size):", "if False:"),
    ),
    row("sealing", "what only Python calls JSON", (", parse_constant=_no_number", "")),
    row(
        "sealed_letters",
        "any kind of value",
        ('extra="ignore", strict=True', 'extra="ignore", strict=False'),
        times=2,
    ),
    row("sealing", "UTF-16", ("json.loads(text.decode(),", "json.loads(text,")),
    row(
        "sealed_letters",
        "an empty description",
        ("Field(min_length=1, max_length=ENV", "Field(max_length=ENV"),
    ),
    row("sealed_letters", "no handle of a personal link", (", thumb(link_public_key))", ")")),
    row("sealed", "steps can be taken again", (_TAKE, "state = self._state"), times=2),
    row("sealed", "an M1 is answered for ever", ("        self._answers.admit(m1)\n", "")),
    row("sealed", "an M1 is not remembered", ("        self._answered.add(name)\n", "")),
    row(
        "sealed",
        "the key in M2 is not looked at",
        ("        read_kem_public(letter.pk)\n        doctor =", "        doctor ="),
    ),
    row(
        "sealed",
        "the offer is not looked at",
        ("judged_at\n        )\n        check_bound(letter.offer)\n", "judged_at\n        )\n"),
    ),
    row("sealed", "the answer is not looked at", ("        check_bound(letter.answer)\n", "")),
    row(
        "sealed",
        "the doctor signs no M1",
        ('hashed("m2 signature", self.m1, plain)', 'hashed("m2 signature", plain)'),
        ('hashed("m2 signature", m1, plain)', 'hashed("m2 signature", plain)'),
    ),
    row(
        "sealed",
        "M2 is for no M1",
        ('hashed("m2", self.m1)', 'hashed("m2")'),
        ('hashed("m2", m1)', 'hashed("m2")'),
    ),
    row(
        "sealed",
        "M3 is for no M2",
        ('hashed("m3", self.m1, proposed.m2)', 'hashed("m3")'),
        ('hashed("m3", held.m1, held.m2)', 'hashed("m3")'),
    ),
    row(
        "sealed",
        "a member signs as a doctor does",
        ('hashed("m2 member signature", self.m1, plain)', 'hashed("m2 signature", self.m1, plain)'),
        ('hashed("m2 member signature", m1, plain)', 'hashed("m2 signature", m1, plain)'),
    ),
    row(
        "sealed",
        "a member signs no M1",
        ('"m2 member signature", self.m1, plain', '"m2 member signature", plain'),
        ('"m2 member signature", m1, plain', '"m2 member signature", plain'),
    ),
    row(
        "sealed",
        "a member's description is not looked at",
        (
            'signature, letter.holder):\n            raise Refused("signature")\n'
            "        check_bound(letter.offer)",
            'signature, letter.holder):\n            raise Refused("signature")',
        ),
    ),
    row(
        "sealed",
        "a member's key in M2 is not looked at",
        ("        read_kem_public(letter.pk)\n        if thumb(", "        if thumb("),
    ),
    row("sealed_letters", "a member with an identity", ("    identity: _Absent = None\n", "")),
    row(
        "sealed_letters",
        "a member with a list",
        ('    revocations: _Absent = Field(default=None, alias="list")\n', ""),
    ),
    row("sealed_letters", "a member with a passkey", ("    passkey: _Absent = None\n", "")),
    row(
        "sealed_letters",
        "a doctor without a credential",
        ('MemberRole = Literal["patient", "guest"]', "MemberRole = str"),
    ),
    row(
        "rosters", "his own word is enough", ("for seat in others):", "for seat in [*others][:1]):")
    ),
    row(
        "rosters",
        "any word is enough",
        ("self._said.get(seat) == self.roster", "seat in self._said"),
    ),
    row("rosters", "nobody is waited for", ("self._said.get(seat) == self.roster", "True")),
    row(
        "rosters",
        "an old word speaks for who returns",
        (
            "if seat not in [sender, *(entry.seat for entry in roster)]",
            "if seat != sender",
        ),
    ),
    row(
        "rosters",
        "who left stays agreed",
        ("        self._agreed.discard(seat)\n", ""),
    ),
    row("rosters", "a handshake voids nothing", ("        self._said.pop(entry.seat, None)\n", "")),
    row(
        "rosters",
        "what cannot be leaves the word before",
        ("        self._said.pop(seat, None)\n        seats", "        seats"),
    ),
    row("rosters", "more than four", ("MEMBERS_MAX = 4", "MEMBERS_MAX = 5")),
    row("rosters", "nobody is late", (">= AGREE_WITHIN_S", "> 1e9")),
    row(
        "rosters",
        "oneself may be taken out",
        ("        if seat == self.own.seat:\n            return\n", ""),
    ),
    row(
        "rosters",
        "a departure settles nothing",
        ("        }\n        self._settle()", "        }"),
    ),
    row(
        "invites",
        "an id for a PSK",
        ('expand(key, "psk", PSK_BYTES)', 'expand(key, "invite", PSK_BYTES)'),
    ),
    row("invites", "one PSK for all", ('expand(key, "psk", PSK_BYTES)', "bytes(PSK_BYTES)")),
    row("invites", "an invitation for ever", ("now - self.since > OPEN_S", "False")),
    row("invites", "a seat runs out", ("self.completed == 0 and ", "")),
    row("invites", "nothing is spent", ("        held.completed += 1\n", "")),
    row(
        "invites",
        "the holder is not fixed",
        ("held.holder, held.seat = self._holder, self._seat", "held.seat = self._seat"),
    ),
    row(
        "invites",
        "the seat is not fixed",
        ("held.holder, held.seat = self._holder, self._seat", "held.holder = self._holder"),
    ),
    row(
        "invites",
        "no resume secret is asked for",
        ("held.secrets.of(asked) or held.secrets.newest", "None"),
    ),
    row("invites", "earlier secrets are refused", ("held.secrets.of(asked) or ", "")),
    row("invites", "an id is forgotten", ("        self._had.add(name)\n", "")),
    row(
        "invites",
        "the one before stays",
        ("            self.forget(expected.seat)\n", "            pass\n"),
    ),
    row("invites", "no count anew", ("        held.answers = Answers()\n", "")),
    row(
        "invites",
        "a colleague under any key",
        ('"doctor", thumb(day_key), None,', '"doctor", None, None,'),
    ),
    row(
        "invites",
        "a secret in a repr",
        ("    psk: bytes = field(repr=False)", "    psk: bytes"),
    ),
    row("introductions", "one PSK for every pair", ("dice(PSK_BYTES))", "bytes(PSK_BYTES))")),
    row("introductions", "anybody may be in", ("    gathering.check(letter.far)\n", "")),
    row(
        "introductions",
        "a seat that nobody named",
        ("self.holder, self.far.seat, self.far.key)", "self.holder, None, self.far.key)"),
    ),
    row(
        "introductions",
        "any holder",
        ("self.far.role, self.holder, self.far.seat", "self.far.role, None, self.far.seat"),
    ),
    row("introductions", "any role", ("    role: Role\n", "    role: str\n")),
    row(
        "cards",
        "slots are not signed",
        ('hashed("card", nonce, slots, text)', 'hashed("card", nonce, text)'),
        ('hashed("card", nonce, slots, signed)', 'hashed("card", nonce, signed)'),
    ),
    row(
        "cards",
        "the text is not signed",
        ('hashed("card", nonce, slots, text)', 'hashed("card", nonce, slots)'),
        ('hashed("card", nonce, slots, signed)', 'hashed("card", nonce, slots)'),
    ),
    row(
        "cards",
        "the gesture is not looked at",
        ("    passkeys.check(gesture,", "    _ = (gesture,"),
    ),
    row("cards", "more than eight queues", ("sorted(keys)][:SLOTS]", "sorted(keys)]")),
    row("cards", "a nonce of nothing", ("extract(nonce, queue_key)", "extract(NAME, queue_key)")),
    row(
        "cards",
        "cards are as long as names",
        ("_TEXT_BYTES = CARD_BYTES", "_TEXT_BYTES = 1 + CARD_BYTES"),
    ),
    row(
        "cards",
        "empty slots show",
        ("dice(_KEY_BYTES * SLOTS)[:", "bytes(_KEY_BYTES * SLOTS)[:"),
    ),
    row("cards", "yesterday is on all day", ("34 * 3600", "48 * 3600")),
    row("cards", "a day is on before its hour", ("- SKEW_S <= now", "- 2 * SKEW_S <= now")),
)


def path_of(module: str) -> Path:
    folder = "tests/clients" if module.startswith(("test_", *CAST)) else "clients/peer"
    return ROOT / folder / f"{module}.py"


def name_of(module: str) -> str:
    return ".".join(path_of(module).relative_to(ROOT).with_suffix("").parts)


@cache
def text_of(module: str) -> str:
    return path_of(module).read_text(encoding="utf-8")


# --- conditions, found in the source ---------------------------------------------------


def refuses(statement: ast.stmt) -> bool:
    """Tell whether a statement is `raise Refused(...)`."""
    return (
        isinstance(statement, ast.Raise)
        and isinstance(statement.exc, ast.Call)
        and isinstance(statement.exc.func, ast.Name)
        and statement.exc.func.id == "Refused"
    )


def conditions(module: str) -> Iterator[Mutant]:
    """Yield a mutant for each condition in front of a refusal, and for each of its parts."""
    text = text_of(module)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.If) or not refuses(node.body[0]):
            continue
        yield without(module, text, node.test, "False")
        if isinstance(node.test, ast.BoolOp):
            neutral = "False" if isinstance(node.test.op, ast.Or) else "True"
            for part in node.test.values:
                yield without(module, text, part, neutral)


def escapes(module: str) -> Iterator[Mutant]:
    """Yield a mutant for each exception that becomes a refusal, and then would not."""
    text = text_of(module)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and refuses(node.body[0]):
            yield without(module, text, node.body[0], "raise")


def without(module: str, text: str, condition: ast.expr | ast.stmt, neutral: str) -> Mutant:
    """Replace one condition or statement, at its own place."""
    lines = text.encode().splitlines(keepends=True)
    start, end = (
        sum(map(len, lines[: line - 1])) + column
        for line, column in (
            (condition.lineno, condition.col_offset),
            (condition.end_lineno or 0, condition.end_col_offset or 0),
        )
    )
    mutated = text.encode()[:start] + neutral.encode() + text.encode()[end:]
    name = f"line {condition.lineno}: {ast.unparse(condition)} is {neutral}"
    return Mutant(module, name, ((text, mutated.decode()),))


# Condition -> why the seal holds without it: something behind it refuses the same.
HELD_ELSEWHERE = {
    "not isinstance(kid, str) is False": "PyJWT refuses a kid that is no text",
    "not _COMPACT.fullmatch(token) is False": "this PyJWT reads base64url strictly, older ones not",
}

FOUND = tuple(chain.from_iterable(map(conditions, SOURCES)))
ESCAPES = tuple(chain.from_iterable(map(escapes, SOURCES)))
CONDITIONS = tuple(x for x in FOUND if x.name.partition(": ")[2] not in HELD_ELSEWHERE)


# --- a world with a mutant in it ---------------------------------------------------------


def mutated(mutant: Mutant | None, module: str) -> str:
    """The text of a module, changed if it is the mutant's."""
    text = text_of(module)
    if mutant is not None and mutant.module == module:
        for old, new in mutant.replacements:
            assert mutant.times == text.count(old), f"this no longer fits the source: {old}"
            text = text.replace(old, new)
    return text


@cache
def compiled(text: str, path: str) -> types.CodeType:
    """Code of a module; most are the same from mutant to mutant."""
    return compile(text, path, "exec")


def attacks_in(mutant: Mutant | None, files: tuple[str, ...]) -> dict[str, Callable[[], object]]:
    """Load the seal anew, changed, with its tests; return these by name."""
    tests: dict[str, Callable[[], object]] = {}
    with pytest.MonkeyPatch.context() as patch:
        for module in (*SOURCES, *CAST, *files):
            name, path = name_of(module), path_of(module)
            loaded = types.ModuleType(name)
            loaded.__file__, loaded.__package__ = str(path), name.rpartition(".")[0]
            patch.setitem(sys.modules, name, loaded)
            if module in SOURCES:
                patch.setattr(clients.peer, module, loaded, raising=False)
            exec(compiled(mutated(mutant, module), str(path)), loaded.__dict__)
            if module in files:
                tests.update(attacks_of(loaded.__dict__))
    return tests


def attacks_of(members: Mapping[str, object]) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the tests of a module, one for each of their parameters."""
    for name, test in members.items():
        if not name.startswith("test_") or not inspect.isfunction(test):
            continue
        if hasattr(test, "hypothesis") or inspect.iscoroutinefunction(test):
            continue
        marks = [m for m in getattr(test, "pytestmark", []) if m.name == "parametrize"]
        if not marks:
            yield name, test
        for mark in marks:
            for n, value in enumerate(mark.args[1]):
                yield f"{name}[{n}]", partial(test, value)


def fallen(tests: Mapping[str, Callable[[], object]]) -> str | None:
    """Run until one falls, and name it."""
    for name, test in tests.items():
        try:
            test()
        # An attack may fall in any way.
        except Exception:
            return name
    return None


HONEST = ("test_two_ends_of_a_personal_link_agree", "test_two_ends_of_a_pool_link_agree")


@pytest.mark.parametrize("module", SOURCES)
def test_with_nothing_gone_no_test_falls(module: str) -> None:
    """The control: loaded like a mutant, the seal as it is stands."""
    tests = attacks_in(None, ATTACKS[module])

    assert len(tests) > 8
    assert fallen(tests) is None


@pytest.mark.parametrize("mutant", TABLE, ids=lambda x: f"{x.module}, {x.name}")
def test_what_is_gone_is_missed(mutant: Mutant) -> None:
    """Honest people notice nothing, and some attack succeeds."""
    tests = attacks_in(mutant, tuple(dict.fromkeys((*ATTACKS[mutant.module], "test_sealed"))))
    assert fallen({name: tests.pop(name) for name in HONEST}) is None

    assert fallen(tests) is not None


@pytest.mark.parametrize("mutant", CONDITIONS, ids=lambda x: f"{x.module}, {x.name}")
def test_a_condition_that_is_gone_is_missed(mutant: Mutant) -> None:
    """Whole or in part, in front of each refusal."""
    assert fallen(attacks_in(mutant, ATTACKS[mutant.module])) is not None


@pytest.mark.parametrize("mutant", ESCAPES, ids=lambda x: f"{x.module}, {x.name}")
def test_an_exception_that_escapes_is_missed(mutant: Mutant) -> None:
    """Whatever a library raises becomes a refusal, which quotes nothing."""
    assert fallen(attacks_in(mutant, ATTACKS[mutant.module])) is not None


def test_every_refusal_was_tried() -> None:
    """Each is behind a condition or an exception, but for the end of `pad`."""
    refusals = {
        module: sum(
            isinstance(node, ast.stmt) and refuses(node)
            for node in ast.walk(ast.parse(text_of(module)))
        )
        for module in SOURCES
    }
    tried = {
        module: len({x.name.partition(":")[0] for x in FOUND + ESCAPES if x.module == module})
        for module in SOURCES
    }

    assert refusals == tried | {"sealing": tried["sealing"] + 1}


def test_the_exceptions_are_needed() -> None:
    """A reason for a condition that is gone is taken off the list."""
    assert HELD_ELSEWHERE.keys() <= {mutant.name.partition(": ")[2] for mutant in FOUND}
