"""Who is in a session of more than two, by everybody's own word.

Pure: `now` is an argument, on one clock. It sends nothing and enables nothing; it says when a
far end is agreed, and only then may a track go to it or come from it.

`clients/SCEAU.md` §11, *Rosters*. The server's list of members is no part of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from .sealed_letters import Role
from .sealing import Refused

MEMBERS_MAX = 4
AGREE_WITHIN_S = 300.0  # a patient reads a card before he chooses; as long as an invitation


@dataclass(frozen=True, slots=True)
class Entry:
    """A member as a handshake verified it.

    Attributes:
        seat: id on the wire, 16 bytes.
        key: thumbprint of a doctor's device key, of anybody else's holder key.
    """

    seat: bytes
    role: Role
    key: bytes


class Gathering:
    """One end's roster, and what the others said of theirs."""

    def __init__(self, own: Entry, first: Entry | None = None) -> None:
        """Begin a roster.

        Args:
            first: the far end of those two who began the session; a newcomer has none.
        """
        self.own = own
        self._members = {own.seat: own}
        self._said: dict[bytes, tuple[Entry, ...]] = {}
        self._agreed: set[bytes] = set()
        self._since: dict[bytes, float] = {}
        if first is not None:
            self._members[first.seat] = first
            self._agreed.add(first.seat)

    @property
    def roster(self) -> tuple[Entry, ...]:
        """What is said to everybody: all entries, ascending by seat."""
        return tuple(self._members[seat] for seat in sorted(self._members))

    @property
    def newcomers(self) -> tuple[bytes, ...]:
        """Seats that are in, and not agreed: whose pairs end where a roster is refused."""
        others = self._members.keys() - self._agreed - {self.own.seat}
        return tuple(sorted(others))

    def find(self, seat: bytes) -> Entry | None:
        """Say who sits there, as far as a handshake told."""
        return self._members.get(seat)

    def check(self, entry: Entry) -> None:
        """Check that somebody may be in: new, or the very one who is in already.

        Raises:
            Refused: `roster`.
        """
        if self._members.get(entry.seat) == entry and entry != self.own:
            return
        if entry.seat in self._members or len(self._members) >= MEMBERS_MAX:
            raise Refused("roster")
        if any(entry.key == member.key for member in self._members.values()):
            raise Refused("roster")

    def add(self, entry: Entry, now: float) -> None:
        """Note who a handshake verified; again after each one. The roster is then said anew.

        Raises:
            Refused: `roster`.
        """
        self.check(entry)
        if entry.seat not in self._members:
            self._since[entry.seat] = now
        self._members[entry.seat] = entry
        self._said.pop(entry.seat, None)

    def remove(self, seat: bytes) -> None:
        """Take out who left or was shown out. The roster is then said anew."""
        if seat == self.own.seat:
            return
        for notes in (self._members, self._since):
            notes.pop(seat, None)
        self._agreed.discard(seat)
        # Else an old word would speak for who comes in again.
        self._said = {
            sender: roster
            for sender, roster in self._said.items()
            if seat not in [sender, *(entry.seat for entry in roster)]
        }
        self._settle()

    def hear(self, seat: bytes, said: Iterable[Entry]) -> None:
        """Note what a far end says; its latest word counts.

        Raises:
            Refused: `roster`: it says what cannot be. The pairs with `newcomers` are over.
        """
        roster = tuple(said)
        self._said.pop(seat, None)
        seats = [entry.seat for entry in roster]
        if not 2 <= len(roster) <= MEMBERS_MAX:
            raise Refused("roster")
        if any(first >= second for first, second in pairwise(seats)):
            raise Refused("roster")
        if self._members.get(seat) not in roster or self.own not in roster:
            raise Refused("roster")
        if any(self._members.get(entry.seat, entry) != entry for entry in roster):
            raise Refused("roster")
        self._said[seat] = roster
        self._settle()

    def is_agreed(self, seat: bytes) -> bool:
        """Tell whether tracks may go to a far end and come from it, once its DTLS is bound."""
        return seat in self._agreed

    def overdue(self, now: float) -> tuple[bytes, ...]:
        """List who came in and was not agreed in time: refused as `roster`."""
        late = (seat for seat in self.newcomers if now - self._since[seat] >= AGREE_WITHIN_S)
        return tuple(late)

    def _settle(self) -> None:
        others = self._members.keys() - {self.own.seat}
        if all(self._said.get(seat) == self.roster for seat in others):
            self._agreed |= others
