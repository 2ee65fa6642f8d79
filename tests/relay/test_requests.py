"""Every request a client may make, and every code with which it may be refused."""

import pytest

from relay import stun
from relay.core import Gone, Opened, Relay, Send, Settings, Source
from relay.stun import Attr, Method
from tests.clock import Clock
from tests.dice import Dice
from tests.relay.turn_client import (
    RELAYED,
    RELAYED_V6,
    SECRET,
    UDP,
    TurnClient,
    new_relay,
    password,
)

S = Settings()


@pytest.fixture
def relay(clock: Clock) -> Relay:
    return new_relay(clock)


@pytest.fixture
def client(relay: Relay, clock: Clock) -> TurnClient:
    return TurnClient(relay, clock)


@pytest.fixture
def allocated(client: TurnClient) -> TurnClient:
    assert client.allocate().code == 0
    return client


def lifetime(answer: object) -> int:
    """Read LIFETIME."""
    return int.from_bytes(answer.first(Attr.LIFETIME), "big")  # type: ignore[attr-defined]


def family(number: int) -> tuple[int, bytes]:
    return (Attr.REQUESTED_ADDRESS_FAMILY, bytes((number, 0, 0, 0)))


# Allocate.


def test_an_allocation_has_a_virtual_port_a_lifetime_and_the_clients_address(
    client: TurnClient,
) -> None:
    """RFC 8656 §7.2: the three that clients need."""
    answer = client.allocate()

    assert [Opened(client.source), Send(client.source, answer.data)] == answer.effects
    assert RELAYED == client.relayed[0]
    assert S.port_first <= client.relayed[1] <= S.port_last
    assert S.lifetime_default_s == lifetime(answer)
    mapped = stun.read_address(answer.first(Attr.XOR_MAPPED_ADDRESS), answer.message.transaction)
    assert client.source[1:3] == mapped


def test_a_request_said_twice_is_answered_alike(client: TurnClient) -> None:
    """The answer was lost; nothing is given a second time."""
    request = client.request(Method.ALLOCATE, [UDP])
    first, again = client.receive(request), client.receive(request)

    assert first.data == again.data
    assert [Send(client.source, first.data)] == again.effects
    assert 1 == client.relay.counters().allocations


def test_a_second_allocation_of_one_client_is_a_mismatch(client: TurnClient) -> None:
    """437: another request, or the same transaction of another tag."""
    transaction = client.transaction()
    mine = client.request(Method.ALLOCATE, [UDP], transaction=transaction)
    assert 0 == client.receive(mine).code
    another = password(client.clock, "another")
    others = client.request(Method.ALLOCATE, [UDP], name=another, transaction=transaction)

    assert 437 == client.receive(others).code
    assert 437 == client.allocate().code
    assert 0 == client.receive(mine).code


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ([], 400),
        ([(Attr.REQUESTED_TRANSPORT, b"\x11")], 400),
        ([(Attr.REQUESTED_TRANSPORT, b"\x06\0\0\0")], 442),
        ([UDP, (Attr.EVEN_PORT, b"\x80")], 508),
        ([UDP, (Attr.EVEN_PORT, b"")], 400),
        ([UDP, (Attr.RESERVATION_TOKEN, bytes(8))], 508),
        ([UDP, (Attr.RESERVATION_TOKEN, bytes(8)), (Attr.EVEN_PORT, b"\0")], 400),
        ([UDP, (Attr.RESERVATION_TOKEN, bytes(8)), family(1)], 400),
        ([UDP, (Attr.REQUESTED_ADDRESS_FAMILY, b"\1")], 400),
        ([UDP, family(0)], 440),
        ([UDP, family(3)], 440),
        ([UDP, (Attr.LIFETIME, b"\0")], 400),
        ([UDP, (0x001A, b"")], 420),
    ],
)
def test_what_cannot_be_allocated_is_refused_with_its_reason(
    client: TurnClient, attributes: list[tuple[int, bytes]], code: int
) -> None:
    """And nothing is held for it."""
    assert code == client.ask(Method.ALLOCATE, attributes).code
    assert 0 == client.relay.counters().allocations


def test_a_family_that_the_relay_lacks_is_not_offered(clock: Clock) -> None:
    """440, the default family included."""
    only_v6 = TurnClient(Relay([RELAYED_V6], [SECRET], Dice()), clock)

    assert 440 == only_v6.allocate().code
    assert 440 == only_v6.allocate(family(1)).code
    assert 0 == only_v6.allocate(family(2)).code
    assert RELAYED_V6 == only_v6.relayed[0]


def test_an_even_port_is_given_and_nothing_kept_beside_it(relay: Relay, clock: Clock) -> None:
    """coturn 4adbd82e: EVEN-PORT leaked a port each time."""
    for n in range(20):
        client = TurnClient(relay, clock, port=n)
        client.allocate((Attr.EVEN_PORT, b"\0"))
        assert 0 == client.relayed[1] % 2
        client.refresh(0)

    assert 0 == relay.counters().allocations


def test_without_a_free_port_there_is_no_allocation(client: TurnClient) -> None:
    """508: also where an odd one is left and an even one is asked for."""
    taken = client.relay._table._by_relayed
    for port in range(65_536):
        taken[(RELAYED, port)] = None  # type: ignore[index, assignment]
    assert 508 == client.allocate().code

    del taken[(RELAYED, 50_001)]  # type: ignore[arg-type]
    assert 508 == client.allocate((Attr.EVEN_PORT, b"\0")).code
    assert 0 == client.allocate().code

    assert (RELAYED, 50_001) == client.relayed


def test_a_tag_has_so_many_allocations_and_no_more(clock: Clock) -> None:
    """486; whichever password of the tag is used (coturn a97f1924). Others are not touched."""
    relay = new_relay(clock, Settings(allocations_per_tag=2))
    first, second, third = (TurnClient(relay, clock, port=n) for n in range(3))
    first.allocate()
    second.allocate()

    assert 486 == third.allocate().code
    third.password = password(clock, "tag", 7200)
    assert 486 == third.allocate().code
    assert 0 == TurnClient(relay, clock, "another", port=9).allocate().code
    first.refresh(0)
    assert 0 == third.allocate().code


def test_the_process_has_so_many_allocations_and_no_more(clock: Clock) -> None:
    """508."""
    relay = new_relay(clock, Settings(allocations_max=2, allocations_reserved=0))
    clients = [TurnClient(relay, clock, f"t{n}", port=n) for n in range(3)]

    assert [0, 0, 508] == [client.allocate().code for client in clients]


def test_a_full_waiting_room_leaves_room_for_consultations(clock: Clock) -> None:
    """Some allocations are kept for tags that are together: nobody ends a call by waiting."""
    relay = new_relay(clock, Settings(allocations_max=4, allocations_reserved=2))
    clients = [TurnClient(relay, clock, f"t{n}", port=n) for n in range(5)]
    assert [0, 0, 508, 508, 508] == [client.allocate().code for client in clients]

    relay.bind(["t2", "t3", "t4"])

    assert [0, 0, 508] == [client.allocate().code for client in clients[2:]]


def test_an_allocation_does_not_move(allocated: TurnClient) -> None:
    """coturn a97f1924, 3c5b2615: a mobility ticket went round quotas. There is none here."""
    ticket = (0x8030, b"ticket")
    other = TurnClient(allocated.relay, allocated.clock, port=1)

    assert None is allocated.ask(Method.REFRESH, [ticket]).message.first(ticket[0])
    assert 437 == other.ask(Method.REFRESH, [ticket]).code
    assert 0 == other.allocate(ticket).code
    assert 2 == len({allocated.relayed, other.relayed})


# Lifetimes.


@pytest.mark.parametrize(
    ("wanted", "given"),
    [(1, 600), (600, 600), (777, 777), (3600, 3600), (3601, 3600), (0xFFFFFFFF, 3600), (0, 600)],
)
def test_a_lifetime_is_between_the_least_and_the_most(
    client: TurnClient, wanted: int, given: int
) -> None:
    """RFC 8656 §7.2."""
    assert given == lifetime(client.allocate((Attr.LIFETIME, wanted.to_bytes(4, "big"))))


@pytest.mark.parametrize("wanted", [None, 1, 3600])
def test_no_allocation_outlives_its_password_by_more_than_the_grace(
    relay: Relay, clock: Clock, wanted: int | None
) -> None:
    """However often it is refreshed; coturn goes on refreshing."""
    client = TurnClient(relay, clock, lifetime_s=300)
    end = clock.now + 300 + S.grace_s

    answer = client.allocate()
    assert end == clock.now + lifetime(answer)
    clock.advance(299)
    assert end == clock.now + lifetime(client.refresh(wanted))
    clock.advance(1)
    assert 401 == client.refresh(wanted).code
    clock.advance(S.grace_s - 1)
    assert [] == relay.tick(clock.now)
    clock.advance(1)
    assert [Gone(client.source)] == relay.tick(clock.now)


def test_an_allocation_ends_when_it_is_not_refreshed(allocated: TurnClient, clock: Clock) -> None:
    """To the second; a request that comes in that second finds it gone."""
    clock.advance(S.lifetime_default_s - 1)
    assert [] == allocated.relay.tick(clock.now)
    assert 600 == lifetime(allocated.refresh())
    clock.advance(S.lifetime_default_s)

    allocated.nonce = b""
    refused = allocated.refresh()
    assert 437 == refused.code
    assert 0 == allocated.relay.counters().allocations


def test_refresh_of_zero_deletes_the_allocation(allocated: TurnClient) -> None:
    """RFC 8656 §8.2: then the client may have another one."""
    answer = allocated.refresh(0)

    assert (0, 0) == (answer.code, lifetime(answer))
    assert [Gone(allocated.source), Send(allocated.source, answer.data)] == answer.effects
    assert 437 == allocated.refresh(0).code
    assert 0 == allocated.allocate().code


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ([(Attr.LIFETIME, b"\0\0")], 400),
        ([(Attr.REQUESTED_ADDRESS_FAMILY, b"")], 400),
        ([family(2)], 443),
        ([family(1)], 0),
        ([], 0),
    ],
)
def test_a_refresh_is_judged(
    allocated: TurnClient, attributes: list[tuple[int, bytes]], code: int
) -> None:
    """RFC 8656 §8.2."""
    assert code == allocated.ask(Method.REFRESH, attributes).code
    assert 1 == allocated.relay.counters().allocations


# Permissions and channels.

# Hosts on the inside, and the relay itself written otherwise: each got somebody through once.
FOREIGN = [
    "0.0.0.0",
    "127.0.0.1",
    "169.254.169.254",
    "10.0.0.1",
    "192.0.2.1",
    "8.8.8.8",
    "255.255.255.255",
]
FOREIGN_V6 = [
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    f"::ffff:{RELAYED}",
    "fe80::1",
    "64:ff9b::7f00:1",
    "2001:db8::2",
]


@pytest.mark.parametrize("ip", FOREIGN)
def test_nothing_but_the_relay_itself_is_a_peer(allocated: TurnClient, ip: str) -> None:
    """403: no loopback, no metadata service, no internet (CVE-2020-26262 and its kin)."""
    assert 403 == allocated.permit((ip, 80)).code
    assert 403 == allocated.bind(0x4000, (ip, 80)).code
    assert [] == allocated.indicate(b"x", (ip, 80))


@pytest.mark.parametrize("ip", FOREIGN_V6)
def test_nor_is_it_written_in_ipv6(relay: Relay, clock: Clock, ip: str) -> None:
    """443 for an allocation of IPv4, 403 for one of IPv6 (CVE-2026-27624 and its repairs)."""
    four, six = TurnClient(relay, clock, port=1), TurnClient(relay, clock, port=2)
    four.allocate()
    six.allocate(family(2))

    assert 443 == four.permit((ip, 80)).code
    assert 443 == four.bind(0x4000, (ip, 80)).code
    assert 403 == six.permit((ip, 80)).code
    assert 403 == six.bind(0x4000, (ip, 80)).code
    assert [] == four.indicate(b"x", (ip, 80)) + six.indicate(b"x", (ip, 80))
    assert 443 == six.permit((RELAYED, 80)).code
    assert 0 == six.permit((RELAYED_V6, 80)).code


@pytest.mark.parametrize("attributes", [[], [(Attr.XOR_PEER_ADDRESS, b"x")]])
def test_a_permission_needs_an_address(
    allocated: TurnClient, attributes: list[tuple[int, bytes]]
) -> None:
    """400."""
    assert 400 == allocated.ask(Method.CREATE_PERMISSION, attributes).code


def test_one_refused_peer_refuses_them_all(relay: Relay, clock: Clock) -> None:
    """RFC 8656 §10.2: nothing is installed then."""
    client = TurnClient(relay, clock)
    client.allocate()

    assert 403 == client.permit((RELAYED, 1), ("10.0.0.1", 1)).code
    assert 443 == client.permit((RELAYED, 1), ("::1", 1)).code
    assert [] == client.indicate(b"x", client.relayed)
    assert 0 == client.permit((RELAYED, 1), (RELAYED, 2)).code
    assert 1 == len(client.indicate(b"x", client.relayed))


def test_a_question_about_a_port_tells_nothing_of_who_has_it(relay: Relay, clock: Clock) -> None:
    """Byte for byte the same answer, but for what is signed: somebody else's port, and nobody's."""
    stranger, other = TurnClient(relay, clock, "a"), TurnClient(relay, clock, "b", port=1)
    stranger.allocate()
    other.allocate()
    nobodys = (RELAYED, S.port_first if other.relayed[1] != S.port_first else S.port_last)

    for n, peer in enumerate((other.relayed, nobodys)):
        assert (0, 0) == (stranger.permit(peer).code, stranger.bind(0x4000 + n, peer).code)
        assert [] == stranger.channel_data(0x4000 + n, b"x") + stranger.indicate(b"x", peer)


@pytest.mark.parametrize("channel", [0, 0x3FFF, 0x8000, 0xFFFF])
def test_a_channel_has_a_number_in_its_range(allocated: TurnClient, channel: int) -> None:
    """400. Clients of RFC 5766 choose up to 0x7FFF."""
    assert 400 == allocated.bind(channel, (RELAYED, 1)).code
    assert 0 == allocated.bind(0x4000, (RELAYED, 1)).code
    assert 0 == allocated.bind(0x7FFF, (RELAYED, 2)).code


@pytest.mark.parametrize(
    "attributes",
    [
        [],
        [(Attr.CHANNEL_NUMBER, b"\x40\0\0\0")],
        [(Attr.CHANNEL_NUMBER, b"\x40\0"), (Attr.XOR_PEER_ADDRESS, bytes(8))],
        [(Attr.CHANNEL_NUMBER, b"\x40\0\0\0"), (Attr.XOR_PEER_ADDRESS, bytes(8))],
    ],
)
def test_a_channel_needs_a_number_and_a_peer(
    allocated: TurnClient, attributes: list[tuple[int, bytes]]
) -> None:
    """400."""
    assert 400 == allocated.ask(Method.CHANNEL_BIND, attributes).code


def test_a_channel_and_a_peer_belong_to_each_other(allocated: TurnClient) -> None:
    """RFC 8656 §12.2: neither another peer nor another number; the same again renews."""
    assert 0 == allocated.bind(0x4000, (RELAYED, 1)).code
    assert 0 == allocated.bind(0x4000, (RELAYED, 1)).code
    assert 400 == allocated.bind(0x4000, (RELAYED, 2)).code
    assert 400 == allocated.bind(0x4001, (RELAYED, 1)).code


def test_an_allocation_has_so_many_channels_and_no_more(clock: Clock) -> None:
    """508; those that there are can still be renewed."""
    client = TurnClient(new_relay(clock, Settings(channels_per_allocation=2)), clock)
    client.allocate()
    codes = [client.bind(0x4000 + n, (RELAYED, 1 + n)).code for n in (0, 1, 2, 0)]

    assert [0, 0, 508, 0] == codes


def test_a_source_at_another_of_our_addresses_is_another_client(clock: Clock) -> None:
    """A five-tuple has two ends."""
    relay = new_relay(clock)
    first, second = TurnClient(relay, clock), TurnClient(relay, clock)
    second.source = Source("udp", *second.source[1:3], listener=1)

    assert (0, 0) == (first.allocate().code, second.allocate().code)
    assert first.relayed != second.relayed
