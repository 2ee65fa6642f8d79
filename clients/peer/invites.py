"""Invitations: what a newcomer brings, and whom a member lets in by one, once.

Pure: `dice` and `now` are arguments, `now` on one clock. It sends nothing. What was not told
to this end, by somebody who may, opens nothing here.

`clients/SCEAU.md` §11, *M1 and M2 of a pair* and *The inviter*.
"""

from dataclasses import dataclass, field

from signaling.encoding import decode, encode
from signaling.messages import Id

from .doctor_seal import Secrets
from .errors import BadLink
from .rosters import MEMBERS_MAX, Entry
from .sealed import Answers, Confirmation, DoctorHandshake, MemberPapers, Papers
from .sealed_letters import M1, PSK_BYTES, Far, Link, Role, read_m1
from .sealing import NAME, Dice, Refused, expand, extract, thumb

PREFIX = "inv1."
ID_BYTES = SECRET_BYTES = SEAT_BYTES = KEY_BYTES = 16
OPEN_S = 300.0  # as long as the server lets an invitation wait
IDS_MAX = 64  # had in one session; more are no consultation

_BLOB_BYTES = SECRET_BYTES + SEAT_BYTES + KEY_BYTES


@dataclass(frozen=True, slots=True)
class Invite:
    """What two need who were never together: a name for it, and a PSK."""

    id: bytes
    psk: bytes = field(repr=False)

    @property
    def token(self) -> str:
        """What M1 says in place of a capability."""
        return PREFIX + encode(self.id)


def of_secret(secret: bytes) -> Invite:
    """Make an invite of its secret: a guest's address has one, and a colleague's card."""
    key = extract(NAME, secret)
    return Invite(expand(key, "invite", ID_BYTES), expand(key, "psk", PSK_BYTES))


def link(invite: Invite, holder_seed: bytes, far: Far) -> Link:
    """Make what who asks needs for a handshake with `far`."""
    return Link(invite.token, holder_seed, invite.psk, far=far)


# --- a guest's address -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Address:
    """The fragment of a guest's address.

    Attributes:
        token: the server's single-use pass.
        seat: the inviter's, and `key` what the inviter answers under.
    """

    token: str = field(repr=False)
    secret: bytes = field(repr=False)
    seat: bytes
    key: bytes


def write_fragment(address: Address) -> str:
    """Write the fragment that an inviter hands over."""
    return f"{PREFIX}{address.token}.{encode(address.secret + address.seat + address.key)}"


def read_fragment(text: str) -> Address:
    """Take the fragment of a guest's address apart.

    Raises:
        BadLink: not one, or not whole.
    """
    token, _, rest = text.removeprefix(PREFIX).rpartition(".")
    try:
        blob = decode(rest)
    except ValueError:
        blob = b""
    if not text.startswith(PREFIX) or not token or len(blob) != _BLOB_BYTES:
        raise BadLink("This is no invitation, or not all of it; copy it whole.")
    secret, rest_of = blob[:SECRET_BYTES], blob[SECRET_BYTES:]
    return Address(token, secret, rest_of[:SEAT_BYTES], rest_of[SEAT_BYTES:])


# --- who answers -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expected:
    """Whom a member lets in by an invitation.

    Attributes:
        holder: thumbprint under which M1 is signed; None for whichever guest comes.
        seat: None while the inviter does not know it.
        key: what goes into the roster; None where it is the holder's thumbprint.
    """

    invite: Invite
    role: Role
    holder: bytes | None = None
    seat: bytes | None = None
    key: bytes | None = None


def guest(secret: bytes) -> Expected:
    """Expect whoever comes with the address that was handed over."""
    return Expected(of_secret(secret), "guest")


def colleague(secret: bytes, day_key: bytes, device_key: bytes) -> Expected:
    """Expect the doctor whose card was opened; `cards.py` says what is on it."""
    return Expected(of_secret(secret), "doctor", thumb(day_key), None, thumb(device_key))


class _Held:
    """An expectation, and what became of it."""

    def __init__(self, expected: Expected, now: float) -> None:
        self.expected = expected
        self.since = now
        self.answers = Answers()
        self.secrets = Secrets(None)
        self.holder = expected.holder
        self.seat = expected.seat
        self.completed = 0

    def is_over(self, now: float) -> bool:
        """Tell whether nobody came in time."""
        return self.completed == 0 and now - self.since > OPEN_S


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody was let in: who, and what M3 brought.

    The entry goes into the roster, which may refuse it, before M4 goes out.
    """

    entry: Entry
    confirmation: Confirmation


class Answering:
    """One run of who answers, from M2 to M3."""

    def __init__(
        self,
        book: "Expectations",
        held: _Held,
        handshake: DoctorHandshake,
        holder: bytes,
        seat: bytes,
    ) -> None:
        self._book, self._held, self._handshake = book, held, handshake
        self._holder, self._seat, self._completed = holder, seat, held.completed

    def confirm(self, m3: bytes) -> Entered:
        """Check M3: the invitation is spent.

        Raises:
            Refused: as the handshake does; `twice` where another M1 came first, `token` where
                the invitation was forgotten meanwhile.
        """
        confirmation = self._handshake.confirm(m3)
        held = self._held
        if not self._book.holds(held.expected.invite.id, held):
            raise Refused("token")
        if held.completed != self._completed:
            raise Refused("twice")
        held.completed += 1
        held.holder, held.seat = self._holder, self._seat
        held.answers = Answers()
        held.secrets.agree(confirmation.channel.resume)
        key = held.expected.key or self._holder
        return Entered(Entry(self._seat, held.expected.role, key), confirmation)


class Expectations:
    """Whom one end of a session lets in: told by an inviter, or its own invitations."""

    def __init__(self) -> None:
        self._held: dict[bytes, _Held] = {}
        self._had: set[bytes] = set()

    def open(self, expected: Expected, now: float) -> None:
        """Let somebody in, once. Who is introduced again is expected anew.

        Raises:
            Refused: `twice` for an id that was had; `form` for more than may be.
        """
        self._expire(now)
        name = expected.invite.id
        if name in self._had:
            raise Refused("twice")
        if expected.seat is not None:
            self.forget(expected.seat)
        if len(self._held) >= MEMBERS_MAX - 1 or len(self._had) >= IDS_MAX:
            raise Refused("form")
        self._had.add(name)
        self._held[name] = _Held(expected, now)

    def answer(
        self,
        dice: Dice,
        papers: Papers | MemberPapers,
        m1: bytes,
        seat: bytes,
        connection: Id,
        restarts: bool,
        offer: str,
        now: float,
    ) -> tuple[bytes, Answering]:
        """Check the M1 of the member at this seat, and make M2.

        Raises:
            Refused: `form`, `signature`, `token`, `resume`, `twice`.
        """
        held, holder, resume = self._examined(m1, seat, now)
        psk = held.expected.invite.psk
        handshake = DoctorHandshake(dice, papers, lambda *_: psk, held.answers, resume)
        m2 = handshake.answer(m1, connection, restarts, offer)
        return m2, Answering(self, held, handshake, holder, seat)

    def sought(self, m1: bytes, seat: bytes, now: float) -> tuple[M1, Secrets]:
        """Find the expectation that an M1 names, and by which secrets it may be come back to.

        Raises:
            Refused: `form`, `token`.
        """
        held, _, _ = self._examined(m1, seat, now)
        return read_m1(m1), held.secrets

    def m4_has_come(self, seat: bytes) -> None:
        """Note the first record of a far end after a handshake: earlier secrets are void."""
        for held in self._of(seat):
            held.secrets.m4_has_come()

    def forget(self, seat: bytes) -> None:
        """Let go of who left, or was shown out."""
        for held in self._of(seat):
            held.secrets.forget()
            del self._held[held.expected.invite.id]

    def withdraw(self, name: bytes) -> None:
        """Let go of an invitation that nobody used."""
        self._held.pop(name, None)

    def holds(self, name: bytes, held: _Held) -> bool:
        """Tell whether an expectation is still the one that was answered."""
        return self._held.get(name) is held

    def _examined(self, m1: bytes, seat: bytes, now: float) -> tuple[_Held, bytes, bytes | None]:
        """Find whom an M1 is of: the expectation, the holder, and the secret to come back by."""
        self._expire(now)
        asked = read_m1(m1)
        held, holder = self._find(asked.token), thumb(asked.holder)
        if held.seat not in (None, seat):
            raise Refused("token")
        if held.holder not in (None, holder):
            raise Refused("token")
        return held, holder, held.secrets.of(asked) or held.secrets.newest

    def _of(self, seat: bytes) -> list[_Held]:
        return [held for held in self._held.values() if held.seat == seat]

    def _find(self, token: str) -> _Held:
        found = (held for held in self._held.values() if held.expected.invite.token == token)
        held = next(found, None)
        if held is None:
            raise Refused("token")
        return held

    def _expire(self, now: float) -> None:
        over = [name for name, held in self._held.items() if held.is_over(now)]
        for name in over:
            del self._held[name]
