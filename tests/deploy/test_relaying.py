"""Which relay a service hands out: by its settings, and never another."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from deploy.relay_watch import RelayError
from deploy.relaying import addresses, chosen, joined, password_s, plain_urls, shared_urls
from relay.probe import Probe, ProbeError
from signaling.journal import Journal
from signaling.relaying import password_secret
from signaling.settings import Settings
from tests.relay.serving import authority, free_port
from tests.serving import INSTALLATION_SECRET
from tests.unions import INSTALLATION

NOW = 1_790_000_000.0
URL = "turn:relay.example.fr:3478?transport=udp"


def settings(**given: object) -> Settings:
    return Settings.model_validate({"installation_secret": INSTALLATION_SECRET, **given})


async def test_our_own_relay_is_started_and_handed_out() -> None:
    """UDP, then TCP; its passwords hold; nobody hears of another path."""
    async with chosen(settings(relay_port=0), "http://localhost:1", Journal()) as found:
        relay = found.relaying.password("one", NOW)
        assert relay is not None and relay.only
        port = int(relay.urls[0].rpartition(":")[2].partition("?")[0])
        assert tuple(plain_urls(["127.0.0.1"], port)) == relay.urls

        async with Probe.to("127.0.0.1", port) as probe:
            await probe.allocate(password_secret(INSTALLATION).encode(), "one")

    assert found.splices is None and "transport=udp" in found.said[0]


async def test_with_a_certificate_it_shares_the_pages_port(tmp_path: Path) -> None:
    """TLS comes last, at the name and port by which browsers reach the pages."""
    made = authority(tmp_path)
    with_tls = settings(
        relay_port=0,
        origins="https://visio.example.fr",
        relay_ip="127.0.0.1",
        relay_public_ip="192.0.2.1",
        certificate=made.certificate,
        certificate_key=made.key,
    )

    async with chosen(with_tls, "https://localhost:8443", Journal()) as found:
        relay = found.relaying.password("one", NOW)

    assert relay is not None
    assert "turns:visio.example.fr:443?transport=tcp" == relay.urls[-1]
    assert 3 == len(relay.urls) and found.splices is not None


async def test_both_families_reach_one_relay() -> None:
    """A client over IPv6 gets an allocation too, and a virtual port of IPv4: all meet there."""
    both = settings(relay_port=0, relay_ip="127.0.0.1,::1")
    async with chosen(both, "http://localhost:1", Journal()) as found:
        relay = found.relaying.password("one", NOW)
        assert relay is not None and 4 == len(relay.urls)
        port = int(relay.urls[1].rpartition(":")[2].partition("?")[0])
        assert f"turn:[::1]:{port}?transport=udp" == relay.urls[1]

        for ip in ("127.0.0.1", "::1"):
            async with Probe.to(ip, port) as probe:
                await probe.allocate(password_secret(INSTALLATION).encode(), "one")
                assert await probe.permission("127.0.0.1") is None


async def test_with_tls_alone_no_other_port_is_opened(tmp_path: Path) -> None:
    """Where only 443 may be open, nothing else is."""
    made = authority(tmp_path)
    port = free_port()
    with_tls = settings(
        relay_port=port,
        relay_transports="tls",
        certificate=made.certificate,
        certificate_key=made.key,
    )

    async with chosen(with_tls, "https://localhost:8443", Journal()) as found:
        relay = found.relaying.password("one", NOW)
        async with Probe.to("127.0.0.1", port) as probe:
            with pytest.raises(ProbeError):
                await probe.binding(within_s=0.5)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", port)

    assert relay is not None and ("turns:localhost:8443?transport=tcp",) == relay.urls


async def test_coturn_is_started_and_its_passwords_are_short() -> None:
    """What it cannot do is said; a password outlives a session by ten minutes at most."""
    by_coturn = settings(relay="coturn", relay_port=free_port())
    async with chosen(by_coturn, "http://localhost:1", Journal()) as found:
        relay = found.relaying.password("one", NOW)

        async with Probe.to("127.0.0.1", by_coturn.relay_port) as probe:
            await probe.allocate(password_secret(INSTALLATION).encode(), "one")

    assert relay is not None and relay.expires_at - NOW <= 600
    assert any("unbound" in line for line in found.said)


async def test_every_process_knows_whether_coturn_is_there() -> None:
    """The one that started it, and one that was told of it; once it is gone both say so."""
    by_coturn = settings(relay="coturn", relay_port=free_port())
    async with AsyncExitStack() as stack:
        found = await stack.enter_async_context(chosen(by_coturn, "http://localhost:1", Journal()))
        assert found.shared is not None and found.is_up is not None and found.is_up()
        async with joined(by_coturn, found.shared) as worker:
            is_up = worker.is_up
            assert is_up is not None and is_up()

            await stack.aclose()

            async with asyncio.timeout(20):
                while is_up():  # noqa: ASYNC110 (it tells nobody)
                    await asyncio.sleep(0.05)


async def test_a_relay_elsewhere_is_named_by_the_operator() -> None:
    """Its addresses are handed out as they stand."""
    urls = "turn:relay.example.fr:3478?transport=udp,turns:relay.example.fr:5349?transport=tcp"

    async with chosen(settings(relay="elsewhere", relay_urls=urls), "", Journal()) as found:
        relay = found.relaying.password("one", NOW)

    assert relay is not None and urls == ",".join(relay.urls)


async def test_without_a_relay_that_is_said() -> None:
    """An operator reads what it costs."""
    async with chosen(settings(relay="none"), "", Journal()) as found:
        assert found.relaying.password("one", NOW) is None

    assert "learn each other's address" in found.said[0]


async def test_direct_paths_are_one_setting_away() -> None:
    """The relay is then one way among others."""
    given = settings(relay_port=0, relay_only="false")

    async with chosen(given, "http://localhost:1", Journal()) as found:
        relay = found.relaying.password("one", NOW)

    assert relay is not None and not relay.only


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"relay": "elsewhere"}, "needs relay_urls"),
        ({"relay_transports": "tls"}, "needs certificate"),
        ({"relay": "elsewhere", "relay_urls": URL, "relay_control": "/nobody"}, "No relay listens"),
        ({"relay_ip": "fe80::1%lo"}, "not the address of one machine"),
        ({"host": "0.0.0.0"}, "not the address of one machine"),
        ({"host": "visio.example.fr"}, "set relay_ip"),
        ({"relay_ip": "127.0.0.1", "relay_public_ip": "::"}, "not the address of one machine"),
        ({"relay": "coturn", "relay_ip": "::1"}, "needs one IPv4 address"),
        ({"relay_ip": "192.0.2.1"}, "Cannot assign requested address"),
        ({"relay_ip": "192.0.2.1,192.0.2.2"}, "one address of a family"),
        ({"relay_ip": "192.0.2.1,2001:db8::1", "relay": "coturn"}, "listens on one address"),
        ({"relay_public_ip": "192.0.2.1,2001:db8::1"}, "the same number"),
        ({"origins": "https://visio.example.fr"}, "for this machine only"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_said_at_the_start(
    given: Mapping[str, object], sentence: str
) -> None:
    """In a sentence that names the setting."""
    with pytest.raises(RelayError, match=sentence):
        async with chosen(settings(relay_port=1025, **dict(given)), "", Journal()):
            pass


def test_the_address_follows_the_host_where_that_is_one() -> None:
    """Loopback by default, as for the pages."""
    assert (["127.0.0.1"], ["127.0.0.1"]) == addresses(settings())
    assert (["192.0.2.7"], ["192.0.2.7"]) == addresses(settings(host="192.0.2.7"))
    assert ["192.0.2.8"] == addresses(settings(host="192.0.2.7", relay_ip="192.0.2.8"))[0]


def test_passwords_are_short_where_an_end_cannot_be_told() -> None:
    """Our own relay ends them with the session; others only with time."""
    told = settings(relay="elsewhere", relay_control="/run/relay/control")

    assert 3600 == password_s(settings()) == password_s(told)
    assert 600 == password_s(settings(relay="elsewhere")) == password_s(settings(relay="coturn"))
    assert 300 == password_s(settings(relay="coturn", relay_password_s=300))


def test_addresses_of_ipv6_stand_in_brackets() -> None:
    """RFC 7065 §3.1."""
    assert "turn:[2001:db8::1]:3478?transport=udp" == plain_urls(["2001:db8::1"], 3478)[0]


def test_nothing_is_shared_without_tls() -> None:
    """Behind somebody else's TLS there is no port to share."""
    assert [] == shared_urls(settings(origins="https://visio.example.fr"), "http://localhost:1")
