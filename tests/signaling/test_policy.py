"""The rule of the queue: who is called next, and what cannot change it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from signaling.policy import given_back, in_order, may_be_called, next_for
from signaling.store import CallRecord, Ticket

NOW, AWAKE_S = 1_800_000_000.0, 40.0
DOCTORS = ("anne", "bruno", "chloé")

moments = st.floats(NOW - 100, NOW + 100)
some_tickets = st.lists(
    st.builds(
        Ticket,
        id=st.uuids().map(str),
        queue=st.sampled_from(["narrow", "wide"]),
        key=st.uuids().map(str),
        arrival=st.integers(1, 10**6),
        renewed=moments,
        expires_at=st.just(NOW + 600),
        m1=st.sampled_from(["m1", None]),
        call=st.sampled_from([None, None, "call"]),
        resting_until=st.one_of(st.just(0.0), moments),
        faults=st.integers(0, 2),
        declined=st.frozensets(st.sampled_from(DOCTORS)),
    ),
    max_size=12,
    unique_by=lambda ticket: ticket.arrival,
)
doctors = st.sampled_from(DOCTORS)


def ready(arrival: int, queue: str = "narrow") -> Ticket:
    """A patient who can be called at once."""
    return Ticket(f"t{arrival}", queue, f"k{arrival}", arrival, NOW, NOW + 600, m1="m1")


def sorted_queues(tickets: list[Ticket]) -> list[list[Ticket]]:
    by_arrival = sorted(tickets, key=lambda ticket: ticket.arrival)
    return [[t for t in by_arrival if t.queue == queue] for queue in ("narrow", "wide")]


@given(some_tickets, doctors)
def test_nobody_who_may_be_called_is_passed_over(tickets: list[Ticket], doctor: str) -> None:
    """Whoever is called came before everybody else who could be."""
    chosen = next_for(doctor, in_order(*sorted_queues(tickets)), NOW, AWAKE_S)

    able = [one for one in tickets if may_be_called(one, doctor, NOW, AWAKE_S)]
    assert chosen == min(able, key=lambda ticket: ticket.arrival, default=None)


@given(some_tickets, doctors)
def test_nothing_but_queue_arrival_and_time_orders(tickets: list[Ticket], doctor: str) -> None:
    """Other ids, keys, passes, costs and faults: the same one is called."""
    others = [
        replace(one, id=f"x{one.id}", key=f"y{one.key}", expires_at=one.expires_at + 9, faults=0)
        for one in tickets
    ]

    chosen = next_for(doctor, in_order(*sorted_queues(tickets)), NOW, AWAKE_S)
    again = next_for(doctor, in_order(*sorted_queues(others)), NOW, AWAKE_S)

    assert (chosen and chosen.arrival) == (again and again.arrival)


@given(some_tickets)
def test_a_doctor_is_only_looked_for_among_the_declined(tickets: list[Ticket]) -> None:
    """Two doctors whom nobody declined get the same patient."""
    undeclined = [replace(one, declined=frozenset()) for one in tickets]

    chosen = {
        next_for(doctor, in_order(*sorted_queues(undeclined)), NOW, AWAKE_S) for doctor in DOCTORS
    }

    assert 1 == len(chosen)


def test_each_condition_keeps_a_ticket_from_being_called() -> None:
    """Held, without M1, asleep, resting, declined; each alone is enough."""
    ticket = ready(1)

    assert may_be_called(ticket, "anne", NOW, AWAKE_S)
    for held_back in (
        replace(ticket, call="call"),
        replace(ticket, m1=None),
        replace(ticket, renewed=NOW - AWAKE_S - 0.001),
        replace(ticket, renewed=0.0),
        replace(ticket, resting_until=NOW + 0.001),
        replace(ticket, declined=frozenset({"anne"})),
    ):
        assert not may_be_called(held_back, "anne", NOW, AWAKE_S)
    assert may_be_called(replace(ticket, renewed=NOW - AWAKE_S), "anne", NOW, AWAKE_S)
    assert may_be_called(replace(ticket, resting_until=NOW), "anne", NOW, AWAKE_S)
    assert may_be_called(replace(ticket, declined=frozenset({"anne"})), "bruno", NOW, AWAKE_S)


def test_a_sleeper_keeps_the_place_and_is_passed_over() -> None:
    """The next awake one is called; once awake, the sleeper is first again."""
    sleeper, second = replace(ready(1), renewed=0.0), ready(2)

    assert second == next_for("anne", [sleeper, second], NOW, AWAKE_S)
    awake = replace(sleeper, renewed=NOW)
    assert awake == next_for("anne", [awake, second], NOW, AWAKE_S)


def test_a_doctor_gets_only_what_he_asks_for() -> None:
    """A link's queue rings nobody who does not look at it: no ticket comes from elsewhere."""
    own, pool = ready(2, "own"), ready(1, "pool")

    assert own == next_for("anne", in_order([own]), NOW, AWAKE_S)
    assert None is next_for("anne", in_order([]), NOW, AWAKE_S)
    assert [pool, own] == [*in_order([own], [pool])]


def test_a_doctors_failure_costs_the_patient_nothing() -> None:
    """As he was, at his place, at once."""
    ticket = ready(1)
    call = CallRecord("call", ticket.id, "anne", NOW)

    assert (ticket, False) == given_back(replace(ticket, call="call"), call)


def test_declining_keeps_place_and_faults_but_the_doctor() -> None:
    """He rests, and does not get this doctor again."""
    call = CallRecord("call", "t1", "anne", NOW)

    back, is_to_tail = given_back(
        replace(ready(1), call="call"), call, rests_until=NOW + 20, faults_to_tail=3, declined=True
    )

    assert (1, frozenset({"anne"}), NOW + 20) == (back.faults, back.declined, back.resting_until)
    assert (1, False) == (back.arrival, is_to_tail)


@given(st.integers(1, 9), st.integers(1, 30))
def test_every_so_many_faults_lead_to_the_tail(faults_to_tail: int, misses: int) -> None:
    """And the count begins again there: nobody blocks a queue, nobody is thrown out."""
    ticket, tails = ready(1), 0
    for _ in range(misses):
        call = CallRecord("call", ticket.id, "anne", NOW)
        ticket, is_to_tail = given_back(ticket, call, faults_to_tail=faults_to_tail)
        tails += is_to_tail

    assert (misses // faults_to_tail, misses % faults_to_tail) == (tails, ticket.faults)
