"""Handing a patient over, as the doctor does it and as the patient chooses.

Pure but for what the far ends do. Hand over is invite, then leave: the doctor stays until the
patient has chosen and all agree, and tells the server no reason.

`clients/SCEAU.md` §11, *Hand over*.
"""

from typing import Literal

from signaling.encoding import decode, encode
from signaling.messages import Id

from . import cards, handovers, introductions
from .company import ANSWERED_WITHIN_S, SEEN_WITHIN_S, Company
from .desk import Desk
from .errors import Over, PeerError
from .handovers import Choice, HandOver, Note, Offer
from .introductions import Declined
from .sealed_letters import Far

# As long as an invitation is open.
CHOSEN_WITHIN_S = 300.0

Outcome = Literal["colleague", "queue", "declined", "gone", "left"]


class Handing:
    """The doctor's part."""

    def __init__(self, desk: Desk, company: Company) -> None:
        self._desk, self._company = desk, company

    async def to(
        self, colleague: cards.Colleague, note: str, within_s: float = CHOSEN_WITHIN_S
    ) -> Outcome:
        """Invite a colleague and leave the patient to whom he chooses; returns what that was.

        *declined*: the patient does not want this colleague, who was shown out; *gone*: the
        colleague came and went; after these two the consultation goes on here. *left*: it is
        over.

        Raises:
            Turned: the colleague is not there, or no seat is left.
            TooLate: nobody chose; the consultation goes on here.
        """
        company, expected = self._company, colleague.expected
        patient = self._patient()
        company.heard.choice = None
        before = set(company.been)
        async with self._desk.turn:
            await company.tells(patient, handovers.write(HandOver()))
        await company.invites_colleague(expected, colleague.identity.card)

        def arrived() -> Id | None:
            """The colleague's seat, by the server's word first and then by his own."""
            known = (encode(e.seat) for e in company.roster if e.key == expected.key)
            seats = (s for s, role in company.been.items() if role == "colleague")
            return next(known, next((s for s in seats if s not in before), None))

        def outcome() -> Outcome | None:
            seat, heard = arrived(), company.heard
            if self._desk.session is None:
                return "left"
            if heard.choice is not None and heard.choice.choice == "queue":
                return "queue"
            if seat is not None and seat not in company.members:
                return "gone"
            if seat is not None and seat in heard.declined:
                return "declined"
            chosen = heard.choice is not None and heard.choice.member == seat
            return "colleague" if seat is not None and chosen else None

        await self._desk.watch.until(
            lambda: outcome() is not None, within_s, "The patient chose nobody in time."
        )
        done, seat = outcome(), arrived()
        if done == "colleague" and seat is not None:
            async with self._desk.turn:
                await company.tells(seat, handovers.write(Note(text=note)))
            await self._desk.watch.until(
                lambda: self._is_settled(seat) or outcome() != "colleague",
                SEEN_WITHIN_S,
                "The patient and the colleague did not find each other in time.",
            )
            done = outcome()
        match done:
            case "colleague":
                await self._leaves("end")
            case "queue":
                await self._leaves("requeue")
            case "declined":
                await self._desk.leaves(seat)
            case "gone":
                async with self._desk.turn:
                    await company.tells(patient, handovers.write(HandOver()))
        return done or "left"

    def _is_settled(self, seat: Id) -> bool:
        who = self._company.roster
        return self._company.is_agreed and any(encode(entry.seat) == seat for entry in who)

    def _patient(self) -> Id:
        for entry in self._company.roster:
            if entry.role == "patient":
                return encode(entry.seat)
        raise self._desk.over or PeerError("There is no patient to be handed over.")

    async def _leaves(self, then: Literal["end", "requeue"]) -> None:
        await self._desk.leaves(then=then)
        await self._desk.watch.until(
            lambda: self._desk.session is None,
            ANSWERED_WITHIN_S,
            "The server did not end the session.",
        )


class Choosing:
    """The patient's part."""

    def __init__(self, desk: Desk, company: Company) -> None:
        self._desk, self._company = desk, company

    async def waits_for_offer(self, within_s: float = SEEN_WITHIN_S) -> Offer:
        """Wait until the doctor names a colleague who came; the name is the doctor's word."""
        heard = self._company.heard
        await self._desk.watch.until(
            lambda: heard.offer is not None and heard.offer.ask is not None,
            within_s,
            "No colleague was named in time.",
        )
        return self._offer()

    async def may_choose(self, within_s: float = SEEN_WITHIN_S) -> None:
        """Wait until the doctor would leave."""
        await self._desk.watch.until(
            lambda: self._company.heard.leaving is not None, within_s, "The doctor stays."
        )

    async def takes(self, offer: Offer, within_s: float = SEEN_WITHIN_S) -> None:
        """Choose the colleague; returns when all agree, and pictures pass.

        Raises:
            Over: the colleague has left meanwhile.
        """
        ask = self._offer().ask
        if ask is None or encode(ask.far.seat) != offer.seat:
            raise Over("offer", "left")
        chosen = Choice(choice="colleague", member=offer.seat)
        async with self._desk.turn:
            await self._company.tells(offer.by, handovers.write(chosen))
            await self._company.asks(offer.seat, Far("doctor", ask.far.key), ask.invite)
        await self._desk.watch.until(
            lambda: self._is_with(offer.seat) or offer.seat not in self._company.members,
            within_s,
            "The colleague did not come about in time.",
        )
        if offer.seat not in self._company.members:
            raise Over("offer", "left")

    async def declines(self, offer: Offer) -> None:
        """Stay with the doctor who is there."""
        async with self._desk.turn:
            self._company.heard.is_gone(offer.seat)
            await self._company.tells(offer.by, introductions.write(Declined(decode(offer.seat))))

    async def goes_back(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Choose the queue; returns when the session is over and the old place is had again.

        The doctor who would leave sends the patient; one who has left cannot, and the patient
        goes himself.
        """
        leaving = self._company.heard.leaving
        if leaving is not None:
            async with self._desk.turn:
                await self._company.tells(leaving, handovers.write(Choice(choice="queue")))
        else:
            await self._desk.leaves(then="requeue")
        await self._desk.watch.until(
            lambda: self._desk.session is None, within_s, "Nobody sent the patient back."
        )

    def _is_with(self, seat: Id) -> bool:
        return self._company.is_agreed and any(
            encode(entry.seat) == seat for entry in self._company.roster
        )

    def _offer(self) -> Offer:
        offer = self._company.heard.offer
        if offer is None:
            raise self._desk.over or Over("offer", "left")
        return offer
