"""Seats: who is in a session, who comes back, who is invited, who leaves.

Pure, as `waiting_room.py` is, and the other half of its rules: what happens between an
accepted call and good-bye.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from .addresses import of_doctor, of_seat
from .conversation import State
from .counting import Counting
from .encoding import encode
from .lives import Lives
from .messages import (
    MEMBERS_MAX,
    Accepted,
    Ended,
    Id,
    Invite,
    Invited,
    Joined,
    Leave,
    MediaPath,
    Member,
    MemberRole,
    Outcome,
    ServerMessage,
)
from .passes import Pass, Passbook
from .people import NO_KEY, Entered, Person, Refusal, joined_as
from .probing import RESERVED, is_probe
from .relaying import Relaying
from .settings import Settings
from .store import Life, Seat, Session, Store, WayBack

_STATES: dict[MemberRole, State] = {
    "patient": "patient-in-session",
    "guest": "guest-in-session",
    "doctor": "doctor-in-session",
    "colleague": "doctor-in-session",
}


class Sessions:
    """The sessions of one service.

    Args:
        store: where they are kept.
        passbook: issues passes.
        settings: the numbers.
        new_bytes: dice: that many random bytes.
        relaying: makes relay passwords, and says who is together.
        lives: which life of the store this is, and what is over.
        counting: notes the end of each.
    """

    def __init__(
        self,
        store: Store,
        passbook: Passbook,
        settings: Settings,
        new_bytes: Callable[[int], bytes],
        relaying: Relaying,
        lives: Lives,
        counting: Counting,
    ) -> None:
        self._store = store
        self._passbook = passbook
        self._settings = settings
        self._new_bytes = new_bytes
        self._relaying = relaying
        self._lives = lives
        self._counting = counting

    async def told(
        self, session: Session, seat: Seat, now: float, life: Life, queue: str = ""
    ) -> Accepted:
        """Say to one member that the session is on, with the pass for coming back.

        `queue` is kept nowhere but in a patient's own pass; a probe's passes all say what they are.
        `life` is as it was before the seat was written or read: a pass may be of an older life than
        its seat, never of a newer one.
        """
        own_queue = queue if seat.role == "patient" else ""
        token = self._passbook.issue(
            Pass(
                kind="member",
                role=seat.role,
                id=seat.member,
                key=seat.key,
                epoch=life.epoch,
                arrival=seat.arrival,
                generation=session.generation,
                expires_at=now + self._settings.member_pass_s,
                session=session.id,
                queue=own_queue or (RESERVED if session.is_probe else ""),
                tag=seat.tag,
            )
        )
        # One member who came back alone is nobody's far end yet: he may have been shown out.
        is_met = len(session.seats) > 1
        relay = self._relaying.password(seat.tag, now) if is_met else None
        return _accepted(session, seat).model_copy(update={"token": token, "relay": relay})

    async def back(
        self,
        session: Session,
        key: str,
        now: float,
        *,
        queue: str = "",
        served: tuple[str, ...] = (),
    ) -> Entered:
        """Give somebody who holds a seat that seat again.

        Args:
            queue: where a patient waited.
            served: what a doctor may serve; without it, what he is on duty for. A link
                that he opens beside gives him no queue.
        """
        life = await self._store.life()
        seat = next(seat for seat in session.seats if seat.key == key)
        await self._store.renew_seat(session.id, seat.member, now + self._settings.member_pass_s)
        person = Person(seat.role, key, session=session.id, member=seat.member)
        if person.is_doctor:
            doctor = await self._store.doctor(key)
            person = replace(
                person, queues=served or tuple(sorted(doctor.queues if doctor else ()))
            )
        elif person.role == "patient" and queue:
            person = replace(person, queues=(queue,))
        accepted = await self.told(session, seat, now, life, "".join(person.queues[:1]))
        joined = joined_as(person, now, accepted.relay)
        return Entered(person, _STATES[seat.role], [joined, accepted])

    async def rejoin(self, pass_: Pass, key: str, now: float) -> Session | None:
        """Make a session that the store lost anew, from the pass of one who sat in it.

        None for a pass of the store's present life, or of somebody who has left or was shown out.

        Raises:
            Refusal: `rebuilding` in the first moments of a store.
        """
        if pass_.kind != "member" or not await self._lives.is_older(pass_, now):
            return None
        expires_at = now + self._settings.member_pass_s
        seat = Seat(pass_.id, pass_.role, key, expires_at, pass_.tag, pass_.arrival)
        session = await self._store.rejoin(
            pass_.session,
            pass_.generation,
            seat,
            MEMBERS_MAX,
            expires_at,
            is_probe=is_probe(pass_.queue),
        )
        if session is not None and len(session.seats) > 1:
            self._relaying.bind(session)
            await self._tell_change(session, but=seat.member)
        return session

    async def enter_by_invitation(
        self, pass_: Pass, key: str, served: tuple[str, ...], now: float
    ) -> Entered:
        """Spend an invitation; who did finds his seat. `served` is what a colleague may serve.

        Raises:
            Refusal: `ended` when it is unknown, spent, late, or no seat is left;
                `out-of-turn` for somebody who has a seat or a place in a queue.
        """
        held = await self._store.held_by(key)
        if isinstance(held, Session) and held.id == pass_.session:
            own = next(seat for seat in held.seats if seat.key == key)
            if own.role == pass_.role:  # a page that was opened anew knows no newer pass
                return await self.back(held, key, now, served=served)
        if held is not None:
            raise Refusal("out-of-turn")
        member, expires_at = encode(self._new_bytes(16)), now + self._settings.member_pass_s
        seat = Seat(member, pass_.role, key, expires_at, self._relaying.tag("seat", member))
        session = await self._store.take_seat(pass_.session, pass_.id, seat, MEMBERS_MAX, now)
        if session is None:
            raise Refusal("ended")
        self._relaying.bind(session)
        await self._tell_change(session, but=seat.member)
        return await self.back(session, key, now, served=served)

    async def renew(self, person: Person, now: float) -> Joined:
        """Slide a member's pass.

        Raises:
            Refusal: `ended` when the seat is gone.
        """
        life = await self._store.life()
        session = await self._store.renew_seat(
            person.session or "", person.member or "", now + self._settings.member_pass_s
        )
        seat = session.seat_of(person.member or "") if session else None
        if session is None or seat is None:
            raise Refusal("ended")
        accepted = await self.told(session, seat, now, life, "".join(person.queues[:1]))
        return Joined(token=accepted.token, relay=accepted.relay, now=now)

    async def invite(self, person: Person, invite: Invite, now: float) -> Sequence[ServerMessage]:
        """Make a single-use seat, for a guest or for a colleague on duty.

        Raises:
            Refusal: `full` when no seat is left; `off-duty` when the colleague is not
                there.
        """
        if invite.to is not None and await self._store.doctor(invite.to) is None:
            raise Refusal("off-duty")
        expires_at = now + self._settings.invite_s
        invitation = encode(self._new_bytes(16))
        session = await self._store.invite(
            person.session or "", invitation, expires_at, MEMBERS_MAX
        )
        if session is None:
            raise Refusal("full")
        token = self._passbook.issue(
            Pass(
                kind="invite",
                role=invite.role,
                id=invitation,
                key=invite.to or NO_KEY,
                epoch=(await self._store.life()).epoch,
                arrival=0,
                generation=session.generation,
                expires_at=expires_at,
                session=session.id,
            )
        )
        invited = Invited(token=token, role=invite.role)
        if invite.to is not None and not await self._store.post(of_doctor(invite.to), invited):
            await self._store.uninvite(session.id, invitation)
            raise Refusal("off-duty")
        return [invited]

    async def leave(self, person: Person, leave: Leave, now: float) -> Sequence[Seat]:
        """Leave, or show another member out, or send the patient back to the queue.

        Only a doctor may do the last two; a patient may send himself back once the doctor who
        called him has left him to a colleague. Returns the seats that are empty now.

        Raises:
            Refusal: `no-session` when the seat is gone, or not his to empty.
        """
        session = await self._store.session(person.session or "")
        leaver = session.seat_of(leave.member or person.member or "") if session else None
        if session is None or leaver is None:
            raise Refusal("no-session")
        is_excluding, goes_back = leaver.member != person.member, leave.then == "requeue"
        may_go_back = person.role == "patient" and not any(
            seat.role == "doctor" for seat in session.seats
        )
        if not person.is_doctor and (is_excluding or (goes_back and not may_go_back)):
            raise Refusal("no-session")
        left: list[Seat] = []
        if goes_back:
            for seat in (seat for seat in session.seats if seat.role == "patient"):
                await self._open_way_back(seat, now)
                left += await self.vacate(session.id, seat, "requeued", now, leave.path)
        outcome: Outcome = "excluded" if is_excluding else "left"
        left += await self.vacate(session.id, leaver, outcome, now, leave.path)
        return left

    async def vacate(
        self,
        session_id: Id,
        seat: Seat,
        outcome: Outcome,
        now: float,
        path: MediaPath | None = None,
    ) -> Sequence[Seat]:
        """Empty a seat and tell everybody; a session of one, or without a doctor, is over.

        A doctor's good-bye ends the consultation. One who vanishes leaves the patient his old
        place in the queue. `path` is what who leaves says of the media.
        """
        before = await self._store.session(session_id)
        if before is None:
            return []
        # Ahead of the end: if anything fails in between, the patient still finds back.
        stay = [other for other in before.seats if other.member != seat.member]
        if not any(other.is_doctor for other in stay) and not _says_goodbye(seat, outcome):
            for other in stay:
                if other.role == "patient":
                    await self._open_way_back(other, now)
        session = await self._store.leave_seat(session_id, seat.member)
        if session is None:
            return []
        leavers = [(seat, outcome)]
        has_doctor = any(other.is_doctor for other in session.seats)
        if has_doctor and len(session.seats) > 1:
            await self._tell_change(session)
        else:
            is_forsaken = not has_doctor and not _says_goodbye(seat, outcome)
            for other in session.seats:
                if len(session.seats) > 1:
                    await self._store.leave_seat(session_id, other.member)
                goes_back = is_forsaken and other.role == "patient"
                leavers.append((other, "requeued" if goes_back else "left"))
        for leaver, _ in leavers:
            await self._lives.is_over(leaver.member, leaver.expires_at, now)
        self._relaying.end(leaver for leaver, _ in leavers)
        for leaver, why in leavers:
            await self._store.post(
                of_seat(session_id, leaver.member), Ended(what="session", outcome=why)
            )
        self._counting.stood_up(seat, session, path, now)
        return [leaver for leaver, _ in leavers]

    async def expire(self, session_id: Id, member: Id, now: float) -> Sequence[Seat]:
        """Empty a seat whose pass has run out, or to whom no doctor came back."""
        session = await self._store.session(session_id)
        seat = session.seat_of(member) if session else None
        if session is None or seat is None:
            return []
        if seat.role == "patient" and not any(other.is_doctor for other in session.seats):
            await self._open_way_back(seat, now)
            return await self.vacate(session_id, seat, "requeued", now)
        return await self.vacate(session_id, seat, "expired", now)

    async def _open_way_back(self, seat: Seat, now: float) -> None:
        until = now + self._settings.requeue_s
        way = WayBack(seat.member, seat.key, seat.arrival, until)
        await self._store.open_way_back(way)
        self._lives.has_way_back(way)

    async def _tell_change(self, session: Session, but: Id = "") -> None:
        for seat in session.seats:
            if seat.member != but:
                await self._store.post(of_seat(session.id, seat.member), _accepted(session, seat))


def _says_goodbye(seat: Seat, outcome: Outcome) -> bool:
    """Tell whether a doctor ends the consultation, rather than being lost to it."""
    return seat.is_doctor and outcome == "left"


def _accepted(session: Session, seat: Seat) -> Accepted:
    return Accepted(
        session=session.id,
        member=seat.member,
        members=tuple(Member(member=other.member, role=other.role) for other in session.seats),
    )
