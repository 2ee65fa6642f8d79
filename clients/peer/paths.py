"""How the path to a far end is made again: one of the two offers, the other asks for it.

Pure but for what the far end does. Only who answers handshakes offers connections: the doctor,
and in a session of more than two whoever answers in that pair.

What is said when is in `clients/README.md`, under *Letters*.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from .errors import FarEndFailed
from .far_end import FarEnd
from .letters import Again, Candidates, Description, Letter
from .watch import Watch

# New connections to one far end in a session; a path that breaks more often will not hold.
CONNECTIONS_MAX = 8
# Who is asked offers at once; after this long the letter or the offer was lost.
AGAIN_AFTER_S = 10.0
AGAIN_MAX = 3

Is = Callable[[], bool]
Act = Callable[[], Awaitable[None]]


class OfferingPath:
    """The end that offers.

    Args:
        is_met: whether a handshake is in force, and none under way.
        is_held: whether nothing may be sent.
        knocks: asks the far end for a fresh handshake.
    """

    def __init__(self, far: FarEnd, *, is_met: Is, is_held: Is, knocks: Act) -> None:
        self._far, self._is_met, self._is_held, self._knocks = far, is_met, is_held, knocks
        self._connections = 0
        self._asked_again: str | None = None

    def begins(self) -> None:
        """Begin the counts anew: another session."""
        self._connections, self._asked_again = 0, None

    async def reads(self, letter: Letter) -> None:
        """Do what a letter asks for."""
        connection = self._far.connection
        match letter:
            case Candidates() if connection and connection.name == letter.connection:
                await connection.add(letter.candidates)
            case Description() if connection and connection.name == letter.connection:
                await self._hears_description(letter)
            case Description() if connection is None and self._is_met() and not self._is_held():
                await self.offers_anew()
            case Again() if not self._is_held():
                await self._is_asked_again()

    async def comes_back(self) -> None:
        """Say something on a new socket: what was under way may be lost, or kept for us."""
        await self._far.writes_again()
        connection = self._far.connection
        if not self._is_met():
            await self._knocks()
        elif connection is not None and connection.awaits_answer:
            await self.offers_anew()
        else:
            await self._far.is_here()

    async def offers_anew(self) -> None:
        """Offer another connection.

        Raises:
            FarEndFailed: too often.
        """
        self._connections += 1
        if self._connections > CONNECTIONS_MAX:
            raise FarEndFailed("No path to the far end could be found.")
        await self._far.offers_anew()

    async def _is_asked_again(self) -> None:
        connection = self._far.connection
        if self._is_met() and not (connection and connection.awaits_answer):
            await self.offers_anew()
            return
        asked, self._asked_again = self._asked_again, connection.name if connection else ""
        if asked != self._asked_again:
            return  # it crossed what we sent; asked twice, that was lost
        if self._is_met():
            await self.offers_anew()
        else:
            await self._knocks()

    async def _hears_description(self, description: Description) -> None:
        connection = self._far.connection
        if connection is None or self._is_held():
            return
        with suppress(FarEndFailed):
            if description.type == "answer" and connection.awaits_answer:
                await connection.take_answer(description.sdp)
            elif description.type == "offer" and not connection.awaits_answer:
                if connection.is_restart(description.sdp):
                    await self.offers_anew()
                    return
                await self._far.answers(connection, description.sdp)


class OfferedPath:
    """The end to which connections are offered.

    Args:
        is_met: whether a handshake is in force, and none under way.
        asks_in: asks the far end for a fresh handshake.
        mark: told of each step.
    """

    def __init__(
        self, far: FarEnd, *, is_met: Is, asks_in: Act, mark: Callable[[str], None]
    ) -> None:
        self._far, self._is_met, self._asks_in, self._mark = far, is_met, asks_in, mark

    async def reads(self, letter: Letter) -> None:
        """Do what a letter asks for."""
        connection = self._far.connection
        match letter:
            case Candidates() if connection and connection.name == letter.connection:
                await connection.add(letter.candidates)
            case Description(type="offer") if self._is_met():
                await self._hears_offer(letter)
            case Description(type="answer") if self._is_met() and connection is None:
                await self._asks_in()  # to an offer that we know nothing of

    async def comes_back(self) -> None:
        """Say something on a new socket: what was under way may be lost, or kept for us."""
        await self._far.writes_again()
        if self._is_met() and self._far.connection is not None:
            await self._far.is_here()
        else:
            await self._asks_in()

    async def asks_again(self, watch: Watch, is_settled: Is) -> None:
        """Ask for another connection until there is one, or nobody wants it any more.

        Raises:
            FarEndFailed: there is none.
        """
        broken = self._far.connection

        def is_renewed() -> bool:
            return is_settled() or self._far.connection is not broken

        for _ in range(AGAIN_MAX):
            if is_renewed():
                return
            if self._is_met():
                await self._far.write(Again())
            else:
                await self._asks_in()
            if await watch.comes_true(is_renewed, AGAIN_AFTER_S):
                return
        raise FarEndFailed("No path to the far end could be found.")

    async def _hears_offer(self, offer: Description) -> None:
        connection = self._far.connection
        if connection is not None and connection.name == offer.connection:
            if connection.is_restart(offer.sdp):
                await self._far.write(Again())
                return
        else:
            connection = await self._far.connect(offer.connection, offers=False)
            self._mark("offered anew")
        try:
            await self._far.answers(connection, offer.sdp)
        except FarEndFailed:
            return
        await self._far.write_candidates()
