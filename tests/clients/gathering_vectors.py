"""The frozen vectors of more than two, and how their rows are read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clients.peer import cards, identity
from clients.peer.introductions import Ask, Declined, Expect, Letter, Roster
from clients.peer.invites import Invite
from clients.peer.rosters import Entry, Gathering
from signaling.encoding import decode, encode
from tests.clients.seal_cast import code_of

Object = dict[str, Any]

VECTORS: Object = json.loads(
    (Path(__file__).parents[1] / "vectors" / "gathering.json").read_text(encoding="utf-8")
)
TRUST = VECTORS["trust"]
UNIONS = [identity.read_union(json.dumps(union)) for union in TRUST["unions"]]


def said(*texts: str) -> Callable[[int], bytes]:
    """Dice that fall as the vectors say."""
    left = [decode(text) for text in texts]

    def throw(size: int) -> bytes:
        text = left.pop(0)
        assert size == len(text)
        return text

    return throw


def entry(x: Object) -> Entry:
    return Entry(decode(x["member"]), x["role"], decode(x["key"]))


def letter_of(x: Object) -> Letter:
    if x["t"] == "declined":
        return Declined(decode(x["member"]))
    if x["t"] == "roster":
        return Roster(tuple(map(entry, x["members"])))
    invite = Invite(decode(x["invite"]), decode(x["psk"]))
    if x["t"] == "ask":
        return Ask(entry(x), invite)
    return Expect(entry(x), invite, decode(x["holder"] if "holder" in x else x["key"]))


def play(x: Object) -> None:
    """Go through a script of one end's roster, and compare after each step."""
    first = None if x["first"] is None else entry(x["first"])
    gathering = Gathering(entry(x["own"]), first)
    for n, step in enumerate(x["steps"]):
        assert (n, step["code"]) == (n, code_of(learn, gathering, step))
        seats = [member.seat for member in gathering.roster]
        agreed = sorted(encode(seat) for seat in seats if gathering.is_agreed(seat))
        assert (n, step["agreed"]) == (n, agreed)
        assert (n, step["newcomers"]) == (n, sorted(map(encode, gathering.newcomers)))
        assert (n, step["overdue"]) == (n, sorted(map(encode, gathering.overdue(step["now"]))))


def learn(gathering: Gathering, step: Object) -> None:
    """Tell one end what a step says."""
    match step["do"]:
        case "add":
            gathering.add(entry(step["entry"]), step["now"])
        case "check":
            gathering.check(entry(step["entry"]))
        case "remove":
            gathering.remove(decode(step["seat"]))
        case "hear":
            gathering.hear(decode(step["seat"]), map(entry, step["members"]))


def read_card(x: Object) -> cards.Colleague:
    """Read a card as who has these keys and trusts these unions."""
    keys = {
        int(day): {queue: decode(one) for queue, one in queues.items()}
        for day, queues in x["keys"].items()
    }
    return cards.read(
        x["card"],
        keys,
        lambda one, its_list: identity.verify(one, its_list, UNIONS, x["now"]),
        x["list"],
        x["now"],
    )
