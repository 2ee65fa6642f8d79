"""A patient without a screen: opens a link, waits, accepts, sees and hears the doctor.

A door. It answers offers and never makes one; it names no address before *ready*; one M1
opens one M2 and yields one M3.

What is said when is in `signaling/PROTOCOL.md`, the letters in `clients/README.md`.
"""

import secrets
import ssl
from dataclasses import dataclass
from typing import Literal

from signaling.messages import (
    Accept,
    Accepted,
    Board,
    Ended,
    Envelope,
    Id,
    Joined,
    Leave,
    Proposed,
    Refused,
    ServerMessage,
)

from . import link as links
from .desk import Desk, Dice
from .errors import BadLink, FarEndFailed, Over, PeerError, Turned
from .letters import (
    M1,
    M2,
    M3,
    Again,
    BadLetter,
    Candidates,
    Card,
    Description,
    Knock,
    Letter,
    Ready,
    read,
    to_base64url,
    write,
)
from .proof import resume_mac
from .watch import OnStep

# A doctor's page offers at once; after this long the letter or the offer was lost.
AGAIN_AFTER_S = 10.0
AGAIN_MAX = 3
ANSWERED_WITHIN_S = 15.0

State = Literal["out", "waiting", "proposed", "session", "gone"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A doctor's M2, and when it lapses on the server's clock."""

    call: Id
    m2: M2
    deadline: float


class Patient:
    """One patient. Its methods are the lines of a dialogue; each returns when it is so.

    Args:
        url: a patient's link, as opened or as a page left it behind.
        code: what this patient sends as picture and tone.
        on_step: told of each step, with milliseconds.
        relay_url: which of the relay's addresses; the first unless told.
        relay_only: whether no other path may be tried.
        dice: that many random bytes.
        trust: for a certificate that only this machine knows.

    Raises:
        BadLink: not a patient's link.
    """

    def __init__(
        self,
        url: str,
        *,
        code: int,
        on_step: OnStep | None = None,
        relay_url: str | None = None,
        relay_only: bool = False,
        dice: Dice = secrets.token_bytes,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        link = links.parse(url)
        if link.role != "patient":
            raise BadLink("This is a doctor's address, not a patient's link.")
        self._url, self._trust = url, trust
        self._desk = Desk(
            link,
            code=code,
            hears=self._hears,
            breaks=self._asks_again,
            dice=dice,
            on_step=on_step,
            relay_url=relay_url,
            relay_only=relay_only,
        )
        self.code, self.sink, self.steps = code, self._desk.sink, self._desk.steps
        self.state: State = "out"
        self.place: int | None = None
        self.doctors: int | None = None
        self._nonce: Id | None = None
        self._proposal: Proposal | None = None
        self._refusal: PeerError | None = None
        self._call_over: Over | None = None
        self._declined: Id | None = None
        self._resume = link.resume
        self._next_resume: bytes | None = None
        self._lives = 0
        self._has_board = self._is_met = False

    @property
    def address(self) -> str:
        """The link as a page would leave it behind: with it the same patient comes back."""
        return links.address(self._url, self._desk.seed, self._resume)

    # The dialogue

    async def enter(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Open the link: returns with a place in the queue, or back in the session."""
        self._desk.open(
            self._desk.link.capability,
            is_last=_is_last,
            fresh_m1=self._fresh_m1,
            uses_pass=True,
            trust=self._trust,
        )
        await self._desk.watch.until(self._is_in, within_s, "The server let nobody in in time.")

    async def waits_for_call(self, within_s: float = 60.0) -> Card:
        """Wait for a doctor's proposal; returns the doctor's card."""
        await self._desk.watch.until(
            lambda: self._proposal is not None or self._desk.over is not None,
            within_s,
            "No doctor called in time.",
        )
        return self._proposed().m2.card

    async def accepts(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Accept the doctor who calls; returns when the session has started."""
        proposal = self._proposed()
        self.steps.mark("accept")
        self._refusal = self._call_over = None
        try:
            async with self._desk.turn:
                m3 = await self._answers(proposal.m2)
                await self._desk.socket.send(Accept(call=proposal.call, m3=write(m3)))
        except FarEndFailed:
            await self._desk.socket.send(Leave(what="call"))
            raise
        left_s = self._desk.socket.seconds_until(proposal.deadline)
        await self._desk.watch.until(
            lambda: self.state == "session" or self._proposal is not proposal,
            min(within_s, max(left_s, 1.0)),
            "The server did not confirm the session in time.",
        )
        if self.state != "session":
            raise self._refusal or self._call_over or Over("call", "late")

    async def declines(self) -> None:
        """Ask for another doctor; returns when waiting again.

        Without a socket the refusal is remembered, and told when the doctor is proposed again.
        """
        proposal = self._proposed()
        self._declined = proposal.call
        await self._desk.socket.send_now(Leave(what="call"))
        await self._desk.watch.until(
            lambda: self._proposal is not proposal, ANSWERED_WITHIN_S, "Nobody heard the refusal."
        )

    async def waits_again(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Wait until the call is over and the place in the queue is had again."""
        await self._desk.watch.until(lambda: self.state == "waiting", within_s, "The call goes on.")

    async def gives_up(self) -> None:
        """Give the place in the queue away."""
        await self._desk.socket.send(Leave(what="queue"))
        await self._until_over("The server did not let go of the place.")

    async def hang_up(self) -> None:
        """Say good-bye; returns when the session is over."""
        await self._desk.socket.send(Leave(what="session"))
        await self._until_over("The server did not end the session.")

    async def waits_for_the_end(self, within_s: float) -> str:
        """Wait until wait or session is over; returns the outcome."""
        await self._until_over("The consultation goes on.", within_s)
        return self._desk.over.outcome if self._desk.over else ""

    async def sees_step(self, name: str, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Wait until a step has been taken."""
        await self._desk.sees_step(name, within_s)

    async def loses_the_network(self) -> None:
        """Lose the socket, and stay away until `comes_back`."""
        await self._desk.socket.lose()

    async def comes_back(self, within_s: float = ANSWERED_WITHIN_S) -> int | None:
        """Return by the pass; returns the place, or None when back in the session."""
        lives, self._has_board = self._lives, False
        self._desk.socket.come_back()
        await self._desk.watch.until(
            lambda: self._lives > lives and self._is_in(), within_s, "The way back was not found."
        )
        return self.place if self.state == "waiting" else None

    async def loses_the_path(self) -> None:
        """Lose the media connection, as if the network under it had gone."""
        async with self._desk.turn:
            await self._desk.drop()
            self.steps.mark("broken")
        self._desk.start(self._asks_again())

    async def close(self) -> None:
        """Close the window. Nothing is left running; place and seat live as long as the pass."""
        await self._desk.close()

    # What the server says

    async def _hears(self, message: ServerMessage) -> None:
        match message:
            case Joined():
                self._joined()
            case Board():
                self.place, self.doctors, self._has_board = message.place, message.doctors, True
            case Proposed():
                await self._hears_proposal(message)
            case Accepted():
                await self._hears_accepted(message)
            case Envelope():
                letter = await self._desk.opened(message)
                if letter is not None:
                    await self._reads(letter)
            case Ended():
                await self._hears_end(message)
            case Refused():
                self._hears_refusal(message)

    def _joined(self) -> None:
        self._lives += 1
        self.steps.mark("joined")
        self._proposal = None  # its M1 is spent: the doctor is asked with a fresh one
        if self.state != "session":
            self.state = "waiting"

    async def _hears_proposal(self, proposed: Proposed) -> None:
        if proposed.call == self._declined:
            await self._desk.socket.send(Leave(what="call"))
            return
        try:
            m2 = read(proposed.m2 or "")
        except BadLetter:
            m2 = None
        if not isinstance(m2, M2):
            await self._desk.socket.send(Leave(what="call"))
            return
        if m2.nonce != self._nonce:
            return  # it answers an older M1; the one that answers the last M1 will come
        self._nonce = None
        self._proposal = Proposal(proposed.call, m2, proposed.deadline)
        self.state = "proposed"
        self.steps.mark("proposed")

    async def _hears_accepted(self, accepted: Accepted) -> None:
        self._desk.seat(accepted, "doctor")
        is_back = self.state != "proposed" and accepted.token is not None
        if self.state != "session":
            self.steps.mark("accepted")
        self.state, self._proposal = "session", None
        if not is_back:
            return
        # On a new socket: what was under way may be lost, or kept for us.
        await self._desk.writes_again()
        if self._is_met and self._desk.connection is not None:
            await self._desk.is_here()
        else:
            await self._knocks()

    async def _hears_end(self, ended: Ended) -> None:
        if ended.what == "call":
            self._proposal, self.state = None, "waiting"
            self._call_over = Over("call", ended.outcome)
            self.steps.mark(f"call {ended.outcome}")
            await self._desk.drop()
            await self._desk.socket.renew(self._fresh_m1())
        elif ended.what in ("queue", "session"):
            self._desk.ends(Over(ended.what, ended.outcome))
            self.state = "waiting" if ended.outcome == "requeued" else "gone"
            self._proposal, self._is_met, self._next_resume = None, False, None
            await self._desk.drop()
            if self.state == "waiting":
                await self._desk.socket.renew(self._fresh_m1())

    def _hears_refusal(self, refused: Refused) -> None:
        if self._desk.refused(refused):
            return
        self._refusal = Turned(refused.code, refused.text)
        if refused.of in ("accept", "leave") and refused.code == "no-call":
            self._proposal = None
            if self.state == "proposed":
                self.state = "waiting"

    # What the doctor says

    async def _reads(self, letter: Letter) -> None:
        desk = self._desk
        match letter:
            case Ready():
                self._is_met = True
                self._resume, self._next_resume = self._next_resume or self._resume, None
                await desk.write_candidates()
            case Candidates() if desk.connection and desk.connection.name == letter.connection:
                await desk.connection.add(letter.candidates)
            case Description(type="offer") if self._is_met:
                await self._hears_offer(letter)
            case M2() if letter.nonce == self._nonce:
                self._nonce, self._is_met = None, False
                try:
                    await desk.write(await self._answers(letter))
                except FarEndFailed:
                    await desk.drop()
            case Knock():
                await desk.drop()
                await self._knocks()

    async def _hears_offer(self, offer: Description) -> None:
        connection = self._desk.connection
        if connection is not None and connection.name == offer.connection:
            if connection.is_restart(offer.sdp):
                await self._desk.write(Again())
                return
        else:
            connection = await self._desk.connect(offer.connection, offers=False)
            self.steps.mark("offered anew")
        try:
            await self._desk.answers(connection, offer.sdp)
        except FarEndFailed:
            return
        await self._desk.write_candidates()

    async def _answers(self, m2: M2) -> M3:
        connection = await self._desk.connect(m2.connection, offers=False)
        answer = await connection.answer(m2.offer)
        resume = self._desk.dice(links.RESUME_BYTES)
        if self.state == "session" and self._resume is not None:
            # Should this M3 be lost, the doctor knows the one before only.
            self._next_resume = resume
        else:
            self._resume, self._next_resume = resume, None
        return M3(nonce=m2.nonce, resume=to_base64url(resume), restarts=False, answer=answer)

    # What the patient says

    def _fresh_m1(self) -> str:
        self._nonce = self._desk.new_id()
        return write(M1(nonce=self._nonce))

    async def _knocks(self) -> None:
        """Ask for a handshake inside a running session, as who agreed on the resume secret."""
        self._is_met = False
        self._nonce = self._desk.new_id()
        mac = resume_mac(self._resume, self._nonce) if self._resume else None
        await self._desk.write(M1(nonce=self._nonce, resume=mac))

    async def _asks_again(self) -> None:
        broken = self._desk.connection

        def is_renewed() -> bool:
            return self.state != "session" or self._desk.connection is not broken

        for _ in range(AGAIN_MAX):
            if is_renewed():
                return
            await self._desk.write(Again())
            if await self._desk.watch.comes_true(is_renewed, AGAIN_AFTER_S):
                return
        raise FarEndFailed("No path to the doctor could be found.")

    def _proposed(self) -> Proposal:
        if self._proposal is None:
            raise self._desk.over or self._call_over or PeerError("No doctor is calling.")
        return self._proposal

    def _is_in(self) -> bool:
        return self.state == "session" or (self.state == "waiting" and self._has_board)

    async def _until_over(self, sentence: str, within_s: float = ANSWERED_WITHIN_S) -> None:
        await self._desk.watch.until(lambda: self._desk.over is not None, within_s, sentence)


def _is_last(message: ServerMessage) -> bool:
    return (
        isinstance(message, Ended)
        and message.what in ("queue", "session")
        and message.outcome != "requeued"
    )
