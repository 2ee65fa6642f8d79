"""Each kind of store is reached, within a bounded time, and sees one word of us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy import certificate
from signaling import store_address
from signaling.redis_connection import AWAY, NAME, POST_TAG, Connection
from tests.redis_server import SLOTS, free_port
from tests.shipped_redis import (
    cluster_url,
    sentinel_url,
    shipped_redis,
    with_cluster,
    with_replicas,
    with_sentinels,
)

ANSWER_S = 0.3


@asynccontextmanager
async def connected(
    url: str, answer_s: float = 2.0, ca: Path | None = None
) -> AsyncIterator[Connection]:
    """A way to a store."""
    address = store_address.read(url)
    assert address is not None
    connection = Connection(address, answer_s, ca)
    try:
        yield connection
    finally:
        await connection.close()


async def remembers(connection: Connection) -> None:
    """Write and read under the account that is shipped."""
    await connection.client.set("{s.1}", "kept", px=60_000)
    assert "kept" == await connection.client.get("{s.1}")


async def test_a_server_by_its_address_and_by_its_socket(tmp_path: Path) -> None:
    """With a password that has every mark an address could trip over."""
    path = tmp_path / "r.sock"
    with shipped_redis("--unixsocket", str(path)) as server:
        for url in (server.url, server.url.partition("@")[0].replace("redis", "unix") + f"@{path}"):
            async with connected(url) as connection:
                await remembers(connection)


async def test_the_master_by_its_sentinels() -> None:
    """After a failover, the new one."""
    with with_replicas(1) as servers, with_sentinels(servers[0]) as sentinels:
        async with connected(sentinel_url(sentinels)) as connection:
            await remembers(connection)
            assert [servers[0].port] == [place.port for place in await connection.masters()]

            servers[0].kill()

            async with asyncio.timeout(30):
                while not await is_back(connection):  # noqa: ASYNC110 # nobody tells us
                    await asyncio.sleep(0.05)
            assert [servers[1].port] == [place.port for place in await connection.masters()]


async def is_back(connection: Connection) -> bool:
    """Tell whether the store can be written to."""
    try:
        await remembers(connection)
    except AWAY:
        return False
    return True


async def test_a_cluster_by_one_of_its_nodes() -> None:
    """Every master is found, and the one that has the post."""
    with with_cluster(3) as servers:
        async with connected(cluster_url(servers)) as connection:
            await remembers(connection)
            masters = {place.port for place in await connection.masters()}
            office = await connection.post_office()
            slot = int(str(servers[0].says("CLUSTER", "KEYSLOT", POST_TAG)))

    assert {server.port for server in servers} == masters
    assert servers[slot * 3 // SLOTS].port == office.port


async def test_a_server_that_hangs_is_waited_for_no_longer_than_set() -> None:
    """Nothing is tried again behind our back."""
    with shipped_redis() as server:
        async with connected(server.url, ANSWER_S) as connection:
            await remembers(connection)
            server.pause()
            began = asyncio.get_running_loop().time()

            with pytest.raises(AWAY):
                await connection.client.get("{s.1}")

            assert asyncio.get_running_loop().time() - began < 5 * ANSWER_S


async def test_a_server_sees_one_word_of_us() -> None:
    """The same of every node: no name of a machine, no version of a library."""
    with shipped_redis() as server:
        async with connected(server.url) as connection:
            await remembers(connection)
            clients = server.says("CLIENT", "LIST")

    (ours,) = (line for line in str(clients).splitlines() if "user=teleconsult" in line)
    assert f" name={NAME} " in ours
    assert "lib-name=" not in ours.replace("lib-name= ", "")


async def test_a_server_by_tls_is_who_its_certificate_says(tmp_path: Path) -> None:
    """One for which nobody vouches, or for another address, is not spoken to."""
    own = certificate.self_signed(("127.0.0.1",), certificate.new_key(), datetime.now(UTC))
    other = certificate.self_signed(("127.0.0.2",), certificate.new_key(), datetime.now(UTC))
    for name, each in (("own", own), ("other", other)):
        (tmp_path / f"{name}.pem").write_bytes(each.certificate)
        (tmp_path / f"{name}.key").write_bytes(each.key)
    for name in ("own", "other"):
        port = free_port()
        files = (
            "--tls-cert-file",
            f"{tmp_path}/{name}.pem",
            "--tls-key-file",
            f"{tmp_path}/{name}.key",
        )
        with shipped_redis("--tls-port", str(port), "--tls-auth-clients", "no", *files) as server:
            url = server.url.replace("redis:", "rediss:").replace(str(server.port), str(port))
            async with connected(url, ca=tmp_path / f"{name}.pem") as connection:
                if name == "own":
                    await remembers(connection)
                else:
                    with pytest.raises(AWAY):
                        await remembers(connection)
            async with connected(url) as connection:
                with pytest.raises(AWAY):
                    await remembers(connection)
