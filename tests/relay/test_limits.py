"""Buckets: what is taken comes back with time, and never more than fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.limits import Budget, Strangers, Usage, percent

NOW = 1_800_000_000.0


def test_a_budget_is_spent_and_comes_back() -> None:
    """At its rate, up to its burst."""
    budget = Budget(rate=100, burst_s=2, now=NOW)
    assert budget.has(200, NOW)
    budget.left -= 200

    assert not budget.has(1, NOW)
    assert budget.has(50, NOW + 0.5)
    assert not budget.has(51, NOW + 0.5)
    assert budget.has(200, NOW + 1000)
    assert not budget.has(201, NOW + 1000)


def test_a_clock_that_is_set_back_gives_nothing() -> None:
    """And does not take for ever either."""
    budget = Budget(rate=100, burst_s=1, now=NOW)
    budget.left = 0

    assert not budget.has(1, NOW - 3600)
    assert budget.has(100, NOW - 3599)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 300))))
def test_nobody_takes_more_than_the_burst_and_the_rate(steps: list[tuple[float, int]]) -> None:
    """Over any span, however it is taken."""
    budget, now, taken = Budget(rate=100, burst_s=2, now=NOW), NOW, 0
    for passed, cost in steps:
        now += passed
        if budget.has(cost, now):
            budget.left -= cost
            taken += cost

    assert taken <= 200 + 100 * (now - NOW) + 1e-3


def strangers(slots: int = 4096) -> Strangers:
    return Strangers(rate=10, burst=20, slots=slots, key=b"k" * 32)


def test_a_stranger_has_its_share_and_others_have_theirs() -> None:
    """One address that asks too much silences no other."""
    gate = strangers()

    assert 20 == sum(gate.may_have_one("192.0.2.1", NOW) for _ in range(100))
    assert gate.may_have_one("192.0.2.2", NOW)
    assert 10 == sum(gate.may_have_one("192.0.2.1", NOW + 1) for _ in range(100))


def test_a_host_of_ipv6_has_one_share_for_all_its_addresses() -> None:
    """It has a /64 of them."""
    gate = strangers()

    assert 20 == sum(gate.may_have_one(f"2001:db8::{n:x}", NOW) for n in range(1, 100))
    assert gate.may_have_one("2001:db8:0:1::1", NOW)


def test_a_socket_of_both_families_does_not_make_one_host_of_all() -> None:
    """Each IPv4 address has its own share, and the same one as written plainly."""
    gate = strangers()

    assert 20 == sum(gate.may_have_one("::ffff:192.0.2.1", NOW) for _ in range(100))
    assert gate.may_have_one("::ffff:192.0.2.2", NOW)
    assert not gate.may_have_one("192.0.2.1", NOW)


def test_who_shares_a_slot_is_not_for_an_attacker_to_choose() -> None:
    """Under another key the same addresses fall together otherwise."""
    shares = set()
    for key in (b"a" * 32, b"b" * 32, b"c" * 32):
        gate = Strangers(rate=0, burst=1, slots=64, key=key)
        shares.add(tuple(gate.may_have_one(f"192.0.2.{n}", NOW) for n in range(100)))

    assert 3 == len(shares)


@pytest.mark.parametrize("slots", [1, 7])
def test_few_slots_are_shared_by_all(slots: int) -> None:
    """The memory is what it is, however many come."""
    gate = strangers(slots)

    answered = sum(gate.may_have_one(f"10.0.{n >> 8}.{n & 255}", NOW) for n in range(5000))
    assert 20 * slots == answered


def test_usage_is_what_was_taken_between_two_looks() -> None:
    """Of the rate, however far they are apart; what came before is forgotten."""
    usage = Usage(rate=1000, now=NOW)
    assert 0 == usage.percent

    usage.look(500, NOW + 1)
    assert 50 == usage.percent
    usage.look(2500, NOW + 2)
    assert 200 == usage.percent
    usage.look(2600, NOW + 12)
    assert 1 == usage.percent
    usage.look(2600, NOW + 13)
    assert 0 == usage.percent


def test_a_clock_that_is_set_back_tells_nothing_and_the_next_look_does() -> None:
    """Nor does one that stands still."""
    usage = Usage(rate=1000, now=NOW)
    usage.look(500, NOW + 1)

    usage.look(900, NOW - 3600)
    usage.look(900, NOW - 3600)
    assert 50 == usage.percent
    usage.look(1000, NOW - 3599)

    assert 10 == usage.percent


@pytest.mark.parametrize(
    ("used", "limit", "share"),
    [(0, 4000, 0), (39, 4000, 0), (40, 4000, 1), (3999, 4000, 99), (4000, 4000, 100), (0, 0, 100)],
)
def test_at_a_hundred_percent_nothing_is_left(used: int, limit: int, share: int) -> None:
    """And below it something is. Where nothing may be taken nothing ever is."""
    assert share == percent(used, limit)
