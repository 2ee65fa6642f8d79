"""The open relay as a machine: its ports, who is reached through them, and who comes in.

Longer than most files: the open relay's part of that list.
"""

import gc
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import stun
from relay.core import PACKET_COST_BYTES, Close, Gone, Opened, Send, Settings
from relay.effects import OpenPort, ToPeer
from relay.open_core import PAYLOAD_MAX_BYTES, ROUTES_MAX, OpenRelay
from relay.stun import Attr, Method
from tests.clock import Clock
from tests.relay.open_client import PEER, PEER_V6, OpenClient, new_open_relay, permitted
from tests.relay.test_policy import FORMS, NEVER, hidden
from tests.relay.turn_client import (
    RELAYED,
    RELAYED_V6,
    UDP,
    Answer,
    bent_indications_of,
    bent_of,
    channel_data,
    indication,
    indications_of,
    password,
)

S = Settings()
IPV6 = (Attr.REQUESTED_ADDRESS_FAMILY, b"\x02\0\0\0")
EVERYTHING = [ip_network("0.0.0.0/0"), ip_network("::/0")]


@pytest.fixture
def relay(clock: Clock) -> OpenRelay:
    return new_open_relay(clock)


@pytest.fixture
def client(relay: OpenRelay, clock: Clock) -> OpenClient:
    """It may reach the peer."""
    return permitted(relay, clock)


def allocated(relay: OpenRelay, clock: Clock, ip: str) -> OpenClient:
    """A client whose relayed address is of the family of an address."""
    client = OpenClient(relay, clock, port=50_000 if ":" in ip else 50_001)
    assert client.allocate(*([IPV6] if ":" in ip else [])).code == 0
    return client


# Ports.


def test_an_allocation_is_answered_when_its_port_is_open(relay: OpenRelay, clock: Clock) -> None:
    """Not before: the address in the answer is one that peers can send to."""
    client = OpenClient(relay, clock)
    asked = client.request(Method.ALLOCATE, [UDP])

    (wanted,) = relay.receive(client.source, asked, clock.now)
    assert isinstance(wanted, OpenPort)
    assert (client.source, RELAYED) == wanted[:2]
    assert 0 == relay.counters().allocations
    opened, said = relay.port_opened(client.source, wanted.ports[3], clock.now)

    assert Opened(client.source) == opened
    assert isinstance(said, Send)
    message = stun.parse(said.data)
    value = message.first(Attr.XOR_RELAYED_ADDRESS) or b""
    assert (RELAYED, wanted.ports[3]) == stun.read_address(value, message.transaction)
    assert [said] == relay.receive(client.source, asked, clock.now)


def test_ports_are_of_the_range_and_nobodys(clock: Clock) -> None:
    """Even ones where that is asked for; and when the last is given there is none."""
    relay = new_open_relay(clock, Settings(port_first=50_001, port_last=50_004))
    clients = [OpenClient(relay, clock, port=n) for n in range(5)]

    even = clients[0].allocate((Attr.EVEN_PORT, b"\0"))
    (offered,) = [effect for effect in even.effects if isinstance(effect, OpenPort)]
    assert {50_002, 50_004} == set(offered.ports)
    assert [0, 0, 0] == [client.allocate().code for client in clients[1:4]]
    assert {50_001, 50_002, 50_003, 50_004} == {client.relayed[1] for client in clients[:4]}
    (wanted,) = relay.receive(
        clients[4].source, clients[4].request(Method.ALLOCATE, [UDP]), clock.now
    )
    assert OpenPort(clients[4].source, RELAYED, ()) == wanted


def test_without_a_port_there_is_no_allocation(relay: OpenRelay, clock: Clock) -> None:
    """508, and nothing is left of the request."""
    client = OpenClient(relay, clock)
    relay.receive(client.source, client.request(Method.ALLOCATE, [UDP]), clock.now)

    (said,) = relay.port_opened(client.source, None, clock.now)

    assert isinstance(said, Send)
    assert 508 == Answer([], said.data).code
    assert 0 == relay.counters().allocations
    assert 0 == client.allocate().code


@pytest.mark.parametrize(
    ("settings", "code"),
    [(Settings(allocations_per_tag=1), 486), (Settings(allocations_max=1), 508)],
)
def test_over_a_quota_no_port_is_opened(clock: Clock, settings: Settings, code: int) -> None:
    """Of the tag, and of the process."""
    relay = new_open_relay(clock, settings)
    relay.bind(["tag", "another"])
    permitted(relay, clock)

    answer = OpenClient(relay, clock, port=2).allocate()

    assert code == answer.code
    assert 1 == len(answer.effects)


def test_what_else_is_refused_is_refused_as_in_a_closed_relay(client: OpenClient) -> None:
    """437 for a second allocation and for none, 441 for another tag, 442, 508, 420."""
    relay, clock = client.relay, client.clock
    other = OpenClient(relay, clock, port=2)

    assert 437 == client.allocate().code
    assert 437 == other.permit(PEER).code
    assert 441 == client.refresh(0, password(clock, "another")).code
    assert 442 == other.ask(Method.ALLOCATE, [(Attr.REQUESTED_TRANSPORT, b"\x06\0\0\0")]).code
    assert 508 == other.allocate((Attr.RESERVATION_TOKEN, bytes(8))).code
    assert 420 == other.allocate((0x001A, b"")).code


def test_ten_thousand_come_and_go_and_nothing_is_left(clock: Clock) -> None:
    """Not an object more than before."""
    relay = new_open_relay(clock)
    clients = [OpenClient(relay, clock, f"t{n}", port=n) for n in range(10)]

    def cycles(count: int) -> int:
        for n in range(count):
            client = clients[n % 10]
            assert client.allocate().code == 0
            assert client.permit(PEER).code == 0
            assert client.indicate(b"x", PEER) and client.hear(b"y")
            assert client.refresh(0).code == 0
            clock.advance(0.05)
        gc.collect()
        return len(gc.get_objects())

    before = cycles(100)
    after = cycles(10_000)

    assert after - before < 100
    assert 0 == relay.counters().allocations


# Who is reached.


# Two of them are the relay's own in these tests.
@pytest.mark.parametrize("ip", [ip for ip in NEVER if ip not in (RELAYED, RELAYED_V6)])
def test_what_is_no_public_host_is_refused(relay: OpenRelay, clock: Clock, ip: str) -> None:
    """CVE-2020-26262 and the rest: 403 for permission and channel, silence for a packet."""
    client = allocated(relay, clock, ip)

    assert 403 == client.permit((ip, 40_000)).code
    assert 403 == client.bind(0x4000, (ip, 40_000)).code
    assert [] == client.indicate(b"x", (ip, 40_000))
    assert [] == client.hear(b"x", (ip, 40_000))


@pytest.mark.parametrize("is_allowed", [False, True], ids=["by default", "all opened"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ip", ["127.0.0.1", "169.254.169.254", "10.0.0.1", RELAYED, "8.8.8.8"])
def test_a_disguise_is_refused(clock: Clock, form: str, ip: str, is_allowed: bool) -> None:
    """CVE-2026-27624, and what its repairs missed; whatever an operator opens."""
    relay = new_open_relay(clock, allowed=EVERYTHING if is_allowed else [])
    client = allocated(relay, clock, "::")
    disguised = (hidden(form, ip), 40_000)

    assert 403 == client.permit(disguised).code
    assert 403 == client.bind(0x4000, disguised).code
    assert [] == client.indicate(b"x", disguised)


def test_one_denied_peer_refuses_them_all(client: OpenClient) -> None:
    """CreatePermission is all or nothing."""
    other = ("8.8.4.4", 1)

    assert 403 == client.permit(other, ("127.0.0.1", 1)).code
    assert [] == client.indicate(b"x", other)


def test_a_peer_is_of_the_allocations_family(relay: OpenRelay, clock: Clock) -> None:
    """443 otherwise, also for IPv4 written in IPv6."""
    four, six = allocated(relay, clock, "0.0.0.0"), allocated(relay, clock, "::")

    assert 443 == four.permit(PEER_V6).code
    assert 443 == four.bind(0x4000, PEER_V6).code
    assert 443 == four.permit(("::ffff:8.8.8.8", 1)).code
    assert 443 == six.permit(PEER).code
    assert 0 == six.permit(PEER_V6).code


def test_an_operator_opens_a_network_and_nothing_beside_it(clock: Clock) -> None:
    """Not what surrounds it, and never this machine."""
    networks = [ip_network("10.1.2.0/24")]
    relay = new_open_relay(clock, own=["10.1.2.7"], allowed=networks)
    client = allocated(relay, clock, "0.0.0.0")

    assert 0 == client.permit(("10.1.2.3", 1)).code
    assert 403 == client.permit(("10.1.3.3", 1)).code
    assert 403 == client.permit(("10.1.2.7", 1)).code
    assert [ToPeer(client.source, ("10.1.2.3", 1), b"x")] == client.indicate(b"x", ("10.1.2.3", 1))


def test_a_public_address_of_this_machine_is_no_peer(clock: Clock) -> None:
    """Behind its firewall it would trust itself."""
    client = allocated(new_open_relay(clock, own=["8.8.4.4"]), clock, "0.0.0.0")

    assert 403 == client.permit(("8.8.4.4", 1)).code
    assert 403 == client.bind(0x4000, ("8.8.4.4", 53)).code


def test_an_allocation_has_so_many_permissions_and_no_more(clock: Clock) -> None:
    """508; those that are there are renewed."""
    relay = new_open_relay(clock, Settings(permissions_per_allocation=2))
    client = allocated(relay, clock, "0.0.0.0")

    assert 508 == client.permit(*((f"8.8.8.{n}", 1) for n in range(3))).code
    assert 0 == client.permit(("8.8.8.1", 1), ("8.8.8.2", 1), ("8.8.8.2", 2)).code
    assert 508 == client.permit(("8.8.8.3", 1)).code
    assert 508 == client.bind(0x4000, ("8.8.8.3", 1)).code
    assert 0 == client.bind(0x4000, ("8.8.8.2", 1)).code


# What passes.


def test_a_packet_leaves_for_a_peer_with_a_permission(client: OpenClient) -> None:
    """Its payload, as an indication or on a channel. To any port of the address, but not to 0."""
    another = (PEER[0], 41_000)
    client.bind(0x4000, PEER)

    assert [ToPeer(client.source, PEER, b"abc")] == client.indicate(b"abc", PEER)
    assert [ToPeer(client.source, another, b"abc")] == client.indicate(b"abc", another)
    assert [ToPeer(client.source, PEER, b"abc")] == client.channel_data(0x4000, b"abc")
    assert [] == client.indicate(b"abc", ("8.8.4.4", 1))
    assert [] == client.indicate(b"abc", (PEER[0], 0))
    assert [] == client.channel_data(0x4001, b"abc")
    assert [] == client.relay.receive(client.source, b"\x40\0\0\x04abc", client.clock.now)


def test_a_packet_comes_in_from_a_peer_with_a_permission(client: OpenClient) -> None:
    """As a Data indication that says from whom; on the channel once it has one."""
    (said,) = client.hear(b"abc")
    client.bind(0x4000, PEER)

    assert isinstance(said, Send)
    message = stun.parse(said.data)
    value = message.first(Attr.XOR_PEER_ADDRESS) or b""
    assert (Method.DATA, b"abc") == (message.method, message.first(Attr.DATA))
    assert PEER == stun.read_address(value, message.transaction)
    assert [Send(client.source, channel_data(0x4000, b"abc"))] == client.hear(b"abc")


def test_the_uninvited_are_dropped_and_nothing_is_held_for_them(client: OpenClient) -> None:
    """A thousand of them leave a number."""
    allocation = client.relay._by_source[client.source]

    for n in range(1000):
        peer = (f"9.9.{n // 256}.{n % 256}", n + 1)
        assert client.forward_in(b"x", peer) is None
        assert [] == client.hear(b"x", peer)

    assert {} == allocation.inward
    assert 1000 == client.relay.counters().discarded


def test_a_permission_ends_for_both_directions(client: OpenClient) -> None:
    """After 300 s, on the hot path too; a channel that lasts longer does not keep it."""
    client.bind(0x4000, PEER)
    client.channel_data(0x4000, b"x")
    client.hear(b"x")
    client.clock.advance(S.permission_s)

    client.relay.tick(client.clock.now)

    assert client.forward_out(channel_data(0x4000, b"x")) is None
    assert client.forward_in(b"x") is None
    assert [] == client.channel_data(0x4000, b"x")
    assert [] == client.hear(b"x")
    client.permit(PEER)
    assert client.channel_data(0x4000, b"x") and client.hear(b"x")


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 1200])
@pytest.mark.parametrize("peer", [PEER, PEER_V6], ids=["IPv4", "IPv6"])
def test_the_hot_path_out_says_what_the_slow_path_says(
    relay: OpenRelay, clock: Clock, size: int, peer: tuple[str, int]
) -> None:
    """By channel and by indication, as each client writes them."""
    client = allocated(relay, clock, peer[0])
    client.bind(0x4000, peer)
    payload = (bytes(range(256)) * 5)[:size]

    for packet in (channel_data(0x4000, payload), indication(payload, peer)):
        assert client.forward_out(packet) is None
        (slow,) = client.receive(packet).effects
        assert slow == client.forward_out(packet)
    for packet in indications_of(payload, peer):
        assert [client.forward_out(packet)] == client.receive(packet).effects


@given(st.data())
def test_no_bent_packet_finds_the_two_paths_out_at_odds(data: st.DataObject) -> None:
    """What the first carries the second would carry alike, whatever the bytes."""
    clock = Clock()
    peer = data.draw(st.sampled_from([PEER, PEER_V6]))
    client = allocated(new_open_relay(clock), clock, peer[0])
    client.bind(0x4000, peer)
    good = [channel_data(0x4000, b"hello"), *indications_of(b"hello", peer)]
    for packet in good:
        client.receive(packet)
        assert client.forward_out(packet)

    bent = bent_of(good, data)

    fast = client.forward_out(bent)
    assert fast is None or [fast] == client.receive(bent).effects


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 1200])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("peer", [PEER, PEER_V6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("has_channel", [False, True], ids=["indication", "channel"])
def test_the_hot_path_in_says_what_the_slow_path_says(
    relay: OpenRelay,
    clock: Clock,
    size: int,
    transport: str,
    peer: tuple[str, int],
    has_channel: bool,
) -> None:
    """Padding is of zeros, never of another packet."""
    client = OpenClient(relay, clock, transport=transport)
    client.allocate(*([IPV6] if ":" in peer[0] else []))
    client.permit(peer)
    if has_channel:
        client.bind(0x4000, peer)
    payload = b"\x07" * size

    assert client.forward_in(payload, peer) is None
    (slow,) = client.hear(payload, peer)
    assert slow == client.forward_in(payload, peer)


def test_the_hot_path_leaves_everything_else_to_the_slow_one(client: OpenClient) -> None:
    """Other numbers, bent headers, lengths that do not fit, requests, strangers, too much."""
    client.bind(0x4000, PEER)
    for packet in (channel_data(0x4000, b"abcd"), indication(b"abcd", PEER)):
        client.receive(packet)
        assert client.forward_out(packet)
        for size in range(len(packet)):
            assert client.forward_out(packet[:size]) is None
    for bent in bent_indications_of(b"abcd", PEER):
        assert client.forward_out(bent) is None
    client.hear(b"x")
    stranger = OpenClient(client.relay, client.clock, port=9)

    assert client.forward_out(channel_data(0x4001, b"abcd")) is None
    assert client.forward_out(indication(b"abcd", (PEER[0], 1))) is None
    assert client.forward_out(client.request(Method.REFRESH)) is None
    assert stranger.forward_out(channel_data(0x4000, b"abcd")) is None
    assert stranger.forward_in(b"x") is None
    assert client.forward_in(bytes(PAYLOAD_MAX_BYTES))
    assert client.forward_in(bytes(PAYLOAD_MAX_BYTES + 1)) is None
    assert [] == client.hear(bytes(PAYLOAD_MAX_BYTES + 1))


def test_so_many_peers_of_a_client_take_the_hot_path_and_the_others_pass_too(
    client: OpenClient,
) -> None:
    """A peer that has a port for each packet fills no memory."""
    allocation = client.relay._by_source[client.source]

    for port in range(1, 3 * ROUTES_MAX):
        assert client.indicate(b"x", (PEER[0], port))
        assert client.hear(b"x", (PEER[0], port))

    assert ROUTES_MAX == len(allocation.inward) == len(allocation.outward)


# Two clients of one relay meet inside.


def two(relay: OpenRelay, clock: Clock, *tags: str) -> list[OpenClient]:
    """Clients that permit each other."""
    clients = [OpenClient(relay, clock, tag, port=n) for n, tag in enumerate(tags)]
    for client in clients:
        assert client.allocate().code == 0
        assert client.permit((RELAYED, 9)).code == 0
    return clients


def test_members_of_one_consultation_meet_inside(relay: OpenRelay, clock: Clock) -> None:
    """As in a closed relay: not through a socket, on the hot path of members."""
    patient, doctor = two(relay, clock, "patient", "doctor")
    relay.bind(["patient", "doctor"])
    packet = indication(b"abc", doctor.relayed)

    (said,) = patient.receive(packet).effects
    assert isinstance(said, Send)
    assert doctor.source == said.to
    assert said == patient.forward(packet)
    assert patient.forward_out(packet) is None
    doctor.bind(0x4000, patient.relayed)
    assert [Send(doctor.source, channel_data(0x4000, b"abc"))] == patient.receive(packet).effects


def test_two_consultations_do_not_meet_through_their_ports(relay: OpenRelay, clock: Clock) -> None:
    """Neither inside nor by a packet to our own address, whatever they permit."""
    patient, stranger = two(relay, clock, "patient", "stranger")
    patient.bind(0x4000, stranger.relayed)

    assert [] == patient.indicate(b"abc", stranger.relayed)
    assert [] == patient.channel_data(0x4000, b"abc")
    assert [] == patient.indicate(b"abc", (RELAYED, 22))


def test_what_says_that_it_comes_from_the_relay_is_forged(relay: OpenRelay, clock: Clock) -> None:
    """A permission for our own address lets members in, and nobody from outside."""
    patient, doctor = two(relay, clock, "patient", "doctor")
    relay.bind(["patient", "doctor"])
    assert patient.indicate(b"abc", doctor.relayed)

    assert [] == doctor.hear(b"abc", patient.relayed)
    assert doctor.forward_in(b"abc", patient.relayed) is None


# Ends, and at what price.


@pytest.mark.parametrize("transport", ["udp", "tls"])
def test_an_end_ends_at_once_and_for_good(relay: OpenRelay, clock: Clock, transport: str) -> None:
    """Its port is closed, and what still comes goes nowhere."""
    client = OpenClient(relay, clock, transport=transport)
    client.allocate()
    client.permit(PEER)
    packet = indication(b"x", PEER)
    assert client.receive(packet).effects and client.hear(b"x")

    closes = [] if transport == "udp" else [Close(client.source)]
    assert [Gone(client.source), *closes] == relay.end(["tag"], clock.now)

    assert client.forward_out(packet) is None and client.forward_in(b"x") is None
    assert [] == client.receive(packet).effects == client.hear(b"x")
    assert 403 == client.allocate().code


def test_a_port_ends_with_its_lifetime_and_when_it_is_given_back(client: OpenClient) -> None:
    """Also where the packet of a peer is the first to notice."""
    other = permitted(client.relay, client.clock, port=2)

    assert Gone(other.source) in other.refresh(0).effects
    client.clock.advance(S.lifetime_default_s)
    assert [Gone(client.source)] == client.hear(b"x")


def test_a_tag_pays_for_what_it_sends_and_not_for_what_it_gets(clock: Clock) -> None:
    """Each direction has a purse: a flood from outside does not silence the client."""
    relay = new_open_relay(clock, Settings(bytes_per_s_per_tag=14_000))
    client = permitted(relay, clock)
    second = permitted(relay, clock, port=2)
    most = 14_000 // (100 + PACKET_COST_BYTES)
    payload = bytes(100)
    packet = indication(payload, PEER)

    assert most == sum(
        client.forward_in(payload) is not None or bool(client.hear(payload)) for _ in range(500)
    )
    assert [] == second.hear(payload)
    assert most == sum(
        client.forward_out(packet) is not None or bool(client.receive(packet).effects)
        for _ in range(500)
    )
    assert [] == second.receive(packet).effects
    clock.advance(0.5)
    assert most // 2 == sum(bool(second.hear(payload)) for _ in range(500))


def test_the_process_moves_so_many_bytes_a_second(clock: Clock) -> None:
    """All tags and both directions together, on either path."""
    relay = new_open_relay(clock, Settings(bytes_per_s=14_000))
    one, other = permitted(relay, clock, "one"), permitted(relay, clock, "other", port=2)
    payload, packet = bytes(100), indication(bytes(100), PEER)

    assert one.hear(payload) and one.receive(packet).effects
    moved = sum(
        (one.forward_in(payload) is not None) + (one.forward_out(packet) is not None)
        for _ in range(500)
    )
    assert 98 == moved
    assert [] == other.hear(payload) == other.receive(packet).effects


@given(st.binary(max_size=100), st.sampled_from([PEER, ("9.9.9.9", 1), (RELAYED, 1)]))
def test_any_bytes_from_anybody_never_raise(data: bytes, peer: tuple[str, int]) -> None:
    """From the client's side, hot or not, and from a peer's."""
    client = permitted(new_open_relay(Clock()), Clock())
    client.bind(0x4000, PEER)

    client.forward_out(data)
    client.receive(data)
    client.forward_in(data, peer)
    client.hear(data, peer)
    assert all(isinstance(each, ToPeer | Send) for each in client.channel_data(0x4000, data))


def test_the_longest_packet_passes_in_either_family(relay: OpenRelay, clock: Clock) -> None:
    """With its header it is as long as one can be."""
    for ip, peer in (("0.0.0.0", PEER), ("::", PEER_V6)):
        client = allocated(relay, clock, ip)
        client.permit(peer)

        (said,) = client.hear(bytes(PAYLOAD_MAX_BYTES), peer)
        assert isinstance(said, Send)
        assert len(said.data) < 65_507
        assert said == client.forward_in(bytes(PAYLOAD_MAX_BYTES), peer)


def test_its_own_addresses_are_told_by_family(relay: OpenRelay, clock: Clock) -> None:
    """A client that asks for IPv6 gets a port of that."""
    assert RELAYED_V6 == allocated(relay, clock, "::").relayed[0]
