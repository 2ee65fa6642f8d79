"""The part of `gathering.json` that is about who knows whom: what is done to one end's roster.

Each step is something that the end learns, with the code it is refused with, and what holds
after it: whose tracks may be, who is new, who is overdue.
"""

from collections.abc import Sequence
from typing import Any

from clients.peer.sealing import thumb
from signaling.encoding import decode, encode

Object = dict[str, Any]
ROLES = {"a": "patient", "b": "doctor", "c": "guest", "d": "doctor", "e": "guest"}


def seat(name: str) -> str:
    return encode(thumb(f"seat {name}".encode()))


def entry(name: str, **other: str) -> Object:
    said = {"member": seat(name), "role": ROLES[name], "key": encode(thumb(f"key {name}".encode()))}
    return said | other


def ordered(*entries: Object) -> list[Object]:
    # By the bytes, which is not the order of base64url.
    return sorted(entries, key=lambda x: decode(x["member"]))


def of(names: str) -> list[Object]:
    return ordered(*map(entry, names))


def step(
    do: str,
    who: str,
    code: str | None = None,
    *,
    agreed: str,
    new: str = "",
    overdue: str = "",
    now: float = 0,
    says: Sequence[Object] | None = None,
    entry_: Object | None = None,
) -> Object:
    """One step of `add`, `remove`, `hear`, `check` (may be introduced) or `wait`."""
    more: Object = {}
    if do in ("add", "check"):
        more = {"entry": entry_ or entry(who)}
    if do == "hear":
        more = {"members": list(says or [])}
    return {
        "do": do,
        "seat": seat(who),
        "now": now,
        **more,
        "code": code,
        "agreed": sorted(map(seat, agreed)),
        "newcomers": sorted(map(seat, new)),
        "overdue": sorted(map(seat, overdue)),
    }


def script(name: str, own: str, first: str | None, *steps: Object) -> Object:
    return {
        "name": name,
        "own": entry(own),
        "first": None if first is None else entry(first),
        "steps": list(steps),
    }


def rosters() -> list[Object]:
    add = step("add", "c", agreed="a", new="c")
    everybody = (
        step("hear", "a", agreed="a", new="c", says=of("abc")),
        step("hear", "c", agreed="ac", says=of("abc")),
    )
    heard = step("hear", "a", agreed="a", new="c", says=of("abc"))
    bad_words: list[tuple[str, list[Object]]] = [
        ("nobody", []),
        ("one", [entry("a")]),
        ("five", of("abcde")),
        ("descending", of("abc")[::-1]),
        ("somebody twice", ordered(*map(entry, "abc"), entry("c"))),
        ("not me", of("ac")),
        ("not himself", of("bc")),
        ("me with another key", ordered(entry("a"), entry("b", key=entry("e")["key"]), entry("c"))),
        ("me as another", ordered(entry("a"), entry("b", role="guest"), entry("c"))),
        (
            "another newcomer there",
            ordered(entry("a"), entry("b"), entry("c", key=entry("d")["key"])),
        ),
        ("a newcomer as a doctor", ordered(entry("a"), entry("b"), entry("c", role="doctor"))),
    ]
    return [
        script("two who began", "b", "a", step("wait", "b", agreed="a", now=99)),
        script("a third comes in", "b", "a", add, *everybody),
        script(
            "a third comes in, as he sees it",
            "c",
            None,
            step("add", "b", agreed="", new="b"),
            step("hear", "b", agreed="", new="b", says=of("abc")),
            step("add", "a", agreed="", new="ab"),
            step("hear", "a", agreed="ab", says=of("abc")),
        ),
        script(
            "a fourth, and no fifth",
            "b",
            "a",
            add,
            *everybody,
            step("add", "d", agreed="ac", new="d"),
            step("hear", "a", agreed="ac", new="d", says=of("abcd")),
            step("hear", "c", agreed="ac", new="d", says=of("abcd")),
            step("hear", "d", agreed="acd", says=of("abcd")),
            step("check", "e", "roster", agreed="acd"),
            step("add", "e", "roster", agreed="acd"),
        ),
        script(
            "a split: the others know another",
            "b",
            "a",
            add,
            step("hear", "c", agreed="a", new="c", says=of("abc")),
            step("hear", "a", agreed="a", new="c", says=of("abd")),
            step("wait", "c", agreed="a", new="c", now=299.9),
            step("wait", "c", agreed="a", new="c", overdue="c", now=300),
            step("remove", "c", agreed="a", now=300),
        ),
        *(
            script(
                f"somebody says {name}",
                "b",
                "a",
                add,
                step("hear", "a", "roster", agreed="a", new="c", says=says),
                step("hear", "c", agreed="a", new="c", says=of("abc")),
            )
            for name, says in bad_words
        ),
        script(
            "who says the impossible has said nothing",
            "b",
            "a",
            add,
            heard,
            step("hear", "a", "roster", agreed="a", new="c", says=of("ac")),
            step("hear", "c", agreed="a", new="c", says=of("abc")),
            step("hear", "a", agreed="ac", says=of("abc")),
        ),
        script(
            "a stranger says something",
            "b",
            "a",
            step("hear", "c", "roster", agreed="a", says=of("abc")),
        ),
        script(
            "a new handshake voids what was said",
            "b",
            "a",
            add,
            heard,
            step("add", "a", agreed="a", new="c"),
            step("hear", "c", agreed="a", new="c", says=of("abc")),
            step("hear", "a", agreed="ac", says=of("abc")),
        ),
        script(
            "the latest word counts",
            "b",
            "a",
            add,
            heard,
            step("hear", "a", agreed="a", new="c", says=of("ab")),
            step("hear", "c", agreed="a", new="c", says=of("abc")),
        ),
        script(
            "who was shown out is out",
            "b",
            "a",
            add,
            *everybody,
            step("remove", "c", agreed="a"),
            step("hear", "c", "roster", agreed="a", says=of("abc")),
            step("add", "c", agreed="a", new="c", now=50),
            step("wait", "c", agreed="a", new="c", now=349),
            step("hear", "c", agreed="a", new="c", now=349, says=of("abc")),
            step("wait", "c", agreed="a", new="c", overdue="c", now=350),
        ),
        script(
            "who was in stays agreed while another comes",
            "b",
            "a",
            add,
            *everybody,
            step("add", "d", agreed="ac", new="d"),
            step("hear", "a", "roster", agreed="ac", new="d", says=of("ac")),
            step("remove", "d", agreed="ac"),
        ),
        script(
            "a departure settles who remains",
            "b",
            "a",
            add,
            step("hear", "c", agreed="a", new="c", says=of("bc")),
            step("remove", "a", agreed="c"),
        ),
        *(
            script(
                f"{name} cannot be in",
                "b",
                "a",
                step("check", who, "roster", agreed="a", entry_=x),
                step("add", who, "roster", agreed="a", entry_=x),
            )
            for name, who, x in (
                ("oneself", "b", entry("b")),
                ("one's own seat", "b", entry("b", role="guest")),
                ("one's own key", "c", entry("c", key=entry("b")["key"])),
                ("a seat with another key", "a", entry("a", key=entry("c")["key"])),
                ("a seat in another role", "a", entry("a", role="guest")),
                ("a key at another seat", "c", entry("c", key=entry("a")["key"])),
            )
        ),
        script(
            "who is in can be introduced again",
            "b",
            "a",
            step("check", "a", agreed="a"),
            step("check", "c", agreed="a"),
        ),
        script("oneself cannot be taken out", "b", "a", step("remove", "b", agreed="a")),
    ]
