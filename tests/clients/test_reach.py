"""A peer reaches the service by the pages' address, or one node by its own."""

import pytest

from clients.peer.errors import NotReached
from clients.peer.peer import Patient
from clients.peer.reach import BY_ITS_ADDRESS, Reach
from tests.serving import Signaling

ORIGIN = "https://visio.example.fr"


def test_pages_and_socket_are_asked_of_their_own_address() -> None:
    """And the certificate is to be the one of the host that is asked."""
    assert f"{ORIGIN}/doctor" == BY_ITS_ADDRESS.url(ORIGIN, "/doctor")
    assert "wss://visio.example.fr/v1" == BY_ITS_ADDRESS.socket_url(ORIGIN)
    assert BY_ITS_ADDRESS.name(ORIGIN) is None


@pytest.mark.parametrize(
    ("at", "page", "socket"),
    [
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080/doctor", "ws://10.0.0.7:8080/v1"),
        ("https://[fd00::7]/", "https://[fd00::7]/doctor", "wss://[fd00::7]/v1"),
    ],
)
def test_a_node_is_asked_by_its_own(at: str, page: str, socket: str) -> None:
    """Behind a balancer too; its certificate is the service's."""
    reach = Reach(at=at)

    assert (page, socket) == (reach.url(ORIGIN, "/doctor"), reach.socket_url(ORIGIN))
    assert "visio.example.fr" == reach.name(ORIGIN)


async def test_a_patient_waits_at_the_node_that_is_asked(
    signaling: Signaling, unused_tcp_port: int
) -> None:
    """What is said is said as to the pages' origin, so that the node takes it for its own."""
    url = signaling.pool_link()
    here, elsewhere = f"http://127.0.0.1:{signaling.port}", f"http://127.0.0.1:{unused_tcp_port}"
    patient, stray = (Patient(url, code=1, reach=Reach(at=at)) for at in (here, elsewhere))

    await patient.enter()

    assert 1 == patient.place
    with pytest.raises(NotReached):
        await stray.enter()
    for window in (patient, stray):
        await window.close()
