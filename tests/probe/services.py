"""A whole service with TLS for the probe's tests: all four paths, and a hand on each."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from clients.peer import probe_keys
from clients.peer.probe_keys import ProbeKeys
from clients.peer.reach import Reach
from deploy.demo import demonstration
from probe.consultation import Limits
from signaling.journal import Journal
from tests.relay.serving import Authority

UNHURRIED = Limits(step_s=30.0, round_s=90.0, media_s=0.5)
"""For what is to go well: a machine that is busy with other tests is slow, and not red."""

QUICK = Limits(step_s=4.0, round_s=12.0, media_s=0.5)
"""For what is to fail."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service, and what lets a probe in."""

    keys: ProbeKeys
    reach: Reach


@asynccontextmanager
async def a_service(
    made: Authority, pages: Path, more: Mapping[str, object] | None = None
) -> AsyncIterator[Service]:
    """Run a demonstration with TLS, of which no path is ruled out."""
    flags = {
        "port": "0",
        "pages": str(pages),
        "certificate": str(made.certificate),
        "certificate_key": str(made.key),
        "relay_only": "false",
        "metrics_port": "0",
        **(more or {}),
    }
    async with demonstration(flags, Journal()) as addresses:
        yield Service(probe_keys.read(addresses.probe), Reach(made.trusted()))
