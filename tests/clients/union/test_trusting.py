"""The folder of trusted unions, as staff fills it and a server reads it."""

from dataclasses import replace
from pathlib import Path

import pytest

from clients.union import bundles, trusting, unions
from clients.union.credentials import Card
from clients.union.errors import UnionError
from clients.union.office import Office, Order
from signaling.journal import Journal
from signaling.trust import read_trust
from tests.clock import Clock
from tests.dice import Dice
from tests.unions import NOW, ORIGIN, ADevice, AUnion

FIRST, SECOND = AUnion(1), AUnion(2)
PUBLISHED = (
    "union.json",
    "access-list.jwt",
    "list.jwt",
    *(f"bundles/{number}.bin" for number in range(bundles.FILES)),
)


def published(folder: Path, union: AUnion, listed: str | None = None) -> Path:
    """A union's published files, as staff received them."""
    folder.mkdir()
    (folder / "union.json").write_text(unions.write(union.public))
    if listed is not None:
        (folder / "access-list.jwt").write_text(listed)
    return folder / "union.json"


def test_a_server_trusts_what_staff_chose(tmp_path: Path) -> None:
    """Several unions, each with its list where it brought one."""
    trust = tmp_path / "trust"
    trusting.trust(trust, published(tmp_path / "a", FIRST, FIRST.list()), NOW)
    trusting.trust(trust, published(tmp_path / "b", SECOND), NOW)

    read = read_trust(trust, (ORIGIN,), NOW, Journal(lambda _: None))

    assert {FIRST.id, SECOND.id} == read.keys()
    assert read[FIRST.id] == FIRST.trusted() and read[SECOND.id].listed is None
    assert {FIRST.public, SECOND.public} == set(trusting.trusted(trust))


def test_a_union_is_distrusted_by_its_id(tmp_path: Path) -> None:
    """And nothing of it is left; another one stays."""
    trust = tmp_path / "trust"
    for name, union in (("a", FIRST), ("b", SECOND)):
        trusting.trust(trust, published(tmp_path / name, union, union.list()), NOW)

    assert FIRST.public == trusting.distrust(trust, FIRST.id)

    assert [SECOND.id] == [path.name for path in trust.iterdir()]
    with pytest.raises(UnionError):
        trusting.distrust(trust, FIRST.id)


def test_what_is_no_union_is_not_trusted(tmp_path: Path) -> None:
    """Nor one whose list is another's, or over."""
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "union.json").write_text("{}")
    foreign = published(tmp_path / "a", FIRST, SECOND.list())
    stale = published(tmp_path / "b", SECOND, SECOND.list())

    for file, now in (
        (tmp_path / "c" / "union.json", NOW),
        (tmp_path / "none.json", NOW),
        (foreign, NOW),
        (stale, NOW + 86_400),
    ):
        with pytest.raises(UnionError):
            trusting.trust(tmp_path / "trust", file, now)
    assert {} == read_trust(tmp_path / "trust", (ORIGIN,), NOW, Journal(lambda _: None))


def test_a_demonstrations_union_is_not_trusted(tmp_path: Path) -> None:
    """Its keys lie about; nothing of it is copied."""
    demo = AUnion(3)
    demo.public = replace(demo.public, is_demo=True)

    with pytest.raises(UnionError, match="is a demonstration's"):
        trusting.trust(tmp_path / "trust", published(tmp_path / "a", demo, demo.list()), NOW)

    assert not (tmp_path / "trust").exists()


# Publishing


class Staff:
    """A union's staff, and a server that trusts the union."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.office = Office(folder / "union", lambda _: "quatre mots au hasard", clock, log2_n=2)
        self.union = self.office.init("Union des médecins", ORIGIN)
        self.folder, self.trust = folder / "union", folder / "trust"
        trusting.trust(self.trust, self.folder / "union.json", clock.now)
        self.place = self.trust / self.union.id

    def files(self) -> dict[str, bytes]:
        """What the server has of the union."""
        return {
            path.relative_to(self.place).as_posix(): path.read_bytes()
            for path in self.place.rglob("*")
            if path.is_file()
        }

    def own(self) -> dict[str, bytes]:
        """The same, as the union has it."""
        return {name: (self.folder / name).read_bytes() for name in PUBLISHED}


@pytest.fixture
def staff(tmp_path: Path, clock: Clock) -> Staff:
    return Staff(tmp_path, clock)


def test_a_trusted_unions_files_are_all_that_a_server_gets(staff: Staff) -> None:
    """When it is trusted and when it publishes; no key, no register, no lock."""
    assert staff.own() == staff.files()

    staff.clock.advance(60)
    staff.office.issue(
        ADevice(Dice(1)).request(), Order(Card("Dr A", "Médecine générale"), ["garde"])
    )
    assert staff.own() != staff.files()
    staff.office.publish(staff.trust)

    assert staff.own() == staff.files()


def test_a_published_revocation_reaches_the_server(staff: Staff) -> None:
    """With the next reading of the folder."""
    staff.office.issue(
        ADevice(Dice(1)).request(), Order(Card("Dr A", "Médecine générale"), ["garde"])
    )
    staff.office.publish(staff.trust)
    staff.clock.advance(60)
    staff.office.revoke("Dr A")

    def revoked() -> int:
        read = read_trust(staff.trust, (ORIGIN,), staff.clock.now, Journal(lambda _: None))
        listed = read[staff.union.id].listed
        return len(listed.revoked) if listed else -1

    before = revoked()
    staff.office.publish(staff.trust)

    assert (0, 30) == (before, revoked())


def test_what_shuts_a_door_is_copied_first(staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up in between has taken the servers' list."""
    staff.clock.advance(60)
    staff.office.list()
    written: list[str] = []

    def full(path: Path, data: bytes, mode: int) -> None:
        written.append(path.name)
        if path.name != "access-list.jwt":
            raise UnionError(f"Cannot write {path}: No space left on device.")

    monkeypatch.setattr(trusting, "write", full)
    with pytest.raises(UnionError):
        staff.office.publish(staff.trust)

    assert ["access-list.jwt", "list.jwt"] == written


def test_publishing_trusts_nobody(staff: Staff, tmp_path: Path) -> None:
    """Whom a server trusts is decided by whoever runs it."""
    with pytest.raises(UnionError, match=r"does not trust Union des médecins.*union trust"):
        staff.office.publish(tmp_path / "another")

    assert not (tmp_path / "another").exists()


@pytest.mark.parametrize("name", ["access-list.jwt", "list.jwt"])
def test_an_older_copy_of_the_office_publishes_nothing(staff: Staff, name: str) -> None:
    """Its lists forget whoever was revoked since."""
    old = (staff.folder / name).read_bytes()
    staff.clock.advance(60)
    staff.office.list()
    staff.office.publish(staff.trust)
    before = staff.files()
    (staff.folder / name).write_bytes(old)

    with pytest.raises(UnionError, match="is newer than"):
        staff.office.publish(staff.trust)

    assert before == staff.files()


def test_a_list_that_is_over_is_not_published(staff: Staff) -> None:
    """Nor one that is missing, nor half a file of bundles."""
    staff.clock.advance(86_400)
    with pytest.raises(UnionError):
        staff.office.publish(staff.trust)
    staff.office.list()
    staff.office.publish(staff.trust)

    for name, data in (("bundles/3.bin", b"half"), ("bundles/3.bin", None), ("list.jwt", None)):
        path = staff.folder / name
        kept = path.read_bytes()
        path.write_bytes(data) if data else path.unlink()
        with pytest.raises(UnionError):
            staff.office.publish(staff.trust)
        path.write_bytes(kept)
    staff.office.publish(staff.trust)


def test_of_a_distrusted_union_nothing_is_left(staff: Staff) -> None:
    """Its lists and bundles go too."""
    staff.office.publish(staff.trust)

    trusting.distrust(staff.trust, staff.union.id)

    assert [] == list(staff.trust.iterdir())
