"""Renewal: further days for what the register knows, and for nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clients.union import bundles, credentials, register, requests, tokens
from clients.union.credentials import Card
from clients.union.errors import UnionError
from clients.union.office import Office, Order, Renewed
from tests.clients.authenticator import Authenticator
from tests.clock import Clock
from tests.dice import Dice
from tests.unions import DAY, ORIGIN, QUEUE, ADevice

PASSPHRASE = "quatre mots au hasard"
CARD = Card("Dr Camille Martin", "Médecine générale")
LATER = DAY + 25


class Staff:
    """Somebody at the union's machine, 25 days after a doctor was enrolled."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.asked = 0
        self.folder = folder
        self.clock = clock
        self.office = Office(folder, self.ask, clock, Dice(5), log2_n=2)
        self.office.init("Union des médecins", ORIGIN)

    def ask(self, _: bool) -> str:
        self.asked += 1
        return PASSPHRASE

    def enrols(self, device: ADevice, order: Order) -> None:
        self.office.issue(device.request(), order)

    def a_month_passes(self) -> None:
        self.clock.advance((LATER - DAY) * credentials.DAY_S)
        self.asked = 0

    def bundle(self, device: ADevice) -> bundles.Bundle:
        files = [
            (self.folder / f"bundles/{number}.bin").read_bytes() for number in range(bundles.FILES)
        ]
        return bundles.open_(files, device.encryption)

    def published(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}


@pytest.fixture
def staff(tmp_path: Path, clock: Clock) -> Staff:
    return Staff(tmp_path / "union", clock)


@pytest.mark.parametrize("has_links", [True, False])
def test_a_renewed_device_has_what_it_had(staff: Staff, has_links: bool) -> None:
    """Card, queues and links; only the days are new."""
    device = ADevice(Dice(1))
    staff.enrols(device, Order(CARD, [QUEUE, "garde"], has_links))
    staff.a_month_passes()

    (renewed,) = staff.office.renew([device.request(LATER)])

    assert renewed.name == CARD.name and renewed.enrolled is not None
    assert (LATER, 30) == (renewed.enrolled.first_day, renewed.enrolled.days)
    bundle = staff.bundle(device)
    said = [tokens.unchecked(token) for token in bundle.access]
    assert {(QUEUE, "garde")} == {tuple(claims["queues"]) for claims in said}
    assert {device.handle if has_links else None} == {claims.get("handle") for claims in said}
    assert {"name": CARD.name, "specialty": CARD.specialty} == tokens.unchecked(bundle.identity)[
        "card"
    ]


def test_several_devices_cost_one_passphrase(staff: Staff) -> None:
    """A month's end is one sitting."""
    devices = [ADevice(Dice(seed)) for seed in range(3)]
    for number, device in enumerate(devices):
        staff.enrols(device, Order(replace(CARD, name=f"Dr {number}"), [QUEUE]))
    staff.a_month_passes()

    renewed = staff.office.renew([device.request(LATER) for device in devices])

    assert ["Dr 0", "Dr 1", "Dr 2"] == [one.name for one in renewed]
    assert 1 == staff.asked
    for device in devices:
        assert 30 == len(staff.bundle(device).access)


def test_what_cannot_be_renewed_is_told_and_the_rest_is_done(staff: Staff) -> None:
    """One bad request in a post bag does not stop the others."""
    known, stranger, lost = (ADevice(Dice(seed)) for seed in (1, 2, 3))
    staff.enrols(known, Order(CARD, [QUEUE]))
    staff.enrols(lost, Order(replace(CARD, name="Dr Perdu"), [QUEUE]))
    staff.office.revoke("Dr Perdu")
    staff.a_month_passes()

    renewed = staff.office.renew(
        ["enrol3.AAAA", stranger.request(LATER), lost.request(LATER), known.request(LATER)]
    )

    assert [False, False, False, True] == [one.enrolled is not None for one in renewed]
    sentences = ("damaged|cut short", "knows no device", "was revoked")
    for one, sentence in zip(renewed, sentences, strict=False):
        assert any(part in one.failure for part in sentence.split("|")), one.failure
    assert 30 == len(staff.bundle(known).access)


def other_link_key(device: ADevice) -> None:
    device.master = b"m" * 32


def other_encryption_key(device: ADevice) -> None:
    device.encryption = ADevice(Dice(8)).encryption


@pytest.mark.parametrize("change", [other_link_key, other_encryption_key])
def test_a_device_with_another_key_beside_is_looked_at(
    staff: Staff, change: Callable[[ADevice], None]
) -> None:
    """By a person: that is what `issue` is for; nothing is written."""
    device = ADevice(Dice(1))
    staff.enrols(device, Order(CARD, [QUEUE], has_links=True))
    staff.a_month_passes()
    before = staff.published()
    change(device)

    (renewed,) = staff.office.renew([device.request(LATER)])

    assert renewed.enrolled is None and "other keys beside" in renewed.failure
    assert before == staff.published()


def test_a_passkey_that_nobody_looked_at_is_not_renewed(staff: Staff) -> None:
    """Whoever borrowed the page could name his own finger."""
    device = ADevice(Dice(1))
    staff.enrols(device, Order(CARD, [QUEUE]))
    plain = requests.read(device.request(LATER))
    held = staff.office.show()[1]
    named = replace(plain, passkey=Authenticator().passkey)

    register.renewed(held, plain)
    with pytest.raises(UnionError, match="other keys beside"):
        register.renewed(held, named)


def test_a_device_whose_days_are_over_is_enrolled_anew(staff: Staff) -> None:
    """The register has forgotten it."""
    device = ADevice(Dice(1))
    staff.enrols(device, Order(CARD, [QUEUE]))
    staff.clock.advance(40 * credentials.DAY_S)
    staff.office.list()

    (renewed,) = staff.office.renew([device.request(DAY + 40)])

    assert "its days are over" in renewed.failure


def test_a_renewed_device_is_revoked_with_all_it_holds(staff: Staff) -> None:
    """Of both months."""
    device = ADevice(Dice(1))
    staff.enrols(device, Order(CARD, [QUEUE]))
    staff.a_month_passes()
    first = {tokens.unchecked(token)["jti"] for token in staff.bundle(device).access[-5:]}
    staff.office.renew([device.request(LATER)])
    second = {tokens.unchecked(token)["jti"] for token in staff.bundle(device).access}

    staff.office.revoke(CARD.name)

    assert first | second <= staff.office.list().revoked


def test_a_wrong_passphrase_renews_nobody(staff: Staff) -> None:
    """In a sentence; nothing is written."""
    device = ADevice(Dice(1))
    staff.enrols(device, Order(CARD, [QUEUE]))
    before = staff.published()
    office = Office(staff.folder, lambda _: "another passphrase", staff.clock, Dice(6), log2_n=2)

    with pytest.raises(UnionError, match="passphrase"):
        office.renew([device.request(LATER)])

    assert before == staff.published()


def test_days_out_of_range_are_told_for_each(staff: Staff) -> None:
    """As `issue` tells them."""
    device = ADevice(Dice(1))
    staff.enrols(device, Order(CARD, [QUEUE]))

    assert [Renewed("", None, "A bundle covers 1 to 62 days (--days).")] == staff.office.renew(
        [device.request()], days=63
    )
