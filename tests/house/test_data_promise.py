"""DATA.md lists everything held, no more and no less; after good-bye nothing is."""

import ast
import dataclasses
import re

import pytest

from signaling.admission import Entrant
from signaling.encoding import encode
from signaling.memory_store import MemoryStore
from signaling.messages import (
    Accept,
    Call,
    Called,
    Duty,
    Join,
    Leave,
    Propose,
    Renew,
    ServerMessage,
)
from signaling.passes import Pass, Passbook
from signaling.people import Person
from signaling.relaying import Relaying
from signaling.settings import Settings
from signaling.store import HELD, Life
from signaling.waiting_room import WaitingRoom
from tests.clock import Clock
from tests.dice import Dice
from tests.house.documents import links, table, wrong_numbers
from tests.house.tree import ROOT

DATA = ROOT / "signaling" / "DATA.md"
TEXT = DATA.read_text(encoding="utf-8")

# The classes that live on between two messages: what they hold is held.
HOLDERS = {
    "line": ("Line",),
    "server": ("Service",),
    "doorstep": ("Doorstep", "_Guard"),
    "memory_store": ("MemoryStore",),
    "post": ("LocalPost",),
    "lives": ("Lives",),
    "usage": ("Usage",),
    "counting": ("Counting",),
    "broker": ("Desk",),
    "conversation": ("Conversation",),
    "pace": ("Bucket",),
    "limits": ("Networks", "_Buckets"),
    "passes": ("Passbook",),
    "relaying": ("Relaying",),
    "union_admission": ("UnionAdmission",),
    "published": ("Publisher",),
    "directory_file": ("Handout",),
    "journal": ("Journal",),
    "redis_connection": ("Connection",),
    "redis_life": ("RedisLife",),
    "redis_node": ("_Care",),
    "redis_post": ("RedisPost",),
    "store_clock": ("StoreClock",),
    "redis_watch": ("Watch",),
    "exposing": ("Exposed",),
}
# Other parts of the program, and its settings: nothing of a person.
WIRING = frozenset(
    "_admission _answer_s _ask _awake_s _below _burst _client _clock _connection _counting _dice "
    "_entered _folder _in_force _is_open _journal _longest_s _networks _new_bytes _on_duty_in "
    "_orders _passbook _per_s _post _rebuild_s _redis _relaying _room _sentinel _settings "
    "_state _steady _step _store _unions _usage _watch _which_life _window_s _within_s _write "
    "beside client factory journal made settings".split()
)
# Held by nobody between two messages: rules, checks, and the sketch of a log handler.
HOLD_NOTHING = frozenset(
    {"waiting_room.WaitingRoom", "sessions.Sessions", "boards.Boards"}
    | {"redis_store.RedisStore", "redis_kept.Kept", "redis_keys.RedisKeys", "redis_keys.Tries"}
    | {"journal._Deaf", "people.Refusal", "admission.NotAdmitted", "passes.BadPass"}
    | {"directory_text.WrongDirectory", "brand_text.WrongBrand"}
)


def first_names(first_heading: str) -> list[str]:
    """List the `Class.field` names in the first column of a table."""
    rows = table(TEXT, first_heading)
    return [name for row in rows for name in re.findall(r"`(\w+\.\w+)`", row[0])]


def attributes(tree: ast.Module) -> dict[str, set[str]]:
    """Map each class of a module to what its methods assign to `self`."""
    return {
        node.name: {
            target.attr
            for target in ast.walk(node)
            if isinstance(target, ast.Attribute)
            and isinstance(target.ctx, ast.Store)
            and isinstance(target.value, ast.Name)
            and target.value.id == "self"
        }
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def module(name: str) -> ast.Module:
    """Read a module of the room."""
    return ast.parse((ROOT / "signaling" / f"{name}.py").read_text(encoding="utf-8"))


def test_every_field_of_every_record_is_listed() -> None:
    """What the store may hold and what the document lists are the same."""
    held = [f"{record.__name__}.{field.name}" for record in HELD for field in fields(record)]

    assert held == first_names("record.field")


def fields(record: type) -> tuple[dataclasses.Field[object], ...]:
    """Return a record's fields."""
    assert dataclasses.is_dataclass(record)
    return dataclasses.fields(record)


def test_every_record_of_the_store_is_a_kind_of_held() -> None:
    """A new kind of record cannot be forgotten: the memory store's tables name them all."""
    kinds = {
        name
        for node in ast.walk(module("memory_store"))
        if isinstance(node, ast.AnnAssign)
        for name in re.findall(r"[A-Z]\w+", ast.unparse(node.annotation))
    }

    assert kinds - {"Deliver", "Life"} <= {record.__name__ for record in HELD}


def test_everything_in_memory_beside_the_store_is_listed() -> None:
    """Whatever a long-lived object keeps has its row, and every row is kept somewhere."""
    held = {
        f"{name}.{attribute}"
        for file, names in HOLDERS.items()
        for name, found in attributes(module(file)).items()
        if name in names
        for attribute in found - WIRING
    }

    assert held == set(first_names("held by"))


def test_no_other_class_keeps_anything() -> None:
    """A class that begins to keep something must be listed as a holder."""
    keeping = {
        f"{path.stem}.{name}"
        for path in sorted((ROOT / "signaling").glob("*.py"))
        for name, found in attributes(module(path.stem)).items()
        if found and name not in HOLDERS.get(path.stem, ())
    }

    assert keeping == HOLD_NOTHING


def test_no_module_keeps_anything_between_messages() -> None:
    """No module of the room has a list, a dictionary or a set that could grow."""
    growing = (ast.List, ast.Set, ast.ListComp, ast.SetComp, ast.DictComp)
    found = [
        f"{path.stem}:{node.lineno}"
        for path in sorted((ROOT / "signaling").glob("*.py"))
        for node in module(path.stem).body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and (isinstance(node.value, growing) or (node.value and "{}" == ast.unparse(node.value)))
    ]

    assert [] == found


def test_everything_in_a_pass_is_listed() -> None:
    """What a pass says about its owner is written down."""
    assert [f"Pass.{field.name}" for field in fields(Pass)] == first_names("field")


def test_what_a_class_keeps_is_found() -> None:
    """The reading of classes can see: assigned anywhere, with or without a type."""
    text = "class A:\n def f(self, x):\n  self.a = x\n  self.b: int = 1\n  self.c, d = x\n  x.e = 1"

    assert {"A": {"a", "b", "c"}} == attributes(ast.parse(text))


def test_every_row_says_until_when_and_why() -> None:
    """A row without an end or a reason promises nothing."""
    for row in table(TEXT, "record.field"):
        assert 4 == len(row)
        assert all(row), row


def test_every_number_is_the_one_in_the_code() -> None:
    """Lifetimes are quoted from the settings."""
    assert [] == wrong_numbers(TEXT)


@pytest.mark.parametrize("record", [record.__name__ for record in HELD])
def test_every_record_has_an_end(record: str) -> None:
    """A record ends by itself after some setting, or with all of its parts."""
    rows = [row for row in table(TEXT, "record.field") if row[0].startswith(f"`{record}.")]
    ends = " ".join(cell for row in rows for cell in row[1:3])

    assert re.search(r"`\w+_[sS]` \(", ends)


def test_the_links_lead_somewhere() -> None:
    """Every document that is named is there."""
    assert [] == [target for target in links(DATA) if not target.exists()]


async def test_after_good_bye_nothing_is_held(clock: Clock, dice: Dice) -> None:
    """A wait, a decline, a call and a session leave no record and no index behind."""
    store = MemoryStore(Life(encode(dice(8))))
    room = WaitingRoom(store, Passbook([dice(32)]), Settings(), dice, Relaying(dice(32)))
    patient, doctors = await whole_consultation(room, store, clock, dice)
    assert await store.held()

    await room.ask(patient, Leave(what="session"), clock.now)
    for doctor in doctors:
        await room.ask(doctor, Duty(state="off"), clock.now)

    assert [] == list(await store.held())
    assert {} == {
        name: kept
        for name, kept in vars(store).items()
        if name not in ("_life", "_last_arrival", "_listeners") and kept
    }


async def test_whoever_vanishes_is_forgotten(clock: Clock, dice: Dice) -> None:
    """Without any good-bye all records end by time alone."""
    store = MemoryStore(Life(encode(dice(8))))
    settings = Settings()
    room = WaitingRoom(store, Passbook([dice(32)]), settings, dice, Relaying(dice(32)))
    await whole_consultation(room, store, clock, dice)
    await room.enter(
        Join(token="t", proof="A" * 128, m1="AAAA"),
        Entrant("patient", encode(dice(16)), settings.queues),
        clock.now,
    )

    clock.advance(max(settings.wait_pass_s, settings.member_pass_s, settings.awake_s))
    await room.tick(clock.now)

    assert [] == list(await store.held())


async def whole_consultation(
    room: WaitingRoom, store: MemoryStore, clock: Clock, dice: Dice
) -> tuple[Person, tuple[Person, Person]]:
    """Hold a consultation as far as the session, one doctor declined on the way."""
    queues = Settings().queues
    join = Join(token="t", proof="A" * 128, m1="AAAA")
    key = encode(dice(16))
    patient = (await room.enter(join, Entrant("patient", key, queues), clock.now)).person
    first, second = [
        (await room.enter(join, Entrant("doctor", encode(dice(16)), queues), clock.now)).person
        for _ in range(2)
    ]
    for doctor in (first, second):
        await room.ask(doctor, Duty(state="on", card="c2VhbGVk"), clock.now)
        await room.ask(patient, Renew(m1="AAAA"), clock.now)
        (called,) = await room.ask(doctor, Call(queue=queues[0]), clock.now)
        assert isinstance(called, Called)
        call = called.call
        await room.ask(doctor, Propose(call=call, m2="AAAA"), clock.now)
        if doctor is first:
            await room.ask(patient, Leave(what="call"), clock.now)
            clock.advance(Settings().cooldown_s)
    told: list[ServerMessage] = []
    await store.listen(patient.address or "", told.append)
    await room.ask(patient, Accept(call=call, m3="AAAA"), clock.now)
    return patient.told(told[-1]), (first, second)
