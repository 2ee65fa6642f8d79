"""The relay asked from outside, as an operator's check does."""

import pytest

from relay.probe import Probe, ProbeError
from tests.relay.serving import LOOPBACK, SECRET, free_port, relaying


async def test_a_closed_relay_reaches_nobody_but_itself() -> None:
    """What the probe asks of coturn holds for our own engine too."""
    async with relaying() as server:
        (here,) = server.addresses("udp")
        async with Probe.to(LOOPBACK, here.port) as probe:
            await probe.binding()
            await probe.allocate(SECRET, "probe")

            assert await probe.permission(LOOPBACK) is None
            for address in ("127.0.0.2", "10.0.0.1", "169.254.169.254", "8.8.8.8"):
                assert 403 == await probe.permission(address)
            for address in ("::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"):
                assert await probe.permission(address) in (403, 443)

            await probe.release()
            assert 437 == await probe.permission(LOOPBACK)
        assert 0 == server.numbers()["allocations"]


async def test_a_wrong_secret_is_refused() -> None:
    """Who has made a password of something else is a stranger."""
    async with relaying() as server:
        (here,) = server.addresses("udp")
        async with Probe.to(LOOPBACK, here.port) as probe:
            with pytest.raises(ProbeError, match="refused an allocation with 401"):
                await probe.allocate(b"another secret of the same size....")


async def test_nobody_there_is_told_in_time() -> None:
    """The sentence holds no address."""
    async with Probe.to(LOOPBACK, free_port()) as probe:
        with pytest.raises(ProbeError, match=r"^it did not answer\.$"):
            await probe.binding(within_s=0.2)
