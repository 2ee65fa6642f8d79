"""Redis as `deploy/redis` ships it: its files, with passwords, on free ports."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import redis

from tests.house.tree import ROOT
from tests.redis_server import HOST, SLOTS, RedisServer, free_port, knows_all, wait_until

SHIPPED = ROOT / "deploy" / "redis"
USER, PASSWORD = "teleconsult", "store-password-1/%@:"
ESCAPED = "store-password-1%2F%25%40%3A"
OPERATOR = "user operator on >operator ~* &* +@all"
SERVICE = "teleconsult"


class Files:
    """A folder with the shipped files, as an operator fills them in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("redis.conf", "users.acl", "sentinel.conf"):
            text = (SHIPPED / name).read_text(encoding="utf-8")
            text = text.replace("CHANGE-STORE", PASSWORD)
            text = text.replace("/etc/redis/", f"{folder}/")
            (folder / name).write_text(text.replace("CHANGE-", "a-password-of-"))
        self.change("users.acl", "user default off", f"user default off\n{OPERATOR}")

    def change(self, name: str, old: str, new: str) -> None:
        """Change a file, which must have what is to be changed."""
        path = self.folder / name
        text = path.read_text()
        assert old in text, f"{name} has no {old}"
        path.write_text(text.replace(old, new))


class ShippedRedis(RedisServer):
    """One server by these files. `options` come after them, as on its command line."""

    def __init__(self, files: Files, *options: str) -> None:
        super().__init__(str(files.folder / "redis.conf"), *options, has_own_file=True)

    def says(self, *command: str | int) -> object:
        """Ask it one thing as an operator, whom the shipped files do not know."""
        with redis.Redis(
            host=HOST,
            port=self.port,
            username="operator",
            password="operator",
            decode_responses=True,
        ) as client:
            answer: object = client.execute_command(*command)
            return answer

    @property
    def url(self) -> str:
        return f"redis://{USER}:{ESCAPED}@{HOST}:{self.port}"


@contextmanager
def shipped(*, but: Sequence[tuple[str, str, str]] = ()) -> Iterator[Files]:
    """The files in a folder of their own, `but` with changes: file, old, new."""
    with tempfile.TemporaryDirectory(prefix="shipped-redis-") as name:
        files = Files(Path(name))
        for change in but:
            files.change(*change)
        yield files


@contextmanager
def shipped_redis(
    *options: str, but: Sequence[tuple[str, str, str]] = ()
) -> Iterator[ShippedRedis]:
    """One server by the shipped files."""
    with shipped(but=but) as files:
        server = ShippedRedis(files, *options)
        try:
            yield server
        finally:
            server.close()


@contextmanager
def with_replicas(count: int, *options: str) -> Iterator[Sequence[ShippedRedis]]:
    """A master and its replicas, filled; the last replica has these options too."""
    with shipped() as files, ExitStack() as running:
        servers = [ShippedRedis(files)]
        running.callback(servers[0].close)
        of = ("--replicaof", f"{HOST} {servers[0].port}")
        for number in range(count):
            own = options if number == count - 1 else ()
            servers.append(ShippedRedis(files, *of, *own))
            running.callback(servers[-1].close)
        wait_until(lambda: str(servers[0].says("INFO", "replication")).count("online") == count)
        yield servers


@contextmanager
def with_cluster(masters: int, *options: str) -> Iterator[Sequence[ShippedRedis]]:
    """A Cluster of masters; the last one has these options too."""
    with shipped() as files, ExitStack() as running:
        servers: list[ShippedRedis] = []
        for number in range(masters):
            bus = free_port()
            own = options if number == masters - 1 else ()
            node = ("--cluster-enabled", "yes", "--cluster-port", str(bus))
            servers.append(ShippedRedis(files, *node, *own))
            running.callback(servers[-1].close)
            first, end = (SLOTS * part // masters for part in (number, number + 1))
            servers[-1].says("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            servers[-1].says("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            servers[0].says("CLUSTER", "MEET", HOST, servers[-1].port, bus)
        for server in servers:
            wait_until(lambda server=server: knows_all(server, masters))  # type: ignore[misc] # bound now
        yield servers


@contextmanager
def with_sentinels(master: ShippedRedis, count: int = 3) -> Iterator[Sequence[RedisServer]]:
    """Sentinels by the shipped file that watch this master, and know each other."""
    with shipped() as files, ExitStack() as running:
        files.change("sentinel.conf", "127.0.0.1 6379", f"{HOST} {master.port}")
        files.change(
            "sentinel.conf", "milliseconds teleconsult 5000", "milliseconds teleconsult 500"
        )
        files.change("sentinel.conf", "timeout teleconsult 30000", "timeout teleconsult 3000")
        files.change("sentinel.conf", "port 26379\n", "")
        text = (files.folder / "sentinel.conf").read_text()
        sentinels = []
        for number in range(count):
            path = files.folder / f"sentinel-{number}.conf"
            path.write_text(text)
            sentinels.append(
                RedisServer(str(path), program="redis-sentinel", is_up="+monitor master")
            )
            running.callback(sentinels[-1].close)
        for sentinel in sentinels:
            wait_until(lambda sentinel=sentinel: others_known(sentinel) == count - 1)  # type: ignore[misc] # bound now
        yield sentinels


def others_known(sentinel: RedisServer) -> int:
    """Say how many other Sentinels one knows of."""
    with redis.Redis(
        host=HOST,
        port=sentinel.port,
        username="sentinel",
        password="a-password-of-SENTINEL",
        decode_responses=True,
    ) as client:
        masters = client.sentinel_masters()
        return int(masters[SERVICE]["num-other-sentinels"])


def sentinel_url(sentinels: Sequence[RedisServer]) -> str:
    """The setting `store` for the master that these know."""
    hosts = ",".join(f"{HOST}:{sentinel.port}" for sentinel in sentinels)
    return f"redis+sentinel://{USER}:{ESCAPED}@{hosts}/{SERVICE}"


def cluster_url(servers: Sequence[RedisServer]) -> str:
    """The setting `store` for a Cluster, by one of its nodes."""
    return f"redis+cluster://{USER}:{ESCAPED}@{HOST}:{servers[0].port}"
