"""States and arrows of PROTOCOL.md, made from the tables that the server obeys.

python -m tests.house.protocol_tables           is the document up to date?
python -m tests.house.protocol_tables --write   bring it up to date
"""

import sys

from signaling.conversation import MAY_SAY, MOVED_BY_HEARING, MOVED_BY_SAYING, State
from signaling.sessions import _STATES as SEATED
from tests.house.documents import between, markers
from tests.house.tree import ROOT

PROTOCOL = ROOT / "signaling" / "PROTOCOL.md"
PART = "states"

# Where a `join` may lead: a patient waits, a doctor is off or still on duty, a seat is found.
ENTERED: tuple[State, ...] = ("waiting", "off", "on", *dict.fromkeys(SEATED.values()))


def states() -> str:
    """Write the tables and the diagram of the conversation, as markdown."""
    moves = {
        **{(state, f"says `{word}`"): to for (state, word), to in MOVED_BY_SAYING.items()},
        **{(state, f"hears `{word}`"): to for (state, word), to in MOVED_BY_HEARING.items()},
    }
    lines = ["| state | may say | moves on |", "|---|---|---|"]
    for state, words in MAY_SAY.items():
        may = ", ".join(f"`{word}`" for word in sorted(words))
        on = "; ".join(
            f"{move}: {to}" for (before, move), to in moves.items() if before == state != to
        )
        lines.append(f"| {state} | {may or '–'} | {on or '–'} |")
    lines += ["", "```mermaid", "stateDiagram-v2"]
    lines += [f'    state "{state}" as {_id(state)}' for state in MAY_SAY if "-" in state]
    lines += [f"    new --> {_id(state)}: joined" for state in ENTERED]
    arrows: dict[tuple[State, State], list[str]] = {}
    for (before, move), to in moves.items():
        if before != to:
            arrows.setdefault((before, to), []).append(move.replace("`", ""))
    lines += [
        f"    {_id(before)} --> {_id(to)}: {', '.join(words)}"
        for (before, to), words in arrows.items()
    ]
    return "\n".join([*lines, "```"])


def written() -> str:
    """Return the document as it should be."""
    begin, end = markers(PART)
    before, _, rest = PROTOCOL.read_text(encoding="utf-8").partition(begin)
    return f"{before}{begin}\n\n{states()}\n\n{end}{rest.partition(end)[2]}"


def _id(state: State) -> str:
    return state.replace("-", "_")


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        PROTOCOL.write_text(written(), encoding="utf-8")
    elif between(PROTOCOL.read_text(encoding="utf-8"), PART) != states():
        sys.exit(
            "signaling/PROTOCOL.md is behind. Type: python -m tests.house.protocol_tables --write"
        )
