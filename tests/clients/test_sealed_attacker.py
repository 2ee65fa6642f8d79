"""A random active attacker, with the whole wire in his hands, breaks no agreement.

He holds several sessions at a time: every message passes through him, and he delivers,
keeps, repeats, changes, cuts, mixes and invents them as the dice fall. He owns a link of
his own, a device key without a credential, and the credential of another certified doctor.

What must hold after each game is what people rely on. A patient who was confirmed talks to
the doctor whose card was shown, with the same M1, M2, M3, the same digits and the same
keys, and that doctor to nobody else in this run; on a personal link it is the link's doctor.
A doctor who was confirmed talks to the holder of the link that M1 showed.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from clients.peer.channel import Channel
from clients.peer.sealed import (
    Answers,
    Confirmation,
    DoctorHandshake,
    PatientHandshake,
    Proposal,
)
from clients.peer.sealed_letters import Link, read_m1
from clients.peer.sealing import Refused
from signaling.encoding import encode
from tests.clients.seal_cast import (
    ANSWER,
    Doctor,
    Impostor,
    Intruder,
    Patient,
    Union,
    answered,
    flipped,
    personal,
    pool,
    public,
)

ROUNDS = 5  # a test each, so that one is short on a slow machine too
GAMES = 100
COMPLETE_AT_LEAST = 40
SESSIONS = 3
STEPS = 30

HANDLE = {"handle": encode(b"of nobody's link")}


@dataclass
class PatientEnd:
    """A patient's page, and what it did."""

    link: Link
    end: PatientHandshake
    m2: bytes | None = None
    m3: bytes | None = None
    proposal: Proposal | None = None
    channel: Channel | None = None

    def hears_m2(self, m2: bytes) -> bytes:
        self.proposal, self.m2 = self.end.read(m2), m2
        self.m3 = self.end.accept(True, ANSWER).m3
        return self.m3

    def hears_m4(self, m4: bytes) -> None:
        self.channel = self.end.confirm(m4)


@dataclass
class DoctorEnd:
    """A doctor's page, and what it did."""

    doctor: Doctor
    end: DoctorHandshake
    m1: bytes | None = None
    m2: bytes | None = None
    m3: bytes | None = None
    confirmation: Confirmation | None = None

    def hears_m1(self, m1: bytes) -> bytes:
        self.m2, self.m1 = answered(self.end, m1), m1
        return self.m2

    def hears_m3(self, m3: bytes) -> bytes:
        self.confirmation, self.m3 = self.end.confirm(m3), m3
        return self.confirmation.m4


@dataclass
class Game:
    """Everything on the table in one game."""

    dice: random.Random
    patients: list[PatientEnd] = field(default_factory=list)
    doctors: list[DoctorEnd] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self.own_link = pool(f"attacker {self.dice.random()}")
        self.led_astray = self.dice.randrange(2 * SESSIONS)
        self.other = Doctor("certified", claims=HANDLE)
        self.unvouched = Doctor("unvouched", union=Union("of nobody"))
        honest = Doctor("doctor")
        for n in range(SESSIONS):
            link = personal() if self.dice.random() < 0.5 else pool(f"holder {n}")
            self.patients.append(PatientEnd(link, Patient(link).handshake()))
            self.doctors.append(DoctorEnd(honest, honest.handshake(Answers())))
        self.doctors.append(DoctorEnd(self.other, self.other.handshake(Answers())))
        self.said += [patient.end.m1 for patient in self.patients]

    def deliver(self, to: Callable[[bytes], bytes | None], message: bytes) -> None:
        """Let somebody hear something, and keep what is answered."""
        try:
            if (answer := to(message)) is not None:
                self.said.append(answer)
        except Refused:
            self.refused += 1

    def pass_on(self, n: int) -> None:
        """Deliver what comes next in a session as it is: the scheduler's guidance.

        In some games one patient is led to the other certified doctor.
        """
        patient = self.patients[n]
        doctor = self.doctors[-1 if n == self.led_astray else n]
        if doctor.m1 is None:
            self.deliver(doctor.hears_m1, patient.end.m1)
        elif patient.m2 is None and doctor.m2 is not None:
            self.deliver(patient.hears_m2, doctor.m2)
        elif doctor.confirmation is None and patient.m3 is not None:
            self.deliver(doctor.hears_m3, patient.m3)
        elif patient.channel is None and doctor.confirmation is not None:
            self.deliver(patient.hears_m4, doctor.confirmation.m4)

    def meddle(self) -> None:
        """Do something else: whatever to whomever."""
        self.deliver(self.dice.choice(self.ears()), self.something())

    def ears(self) -> list[Callable[[bytes], bytes | None]]:
        """All who listen for something."""
        found: list[Callable[[bytes], bytes | None]] = []
        for patient in self.patients:
            found += [patient.hears_m2, patient.hears_m4]
        for doctor in self.doctors:
            found += [doctor.hears_m1, doctor.hears_m3]
        return found

    def something(self) -> bytes:
        """A message heard before, or of his own, perhaps changed, cut or joined to another."""
        message = self.dice.choice(self.said) if self.dice.random() < 0.6 else self.forged()
        match self.dice.randrange(8):
            case 0 if message:
                return flipped(message, self.dice.randrange(len(message)))
            case 1:
                return message[: self.dice.randrange(len(message) + 1)]
            case 2:
                return message + self.dice.choice(self.said)[-32:]
            case 3:
                other = self.dice.choice(self.said)
                at = self.dice.choice([2, 1120, 1218, 1250, 1282])
                return message[:at] + other[at:]
        return message

    def forged(self) -> bytes:
        """What he can make with all that he owns."""
        m1 = self.dice.choice(self.patients).end.m1
        intruder = Intruder(self.own_link, name="attacker")
        match self.dice.randrange(5):
            case 0:
                return intruder.m1
            case 1:
                return Impostor(self.other).m2(m1)
            case 2:
                return Impostor(self.unvouched).m2(m1)
            case 3:
                honest = Doctor("doctor").papers.identity
                return Impostor(self.other).m2(m1, identity=honest)
        for message in self.said:
            try:
                return intruder.m3(message)
            except Refused:
                continue
        return intruder.m1


def check(game: Game) -> int:
    """Check what people rely on; return how many patients were confirmed by a doctor."""
    complete = 0
    for patient in game.patients:
        if patient.channel is None:
            continue
        assert patient.proposal is not None
        peers = [d for d in game.doctors if d.confirmation and d.m3 == patient.m3]
        assert 1 == len(peers), "a patient was confirmed by nobody, or by several"
        (peer,) = peers
        assert peer.confirmation is not None
        assert (patient.end.m1, patient.m2) == (peer.m1, peer.m2)
        assert patient.proposal.digits == peer.confirmation.digits
        assert patient.proposal.device_key == public(peer.doctor.device)
        if patient.link.handle is not None:
            assert peer.doctor.device is not game.other.device
        assert "x" == peer.confirmation.channel.read(patient.channel.write("x"))
        assert "y" == patient.channel.read(peer.confirmation.channel.write("y"))
        complete += 1
    for doctor in game.doctors:
        if doctor.confirmation is None:
            continue
        asked = read_m1(doctor.m1 or b"")
        own = Intruder(game.own_link, name="attacker")
        honest = [p for p in game.patients if p.end.m1 == doctor.m1 and p.m3 == doctor.m3]
        # Nobody but the holder of the link that M1 showed.
        assert 1 == len(honest) or asked.holder == public(own.holder)
    return complete


def played(number: int) -> Game:
    """Play one game; three steps of four are the honest next step of some session."""
    game = Game(random.Random(number))
    for _ in range(STEPS):
        if game.dice.random() < 0.75:
            game.pass_on(game.dice.randrange(SESSIONS))
        else:
            game.meddle()
    return game


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_no_game_breaks_an_agreement(round_: int) -> None:
    """Five hundred games in all, with complete sessions and refusals among them."""
    complete = refused = 0
    for number in range(round_ * GAMES, (round_ + 1) * GAMES):
        game = played(number)
        complete += check(game)
        refused += game.refused

    assert complete >= COMPLETE_AT_LEAST
    assert refused >= GAMES


@pytest.mark.parametrize("what", ["m2", "m3", "proposal"])
def test_a_broken_agreement_is_seen(what: str) -> None:
    """The control: whoever was confirmed with anything else is found."""
    game = next(game for game in map(played, range(200)) if check(game))
    patient = next(patient for patient in game.patients if patient.channel is not None)
    setattr(patient, what, None)

    with pytest.raises(AssertionError):
        check(game)
