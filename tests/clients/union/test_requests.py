"""Enrolment requests: signed by the device, whole, and of real keys."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.union import links, requests
from clients.union.encoding import decode, encode
from clients.union.errors import Unreadable
from clients.union.keys import public_key, signing_key
from clients.union.requests import Algorithm, Passkey
from tests.clients.authenticator import AUTHENTICATORS
from tests.dice import Dice
from tests.unions import DAY, ADevice

DEVICE = ADevice(Dice())
TEXT = DEVICE.request()
PASSKEYS = [one.passkey for one in AUTHENTICATORS]
POINT = PASSKEYS[0].key


def made(**other: Any) -> str:
    """A request with some of its keys replaced, rightly signed."""
    read = requests.read(TEXT)
    given_ = {
        "encryption_key": read.encryption_key,
        "link_key": links.link_key(DEVICE.master),
        "first_day": read.first_day,
        "day_keys": read.day_keys,
        **other,
    }
    return requests.make(signing_key(DEVICE.seed), **given_)


def test_a_request_is_read_as_it_was_made() -> None:
    """Keys, days, and the names that follow from them."""
    read = requests.read(TEXT)

    assert public_key(DEVICE.seed) == read.device_key
    assert (DAY, 30) == (read.first_day, len(read.day_keys))
    assert DEVICE.handle == read.handle and 22 == len(read.device)


@pytest.mark.parametrize("passkey", PASSKEYS, ids=lambda x: x.algorithm.name)
def test_a_request_names_the_passkey(passkey: Passkey) -> None:
    """One byte of algorithm, then the key, before the days."""
    text = made(passkey=passkey)
    body = decode(text.removeprefix(requests.PREFIX))

    assert passkey == requests.read(text).passkey
    assert bytes((passkey.algorithm,)) + passkey.key == body[102 : 103 + len(passkey.key)]
    assert requests.read(TEXT) == replace(requests.read(text), passkey=None)
    assert 0 == decode(TEXT.removeprefix(requests.PREFIX))[102]


def test_a_passkey_of_an_unknown_kind_is_refused() -> None:
    """Though both signatures hold."""
    body = bytearray(decode(TEXT.removeprefix(requests.PREFIX))[:-128])
    body[102] = 3
    signed = b"teleconsult enrolment v3\n" + bytes(body)
    by_device = signing_key(DEVICE.seed).sign(signed)
    by_link = links.link_key(DEVICE.master).sign(signed)

    with pytest.raises(Unreadable, match="another version"):
        requests.read(requests.PREFIX + encode(bytes(body) + by_device + by_link))


def test_line_breaks_of_a_mail_do_no_harm() -> None:
    """A request is copied by hand."""
    broken = "\n".join(TEXT[at : at + 60] for at in range(0, len(TEXT), 60))

    assert requests.read(TEXT) == requests.read(f"  {broken}\r\n")


def test_a_request_fits_a_qr_code() -> None:
    """At most 2,953 bytes in the largest."""
    assert len(made(passkey=PASSKEYS[0])) <= 2_953


def test_every_changed_byte_is_found() -> None:
    """The signature covers all of it."""
    data = bytearray(decode(TEXT.removeprefix(requests.PREFIX)))
    for position in range(0, len(data), 5):
        data[position] ^= 1
        with pytest.raises(Unreadable):
            requests.read(requests.PREFIX + encode(bytes(data)))
        data[position] ^= 1


@pytest.mark.parametrize(
    "other",
    [
        {"day_keys": ()},
        {"day_keys": (b"k" * 32, b"k" * 32)},
        {"day_keys": (public_key(DEVICE.seed),)},
        {"encryption_key": bytes(32)},
        {"day_keys": tuple(public_key(bytes([n]) * 32) for n in range(63))},
        {"passkey": Passkey(Algorithm.ES256, POINT[:-1] + bytes((POINT[-1] ^ 1,)))},
        {"passkey": Passkey(Algorithm.ES256, bytes(64))},
        {"passkey": Passkey(Algorithm.ES256, POINT[:-1])},
        {"passkey": Passkey(Algorithm.EDDSA, POINT)},
        {"passkey": Passkey(Algorithm.EDDSA, b"\1" + bytes(31))},
        {"passkey": Passkey(Algorithm.EDDSA, public_key(DEVICE.seed))},
    ],
    ids=[
        "no days",
        "one day twice",
        "device key as day key",
        "no key at all",
        "too many days",
        "a passkey beside its curve",
        "a passkey of zeros",
        "a passkey cut short",
        "a passkey too long",
        "a passkey under which anybody signs",
        "the device key as passkey",
    ],
)
def test_a_request_that_makes_no_sense_is_refused(other: dict[str, Any]) -> None:
    """Though its signature holds."""
    with pytest.raises(Unreadable):
        requests.read(made(**other))


@pytest.mark.parametrize("place", ["device", "link", "day"])
def test_a_key_under_which_anybody_signs_is_refused(place: str) -> None:
    """R the neutral element and S zero: RFC 8032's check lets it pass for every text."""
    weak = b"\1" + bytes(31)
    anyhow = weak + bytes(32)
    seed, link = signing_key(DEVICE.seed), links.link_key(DEVICE.master)
    body = bytearray(decode(TEXT.removeprefix(requests.PREFIX))[:-128])
    at = {"device": 1, "link": 65, "day": 103}[place]
    body[at : at + 32] = weak
    signed = b"teleconsult enrolment v3\n" + bytes(body)
    by_device = anyhow if place == "device" else seed.sign(signed)
    by_link = anyhow if place == "link" else link.sign(signed)
    text = requests.PREFIX + encode(bytes(body) + by_device + by_link)

    with pytest.raises(Unreadable, match="anybody can sign"):
        requests.read(text)


def test_a_link_key_copied_from_a_link_enrols_nothing() -> None:
    """Its public half is in every personal link; only its owner signs with it."""
    thief, body = ADevice(Dice(1)), bytearray(decode(TEXT.removeprefix(requests.PREFIX))[:-128])
    body[1:33] = public_key(thief.seed)
    text = b"teleconsult enrolment v3\n" + bytes(body)
    by_device = signing_key(thief.seed).sign(text)
    owners = decode(TEXT.removeprefix(requests.PREFIX))[-64:]

    for by_link in (by_device, links.link_key(thief.master).sign(text), owners, bytes(64)):
        with pytest.raises(Unreadable, match="signature"):
            requests.read(requests.PREFIX + encode(bytes(body) + by_device + by_link))
    true = links.link_key(DEVICE.master).sign(text)
    assert (
        DEVICE.handle
        == requests.read(requests.PREFIX + encode(bytes(body) + by_device + true)).handle
    )


@given(st.text(max_size=60) | st.binary(max_size=300).map(lambda d: requests.PREFIX + encode(d)))
def test_any_other_text_is_unreadable(text: str) -> None:
    """Never another exception."""
    with pytest.raises(Unreadable):
        requests.read(text)
