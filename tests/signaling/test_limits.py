"""Limits by network: an address is cut and hashed, a crowd gets in, a flood does not."""

import ipaddress
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.limits import RETURNS, UNCOUNTED, Networks, network_of
from signaling.settings import Settings
from tests.clock import Clock
from tests.dice import Dice

QUEUE, OTHER_QUEUE = "medecine-generale", "another"
HOME, ELSEWHERE = b"\4\xcb\x00\x71", b"\4\xc6\x33\x64"
PROXIES = tuple(map(ipaddress.ip_network, ("192.0.2.0/24", "2001:db8:9::/48", "127.0.0.1")))
SMALL = Settings(
    network_joins=5,
    network_failures=3,
    network_tickets_max=8,
    network_queue_tickets_max=4,
    network_slots=4096,
)


@pytest.fixture
def make(dice: Dice, clock: Clock) -> Callable[[Settings], Networks]:
    return lambda settings: Networks(settings, dice, clock.now)


@pytest.fixture
def networks(make: Callable[[Settings], Networks]) -> Networks:
    return make(SMALL)


def takes(networks: Networks, now: float, times: int, network: bytes = HOME) -> int:
    """Take new tickets of ever new holders and queues, and say how many there were."""
    taken = 0
    for n in range(times):
        if networks.may_take(network, f"q{n}", now):
            networks.holds(network, f"q{n}", f"{network!r} {now} {n}")
            taken += 1
    return taken


# Sockets


def test_a_network_has_so_many_sockets_that_have_not_joined(
    make: Callable[[Settings], Networks],
) -> None:
    """One more is let in for each that has joined or is gone, and for each of them once."""
    networks = make(SMALL.model_copy(update={"network_strangers_max": 2}))
    first, second = networks.comes(HOME), networks.comes(HOME)
    assert first is not None and second is not None
    assert networks.comes(HOME) is None

    first()
    first()

    assert networks.comes(HOME) is not None
    assert networks.comes(HOME) is None
    assert networks.comes(ELSEWHERE) is not None
    assert all(networks.comes(UNCOUNTED) is not None for _ in range(10))


def test_whoever_joins_under_the_next_key_takes_no_room_there(
    make: Callable[[Settings], Networks], clock: Clock
) -> None:
    """A socket is counted out where it was counted in."""
    networks = make(SMALL.model_copy(update={"network_strangers_max": 1}))
    before = networks.comes(HOME)
    assert before is not None
    networks.forget(clock.now + SMALL.network_key_s, ())
    assert networks.comes(HOME) is not None

    before()

    assert networks.comes(HOME) is None


# From an address to its network


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.1", "203.0.113.254", True),
        ("203.0.113.1", "203.0.112.1", False),
        ("203.0.113.1", "::ffff:203.0.113.9", True),
        ("2001:db8:0:1ff::1", "2001:db8:0:100::2", True),
        ("2001:db8:0:1ff::1", "2001:db8:0:200::1", False),
        ("2001:db8::1", "32.1.13.184", False),
    ],
)
def test_neighbours_are_one_network(one: str, other: str, is_same: bool) -> None:
    """A /24 of IPv4, however it is written, and a /56 of IPv6; never one of each."""
    assert is_same == (network_of(one, (), ()) == network_of(other, (), ()))


@pytest.mark.parametrize(
    "peer",
    [
        *"127.0.0.1 127.9.9.9 ::1 10.1.2.3 172.31.0.1 192.168.1.1 fd00::1 fe80::1%eth0".split(),
        *("::ffff:10.0.0.1", "somewhere", "", None),
    ],
)
def test_whoever_comes_from_inside_is_not_counted(peer: str | None) -> None:
    """A proxy that nobody named would be one network with all its patients."""
    assert UNCOUNTED == network_of(peer, (), ())


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("192.0.2.1", ["203.0.113.7"], "203.0.113.7"),
        ("192.0.2.1", ["203.0.113.7, 192.0.2.9"], "203.0.113.7"),
        ("192.0.2.1", ["203.0.113.7", "192.0.2.9"], "203.0.113.7"),
        ("192.0.2.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("2001:db8:9::1", ["2001:db8:1::7"], "2001:db8:1::7"),
        ("127.0.0.1", [" ::ffff:203.0.113.7 "], "203.0.113.7"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", [""], "192.0.2.1"),
        ("192.0.2.1", ["unknown"], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.7:4711"], "192.0.2.1"),
        ("192.0.2.1", ["[2001:db8:1::7]"], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.7, x"], "192.0.2.1"),
        ("192.0.2.1", ["203.0.113.7" + ", 192.0.2.9" * 5], "192.0.2.9"),
    ],
)
def test_only_the_word_of_a_named_proxy_is_taken(
    peer: str, forwarded: list[str], found: str
) -> None:
    """The last hop that is no proxy of ours counts; what a client writes before it does not."""
    assert network_of(found, (), ()) == network_of(peer, forwarded, PROXIES)


@given(st.text(max_size=60), st.lists(st.text(max_size=2_000), max_size=5))
def test_any_text_has_a_network(peer: str, forwarded: list[str]) -> None:
    """Whatever a header says: a cut address, or not counted."""
    for said in (peer, "192.0.2.1"):
        assert len(network_of(said, forwarded, PROXIES)) in (0, 4, 8)


# New tickets


def test_a_network_takes_so_many_tickets_at_once_then_by_its_pace(
    networks: Networks, clock: Clock
) -> None:
    """And another network is not held up by it."""
    assert SMALL.network_joins == takes(networks, clock.now, 20)
    assert SMALL.network_joins == takes(networks, clock.now, 20, ELSEWHERE)

    clock.advance(2 / SMALL.network_joins_per_s)

    assert 2 == takes(networks, clock.now, 20)


def test_one_queue_is_not_filled_by_one_network(networks: Networks, clock: Clock) -> None:
    """At its share of a queue it waits; another queue, and another network, are open."""
    for n in range(SMALL.network_queue_tickets_max):
        assert networks.may_take(HOME, QUEUE, clock.now)
        networks.holds(HOME, QUEUE, f"holder {n}")

    assert not networks.may_take(HOME, QUEUE, clock.now)
    assert networks.may_take(HOME, OTHER_QUEUE, clock.now)
    assert networks.may_take(ELSEWHERE, QUEUE, clock.now)


def test_a_ticket_that_is_over_makes_room(networks: Networks, clock: Clock) -> None:
    """Given up or accepted, it is not held any more; being over twice frees nothing."""
    for n in range(SMALL.network_queue_tickets_max):
        networks.holds(HOME, QUEUE, f"holder {n}")

    networks.over("holder 0")
    networks.over("holder 0")

    assert networks.may_take(HOME, QUEUE, clock.now)
    networks.holds(HOME, QUEUE, "the next")
    assert not networks.may_take(HOME, QUEUE, clock.now)


def test_a_ticket_is_counted_once_where_its_holder_is(networks: Networks, clock: Clock) -> None:
    """A phone that changes its network, or widens to another queue, takes its ticket along."""
    for _ in range(SMALL.network_queue_tickets_max):
        networks.holds(HOME, QUEUE, "holder")
    assert networks.may_take(HOME, QUEUE, clock.now)
    for n in range(1, SMALL.network_queue_tickets_max):
        networks.holds(HOME, QUEUE, f"holder {n}")
    networks.holds(HOME, QUEUE, "holder")
    assert not networks.may_take(HOME, QUEUE, clock.now)

    networks.holds(ELSEWHERE, QUEUE, "holder")

    assert networks.may_take(HOME, QUEUE, clock.now)


def test_whoever_is_not_counted_takes_what_he_wants(networks: Networks, clock: Clock) -> None:
    """And leaves no trace in the counts."""
    assert 100 == takes(networks, clock.now, 100, UNCOUNTED)
    assert networks.may_return(UNCOUNTED, "whoever")
    assert SMALL.network_joins == takes(networks, clock.now, 20)


# Coming back


def test_coming_back_is_free_until_far_more_than_may_be_held(networks: Networks) -> None:
    """Then only those come back who are counted already."""
    most = RETURNS * SMALL.network_tickets_max
    for n in range(most):
        assert networks.may_return(HOME, f"holder {n}")
        networks.holds(HOME, QUEUE, f"holder {n}")

    assert not networks.may_return(HOME, "one more")
    assert networks.may_return(HOME, "holder 3")
    assert networks.may_return(ELSEWHERE, "one more")


def test_with_the_key_everything_is_forgotten_but_who_is_here(
    networks: Networks, clock: Clock
) -> None:
    """After `network_key_s` only open sockets are counted, under a key of which nobody knew."""
    for n in range(SMALL.network_queue_tickets_max):
        networks.holds(HOME, QUEUE, f"holder {n}")
    before = networks._key

    clock.advance(SMALL.network_key_s - 1)
    networks.forget(clock.now, [])
    assert before == networks._key
    assert not networks.may_take(HOME, QUEUE, clock.now)
    clock.advance(1)
    networks.forget(clock.now, [(HOME, QUEUE, "holder 0")])

    assert before != networks._key
    assert networks._tickets.keys() == {"holder 0"}
    assert networks.may_take(HOME, QUEUE, clock.now)


def test_a_flood_from_one_network_does_not_fill_the_house(
    make: Callable[[Settings], Networks], clock: Clock
) -> None:
    """For hours he takes what he gets and brings back all he has: never a fifth of all places."""
    settings = Settings()
    networks = make(settings)
    seen: dict[str, float] = {}

    for minute in range(240):
        clock.advance(60)
        networks.forget(clock.now, [])
        for n in range(200):
            if networks.may_take(HOME, f"q{n}", clock.now):
                seen[f"{minute} {n}"] = clock.now
                networks.holds(HOME, f"q{n}", f"{minute} {n}")
        # He brings back last, when all new ones are taken, whichever of his end first.
        if minute % 10 == 9:
            for holder in sorted(seen, key=lambda one: seen[one]):
                if networks.may_return(HOME, holder):
                    networks.holds(HOME, "q", holder)
                    seen[holder] = clock.now
        seen = {h: at for h, at in seen.items() if clock.now - at < settings.wait_pass_s}
        assert len(seen) <= 2 * RETURNS * settings.network_tickets_max
    assert 2 * RETURNS * settings.network_tickets_max <= settings.tickets_max // 5
    assert len(seen) > settings.network_tickets_max  # he did what he could


def test_an_evening_of_influenza_is_let_in(
    make: Callable[[Settings], Networks], clock: Clock
) -> None:
    """Thirty thousand people behind one /24, all of whom want a doctor within the hour's share."""
    networks = make(Settings())

    for n in range(30_000 // 70 // 7 * 3):
        clock.advance(3_600 / 60)
        networks.forget(clock.now, [])
        assert networks.may_take(HOME, QUEUE, clock.now)
        networks.holds(HOME, QUEUE, f"holder {n}")


# Failures


def test_a_network_that_fails_too_often_waits(networks: Networks, clock: Clock) -> None:
    """Others do not, and after a while it may try again."""
    for _ in range(SMALL.network_failures):
        assert networks.may_try(HOME, clock.now)
        networks.failed(HOME, clock.now)

    assert not networks.may_try(HOME, clock.now)
    assert networks.may_try(ELSEWHERE, clock.now)
    assert networks.may_try(UNCOUNTED, clock.now)
    clock.advance(1 / SMALL.network_failures_per_s)
    assert networks.may_try(HOME, clock.now)


def test_the_table_does_not_grow(networks: Networks, clock: Clock) -> None:
    """However many networks come, only held tickets are kept one by one."""
    sizes = {name: len(kept) for name, kept in vars(networks).items() if hasattr(kept, "__len__")}

    for n in range(1 << 12):
        network = b"\4" + n.to_bytes(3, "big")
        networks.failed(network, clock.now)
        networks.may_take(network, QUEUE, clock.now)
        networks.holds(network, QUEUE, "holder")
        networks.over("holder")

    assert sizes == {name: len(vars(networks)[name]) for name in sizes}
