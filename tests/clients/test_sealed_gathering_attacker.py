"""A random server between three who want to meet: it breaks no agreement.

Each game is one guest who comes by an invitation. The server carries every message, and may
change it, leave it out, replay another, put its own in its place, or say a wrong seat. It may
also have a certified doctor on its side, and knows the name of the invitation.
"""

import random
from collections.abc import Callable

from clients.peer import introductions, invites
from clients.peer.introductions import Ask, Expect, Roster
from clients.peer.invites import Invite, of_secret
from clients.peer.sealed_letters import Far, Link
from clients.peer.sealing import Refused
from tests.clients.gathering_cast import Person, far
from tests.clients.seal_cast import ANSWER, CONNECTION, OFFER, Doctor, Impostor, Intruder, seed

GAMES = 500
SECRET = b"secret of an inv"
Carry = Callable[[str, bytes], bytes]


class Lost(Exception):
    """The server carried nothing more."""


class Server:
    """Carries what is said, now and then as it likes."""

    def __init__(self, game: int, malice: float) -> None:
        self._dice = random.Random(game)
        self._malice = malice
        self._heard: dict[str, list[bytes]] = {}
        self._m1 = b""
        self.meddled = 0

    def carry(self, kind: str, text: bytes) -> bytes:
        """Hand something on: as it is, or not."""
        self._heard.setdefault(kind, []).append(text)
        if kind == "m1":
            self._m1 = text
        if self._dice.random() >= self._malice:
            return text
        self.meddled += 1
        match self._dice.randrange(5):
            case 0:
                raise Lost
            case 1:
                at = self._dice.randrange(len(text) * 8)
                return text[: at // 8] + bytes((text[at // 8] ^ 1 << at % 8,)) + text[at // 8 + 1 :]
            case 2:
                return self._dice.choice(self._heard[kind])
            case 3:
                return self._dice.choice(self._dice.choice(list(self._heard.values())))
            case _:
                return self._own(kind, text)

    def seats(self, seat: bytes, *others: bytes) -> bytes:
        """Say where somebody sits."""
        if self._dice.random() >= self._malice:
            return seat
        self.meddled += 1
        return self._dice.choice(others)

    def _own(self, kind: str, text: bytes) -> bytes:
        try:
            if kind == "m1":
                return Intruder(Link(of_secret(SECRET).token, seed("server"), bytes(32))).m1
            if kind == "m2":
                return Impostor(Doctor("another doctor")).m2(self._m1)
        except Refused:
            pass
        return self._dice.randbytes(len(text))


def meets(server: Server, asks: Person, answers: Person, named: Far, invite: Invite) -> None:
    """One handshake of a pair, every message by the server."""
    handshake = asks.asks(named, invite)
    m1 = server.carry("m1", handshake.m1)
    seat = server.seats(asks.seat, answers.seat, b"another seat", *answers.channels)
    m2, answering = answers.book.answer(
        answers.dice, answers.papers, m1, seat, CONNECTION, True, OFFER, 0
    )
    asks.reads(handshake, server.carry("m2", m2), named.role)
    entered = answering.confirm(server.carry("m3", handshake.accept(True, ANSWER).m3))
    answers.gathering.add(entered.entry, 0)
    answers.channels[seat] = entered.confirmation.channel
    channel = handshake.confirm(server.carry("m4", entered.confirmation.m4))
    asks.gathering.add(answers.entry, 0)
    asks.channels[answers.seat] = channel


def tells(
    server: Server, sender: Person, reader: Person, letter: introductions.Letter
) -> introductions.Letter | None:
    """One letter in a record, by the server."""
    record = sender.channels[reader.seat].write(introductions.write(letter))
    channel = reader.channels[sender.seat]
    return introductions.read(channel.read(server.carry("record", record)))


def play(server: Server) -> tuple[Person, ...]:
    """A guest whom the doctor invited comes in, as far as the server lets it be."""
    patient, doctor, guest = (
        Person("patient", "patient"),
        Person("doctor", "doctor"),
        Person("guest", "guest"),
    )
    patient.begins_with(doctor)
    doctor.book.open(invites.guest(SECRET), 0)
    try:
        meets(server, guest, doctor, far(doctor), of_secret(SECRET))
        entry = doctor.gathering.find(guest.seat) or guest.entry
        (_, ask), (_, expect) = introductions.introduce(
            doctor.dice, entry, patient.entry, guest.holder
        )
        heard = tells(server, doctor, patient, expect)
        asked = tells(server, doctor, guest, ask)
        if not isinstance(heard, Expect) or not isinstance(asked, Ask):
            return patient, doctor, guest
        introductions.check(heard, doctor.seat, patient.gathering)
        introductions.check(asked, doctor.seat, guest.gathering)
        patient.book.open(heard.expected, 0)
        named = Far(asked.far.role, asked.far.key)
        meets(server, guest, patient, named, asked.invite)
    except (Refused, Lost, KeyError):
        # Whoever was refused is out; what the others say goes on.
        pass
    everybody = patient, doctor, guest
    for sender in everybody:
        for reader in everybody:
            if sender is not reader:
                says(server, sender, reader)
    return everybody


def says(server: Server, sender: Person, reader: Person) -> None:
    try:
        said = tells(server, sender, reader, Roster(sender.gathering.roster))
        if isinstance(said, Roster):
            reader.gathering.hear(sender.seat, said.members)
    except (Refused, Lost, KeyError):
        return


def broken(everybody: tuple[Person, ...]) -> list[str]:
    """Whom somebody would see or hear who is not who he takes him for."""
    by_seat = {person.seat: person for person in everybody}
    wrong = []
    for one in everybody:
        for entry in one.gathering.roster:
            if entry == one.entry or not one.gathering.is_agreed(entry.seat):
                continue
            other = by_seat.get(entry.seat)
            if (
                other is None
                or other.entry != entry
                or other.gathering.find(one.seat) != one.entry
                or other.channels[one.seat].resume != one.channels[other.seat].resume
            ):
                wrong.append(f"{one.name} sees somebody at the seat of {entry.role}")
    return wrong


def all_agree(everybody: tuple[Person, ...]) -> bool:
    return all(len(one.gathering.roster) == 3 and not one.gathering.newcomers for one in everybody)


def test_no_game_ends_with_somebody_who_is_not_who_he_seems() -> None:
    """Whole sessions among them, and many in which the server did something."""
    agreed = meddled = 0
    for game in range(GAMES):
        server = Server(game, 0.08)
        everybody = play(server)
        agreed += all_agree(everybody)
        meddled += server.meddled > 0

        assert [] == broken(everybody), f"game {game}"

    assert agreed > GAMES // 20
    assert meddled > GAMES // 2


def test_without_a_server_that_meddles_all_agree() -> None:
    """The control."""
    everybody = play(Server(0, 0))

    assert all_agree(everybody)
    assert [] == broken(everybody)


def test_an_end_that_agrees_with_anybody_is_found() -> None:
    """The other control: where rosters are not compared, the games show it."""

    def careless(server: Server) -> tuple[Person, ...]:
        everybody = play(server)
        for one in everybody:
            one.gathering._agreed |= {entry.seat for entry in one.gathering.roster}
        return everybody

    assert any(broken(careless(Server(game, 0.08))) for game in range(GAMES))
