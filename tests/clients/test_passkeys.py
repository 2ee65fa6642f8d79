"""The gesture of the day: this device, this day, these pages, by a person who was verified."""

import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.passkeys import Assertion, Passkey, challenge, check
from clients.union.requests import Algorithm
from signaling.encoding import encode
from tests.clients.authenticator import AUTHENTICATORS, UP, UV, Authenticator
from tests.clients.seal_cast import AUDIENCE, DAY_S, NOW, TODAY, code_of, flipped, key, public

DEVICE = public(key("doctor"))
ES256, EDDSA = AUTHENTICATORS
MIDNIGHT = TODAY * DAY_S


def passkey_of(authenticator: Authenticator) -> Passkey:
    is_p256 = authenticator.algorithm is Algorithm.ES256
    return Passkey("ES256" if is_p256 else "EdDSA", authenticator.passkey.key)


def judged(
    assertion: Assertion | None,
    by: Authenticator = ES256,
    now: float = NOW,
    audience: str = AUDIENCE,
    device: bytes = DEVICE,
) -> str | None:
    """The code with which this gesture is refused, None if it holds."""
    return code_of(check, assertion, passkey_of(by), device, audience, now)


@pytest.mark.parametrize("by", AUTHENTICATORS, ids=lambda x: x.algorithm.name)
def test_a_gesture_of_today_or_yesterday_holds(by: Authenticator) -> None:
    """A night on duty is one gesture; a clock may be a minute ahead at midnight."""
    gesture = by.asserts(TODAY, DEVICE)

    for now in (MIDNIGHT - 60, MIDNIGHT, NOW, MIDNIGHT + 2 * DAY_S - 61):
        assert judged(gesture, by, now) is None
    for now in (MIDNIGHT - 61, MIDNIGHT - DAY_S, MIDNIGHT + 2 * DAY_S - 60):
        assert "passkey" == judged(gesture, by, now)


@pytest.mark.parametrize("by", AUTHENTICATORS, ids=lambda x: x.algorithm.name)
def test_a_gesture_is_signed_by_the_passkey(by: Authenticator) -> None:
    """Any changed bit, another's, or one by the other algorithm."""
    good, other = by.asserts(TODAY, DEVICE), replace(by, name=8)
    bad = [
        replace(good, signature=flipped(good.signature, -1)),
        replace(good, signature=good.signature + b"\0"),
        replace(good, signature=bytes(64)),
        replace(good, data=flipped(good.data, -1)),
        replace(good, client=good.client.replace(b"}", b" }")),
        other.asserts(TODAY, DEVICE),
        *(one.asserts(TODAY, DEVICE) for one in AUTHENTICATORS if one != by),
    ]

    assert judged(good, by) is None
    assert ["passkey"] * 7 == [judged(gesture, by) for gesture in bad]


def test_a_gesture_is_about_this_device() -> None:
    """The challenge is of the device key and the day, and of nothing else."""
    other = public(key("another device"))
    assert "passkey" == judged(ES256.asserts(TODAY, other))
    assert judged(ES256.asserts(TODAY, other), device=other) is None

    text = b"teleconsult passkey v1\n" + TODAY.to_bytes(4, "big") + DEVICE
    assert hashlib.sha256(text).digest() == challenge(TODAY, DEVICE)
    for given_ in (encode(text), encode(challenge(TODAY, DEVICE)) + "=", "", 7, None, ["x"]):
        assert "passkey" == judged(ES256.asserts(TODAY, DEVICE, challenge=given_))


def test_a_gesture_is_made_on_these_pages() -> None:
    """Another origin, a page within another's, an authenticator that meant another host."""
    for said in (
        {"type": "webauthn.create"},
        {"type": None},
        {"origin": "https://exemple.fr:8443"},
        {"origin": "http://exemple.fr"},
        {"origin": "https://exemple.fr.example"},
        {"origin": None},
        {"crossOrigin": True},
        {"crossOrigin": 0},
        {"crossOrigin": "false"},
    ):
        assert "passkey" == judged(ES256.asserts(TODAY, DEVICE, **said)), said
    for rp in ("autre.fr", "fr", "https://exemple.fr", ""):
        assert "passkey" == judged(ES256.asserts(TODAY, DEVICE, rp=rp)), rp
    assert judged(ES256.asserts(TODAY, DEVICE, crossOrigin=None)) is None
    assert judged(ES256.asserts(TODAY, DEVICE, other_keys="may come")) is None


def test_the_host_is_the_audiences() -> None:
    """With a port or on this machine; an audience that is no origin has none."""
    for audience, rp in (
        ("https://exemple.fr:8443", "exemple.fr"),
        ("http://localhost:8", "localhost"),
    ):
        by = replace(ES256, origin=audience)
        assert judged(by.asserts(TODAY, DEVICE, rp=rp), by, audience=audience) is None
    for audience in ("exemple.fr", "https://exemple.fr/", "ftp://exemple.fr", "https://EXEMPLE.fr"):
        by = replace(ES256, origin=audience)
        assert "passkey" == judged(by.asserts(TODAY, DEVICE), by, audience=audience)


def test_somebody_was_there_and_was_verified() -> None:
    """Both flags; others say nothing here."""
    for flags in (0, UP, UV, 0xFF ^ UP, 0xFF ^ UV):
        assert "passkey" == judged(ES256.asserts(TODAY, DEVICE, flags=flags))
    assert judged(ES256.asserts(TODAY, DEVICE, flags=0xFF)) is None
    assert judged(ES256.asserts(TODAY, DEVICE, more=b"extension")) is None


def test_what_the_browser_says_is_json() -> None:
    """An object in UTF-8; whatever else is refused, rightly signed or not."""
    good = ES256.asserts(TODAY, DEVICE)
    for client in (b"", b"{", b"[]", b"null", b"\xff", b"\xef\xbb\xbf" + good.client, b"[" * 500):
        assert "passkey" == judged(ES256.signed(good.data, client))
    assert "passkey" == judged(ES256.signed(good.data, good.client.decode().encode("utf-16")))
    spaced = json.dumps(json.loads(good.client), indent=1).encode()
    assert judged(ES256.signed(good.data, spaced)) is None


def test_there_is_a_gesture_exactly_where_the_union_says_so() -> None:
    """None is missing, and none comes unasked."""
    good = ES256.asserts(TODAY, DEVICE)

    assert "passkey" == judged(None)
    assert "passkey" == code_of(check, good, None, DEVICE, AUDIENCE, NOW)
    assert code_of(check, None, None, DEVICE, AUDIENCE, NOW) is None


def test_a_key_that_is_none_has_no_gesture() -> None:
    """A point beside the curve, and a key under which anybody signs."""
    good = ES256.asserts(TODAY, DEVICE)
    anyhow = replace(good, signature=b"\1" + bytes(63))
    for passkey in (Passkey("ES256", bytes(64)), Passkey("EdDSA", b"\1" + bytes(31))):
        for gesture in (good, anyhow):
            assert "passkey" == code_of(check, gesture, passkey, DEVICE, AUDIENCE, NOW)


@given(st.binary(min_size=37, max_size=60), st.binary(max_size=60), st.binary(max_size=72))
def test_any_bytes_are_refused(data: bytes, client: bytes, signature: bytes) -> None:
    """Nothing but Refused comes of them."""
    for by in AUTHENTICATORS:
        assert "passkey" == judged(Assertion(data, client, signature), by)


def test_a_gesture_is_not_in_a_repr() -> None:
    """What a patient gets is not for a log."""
    assert "Assertion()" == repr(ES256.asserts(TODAY, DEVICE))
