"""Where the store is: the setting `store`, read.

Pure. An address may hold a password: no sentence here quotes any of it.
"""

import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

MEMORY = "memory"
REDIS_PORT, SENTINEL_PORT = 6379, 26379
HOSTS_MAX = 16

_SCHEMES: dict[str, tuple[Literal["one", "sentinel", "cluster"], bool]] = {
    "redis": ("one", False),
    "rediss": ("one", True),
    "unix": ("one", False),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
_HOST = re.compile(r"(?P<name>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_SERVICE = re.compile(r"[A-Za-z0-9._-]{1,63}")


class NoAddress(ValueError):
    """Not an address of a store. The sentence says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One server: a host and a port, or the path of a UNIX socket."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """A store in Redis.

    Attributes:
        kind: one server (and its replicas), what Sentinels say is the master, or a Cluster.
        places: the server, the Sentinels, or some of the Cluster.
        user: of Redis, and of the Sentinels too; empty for Redis' default one.
        service: the name under which Sentinels know the master.
    """

    kind: Literal["one", "sentinel", "cluster"]
    places: tuple[Place, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    service: str = ""
    is_tls: bool = False


def read(text: str) -> StoreAddress | None:
    """Read the setting; None is the store in this process's memory.

    Raises:
        NoAddress: with a sentence.
    """
    if text == MEMORY:
        return None
    scheme, found, rest = text.partition("://")
    if not found or scheme not in _SCHEMES:
        raise NoAddress(
            "It is memory, or begins with redis://, rediss://, unix://, redis+sentinel:// or "
            "redis+cluster://."
        )
    kind, is_tls = _SCHEMES[scheme]
    if not rest.isprintable() or any(mark in rest for mark in " ?#"):
        raise NoAddress("It has no spaces and nothing after ? or #; in a password write % and hex.")
    account, has_account, where = rest.rpartition("@")
    user, has_password, password = account.partition(":")
    if has_account and not (has_password and password):
        raise NoAddress("Before the @ stand a user and a password: redis://user:password@host.")
    if scheme == "unix":
        places, service = _socket(where), ""
    else:
        hosts, _, service = where.partition("/")
        places = _places(hosts, SENTINEL_PORT if kind == "sentinel" else REDIS_PORT)
    if kind == "one" and len(places) > 1:
        raise NoAddress("redis:// names one host; several are for redis+sentinel:// and +cluster.")
    if kind == "sentinel" and not _SERVICE.fullmatch(service):
        raise NoAddress("After the Sentinels stands / and the name that they give the master.")
    if kind != "sentinel" and service:
        raise NoAddress("Nothing stands after the host: the store has database 0 for itself.")
    return StoreAddress(kind, places, unquote(user), unquote(password), service, is_tls)


def _socket(where: str) -> tuple[Place, ...]:
    if not where.startswith("/") or where.endswith("/"):
        raise NoAddress("unix:// is followed by the path of a socket, which begins with /.")
    return (Place(path=unquote(where)),)


def _places(hosts: str, usual_port: int) -> tuple[Place, ...]:
    found = [_HOST.fullmatch(host) for host in hosts.split(",")]
    places = [
        Place(match["name"].strip("[]"), int(match["port"] or usual_port))
        for match in found
        if match is not None
    ]
    if len(places) < len(found) or not all(0 < place.port < 65_536 for place in places):
        raise NoAddress("A host is a name or an address, IPv6 in [], with its port: host:6379.")
    if len(places) > HOSTS_MAX:
        raise NoAddress(f"At most {HOSTS_MAX} hosts are named; the others are found by them.")
    return tuple(places)
