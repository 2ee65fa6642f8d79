"""Whom a server trusts: a folder with a union.json and an access-list.jwt for each union.

A door: it copies files. The server reads the same folder (`signaling/trust.py`): per
union a folder named after its id.
"""

from pathlib import Path

from . import lists, tokens, unions
from .errors import UnionError
from .files import ACCESS_LIST, PUBLIC, read_text, write


def trust(folder: Path, union_file: Path, now: float) -> unions.Union:
    """Copy what a server needs to trust a union into its folder, the list too if there is one.

    Raises:
        UnionError: not a union's file, one of a demonstration, or its list does not hold.
    """
    text = read_text(union_file, f"There is no {union_file}.")
    union = unions.read(text)
    if union.is_demo:
        raise UnionError(
            f"{union.name} is a demonstration's: anybody may have its keys. No server trusts it."
        )
    beside = union_file.parent / ACCESS_LIST
    place = folder / union.id
    place.mkdir(mode=0o755, parents=True, exist_ok=True)
    if beside.exists():
        list_text = read_text(beside, f"There is no {beside}.")
        lists.read(
            list_text.strip(), union.root, union.id, union.audience, now, typ=tokens.ACCESS_LIST
        )
        write(place / ACCESS_LIST, list_text.encode(), PUBLIC)
    write(place / "union.json", text.encode(), PUBLIC)
    return union


def trusted(folder: Path) -> list[unions.Union]:
    """List the unions that a folder trusts."""
    return [
        unions.read(read_text(path, f"There is no {path}."))
        for path in sorted(folder.glob("*/union.json"))
    ]


def distrust(folder: Path, id_: str) -> unions.Union:
    """Take a union out of a folder.

    Raises:
        UnionError: it is not in there.
    """
    found = [union for union in trusted(folder) if union.id == id_]
    if not found:
        raise UnionError(f"{folder} trusts no union with this id.")
    for name in ("union.json", ACCESS_LIST):
        (folder / id_ / name).unlink(missing_ok=True)
    (folder / id_).rmdir()
    return found[0]
