"""A doctor without a screen: goes on duty, calls the next patient, proposes, sees and hears.

A door. Only the doctor opens connections. It answers at most three M1 a call, and inside a
session none that does not carry the resume code, until somebody lets the patient in again.

What is said when is in `signaling/PROTOCOL.md`, the letters in `clients/README.md`.
"""

import secrets
import ssl
import time
from collections.abc import Callable
from typing import Literal

from signaling.messages import (
    Accepted,
    Board,
    Call,
    Called,
    Duty,
    Ended,
    Envelope,
    Joined,
    Leave,
    Propose,
    Refused,
    ServerMessage,
)

from . import link as links
from .desk import Desk, Dice
from .errors import BadLink, FarEndFailed, Over, PeerError, Turned
from .handshake import Handshake, Secrets, as_m1, as_m3
from .letters import (
    M1,
    M2,
    M3,
    Again,
    Candidates,
    Card,
    Description,
    Knock,
    Letter,
    Ready,
    from_base64url,
    write,
)
from .proof import doctor_token
from .watch import OnStep

# A patient's page that loses its socket while called sends a fresh M1; more is not a phone.
M1_PER_CALL = 3
# New connections within one session; a path that breaks more often will not hold.
CONNECTIONS_MAX = 8
ANSWERED_WITHIN_S = 15.0
# The server sends a board that changed within 0.25 s, and one that did not much later.
BOARD_WITHIN_S = 1.0

CARD = Card(name="Dr Camille Démo", specialty="Médecine générale")

State = Literal["out", "off", "on", "calling", "session"]


class Doctor:
    """One doctor. The methods are the lines of a dialogue; each returns when it is so.

    Args:
        url: a doctor's address, as opened or as a page left it behind.
        code: what this doctor sends as picture and tone.
        card: what the patient is shown.
        on_step: told of each step, with milliseconds.
        relay_url: which of the relay's addresses; the first unless told.
        relay_only: whether no other path may be tried.
        dice: that many random bytes.
        trust: for a certificate that only this machine knows.

    Raises:
        BadLink: not a doctor's address.
    """

    def __init__(
        self,
        url: str,
        *,
        code: int,
        card: Card = CARD,
        on_step: OnStep | None = None,
        relay_url: str | None = None,
        relay_only: bool = False,
        dice: Dice = secrets.token_bytes,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        link = links.parse(url)
        if link.role != "doctor":
            raise BadLink("This is a patient's link, not a doctor's address.")
        self._url, self._card, self._trust = url, card, trust
        self._desk = Desk(
            link,
            code=code,
            hears=self._hears,
            breaks=self._offers_anew,
            dice=dice,
            on_step=on_step,
            relay_url=relay_url,
            relay_only=relay_only,
        )
        self.code, self.sink, self.steps = code, self._desk.sink, self._desk.steps
        self.state: State = "out"
        self.queues: tuple[str, ...] = ()
        self.board: Board | None = None
        self.is_held = False
        self._duty: tuple[str, ...] | None = None
        self._call: Called | None = None
        self._answered = 0
        self._handshake: Handshake | None = None
        self._stranger: M1 | None = None
        self._is_unmet = False
        self._secrets = Secrets(link.resume)
        self._asked_again: str | None = None
        self._connections = 0
        self._refusal: PeerError | None = None
        self._call_over: Over | None = None
        self._lives = 0

    @property
    def address(self) -> str:
        """The address as a page would leave it behind: with it the same doctor comes back."""
        return links.address(self._url, self._desk.seed, self._secrets.newest)

    @property
    def _is_met(self) -> bool:
        return self._handshake is not None and self._handshake.is_done

    # The dialogue

    async def enter(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Open the doctor's page: returns when the server has let the doctor in."""
        self._desk.open(
            doctor_token(self._desk.link.doctor_secret, self._desk.seed),
            is_last=lambda _: False,
            fresh_m1=lambda: None,
            uses_pass=False,
            trust=self._trust,
        )
        await self._desk.watch.until(
            lambda: self._lives > 0, within_s, "The server let nobody in in time."
        )

    async def goes_on_duty(self, queues: tuple[str, ...] | None = None) -> None:
        """Be willing to take patients, of all queues that the credential allows unless told."""
        self._duty = self.queues if queues is None else queues
        before, self._refusal = self.board, None
        await self._desk.socket.send(Duty(state="on", queues=self._duty))
        await self._desk.watch.comes_true(
            lambda: self.board is not before or self._refusal is not None, BOARD_WITHIN_S
        )
        await self._desk.watch.until(
            lambda: self.board is not None or self._refusal is not None,
            ANSWERED_WITHIN_S,
            "The server showed no queue in time.",
        )
        if self._refusal is not None:
            raise self._refusal
        if self.state != "session":
            self.state = "on"
        self.steps.mark("on duty")

    async def goes_off_duty(self) -> None:
        """Take nobody any more."""
        self._duty, self.state = None, "off"
        await self._desk.socket.send(Duty(state="off"))

    async def calls_next(self, queue: str | None = None, within_s: float = 60.0) -> None:
        """Call the first patient, waiting for one; returns when the proposal is out.

        Raises:
            Over: the call ended before that: the patient's M1 could not be read, he gave up,
                or the socket was lost.
        """
        until = time.monotonic() + within_s
        while True:
            left_s = until - time.monotonic()
            await self._desk.watch.until(
                lambda: self._may_call(queue), left_s, "Nobody came in time."
            )
            self._refusal = self._call_over = None
            # The server knows who may be called: the first on the board may be resting.
            await self._desk.socket.send_now(Call(queue=queue))
            await self._desk.watch.until(
                lambda: self.state == "calling" or bool(self._refusal or self._call_over),
                ANSWERED_WITHIN_S,
                "The server did not answer the call.",
            )
            if self.state == "calling":
                return
            if self._call_over is not None:
                raise self._call_over
            if not (isinstance(self._refusal, Turned) and self._refusal.code == "no-patient"):
                raise self._refusal or Over("call", "lost")
            self.board = None  # somebody else was quicker, or the patient fell asleep: look anew

    async def is_accepted(self, within_s: float = 60.0) -> None:
        """Wait for the patient's answer; returns when the session has started.

        Raises:
            Over: the patient declined, was late, or gave up.
        """
        await self._desk.watch.until(
            lambda: self.state != "calling", within_s, "The patient did not answer in time."
        )
        if self.state != "session":
            raise self._refusal or self._call_over or Over("call", "late")

    async def withdraws(self) -> None:
        """Take the call back; the patient is at the head again."""
        await self._desk.socket.send(Leave(what="call"))
        await self._desk.watch.until(
            lambda: self.state != "calling", ANSWERED_WITHIN_S, "The server kept the call."
        )

    async def lets_in_again(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Answer an M1 that came without the resume code: the click that the page waits for."""
        await self._desk.watch.until(
            lambda: self._stranger is not None, within_s, "Nobody asks to come in again."
        )
        async with self._desk.turn:
            stranger, self._stranger = self._stranger, None
            if stranger is not None:
                await self._answers_inside(stranger)

    async def sees_board(
        self, is_so: Callable[[Board], bool], within_s: float = ANSWERED_WITHIN_S
    ) -> None:
        """Wait until the queue looks so."""
        await self._desk.watch.until(
            lambda: self.board is not None and is_so(self.board),
            within_s,
            "The queue did not look so in time.",
        )

    async def sees_step(self, name: str, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Wait until a step has been taken."""
        await self._desk.sees_step(name, within_s)

    async def hang_up(self) -> None:
        """Say good-bye; returns when the session is over."""
        await self._desk.socket.send(Leave(what="session"))
        await self.waits_for_the_end(ANSWERED_WITHIN_S)

    async def waits_for_the_end(self, within_s: float) -> str:
        """Wait until the session is over; returns the outcome."""
        await self._desk.watch.until(
            lambda: self.state != "session", within_s, "The consultation goes on."
        )
        return self._desk.over.outcome if self._desk.over else ""

    async def is_over_within(self, within_s: float) -> bool:
        """Tell whether the session is over within this time."""
        return await self._desk.watch.comes_true(lambda: self.state != "session", within_s)

    async def loses_the_network(self) -> None:
        """Lose the socket, and stay away until `comes_back`."""
        await self._desk.socket.lose()

    async def comes_back(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Return by the credential."""
        lives = self._lives
        self._desk.socket.come_back()
        await self._desk.watch.until(
            lambda: self._lives > lives, within_s, "The way back was not found."
        )

    async def loses_the_path(self) -> None:
        """Lose the media connection, as if the network under it had gone."""
        async with self._desk.turn:
            await self._desk.drop()
            self.steps.mark("broken")
        self._desk.start(self._offers_anew())

    async def close(self) -> None:
        """Close the window. Nothing is left running."""
        await self._desk.close()

    # What the server says

    async def _hears(self, message: ServerMessage) -> None:
        match message:
            case Joined():
                await self._joined(message)
            case Board():
                self.board = message
            case Called():
                await self._hears_called(message)
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

    async def _joined(self, joined: Joined) -> None:
        self._lives += 1
        self.steps.mark("joined")
        self.queues = joined.queues or self.queues
        if self.state != "session":
            # The server gave the patient back to the queue; if he had accepted, it says so next.
            self._call, self._call_over = None, Over("call", "lost")
            self.state = "off" if self._duty is None else "on"
            await self._desk.drop()
        if self._duty is not None:
            # In a session too: who was away for long is off duty.
            await self._desk.socket.send(Duty(state="on", queues=self._duty))

    async def _hears_called(self, called: Called) -> None:
        is_new = self._call is None or self._call.call != called.call
        self._call = called
        self._answered = 1 if is_new else self._answered + 1
        if is_new:
            self.steps.mark("called")
        m1 = as_m1(called.m1)
        if m1 is None or self._answered > M1_PER_CALL:
            await self._desk.socket.send(Leave(what="call"))
            return
        m2 = await self._offers(m1)
        await self._desk.socket.send(Propose(call=called.call, m2=write(m2)))
        self.state = "calling"
        self.steps.mark("proposed")

    async def _hears_accepted(self, accepted: Accepted) -> None:
        is_new = self._desk.seat(accepted, "patient")
        self.state, self._call = "session", None
        if is_new:
            self._connections = 0
        if accepted.m3 is not None:
            self.steps.mark("accepted")
            m3 = as_m3(accepted.m3)
            try:
                if m3 is None:
                    raise FarEndFailed("The patient's answer is not in order.")
                await self._takes(m3)
            except FarEndFailed as failure:
                self._refusal = failure
                await self._desk.socket.send(Leave(what="session"))
        elif is_new:
            # The M3 was lost with our socket, or the memory of the call with our window.
            self._is_unmet = self._handshake is not None
            await self._desk.write(Knock())
        elif accepted.token is not None and not self.is_held:
            await self._is_back()

    async def _is_back(self) -> None:
        """Say something on a new socket: what was under way may be lost, or kept for us."""
        await self._desk.writes_again()
        connection = self._desk.connection
        if not self._is_met:
            await self._desk.write(Knock())
        elif connection is not None and connection.awaits_answer:
            await self._opens_anew()
        else:
            await self._desk.is_here()

    async def _hears_end(self, ended: Ended) -> None:
        if ended.what == "call":
            self._call, self._call_over = None, Over("call", ended.outcome)
            self.steps.mark(f"call {ended.outcome}")
        elif ended.what == "session":
            self._desk.ends(Over("session", ended.outcome))
        elif ended.what == "duty":
            self._duty = None
            self.state = "off" if self.state == "on" else self.state
        if ended.what in ("call", "session"):
            self.state = "off" if self._duty is None else "on"
            self._handshake = self._stranger = None
            self.is_held = self._is_unmet = False
            self._asked_again = None
            self._secrets.forget()
            await self._desk.drop()

    def _hears_refusal(self, refused: Refused) -> None:
        if self._desk.refused(refused):
            return
        self._refusal = Turned(refused.code, refused.text)
        if refused.of == "propose" and self.state == "calling":
            self.state = "on"

    # What the patient says

    async def _reads(self, letter: Letter) -> None:
        connection = self._desk.connection
        match letter:
            case M1():
                await self._hears_m1(letter)
            case M3():
                try:
                    await self._takes(letter)
                except FarEndFailed:
                    return
            case Candidates() | Description() if (
                connection and connection.name == letter.connection
            ):
                if self._is_met:
                    self._secrets.ready_has_come()
                if isinstance(letter, Candidates):
                    await connection.add(letter.candidates)
                else:
                    await self._hears_description(letter)
            case Again() if not self.is_held:
                await self._is_asked_again()

    async def _is_asked_again(self) -> None:
        connection = self._desk.connection
        if self._is_met and not (connection and connection.awaits_answer):
            await self._opens_anew()
            return
        asked, self._asked_again = self._asked_again, connection.name if connection else ""
        if asked != self._asked_again:
            return  # it crossed what we sent; asked twice, that was lost
        if self._is_met:
            await self._opens_anew()
        else:
            await self._desk.write(Knock())

    async def _hears_m1(self, m1: M1) -> None:
        if self._is_unmet and self._answered < M1_PER_CALL:
            # Nobody has been met in this call yet: one of the M1 that it may take.
            self._answered += 1
            await self._answers_inside(m1)
            return
        if self._secrets.know(m1):
            await self._answers_inside(m1)
            return
        # The link was opened again by somebody who may be anybody.
        self._stranger, self.is_held = m1, True
        self.steps.mark("opened elsewhere")
        if self._desk.connection is not None:
            self._desk.connection.sends_nothing()

    async def _hears_description(self, description: Description) -> None:
        connection = self._desk.connection
        if connection is None or self.is_held:
            return
        try:
            if description.type == "answer" and connection.awaits_answer:
                await connection.take_answer(description.sdp)
            elif description.type == "offer" and not connection.awaits_answer:
                if connection.is_restart(description.sdp):
                    await self._opens_anew()
                    return
                await self._desk.answers(connection, description.sdp)
        except FarEndFailed:
            return

    # What the doctor says

    async def _offers(self, m1: M1) -> M2:
        connection = await self._desk.connect(self._desk.new_id(), offers=True)
        offer = await connection.offer()
        self._handshake = Handshake(m1, connection.name)
        name, card = connection.name, self._card
        return M2(nonce=m1.nonce, card=card, connection=name, restarts=False, offer=offer)

    async def _answers_inside(self, m1: M1) -> None:
        self.is_held, self._stranger = False, None
        await self._desk.write(await self._offers(m1))

    async def _takes(self, m3: M3) -> None:
        handshake, connection = self._handshake, self._desk.connection
        if (
            handshake is None
            or handshake.is_done
            or handshake.m1.nonce != m3.nonce
            or connection is None
            or connection.name != handshake.connection
        ):
            raise FarEndFailed("The patient answered something that was not asked.")
        await connection.take_answer(m3.answer)
        handshake.is_done, self._is_unmet = True, False
        self._secrets.agree(from_base64url(m3.resume))
        await self._desk.write(Ready())
        await self._desk.write_candidates()

    async def _offers_anew(self) -> None:
        async with self._desk.turn:
            if self.state == "session" and not self.is_held:
                await self._opens_anew()

    async def _opens_anew(self) -> None:
        self._connections += 1
        if self._connections > CONNECTIONS_MAX:
            raise FarEndFailed("No path to the patient could be found.")
        await self._desk.offers_anew()

    def _may_call(self, queue: str | None) -> bool:
        tickets = self.board.tickets if self.board and self.board.tickets else ()
        return any(t.awake and queue in (None, t.queue) for t in tickets)
