"""What other relays were found to do wrong, tried on ours.

A row of `HELD` names where each lesson is held; the tests below hold those that fit nowhere
else. The names are coturn's: advisories, pull requests, commits.
"""

import ast
import tracemalloc
from pathlib import Path

import pytest

from relay import stun
from relay.core import Relay, Settings
from relay.stun import Attr, Kind, Method
from tests.clock import Clock
from tests.house.test_arrows import imports, room_files
from tests.house.tree import ROOT
from tests.relay.turn_client import UDP, TurnClient, channel_data, indication, met, new_relay

# Advisory -> the test that holds its lesson, as file and function.
HELD = {
    # 0.0.0.0, ::1 and :: as far end reach the machine itself; so does ::ffff:a.b.c.d.
    "CVE-2020-26262": "relay/test_requests.py::test_nothing_but_the_relay_itself_is_a_peer",
    "CVE-2026-27624, b057acbe, #1945, #1947": (
        "relay/test_requests.py::test_nor_is_it_written_in_ipv6"
    ),
    # Ranges of IPv6 compared byte by byte.
    "6c13608c": "relay/test_policy.py::test_a_network_is_denied_from_its_first_address_to_its_last",
    # Attributes behind MESSAGE-INTEGRITY are obeyed.
    "ab762f33": "relay/test_core.py::test_what_stands_behind_the_signature_is_not_obeyed",
    # A port is lost with each EVEN-PORT.
    "4adbd82e": "relay/test_requests.py::test_an_even_port_is_given_and_nothing_kept_beside_it",
    # Moving an allocation gets round quotas.
    "a97f1924, 3c5b2615": "relay/test_requests.py::test_an_allocation_does_not_move",
    # Floods from forged addresses: memory, and answers to others.
    "#1999, #2002": "relay/test_core.py::test_a_flood_of_forged_senders_is_held_nowhere",
    "#1957": "relay/test_core.py::test_a_stranger_gets_few_answers_and_a_stream_as_many_as_it_asks",
    # State is made before a DTLS cookie.
    "c36aeaa7": "relay/test_advisories.py::test_dtls_is_met_with_silence",
    # Ports and nonces from dice that can be foreseen.
    "CVE-2025-69217": "relay/test_advisories.py::test_no_dice_that_can_be_foreseen_are_at_hand",
    # Doors that a relay does not need: OAuth, databases, a command line.
    "CVE-2026-43994, GHSA-4g7c-p5wg-j4hp, GHSA-v8hj-2xx7-xmp5, e72930f5": (
        "relay/test_advisories.py::test_there_is_one_way_to_prove_oneself"
    ),
    # Signatures are compared in variable time.
    "#1869": "house/test_files.py::test_secrets_are_compared_in_constant_time",
    # Memory grows for months.
    "#1898, #1933, #1960": "relay/test_advisories.py::test_moving_packets_leaves_nothing_behind",
}


@pytest.mark.parametrize("where", HELD.values())
def test_each_lesson_is_held_by_a_test_that_exists(where: str) -> None:
    """A test that is renamed takes its row along."""
    file, _, name = where.partition("::")
    tree = ast.parse(Path(ROOT, "tests", file).read_text(encoding="utf-8"))

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.fixture
def relay(clock: Clock) -> Relay:
    return new_relay(clock)


def test_dtls_is_met_with_silence(relay: Relay, clock: Clock) -> None:
    """c36aeaa7: no browser speaks it to a relay, and it begins before anybody is proven."""
    hello = bytes.fromhex("16fefd0000000000000000003001000024000000000000002400") + bytes(80)
    client = TurnClient(relay, clock)

    for data in (hello, hello[:13], hello[:1]):
        assert [] == client.receive(data).effects


def test_no_dice_that_can_be_foreseen_are_at_hand() -> None:
    """CVE-2025-69217: ports, nonces and transactions come from the system's."""
    for room in ("relay", "deploy"):
        used = {name for path in room_files(ROOT, room) for name in imports(room, path)}
        assert not {name for name in used if name.partition(".")[0] in ("random", "uuid", "numpy")}
    started = Path(ROOT, "deploy", "relay.py").read_text(encoding="utf-8")
    assert "secrets.token_bytes" in started


@pytest.mark.parametrize("attribute", [0x001B, 0x001C, 0x001D, 0x001E])
def test_there_is_one_way_to_prove_oneself(relay: Relay, clock: Clock, attribute: int) -> None:
    """CVE-2026-43994: ACCESS-TOKEN, SHA-256, PASSWORD-ALGORITHM and USERHASH are refused as
    not understood; an answer to a stranger offers none of them."""
    client = TurnClient(relay, clock)

    asked = stun.serialise(Kind.REQUEST, Method.ALLOCATE, b"o" * 12, [UDP])
    offered = {type_ for type_, _ in client.receive(asked).message.attributes}
    assert {Attr.ERROR_CODE, Attr.REALM, Attr.NONCE} == offered
    answer = client.allocate((attribute, bytes(32)))

    assert 420 == answer.code
    assert attribute.to_bytes(2, "big") == answer.first(Attr.UNKNOWN_ATTRIBUTES)


def test_moving_packets_leaves_nothing_behind(clock: Clock) -> None:
    """#1898, #1933, #1960: neither on the fast way nor on the slow one, nor what is refused."""
    relay = new_relay(clock, Settings(bytes_per_s_per_tag=10**9, bytes_per_s=10**9))
    patient, doctor = met(relay, clock, "patient", "doctor")
    patient.bind(0x4000, doctor.relayed)
    packets = [
        channel_data(0x4000, b"x" * 100),
        channel_data(0x4FFF, b"x"),
        indication(b"x" * 100, doctor.relayed),
        indication(b"x", (doctor.relayed[0], 1)),
        b"\xffnonsense",
        patient.request(Method.REFRESH, [(0x7FFF, b"")]),
        patient.request(Method.CREATE_PERMISSION),
    ]

    def rounds(count: int) -> None:
        for _ in range(count):
            for data in packets:
                if patient.forward(data) is None:
                    patient.receive(data)
            relay.tick(clock.advance(0.001))

    rounds(50)
    tracemalloc.start()
    rounds(50)
    before, _ = tracemalloc.get_traced_memory()
    rounds(1_000)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert after - before < 5_000
