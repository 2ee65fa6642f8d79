"""Whom a server trusts, and what of it: a folder with a union's published files for each union.

A door: it copies files. The server reads the same folder (`signaling/trust.py`,
`signaling/published.py`): per union a folder named after its id. That a union is trusted
is decided by `trust` alone; `publish` brings a trusted one's fresh files.
"""

from pathlib import Path

from . import bundles, lists, tokens, unions
from .errors import UnionError
from .files import ACCESS_LIST, LIST, PUBLIC, read_text, write

_UNION = "union.json"
_BUNDLES = tuple(f"bundles/{number}.bin" for number in range(bundles.FILES))


def trust(folder: Path, union_file: Path, now: float) -> unions.Union:
    """Copy what a server needs to trust a union into its folder, and what else is beside it.

    Raises:
        UnionError: not a union's file, one of a demonstration, or a list of it does not hold.
    """
    text = read_text(union_file, f"There is no {union_file}.")
    union = unions.read(text)
    if union.is_demo:
        raise UnionError(
            f"{union.name} is a demonstration's: anybody may have its keys. No server trusts it."
        )
    found = _published(union_file.parent, union, now)
    place = folder / union.id
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    _copy(found, place)
    # Last: the server trusts a union by this file.
    write(place / _UNION, text.encode(), PUBLIC)
    return union


def publish(folder: Path, office: Path, now: float) -> unions.Union:
    """Copy what a union publishes into the folder of a server that trusts it.

    Raises:
        UnionError: it is not trusted there, a list does not hold or is older than what is
            there, or a file is missing.
    """
    union = unions.read(read_text(office / _UNION, f"There is no {office / _UNION}."))
    place = folder / union.id
    if not (place / _UNION).is_file():
        raise UnionError(
            f"{folder} does not trust {union.name}. Whoever runs the server decides that: "
            f"teleconsult union trust {folder} {office / _UNION}"
        )
    found = _published(office, union, now)
    for name in (ACCESS_LIST, LIST, *_BUNDLES):
        if name not in found:
            raise UnionError(f"There is no {office / name}. Make it: teleconsult union list")
    for name in (ACCESS_LIST, LIST):
        if _seq(place / name) > _seq(office / name):
            raise UnionError(
                f"{place / name} is newer than the one in {office}: this is an older copy of "
                "the union's folder. Sign a fresh list first: teleconsult union list"
            )
    _copy(found, place)
    return union


def trusted(folder: Path) -> list[unions.Union]:
    """List the unions that a folder trusts."""
    return [
        unions.read(read_text(path, f"There is no {path}."))
        for path in sorted(folder.glob(f"*/{_UNION}"))
    ]


def distrust(folder: Path, id_: str) -> unions.Union:
    """Take a union out of a folder.

    Raises:
        UnionError: it is not in there.
    """
    found = [union for union in trusted(folder) if union.id == id_]
    if not found:
        raise UnionError(f"{folder} trusts no union with this id.")
    place = folder / id_
    for name in (_UNION, ACCESS_LIST, LIST, *_BUNDLES):
        (place / name).unlink(missing_ok=True)
    for empty in (place / "bundles", place):
        if empty.exists():
            empty.rmdir()
    return found[0]


def _published(office: Path, union: unions.Union, now: float) -> dict[str, bytes]:
    """Read what a union publishes beside its union.json, as far as it is there; check lists.

    In the order in which it is to be copied: what shuts a door comes first.
    """
    found: dict[str, bytes] = {}
    for name, typ in ((ACCESS_LIST, tokens.ACCESS_LIST), (LIST, tokens.LIST)):
        if (office / name).exists():
            text = read_text(office / name, f"There is no {office / name}.")
            lists.read(text.strip(), union.root, union.id, union.audience, now, typ=typ)
            found[name] = text.encode()
    for name in _BUNDLES:
        if (office / name).exists():
            found[name] = (office / name).read_bytes()
            bundles.slots(found[name])
    return found


def _copy(found: dict[str, bytes], place: Path) -> None:
    (place / "bundles").mkdir(mode=0o755, exist_ok=True)
    for name, data in found.items():
        if not (place / name).exists() or (place / name).read_bytes() != data:
            write(place / name, data, PUBLIC)


def _seq(path: Path) -> int:
    """Say the number of a list; 0 where there is none to be read."""
    try:
        seq = tokens.unchecked(read_text(path, "").strip()).get("seq")
    except UnionError:
        return 0
    return seq if isinstance(seq, int) else 0
