"""Every refusal that PROTOCOL.md lists under a message can be had, and by what is written."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from signaling.admission import Entrant, NotAdmitted, holder_of
from signaling.broker import Desk, NoSession
from signaling.encoding import encode
from signaling.memory_store import MemoryStore
from signaling.messages import (
    Accept,
    Accepted,
    Call,
    Called,
    Duty,
    Envelope,
    Invite,
    Join,
    Joined,
    Leave,
    Propose,
    Renew,
    ServerMessage,
)
from signaling.passes import Passbook
from signaling.people import Person, Refusal
from signaling.relaying import Relaying
from signaling.settings import Settings
from signaling.store import Life, Spend
from signaling.waiting_room import WaitingRoom
from tests.clock import Clock
from tests.dice import Dice
from tests.house.test_protocol_examples import TO_SERVER, in_backticks, sections
from tests.unions import NOW, AUnion, admission_by, key_of, some_key

Request = Renew | Duty | Call | Propose | Accept | Invite | Leave

QUEUE = Settings().queues[0]
OTHER_QUEUE = "another"
NOBODY = encode(bytes(16))
LETTER = "AAAA"
COST = Spend(encode(bytes(16)), 1, NOW + 3_600.0)


@dataclass
class House:
    """A waiting room with one patient and one doctor, led from step to step."""

    settings: Settings = field(default_factory=lambda: Settings(tickets_max=1))
    clock: Clock = field(default_factory=Clock)
    dice: Dice = field(default_factory=Dice)

    def __post_init__(self) -> None:
        self.store = MemoryStore(Life(encode(self.dice(8))))
        self.secret = self.dice(32)
        self.passbook = Passbook([self.secret])
        self.room = self.room_with(self.secret)

    def loses_the_store(self) -> None:
        """Begin again with nothing, in the first moments of another life."""
        now = self.clock.now
        life = Life(encode(self.dice(8)), admits_from=now + 1, calls_from=now + 45)
        self.store = MemoryStore(life)
        self.room = self.room_with(self.secret)

    def room_with(self, secret: bytes) -> WaitingRoom:
        """Open a waiting room over this store, with passes under a secret."""
        return WaitingRoom(
            self.store, Passbook([secret]), self.settings, self.dice, Relaying(secret)
        )

    async def enters(
        self,
        role: str,
        key: str = "",
        queue: str = QUEUE,
        kept: str = "",
        cost: Spend | None = None,
    ) -> Person:
        """Let somebody in by a capability or a credential, and remember the pass."""
        join = Join(token="t", proof="A" * 128, m1=LETTER, keep_pass=kept or None)
        entrant = Entrant(
            "doctor" if role == "doctor" else "patient", key or self.key(), (queue,), cost
        )
        entered = await self.room.enter(join, entrant, self.clock.now)
        for answer in entered.answers:
            if isinstance(answer, Joined):
                self.pass_ = answer.token or ""
        return entered.person

    async def comes_back(self, token: str, key: str, room: WaitingRoom | None = None) -> None:
        """Enter by a pass."""
        join = Join(token=token, proof="A" * 128, m1=LETTER)
        await (room or self.room).enter_by_pass(join, key, self.clock.now)

    async def called(self, cost: Spend | None = None) -> tuple[Person, Person, str]:
        """Lead a patient and a doctor to a proposed call."""
        patient, doctor = await self.enters("patient", cost=cost), await self.enters("doctor")
        await self.asks(doctor, Duty(state="on"))
        (called,) = await self.asks(doctor, Call(queue=QUEUE))
        assert isinstance(called, Called)
        await self.asks(doctor, Propose(call=called.call, m2=LETTER))
        return patient, doctor, called.call

    async def in_session(self, cost: Spend | None = None) -> tuple[Person, Person, Accepted]:
        """Lead a patient and a doctor into a session; `accepted` is the patient's."""
        patient, doctor, call = await self.called(cost)
        told: dict[str, list[ServerMessage]] = {"patient": [], "doctor": []}
        await self.store.listen(patient.address or "", told["patient"].append)
        await self.store.listen(doctor.address or "", told["doctor"].append)
        await self.asks(patient, Accept(call=call, m3=LETTER))
        accepted = told["patient"][-1]
        assert isinstance(accepted, Accepted)
        return patient.told(accepted), doctor.told(told["doctor"][-1]), accepted

    async def asks(self, person: Person, message: Request) -> tuple[ServerMessage, ...]:
        """Say a message to the waiting room."""
        return tuple(await self.room.ask(person, message, self.clock.now))

    def key(self) -> str:
        """Make a thumbprint."""
        return encode(self.dice(16))


Scenario = Callable[[House], Awaitable[object]]
SCENARIOS: dict[tuple[str, str], Scenario] = {}


def refuses(message: str, code: str) -> Callable[[Scenario], Scenario]:
    """Note what leads to a refusal."""

    def note(scenario: Scenario) -> Scenario:
        SCENARIOS[message, code] = scenario
        return scenario

    return note


@refuses("join", "unproven")
async def signs_something_else(house: House) -> None:
    holder_of("A" * 128, NOBODY, "http://localhost:8080", "t")


@refuses("join", "not-admitted")
async def brings_somebody_elses_pass(house: House) -> None:
    await house.enters("patient")
    await house.comes_back(house.pass_, house.key())


@refuses("join", "expired")
async def comes_back_too_late(house: House) -> None:
    patient = await house.enters("patient")
    house.clock.advance(house.settings.wait_pass_s)
    await house.comes_back(house.pass_, patient.key)


@refuses("join", "ended")
async def comes_back_after_leaving(house: House) -> None:
    patient = await house.enters("patient")
    await house.asks(patient, Leave(what="queue"))
    await house.comes_back(house.pass_, patient.key)


@refuses("join", "full")
async def is_one_too_many(house: House) -> None:
    await house.enters("patient")
    await house.enters("patient")


@refuses("join", "out-of-turn")
async def widens_while_called(house: House) -> None:
    patient, _, _ = await house.called()
    (joined,) = await house.asks(patient, Renew())
    assert isinstance(joined, Joined)
    await house.enters("patient", patient.key, OTHER_QUEUE, joined.token or "")


@refuses("join", "early")
async def opens_a_link_before_its_time(house: House) -> None:
    union = AUnion()
    admission_by(union.trusted()).admit(union.pool_link(), some_key(), NOW - 3_600)


@refuses("join", "revoked")
async def was_revoked(house: House) -> None:
    union, seed = AUnion(), house.dice(32)
    credential = union.access(seed)
    admission = admission_by(union.trusted(revoked=[credential.jti]))
    admission.admit(credential.token, key_of(seed), NOW)


refuses("duty", "revoked")(was_revoked)
refuses("call", "revoked")(was_revoked)


@refuses("duty", "expired")
async def is_on_duty_beyond_the_credential(house: House) -> None:
    union, seed = AUnion(), house.dice(32)
    later = NOW + 2 * 86_400
    admission_by(union.trusted()).admit(union.access(seed).token, key_of(seed), later)


refuses("call", "expired")(is_on_duty_beyond_the_credential)


@refuses("join", "spent")
async def opens_a_used_up_link(house: House) -> None:
    patient, _, _ = await house.in_session(COST)
    await house.asks(patient, Leave(what="session"))
    await house.enters("patient", patient.key, cost=COST)


@refuses("accept", "spent")
async def accepts_by_a_link_used_up_elsewhere(house: House) -> None:
    house.settings = Settings()
    house.room = house.room_with(house.dice(32))
    first, _, call = await house.called(COST)
    second, _, another = await house.called(COST)
    await house.asks(first, Accept(call=call, m3=LETTER))
    await house.asks(second, Accept(call=another, m3=LETTER))


@refuses("duty", "not-admitted")
async def serves_a_foreign_queue(house: House) -> None:
    doctor = await house.enters("doctor")
    await house.asks(doctor, Duty(state="on", queues=(OTHER_QUEUE,)))


@refuses("call", "off-duty")
async def calls_without_duty(house: House) -> None:
    await house.asks(await house.enters("doctor"), Call(queue=QUEUE))


@refuses("call", "no-patient")
async def calls_into_an_empty_queue(house: House) -> None:
    doctor = await house.enters("doctor")
    await house.asks(doctor, Duty(state="on"))
    await house.asks(doctor, Call(queue=QUEUE))


@refuses("call", "rebuilding")
async def calls_while_the_queue_comes_back(house: House) -> None:
    house.loses_the_store()
    doctor = await house.enters("doctor")
    await house.asks(doctor, Duty(state="on"))
    await house.asks(doctor, Call(queue=QUEUE))


@refuses("join", "rebuilding")
async def comes_back_before_the_dead_are_told(house: House) -> None:
    await house.enters("patient", house.key())
    token = house.pass_
    house.loses_the_store()
    await house.comes_back(token, house.passbook.read(token, house.clock.now).key)


@refuses("propose", "no-call")
async def proposes_twice(house: House) -> None:
    _, doctor, call = await house.called()
    await house.asks(doctor, Propose(call=call, m2=LETTER))


@refuses("accept", "no-call")
async def accepts_too_late(house: House) -> None:
    patient, _, call = await house.called()
    house.clock.advance(house.settings.accept_within_s)
    await house.asks(patient, Accept(call=call, m3=LETTER))


@refuses("envelope", "no-session")
async def writes_to_a_stranger(house: House) -> None:
    _, _, accepted = await house.in_session()
    desk = Desk()
    desk.seat(accepted)
    desk.forward(Envelope(member=NOBODY, body=LETTER))


@refuses("envelope", "away")
async def writes_to_who_lost_the_network(house: House) -> None:
    _, doctor, accepted = await house.in_session()
    desk = Desk()
    desk.seat(accepted)
    address, envelope = desk.forward(Envelope(member=doctor.member or "", body=LETTER))
    await house.room.forward(address, envelope)


@refuses("invite", "full")
async def invites_too_many(house: House) -> None:
    _, doctor, _ = await house.in_session()
    for _ in range(3):
        await house.asks(doctor, Invite(role="guest"))


@refuses("invite", "off-duty")
async def invites_who_is_not_there(house: House) -> None:
    _, doctor, _ = await house.in_session()
    await house.asks(doctor, Invite(role="colleague", to=house.key()))


@refuses("leave", "ended")
async def gives_up_twice(house: House) -> None:
    patient = await house.enters("patient")
    await house.asks(patient, Leave(what="queue"))
    await house.asks(patient, Leave(what="queue"))


@refuses("leave", "no-call")
async def declines_twice(house: House) -> None:
    patient, _, _ = await house.called()
    await house.asks(patient, Leave(what="call"))
    await house.asks(patient, Leave(what="call"))


@refuses("leave", "no-session")
async def shows_the_doctor_out(house: House) -> None:
    patient, doctor, _ = await house.in_session()
    await house.asks(patient, Leave(what="session", member=doctor.member))


def test_every_refusal_listed_has_its_scenario() -> None:
    """The document lists what can happen, and all of it."""
    listed = {
        (message, code)
        for message, text in sections(TO_SERVER).items()
        for code in in_backticks(re.findall(r"Refused: ([^.]+)\.", text)[0])
    }

    assert listed == SCENARIOS.keys()


@pytest.mark.parametrize(("message", "code"), SCENARIOS, ids="-".join)
async def test_a_refusal_comes_as_written(message: str, code: str) -> None:
    """What leads to it leads to it, and the last thing said is what is refused."""
    scenario = SCENARIOS[message, code]

    with pytest.raises((Refusal, NotAdmitted, NoSession)) as refused:
        await scenario(House())

    assert code == getattr(refused.value, "code", "no-session")
