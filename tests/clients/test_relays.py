"""A peer takes the first of a relay's addresses that answers."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from clients.peer.errors import PeerError
from clients.peer.relays import first_reached, space_at
from relay.credentials import RelayPassword
from signaling.messages import Relay
from tests.relay.serving import GENEROUS, LOOPBACK, authority, password, relaying

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


def handed(password: RelayPassword) -> Relay:
    return Relay(
        urls=("turn:127.0.0.1:1?transport=udp",),
        username=password.username,
        password=password.password,
        expires_at=0,
        only=False,
    )


async def test_a_relay_says_whether_it_has_space(silent: int) -> None:
    """What it gave is given back: that who asks takes nobody's place."""
    one = replace(GENEROUS, allocations_per_tag=1)
    async with relaying(settings=one) as relay:
        (tcp,), (udp,) = relay.addresses("tcp"), relay.addresses("udp")
        urls = [
            f"turn:{LOOPBACK}:{udp.port}?transport=udp",
            f"turn:{LOOPBACK}:{tcp.port}?transport=tcp",
        ]
        good, bad = (
            handed(password("somebody")),
            handed(password("another")._replace(password="no")),
        )

        answers = [await space_at(url, good, within_s=5.0) for url in (*urls, *urls)]

        assert ["given"] * 4 == answers
        assert 0 == relay.relay.counters().allocations
        assert "refused" == await space_at(urls[0], bad, within_s=5.0)
    assert "unreached" == await space_at(urls[1], good, within_s=5.0)
    assert "silent" == await space_at(f"turn:{LOOPBACK}:{silent}?transport=udp", good, within_s=0.2)
    assert "none" == await space_at("turn:nonsense", good, within_s=0.2)


async def test_a_relay_that_is_full_says_so() -> None:
    """RFC 8656 §7.2: by 486 or 508, which is something else than nobody there."""
    async with relaying(settings=replace(GENEROUS, allocations_per_tag=0)) as relay:
        (udp,) = relay.addresses("udp")
        url = f"turn:{LOOPBACK}:{udp.port}?transport=udp"

        assert "full" == await space_at(url, handed(password("somebody")), within_s=5.0)


async def test_a_relay_of_nobody_known_is_told_apart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A certificate that does not hold is not a relay that is away."""
    made = authority(tmp_path_factory.mktemp("authority"))
    async with relaying(made) as relay:
        (tls,) = relay.addresses("tls")
        url, good = f"turns:{LOOPBACK}:{tls.port}?transport=tcp", handed(password("somebody"))

        assert "given" == await space_at(url, good, made.trusted(), within_s=5.0)
        assert "certificate" == await space_at(url, good, within_s=5.0)
