"""The office: a real folder, from a union's first day to a lost device.

Longer than most files: one folder's days, each a step on from the one before.
"""

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clients.peer import identity
from clients.peer.sealing import Refused
from clients.union import (
    bundles,
    credentials,
    encoding,
    keys,
    links,
    lists,
    register,
    requests,
    tokens,
)
from clients.union.credentials import Card
from clients.union.encoding import decode, encode
from clients.union.errors import UnionError
from clients.union.office import Office, Order, personal_link
from signaling import capability
from tests.clock import Clock
from tests.dice import Dice
from tests.unions import DAY, NOW, ORIGIN, QUEUE, ADevice

PASSPHRASE = "quatre mots au hasard"
ORDER = Order(Card("Dr Camille Martin", "Médecine générale"), [QUEUE])
PROBE = Order(Card("Sonde de Rennes", "Sonde"), (), role="probe")
STAFF = Order(Card("Sacha Martin", "Équipe"), (), role="staff")
PUBLISHED = {
    "union.json",
    "list.jwt",
    "access-list.jwt",
    *(f"bundles/{n}.bin" for n in range(bundles.FILES)),
}


class Staff:
    """Union staff with a folder and a passphrase, at a time of day."""

    def __init__(self, folder: Path, clock: Clock, dice: Dice) -> None:
        self.folder = folder
        self.clock = clock
        self.asked: list[bool] = []
        self.passphrase = PASSPHRASE
        self.office = Office(folder, self.ask, clock, dice, log2_n=2)

    def ask(self, is_new: bool) -> str:
        self.asked.append(is_new)
        return self.passphrase

    def files(self) -> list[bytes]:
        return [(self.folder / "bundles" / f"{n}.bin").read_bytes() for n in range(bundles.FILES)]

    def bundle(self, device: ADevice) -> bundles.Bundle:
        return bundles.open_(self.files(), device.encryption)

    def listed(self) -> lists.RevocationList:
        union = self.office.union()
        text = (self.folder / "access-list.jwt").read_text().strip()
        now = self.clock.now
        return lists.read(text, union.root, union.id, union.audience, now, typ=tokens.ACCESS_LIST)

    def texts(self) -> Iterator[tuple[str, bytes]]:
        for path in self.folder.rglob("*"):
            if path.is_file():
                yield path.relative_to(self.folder).as_posix(), path.read_bytes()


@pytest.fixture
def staff(tmp_path: Path, clock: Clock, dice: Dice) -> Staff:
    made = Staff(tmp_path / "union", clock, dice)
    made.office.init("Union des médecins", ORIGIN)
    made.asked.clear()
    return made


@pytest.fixture
def device() -> ADevice:
    return ADevice(Dice(9))


def claims_of(token: str, typ: str, staff: Staff, now: float) -> dict[str, object]:
    union = staff.office.union()
    return tokens.check(token, typ, union.root, union.audience, union.id, now)


def test_a_union_is_made_once(staff: Staff) -> None:
    """A second root key would make the first one's doctors strangers."""
    with pytest.raises(UnionError, match="already"):
        staff.office.init("Another", ORIGIN)


@pytest.mark.parametrize("left", ["root.key", "union.json", "list.key", "doctors.json"])
def test_no_union_is_made_over_what_is_left_of_another(staff: Staff, left: str) -> None:
    """A root key kept elsewhere still needs its list key, and the ids that it may revoke."""
    for name in {"root.key", "union.json", "list.key", "doctors.json"} - {left}:
        (staff.folder / name).unlink()
    before = dict(staff.texts())

    with pytest.raises(UnionError, match=f"{left} already"):
        staff.office.init("Another", ORIGIN)
    assert before == dict(staff.texts()) and [] == staff.asked


def test_what_is_secret_is_readable_by_its_owner_only(staff: Staff) -> None:
    """What is published, by everybody."""
    modes = {name: stat.S_IMODE((staff.folder / name).stat().st_mode) for name, _ in staff.texts()}

    assert {0o644} == {modes[name] for name in PUBLISHED}
    assert {0o600} == {modes[name] for name in ("root.key", "list.key", "doctors.json")}
    assert 0o700 == stat.S_IMODE(staff.folder.stat().st_mode)


def test_no_published_file_holds_a_secret(staff: Staff, device: ADevice) -> None:
    """Nor does any file hold the root's seed or the queue master in the clear."""
    staff.office.issue(device.request(), ORDER)
    root = keys.unlock((staff.folder / "root.key").read_text().strip(), PASSPHRASE)
    list_seed = decode((staff.folder / "list.key").read_text().strip())

    def found(secret: bytes) -> set[str]:
        forms = (secret, encode(secret).encode(), secret.hex().encode())
        return {name for name, data in staff.texts() if any(form in data for form in forms)}

    assert set() == found(root.seed) | found(root.queue_master) | found(device.master)
    assert set() == found(root.queue_key(QUEUE, DAY))
    assert {"list.key"} == found(list_seed), "the control: what is in a file is found"


def test_an_enrolled_doctor_opens_a_month(staff: Staff, device: ADevice) -> None:
    """An identity, thirty days of access, each day's queue key, and the union."""
    done = staff.office.issue(device.request(), ORDER)

    bundle = staff.bundle(device)
    identity = claims_of(bundle.identity, tokens.IDENTITY, staff, NOW)
    assert {"name": "Dr Camille Martin", "specialty": "Médecine générale"} == identity["card"]
    assert 30 == len(bundle.access) == done.days
    for n, token in enumerate(bundle.access):
        noon = (DAY + n) * credentials.DAY_S + 12 * 3600
        claims = claims_of(token, tokens.ACCESS, staff, noon)
        assert "handle" not in claims and [QUEUE] == claims["queues"]
    assert {str(DAY + n) for n in range(30)} == bundle.queue_keys.keys()
    assert staff.office.union().id == tokens.unchecked(bundle.identity)["iss"]
    assert json.loads((staff.folder / "union.json").read_text()) == bundle.union


def test_no_day_that_is_over_is_signed(staff: Staff, device: ADevice, clock: Clock) -> None:
    """A late request is answered from the day on duty, each day for its own key."""
    clock.advance(2 * 3600 - 1)
    done = staff.office.issue(device.request(DAY - 10), ORDER)
    assert (DAY - 1, 21) == (done.first_day, done.days), "last night's duty ends at 10:00"
    clock.advance(1)
    done = staff.office.issue(device.request(DAY - 10), replace(ORDER, days=5))
    assert (DAY, 5) == (done.first_day, done.days)

    bundle = staff.bundle(device)
    assert {str(DAY + n) for n in range(5)} == bundle.queue_keys.keys()
    for n, token in enumerate(bundle.access):
        claims = claims_of(token, tokens.ACCESS, staff, (DAY + n) * 86_400 + 12 * 3600)
        key = encoding.thumbprint(keys.public_key(device.day_seeds[10 + n]))
        assert {"jkt": key} == claims["cnf"]
    ends = tokens.unchecked(bundle.identity)["exp"]
    assert tokens.unchecked(bundle.access[-1])["exp"] == ends


def test_colleagues_of_a_queue_share_its_key_of_the_day(staff: Staff, device: ADevice) -> None:
    """Whoever enrolled when; others of another queue do not."""
    other, stranger = ADevice(Dice(10)), ADevice(Dice(11))
    staff.office.issue(device.request(), ORDER)
    staff.office.issue(other.request(DAY + 1), ORDER)
    staff.office.issue(stranger.request(), Order(ORDER.card, ["pediatrie"]))

    tomorrow = str(DAY + 1)
    keys_ = [staff.bundle(d).queue_keys[tomorrow] for d in (device, other, stranger)]
    assert keys_[0] == keys_[1] and keys_[0][QUEUE] != keys_[2]["pediatrie"]


def test_a_doctor_with_links_has_a_handle(staff: Staff, device: ADevice) -> None:
    """In each day's access, by which his personal queue is his."""
    staff.office.issue(device.request(), Order(ORDER.card, [], has_links=True))

    handles = {tokens.unchecked(token).get("handle") for token in staff.bundle(device).access}
    assert {device.handle} == handles


def test_a_probe_has_a_queue_of_its_own_and_a_link_to_it(staff: Staff, device: ADevice) -> None:
    """Credentials for that queue alone, a name that is its own, and a link for a year."""
    done = staff.office.issue(device.request(), PROBE)

    queue = f"probe-{done.device[:8]}"
    for token in staff.bundle(device).access:
        claims = tokens.unchecked(token)
        assert ("probe", [queue]) == (claims["role"], claims["queues"])
        assert "handle" not in claims
    link = capability.parse(done.link.removeprefix(f"{ORIGIN}/#"))
    assert (queue, "", 0) == (link.queue, link.holder, link.uses)
    assert NOW + 365 * 86_400 == link.ends == done.link_ends
    assert link.is_signed_by(staff.office.union().root)
    assert done.link not in repr(done)


def test_staff_is_vouched_for_and_serves_nothing(staff: Staff, device: ADevice) -> None:
    """No queue, no handle, no queue key, and an identity that no patient's page takes."""
    assert "" == staff.office.issue(device.request(), STAFF).link

    bundle = staff.bundle(device)
    claims = [tokens.unchecked(token) for token in bundle.access]
    assert {("staff", 0)} == {(one["role"], len(one["queues"])) for one in claims}
    assert not any("handle" in one for one in claims)
    assert {0} == {len(keys_) for keys_ in bundle.queue_keys.values()}
    card = claims_of(bundle.identity, tokens.STAFF_IDENTITY, staff, NOW)["card"]
    assert {"name": "Sacha Martin", "specialty": "Équipe"} == card
    assert "handle" not in tokens.unchecked(bundle.identity)


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        (Order(ORDER.card, ["probe"]), "whose queue no doctor serves"),
        (Order(ORDER.card, [QUEUE, "probe-2"]), "whose queue no doctor serves"),
        (Order(ORDER.card, [QUEUE], role="probe"), "cannot be the queue of a probe"),
        (Order(ORDER.card, ["probe", "a b"], role="probe"), "cannot name a queue"),
        (Order(ORDER.card, ["probe"], True, role="probe"), "Only doctors"),
        (Order(ORDER.card, [QUEUE], role="staff"), "leave --queue out"),
        (Order(ORDER.card, [], True, role="staff"), "Only doctors"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_is_signed_that_a_server_would_refuse(
    staff: Staff, device: ADevice, order: Order, sentence: str
) -> None:
    """In a sentence, before the passphrase is asked for."""
    with pytest.raises(UnionError, match=sentence):
        staff.office.issue(device.request(), order)
    assert [] == staff.asked


def test_a_device_keeps_its_role(staff: Staff, device: ADevice) -> None:
    """What it was given before holds on, so that it would have two."""
    staff.office.issue(device.request(), STAFF)

    for order, sentence in ((ORDER, "as staff"), (PROBE, "as staff")):
        with pytest.raises(UnionError, match=sentence):
            staff.office.issue(device.request(), order)
    assert {"staff"} == {one.role for one in staff.office.show()[1].devices.values()}


@pytest.mark.parametrize("order", [PROBE, STAFF], ids=["probe", "staff"])
def test_a_probe_and_staff_are_renewed_and_revoked_as_doctors_are(
    staff: Staff, device: ADevice, clock: Clock, order: Order
) -> None:
    """Same role, same queue, other days; then all of it is on the list."""
    staff.office.issue(device.request(), order)
    before = tokens.unchecked(staff.bundle(device).access[0])
    clock.advance(20 * 86_400)

    (renewed,) = staff.office.renew([device.request(DAY + 20)])
    after = tokens.unchecked(staff.bundle(device).access[-1])
    staff.office.revoke(order.card.name)

    assert renewed.enrolled is not None and order.role == renewed.role
    assert before["role"] == after["role"] and before["queues"] == after["queues"]
    assert after["jti"] in staff.listed().revoked


def test_a_lost_device_is_on_the_next_list_with_all_it_holds(staff: Staff, device: ADevice) -> None:
    """Without a passphrase; its bundle is wiped; another doctor's is not."""
    other = ADevice(Dice(10))
    done = staff.office.issue(device.request(), ORDER)
    staff.office.issue(other.request(), Order(Card("Dr B", "Pédiatrie"), [QUEUE]))
    held = {tokens.unchecked(t)["jti"] for t in staff.bundle(device).access}
    kept, before = staff.bundle(other), staff.listed()
    staff.asked.clear()

    assert [done.device] == staff.office.revoke(done.device[:8])

    assert held == staff.listed().revoked and staff.listed().seq == before.seq + 1
    assert [] == staff.asked and kept == staff.bundle(other)
    with pytest.raises(UnionError):
        staff.bundle(device)
    with pytest.raises(UnionError, match="revoked"):
        staff.office.issue(device.request(), ORDER)


def test_a_fresh_list_needs_nobody(staff: Staff, clock: Clock) -> None:
    """A timer over the weekend: a new number, a new day, no passphrase."""
    clock.advance(20 * 3600)

    signed = staff.office.list()

    assert signed == staff.listed() and int(clock.now) + 24 * 3600 == signed.ends
    assert int(clock.now) == signed.seq and [] == staff.asked


def test_a_restored_register_numbers_no_list_below_one_that_servers_hold(
    staff: Staff, clock: Clock
) -> None:
    """Whether or not the lists came back with it; a server would ignore it."""
    older = (staff.folder / "doctors.json").read_bytes()
    for _ in range(5):
        newest = staff.office.list()
    (staff.folder / "doctors.json").write_bytes(older)
    assert newest.seq < staff.office.list().seq

    clock.advance(60)
    (staff.folder / "doctors.json").write_bytes(older)
    for name in ("list.jwt", "access-list.jwt"):
        (staff.folder / name).unlink()
    assert newest.seq < staff.office.list().seq


def test_a_list_forgets_what_is_over(staff: Staff, device: ADevice, clock: Clock) -> None:
    """Thirty days later nothing of the device is left, in the register neither."""
    staff.office.issue(device.request(), ORDER)
    staff.office.revoke("Dr Camille Martin")
    clock.advance(32 * 86_400)

    assert frozenset() == staff.office.list().revoked
    assert {} == staff.office.show()[1].devices


def test_a_delegation_is_renewed_by_enrolling(staff: Staff, device: ADevice, clock: Clock) -> None:
    """In time; when nobody was enrolled for half a year the list says what to do."""
    clock.advance(lists.DELEGATION_S - 3_600)
    assert int(clock.now) + 3_600 == staff.office.list().ends
    clock.advance(3_600)
    with pytest.raises(UnionError, match="union issue"):
        staff.office.list()

    staff.office.issue(device.request(int(clock.now) // 86_400), ORDER)

    assert int(clock.now) + 24 * 3600 == staff.office.list().ends


@pytest.mark.parametrize("lost", range(bundles.FILES))
def test_a_lost_file_of_bundles_is_made_again(staff: Staff, device: ADevice, lost: int) -> None:
    """Whichever it was, equal in size; nobody waits for it to enrol or to revoke."""
    size = len(staff.files()[0])
    (staff.folder / "bundles" / f"{lost}.bin").unlink()
    staff.office.issue(device.request(), ORDER)
    assert 30 == len(staff.bundle(device).access)
    (staff.folder / "bundles" / f"{lost}.bin").unlink()

    staff.office.revoke("Dr Camille Martin")

    assert {size} == {len(file) for file in staff.files()}
    assert 30 == len(staff.listed().revoked)


def test_renewal_keeps_one_slot(staff: Staff, device: ADevice, clock: Clock) -> None:
    """The page finds the new month where the old one was."""
    staff.office.issue(device.request(), ORDER)
    clock.advance(29 * 86_400)
    device.day_seeds = [Dice(12)(32) for _ in range(30)][:1] + device.day_seeds[1:]

    staff.office.issue(device.request(DAY + 29), ORDER)

    assert DAY + 29 == min(int(day) for day in staff.bundle(device).queue_keys)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"passphrase": "another passphrase"}, "passphrase"),
        ({"text": "enrol2.AAAA"}, "enrolment request"),
        ({"text": "hello"}, "enrolment request"),
        ({"queues": ["é"]}, "queue"),
        ({"queues": []}, "--queue"),
        ({"queues": [f"queue-number-{n}" for n in range(60)]}, "queues"),
        ({"days": 0}, "--days"),
        ({"days": -1}, "--days"),
        ({"days": 63}, "--days"),
        ({"first_day": DAY - 31}, "over"),
        ({"first_day": DAY + 90}, "ahead"),
    ],
    ids=str,
)
def test_what_cannot_be_issued_is_one_sentence(
    staff: Staff, device: ADevice, change: dict[str, object], sentence: str
) -> None:
    """And changes no file."""
    before = dict(staff.texts())
    staff.passphrase = str(change.get("passphrase", PASSPHRASE))
    text = str(change.get("text", device.request(int(str(change.get("first_day", DAY))))))
    queues = change.get("queues", [QUEUE])
    assert isinstance(queues, list)
    days = int(str(change.get("days", 30)))

    with pytest.raises(UnionError, match=sentence) as raised:
        staff.office.issue(text, Order(ORDER.card, queues, days=days))

    assert re.fullmatch(r"[^\n]+", str(raised.value)) and before == dict(staff.texts())


def test_a_folder_without_a_union_is_a_sentence(tmp_path: Path, clock: Clock, dice: Dice) -> None:
    """It says what to type."""
    office = Office(tmp_path, lambda _: PASSPHRASE, clock, dice)

    for act in (office.list, office.show, lambda: office.revoke("x")):
        with pytest.raises(UnionError, match="teleconsult union init"):
            act()


def test_a_short_passphrase_makes_no_union(tmp_path: Path, clock: Clock, dice: Dice) -> None:
    """Nothing is written."""
    office = Office(tmp_path / "union", lambda _: "short", clock, dice)

    with pytest.raises(UnionError, match="passphrase"):
        office.init("Union", ORIGIN)
    assert [".lock"] == [path.name for path in (tmp_path / "union").iterdir()]


def test_pool_links_are_signed_by_the_root(staff: Staff) -> None:
    """For anybody, or for one holder; both fit."""
    window = links.Window(NOW, NOW + 3_600, 0)
    anybody = staff.office.pool_link(QUEUE, window)
    one = staff.office.pool_link(QUEUE, links.Window(NOW, NOW + 3_600, 2))

    root = staff.office.union().root
    for address, uses in ((anybody, 0), (one, 2)):
        assert address.startswith(f"{ORIGIN}/#cap1.") and len(address) <= 260
        cap = capability.parse(".".join(address.partition("#")[2].split(".")[:2]))
        assert cap.is_signed_by(root) and uses == cap.uses


def test_a_personal_link_comes_from_a_master_file(staff: Staff, tmp_path: Path) -> None:
    """As `teleconsult secret` makes one; a missing or damaged one is a sentence."""
    file, window = tmp_path / "master", links.Window(NOW, NOW + 3_600, 1)
    file.write_text(encode(b"m" * 32) + "\n")

    address = personal_link(file, staff.office.union(), window, b"n" * 8)

    assert address.endswith(f".{staff.office.union().id}") and len(address) <= 260
    for wrong in ("none", "list.jwt"):
        with pytest.raises(UnionError):
            personal_link(staff.folder / wrong, staff.office.union(), window, b"n" * 8)


def test_the_register_is_as_the_office_left_it(staff: Staff, device: ADevice) -> None:
    """Staff sees who holds what, and until when."""
    staff.office.issue(device.request(), ORDER)

    union, held, list_ends = staff.office.show()

    shown = held.devices[requests.read(device.request()).device]
    assert ("Dr Camille Martin", (QUEUE,), 30) == (shown.name, shown.queues, len(shown.access))
    assert ("Union des médecins", NOW + 24 * 3600) == (union.name, list_ends)
    assert held == register.read(register.write(held))


def test_a_patients_end_believes_what_the_office_published(staff: Staff, device: ADevice) -> None:
    """Issued, sealed, fetched and checked by two programs that share no code; then revoked."""
    staff.office.issue(device.request(), ORDER)
    bundle = staff.bundle(device)
    union = identity.read_union((staff.folder / "union.json").read_text())

    def believed() -> identity.Identity:
        listed = (staff.folder / "list.jwt").read_text().strip()
        return identity.verify(bundle.identity, listed, [union], staff.clock.now)

    doctor = believed()
    assert ("Union des médecins", "Dr Camille Martin") == (doctor.union, doctor.card.name)
    assert requests.read(device.request()).device_key == doctor.device_key
    assert device.handle == encode(doctor.handle or b"")

    staff.office.revoke("Dr Camille Martin")
    with pytest.raises(Refused) as raised:
        believed()
    assert "revoked" == raised.value.code


def test_servers_hear_of_a_revocation_that_calls_cannot_carry(
    staff: Staff, device: ADevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Staff is told; the patients' list stays as it was."""
    staff.office.issue(device.request(), ORDER)
    before = (staff.folder / "list.jwt").read_text()
    monkeypatch.setattr(lists, "LIST_MAX_CHARS", 100)

    with pytest.raises(UnionError, match="patients' pages"):
        staff.office.revoke("Dr Camille Martin")
    assert 30 == len(staff.listed().revoked)
    assert before == (staff.folder / "list.jwt").read_text()


def test_what_a_call_carries_of_a_union_stays_small(staff: Staff) -> None:
    """M2 has 16 KiB, and an offer takes half: identity and list take a third, at forty revoked."""
    for seed in range(40):
        one = ADevice(Dice(100 + seed))
        staff.office.issue(one.request(), Order(Card(f"Dr {seed}", "Pédiatrie"), [QUEUE], days=1))
        staff.office.revoke(f"Dr {seed}")

    listed = (staff.folder / "list.jwt").read_text().strip()
    assert 40 == len(tokens.unchecked(listed)["revoked"])
    assert len(listed) + 1_000 < 16 * 1024 / 3
