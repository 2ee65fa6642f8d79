"""Which paths there are is what the service hands out."""

import pytest

from probe.paths import paths_of, url_for
from probe.rounds import Path
from signaling.messages import Relay

UDP, TCP = "turn:192.0.2.1:3478?transport=udp", "turn:192.0.2.1:3478?transport=tcp"
TLS = "turns:visio.example.fr:443?transport=tcp"


def relay(*urls: str, only: bool = False) -> Relay:
    return Relay(urls=urls, username="u", password="p", expires_at=0, only=only)


@pytest.mark.parametrize(
    ("handed", "paths"),
    [
        (None, {"direct"}),
        (relay(UDP, TCP, TLS), {"direct", "udp", "tcp", "tls"}),
        (relay(UDP, TCP, TLS, only=True), {"udp", "tcp", "tls"}),
        (relay(TLS, only=True), {"tls"}),
        (relay(UDP), {"direct", "udp"}),
    ],
)
def test_a_path_is_there_if_it_is_handed_out(handed: Relay | None, paths: set[Path]) -> None:
    """The direct one only where the service does not insist on its relay."""
    assert paths == paths_of(handed)


def test_a_path_goes_by_its_own_address() -> None:
    """TCP and TLS are told apart, although both are over TCP."""
    urls = [url_for(path, relay(UDP, TCP, TLS)) for path in ("udp", "tcp", "tls", "direct")]

    assert [UDP, TCP, TLS, None] == urls
