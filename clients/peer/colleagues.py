"""A doctor's colleagues: who is on duty, and what is taken over from whom.

Pure but for what the far ends do. Colleagues know each other by cards on the board; who is
invited by one asks the doctors of that session, by the secret of the own card.

`clients/SCEAU.md` §11, *Cards* and *The inviter*.
"""

from collections.abc import Callable

from signaling.messages import Accepted, Board

from .cards import Colleague
from .company import ANSWERED_WITHIN_S, Company
from .desk import Desk
from .errors import Over, PeerError
from .invites import of_secret
from .practice import Entry
from .reception import Reception
from .sealed_letters import Far


class Colleagues:
    """One doctor's part in it.

    Attributes:
        invitation: by which a colleague would hand a patient over.

    Args:
        reception: has the papers.
        board: gives what the server showed last.
    """

    def __init__(
        self,
        desk: Desk,
        company: Company,
        reception: Reception,
        board: Callable[[], Board | None],
    ) -> None:
        self._desk, self._company = desk, company
        self._reception, self._board = reception, board
        self.invitation: str | None = None
        self._refusal: PeerError | None = None
        self._declines = False
        self._card: tuple[str, bytes] | None = None
        self._card_of: tuple[int, tuple[str, ...]] | None = None

    # Who is there

    async def card(self, entry: Entry, queues: tuple[str, ...]) -> str | None:
        """Give the own card: of the day of the key that was shown, for the queues served."""
        if self._card_of != (entry.day, queues):
            now = self._desk.socket.now()
            self._card = await self._reception.practising().write_card(
                self._desk.dice, entry, queues, now
            )
            self._card_of = (entry.day, queues)
        return self._card[0] if self._card else None

    async def finds(self, name: str, within_s: float = 60.0) -> Colleague:
        """Wait until a colleague of this name is on duty on one of the own queues."""
        until = self._company.now() + within_s
        while True:
            board = self._board()
            for card in (board.colleagues if board else None) or ():
                found = await self._reception.practising().colleague(card, self._desk.socket.now())
                if found is not None and found.identity.card.name == name:
                    return found
            await self._desk.watch.until(
                lambda: self._board() is not board,  # noqa: B023 # awaited within this turn
                until - self._company.now(),
                "The colleague did not come on duty in time.",
            )

    # Taking over

    async def is_invited(self, within_s: float = 60.0) -> None:
        """Wait until a colleague would hand a patient over."""
        await self._desk.watch.until(
            lambda: self.invitation is not None, within_s, "Nobody handed a patient over in time."
        )

    async def takes_over(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Take the seat of the invitation; returns when the inviter has been met.

        Raises:
            Turned: the invitation is over.
        """
        await self._takes_seat(within_s)
        await self._desk.watch.until(
            lambda: len(self._company.roster) > 1 or self._desk.session is None,
            within_s,
            "Whoever invited did not answer in time.",
        )
        if self._desk.session is None:
            raise self._desk.over or Over("session", "left")

    async def declines(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Take the seat and leave it at once, so that the inviter asks somebody else."""
        self._declines = True
        await self._takes_seat(within_s)
        await self._desk.watch.until(
            lambda: self._desk.session is None, within_s, "The server kept the seat."
        )

    def hears_invited(self, token: str) -> None:
        """Hear that a colleague would hand a patient over."""
        self.invitation = token
        self._desk.steps.mark("invited")

    def hears_refusal(self, refusal: PeerError) -> None:
        """Hear that no seat was given."""
        self._refusal = refusal

    async def enters(self, accepted: Accepted) -> None:
        """Ask the doctors who are in: one of them has opened the own card."""
        self.invitation, declines = None, self._declines
        self._declines = False
        if declines or self._card is None:
            await self._desk.leaves()
            return
        for member in accepted.members:
            if member.role in ("doctor", "colleague") and member.member != accepted.member:
                invite = of_secret(self._card[1])
                await self._company.asks(member.member, Far("doctor", None), invite)

    async def _takes_seat(self, within_s: float) -> None:
        if self.invitation is None:
            raise PeerError("Nobody hands a patient over.")
        self._refusal = None
        async with self._desk.turn:
            await self._desk.socket.joins(self.invitation)
        await self._desk.watch.until(
            lambda: self.invitation is None or self._refusal is not None,
            within_s,
            "The server gave no seat in time.",
        )
        if self._refusal is not None:
            self.invitation, self._declines = None, False
            raise self._refusal
