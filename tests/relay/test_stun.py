"""STUN messages: the RFC's own samples, every way of not adding up, and any bytes at all."""

import hashlib
import struct

import pytest
from aioice import stun as foreign
from hypothesis import given
from hypothesis import strategies as st

from relay import stun
from relay.stun import Attr, BadMessage, Kind, Method

TRANSACTION = bytes.fromhex("b7e7a701bc34d686fa87dfae")
PASSWORD = b"VOkJxbRl1RmTxUk/WvJxBt"

# RFC 5769 (Test Vectors for STUN) §2.1 to §2.4.
REQUEST = bytes.fromhex(
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004e57a3bcf"
)
RESPONSE_V4 = bytes.fromhex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96"
)
RESPONSE_V6 = bytes.fromhex(
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004c8fb0b4c"
)
LONG_TERM = bytes.fromhex(
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"
    "0014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666"
)


@pytest.mark.parametrize("data", [REQUEST, RESPONSE_V4, RESPONSE_V6])
def test_the_samples_of_the_rfc_are_read_and_hold(data: bytes) -> None:
    """RFC 5769 §2.1 to §2.3: integrity and fingerprint fit, and fit nothing else."""
    message = stun.parse(data)

    assert TRANSACTION == message.transaction
    assert stun.holds(message, PASSWORD)
    assert not stun.holds(message, PASSWORD + b"x")


def test_the_long_term_sample_of_the_rfc_holds() -> None:
    """RFC 5769 §2.4: the key is the MD5 of name, realm and password."""
    message = stun.parse(LONG_TERM)
    name = "マトリックス".encode()
    key = hashlib.md5(name + b":example.org:TheMatrIX").digest()

    assert stun.holds(message, key)
    assert (name, b"example.org") == (message.first(Attr.USERNAME), message.first(Attr.REALM))
    assert b"f//499k954d6OL34oL9FSTvy64sA" == message.first(Attr.NONCE)


@pytest.mark.parametrize(
    ("data", "ip"),
    [(RESPONSE_V4, "192.0.2.1"), (RESPONSE_V6, "2001:db8:1234:5678:11:2233:4455:6677")],
)
def test_the_addresses_of_the_rfc_are_read_and_written(data: bytes, ip: str) -> None:
    """RFC 5769 §2.2, §2.3: XOR-MAPPED-ADDRESS, both ways."""
    value = stun.parse(data).first(Attr.XOR_MAPPED_ADDRESS)

    assert value is not None
    assert (ip, 32853) == stun.read_address(value, TRANSACTION)
    assert value == stun.xor_address(ip, 32853, TRANSACTION)


def test_what_must_be_understood_and_is_not_is_told_apart() -> None:
    """PRIORITY is unknown to a relay; SOFTWARE may be passed over. RFC 8489 §6.3.1."""
    message = stun.parse(REQUEST)

    assert (0x0024,) == message.unknown
    assert [b"STUN test client"] == message.all(0x8022)


def head(type_: int = 1, length: int = 0, cookie: int = stun.COOKIE) -> bytes:
    """A header, bent in one property."""
    return struct.pack(">HHI12s", type_, length, cookie, TRANSACTION)


def with_body(body: bytes) -> bytes:
    """A message with a true length."""
    return head(length=len(body)) + body


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "shorter than a header"),
        (head()[:-1], "shorter than a header"),
        (head(type_=0x4001), "the two highest bits are not zero"),
        (head(type_=0x8001), "the two highest bits are not zero"),
        (head(cookie=0x2112A443), "another magic cookie"),
        (head(length=4), "the length does not fit the message"),
        (head() + bytes(4), "the length does not fit the message"),
        (head(length=3) + bytes(3), "the length does not fit the message"),
        (with_body(struct.pack(">HH", 6, 1)), "an attribute is longer than the message"),
        (with_body(struct.pack(">HH", 6, 0xFFFF)), "an attribute is longer than the message"),
        (with_body(struct.pack(">HH", 8, 16) + bytes(16)), "MESSAGE-INTEGRITY has another size"),
        (with_body(struct.pack(">HH", 8, 0)), "MESSAGE-INTEGRITY has another size"),
        (
            with_body(struct.pack(">HHI", 0x8028, 4, 0)),
            "FINGERPRINT does not fit the message",
        ),
        (
            with_body(struct.pack(">HH", 0x8028, 0)),
            "FINGERPRINT is not the end of the message",
        ),
        (
            with_body(struct.pack(">HHIHH", 0x8028, 4, 0, 6, 0)),
            "FINGERPRINT is not the end of the message",
        ),
    ],
)
def test_what_does_not_add_up_is_no_message(data: bytes, sentence: str) -> None:
    """One sentence per cause, and never another exception."""
    with pytest.raises(BadMessage) as caught:
        stun.parse(data)

    assert sentence == str(caught.value)


def test_a_message_has_so_many_attributes_and_no_more() -> None:
    """A stranger's message costs little to read, however long it is."""
    most = [(0x7FFF - n, b"") for n in range(stun.ATTRIBUTES_MAX)]

    whole = stun.parse(stun.serialise(Kind.REQUEST, Method.BINDING, TRANSACTION, most))
    assert stun.ATTRIBUTES_MAX == len(whole.unknown)
    with pytest.raises(BadMessage, match="more attributes"):
        stun.parse(stun.serialise(Kind.REQUEST, Method.BINDING, TRANSACTION, [*most, most[0]]))


def test_one_changed_bit_breaks_the_fingerprint() -> None:
    """Every byte before it is under it, and so is its own value."""
    for at in {*range(20, len(REQUEST))} - {*range(len(REQUEST) - 8, len(REQUEST) - 4)}:
        with pytest.raises(BadMessage):
            stun.parse(REQUEST[:at] + bytes((REQUEST[at] ^ 1,)) + REQUEST[at + 1 :])


def test_nothing_behind_integrity_is_read() -> None:
    """coturn ab762f33: an unsigned LIFETIME=0 behind a signature was obeyed."""
    signed = stun.serialise(Kind.REQUEST, Method.REFRESH, TRANSACTION, key=b"k")
    tail = stun.attribute(Attr.LIFETIME, bytes(4)) + stun.attribute(0x7FFF, b"")
    total = len(signed) - 20 + len(tail)
    message = stun.parse(signed[:2] + struct.pack(">H", total) + signed[4:] + tail)

    assert stun.holds(message, b"k")
    assert ((), ()) == (message.attributes, message.unknown)


def test_a_second_integrity_is_not_read_either() -> None:
    """The first one is the one that was checked."""
    signed = stun.serialise(Kind.REQUEST, Method.REFRESH, TRANSACTION, key=b"k")
    tail = stun.attribute(Attr.MESSAGE_INTEGRITY, bytes(20))
    message = stun.parse(signed[:2] + struct.pack(">H", 48) + signed[4:] + tail)

    assert stun.holds(message, b"k")


def test_repeated_attributes_are_all_kept_and_the_first_one_wins() -> None:
    """Peers of one CreatePermission are all asked for; a second USERNAME is none."""
    values = [(Attr.XOR_PEER_ADDRESS, b"one!"), (Attr.XOR_PEER_ADDRESS, b"two!")]
    message = stun.parse(stun.serialise(Kind.REQUEST, Method.SEND, TRANSACTION, values))

    assert [b"one!", b"two!"] == message.all(Attr.XOR_PEER_ADDRESS)
    assert b"one!" == message.first(Attr.XOR_PEER_ADDRESS)


@pytest.mark.parametrize(
    "value",
    [b"", b"\0\1", bytes(8), b"\0\1" + bytes(5), b"\0\1" + bytes(18), b"\0\2" + bytes(6)],
)
def test_an_address_has_the_size_of_its_family(value: bytes) -> None:
    """Family 0, or another number of bytes: no address."""
    with pytest.raises(BadMessage):
        stun.read_address(value, TRANSACTION)


def test_a_socket_of_both_families_shows_no_mapped_address() -> None:
    """A client reached over IPv4 is told an IPv4 address."""
    plain = stun.xor_address("192.0.2.7", 9, TRANSACTION)

    assert plain == stun.xor_address("::ffff:192.0.2.7", 9, TRANSACTION)


def test_a_foreign_reader_reads_what_we_write() -> None:
    """aioice's codec, on the other side: integrity, fingerprint and address."""
    data = stun.serialise(
        Kind.SUCCESS,
        Method.BINDING,
        TRANSACTION,
        [(Attr.XOR_MAPPED_ADDRESS, stun.xor_address("2001:db8::7", 65535, TRANSACTION))],
        b"key",
        fingerprint=True,
    )
    message = foreign.parse_message(data)

    assert message.check_message_integrity(b"key")
    assert ("2001:db8::7", 65535) == message.attributes["XOR-MAPPED-ADDRESS"]


@given(
    st.sampled_from(list(Kind)),
    st.sampled_from(list(Method)),
    st.binary(min_size=12, max_size=12),
    st.lists(
        st.tuples(
            st.sampled_from([Attr.USERNAME, Attr.DATA, Attr.NONCE, 0x8022]), st.binary(max_size=40)
        ),
        max_size=6,
    ),
    st.none() | st.binary(max_size=20),
    st.booleans(),
)
def test_reading_inverts_writing(
    kind: Kind,
    method: Method,
    transaction: bytes,
    attributes: list[tuple[int, bytes]],
    key: bytes | None,
    fingerprint: bool,
) -> None:
    """parse(serialise(x)) == x, signed or not."""
    data = stun.serialise(kind, method, transaction, attributes, key, fingerprint=fingerprint)
    message = stun.parse(data)

    assert (kind, method, transaction) == (message.kind, message.method, message.transaction)
    assert tuple(attributes) == message.attributes
    assert bool(message.mac) == (key is not None)
    assert key is None or stun.holds(message, key)


@given(st.ip_addresses(), st.integers(0, 65535), st.binary(min_size=12, max_size=12))
def test_addresses_come_back(ip: object, port: int, transaction: bytes) -> None:
    """read_address(xor_address(x)) == x, but for IPv4 hidden in IPv6."""
    text = str(ip)
    mapped = getattr(ip, "ipv4_mapped", None)

    assert (str(mapped or text), port) == stun.read_address(
        stun.xor_address(text, port, transaction), transaction
    )


def test_a_mapped_address_that_a_client_sends_is_not_unfolded() -> None:
    """CVE-2026-27624: ::ffff:a.b.c.d is judged as what it is, and not silently translated."""
    hidden = bytes.fromhex("00000000000000000000ffff7f000001")
    pad = stun.COOKIE.to_bytes(4, "big") + TRANSACTION
    value = b"\0\2\0\0" + bytes(a ^ b for a, b in zip(hidden, pad, strict=True))

    assert ":" in stun.read_address(value, TRANSACTION)[0]


@given(st.binary(max_size=200) | st.binary(max_size=80).map(with_body))
def test_any_bytes_are_a_message_or_our_error(data: bytes) -> None:
    """Never another exception, whatever is sent."""
    try:
        stun.parse(data)
    except BadMessage:
        pass


@given(st.data())
def test_a_bent_message_is_a_message_or_our_error(data: st.DataObject) -> None:
    """The same near to what is true: one byte of a sample changed, or its end cut off."""
    sample = data.draw(st.sampled_from([REQUEST, RESPONSE_V6, LONG_TERM]))
    at = data.draw(st.integers(0, len(sample) - 1))
    byte = data.draw(st.integers(0, 255))
    for bent in (sample[:at], sample[:at] + bytes((byte,)) + sample[at + 1 :]):
        try:
            stun.parse(bent)
        except BadMessage:
            pass
