"""`union.json`: what pages and servers must know of a union to trust it.

Pure. Public; not signed, because whoever trusts a union compares its id, the root's
thumbprint, with what the union says by another way.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from .encoding import decode, encode, thumbprint
from .errors import UnionError, Unreadable
from .keys import is_small_order

NAME_MAX_CHARS = 80
_ORIGIN = re.compile(r"(https://[a-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Union:
    """A union as others see it.

    Attributes:
        name: shown to patients.
        audience: origin of the pages for which it vouches.
        root: its root's public key.
        is_demo: its keys are a demonstration's; nobody trusts it for real.
    """

    name: str
    audience: str
    root: bytes
    is_demo: bool = False

    @property
    def id(self) -> str:
        """By which machines call it, and people compare it."""
        return thumbprint(self.root)


def check(union: Union) -> Union:
    """Return a union whose name and audience are in order.

    Raises:
        UnionError: they are not.
    """
    if not 1 <= len(union.name.strip()) <= NAME_MAX_CHARS or not union.name.isprintable():
        raise UnionError(f"A union's name has 1 to {NAME_MAX_CHARS} printable characters.")
    if not _ORIGIN.fullmatch(union.audience):
        raise UnionError(
            "The pages' address is an origin without path, such as https://visio.example.fr"
        )
    return union


def as_json(union: Union) -> dict[str, Any]:
    """Return what `union.json` and each bundle say."""
    said = {"v": 1, "name": union.name, "audience": union.audience, "root": encode(union.root)}
    return said | ({"demo": True} if union.is_demo else {})


def write(union: Union) -> str:
    """Write the text of `union.json`."""
    return json.dumps(as_json(union), ensure_ascii=False, indent=1) + "\n"


def read(text: str) -> Union:
    """Read the text of `union.json`.

    Raises:
        Unreadable: not such a file.
    """
    try:
        value = json.loads(text)
        if value["v"] != 1 or not all(isinstance(value[k], str) for k in ("name", "audience")):
            raise Unreadable("This union.json is of another version.")
        root = decode(value["root"], 32)
        if is_small_order(root):
            raise Unreadable("This union.json names a root under which anybody can sign.")
        return check(Union(value["name"], value["audience"], root, "demo" in value))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Unreadable("This is not a union.json.") from None
