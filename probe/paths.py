"""Which paths a service offers, by the relay that it hands out.

Pure. RFC 7065 for the addresses of a relay.
"""

from signaling.messages import Relay

from .rounds import PATHS, Path


def paths_of(relay: Relay | None) -> frozenset[Path]:
    """Say which paths there are: the relay's, and the direct one unless it is ruled out."""
    if relay is None:
        return frozenset({"direct"})
    by_relay = {path for path in PATHS if url_for(path, relay) is not None}
    return frozenset(by_relay if relay.only else {*by_relay, "direct"})


def url_for(path: Path, relay: Relay) -> str | None:
    """Find the relay's address for a path; None where it has none."""
    for url in relay.urls:
        over = "tls" if url.startswith("turns:") else url.rpartition("transport=")[2]
        if over == path:
            return url
    return None
