"""Who is let in to a doctor: M1 answered in a call, M1 answered in a session, M3 taken.

Pure but for what the desk does for it. Inside a session it
answers whoever signs under the resume secret; anybody else with the link waits for a click,
and nothing is sent meanwhile.

Who is answered when is in `clients/README.md`, under *Letters*.
"""

from .channel import Kind
from .desk import Desk
from .doctor_seal import Asked, DoctorSeal
from .errors import FarEndFailed, NotVouchedFor, PeerError
from .practice import Practice
from .records import Message, put_named, take_m1
from .sealed import CheckToken
from .sealing import Refused


class Reception:
    """One doctor's answers.

    Attributes:
        practice: set once the page is open.
        is_held: whether somebody waits for a click, and nothing is sent.
        is_unmet: whether the M3 of the call was lost, so that nobody can have a secret yet.
    """

    def __init__(self, desk: Desk, seal: DoctorSeal) -> None:
        self.practice: Practice | None = None
        self.is_held = self.is_unmet = False
        self._desk, self._seal = desk, seal
        self._stranger: Asked | None = None
        self._session_began: float | None = None

    @property
    def has_stranger(self) -> bool:
        """Whether an M1 waits for a click."""
        return self._stranger is not None

    def practising(self) -> Practice:
        """Give the papers.

        Raises:
            PeerError: there are none yet.
        """
        if self.practice is None:
            raise PeerError("The doctor's page is not open yet.")
        return self.practice

    async def answers_call(self, m1: str) -> str:
        """Answer the M1 of a call; returns what `propose` carries.

        Raises:
            Refused: of the seal; the call is over.
            PeerError: the papers cannot be had.
        """
        asked = self._seal.examine(take_m1(m1), self._links())
        m2 = await self._offers(asked)
        return put_named(m2.name, m2.body)

    def begins_session(self) -> None:
        """Note that a session has begun: a link that ends during it does not end it."""
        self._session_began = self._desk.socket.now()

    def ends_session(self) -> None:
        """Forget who was here."""
        self._stranger = self._session_began = None
        self.is_held = self.is_unmet = False
        self._seal.forget()

    async def takes(self, m3: bytes) -> None:
        """Take M3: M4 goes out, then where this end can be reached.

        Raises:
            Refused: of the seal.
            FarEndFailed: its answer is not in order.
        """
        m4, name, answer = self._seal.confirm(m3)
        connection = self._desk.far.connection
        if connection is None or connection.name != name:
            raise FarEndFailed("The patient answered something that was not asked.")
        await connection.take_answer(answer)
        self.is_unmet = False
        self._desk.far.bind()
        await self._desk.far.send(m4)
        await self._desk.far.write_candidates()

    async def hears_m1(self, m1: bytes) -> None:
        """Answer an M1 inside a session, or hold it for a click.

        Raises:
            Refused: of the seal, for one that nobody with the link can have sent, or a replay.
            PeerError: the papers cannot be had.
        """
        asked = self._seal.examine(m1, self._links(), in_session=True)
        if self.is_unmet or asked.resume is not None:
            # Nobody has been met in this call yet, or it is who was here before.
            try:
                await self._answers(asked, as_resumed=not self.is_unmet)
                return
            except Refused as refused:
                if refused.code != "twice":
                    raise
        # The link was opened again by somebody who may be anybody, or too often.
        self._stranger, self.is_held = asked, True
        self._desk.steps.mark("opened elsewhere")
        if self._desk.far.connection is not None:
            self._desk.far.connection.sends_nothing()

    async def lets_in(self) -> None:
        """Answer the M1 that waits for a click.

        Raises:
            PeerError: it cannot be answered.
        """
        stranger, self._stranger = self._stranger, None
        if stranger is None:
            return
        self._seal.allow_more()
        try:
            await self._answers(stranger)
        except Refused as refused:
            raise NotVouchedFor(refused) from None

    async def knocks(self) -> None:
        """Ask the patient for a fresh M1."""
        await self._desk.far.send(Message(Kind.KNOCK))

    async def _answers(self, asked: Asked, *, as_resumed: bool = False) -> None:
        m2 = await self._offers(asked, as_resumed=as_resumed)
        self.is_held, self._stranger = False, None
        await self._desk.far.send(m2)

    async def _offers(self, asked: Asked, *, as_resumed: bool = False) -> Message:
        papers = await self.practising().papers(self._desk.socket.now())
        connection = await self._desk.far.connect(self._desk.new_id(), offers=True)
        offer = await connection.offer()
        return self._seal.answer(
            asked, papers, self._links(), connection.name, offer, as_resumed=as_resumed
        )

    def _links(self) -> CheckToken:
        then = self._session_began
        return self.practising().check_token(self._desk.socket.now() if then is None else then)
