"""The relay as a machine: what a client asks, what it gets, and who gets its packets.

Longer than most files: one list of requests, packets and what comes of them.
"""

import tracemalloc

import pytest
from aioice import stun as foreign
from hypothesis import given
from hypothesis import strategies as st

from relay import credentials, stun
from relay.core import (
    AMPLIFICATION_MAX,
    PACKET_COST_BYTES,
    Close,
    Gone,
    Opened,
    Relay,
    Send,
    Settings,
    Source,
)
from relay.framing import MESSAGE_MAX_BYTES, Framer
from relay.nonce import NONCE_LIFETIME_S
from relay.stun import Attr, Kind, Method
from tests.clock import Clock
from tests.dice import Dice
from tests.relay.serving import CODES
from tests.relay.turn_client import (
    RELAYED,
    SECRET,
    UDP,
    Answer,
    TurnClient,
    bent_indications_of,
    bent_of,
    channel_data,
    indication,
    indications_of,
    met,
    new_relay,
    password,
)


@pytest.fixture
def relay(clock: Clock) -> Relay:
    return new_relay(clock)


@pytest.fixture
def client(relay: Relay, clock: Clock) -> TurnClient:
    return TurnClient(relay, clock)


# Who may ask.


def bare(method: int, *attributes: tuple[int, bytes]) -> bytes:
    """A request without a signature."""
    return stun.serialise(Kind.REQUEST, method, b"b" * 12, attributes)


def test_a_binding_request_is_told_its_address(client: TurnClient) -> None:
    """RFC 8489: XOR-MAPPED-ADDRESS, and nothing else."""
    answer = client.receive(bare(Method.BINDING))

    value = stun.xor_address(client.source.ip, client.source.port, b"b" * 12)
    assert ((Attr.XOR_MAPPED_ADDRESS, value),) == answer.message.attributes


def test_who_does_not_sign_is_told_how_to(client: TurnClient) -> None:
    """401 with realm and nonce, and nothing is held for it."""
    answer = client.receive(bare(Method.ALLOCATE, UDP))

    assert 401 == answer.code
    assert b"relay" == answer.first(Attr.REALM)
    assert 20 == len(answer.first(Attr.NONCE))
    assert 0 == client.relay.counters().allocations


@pytest.mark.parametrize("left_out", [Attr.USERNAME, Attr.REALM, Attr.NONCE])
def test_a_signed_request_with_a_part_missing_is_bad(client: TurnClient, left_out: int) -> None:
    """RFC 8489 §9.2.4: 400."""
    whole = stun.parse(client.request(Method.ALLOCATE, [UDP]))
    parts = [each for each in whole.attributes if each[0] != left_out]
    key = credentials.key_of(client.password)

    data = stun.serialise(Kind.REQUEST, Method.ALLOCATE, b"b" * 12, parts, key)
    assert 400 == client.receive(data).code


def test_a_nonce_that_is_too_old_is_renewed(client: TurnClient, clock: Clock) -> None:
    """438 with a new one, which then is good."""
    client.allocate()
    clock.advance(NONCE_LIFETIME_S + 1)

    answer = client.refresh()
    assert 438 == answer.code
    client.nonce = answer.first(Attr.NONCE)
    assert 437 == client.refresh().code


def test_a_nonce_of_somebody_else_is_not_good(client: TurnClient) -> None:
    """What was overheard on one path is of no use on another."""
    other = TurnClient(client.relay, client.clock, port=40_001)
    other.allocate()
    client.nonce = other.nonce

    assert 438 == client.allocate().code


@pytest.mark.parametrize(
    "bent",
    [
        lambda name: name._replace(password="another"),
        lambda name: name._replace(username=name.username + "x"),
        lambda name: name._replace(username="nobody"),
        lambda name: name._replace(username="9999999999:tag"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused(client: TurnClient, bent: object) -> None:
    """Another password, another tag, another expiry, or no name at all: 401."""
    client.password = bent(client.password)  # type: ignore[operator]

    assert 401 == client.allocate().code


def test_a_password_that_has_expired_is_refused(client: TurnClient, clock: Clock) -> None:
    """From its second on."""
    client.password = password(clock, "tag", 10)
    clock.advance(9)
    assert 0 == client.allocate().code
    clock.advance(1)

    assert 401 == client.refresh().code


def test_a_password_that_lives_longer_than_any_is_none_of_ours(client: TurnClient) -> None:
    """Else an ended tag could come back after it is forgotten."""
    client.password = password(client.clock, "tag", Settings().password_max_s + 1)

    assert 401 == client.allocate().code


def test_the_previous_secret_holds_until_it_is_taken_away(client: TurnClient) -> None:
    """While it is replaced, both do."""
    client.relay.use_secrets([b"n" * 32, SECRET])
    assert 0 == client.allocate().code
    client.relay.use_secrets([b"n" * 32])

    assert 401 == client.refresh().code


def test_answers_to_the_proven_are_signed(client: TurnClient) -> None:
    """Successes and errors: a client believes no other."""
    key = credentials.key_of(client.password)

    assert stun.holds(client.allocate().message, key)
    assert stun.holds(client.ask(Method.ALLOCATE, [UDP]).message, key)


def test_what_must_be_understood_and_is_not_is_named(client: TurnClient) -> None:
    """420 with the types: DONT-FRAGMENT is one. Only to whom has signed."""
    unknown = [(0x001A, b""), (0x7FFF, b"x"), (0x001A, b"")]

    answer = client.ask(Method.ALLOCATE, [UDP, *unknown])
    assert (420, b"\x00\x1a\x7f\xff") == (answer.code, answer.first(Attr.UNKNOWN_ATTRIBUTES))
    assert 420 == client.receive(bare(Method.BINDING, (0x7FFF, b""))).code
    assert 401 == client.receive(bare(Method.ALLOCATE, UDP, (0x7FFF, b""))).code
    assert 0 == client.allocate((0x8123, b"may be passed over")).code


@pytest.mark.parametrize("method", [Method.REFRESH, Method.CREATE_PERMISSION, Method.CHANNEL_BIND])
def test_without_an_allocation_there_is_nothing_to_change(client: TurnClient, method: int) -> None:
    """437, whatever else is in the request."""
    assert 437 == client.ask(method).code


def test_another_tag_cannot_touch_an_allocation(client: TurnClient, clock: Clock) -> None:
    """441; but the same tag may come with a newer password."""
    client.allocate()

    assert 441 == client.refresh(0, password(clock, "another")).code
    assert 0 == client.refresh(600, password(clock, "tag", 7200)).code
    assert 1 == client.relay.counters().allocations


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\xff" * 40,
        stun.serialise(Kind.REQUEST, 0x000A, b"c" * 12),
        stun.serialise(Kind.REQUEST, Method.DATA, b"c" * 12),
        stun.serialise(Kind.INDICATION, Method.BINDING, b"c" * 12),
        stun.serialise(Kind.SUCCESS, Method.BINDING, b"c" * 12),
        stun.serialise(Kind.ERROR, Method.ALLOCATE, b"c" * 12),
        stun.serialise(Kind.INDICATION, Method.SEND, b"c" * 12),
        channel_data(0x4000, b"x"),
    ],
)
def test_what_is_not_for_a_relay_is_met_with_silence(client: TurnClient, data: bytes) -> None:
    """RFC 8489 §6.3; two relays could answer each other for ever otherwise."""
    assert [] == client.receive(data).effects


def test_a_stream_that_makes_no_sense_is_closed_with_its_allocation(
    relay: Relay, clock: Clock
) -> None:
    """Nothing behind it could be read."""
    client = TurnClient(relay, clock, transport="tcp")
    client.allocate()

    assert [Gone(client.source), Close(client.source)] == client.receive(bytes(20)).effects


# Unsigned attributes behind a signature.


def test_what_stands_behind_the_signature_is_not_obeyed(client: TurnClient) -> None:
    """coturn ab762f33: LIFETIME=0 appended to a signed Refresh ended the allocation."""
    client.allocate()
    signed = client.request(Method.REFRESH)
    tail = stun.attribute(Attr.LIFETIME, bytes(4))
    longer = (len(signed) - 20 + len(tail)).to_bytes(2, "big")

    answer = client.receive(signed[:2] + longer + signed[4:] + tail)

    assert (0, (600).to_bytes(4, "big")) == (answer.code, answer.first(Attr.LIFETIME))
    assert 1 == client.relay.counters().allocations


# Data.


@pytest.fixture
def both(relay: Relay, clock: Clock) -> list[TurnClient]:
    """Patient and doctor, both relayed."""
    return met(relay, clock, "patient", "doctor")


def arrived(effects: list[object]) -> list[tuple[Source, Answer]]:
    return [(e.to, Answer([], e.data)) for e in effects if isinstance(e, Send)]


def test_the_longest_message_of_a_stream_can_be_written_for_anybody(
    relay: Relay, clock: Clock
) -> None:
    """As an indication it is longer than as it came: its length must still have 16 bits."""
    patient, doctor = met(relay, clock, "patient", "doctor")
    patient.bind(0x4000, doctor.relayed)
    longest = channel_data(0x4000, bytes(MESSAGE_MAX_BYTES // 4 * 4 - 4))
    (told,) = Framer().feed(stun.serialise(Kind.REQUEST, Method.BINDING, bytes(12)) + longest)[1:]

    ((_, slow),) = arrived([*patient.relay.receive(patient.source, told, clock.now)])
    fast = patient.forward(told)

    assert fast is not None and slow.data == fast.data
    assert len(longest) - 4 == len(slow.first(Attr.DATA))


def test_an_indication_arrives_as_an_indication(both: list[TurnClient]) -> None:
    """With the sender's virtual port, so that it can be answered."""
    patient, doctor = both

    ((to, got),) = arrived([*patient.indicate(b"hello", doctor.relayed)])

    assert doctor.source == to
    assert (Kind.INDICATION, Method.DATA) == (got.message.kind, got.message.method)
    assert b"hello" == got.first(Attr.DATA)
    peer = stun.read_address(got.first(Attr.XOR_PEER_ADDRESS), got.message.transaction)
    assert patient.relayed == peer


def test_data_on_a_channel_arrives_on_the_receivers_channel(both: list[TurnClient]) -> None:
    """Each end has its own numbers; who has none gets indications."""
    patient, doctor = both
    patient.bind(0x4000, doctor.relayed)

    ((_, got),) = arrived([*patient.channel_data(0x4000, b"hello")])
    assert b"hello" == got.first(Attr.DATA)

    doctor.bind(0x7ABC, patient.relayed)
    assert [Send(doctor.source, channel_data(0x7ABC, b"hello"))] == patient.channel_data(
        0x4000, b"hello"
    )
    assert [Send(doctor.source, channel_data(0x7ABC, b"hi"))] == patient.indicate(
        b"hi", doctor.relayed
    )
    assert [Send(patient.source, channel_data(0x4000, b"yes"))] == doctor.channel_data(
        0x7ABC, b"yes"
    )


def test_what_goes_to_a_stream_is_padded(relay: Relay, clock: Clock) -> None:
    """RFC 8656 §12.5; in a datagram it need not be."""
    patient, doctor = TurnClient(relay, clock, "p"), TurnClient(relay, clock, "d", transport="tcp")
    relay.bind(["p", "d"])
    for client in (patient, doctor):
        client.allocate()
    patient.bind(0x4000, doctor.relayed)
    doctor.bind(0x4000, patient.relayed)

    padded = channel_data(0x4000, b"hello") + bytes(3)
    assert [Send(doctor.source, padded)] == patient.channel_data(0x4000, b"hello")
    assert [Send(patient.source, channel_data(0x4000, b"hello"))] == doctor.channel_data(
        0x4000, b"hello"
    )


def test_a_length_that_does_not_fit_is_dropped(both: list[TurnClient]) -> None:
    """Nothing of another packet is ever sent along. Padding in a datagram is passed over."""
    patient, doctor = both
    patient.bind(0x4000, doctor.relayed)
    doctor.bind(0x4000, patient.relayed)
    hello = channel_data(0x4000, b"hello")

    for cut in (hello[:-1], hello[:4], hello[:3]):
        assert [] == patient.receive(cut).effects
    assert [Send(doctor.source, hello)] == patient.receive(hello + bytes(3)).effects


def test_an_indication_with_parts_missing_is_dropped(both: list[TurnClient]) -> None:
    """In silence: RFC 8656 §11.2. Also one that wants what we lack."""
    patient, doctor = both
    peer = (Attr.XOR_PEER_ADDRESS, stun.xor_address(*doctor.relayed, b"c" * 12))

    def sent(*attributes: tuple[int, bytes]) -> list[object]:
        data = stun.serialise(Kind.INDICATION, Method.SEND, b"c" * 12, attributes)
        return [*patient.receive(data).effects]

    assert [] == sent(peer)
    assert [] == sent((Attr.DATA, b"x"))
    assert [] == sent((Attr.XOR_PEER_ADDRESS, b"x"), (Attr.DATA, b"x"))
    assert [] == sent(peer, (Attr.DATA, b"x"), (0x001A, b""))
    assert 1 == len(sent((Attr.DATA, b"x"), (0x8022, b"software"), peer))


# The hot path says the same as the slow one.


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("has_channel", [False, True])
@pytest.mark.parametrize("family", [1, 2])
@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 1200])
def test_the_hot_path_says_what_the_slow_path_says(
    clock: Clock, transport: str, has_channel: bool, family: int, size: int
) -> None:
    """Byte for byte, for every kind of packet and receiver; nothing of another packet."""
    relay = new_relay(clock)
    patient, doctor = TurnClient(relay, clock, "p"), TurnClient(relay, clock, "d", port=7)
    doctor.source = doctor.source._replace(transport=transport)  # type: ignore[arg-type]
    relay.bind(["p", "d"])
    for client in (patient, doctor):
        client.allocate((Attr.REQUESTED_ADDRESS_FAMILY, bytes((family, 0, 0, 0))))
    patient.bind(0x4001, doctor.relayed)
    doctor.permit(patient.relayed)
    if has_channel:
        doctor.bind(0x4002, patient.relayed)
    payload = bytes(range(256)) * 5
    packets = [channel_data(0x4001, payload[:size]), indication(payload[:size], doctor.relayed)]

    for data in packets:
        assert patient.forward(data) is None
        (slow,) = patient.receive(data).effects
        assert slow == patient.forward(data)
    for data in indications_of(payload[:size], doctor.relayed):
        assert [patient.forward(data)] == patient.receive(data).effects


@given(st.data())
def test_no_bent_packet_finds_the_hot_path_and_the_slow_one_at_odds(data: st.DataObject) -> None:
    """What the first carries the second would carry alike, whatever the bytes."""
    clock = Clock()
    relay = new_relay(clock)
    patient, doctor = TurnClient(relay, clock, "p"), TurnClient(relay, clock, "d", port=7)
    relay.bind(["p", "d"])
    family = data.draw(st.sampled_from([1, 2]))
    for client in (patient, doctor):
        client.allocate((Attr.REQUESTED_ADDRESS_FAMILY, bytes((family, 0, 0, 0))))
    patient.bind(0x4001, doctor.relayed)
    doctor.permit(patient.relayed)
    good = [channel_data(0x4001, b"hello"), *indications_of(b"hello", doctor.relayed)]
    for packet in good:
        patient.receive(packet)
        assert patient.forward(packet)

    said = bent_of(good, data)

    fast = patient.forward(said)
    assert fast is None or [fast] == patient.receive(said).effects


def test_the_hot_path_leaves_everything_else_to_the_slow_one(both: list[TurnClient]) -> None:
    """Bent headers, other attributes, other channels, other people, requests."""
    patient, doctor = both
    patient.bind(0x4000, doctor.relayed)
    patient.channel_data(0x4000, b"hello")
    patient.indicate(b"hello", doctor.relayed)
    good = indication(b"hello", doctor.relayed)
    assert patient.forward(good)
    assert patient.forward(channel_data(0x4000, b"hello"))

    for data in (
        *bent_indications_of(b"hello", doctor.relayed),
        indication(b"hello", (RELAYED, 1)),
        channel_data(0x4001, b"hello"),
        channel_data(0x4000, b"hello")[:-1],
        patient.request(Method.REFRESH),
        b"",
        b"\x40\x00",
    ):
        assert patient.forward(data) is None
    assert TurnClient(patient.relay, patient.clock, port=1).forward(good) is None


# Strangers.


def test_no_answer_to_a_stranger_is_much_longer_than_its_request(clock: Clock) -> None:
    """2.5 times at most, over both families, for every method and every way to ask."""
    relay = new_relay(clock, Settings(stranger_answers_per_s=1e9, stranger_burst=1e9))
    requests = [
        bare(method, *attributes)
        for method in Method
        for attributes in (
            [],
            [UDP],
            [(0x7FFF, b"")],
            [(0x7FFF - n, b"") for n in range(9)],
            [(Attr.MESSAGE_INTEGRITY, bytes(20))],
            [(Attr.NONCE, b""), (Attr.USERNAME, b""), (Attr.REALM, b""), (8, bytes(20))],
        )
    ]
    worst = 0.0
    for ip in ("192.0.2.1", "2001:db8::9"):
        client = TurnClient(relay, clock, ip=ip)
        for request in requests:
            worst = max(worst, len(client.receive(request).data) / len(request))

    assert 2 < worst <= AMPLIFICATION_MAX


@given(
    st.sampled_from(list(Method)),
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from(list(Attr)[:-1]), st.integers(0, 0xFFFF)),
            st.binary(max_size=24),
        ),
        max_size=12,
    ),
    st.sampled_from(["192.0.2.1", "2001:db8::9"]),
)
def test_whatever_a_stranger_asks_the_answer_is_not_much_longer(
    method: Method, attributes: list[tuple[int, bytes]], ip: str
) -> None:
    """All that leaves for it, against what came."""
    relay = new_relay(Clock(), Settings(stranger_slots=16))
    client = TurnClient(relay, Clock(), ip=ip)
    request = bare(method, *attributes)

    answered = sum(len(e.data) for e in client.receive(request).effects if isinstance(e, Send))

    assert answered <= AMPLIFICATION_MAX * len(request)


def test_a_stranger_gets_few_answers_and_a_stream_as_many_as_it_asks(clock: Clock) -> None:
    """Forged senders cannot make us speak to somebody; a stream shows where it is."""
    relay = new_relay(clock)
    settings = Settings()

    def answers(transport: str) -> int:
        asked = [TurnClient(relay, clock, port=port, transport=transport) for port in range(100)]
        return sum(bool(c.receive(bare(Method.ALLOCATE, UDP)).data) for c in asked)

    assert settings.stranger_burst == answers("udp")
    assert 0 == answers("udp")
    clock.advance(1)
    assert settings.stranger_answers_per_s == answers("udp")
    assert 100 == answers("tcp")
    assert 100 - settings.stranger_burst + 100 + 90 == relay.counters().unanswered


def test_a_flood_of_forged_senders_is_held_nowhere(clock: Clock) -> None:
    """Five thousand addresses: not a byte more is held afterwards."""

    relay = new_relay(clock)

    def flood(first: int, count: int) -> None:
        for n in range(first, first + count):
            source = Source("udp", f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", n % 60000)
            relay.receive(source, bare(Method.ALLOCATE, UDP), clock.now)

    flood(0, 200)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    flood(200, 5_000)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert after - before < 5_000
    assert 0 == relay.counters().allocations


# Anything at all.


@given(st.binary(max_size=120), st.sampled_from(["udp", "tcp"]))
def test_any_bytes_from_anybody_are_answered_or_not_but_never_raise(
    data: bytes, transport: str
) -> None:
    """To strangers and to a client that has an allocation alike."""
    clock = Clock()
    relay = new_relay(clock, Settings(stranger_slots=16))
    client = TurnClient(relay, clock, transport=transport)
    client.receive(data)
    client.allocate()
    client.receive(data)
    client.forward(data)


@given(st.data())
def test_a_bent_request_of_a_client_never_raises(data: st.DataObject) -> None:
    """Signed nonsense: attributes of any size in any order."""
    clock = Clock()
    client = TurnClient(new_relay(clock, Settings(stranger_slots=16)), clock)
    client.allocate()
    attributes = data.draw(
        st.lists(st.tuples(st.sampled_from(list(Attr)[:-1]), st.binary(max_size=24)), max_size=5)
    )
    method = data.draw(st.sampled_from(list(Method)))
    attributes = [each for each in attributes if each[0] != Attr.MESSAGE_INTEGRITY]

    answer = client.ask(method, attributes)

    assert answer.code in CODES | {None, 0}
    assert client.relay.counters().refused.keys() <= CODES


# The server's word.


def test_an_end_ends_at_once_and_for_good(both: list[TurnClient], clock: Clock) -> None:
    """The allocation goes, its packets stop, and its password is of no use any more."""
    patient, doctor = both
    patient.bind(0x4000, doctor.relayed)
    assert patient.channel_data(0x4000, b"x")

    assert [Gone(doctor.source)] == patient.relay.end(["doctor"], clock.now)

    assert [] == patient.channel_data(0x4000, b"x")
    assert patient.forward(channel_data(0x4000, b"x")) is None
    assert 403 == doctor.refresh().code
    assert 403 == doctor.allocate().code
    assert 0 == patient.refresh().code


def test_an_end_closes_streams(relay: Relay, clock: Clock) -> None:
    """Gone first, so that nothing is sent there any more."""
    client = TurnClient(relay, clock, "t", transport="tls")
    assert Opened(client.source) == client.allocate().effects[0]

    assert [Gone(client.source), Close(client.source)] == relay.end(["t", "t"], clock.now)
    assert [] == relay.end(["t"], clock.now)


def test_a_lost_stream_takes_its_allocation_along(relay: Relay, clock: Clock) -> None:
    """Once."""
    client = TurnClient(relay, clock, transport="tcp")
    client.allocate()

    assert [Gone(client.source)] == relay.lost(client.source)
    assert [] == relay.lost(client.source)
    assert 0 == relay.counters().allocations


def test_counters_tell_how_much_and_of_nobody(both: list[TurnClient]) -> None:
    """Packets and bytes of both paths; refusals by code."""
    patient, doctor = both
    patient.indicate(b"hello", doctor.relayed)
    patient.forward(indication(b"hello", doctor.relayed))
    patient.receive(b"\xffnonsense")
    patient.permit(("10.0.0.1", 1))

    counters = patient.relay.counters()

    assert (2, 1, 2, 10) == (
        counters.allocations,
        counters.consultations,
        counters.packets,
        counters.bytes,
    )
    assert ({401: 2, 403: 1}, 1) == (counters.refused, counters.discarded)
    assert "192.0.2" not in repr(counters)


def test_counters_tell_how_much_of_the_limits_is_in_use(clock: Clock) -> None:
    """Allocations of the most, and bytes of the last tick with what a packet costs beside them."""
    cost = 1000 + PACKET_COST_BYTES
    relay = new_relay(clock, Settings(allocations_max=8, bytes_per_s=10 * cost))
    patient, doctor = met(relay, clock, "patient", "doctor")
    relay.tick(clock.advance(1))

    for _ in range(4):
        patient.indicate(bytes(1000), doctor.relayed)
    assert patient.forward(indication(bytes(1000), doctor.relayed))
    assert (25, 0) == (relay.counters().allocations_percent, relay.counters().bytes_percent)
    relay.tick(clock.advance(1))
    assert 50 == relay.counters().bytes_percent
    relay.tick(clock.advance(1))

    assert 0 == relay.counters().bytes_percent


@pytest.mark.parametrize(
    ("relayed", "sentence"),
    [
        ([], "needs an address"),
        (["192.0.2.1", "192.0.2.2"], "one address of a family"),
        (["::ffff:192.0.2.1"], "written as one"),
        (["example.org"], "does not appear"),
    ],
)
def test_a_relay_knows_its_own_addresses(relayed: list[str], sentence: str) -> None:
    """Refused at the start, not at the first call."""
    with pytest.raises(ValueError, match=sentence):
        Relay(relayed, [SECRET], Dice())


# A foreign client: aioice's codec.


def test_a_foreign_client_allocates_binds_and_is_heard(relay: Relay, clock: Clock) -> None:
    """Its requests are understood, its checks of our answers hold."""
    here, name = Source("udp", "192.0.2.44", 1234), password(clock, "t")
    key = credentials.key_of(name)

    def ask(method: foreign.Method, **attributes: object) -> foreign.Message:
        given_ = {n.replace("_", "-"): value for n, value in attributes.items()}
        request = foreign.Message(method, foreign.Class.REQUEST, attributes=given_)
        if nonce:
            request.attributes["USERNAME"] = name.username
            request.attributes["REALM"] = "relay"
            request.attributes["NONCE"] = nonce
            request.add_message_integrity(key)
        (effect,) = (e for e in relay.receive(here, bytes(request), clock.now) if type(e) is Send)
        answer = foreign.parse_message(effect.data)
        assert not nonce or answer.check_message_integrity(key)
        return answer

    nonce = b""
    refused = ask(foreign.Method.ALLOCATE, LIFETIME=600, REQUESTED_TRANSPORT=0x11000000)
    assert 401 == refused.error_code
    nonce = refused.attributes["NONCE"]
    granted = ask(foreign.Method.ALLOCATE, LIFETIME=600, REQUESTED_TRANSPORT=0x11000000)
    relayed = granted.attributes["XOR-RELAYED-ADDRESS"]

    assert (RELAYED, 600) == (relayed[0], granted.attributes["LIFETIME"])
    assert here[1:3] == granted.attributes["XOR-MAPPED-ADDRESS"]
    bound = ask(foreign.Method.CHANNEL_BIND, CHANNEL_NUMBER=0x4000, XOR_PEER_ADDRESS=relayed)
    assert foreign.Class.RESPONSE == bound.message_class
    (looped,) = relay.receive(here, channel_data(0x4000, b"to myself"), clock.now)
    assert Send(here, channel_data(0x4000, b"to myself")) == looped
    assert 0 == ask(foreign.Method.REFRESH, LIFETIME=0).attributes["LIFETIME"]
