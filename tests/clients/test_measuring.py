"""What arrives is counted in packets: what was lost, and how unevenly the rest came."""

import pytest

from clients.peer.measuring import Arrived, arrived

RATES = {"audio": 48_000, "video": 90_000}


def test_the_streams_are_summed_up() -> None:
    """Loss of all of them together, jitter of the worst; what cannot be read is passed over."""
    reports: list[dict[str, object]] = [
        {"kind": "audio", "packetsReceived": 250, "packetsLost": 2, "jitter": 48},
        {"kind": "video", "packetsReceived": 150, "packetsLost": 0, "jitter": 900},
        {"kind": "video", "packetsReceived": "many"},
    ]

    assert Arrived(400, 2, 10.0) == arrived(reports, RATES)
    assert Arrived(0, 0, 0.0) == arrived([], RATES)


@pytest.mark.parametrize(
    ("earlier", "later", "loss"),
    [
        (Arrived(100, 0, 0.0), Arrived(190, 10, 0.0), 0.1),
        (Arrived(100, 5, 0.0), Arrived(200, 5, 0.0), 0.0),
        (Arrived(100, 5, 0.0), Arrived(200, 2, 0.0), 0.0),
        (Arrived(100, 5, 0.0), Arrived(100, 5, 0.0), None),
        (Arrived(100, 0, 0.0), Arrived(100, 50, 0.0), 1.0),
    ],
)
def test_loss_is_of_what_was_sent_since(
    earlier: Arrived, later: Arrived, loss: float | None
) -> None:
    """What was lost before does not count, and where nothing was sent nothing is known."""
    assert loss == later.loss_since(earlier)
