"""How a node reaches its Redis: one server, what Sentinels say, or a Cluster.

A door: it opens connections, and knows no record. Every wait is bounded by `store_answer_s`, and
nothing is tried twice here: an answer that was lost is the caller's to think about. All that Redis
sees of a node is the word `teleconsult`.
"""

import asyncio
import ssl
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import redis.asyncio
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ClusterError,
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    TimeoutError,
    TryAgainError,
)

from .store_address import Place, StoreAddress

Client = redis.asyncio.Redis | RedisCluster

AWAY = (
    BusyLoadingError,
    ClusterError,
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    TimeoutError,
    TryAgainError,
    OSError,  # the built-in TimeoutError is one
)
"""What a client raises when a store cannot be asked at the moment."""

NAME = "teleconsult"
STOP_AGAIN_S = 0.1
POST_TAG = "{post}"
"""Every channel begins with it: in a Cluster one server has them all."""


class Connection:
    """The way to one store.

    Attributes:
        client: for the store's records; answers are text.

    Args:
        answer_s: an answer that takes longer is none.
        ca: certificates that vouch for TLS servers, PEM; the system's own without it.
    """

    def __init__(self, address: StoreAddress, answer_s: float, ca: Path | None = None) -> None:
        self._address = address
        self._options: dict[str, object] = {
            "username": address.user or None,
            "password": address.password or None,
            "client_name": NAME,
            "driver_info": None,
            "protocol": 2,
            "decode_responses": True,
            "socket_timeout": answer_s,
            "socket_connect_timeout": answer_s,
            "retry": Retry(NoBackoff(), 0),
        }
        if address.is_tls:
            self._options |= {"ssl": True, "ssl_min_version": ssl.TLSVersion.TLSv1_2}
            if ca is not None:
                self._options["ssl_ca_certs"] = str(ca)
        self._sentinel: Sentinel | None = None
        self.client: Client = self._opened()

    def _opened(self) -> Client:
        places = self._address.places
        match self._address.kind:
            case "one":
                return self.to(places[0])
            case "cluster":
                nodes = [ClusterNode(place.host, place.port) for place in places]
                return RedisCluster(startup_nodes=nodes, **self._options)  # type: ignore[arg-type]
            case "sentinel":
                self._sentinel = Sentinel(  # type: ignore[no-untyped-call] # the library's
                    [(place.host, place.port) for place in places],
                    sentinel_kwargs=dict(self._options),
                    **self._options,
                )
                master: redis.asyncio.Redis = self._sentinel.master_for(self._address.service)
                return master

    def to(self, place: Place, *, is_known: bool = True) -> redis.asyncio.Redis:
        """Open a client to one server, whoever closes it. `is_known`: with our password."""
        options = dict(self._options)
        if not is_known:
            options |= {"username": None, "password": None}
        where: dict[str, object] = (
            {"unix_socket_path": place.path}
            if place.path
            else {"host": place.host, "port": place.port}
        )
        return redis.asyncio.Redis(**where, **options)  # type: ignore[arg-type] # as above

    async def masters(self) -> Sequence[Place]:
        """Say which servers take what is written, as of now.

        Raises:
            AWAY: nobody says it.
        """
        if self._sentinel is not None:
            host, port = await self._sentinel.discover_master(self._address.service)
            return [Place(str(host), int(port))]
        if not isinstance(self.client, RedisCluster):
            return self._address.places
        nodes = await self.client.cluster_nodes()
        return [
            Place(*_host_and_port(where)) for where, node in nodes.items() if _takes_writes(node)
        ]

    @property
    def is_cluster(self) -> bool:
        """Tell whether it is a Cluster, where publishing has verbs of its own."""
        return self._address.kind == "cluster"

    async def post_office(self, *, is_fresh: bool = False) -> Place:
        """Say which server takes what is published under `POST_TAG` (see `redis_post.py`).

        `is_fresh`: ask the Cluster again, whose slots may have moved.

        Raises:
            AWAY: nobody says it.
        """
        if not isinstance(self.client, RedisCluster):
            return (await self.masters())[0]
        await self.client.initialize()
        if is_fresh:
            await self.client.nodes_manager.initialize()
        node = self.client.get_node_from_key(POST_TAG)
        if node is None:
            raise ConnectionError("no server of the Cluster has that slot")
        return Place(str(node.host), int(node.port))

    async def close(self) -> None:
        """Close every connection."""
        await self.client.aclose()
        if self._sentinel is not None:
            await self._sentinel.aclose()


async def stop(tasks: Collection[asyncio.Task[None]]) -> None:
    """End tasks that speak to Redis.

    Again and again: the library may turn a cancellation into an error of the connection.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=STOP_AGAIN_S)


def _host_and_port(where: str) -> tuple[str, int]:
    host, _, port = where.rpartition(":")
    return host.strip("[]"), int(port)


def _takes_writes(node: Mapping[str, object]) -> bool:
    """Tell whether a node of a Cluster is a master with slots, and not given up."""
    flags = set(str(node["flags"]).split(","))
    is_there = not flags & {"fail", "noaddr", "handshake"}
    return "master" in flags and is_there and bool(node["slots"])
