"""Nodes are equal: people of one consultation may be on any, and none holds anybody's place."""

import asyncio
import time
from pathlib import Path

import aiohttp
import pytest

from signaling.messages import Accepted, Ended, Envelope, Invite, Invited, Join, Joined
from tests.actors import M1, M3, Actor
from tests.nodes import ORIGIN, QUEUE, Node, nodes
from tests.shipped_redis import shipped_redis
from tests.signaling.test_redis_post import cluster, one, until

LETTERS = 20


async def crosses(sender: Actor, to: str, hearer: Actor, marked: str) -> None:
    """Send envelopes, and hear them all, in order."""
    for number in range(LETTERS):
        await sender.says(Envelope(member=to, body=f"{marked}{number:03d}"))
    heard = [(await hearer.hears(Envelope)).body for _ in range(LETTERS)]
    assert [f"{marked}{number:03d}" for number in range(LETTERS)] == heard


async def in_session(first: Node, second: Node) -> tuple[Actor, Actor, Accepted, Accepted]:
    """A patient on one node and a doctor on another, in a session."""
    patient, doctor = first.cast.patient(), second.cast.doctor()
    await patient.joins()
    await doctor.goes_on_duty()
    await doctor.hears_board(waiting=1)
    await doctor.calls_and_proposes(QUEUE)
    accepted = await patient.accepts()
    told = await doctor.hears(Accepted)
    assert told.m3 == M3 and told.session == accepted.session
    return patient, doctor, accepted, told


@pytest.mark.parametrize("kind", ["one", "cluster"])
async def test_a_patient_a_doctor_and_a_guest_on_three_nodes_hold_one_session(
    pages: Path, kind: str
) -> None:
    """Envelopes cross in every direction, in order; the clocks of the nodes are a minute apart."""
    with one() if kind == "one" else cluster() as url:
        async with nodes(3, url, pages) as (first, second, third):
            patient, doctor, his, hers = await in_session(first, second)
            await patient.says(Invite(role="guest"))
            guest = third.cast.patient()
            await guest.asks_in((await patient.hears(Invited)).token or "")
            await guest.hears(Joined)
            seated = await guest.hears(Accepted)
            await patient.hears(Accepted)
            await doctor.hears(Accepted)

            await crosses(patient, hers.member, doctor, "PaDo")
            await crosses(doctor, his.member, patient, "DoPa")
            await crosses(guest, hers.member, doctor, "GuDo")
            await crosses(patient, seated.member, guest, "PaGu")

            assert 3 == len(seated.members)


async def test_nodes_tell_one_time(pages: Path) -> None:
    """The store's, whatever their own clocks say."""
    with shipped_redis() as store:
        async with nodes(3, store.url, pages) as every:
            told = [node.store.clock() for node in every]

            assert max(told) - min(told) < 0.5
            assert abs(told[0] - time.time()) < 5.0


async def test_who_comes_back_on_another_node_replaces_himself(pages: Path) -> None:
    """One person, one place, one socket."""
    with shipped_redis() as store:
        async with nodes(2, store.url, pages) as (here, there):
            patient = here.cast.patient()
            await patient.joins()
            again = there.cast.patient()
            again.key, again.token = patient.key, patient.token

            await again.joins()

            ended = await patient.hears(Ended)
            assert ("socket", "replaced") == (ended.what, ended.outcome)
            await again.hears_board(place=1)


async def test_a_short_outage_keeps_every_socket(pages: Path) -> None:
    """What is said meanwhile is refused `unavailable`, and works after."""
    with shipped_redis() as store:
        async with nodes(1, store.url, pages, store_answer_s=0.3) as (node,):
            patient, late = node.cast.patient(), node.cast.patient()
            await patient.joins()
            await late.connects()

            store.pause()
            await late.says(Join(token=late.token, proof=late.proof(late.token), m1=M1))
            refused = await late.is_refused("unavailable")
            store.resume()

            assert refused.retry_s == pytest.approx(0.3)
            await until(lambda: node.store.is_open())
            async with asyncio.timeout(20):
                await late.joins()
            await late.hears_board(place=2)
            await patient.settled()


async def test_a_node_without_its_store_sends_everybody_away_and_comes_back(pages: Path) -> None:
    """After `store_gone_s`; a new socket is answered 503 until the store is there again."""
    with shipped_redis() as store:
        numbers = {"store_answer_s": 0.3, "store_gone_s": 3.0}
        async with (
            nodes(1, store.url, pages, **numbers) as (node,),
            aiohttp.ClientSession() as http,
        ):
            patient = node.cast.patient()
            await patient.joins()

            store.kill()
            ended = await patient.hears(Ended)
            assert ("socket", "closing") == (ended.what, ended.outcome)
            assert 1001 == await patient.is_closed()
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await http.ws_connect(node.url, origin=ORIGIN)
            assert 503 == refused.value.status

            store.restart()
            await until(node.store.is_open)
            await patient.joins()

        assert {"back", "gone"} == stores(node)


async def test_a_store_that_could_keep_something_closes_the_node_until_it_cannot(
    pages: Path,
) -> None:
    """It is asked again and again, not only at start."""
    with shipped_redis() as store:
        async with nodes(1, store.url, pages, store_check_s=0.05) as (node,):
            patient = node.cast.patient()
            await patient.joins()

            store.says("CONFIG", "SET", "appendonly", "yes")
            assert "closing" == (await patient.hears(Ended)).outcome
            store.says("CONFIG", "SET", "appendonly", "no")

            await until(node.store.is_open)
            await patient.joins()
        assert {"back", "may-keep"} == stores(node)


def stores(node: Node) -> set[str]:
    """What the journal says of the store."""
    node.journal.flush(is_last=True)
    return {line.split()[2] for line in node.written if " store " in line}
