"""Send indications, read where they lie, say what the parser says of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import indications, stun
from relay.stun import Attr, Kind, Method
from tests.relay.turn_client import indications_of

PEERS = [("198.51.100.1", 50_000), ("2001:db8::1", 50_001)]
TRANSACTION = b"another one."


def known(*peers: tuple[str, int]) -> dict[indications.PeerKey, str]:
    """Peers whose address was read from other messages before."""
    return {
        indications.peer_key(stun.xor_address(*peer, TRANSACTION), TRANSACTION): peer[0]
        for peer in peers
    }


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("size", [0, 1, 4, 1200])
def test_each_form_that_clients_send_is_read(peer: tuple[str, int], size: int) -> None:
    """Either order, either family, with a FINGERPRINT or without, whatever the transaction."""
    payload = bytes(range(256)) * 5

    for data in indications_of(payload[:size], peer):
        read = indications.read(known(*PEERS), memoryview(data))
        assert read is not None
        to, at, length = read
        assert (peer[0], payload[:size]) == (to, data[at : at + length])


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_that_is_not_known_is_left_to_the_parser(peer: tuple[str, int]) -> None:
    """Another port is another peer."""
    for data in indications_of(b"hello", (peer[0], peer[1] + 1)):
        assert indications.read(known(*PEERS), memoryview(data)) is None


def test_a_fingerprint_that_does_not_hold_is_left_to_the_parser() -> None:
    """It is no message then."""
    (*_, data) = indications_of(b"hello", PEERS[0])

    assert indications.read(known(*PEERS), memoryview(data))
    assert indications.read(known(*PEERS), memoryview(data[:-1] + b"\0")) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Attr.XOR_PEER_ADDRESS, Attr.DATA, Attr.FINGERPRINT, 0x8022, 0x1A]),
            st.sampled_from([stun.xor_address(*peer, TRANSACTION) for peer in PEERS])
            | st.binary(max_size=24),
        ),
        max_size=4,
    ),
    st.binary(max_size=9),
    st.integers(0, 80),
)
def test_nothing_is_read_that_the_parser_reads_otherwise(
    attributes: list[tuple[int, bytes]], more: bytes, end: int
) -> None:
    """Any attributes, cut anywhere, with anything behind."""
    whole = stun.serialise(Kind.INDICATION, Method.SEND, TRANSACTION, attributes)
    data = (whole[: max(end, stun.HEADER_BYTES)] if end < 80 else whole) + more
    data = data[:2] + (len(data) - stun.HEADER_BYTES).to_bytes(2, "big") + data[4:]

    read = indications.read(known(*PEERS), memoryview(data))

    if read is not None:
        to, at, length = read
        message = stun.parse(data)
        value = message.first(Attr.XOR_PEER_ADDRESS) or b""
        assert to == stun.read_address(value, message.transaction)[0]
        assert message.first(Attr.DATA) == data[at : at + length]
        assert not message.unknown
