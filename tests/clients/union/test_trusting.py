"""The folder of trusted unions, as staff fills it and a server reads it."""

from dataclasses import replace
from pathlib import Path

import pytest

from clients.union import trusting, unions
from clients.union.errors import UnionError
from signaling.journal import Journal
from signaling.trust import read_trust
from tests.unions import NOW, ORIGIN, AUnion

FIRST, SECOND = AUnion(1), AUnion(2)


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
