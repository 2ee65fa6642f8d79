"""One allocation: what ends when, and how its packets are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import stun
from relay.allocation import Address, Allocation, carried, make_route, overlay
from relay.core import HEADROOM, TAILROOM
from relay.effects import Source
from relay.limits import Budget
from relay.stun import Attr, Kind, Method

NOW = 1_800_000_000.0
PEER = Address("198.51.100.1", 50_000)
OTHER = Address("198.51.100.1", 50_001)


def allocation(ip: str = "198.51.100.1", transport: str = "udp", port: int = 50_000) -> Allocation:
    return Allocation(
        source=Source(transport, "192.0.2.1", port),  # type: ignore[arg-type]
        tag="tag",
        username=b"1800003600:tag",
        relayed=Address(ip, port),
        transaction=b"t" * 12,
        expires_at=NOW + 600,
    )


def test_deadlines_come_in_their_order() -> None:
    """Permission, allocation, channel: whichever is next; what has ended is gone."""
    ours = allocation()
    assert NOW + 600 == ours.next_deadline()
    ours.bind(0x4000, PEER, NOW + 100)
    ours.permissions["198.51.100.1"] = NOW + 50
    assert NOW + 50 == ours.next_deadline()

    ours.expire(NOW + 50)
    assert ({}, NOW + 100) == (ours.permissions, ours.next_deadline())
    ours.expire(NOW + 100)
    assert ({}, {}, NOW + 600) == (ours.channels, ours.numbers, ours.next_deadline())


def test_a_number_and_a_peer_are_free_or_each_others() -> None:
    """And free again when the binding has ended."""
    ours = allocation()
    ours.bind(0x4000, PEER, NOW + 100)

    assert ours.may_bind(0x4000, PEER)
    assert ours.may_bind(0x4001, OTHER)
    assert not ours.may_bind(0x4000, OTHER)
    assert not ours.may_bind(0x4001, PEER)
    ours.expire(NOW + 100)
    assert ours.may_bind(0x4001, PEER)


@pytest.mark.parametrize("ip", ["198.51.100.1", "2001:db8::1"])
def test_an_indication_names_the_sender(ip: str) -> None:
    """A receiver without a channel learns the virtual port, padding is zeros."""
    sender, receiver = allocation(ip), allocation(ip, port=50_001)
    route = make_route(sender.relayed, receiver, Budget(1, 1, NOW), b"x" * 12)
    message = stun.parse(carried(route, b"hello"))

    assert (Kind.INDICATION, Method.DATA) == (message.kind, message.method)
    assert b"hello" == message.first(Attr.DATA)
    value = message.first(Attr.XOR_PEER_ADDRESS) or b""
    assert sender.relayed == stun.read_address(value, b"x" * 12)
    assert carried(route, b"hello").endswith(b"hello\0\0\0")


@given(
    st.sampled_from(["198.51.100.1", "2001:db8::1"]),
    st.sampled_from(["udp", "tcp"]),
    st.booleans(),
    st.binary(max_size=40),
    st.sampled_from([4, 36]),
)
def test_what_is_written_in_place_is_what_is_written_anew(
    ip: str, transport: str, has_channel: bool, payload: bytes, header: int
) -> None:
    """For every receiver, in front of a payload that lies where either kind of packet has it."""
    sender, receiver = allocation(ip), allocation(ip, transport, 50_001)
    if has_channel:
        receiver.bind(0x4ABC, sender.relayed, NOW + 600)
    route = make_route(sender.relayed, receiver, Budget(1, 1, NOW), b"x" * 12)
    at = HEADROOM + header
    buffer = bytearray(b"\xee" * (at + len(payload) + TAILROOM))
    buffer[at : at + len(payload)] = payload

    assert carried(route, payload) == bytes(overlay(route, memoryview(buffer), at, len(payload)))
