"""Who reaches whom through the relay, for how long, and at what price."""

import gc

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from relay.consultations import Consultations
from relay.core import PACKET_COST_BYTES, Relay, Send, Settings
from relay.table import Table
from tests.clock import Clock
from tests.dice import Dice
from tests.relay.turn_client import (
    RELAYED,
    TurnClient,
    channel_data,
    indication,
    met,
    new_relay,
    password,
)

S = Settings()


@pytest.fixture
def relay(clock: Clock) -> Relay:
    return new_relay(clock)


def reaches(sender: TurnClient, receiver: TurnClient) -> bool:
    """Tell whether an indication gets through, on the hot path only if on the slow one too."""
    fast = sender.forward(indication(b"x", receiver.relayed))
    effects = sender.indicate(b"x", receiver.relayed)
    assert all(isinstance(each, Send) and each.to == receiver.source for each in effects)
    assert fast is None or [fast] == effects
    return bool(effects)


# Who reaches whom.


def test_two_consultations_cannot_reach_each_other(relay: Relay, clock: Clock) -> None:
    """Though all know all virtual ports, permit them and bind channels to them."""
    clients = met(relay, clock, "patient-1", "doctor-1") + met(
        relay, clock, "patient-2", "doctor-2"
    )
    for client in clients:
        for n, other in enumerate(clients):
            client.bind(0x4000 + n, other.relayed)

    together = {(a, b) for a in range(4) for b in range(4) if a // 2 == b // 2}
    for a, sender in enumerate(clients):
        for b, receiver in enumerate(clients):
            assert ((a, b) in together) == bool(sender.channel_data(0x4000 + b, b"x"))
            assert ((a, b) in together) == reaches(sender, receiver)


def test_four_people_reach_each_other(relay: Relay, clock: Clock) -> None:
    """Pair by pair."""
    clients = met(relay, clock, "a", "b", "c", "d")

    assert all(reaches(a, b) for a in clients for b in clients)


def test_who_is_not_bound_yet_reaches_nobody_and_then_at_once(relay: Relay, clock: Clock) -> None:
    """Allocating beforehand is allowed; the server's word opens the way, and closes it."""
    patient, doctor = met(relay, clock, "patient", "doctor")
    relay.unbind(["doctor"])
    assert not reaches(patient, doctor)
    assert not reaches(doctor, patient)

    relay.bind(["patient", "doctor"])
    assert reaches(patient, doctor)
    relay.rebind([])
    assert not reaches(patient, doctor)
    relay.rebind([["patient", "doctor"]])
    assert reaches(patient, doctor)


def test_a_doctor_who_is_bound_to_the_next_patient_no_longer_reaches_the_last(
    relay: Relay, clock: Clock
) -> None:
    """Nor is reached, on ways that were in use a moment before."""
    first, doctor = met(relay, clock, "first", "doctor")
    (second,) = met(relay, clock, "second")
    doctor.bind(0x4000, first.relayed)
    to_first, to_doctor = channel_data(0x4000, b"x"), indication(b"x", doctor.relayed)
    assert doctor.receive(to_first).effects and doctor.forward(to_first)
    assert first.receive(to_doctor).effects and first.forward(to_doctor)

    relay.bind(["doctor", "second"])

    assert doctor.forward(to_first) is None and [] == doctor.receive(to_first).effects
    assert first.forward(to_doctor) is None and [] == first.receive(to_doctor).effects
    assert reaches(doctor, second)
    assert not reaches(first, second)


def test_a_consultation_is_forgotten_when_the_server_is_and_nobody_came(clock: Clock) -> None:
    """Bound once, allocated for a while, and never said again: after twelve hours it is gone."""
    relay = new_relay(clock)
    relay.bind(["never", "came"])
    met(relay, clock, "patient", "doctor")
    relay.tick(clock.now)

    clock.advance(S.lifetime_default_s)
    relay.tick(clock.now)
    clock.advance(S.password_max_s - S.lifetime_default_s)
    relay.tick(clock.now)
    assert 1 == relay.counters().consultations
    clock.advance(S.lifetime_default_s)
    relay.tick(clock.now)

    assert 0 == relay.counters().consultations


def test_a_consultation_of_a_whole_day_goes_on(clock: Clock) -> None:
    """Who has an allocation is not forgotten, though the server said it once."""
    relay = new_relay(clock)
    patient, doctor = met(relay, clock, "patient", "doctor")
    for _ in range(2 * S.password_max_s // S.lifetime_default_s):
        clock.advance(S.lifetime_default_s - 1)
        patient.nonce = doctor.nonce = b""
        for client, tag in ((patient, "patient"), (doctor, "doctor")):
            client.password = password(clock, tag)
            assert client.refresh().code == 0
            assert client.permit((RELAYED, 1)).code == 0
        relay.tick(clock.now)

    assert reaches(patient, doctor)


def test_a_permission_is_needed_on_both_sides(relay: Relay, clock: Clock) -> None:
    """RFC 8656 §9, §11.3."""
    patient, doctor = TurnClient(relay, clock, "p", port=1), TurnClient(relay, clock, "d", port=2)
    relay.bind("pd")
    patient.allocate()
    doctor.allocate()
    patient.permit(doctor.relayed)
    assert not reaches(patient, doctor)
    assert not reaches(doctor, patient)

    doctor.permit(patient.relayed)
    assert reaches(patient, doctor)
    assert reaches(doctor, patient)


def test_a_port_that_was_given_back_leads_nowhere(relay: Relay, clock: Clock) -> None:
    """Nor to whoever gets it next, unless they are together."""
    patient, doctor = met(relay, clock, "patient", "doctor")
    patient.bind(0x4000, doctor.relayed)
    assert patient.channel_data(0x4000, b"x")
    doctor.refresh(0)

    assert not reaches(patient, doctor)
    assert [] == patient.channel_data(0x4000, b"x")


# For how long.


def test_a_permission_ends_and_can_be_renewed(relay: Relay, clock: Clock) -> None:
    """After 300 s, on whichever side; routes end with it."""
    patient, doctor = met(relay, clock, "patient", "doctor")
    assert reaches(patient, doctor)
    clock.advance(S.permission_s - 1)
    relay.tick(clock.now)
    assert reaches(patient, doctor)
    patient.permit(doctor.relayed)
    clock.advance(1)
    relay.tick(clock.now)
    assert not reaches(patient, doctor)

    doctor.permit(patient.relayed)
    assert reaches(patient, doctor)


def test_a_channel_ends_and_its_permission_before_it(relay: Relay, clock: Clock) -> None:
    """600 s and 300 s: RFC 8656 §12. Then the number is free for somebody else."""
    (patient,) = met(relay, clock, "patient")
    patient.bind(0x4000, patient.relayed)
    patient.refresh(3600)
    clock.advance(S.permission_s)
    relay.tick(clock.now)
    assert [] == patient.channel_data(0x4000, b"x")
    patient.permit(patient.relayed)
    assert patient.channel_data(0x4000, b"x")

    clock.advance(S.permission_s - 1)
    assert 400 == patient.bind(0x4000, (RELAYED, 1)).code
    patient.permit(patient.relayed)
    clock.advance(1)
    patient.nonce = b""
    assert 0 == patient.bind(0x4000, (RELAYED, 1)).code
    assert 0 == patient.bind(0x4001, patient.relayed).code


def test_who_binds_a_channel_late_gets_it_from_the_next_packet_on(
    relay: Relay, clock: Clock
) -> None:
    """Decisions made before are made anew."""
    patient, doctor = met(relay, clock, "patient", "doctor")
    (before,) = patient.indicate(b"x", doctor.relayed)
    doctor.bind(0x4000, patient.relayed)
    (after,) = patient.indicate(b"x", doctor.relayed)

    assert isinstance(before, Send) and isinstance(after, Send)
    assert (0x00, 0x40) == (before.data[0], after.data[0])


def test_the_timetable_has_one_entry_for_each_that_lives(clock: Clock) -> None:
    """Long, short, long again; and none for what was given back before its time."""
    table = Table(S, Consultations(8, 10, 10), Dice())
    relay = new_relay(clock)
    relay._table, relay._by_source = table, table.by_source
    client, other = TurnClient(relay, clock), TurnClient(relay, clock, port=1)
    other.allocate()
    client.allocate()
    for n in range(100):
        client.refresh(3600 if n % 2 else 600)
        client.permit((RELAYED, 1))
        client.bind(0x4000 + n % 8, (RELAYED, 1 + n % 8))
        clock.advance(0.3)
        relay.tick(clock.now)

        assert 2 == table.scheduled()
    client.refresh(0)
    assert 1 == table.scheduled()
    clock.advance(4000)
    relay.tick(clock.now)
    assert 0 == table.scheduled()


def test_ten_thousand_come_and_go_and_nothing_is_left(clock: Clock) -> None:
    """Not an object more than before, in less time than an allocation lives."""
    relay = new_relay(clock)
    clients = [TurnClient(relay, clock, f"t{n}", port=n) for n in range(10)]

    def cycles(count: int) -> int:
        for n in range(count):
            assert clients[n % 10].allocate().code == 0
            assert clients[n % 10].refresh(0).code == 0
            clock.advance(0.05)
        gc.collect()
        return len(gc.get_objects())

    before = cycles(100)
    after = cycles(10_000)

    assert after - before < 100
    assert 0 == relay.counters().allocations


# Ports.


def test_ports_are_thrown_and_never_given_twice(clock: Clock) -> None:
    """In their range, and another relay throws others."""
    ports = []
    for seed in (1, 2):
        relay = new_relay(clock, Settings(allocations_per_tag=500), seed=seed)
        clients = [TurnClient(relay, clock, port=n, transport="tcp") for n in range(200)]
        ports.append([c.allocate().code == 0 and c.relayed[1] for c in clients])

    assert 200 == len(set(ports[0])) == len(set(ports[1]))
    assert all(S.port_first <= port <= S.port_last for port in ports[0])
    assert set(ports[0]) != set(ports[1])
    assert sorted(ports[0]) != ports[0]


def test_when_all_ports_are_taken_there_is_none(clock: Clock) -> None:
    """Even ones, then all; and one that comes back is found."""
    table = Table(S, Consultations(8, 10, 10), Dice())
    taken = table._by_relayed
    for port in range(S.port_first, S.port_last + 1):
        if port != 50_001:
            taken[(RELAYED, port)] = None  # type: ignore[index, assignment]

    assert [] == list(table.free_ports(RELAYED, even=True))
    assert [50_001] == list(table.free_ports(RELAYED, even=False))
    taken[(RELAYED, 50_001)] = None  # type: ignore[index, assignment]
    assert [] == list(table.free_ports(RELAYED, even=False))


@pytest.mark.parametrize(
    ("first", "last", "even", "ports"),
    [
        (50_001, 50_004, False, {50_001, 50_002, 50_003, 50_004}),
        (50_001, 50_004, True, {50_002, 50_004}),
        (50_001, 50_001, True, set()),
    ],
)
def test_every_port_of_a_range_is_found_and_none_beside_it(
    first: int, last: int, even: bool, ports: set[int]
) -> None:
    """Each once, also where the range begins or ends oddly."""
    table = Table(Settings(port_first=first, port_last=last), Consultations(8, 10, 10), Dice())

    found = list(table.free_ports(RELAYED, even=even))

    assert len(ports) == len(found)
    assert ports == set(found)


# At what price.


def counted(sender: TurnClient, receiver: TurnClient, size: int, count: int) -> int:
    """Send packets at once; count those that arrive."""
    payload = bytes(size)
    return sum(len(sender.indicate(payload, receiver.relayed)) for _ in range(count))


def test_a_tag_moves_so_many_bytes_a_second(clock: Clock) -> None:
    """With all its allocations together; empty packets are not free; others pay for themselves."""
    relay = new_relay(clock, Settings(bytes_per_s_per_tag=14_000))
    patient, doctor = met(relay, clock, "patient", "doctor")
    second = TurnClient(relay, clock, "patient", port=7)
    second.allocate()
    second.permit(doctor.relayed)
    each = 100 + PACKET_COST_BYTES

    assert 14_000 // each == counted(patient, doctor, 100, 500)
    assert 0 == counted(second, doctor, 100, 500)
    assert 14_000 // each == counted(doctor, patient, 100, 500)
    clock.advance(0.5)
    assert 7_000 // each == counted(second, doctor, 100, 500)
    clock.advance(100)
    assert 14_000 // PACKET_COST_BYTES == counted(patient, doctor, 0, 1000)
    assert relay.counters().dropped > 1000


def test_a_tag_reaches_itself_slowly(clock: Clock) -> None:
    """Enough for a device check, too little to be of use; its consultation is not slowed by it."""
    relay = new_relay(clock)
    patient, doctor = met(relay, clock, "patient", "doctor")
    second = TurnClient(relay, clock, "patient", port=7)
    second.allocate()
    second.permit(patient.relayed)
    most = S.loop_bytes_per_s // (1000 + PACKET_COST_BYTES)

    assert most == counted(patient, second, 1000, 100) + counted(second, patient, 1000, 100)
    assert 100 == counted(patient, doctor, 1000, 100)


def test_the_hot_path_takes_from_the_same_purse(clock: Clock) -> None:
    """Of the tag and of the process; then it leaves the packet to the slow path, which drops it."""
    for settings in (Settings(bytes_per_s_per_tag=14_000), Settings(bytes_per_s=14_000)):
        patient, doctor = met(new_relay(clock, settings), clock, "patient", "doctor")
        packet = indication(bytes(100), doctor.relayed)
        assert patient.receive(packet).effects

        assert 99 == sum(patient.forward(packet) is not None for _ in range(500))
        assert [] == patient.receive(packet).effects
        clock.advance(0.5)
        assert patient.forward(packet) is None
        assert 50 == len(patient.receive(packet).effects) + sum(
            patient.forward(packet) is not None for _ in range(500)
        )


def test_the_process_moves_so_many_bytes_a_second(clock: Clock) -> None:
    """All tags together."""
    relay = new_relay(clock, Settings(bytes_per_s=14_000))
    patient, doctor = met(relay, clock, "patient", "doctor")

    assert 100 == counted(patient, doctor, 100, 60) + counted(doctor, patient, 100, 60)


# A model of all of it.


class Consultation(RuleBasedStateMachine):
    """Three tags, two clients each: whatever they and the server do, the model says who reaches."""

    TAGS = ("a", "b", "c")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.relay = new_relay(self.clock, Settings(stranger_slots=16, stranger_burst=1e9))
        self.clients = [
            TurnClient(self.relay, self.clock, tag, port=n, lifetime_s=40_000)
            for n, tag in enumerate(self.TAGS * 2)
        ]
        self.ends: dict[int, float] = {}
        self.permitted: dict[int, float] = {}
        self.ended: set[str] = set()
        self.groups: list[set[str]] = []

    def tag(self, n: int) -> str:
        return self.TAGS[n % 3]

    @rule(n=st.integers(0, 5))
    def allocate(self, n: int) -> None:
        client = self.clients[n]
        client.nonce = b""
        code = client.allocate().code
        if self.tag(n) in self.ended:
            assert 403 == code
        elif n in self.ends:
            assert 437 == code
        else:
            assert 0 == code
            self.ends[n] = self.clock.now + 600

    @precondition(lambda self: self.ends)
    @rule(data=st.data(), lifetime_s=st.sampled_from([0, 600, 900]))
    def refresh(self, data: st.DataObject, lifetime_s: int) -> None:
        n = data.draw(st.sampled_from(sorted(self.ends)))
        self.clients[n].nonce = b""
        assert 0 == self.clients[n].refresh(lifetime_s).code
        if lifetime_s:
            self.ends[n] = self.clock.now + lifetime_s
        else:
            del self.ends[n]
            self.permitted.pop(n, None)

    @precondition(lambda self: self.ends)
    @rule(data=st.data(), binds=st.booleans())
    def permit(self, data: st.DataObject, binds: bool) -> None:
        n = data.draw(st.sampled_from(sorted(self.ends)))
        m = data.draw(st.sampled_from(sorted(self.ends)))
        client, peer = self.clients[n], self.clients[m].relayed
        client.nonce = b""
        if not binds:
            assert 0 == client.permit(peer).code
        elif client.bind(0x4000 + m, peer).code != 0:
            return  # that number is of a port that was given back
        self.permitted[n] = self.clock.now + S.permission_s

    @rule(tags=st.frozensets(st.sampled_from(TAGS), min_size=2))
    def bind(self, tags: frozenset[str]) -> None:
        self.relay.bind(tags)
        self.groups = [group - tags for group in self.groups] + [set(tags)]
        self.ended -= tags

    @rule(tag=st.sampled_from(TAGS), ends=st.booleans())
    def unbind(self, tag: str, ends: bool) -> None:
        self.groups = [group - {tag} for group in self.groups]
        if not ends:
            return self.relay.unbind([tag])
        self.relay.end([tag], self.clock.now)
        self.ended.add(tag)
        for n in [n for n in self.ends if self.tag(n) == tag]:
            del self.ends[n]
            self.permitted.pop(n, None)

    @rule(seconds=st.sampled_from([1, 100, 299, 300, 600]))
    def wait(self, seconds: int) -> None:
        now = self.clock.advance(seconds)
        self.relay.tick(now)
        self.ends = {n: end for n, end in self.ends.items() if end > now}
        self.permitted = {
            n: end for n, end in self.permitted.items() if end > now and n in self.ends
        }

    @invariant()
    def packets_go_where_the_model_says(self) -> None:
        assert len(self.ends) == self.relay.counters().allocations
        for n, sender in enumerate(self.clients):
            for m, receiver in enumerate(self.clients):
                if m not in self.ends:
                    continue
                a, b = self.tag(n), self.tag(m)
                wanted = (
                    n in self.permitted
                    and m in self.permitted
                    and (a == b or any({a, b} <= group for group in self.groups))
                )
                assert wanted == reaches(sender, receiver)

    def teardown(self) -> None:
        self.relay.end(self.TAGS, self.clock.now)
        assert 0 == self.relay.counters().allocations


TestConsultation = Consultation.TestCase
TestConsultation.settings = hypothesis_settings(max_examples=40, stateful_step_count=25)
