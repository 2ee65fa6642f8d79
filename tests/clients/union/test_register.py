"""The register: who is enrolled, and what a list must name."""

from dataclasses import replace

import pytest

from clients.union import register, requests
from clients.union.encoding import encode
from clients.union.errors import UnionError, Unreadable
from clients.union.register import Device, Register
from tests.clients.authenticator import Authenticator
from tests.dice import Dice
from tests.unions import NOW, ADevice

FIRST, SECOND = (requests.read(ADevice(Dice(seed)).request()) for seed in (1, 2))


def device(request: requests.Request, name: str, **ids: int) -> Device:
    return Device(
        name, "Médecine générale", ("q",), encode(request.encryption_key), {name: NOW + 10}, ids
    )


HELD = register.enrol(Register(), FIRST, device(FIRST, "Dr A", one=NOW + 10, two=NOW + 20))


def test_a_register_is_read_as_it_was_written() -> None:
    """All of it."""
    assert HELD == register.read(register.write(HELD))


def test_a_renewed_device_keeps_its_older_credentials() -> None:
    """They too are revoked if it is lost."""
    renewed = register.enrol(HELD, FIRST, device(FIRST, "Dr A", three=NOW + 30))

    revoked = register.revoke(renewed, FIRST.device)
    assert ["one", "three", "two"] == register.revoked_access(revoked)


def test_only_what_is_revoked_is_listed_and_only_while_it_lives() -> None:
    """A list grows no longer than needed."""
    both = register.enrol(HELD, SECOND, device(SECOND, "Dr B", four=NOW + 40))
    revoked = register.revoke(both, FIRST.device)

    assert [] == register.revoked_access(both)
    assert ["two"] == register.revoked_access(register.forget(revoked, NOW + 10))
    assert [SECOND.device] == list(register.forget(revoked, NOW + 20).devices)


def test_a_revoked_device_is_not_enrolled_again() -> None:
    """Whoever found it asks in vain."""
    with pytest.raises(UnionError):
        register.enrol(register.revoke(HELD, FIRST.device), FIRST, device(FIRST, "Dr A"))


def test_a_device_keeps_the_passkey_that_it_was_enrolled_with() -> None:
    """Who has the page's keys and not the finger cannot ask for less; more is welcome."""
    one, another = (Authenticator(name=name).passkey for name in (7, 8))
    held = register.enrol(HELD, replace(FIRST, passkey=one), device(FIRST, "Dr A"))

    for other in (None, another):
        with pytest.raises(UnionError, match="passkey"):
            register.enrol(held, replace(FIRST, passkey=other), device(FIRST, "Dr A"))
    again = register.enrol(held, replace(FIRST, passkey=one), device(FIRST, "Dr A"))
    assert held.devices[FIRST.device].passkey == again.devices[FIRST.device].passkey


def test_one_encryption_key_belongs_to_one_device() -> None:
    """Two slots of one name would hide one of them."""
    with pytest.raises(UnionError):
        register.enrol(HELD, SECOND, device(FIRST, "Dr B"))


def test_a_handle_belongs_to_one_doctor() -> None:
    """Who copied a link key from a link does not get its queue; a second telephone does."""
    copied = replace(SECOND, link_key=FIRST.link_key)

    with pytest.raises(UnionError, match="Another doctor"):
        register.enrol(HELD, copied, device(SECOND, "Dr B"))
    read = register.read(register.write(HELD))
    with pytest.raises(UnionError, match="Another doctor"):
        register.enrol(read, copied, device(SECOND, "Dr B"))
    both = register.enrol(HELD, copied, device(SECOND, "dr a"))
    assert {FIRST.handle} == {held.handle for held in both.devices.values()}


def test_a_handle_is_free_again_once_its_thief_is_revoked() -> None:
    """Whoever came first is not who it belongs to."""
    revoked = register.revoke(HELD, FIRST.device)
    copied = replace(SECOND, link_key=FIRST.link_key)

    assert SECOND.device in register.enrol(revoked, copied, device(SECOND, "Dr B")).devices


def test_a_device_is_found_by_id_by_its_beginning_and_by_name() -> None:
    """Whatever staff has at hand."""
    for who in (FIRST.device, FIRST.device[:6], "Dr A", "dr a"):
        assert FIRST.device == register.find(HELD, who)
    for who in (FIRST.device[:5], "Dr", "nobody", ""):
        with pytest.raises(UnionError):
            register.find(HELD, who)


def test_a_name_with_two_devices_must_be_told_apart() -> None:
    """Or all are meant, aloud."""
    both = register.enrol(HELD, SECOND, device(SECOND, "Dr A", four=NOW + 40))

    with pytest.raises(UnionError, match="--all"):
        register.find(both, "Dr A")
    assert {FIRST.device, SECOND.device} == set(register.devices_of(both, "Dr A"))
    assert [FIRST.device] == register.devices_of(both, FIRST.device)


def test_slots_stay_or_go_with_their_devices() -> None:
    """A revoked device's bundle is wiped."""
    revoked = register.revoke(HELD, FIRST.device)

    assert [FIRST.encryption_key] == register.encryption_keys(HELD, is_revoked=False)
    assert [FIRST.encryption_key] == register.encryption_keys(revoked, is_revoked=True)
    assert replace(HELD, seq=3).seq == 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"devices": {"a": 1}}'])
def test_a_damaged_register_is_a_sentence(text: str) -> None:
    """Never a trace; a copy does not know of later revocations, and staff is told."""
    with pytest.raises(Unreadable, match="then revoke again whom you revoked since"):
        register.read(text)
