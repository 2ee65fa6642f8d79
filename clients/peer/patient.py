"""A patient without a screen: opens a link, waits, accepts, sees and hears the doctor.

A door. It answers offers and never makes one; it accepts nobody for whom no trusted union
vouches, answers nobody whom the patient has not accepted, whatever the server says, and names
no address before M4 is in order.

What is said when is in `signaling/PROTOCOL.md`, the letters in `clients/README.md`, the
seal in `clients/SCEAU.md`.
"""

import secrets
import time
from typing import Literal

from signaling.encoding import decode
from signaling.messages import (
    Accept,
    Accepted,
    Board,
    Ended,
    Envelope,
    Id,
    Invited,
    Joined,
    Leave,
    Proposed,
    Refused,
    ServerMessage,
)

from . import link as links
from .channel import Kind
from .company import Company
from .desk import Clock, Desk, Dice
from .errors import BadLink, FarEndFailed, NotVouchedFor, Over, PeerError, Turned
from .hand_over import Choosing
from .pairs import undoctored
from .paths import OfferedPath
from .patient_seal import PatientSeal, Proposal
from .published import Published, Trusted
from .reach import BY_ITS_ADDRESS, Reach
from .records import Message, put_m1, put_named, take_named
from .rosters import Entry
from .sealing import SEED_BYTES, thumb
from .sealing import Refused as SealRefused
from .watch import OnStep

ANSWERED_WITHIN_S = 15.0
# A handshake inside a session is begun anew so often before it is given up.
REFUSED_MAX = 3
HANDSHAKE_WITHIN_S = 10.0
# M1 for which no M2 came, and M3 for which no M4 came, in a row: a network loses fewer.
KNOCKS_MAX = UNCONFIRMED_MAX = 3

_VISIT = ("queue", "session")
State = Literal["out", "waiting", "proposed", "session", "gone"]


class Patient:
    """One patient. Its methods are the lines of a dialogue; each returns when it is so.

    Args:
        url: a patient's link, as opened or as a page left it behind.
        code: what this patient sends as picture and tone.
        on_step: told of each step, with milliseconds.
        relay_url: which of the relay's addresses; the first that answers unless told.
        relay_only: whether no other path may be tried.
        dice: that many random bytes.
        clock: seconds since 1970.
        reach: by which address, and whose certificate.

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
        clock: Clock = time.time,
        reach: Reach = BY_ITS_ADDRESS,
    ) -> None:
        link = links.parse(url)
        if link.role != "patient":
            raise BadLink(f"This is a {link.role}'s address, not a patient's link.")
        self._url, self._reach = url, reach
        self._link, self._seed = link, link.seed or dice(SEED_BYTES)
        named = link.capability.union if link.capability else None
        self._trusted = Trusted(
            Published(link.origin, reach),
            named or link.union,
            lambda: self._desk.socket.now(),
            link.capability.leads_to if link.capability else "doctor",
        )
        self._seal = PatientSeal(
            link.sealed(self._seed), dice, self._trusted.judges, link.resume, link.mark
        )
        self._desk = Desk(
            link,
            self._seal.records,
            code=code,
            hears=self._hears,
            breaks=self._asks_again,
            dice=dice,
            clock=clock,
            on_step=on_step,
            relay_url=relay_url,
            relay_only=relay_only,
        )
        self._far = self._desk.far
        self._path = OfferedPath(
            self._far,
            is_met=lambda: self._is_met,
            asks_in=self._asks_in,
            mark=self._desk.steps.mark,
        )
        self.company = Company(self._desk, time.monotonic)
        self.report, self.measuring = self._desk.report, self._desk.measuring
        self.choosing = Choosing(self._desk, self.company)
        self.code, self.sink, self.steps = code, self._desk.sink, self._desk.steps
        self.state: State = "out"
        self.place: int | None = None
        self.doctors: int | None = None
        self._proposal: Proposal | None = None
        self._call: tuple[Id, float] | None = None
        self._refusal: PeerError | None = None
        self._unfit: PeerError | None = None
        self._call_over: Over | None = None
        self._declined: Id | None = None
        self._refused_in_a_row = self._insisted = self._knocks = self._unconfirmed = 0
        self._lives = 0
        self._has_board = False

    @property
    def address(self) -> str:
        """The link as a page would leave it behind: with it the same patient comes back."""
        return links.address(self._url, self._seed, self._seal.resume, self._seal.mark)

    @property
    def digits(self) -> str:
        """Six digits of the last accepted handshake, to be compared with the doctor's."""
        return self._seal.digits

    @property
    def _is_met(self) -> bool:
        return self._seal.records.may_write

    # The dialogue

    async def enter(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Open the link: returns with a place in the queue, or back in the session."""
        self._desk.open(
            lambda _: (self._link.token, self._seed),
            is_last=lambda m: isinstance(m, Ended) and m.what in _VISIT and m.outcome != "requeued",
            fresh_m1=self._fresh_m1,
            uses_pass=True,
            reach=self._reach,
        )
        await self._desk.watch.until(self._is_in, within_s, "The server let nobody in in time.")
        async with self._desk.turn:
            await self._trusted.learns()

    async def waits_for_call(self, within_s: float = 60.0) -> Proposal:
        """Wait for a doctor's proposal; returns who that is, and which union says so.

        In a session too: whoever was not accepted before, or too often in vain, asks like that.

        Raises:
            NotVouchedFor: what held the doctor to the link did not hold; the call is over.
        """
        await self._desk.watch.until(
            lambda: bool(self._proposal or self._desk.over or self._unfit),
            within_s,
            "No doctor called in time.",
        )
        unfit, self._unfit = self._unfit, None
        if self._proposal is None and unfit is not None:
            raise unfit
        return self._proposed()

    async def accepts(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Accept the doctor who calls; returns when the session has started, or goes on."""
        proposal, is_inside = self._proposed(), self.state == "session"
        self.steps.mark("accept")
        self._refusal = self._call_over = None
        await (self._accepts_inside if is_inside else self._accepts_call)(proposal, within_s)

    async def declines(self) -> None:
        """Ask for another doctor; returns when waiting again. In a session it is good-bye.

        Without a socket the refusal is remembered, and told when the doctor is proposed again.
        """
        proposal = self._proposed()
        if self.state == "session":
            await self.hang_up()
            return
        self._declined = self._call[0] if self._call else None
        await self._desk.socket.send_now(Leave(what="call"))
        await self._desk.watch.until(
            lambda: self._proposal is not proposal, ANSWERED_WITHIN_S, "Nobody heard the refusal."
        )

    async def waits_again(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Wait until call or session is over and the place in the queue is had again."""
        await self._desk.watch.until(
            lambda: self.state == "waiting" and self._has_board, within_s, "The call goes on."
        )

    async def gives_up(self) -> None:
        """Give the place in the queue away."""
        await self._desk.socket.send(Leave(what="queue"))
        await self._desk.is_over("The server did not let go of the place.", ANSWERED_WITHIN_S)

    async def hang_up(self) -> None:
        """Say good-bye; returns when the session is over."""
        await self._desk.leaves()
        await self._desk.is_over("The server did not end the session.", ANSWERED_WITHIN_S)

    async def waits_for_the_end(self, within_s: float) -> str:
        """Wait until wait or session is over; returns the outcome."""
        await self._desk.is_over("The consultation goes on.", within_s)
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
            await self._far.drop()
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
                if self.state == "session":  # who waits has no seat any more
                    await self._hears_end(Ended(what="session", outcome="requeued"))
                    self._desk.over = None
                    await self._desk.socket.renew(self._fresh_m1())
                self.place, self.doctors, self._has_board = message.place, message.doctors, True
            case Proposed():
                await self._hears_proposal(message)
            case Accepted():
                await self._hears_accepted(message)
            case Envelope():
                await self._hears_envelope(message)
            case Invited():
                self.company.hears_invited(message.token)
            case Ended():
                await self._hears_end(message)
            case Refused():
                self._hears_refusal(message)

    def _joined(self) -> None:
        self._lives += 1
        self.steps.mark("joined")
        self._proposal = None  # its M1 is spent: the doctor is asked with a fresh one
        if self.state != "session":
            self.state, self._desk.over = "waiting", None

    async def _hears_proposal(self, proposed: Proposed) -> None:
        if proposed.call == self._declined:
            await self._desk.socket.send(Leave(what="call"))
            return
        try:
            name, m2 = take_named(proposed.m2 or "")
            if not self._seal.is_of(name):
                return  # it answers an older M1; the one that answers the last M1 will come
            await self._trusted.learns()
            proposal = self._seal.read(m2)
        except (SealRefused, PeerError) as failure:
            self._proposal = None
            self._unfit = self._desk.sentence(failure)
            await self._desk.socket.send(Leave(what="call"))
            return
        self._proposal, self._call = proposal, (proposed.call, proposed.deadline)
        self.state = "proposed"
        self.steps.mark("proposed")

    async def _hears_accepted(self, accepted: Accepted) -> None:
        if self._desk.sits(accepted, "doctor"):
            self.company.begins(undoctored("patient", self._seed, self._trusted), accepted)
        else:
            await self.company.changes(accepted, is_return=accepted.token is not None)
            if self._far.seat is None:
                self._seal.forget()  # the doctor has left the patient to a colleague
        is_back = self.state != "proposed" and accepted.token is not None
        if self.state != "session":
            self.steps.mark("accepted")
            self.state, self._proposal = "session", None
            self._knocks = self._unconfirmed = 0
        if not is_back:
            self._desk.start(self._insists(self._seal.name))
            return
        if self._far.seat is not None:
            await self._path.comes_back()
        await self.company.comes_back()

    async def _hears_end(self, ended: Ended) -> None:
        if ended.what == "call":
            self._proposal, self.state = None, "waiting"
            self._call_over = Over("call", ended.outcome)
            self._seal.forget()  # whoever was accepted in it is to ask again
            self.steps.mark(f"call {ended.outcome}")
            await self._far.drop()
            await self._desk.socket.renew(self._fresh_m1())
        elif ended.what in _VISIT:
            self._desk.ends(Over(ended.what, ended.outcome))
            self.state = "waiting" if ended.outcome == "requeued" else "gone"
            self._proposal = None
            self._seal.forget()
            await self.company.ends()
            await self._far.drop()
            self._has_board = False

    def _hears_refusal(self, refused: Refused) -> None:
        if self._desk.refused(refused):
            return
        self._refusal = Turned(refused.code, refused.text)
        if refused.of == "invite":
            self.company.hears_refusal(self._refusal)
        if refused.of in ("accept", "leave") and refused.code == "no-call":
            self._proposal = None
            if self.state == "proposed":
                self.state = "waiting"

    # What the doctor says

    async def _hears_envelope(self, envelope: Envelope) -> None:
        if envelope.member != self._far.seat:
            await self.company.hears(envelope)
            return
        try:
            message = await self._far.opened(envelope)
        except SealRefused as refused:
            return self._desk.mark_refused(refused)
        try:
            if self.state == "session":
                await self._opens(message)
        except (SealRefused, PeerError) as failure:
            refusal = self._desk.sentence(failure)
            self._refused_in_a_row += 1
            if self._refused_in_a_row > REFUSED_MAX:
                await self._far.drop()
                await self._desk.leaves()
                raise refusal from None
            await self._asks_in()

    async def _opens(self, message: Message) -> None:
        match message.kind:
            case Kind.M2 if self._seal.is_of(message.name):
                await self._trusted.learns()
                await self._hears_m2(self._seal.read(message.body, in_session=True))
            case Kind.M4 if self._seal.is_of(message.name):
                self._seal.confirm(message.body)
                self._refused_in_a_row = self._insisted = self._unconfirmed = 0
                self._far.bind()
                await self._far.write_candidates()
                await self._is_with(self._seal.doctor)
            case Kind.RECORD:
                text = self._seal.records.read_text(message)
                if text is not None:
                    await self.company.reads(self._far.seat or "", text, self._path.reads)
            case Kind.KNOCK if self._knocks < KNOCKS_MAX:
                self._knocks += 1
                await self._asks_in()

    async def _hears_m2(self, proposal: Proposal) -> None:
        """Go on with the doctor who was accepted; anybody else is shown, and not answered.

        Who stands between has a guess at the digits for each M3: so many, then another tap.
        """
        self._knocks = 0
        if proposal.is_known and self._unconfirmed < UNCONFIRMED_MAX:
            await self._replies(proposal)
        else:
            self._proposal = proposal
            self.steps.mark("proposed in session")

    async def _replies(self, proposal: Proposal) -> None:
        m3 = await self._answers(proposal)
        self._unconfirmed += 1
        await self._far.send(Message(Kind.M3, proposal.name, m3))

    async def _accepts_call(self, proposal: Proposal, within_s: float) -> None:
        call, deadline = self._call or ("", 0.0)
        try:
            async with self._desk.turn:
                if self._proposal is not proposal:
                    raise self._call_over or Over("call", "late")
                m3 = await self._answers(proposal)
                await self._desk.socket.send(Accept(call=call, m3=put_named(proposal.name, m3)))
        except (FarEndFailed, SealRefused) as failure:
            await self._desk.socket.send(Leave(what="call"))
            raise self._desk.sentence(failure) from None
        left_s = self._desk.socket.seconds_until(deadline)
        await self._desk.watch.until(
            lambda: self.state == "session" or self._proposal is not proposal,
            min(within_s, max(left_s, 1.0)),
            "The server did not confirm the session in time.",
        )
        if self.state != "session":
            raise self._refusal or self._call_over or Over("call", "late")

    async def _accepts_inside(self, proposal: Proposal, within_s: float) -> None:
        async with self._desk.turn:
            if self._proposal is not proposal:
                raise self._desk.over or PeerError("The doctor asks no more.")
            self._proposal, self._unconfirmed = None, 0
            try:
                await self._replies(proposal)
            except SealRefused as refused:
                raise NotVouchedFor(refused) from None
        self._desk.start(self._insists(proposal.name))
        await self._desk.watch.until(
            lambda: self._is_met or self._proposal is not None or self.state != "session",
            within_s,
            "The doctor did not confirm the handshake in time.",
        )
        if not self._is_met:
            raise self._desk.over or PeerError("The doctor has to be accepted once more.")

    async def _answers(self, proposal: Proposal) -> bytes:
        connection = await self._far.connect(proposal.connection, offers=False)
        answer = await connection.answer(proposal.offer)
        return self._seal.accept(proposal, answer, in_session=self.state == "session")

    # What the patient says

    def _fresh_m1(self) -> str:
        return put_m1(self._seal.fresh_m1())

    async def _asks_in(self) -> None:
        """Ask for a handshake inside a running session, as who agreed on the resume secret."""
        self._proposal = None
        await self._far.send(Message(Kind.M1, body=self._seal.fresh_m1(in_session=True)))
        self._desk.start(self._insists(self._seal.name))

    async def _insists(self, name: bytes) -> None:
        """Ask once more where the handshake does not come about: part of it was lost."""
        if self._seal.resume is None:
            return  # a stranger to the doctor, who is to wait for a click

        def is_done() -> bool:
            is_asked = self._proposal is not None  # the patient's own word is awaited
            return self.state != "session" or is_asked or self._is_met or self._seal.name != name

        if await self._desk.watch.comes_true(is_done, HANDSHAKE_WITHIN_S):
            return
        async with self._desk.turn:
            self._insisted += 1
            if not is_done() and self._insisted <= REFUSED_MAX:
                await self._asks_in()

    async def _asks_again(self) -> None:
        await self._path.asks_again(
            self._desk.watch,
            lambda: self.state != "session" or self._proposal is not None or self._far.seat is None,
        )

    async def _is_with(self, device_key: bytes | None) -> None:
        if device_key is not None and self._far.seat is not None:
            seat = decode(self._far.seat)
            await self.company.meets_first(Entry(seat, "doctor", thumb(device_key)))

    def _proposed(self) -> Proposal:
        if self._proposal is None:
            raise self._desk.over or self._call_over or PeerError("No doctor is calling.")
        return self._proposal

    def _is_in(self) -> bool:
        return self.state == "session" or (self.state == "waiting" and self._has_board)
