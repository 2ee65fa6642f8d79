"""A doctor without a screen: goes on duty, calls the next patient, proposes, sees and hears.

A door. Only the doctor opens connections. It answers at most three M1 a call, and inside a
session none that is not signed under the resume secret, until somebody lets the patient in
again.

What is said when is in `signaling/PROTOCOL.md`, the letters in `clients/README.md`, the
seal in `clients/SCEAU.md`.
"""

import secrets
import time
from collections.abc import Callable
from typing import Literal

from signaling.encoding import decode
from signaling.messages import (
    Accepted,
    Board,
    Call,
    Called,
    Duty,
    Ended,
    Envelope,
    Invited,
    Joined,
    Leave,
    Propose,
    Refused,
    ServerMessage,
)

from . import link as links
from . import practice as practices
from .channel import Kind
from .colleagues import Colleagues
from .company import Company
from .desk import Clock, Desk, Dice
from .doctor_seal import DoctorSeal
from .errors import BadLink, FarEndFailed, Over, PeerError, Turned
from .hand_over import Handing
from .letters import Card
from .pairs import Self, practising
from .paths import OfferingPath
from .published import Published
from .reach import BY_ITS_ADDRESS, Reach
from .reception import Reception
from .records import Message, take_named
from .rosters import Entry
from .sealing import Refused as SealRefused
from .watch import OnStep

ANSWERED_WITHIN_S = 15.0
# The server sends a board that changed within 0.25 s, and one that did not much later.
BOARD_WITHIN_S = 1.0

State = Literal["out", "off", "on", "calling", "session"]


class Doctor:
    """One doctor. The methods are the lines of a dialogue; each returns when it is so.

    Args:
        url: a doctor's address, as opened or as a page left it behind.
        code: what this doctor sends as picture and tone.
        on_step: told of each step, with milliseconds.
        relay_url: which of the relay's addresses; the first that answers unless told.
        relay_only: whether no other path may be tried.
        dice: that many random bytes.
        clock: seconds since 1970.
        reach: by which address, and whose certificate.

    Raises:
        BadLink: not a doctor's address.
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
        clock: Clock = time.time,
        reach: Reach = BY_ITS_ADDRESS,
    ) -> None:
        link = links.parse(url)
        if link.role != "doctor":
            raise BadLink(f"This is a {link.role}'s link, not a doctor's address.")
        self._url, self._link, self._reach = url, link, reach
        self._choice = practices.Choice(seeks_seat=link.resume is not None)
        self._seal = DoctorSeal(dice, link.resume)
        self._desk = Desk(
            link,
            self._seal.records,
            code=code,
            hears=self._hears,
            breaks=self._offers_anew,
            dice=dice,
            clock=clock,
            on_step=on_step,
            relay_url=relay_url,
            relay_only=relay_only,
        )
        self._far = self._desk.far
        self._reception = Reception(self._desk, self._seal)
        self._path = OfferingPath(
            self._far,
            is_met=lambda: self._is_met,
            is_held=lambda: self.is_held,
            knocks=self._reception.knocks,
        )
        self.company = Company(self._desk, time.monotonic)
        self.report, self.measuring = self._desk.report, self._desk.measuring
        self.handing = Handing(self._desk, self.company)
        self.colleagues = Colleagues(self._desk, self.company, self._reception, lambda: self.board)
        self.code, self.sink, self.steps = code, self._desk.sink, self._desk.steps
        self.state: State = "out"
        self.queues: tuple[str, ...] = ()
        self.board: Board | None = None
        self._duty: tuple[str, ...] | None = None
        self._call: Called | None = None
        self._lives = 0
        self._refusal: PeerError | None = None
        self._call_over: Over | None = None
        self._entry: practices.Entry | None = None

    @property
    def address(self) -> str:
        """The address as a page would leave it behind: with it the same doctor comes back."""
        return links.address(self._url, None, self._seal.secrets.newest)

    @property
    def card(self) -> Card | None:
        """What the union lets patients know; None before the first list was fetched."""
        practice = self._reception.practice
        return practice.card if practice else None

    @property
    def is_held(self) -> bool:
        """Whether the link was opened again by somebody who waits for a click."""
        return self._reception.is_held

    @property
    def digits(self) -> str:
        """Six digits of the last handshake, to be compared with the patient's."""
        return self._seal.digits

    @property
    def _is_met(self) -> bool:
        return self._seal.records.channel is not None and not self._seal.is_under_way

    # The dialogue

    async def enter(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Open the doctor's page: returns when the server has let the doctor in.

        Raises:
            NotEnrolled: no trusted union has a bundle for these keys.
        """
        published = Published(self._link.origin, self._reach)
        self._reception.practice = await practices.fetch(self._link.keyring, published)
        self._desk.open(
            self._enters,
            is_last=lambda _: False,
            fresh_m1=lambda: None,
            uses_pass=False,
            reach=self._reach,
        )
        await self._desk.watch.until(
            lambda: self._lives > 0, within_s, "The server let nobody in in time."
        )
        has_seat = self._choice.is_newest or await self._desk.watch.comes_true(
            lambda: self.state == "session", practices.SEAT_WITHIN_S
        )
        self._choice.settle()
        if not has_seat:
            await self.loses_the_network()
            await self.comes_back(within_s)

    async def goes_on_duty(self, queues: tuple[str, ...] | None = None) -> None:
        """Be willing to take patients, of all queues that the credential allows unless told."""
        await self._reception.practising().papers(self._desk.socket.now())
        self._duty = self.queues if queues is None else queues
        before, self._refusal = self.board, None
        await self._desk.socket.send(await self._on_duty())
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
            if not (isinstance(self._refusal, Turned) and self._refusal.is_nobody_yet):
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
        if self.state != "session" or self._refusal is not None:
            raise self._refusal or self._call_over or Over("call", "late")

    async def withdraws(self) -> None:
        """Take the call back; the patient is at the head again."""
        await self._desk.socket.send(Leave(what="call"))
        await self._desk.watch.until(
            lambda: self.state != "calling", ANSWERED_WITHIN_S, "The server kept the call."
        )

    async def lets_in_again(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Answer an M1 that came without the resume secret: the click that the page waits for."""
        await self._desk.watch.until(
            lambda: self._reception.has_stranger, within_s, "Nobody asks to come in again."
        )
        async with self._desk.turn:
            await self._reception.lets_in()

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
        then: Literal["end", "requeue"] = "requeue" if self.company.keeps_a_stranger else "end"
        await self._desk.leaves(then=then)
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
            await self._far.drop()
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
                await self._hears_envelope(message)
            case Invited() if self.state == "session":
                self.company.hears_invited(message.token)
            case Invited():
                self.colleagues.hears_invited(message.token)
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
            await self._far.drop()
        else:
            self._desk.awaits_seat(self._hears_end)
        if self._duty is not None:
            # In a session too: who was away for long is off duty.
            await self._desk.socket.send(await self._on_duty())

    async def _on_duty(self) -> Duty:
        """Say which queues are served; the card is of the day of the key that was shown."""
        queues = self._duty or ()
        card = await self.colleagues.card(self._entry, queues) if self._entry else None
        return Duty(state="on", queues=queues, card=card)

    async def _hears_called(self, called: Called) -> None:
        if self._call is None or self._call.call != called.call:
            self._seal.begin_call()
            self.steps.mark("called")
        self._call, self._desk.call_relay = called, called.relay
        try:
            m2 = await self._reception.answers_call(called.m1)
        except SealRefused as refused:
            self._desk.mark_refused(refused)  # whoever sent it rests; the call's end is told
        except PeerError as failure:
            self._refusal = failure
        else:
            await self._desk.socket.send(Propose(call=called.call, m2=m2))
            self.state = "calling"
            self.steps.mark("proposed")
            return
        await self._desk.socket.send(Leave(what="call"))

    async def _hears_accepted(self, accepted: Accepted) -> None:
        is_new = self._desk.sits(accepted, "patient")
        self.state, self._call = "session", None
        if is_new:
            self._path.begins()
            self._reception.begins_session()
            self.company.begins(self._myself(), accepted)
        else:
            await self.company.changes(accepted, is_return=accepted.token is not None)
        if is_new and self._far.seat is None:
            await self.colleagues.enters(accepted)
            return
        if accepted.m3 is not None:
            self.steps.mark("accepted")
            try:
                name, m3 = take_named(accepted.m3)
                if self._seal.is_of(name):
                    await self._reception.takes(m3)
                    await self._is_with_patient()
                else:
                    # Whatever it answers was of another handshake: ours counts as lost.
                    self._reception.is_unmet = True
                    await self._reception.knocks()
            except (SealRefused, FarEndFailed) as failure:
                self._refusal = self._desk.sentence(failure)
                await self._desk.leaves()
        elif is_new:
            # The M3 was lost with our socket, or the memory of the call with our window.
            self._reception.is_unmet = self._seal.is_under_way
            await self._reception.knocks()
        elif accepted.token is not None and not self.is_held:
            if self._far.seat is not None:
                await self._path.comes_back()
            await self.company.comes_back()

    def _myself(self) -> Self:
        seed = self._entry.seed if self._entry else b""
        return practising(self._reception.practising(), seed, self._desk.socket.now)

    async def _is_with_patient(self) -> None:
        if self._seal.holder is not None and self._far.seat is not None:
            seat = decode(self._far.seat)
            await self.company.meets_first(Entry(seat, "patient", self._seal.holder))

    async def _hears_end(self, ended: Ended) -> None:
        if ended.what == "call":
            self._call, self._call_over = None, Over("call", ended.outcome)
            self.steps.mark(f"call {ended.outcome}")
        elif ended.what == "session":
            await self.company.ends()
            self._desk.ends(Over("session", ended.outcome))
        elif ended.what == "duty":
            self._duty, self.state = None, "off" if self.state == "on" else self.state
        if ended.what in ("call", "session"):
            self.state = "off" if self._duty is None else "on"
            self._reception.ends_session()
            await self._far.drop()

    def _hears_refusal(self, refused: Refused) -> None:
        if self._desk.refused(refused):
            return
        self._refusal = Turned(refused.code, refused.text)
        if refused.of == "invite":
            self.company.hears_refusal(self._refusal)
        if refused.of == "join":
            self.colleagues.hears_refusal(self._refusal)
        if refused.of == "propose" and self.state == "calling":
            self.state = "on"

    # What the patient says

    async def _hears_envelope(self, envelope: Envelope) -> None:
        if envelope.member != self._far.seat:
            await self.company.hears(envelope)
            return
        was_met = self._is_met
        try:
            message = await self._far.opened(envelope)
            if self.state == "session":
                await self._opens(message)
        except SealRefused as refused:
            self._desk.mark_refused(refused)
            if was_met and not self._is_met:
                await self._reception.knocks()
        except PeerError:
            return  # an answer that is not in order, or a list that cannot be had just now

    async def _opens(self, message: Message) -> None:
        match message.kind:
            case Kind.M1:
                await self._reception.hears_m1(message.body)
            case Kind.M3 if self._seal.is_of(message.name):
                try:
                    await self._reception.takes(message.body)
                    await self._is_with_patient()
                except (SealRefused, FarEndFailed):
                    await self._reception.knocks()
                    raise
            case Kind.RECORD:
                is_ours = self._seal.records.is_of(message)
                text = self._seal.records.read_text(message)
                if is_ours and not self._seal.is_under_way:
                    self._seal.secrets.m4_has_come()
                if text is not None:
                    await self.company.reads(self._far.seat or "", text, self._path.reads)

    # What the doctor says

    async def _offers_anew(self) -> None:
        async with self._desk.turn:
            if self.state == "session" and not self.is_held:
                await self._path.offers_anew()

    def _may_call(self, queue: str | None) -> bool:
        tickets = self.board.tickets if self.board and self.board.tickets else ()
        return any(t.awake and queue in (None, t.queue) for t in tickets)

    def _enters(self, now: float) -> tuple[str, bytes]:
        practice, is_busy = self._reception.practising(), self.state in ("calling", "session")
        self._entry = self._choice.of(practice, now, is_busy=is_busy)
        return self._entry.token, self._entry.seed
