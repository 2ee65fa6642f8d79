"""One media connection: an offer or an answer, candidates, tracks, and whether the path holds.

A door. It never contacts a server that it was not given: aiortc would ask a public STUN
server by itself, so that the list of ICE servers is always explicit, if only empty. It
writes no letter and knows no role.

aiortc gathers all candidates at once, restarts no ICE, and takes one TURN server.
"""

import asyncio
from collections.abc import Callable

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceServer,
    RTCIceTransportPolicy,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamTrack
from aiortc.sdp import candidate_from_sdp

from signaling.messages import Relay

from .descriptions import candidates_of, ice_name, without_addresses
from .errors import FarEndFailed, PeerError
from .letters import Candidate
from .media import PatternTrack, Sink, ToneTrack

CHANNEL_LABEL = "teleconsult"
# Browsers give up a connection that has not come about after 15 to 30 s.
CONNECT_WITHIN_S = 20.0
CLOSE_WITHIN_S = 5.0

# What aiortc raises for a description or a candidate that is not in order.
_NOT_IN_ORDER = (
    ValueError, AssertionError, AttributeError, IndexError, KeyError, TypeError,
    InvalidAccessError, InvalidStateError, OperationError,
)  # fmt: skip


def configuration(
    relay: Relay | None, relay_url: str | None, *, bundle: RTCBundlePolicy, relay_only: bool = False
) -> RTCConfiguration:
    """Say which servers may be asked: one relay, or nobody at all.

    Raises:
        PeerError: only the relay was allowed, and there is none.
    """
    servers = []
    if relay is not None:
        url = relay_url or relay.urls[0]
        servers.append(RTCIceServer(url, username=relay.username, credential=relay.password))
    elif relay_only:
        raise PeerError("Only the relay is allowed, and the server handed none.")
    policy = RTCIceTransportPolicy.RELAY if relay_only else RTCIceTransportPolicy.ALL
    return RTCConfiguration(iceServers=servers, iceTransportPolicy=policy, bundlePolicy=bundle)


class MediaConnection:
    """A path to the far end. `on_moved("ice" | "dtls" | "broken")` tells how it fares."""

    def __init__(
        self,
        name: str,
        *,
        offers: bool,
        code: int,
        sink: Sink,
        on_moved: Callable[[str], None],
        relay: Relay | None = None,
        relay_url: str | None = None,
        relay_only: bool = False,
    ) -> None:
        self.name = name
        self._far_ice_name: str | None = None
        self._on_moved = on_moved
        self._sink = sink
        self._is_up = self._is_closed = False
        # An offer gathers once, for its bundle. An answer takes the offer's first section for
        # the bundle, and aiortc can move its own sections there only if they began apart.
        bundle = RTCBundlePolicy.MAX_BUNDLE if offers else RTCBundlePolicy.BALANCED
        try:
            self._rtc = RTCPeerConnection(
                configuration(relay, relay_url, bundle=bundle, relay_only=relay_only)
            )
        except ValueError:
            raise PeerError("The relay's address is not one.") from None
        self._tracks: list[MediaStreamTrack] = [ToneTrack(code), PatternTrack(code)]
        for track in self._tracks:
            self._rtc.addTrack(track)
        self._rtc.createDataChannel(CHANNEL_LABEL, negotiated=True, id=0)
        self._rtc.on("track", sink.take)
        self._rtc.on("iceconnectionstatechange", self._ice_moved)
        self._rtc.on("connectionstatechange", self._moved)
        self._limit: asyncio.TimerHandle | None = None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Where this end can be reached; complete once there is an offer or an answer."""
        local = self._rtc.localDescription
        return candidates_of(local.sdp) if local else ()

    @property
    def awaits_answer(self) -> bool:
        """Whether an offer is out."""
        return bool(self._rtc.signalingState == "have-local-offer")

    def is_restart(self, sdp: str) -> bool:
        """Whether a description means an ICE restart, which aiortc cannot do."""
        return self._far_ice_name is not None and ice_name(sdp) != self._far_ice_name

    async def offer(self) -> str:
        """Open audio, video and the data channel; returns the description without addresses."""
        await self._rtc.setLocalDescription(await self._rtc.createOffer())
        return without_addresses(self._rtc.localDescription.sdp)

    async def answer(self, offer: str) -> str:
        """Answer an offer; returns the description without addresses.

        Raises:
            FarEndFailed: the offer is not in order.
        """
        await self._take(offer, "offer")
        await self._rtc.setLocalDescription(await self._rtc.createAnswer())
        self._expect()
        return without_addresses(self._rtc.localDescription.sdp)

    async def take_answer(self, answer: str) -> None:
        """Take the far end's answer.

        Raises:
            FarEndFailed: the answer is not in order, or none was awaited.
        """
        await self._take(answer, "answer")
        self._expect()

    async def add(self, candidates: tuple[Candidate, ...]) -> None:
        """Try these addresses too; one that cannot be understood is passed over."""
        for candidate in candidates:
            text = candidate.candidate.removeprefix("candidate:")
            if not text:
                continue
            try:
                value = candidate_from_sdp(text)
                value.sdpMid, value.sdpMLineIndex = candidate.sdpMid, candidate.sdpMLineIndex
                await self._rtc.addIceCandidate(value)
            except _NOT_IN_ORDER:
                continue

    def sends_nothing(self) -> None:
        """Send neither picture nor sound from now on; the path stays open."""
        for sender in self._rtc.getSenders():
            sender.replaceTrack(None)
        self._stop_tracks()

    async def close(self) -> None:
        """Leave the path; nothing of it is left running."""
        self._is_closed = True
        if self._limit is not None:
            self._limit.cancel()
        self._stop_tracks()
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                checking = self._checking()
                await asyncio.sleep(0)  # so that they have begun to wait
                await self._rtc.close()
                await asyncio.gather(*checking)
        except TimeoutError:
            raise PeerError("The media connection did not close in time.") from None

    def _checking(self) -> list[asyncio.Task[None]]:
        """Tasks that end when ICE has stopped checking, which aiortc's `close` leaves behind."""
        transports = {t.receiver.transport.transport for t in self._rtc.getTransceivers()}
        return [
            # A second `start` only waits for the first.
            asyncio.create_task(t.start(t.iceGatherer.getLocalParameters()))
            for t in transports
            if t.state == "checking"
        ]

    async def _take(self, sdp: str, kind: str) -> None:
        try:
            await self._rtc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type=kind))
        except _NOT_IN_ORDER:
            # `from None`: aiortc quotes the description.
            raise FarEndFailed(f"The far end's {kind} is not in order.") from None
        self._far_ice_name = ice_name(sdp)

    def _expect(self) -> None:
        if not self._is_up and self._limit is None:
            loop = asyncio.get_running_loop()
            self._limit = loop.call_later(CONNECT_WITHIN_S, self._breaks)

    def _stop_tracks(self) -> None:
        for track in self._tracks:
            track.stop()

    def _ice_moved(self) -> None:
        if self._rtc.iceConnectionState == "completed":
            self._on_moved("ice")

    def _moved(self) -> None:
        state = self._rtc.connectionState
        if state == "connected" and not self._is_up:
            self._is_up = True
            if self._limit is not None:
                self._limit.cancel()
            self._on_moved("dtls")
        elif state in ("failed", "closed"):
            self._breaks()

    def _breaks(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._on_moved("broken")
