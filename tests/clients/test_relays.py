"""A peer takes the first of a relay's addresses that answers."""

import socket
from collections.abc import Iterator

import pytest

from clients.peer.errors import PeerError
from clients.peer.relays import first_reached
from tests.relay.serving import LOOPBACK, authority, relaying

RUNS_ON = "uvloop"
"""The loop that the relay runs on."""


@pytest.fixture
def silent() -> Iterator[int]:
    """A UDP port that hears and never answers, as behind a firewall that drops."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((LOOPBACK, 0))
        yield int(taken.getsockname()[1])


async def test_udp_is_taken_where_it_answers(silent: int) -> None:
    """The order is the server's."""
    async with relaying() as relay:
        (udp,) = relay.addresses("udp")
        urls = [f"turn:{LOOPBACK}:{udp.port}?transport=udp", f"turn:{LOOPBACK}:1?transport=tcp"]

        assert urls[0] == await first_reached(urls)


async def test_tcp_is_taken_where_udp_is_lost(silent: int) -> None:
    """A network that drops datagrams costs a moment, not the call."""
    async with relaying() as relay:
        (tcp,) = relay.addresses("tcp")
        urls = [
            f"turn:{LOOPBACK}:{silent}?transport=udp",
            f"turn:{LOOPBACK}:{tcp.port}?transport=tcp",
        ]

        assert urls[1] == await first_reached(urls, within_s=0.2)


async def test_tls_is_taken_only_with_a_certificate_that_holds(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A stranger's certificate is no relay of ours."""
    made = authority(tmp_path_factory.mktemp("authority"))
    async with relaying(made) as relay:
        (tls,) = relay.addresses("tls")
        url = f"turns:{LOOPBACK}:{tls.port}?transport=tcp"

        assert url == await first_reached([url], made.trusted())
        with pytest.raises(PeerError, match="by none of its addresses"):
            await first_reached([url])


async def test_none_that_answers_is_said_in_a_sentence(silent: int) -> None:
    """Nothing of the addresses is in it; one that cannot be read is passed over."""
    urls = [f"turn:{LOOPBACK}:{silent}?transport=udp", "turn:nonsense"]

    with pytest.raises(PeerError, match="cannot be reached from here") as refused:
        await first_reached(urls, within_s=0.1)

    assert LOOPBACK not in str(refused.value)
