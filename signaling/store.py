"""The records that are held, and the contract of whoever holds them.

Pure. The store keeps values, the program keeps time: every record says until when it
may live, and `expire` removes it. One set of contract tests runs on every store.

Everything held is a field of one of the records below; `DATA.md` lists them with their
reasons, and a test compares the two. All ids are random, base64url. Points in time are
seconds on the server's clock, `arrival` excepted: microseconds, unique and rising, from
the store's clock and its counter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .messages import DutyState, MemberRole, ServerMessage

# A doctor's page answers so many M1 a click (DESIGN §4); more are not forwarded to it.
M1S_MAX = 3

Deliver = Callable[[ServerMessage], None]


@dataclass(frozen=True, slots=True)
class Spend:
    """What the start of a session costs a counted link.

    Attributes:
        mark: names the link's holder to this installation, and to nobody else.
        uses: how many sessions the link may start.
        expires_at: when the link ends, and the mark with it.
        former: the mark under the previous installation secret, while that is still
            accepted: what was spent before the change counts too.
    """

    mark: str
    uses: int
    expires_at: float
    former: str = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """How many sessions a counted link has started. Says neither which link nor which session."""

    mark: str
    uses: int
    expires_at: float


@dataclass(frozen=True, slots=True)
class Ticket:
    """A patient's place in a queue.

    Attributes:
        key: thumbprint of the holder's key; the same holder finds the same ticket.
        renewed: last sign of life; 0 once the socket is lost. Asleep is
            `now - renewed > awake_s`, and not a state.
        m1: the patient's fresh M1, taken away by the call that forwards it.
        call: the call that holds this ticket, if any.
        resting_until: passed over until then, after a declined or missed call.
        faults: declined and missed calls since the last time at the tail.
        declined: keys of the doctors whom this patient declined.
        spend: what the session will cost the patient's link, if that is counted.
    """

    id: str
    queue: str
    key: str
    arrival: int
    renewed: float
    expires_at: float
    m1: str | None = None
    call: str | None = None
    resting_until: float = 0.0
    faults: int = 0
    declined: frozenset[str] = frozenset()
    spend: Spend | None = None

    def is_awake(self, now: float, awake_s: float) -> bool:
        """Tell whether the page has given a sign of life lately."""
        return now - self.renewed <= awake_s


@dataclass(frozen=True, slots=True)
class Doctor:
    """A doctor on duty: a key of the day, its queues, and a card that we cannot read."""

    key: str
    queues: frozenset[str]
    state: DutyState
    expires_at: float
    card: str | None = None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A doctor's claim on a ticket: a lease that ends at its deadline.

    Attributes:
        is_proposed: an M2 has gone out for the M1 last forwarded.
        proposals: how many M2 have; only the first moves the deadline.
        m1s: how many M1 have been forwarded to the doctor.
    """

    id: str
    ticket: str
    doctor: str
    deadline: float
    is_proposed: bool = False
    proposals: int = 0
    m1s: int = 1


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's seat in a session. `arrival` is a patient's, for the way back.

    `tag` is what its holder's relay passwords are made for.
    """

    member: str
    role: MemberRole
    key: str
    expires_at: float
    tag: str
    arrival: int = 0

    @property
    def is_doctor(self) -> bool:
        """Whether a consultation goes on as long as this member is there."""
        return self.role in ("doctor", "colleague")


@dataclass(frozen=True, slots=True)
class Session:
    """An accepted call while it lasts. Holds neither queue nor ticket.

    `is_probe`: its patient came from a queue of probes (`probing.is_probe`): it is counted nowhere.
    `lonely_until`: a session that was made anew from one member's pass ends then, if nobody
    else has come back, or no doctor; 0 once there are two.
    """

    id: str
    generation: int
    seats: tuple[Seat, ...]
    invites: frozenset[tuple[str, float]] = frozenset()
    lonely_until: float = 0.0
    is_probe: bool = False

    def seat_of(self, member: str) -> Seat | None:
        """Find a member's seat."""
        return next((seat for seat in self.seats if seat.member == member), None)


@dataclass(frozen=True, slots=True)
class WayBack:
    """A patient sent back to the queue: may take the old place once.

    By the pass of the seat that was left, or by his link if he lost that: `key` is the
    holder's, `arrival` the place.
    """

    member: str
    key: str
    arrival: int
    expires_at: float


@dataclass(frozen=True, slots=True)
class Over:
    """A ticket or a seat is over while passes of it may live: they bring nobody back.

    Told to a store that has lost its records; a store that knows them needs no mark.
    """

    id: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class Tally:
    """A number that was born with noise, or one that is fixed: `usage.py`. Never a true count."""

    name: str
    value: int
    expires_at: float


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a store: from empty, until all of it is lost.

    Attributes:
        epoch: its name, 8 random bytes, base64url; another epoch is another store.
        began: when. Passes of older lives may be shown as long as a pass lives after that.
        admits_from: from then on passes of older epochs bring people back: whoever served
            before has had the time to say what is over.
        calls_from: from then on doctors may call: whoever waited has had the time to come back.
    """

    epoch: str
    began: float = 0.0
    admits_from: float = 0.0
    calls_from: float = 0.0


@dataclass(frozen=True, slots=True)
class Expired:
    """What `expire` found over. Tickets and doctors are gone already; calls and seats are
    the caller's to end, so that their people are told."""

    tickets: Sequence[Ticket] = ()
    calls: Sequence[CallRecord] = ()
    doctors: Sequence[Doctor] = ()
    seats: Sequence[tuple[str, str]] = field(default=())
    """(session, member): their passes ran out, or they stayed alone"""


HELD = (Ticket, Doctor, CallRecord, Session, Seat, WayBack, Spent, Over, Tally)
"""Every kind of record that a store may hold."""


class StoreAway(Exception):
    """The store does not answer. Whether what was asked for was done is not known."""


class StoreBusy(StoreAway):
    """Others were quicker, again and again: nothing was done."""


class Store(Protocol):
    """What a waiting room needs from a store.

    Every method is atomic: whatever others do at the same time, it happens before or
    after them. A method that names a record which is not there changes nothing and
    returns None.

    Every method of a store outside this process may raise `StoreAway`.
    """

    async def life(self, *, is_fresh: bool = False) -> Life:
        """Say which life of this store is running. Another epoch is another, empty store.

        `is_fresh`: as of now, where a moment ago may matter.
        """
        ...

    async def mark_over(self, marks: Sequence[Over]) -> None:
        """Note tickets and seats of an older life that are over, until their passes are."""
        ...

    # Tickets

    async def take_ticket(
        self, ticket: Ticket, most: int, now: float
    ) -> Ticket | Literal["full", "over"]:
        """Enter a queue. An arrival of 0 is replaced by a fresh one, after all that are known.

        A holder who has a ticket already gets that one, unchanged. "full" when `most`
        tickets are held; "over" when its id is marked so.
        """
        ...

    async def ticket(self, ticket: str) -> Ticket | None: ...

    async def held_by(self, key: str) -> Ticket | Session | None:
        """Find what a holder's key has here: a seat before a ticket."""
        ...

    async def renew_ticket(
        self, ticket: str, now: float, expires_at: float, m1: str | None
    ) -> Ticket | None:
        """Note a sign of life, and a fresh M1 if there is one."""
        ...

    async def nod_off(self, ticket: str) -> None:
        """Note that a patient's socket is lost: asleep at once, place kept."""
        ...

    async def move_ticket(
        self, ticket: str, queue: str, spend: Spend | None = None
    ) -> Ticket | None:
        """Put a ticket that no call holds into another queue, at its arrival.

        `spend` is what the link to that queue costs.
        """
        ...

    async def give_up(self, ticket: str) -> Ticket | None:
        """Remove a ticket. The one returned still names the call that held it."""
        ...

    async def order(self, queue: str) -> Sequence[str]:
        """Name a queue's tickets by arrival: the one order that both screens read."""
        ...

    async def waiting(self, queue: str, most: int) -> Sequence[Ticket]:
        """List the first tickets of that order, so many at most."""
        ...

    # Doctors

    async def go_on_duty(self, doctor: Doctor) -> None:
        """Note a doctor on duty or draining, replacing what was noted for that key."""
        ...

    async def doctor(self, key: str) -> Doctor | None: ...

    async def renew_doctor(self, key: str, expires_at: float) -> None: ...

    async def go_off_duty(self, key: str) -> Doctor | None: ...

    async def doctors(self, queue: str) -> Sequence[Doctor]:
        """List who is noted for a queue, in no promised order."""
        ...

    # Calls

    async def claim(
        self,
        call: str,
        doctor: str,
        now: float,
        awake_s: float,
        deadline: float,
        *,
        queues: Sequence[str] = (),
        ticket: str | None = None,
    ) -> tuple[CallRecord, Ticket] | None:
        """Take the first ticket by arrival that may be called, or `ticket`, under lease.

        Two doctors who claim at once never get the same ticket. The ticket returned
        still has its M1; the one held has it no more. None when nobody may be called.
        """
        ...

    async def call(self, call: str) -> CallRecord | None: ...

    async def call_by(self, doctor: str) -> CallRecord | None:
        """Find a doctor's open call."""
        ...

    async def propose(self, call: str, doctor: str, deadline: float) -> CallRecord | None:
        """Note that the doctor's M2 is on its way; the first one sets the deadline.

        None unless the call is his and waits for an M2.
        """
        ...

    async def reopen(self, call: str, ticket: str) -> tuple[CallRecord, str] | None:
        """Ready a call for another M2, taking the ticket's fresh M1. The deadline stays.

        None once `M1S_MAX` have been forwarded.
        """
        ...

    async def end_call(
        self,
        call: str,
        now: float,
        *,
        rests_until: float = 0.0,
        faults_to_tail: int = 0,
        declined: bool = False,
    ) -> CallRecord | None:
        """End a call and give its ticket back to the queue, where it was.

        With `rests_until` the ticket is passed over until then. With `faults_to_tail` it
        is the patient's fault, and every so many-th fault moves the ticket to the tail.
        `declined` also keeps the doctor from calling it again.
        """
        ...

    async def accept(self, call: str, ticket: str, session: Session) -> CallRecord | None:
        """Turn a proposed call into a session: ticket and call are gone, the session is.

        What the ticket's link costs is spent in the same step. None, and nothing done, if
        the call is over, not proposed or another ticket's, or the link is used up.
        """
        ...

    async def spent(self, spend: Spend) -> int:
        """Say how many sessions a counted link has started, under either of its marks."""
        ...

    # Sessions

    async def session(self, session: str) -> Session | None: ...

    async def renew_seat(self, session: str, member: str, expires_at: float) -> Session | None: ...

    async def invite(
        self, session: str, invite: str, expires_at: float, most: int
    ) -> Session | None:
        """Note an invitation. None when seats and open invitations together reach `most`."""
        ...

    async def uninvite(self, session: str, invite: str) -> Session | None:
        """Take an invitation back, so that its seat is free."""
        ...

    async def take_seat(
        self, session: str, invite: str, seat: Seat, most: int, now: float
    ) -> Session | None:
        """Spend an invitation for a seat. None when it is unknown, spent, late, or no seat
        is left."""
        ...

    async def rejoin(
        self,
        session: str,
        generation: int,
        seat: Seat,
        most: int,
        lonely_until: float,
        *,
        is_probe: bool = False,
    ) -> Session | None:
        """Make a lost session anew from a member's pass, as `transitions.rejoined` says.

        None, too, when the seat is marked as over.
        """
        ...

    async def leave_seat(self, session: str, member: str) -> Session | None:
        """Remove a member and raise the generation. A session of one is removed.

        The session returned no longer has the member; with fewer than two seats it is
        over.
        """
        ...

    async def open_way_back(self, way: WayBack) -> None: ...

    async def way_back(self, key: str) -> WayBack | None: ...

    async def take_way_back(
        self, key: str, now: float, member: str | None = None
    ) -> WayBack | None:
        """Spend a holder's way back to the queue; with `member`, only if it is that seat's."""
        ...

    # Figures

    async def tally(self, name: str, born: int, by: int, expires_at: float) -> int:
        """Add to a tally, which is born with a value if it is not there; return what it is then.

        Its end is the one that it was born with. After `StoreAway` it is not to be asked again
        with the same `by`: that could add twice.
        """
        ...

    # Time and post

    async def expire(self, now: float) -> Expired:
        """Remove what is over and say what it was."""
        ...

    async def post(self, address: str, message: ServerMessage) -> bool:
        """Hand a message to whoever listens at an address, and say whether anybody does."""
        ...

    async def listen(self, address: str, deliver: Deliver) -> None:
        """Have an address's post delivered. A newer listener replaces an older."""
        ...

    async def hush(self, address: str, deliver: Deliver) -> None:
        """Stop listening, if `deliver` is still the one who listens there."""
        ...

    async def held(self) -> Sequence[object]:
        """List every record held, for the test of emptiness."""
        ...
