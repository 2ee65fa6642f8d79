"""The handshake where the union asks for a gesture: who has the device key alone, plays nobody."""

from dataclasses import replace
from typing import Any

import pytest

from clients.peer.passkeys import CLIENT_MAX_BYTES, DATA_MAX_BYTES
from clients.peer.sealed_letters import LETTER_SIZES
from clients.peer.sealing import Refused
from clients.union import credentials, lists, requests, tokens
from signaling.encoding import encode
from tests.clients.authenticator import AUTHENTICATORS, UP, Authenticator
from tests.clients.seal_cast import (
    OFFER,
    TODAY,
    UNION,
    Doctor,
    Impostor,
    Patient,
    Union,
    answered,
    code_of,
    key,
    personal,
    pool,
    public,
    run,
    written,
)
from tests.dice import Dice
from tests.unions import NOW, ORIGIN, ADevice, AUnion

ES256, EDDSA = AUTHENTICATORS
DEVICE = key("doctor")


def read(m2_of: dict[str, Any], by: Authenticator | None = ES256) -> str | None:
    """How the patient's page ends with an M2 of these fields, from who has the device key."""
    claims = {} if by is None else {"passkey": by.jwk}
    patient = Patient().handshake()
    identity = UNION.identity(DEVICE, **claims)
    return code_of(patient.read, Impostor().m2(patient.m1, identity=identity, **m2_of))


@pytest.mark.parametrize("by", AUTHENTICATORS, ids=lambda x: x.algorithm.name)
def test_two_ends_agree_with_a_gesture(by: Authenticator) -> None:
    """On either kind of link, with either algorithm."""
    for link in (personal(), pool()):
        done = run(Patient(link).handshake(), Doctor(authenticator=by).handshake())
        assert done.proposal.digits == done.confirmation.digits
        assert "x" == done.doctor.read(done.patient.write("x"))


def test_the_device_key_alone_plays_nobody() -> None:
    """No gesture, somebody else's, another day's, another device's, or a careless one."""
    device = public(DEVICE)
    other = Authenticator(name=8)
    assert "passkey" == read({})
    for gesture in (
        other.asserts(TODAY, device),
        EDDSA.asserts(TODAY, device),
        ES256.asserts(TODAY - 2, device),
        ES256.asserts(TODAY + 1, device),
        ES256.asserts(TODAY, public(key("another device"))),
        ES256.asserts(TODAY, device, origin="https://autre.fr"),
        ES256.asserts(TODAY, device, rp="autre.fr"),
        ES256.asserts(TODAY, device, flags=UP),
    ):
        assert "passkey" == read({"passkey": written(gesture)})
    for day in (TODAY, TODAY - 1):
        assert read({"passkey": written(ES256.asserts(day, device))}) is None


def test_no_gesture_comes_unasked() -> None:
    """What the union did not name, no page believes."""
    gesture = written(ES256.asserts(TODAY, public(DEVICE)))

    assert "passkey" == read({"passkey": gesture}, by=None)
    assert read({}, by=None) is None


def test_the_gesture_is_for_the_audience_of_the_union_that_vouches() -> None:
    """Another trusted union's pages are another host."""
    other = Union("another union", "https://autre.fr")
    doctor = Doctor(union=other, authenticator=ES256)
    patient = Patient(unions=(UNION, other)).handshake()
    assert "passkey" == code_of(patient.read, answered(doctor.handshake(), patient.m1))

    ours = Doctor(authenticator=ES256)
    patient = Patient(unions=(UNION, other)).handshake()
    assert code_of(patient.read, answered(ours.handshake(), patient.m1)) is None


def test_m2_holds_the_longest_list_beside_a_gesture() -> None:
    """With the longest card and gesture, and an offer as long as a browser's: measured."""
    union, device, dice = AUnion(), ADevice(Dice(3)), Dice(4)
    longest = union.list([encode(dice(16)) for _ in range(120)], typ=tokens.LIST)
    request = replace(requests.read(device.request()), passkey=ES256.passkey)
    card = credentials.Card("é" * 40, "é" * 20)
    identity = credentials.identity(union.root, ORIGIN, request, card, 30, NOW, dice).token
    gesture = {
        "data": encode(bytes(DATA_MAX_BYTES)),
        "client": encode(bytes(CLIENT_MAX_BYTES)),
        "signature": encode(bytes(72)),
    }
    fields = {"identity": identity, "list": longest, "passkey": gesture}

    m2 = Impostor().m2(Patient().handshake().m1, **fields, offer=OFFER.ljust(7000, "x"))

    assert lists.LIST_MAX_CHARS - 64 < len(longest) <= lists.LIST_MAX_CHARS
    assert 1120 + max(LETTER_SIZES) + 16 == len(m2)
    with pytest.raises(Refused):
        Impostor().m2(Patient().handshake().m1, **fields, offer=OFFER.ljust(9000, "x"))
