"""Everybody else in a session: who is let in, who is introduced to whom, who agrees on whom.

Pure but for what the far ends do. The first far end, of a call, is its owner's; every other one
is a pair of this company's. Nothing flows to or from a newcomer before all say the same of who
is in; the server's list of members is used to take out, and never to let in.

`clients/SCEAU.md` §11.
"""

from collections.abc import Callable
from dataclasses import dataclass

from signaling.encoding import decode, encode
from signaling.messages import Accepted, Envelope, Id, Invite, InviteRole, Key, MemberRole

from . import handovers, introductions, invites, letters
from .channel import Kind
from .desk import Desk
from .errors import Over, PeerError
from .far_end import FarEnd
from .handovers import Heard
from .introductions import Ask, Declined, Expect, Roster
from .invites import Expectations, Expected
from .letters import Card
from .pairs import AnsweringPair, AskingPair, Reads, Self, examine
from .pairs import Pair as Pair
from .records import take
from .rosters import AGREE_WITHIN_S, Entry, Gathering
from .sealed_letters import Far, Role
from .sealing import Refused

ANSWERED_WITHIN_S = 15.0
SEEN_WITHIN_S = 20.0
# On the way back the server may name fewer than are in: where it lost the session it finds them
# again one by one, as long as a member's pass lives.
MISSED_AFTER_S = 600.0


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom this end invited.

    Attributes:
        holder: thumbprint under which a colleague signs M1.
        card: a colleague's.
    """

    role: Role
    holder: bytes = b""
    card: Card | None = None


class Company:
    """The others. Empty between sessions.

    Attributes:
        members: who has a seat, by the server's word; `been`: who had one since this end came;
            `listed`: whom it named last, who on the way back may be fewer.
        pairs: with whom handshakes of invitations are, or were, held.
        heard: of a hand over.
        now: seconds, on one clock.
    """

    def __init__(self, desk: Desk, now: Callable[[], float]) -> None:
        self._desk, self.now = desk, now
        self._who: Self | None = None
        self._first: Entry | None = None
        self._forget()

    def _forget(self) -> None:
        self.members: dict[Id, MemberRole] = {}
        self.been: dict[Id, MemberRole] = {}
        self.pairs: dict[Id, AskingPair | AnsweringPair] = {}
        self.heard = Heard()
        self._gathering: Gathering | None = None
        self._book = Expectations()
        self._invited: dict[str, Invited] = {}
        self.listed: set[Id] = set()
        self._token: str | None = None
        self._refusal: PeerError | None = None

    # The session

    def begins(self, who: Self, accepted: Accepted) -> None:
        """Begin with one's own seat. Whom a handshake verified is told by `meets`."""
        self._who, self._first = who, None
        self.members = {member.member: member.role for member in accepted.members}
        self.been, self.listed = dict(self.members), set(self.members)
        self._gathering = Gathering(Entry(decode(accepted.member), who.role, who.key))

    async def ends(self) -> None:
        """Leave everybody."""
        for pair in list(self.pairs.values()):
            await self._parts(pair)
        self._forget()

    async def changes(self, accepted: Accepted, *, is_return: bool) -> None:
        """Take out who has left. On the way back who is missing may only be late.

        A store that was lost knows of a session what those who are back have told it.
        """
        members = {member.member: member.role for member in accepted.members}
        gone, self.listed = self.listed - members.keys(), set(members)
        self.been |= members
        if is_return and gone:
            # Alone in a session is nobody but in one that was lost and is made anew.
            missing = {seat for seat in gone if len(members) == 1 or self._is_connected(seat)}
            self._desk.start(self._misses(missing))
            gone -= missing
        # Who was missing on the way back, and has not come since, may still come.
        late = self.members.keys() - members.keys() - gone
        self.members = members | {seat: self.members[seat] for seat in late}
        for seat in gone:
            await self._is_gone(seat)

    async def comes_back(self) -> None:
        """Say something to everybody on a new socket."""
        for pair in self.pairs.values():
            if not pair.is_over:
                await pair.comes_back()

    async def meets_first(self, entry: Entry) -> None:
        """Hear that a handshake with the first far end is done, again perhaps."""
        gathering = self._gathered()
        if self._first is None:
            self._first = entry
            self._gathering = Gathering(gathering.own, entry)
        else:
            gathering.add(entry, self.now())
        await self._says_roster()

    # Who is in

    @property
    def roster(self) -> tuple[Entry, ...]:
        """Whom handshakes verified, this end among them."""
        return self._gathering.roster if self._gathering else ()

    @property
    def is_agreed(self) -> bool:
        """Whether all say the same of who is in, and nobody new waits for it."""
        gathering = self._gathering
        return gathering is not None and len(gathering.roster) > 1 and not gathering.newcomers

    @property
    def keeps_a_stranger(self) -> bool:
        """Whether this end is the only doctor of a patient whom it was never made known to.

        Whoever leaves then must not end the consultation.
        """
        own = self._gathering.own if self._gathering else None
        if own is None or own.role != "doctor":
            return False
        doctors = [seat for seat, role in self.members.items() if role in ("doctor", "colleague")]
        has_patient = "patient" in self.members.values()
        knows_patient = any(entry.role == "patient" for entry in self.roster)
        is_colleague = self.members.get(encode(own.seat)) == "colleague"
        is_only = doctors == [encode(own.seat)]
        return is_colleague and is_only and has_patient and not knows_patient

    async def agrees(self, count: int, within_s: float = SEEN_WITHIN_S) -> None:
        """Wait until so many are in, and all agree."""
        await self._desk.watch.until(
            lambda: self.is_agreed and len(self.roster) == count,
            within_s,
            "The others did not agree on who is here in time.",
        )

    async def is_let_in(self, within_s: float = AGREE_WITHIN_S) -> int:
        """Wait until everybody agrees, as long as that may take; returns how many are in."""
        await self._desk.watch.until(
            lambda: self.is_agreed or self._desk.over is not None,
            within_s,
            "The others did not agree on who is here in time.",
        )
        if self._desk.over is not None:
            raise self._desk.over
        return len(self.roster)

    async def saw(self, code: int, within_s: float = SEEN_WITHIN_S) -> None:
        """Wait for the picture and the tone of this code from one of the others."""
        await self._desk.watch.until(
            lambda: any(far.sink.has_seen(code) for far in self.fars),
            within_s,
            "The others' picture was not seen in time.",
        )
        far = next(far for far in self.fars if far.sink.has_seen(code))
        await far.sink.heard(code, within_s)

    def pair_of(self, role: Role) -> Pair | None:
        """Give the pair with somebody of this role who was verified."""
        roles = {encode(entry.seat): entry.role for entry in self.roster}
        return next((pair for pair in self.pairs.values() if roles.get(pair.seat) == role), None)

    # Inviting

    async def invites_guest(self, within_s: float = ANSWERED_WITHIN_S) -> str:
        """Ask for a seat; returns the address that a guest opens.

        Raises:
            Turned: no seat is left.
        """
        who, own = self._myself(), self._gathered().own
        secret = self._desk.dice(invites.SECRET_BYTES)
        token = await self._invites(invites.guest(secret), Invited("guest"), None, within_s)
        fragment = invites.write_fragment(invites.Address(token, secret, own.seat, who.key))
        return f"{self._desk.link.origin}/#{fragment}"

    async def invites_colleague(
        self, expected: Expected, card: Card, within_s: float = ANSWERED_WITHIN_S
    ) -> None:
        """Ask a colleague whose card was opened to come.

        Raises:
            Turned: no seat is left, or the colleague is not there.
        """
        holder = expected.holder or b""
        await self._invites(expected, Invited("doctor", holder, card), encode(holder), within_s)

    async def asks(self, seat: Id, far: Far, invite: invites.Invite) -> None:
        """Begin to ask somebody, under `turn`."""
        await self._parts(self.pairs.get(seat))
        pair = AskingPair(self._desk, self._myself(), self, seat, far, invite)
        self.pairs[seat] = pair
        await pair.begins_anew()

    def hears_invited(self, token: str) -> None:
        """Take the pass of a seat that was asked for."""
        self._token = token

    def hears_refusal(self, refusal: PeerError) -> None:
        """Hear that a seat was refused."""
        self._refusal = refusal

    async def shows_out(self, role: Role, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Show somebody out, as only a doctor may; returns when that one has left."""
        pair = self.pair_of(role)
        if pair is None:
            raise PeerError("There is nobody to be shown out.")
        await self._desk.leaves(pair.seat)
        await self._desk.watch.until(
            lambda: pair.seat not in self.members, within_s, "The server showed nobody out."
        )

    async def loses_the_path(self, role: Role) -> None:
        """Lose the media connection to one of the others, as if the network had gone."""
        pair = self.pair_of(role)
        if pair is not None:
            async with self._desk.turn:
                await pair.far.drop()
                pair.far.sink.forget()
            self._desk.start(pair.breaks())

    # What the others say

    async def hears(self, envelope: Envelope) -> None:
        """Take an envelope that is not the first far end's."""
        if self._gathering is None or envelope.member not in self.members:
            return
        try:
            message = take(envelope.body)
            pair = self.pairs.get(envelope.member)
            if pair is None or (message.kind is Kind.M1 and isinstance(pair, AskingPair)):
                if message.kind is not Kind.M1:
                    return
                # Whoever is not expected is not answered, and what there is stays.
                examine(self._book, message.body, decode(envelope.member), self.now())
                await self._parts(pair)
                pair = AnsweringPair(
                    self._desk, self._myself(), self, envelope.member, self._book, self.now
                )
                self.pairs[envelope.member] = pair
        except Refused as refused:
            return self._desk.mark_refused(refused)
        await pair.far.writes_again()
        await pair.hears(message)

    async def reads(self, seat: Id, text: str, otherwise: Reads) -> None:
        """Read a letter of somebody who was met; what does not concern the company goes on."""
        try:
            letter = introductions.read(text)
            if letter is not None:
                return await self._reads(decode(seat), letter)
            word = handovers.read(text)
            if word is not None:
                gathering = self._gathered()
                sender = gathering.find(decode(seat))
                role = sender.role if sender else None
                return self.heard.hears(seat, role, gathering.own.role, word)
        except Refused as refused:
            return self._desk.mark_refused(refused)
        of_path = letters.understood(text)
        if of_path is not None:
            await otherwise(of_path)

    def adds(self, entry: Entry) -> None:
        """Take somebody in whom a handshake verified.

        Raises:
            Refused: `roster`.
        """
        self._gathered().add(entry, self.now())
        self._desk.start(self._waits_for_word_of(entry.seat))

    async def met(self, pair: Pair) -> None:
        """Go on after a handshake: introduce whom this end invited, and say who is in."""
        newcomer = self._gathered().find(decode(pair.seat))
        invited = self._invited.pop(pair.token, None) if isinstance(pair, AnsweringPair) else None
        self._flows()
        if newcomer is not None and invited is not None:
            await self._introduces(newcomer, invited)
        await self._says_roster()

    async def tells(self, seat: Id, text: str) -> None:
        """Write a letter to somebody who was met, under `turn`."""
        if far := self._far_of(seat):
            await far.write_text(text)

    # Within

    async def _invites(
        self, expected: Expected, invited: Invited, to: Key | None, within_s: float
    ) -> str:
        await self._desk.watch.until(
            lambda: self.is_agreed, within_s, "Somebody else is just coming in."
        )
        self._token = self._refusal = None
        async with self._desk.turn:
            self._book.open(expected, self.now())
            self._invited[expected.invite.token] = invited
            role: InviteRole = "guest" if to is None else "colleague"
            await self._desk.socket.send(Invite(role=role, to=to))
        await self._desk.watch.until(
            lambda: (
                self._token is not None or self._refusal is not None or self._desk.session is None
            ),
            within_s,
            "The server did not answer the invitation.",
        )
        if self._token is not None:
            return self._token
        self._book.withdraw(expected.invite.id)
        self._invited.pop(expected.invite.token, None)
        raise self._refusal or self._desk.over or Over("session", "left")

    async def _introduces(self, newcomer: Entry, invited: Invited) -> None:
        gathering = self._gathered()
        for other in gathering.roster:
            if other in (gathering.own, newcomer):
                continue
            if invited.card is not None and other.role == "patient":
                name, specialty = invited.card.name, invited.card.specialty
                seat = encode(newcomer.seat)
                word = handovers.HandOver(member=seat, name=name, specialty=specialty)
                await self.tells(encode(other.seat), handovers.write(word))
            (asks, ask), (answers, expect) = introductions.introduce(
                self._desk.dice, newcomer, other, invited.holder
            )
            await self.tells(encode(answers), introductions.write(expect))
            await self.tells(encode(asks), introductions.write(ask))

    async def _reads(self, sender: bytes, letter: introductions.Letter) -> None:
        gathering = self._gathered()
        match letter:
            case Ask():
                introductions.check(letter, sender, gathering)
                if letter.far.role == "doctor" and gathering.own.role == "patient":
                    self.heard.hears_of(encode(sender), letter)
                else:
                    far = Far(letter.far.role, letter.far.key)
                    await self.asks(encode(letter.far.seat), far, letter.invite)
            case Expect():
                introductions.check(letter, sender, gathering)
                await self._parts(self.pairs.get(encode(letter.far.seat)))
                self._book.open(letter.expected, self.now())
            case Declined(seat):
                self.heard.declined.add(encode(seat))
            case Roster(members):
                try:
                    gathering.hear(sender, members)
                except Refused:
                    await self._refuses(gathering.newcomers)
                    raise
                self._flows()

    async def _is_gone(self, seat: Id) -> None:
        await self._parts(self.pairs.get(seat))
        if self._desk.far.seat == seat:
            await self._desk.far.drop()
            self._desk.far.sits(None)
        self._book.forget(decode(seat))
        self.heard.is_gone(seat)
        if self._gathering is not None and self._gathering.find(decode(seat)) is not None:
            self._gathering.remove(decode(seat))
            self._flows()
            await self._says_roster()

    async def _misses(self, seats: set[Id]) -> None:
        """Take out who did not come back in time to a session that we came back to."""
        session = self._desk.session
        if await self._desk.watch.comes_true(
            lambda: self._desk.session != session or seats <= self.listed, MISSED_AFTER_S
        ):
            return
        async with self._desk.turn:
            for seat in seats - self.listed:
                self.members.pop(seat, None)
                await self._is_gone(seat)

    async def _waits_for_word_of(self, seat: bytes) -> None:
        """Refuse a newcomer on whom not all agree in time."""
        gathering = self._gathering

        def is_settled() -> bool:
            found = gathering is not None and gathering.find(seat) is not None
            return not found or seat not in (gathering.newcomers if gathering else ())

        if not await self._desk.watch.comes_true(is_settled, AGREE_WITHIN_S):
            async with self._desk.turn:
                await self._refuses((seat,))

    async def _refuses(self, seats: tuple[bytes, ...]) -> None:
        for seat in seats:
            if pair := self.pairs.get(encode(seat)):
                await pair.ends()

    async def _says_roster(self) -> None:
        gathering = self._gathered()
        if {entry.seat for entry in gathering.roster} <= {
            gathering.own.seat,
            self._first.seat if self._first else b"",
        }:
            return  # the two who began are agreed from the start
        text = introductions.write(Roster(gathering.roster))
        for entry in gathering.roster:
            if far := self._far_of(encode(entry.seat)):
                await far.write_text(text)

    def _flows(self) -> None:
        """Let pictures pass to and from whom all agree on."""
        gathering = self._gathered()
        for pair in self.pairs.values():
            if gathering.is_agreed(decode(pair.seat)) and not pair.is_over:
                pair.far.lets_flow()
        self._desk.watch.changed()

    async def _parts(self, pair: Pair | None) -> None:
        if pair is not None:
            self.pairs.pop(pair.seat, None)
            await pair.ends()
            await self._desk.part(pair.far)

    def _is_connected(self, seat: Id) -> bool:
        far = self._far_of(seat)
        return far is not None and far.connection is not None and not far.connection.is_lost

    def _far_of(self, seat: Id) -> FarEnd | None:
        pair = self.pairs.get(seat)
        if pair is not None:
            return None if pair.is_over else pair.far
        return self._desk.far if self._desk.far.seat == seat else None

    @property
    def fars(self) -> list[FarEnd]:
        """The far ends, the first one first."""
        return [self._desk.far, *(pair.far for pair in self.pairs.values())]

    def _gathered(self) -> Gathering:
        if self._gathering is None:
            raise self._desk.over or Over("session", "left")
        return self._gathering

    def _myself(self) -> Self:
        if self._who is None:
            raise PeerError("There is no session.")
        return self._who
