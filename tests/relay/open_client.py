"""A client of an open relay, and the door that opens its port."""

from collections.abc import Sequence

from relay.allocation import Address
from relay.core import HEADROOM, TAILROOM, Effect, Send, Settings
from relay.effects import OpenPort, ToPeer
from relay.open_core import OpenRelay
from relay.policy import Network
from tests.clock import Clock
from tests.dice import Dice
from tests.relay.turn_client import RELAYED, RELAYED_V6, SECRET, Answer, TurnClient

PEER = ("8.8.8.8", 40_000)
PEER_V6 = ("2001:4860:4860::8888", 40_000)


def new_open_relay(
    clock: Clock,
    settings: Settings | None = None,
    *,
    own: Sequence[str] = (),
    allowed: Sequence[Network] = (),
) -> OpenRelay:
    """An open relay with both families and its dice."""
    return OpenRelay(
        [RELAYED, RELAYED_V6], [SECRET], Dice(), settings, clock.now, own=own, allowed=allowed
    )


class OpenClient(TurnClient):
    """One five-tuple of an open relay. Unrealistic: the first port is always to be had."""

    relay: OpenRelay

    def receive(self, data: bytes) -> Answer:
        """Hand bytes to the relay, open the port that it wants, and keep what it answers."""
        effects = self.relay.receive(self.source, data, self.clock.now)
        for effect in effects:
            if isinstance(effect, OpenPort):
                opened = self.relay.port_opened(self.source, effect.ports[0], self.clock.now)
                effects = [*effects, *opened]
        sent = [each.data for each in effects if isinstance(each, Send) and each.to == self.source]
        return Answer(effects, sent[0] if sent else b"")

    def hear(self, data: bytes, peer: tuple[str, int] = PEER) -> list[Effect]:
        """Let a peer send something to the client's port."""
        return self.relay.hear(self.source, Address(*peer), data, self.clock.now)

    def forward_in(self, data: bytes, peer: tuple[str, int] = PEER) -> Send | None:
        """The same on the hot path, among bytes of other packets."""
        buffer = _among_others(data)
        moved = self.relay.forward_in(self.source, peer, memoryview(buffer), len(data))
        return moved and Send(moved[0], bytes(moved[1]))

    def forward_out(self, data: bytes) -> ToPeer | None:
        """Give a packet of the client to the hot path, among bytes of other packets."""
        buffer = _among_others(data)
        moved = self.relay.forward_out(self.source, memoryview(buffer), len(data))
        return moved and ToPeer(self.source, moved[0], bytes(moved[1]))


def _among_others(data: bytes) -> bytearray:
    buffer = bytearray(b"\xee" * (HEADROOM + len(data) + TAILROOM))
    buffer[HEADROOM : HEADROOM + len(data)] = data
    return buffer


def permitted(relay: OpenRelay, clock: Clock, tag: str = "tag", port: int = 40_000) -> OpenClient:
    """A client that may reach the peer."""
    client = OpenClient(relay, clock, tag, port=port)
    assert client.allocate().code == 0
    assert client.permit(PEER).code == 0
    return client
