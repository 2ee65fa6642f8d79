"""A line at its network's limits: refused in words, and a good pass always let in."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from signaling.messages import Join, Joined, Leave, Refused
from tests.actors import M1, Patient
from tests.serving import QUEUE, Signaling, serving

HOME, NEIGHBOUR, ELSEWHERE = "203.0.113.7", "203.0.113.200", "198.51.100.1"
JOINS, FAILURES, OF_A_QUEUE = 6, 3, 4
OTHER_QUEUE = "another"


@pytest.fixture
async def small(pages: Path) -> AsyncIterator[Signaling]:
    """A server behind a proxy, where a network gets little."""
    async with serving(
        pages,
        queues=(QUEUE, OTHER_QUEUE),
        trusted_proxies=("127.0.0.1",),
        network_joins=JOINS,
        network_failures=FAILURES,
        network_tickets_max=JOINS,
        network_queue_tickets_max=OF_A_QUEUE,
    ) as running:
        yield running


def comer(small: Signaling, address: str = HOME, queue: str = QUEUE) -> Patient:
    """Somebody from an address, as the proxy tells it."""
    patient = small.cast.patient(queue)
    patient.forwarded = [address]
    return patient


async def is_turned_away(patient: Patient) -> Refused:
    """Hear that there are too many, and that the socket closes."""
    refused = await patient.is_refused("too-fast")
    assert await patient.is_closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
    return refused


async def test_a_crowd_of_one_network_is_refused_in_words(small: Signaling) -> None:
    """With a sentence and a time; who is elsewhere, or wants another queue, is let in."""
    for address in itertools.islice(itertools.cycle((HOME, NEIGHBOUR)), OF_A_QUEUE):
        await comer(small, address).joins()
    late = comer(small)

    await late.asks_in(late.token, m1="bTE")

    assert (await is_turned_away(late)).retry_s == small.settings.cooldown_s
    await comer(small, ELSEWHERE).joins()
    await comer(small, queue=OTHER_QUEUE).joins()


async def test_a_crowd_that_never_joins_keeps_nobody_else_out(pages: Path) -> None:
    """Of one network only so many sockets stay strangers; who has joined makes room."""
    async with serving(pages, trusted_proxies=("127.0.0.1",), network_strangers_max=2) as small:
        strangers = [await comer(small, address).connects() for address in (HOME, NEIGHBOUR)]

        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await comer(small).connects()

        assert refused.value.status == 503
        await comer(small, ELSEWHERE).joins()
        joining = strangers[0]
        await joining.says(Join(token=joining.token, proof=joining.proof(joining.token), m1=M1))
        await joining.hears(Joined)
        await comer(small, NEIGHBOUR).joins()


async def test_a_given_up_place_is_somebody_elses(small: Signaling) -> None:
    """The bound is on what is held, not on what was ever taken."""
    first, *_ = [await joined(comer(small)) for _ in range(OF_A_QUEUE)]

    await first.says(Leave(what="queue"))
    await first.is_closed()

    await comer(small).joins()


async def joined(patient: Patient) -> Patient:
    """Let somebody in."""
    await patient.joins()
    return patient


async def test_coming_back_costs_nothing(small: Signaling) -> None:
    """By pass or by link, however often, to a ticket that is there."""
    patient = await joined(comer(small))

    for _ in range(2 * JOINS):
        await patient.comes_back()
        await patient.joins()

    for _ in range(OF_A_QUEUE - 1):
        await comer(small).joins()


async def test_whoever_fails_too_often_is_not_looked_at(small: Signaling) -> None:
    """From then on links wait, also good ones; a good pass and other networks do not."""
    waiting, other = await joined(comer(small)), comer(small)
    for _ in range(FAILURES):
        await other.asks_in("cap1.AAAA")
        await other.is_refused("not-admitted")

    await other.asks_in(other.token, m1="bTE")

    await is_turned_away(other)
    await waiting.comes_back()
    await comer(small, ELSEWHERE).joins()
    small.clock.advance(1 / small.settings.network_failures_per_s)
    await other.joins()


async def test_a_false_pass_over_the_limit_closes_the_socket(small: Signaling) -> None:
    """It is looked at, once."""
    liar = comer(small)
    for _ in range(FAILURES):
        await liar.asks_in("pass1.AAAA")
        await liar.is_refused("not-admitted")

    await liar.asks_in("pass1.AAAA")

    await is_turned_away(liar)


async def test_open_sockets_are_counted_under_the_next_key(small: Signaling) -> None:
    """Whoever sits there when the key is thrown away still holds his ticket."""
    sitting = [await joined(comer(small)) for _ in range(OF_A_QUEUE)]

    small.clock.advance(small.settings.network_key_s - 1)
    for patient in sitting:
        await patient.comes_back()
    small.clock.advance(1)
    late = comer(small)
    await late.asks_in(late.token, m1="bTE")

    await is_turned_away(late)


async def test_what_a_client_says_of_itself_does_not_count(small: Signaling) -> None:
    """Only the hop that the proxy added is believed."""
    for n in range(OF_A_QUEUE):
        patient = comer(small)
        patient.forwarded = [f"192.0.2.{n}, {HOME}"]
        await patient.joins()
    late = comer(small)
    late.forwarded = ["198.51.100.9", HOME]

    await late.asks_in(late.token, m1="bTE")

    await is_turned_away(late)


async def test_without_a_named_proxy_no_header_is_read(pages: Path) -> None:
    """And whoever comes from this machine is not counted."""
    async with serving(pages, network_joins=1) as signaling:
        for _ in range(3):
            await comer(signaling).joins()


async def test_the_journal_counts_them_and_says_nothing_of_whom(small: Signaling) -> None:
    """An operator sees that limits are met, and no address."""
    for _ in range(OF_A_QUEUE + 2):
        patient = comer(small)
        await patient.asks_in(patient.token, m1="bTE")
        await patient.hears_any(Joined, Refused)

    small.journal.flush(is_last=True)

    lines = [line.partition("Z ")[2] for line in small.written]
    assert lines == ["refused too-fast 2", "turned-away network 2"]
