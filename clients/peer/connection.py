"""One media connection: an offer or an answer, candidates, tracks, and whether the path holds.

A door. It sends and shows nothing before both ends have proved, first thing in the data
channel, between which certificates they talk (`clients/SCEAU.md` §7). It never contacts a
server that it was not given: aiortc would ask a public STUN server by itself, so that the
list of ICE servers is always explicit, if only empty. It writes no letter and knows no role.

aiortc gathers all candidates at once, restarts no ICE, and takes one TURN server.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Callable
from contextlib import suppress
from types import MappingProxyType
from typing import Literal

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
from cryptography.hazmat.primitives.serialization import Encoding

from signaling.messages import MediaPath, Relay

from .channel import Channel
from .descriptions import (
    candidates_of,
    check_bound,
    ice_name,
    with_one_fingerprint,
    without_addresses,
)
from .errors import FarEndFailed, PeerError
from .letters import Candidate
from .measuring import Arrived, arrived
from .media import RATE, VIDEO_CLOCK_HZ, PatternTrack, Sink, ToneTrack
from .sealing import Refused

CHANNEL_LABEL = "teleconsult"
# Browsers give up a connection that has not come about after 15 to 30 s.
CONNECT_WITHIN_S = 20.0
CLOSE_WITHIN_S = 5.0
# From the connection to the far end's proof: two round trips, and what is lost of them.
BOUND_WITHIN_S = 5.0

# RFC 3550 §6.4.1 counts jitter in these.
_RATES = MappingProxyType({"audio": RATE, "video": VIDEO_CLOCK_HZ})

Moved = Literal["gathers", "gathered", "ice", "dtls", "bound", "unbound", "broken"]

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
    """A path to the far end. `on_moved` tells how it fares.

    `gathers`, `gathered`: it looks for its own addresses, and has found what there are.
    `bound`: both certificates are those that the handshake agreed on, and media flow, unless
    they wait for `lets_flow`; `unbound`: they are not, or nobody said so in time, and it was
    closed.
    """

    def __init__(
        self,
        name: str,
        *,
        offers: bool,
        code: int,
        sink: Sink,
        on_moved: Callable[[Moved], None],
        relay: Relay | None = None,
        relay_url: str | None = None,
        relay_only: bool = False,
        trust: ssl.SSLContext | None = None,
        may_flow: bool = True,
    ) -> None:
        self.name = name
        self._may_flow, self._trust = may_flow, trust
        self._far_ice_name: str | None = None
        self._on_moved = on_moved
        self._sink = sink
        self._is_up = self._is_bound = self._is_silent = self._is_closed = False
        # An offer gathers once, for its bundle. An answer takes the offer's first section for
        # the bundle, and aiortc can move its own sections there only if they began apart.
        bundle = RTCBundlePolicy.MAX_BUNDLE if offers else RTCBundlePolicy.BALANCED
        try:
            self._rtc = RTCPeerConnection(
                configuration(relay, relay_url, bundle=bundle, relay_only=relay_only)
            )
        except ValueError:
            raise PeerError("The relay's address is not one.") from None
        self._connecting: set[asyncio.Task[None]] = set()
        self._watch_connecting()
        self._tracks: list[MediaStreamTrack] = [ToneTrack(code), PatternTrack(code)]
        self._senders = [
            self._rtc.addTransceiver(track.kind, direction="sendrecv").sender
            for track in self._tracks
        ]
        self._far_tracks: list[MediaStreamTrack] = []
        self._channel: Channel | None = None
        self._far_proof: bytes | None = None
        self._has_proved = False
        self._data = self._rtc.createDataChannel(CHANNEL_LABEL, negotiated=True, id=0)
        self._data.on("open", self._proves)
        self._data.on("message", self._hears)
        self._rtc.on("track", self._takes_track)
        self._rtc.on("iceconnectionstatechange", self._ice_moved)
        self._rtc.on("connectionstatechange", self._moved)
        self._limit: asyncio.TimerHandle | None = None

    def bind(self, channel: Channel) -> None:
        """Say under which session's keys the two certificates are to be proved."""
        self._channel = channel
        self._proves()

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Where this end can be reached; complete once there is an offer or an answer."""
        local = self._rtc.localDescription
        return candidates_of(local.sdp) if local else ()

    @property
    def media_path(self) -> MediaPath | None:
        """How media go, by the pair of candidates that ICE chose; None before it has."""
        transports = {t.receiver.transport.transport for t in self._rtc.getTransceivers()}
        chosen = [pair for t in transports for pair in t._connection._nominated.values()]
        kinds = {
            end.type for pair in chosen for end in (pair.local_candidate, pair.remote_candidate)
        }
        if not kinds:
            return None
        return "relayed" if "relay" in kinds else "direct"

    @property
    def is_lost(self) -> bool:
        """Whether the path is broken for good, or was never to this far end."""
        return self._is_closed

    @property
    def has_media(self) -> bool:
        """Whether picture and sound are being sent."""
        return any(sender.track is not None for sender in self._senders)

    @property
    def awaits_answer(self) -> bool:
        """Whether an offer is out."""
        return bool(self._rtc.signalingState == "have-local-offer")

    def is_restart(self, sdp: str) -> bool:
        """Whether a description means an ICE restart, which aiortc cannot do."""
        return self._far_ice_name is not None and ice_name(sdp) != self._far_ice_name

    async def offer(self) -> str:
        """Open audio, video and the data channel; returns the description without addresses."""
        await self._gathers(await self._rtc.createOffer())
        return with_one_fingerprint(without_addresses(self._rtc.localDescription.sdp))

    async def answer(self, offer: str) -> str:
        """Answer an offer; returns the description without addresses.

        Raises:
            FarEndFailed: the offer is not in order.
        """
        await self._take(offer, "offer")
        await self._gathers(await self._rtc.createAnswer())
        self._expect()
        return with_one_fingerprint(without_addresses(self._rtc.localDescription.sdp))

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

    def lets_flow(self) -> None:
        """Let picture and sound pass, once the certificates are bound: all agree who is in."""
        if not self._may_flow:
            self._may_flow = True
            if self._is_bound and not self._is_closed:
                self._flows()

    def sends_nothing(self) -> None:
        """Send neither picture nor sound from now on; the path stays open."""
        self._is_silent = True
        for sender in self._senders:
            sender.replaceTrack(None)
        self._stop_tracks()

    async def arrived(self) -> Arrived:
        """Say what has arrived so far."""
        stats = await self._rtc.getStats()
        reports = [vars(each) for each in stats.values() if each.type == "inbound-rtp"]
        return arrived(reports, _RATES)

    async def close(self) -> None:
        """Leave the path; nothing of it is left running."""
        self._is_closed = True
        if self._limit is not None:
            self._limit.cancel()
        self._stop_tracks()
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._settles()
                transports = {t.receiver.transport.transport for t in self._rtc.getTransceivers()}
                checking = self._checking()
                await asyncio.sleep(0)  # so that they have begun to wait
                await self._rtc.close()
                await asyncio.gather(*checking)
                # What was just about to begin has begun all the same.
                if self._connecting:
                    await asyncio.wait(self._connecting)
                for transceiver in self._rtc.getTransceivers():
                    await transceiver.stop()
                for transport in transports:
                    await transport._connection.close()
        except TimeoutError:
            raise PeerError("The media connection did not close in time.") from None

    async def _gathers(self, description: RTCSessionDescription) -> None:
        """Take an own description, which is when aiortc looks for addresses."""
        self._on_moved("gathers")
        transports = {t.receiver.transport.transport for t in self._rtc.getTransceivers()}
        if self._rtc.sctp is not None:
            transports.add(self._rtc.sctp.transport.transport)
        for ice in (transport.iceGatherer._connection for transport in transports):
            # aiortc hands on that the relay speaks TLS, and nothing of whom to believe.
            if ice.turn_ssl and self._trust is not None:
                ice.turn_ssl = self._trust  # type: ignore[assignment]  # asyncio takes both
        await self._rtc.setLocalDescription(description)
        self._on_moved("gathered")

    def _watch_connecting(self) -> None:
        """Know when aiortc is connecting: its own task fails, unheard, when closed meanwhile."""
        name = "_RTCPeerConnection__connect"
        connect = getattr(self._rtc, name)

        async def connects() -> None:
            task = asyncio.current_task()
            assert task is not None
            self._connecting.add(task)
            try:
                with suppress(InvalidStateError):
                    await connect()
            finally:
                self._connecting.discard(task)

        setattr(self._rtc, name, connects)

    async def _settles(self) -> None:
        """Let media that are being started start: aiortc stops only what has begun."""
        transports = {t.receiver.transport for t in self._rtc.getTransceivers()}
        if self._connecting and any(t.state == "connected" for t in transports):
            await asyncio.wait(self._connecting)

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
            check_bound(sdp)
            await self._rtc.setRemoteDescription(RTCSessionDescription(sdp=sdp, type=kind))
        except (Refused, *_NOT_IN_ORDER):
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
            loop = asyncio.get_running_loop()
            self._limit = loop.call_later(BOUND_WITHIN_S, self._unbinds)
            self._on_moved("dtls")
            self._proves()
        elif state in ("failed", "closed"):
            self._breaks()

    def _takes_track(self, track: MediaStreamTrack) -> None:
        if self._is_bound and self._may_flow:
            self._sink.take(track)
        else:
            self._far_tracks.append(track)

    def _hears(self, message: object) -> None:
        if self._far_proof is None:
            # Text, or anything longer, is no proof either.
            self._far_proof = message if isinstance(message, bytes) else b""
            self._proves()

    def _proves(self) -> None:
        """Send the own proof and check the far end's, once there is what they need."""
        if self._channel is None or self._is_closed or self._data.readyState != "open":
            return
        certificates = self._certificates()
        if certificates is None:
            return
        try:
            if not self._has_proved:
                self._has_proved = True
                self._data.send(self._channel.dtls_proof(*certificates))
            if self._far_proof is not None and not self._is_bound:
                self._channel.check_dtls(self._far_proof, *certificates)
                self._binds()
        except Refused as refused:
            # Of a session that is over meanwhile nothing can be proved any more, nor refuted:
            # the handshake that replaces it brings its own connection.
            if refused.code == "certificate":
                self._unbinds()

    def _certificates(self) -> tuple[bytes, bytes] | None:
        """SHA-256 of both certificates of the one live transport; None before there is one."""
        transports = {t.receiver.transport for t in self._rtc.getTransceivers()}
        if self._rtc.sctp is not None:
            transports.add(self._rtc.sctp.transport)
        if len(transports) != 1:
            return None
        live = transports.pop()._ssl
        own = live.get_certificate(as_cryptography=True) if live else None
        far = live.get_peer_certificate(as_cryptography=True) if live else None
        if own is None or far is None:
            return None
        return _hash(own.public_bytes(Encoding.DER)), _hash(far.public_bytes(Encoding.DER))

    def _binds(self) -> None:
        self._is_bound = True
        if self._limit is not None:
            self._limit.cancel()
        self._on_moved("bound")
        if self._may_flow:
            self._flows()

    def _flows(self) -> None:
        if not self._is_silent:
            for sender, track in zip(self._senders, self._tracks, strict=True):
                sender.replaceTrack(track)
        for track in self._far_tracks:
            self._sink.take(track)

    def _unbinds(self) -> None:
        if not self._is_closed and not self._is_bound:
            self._is_closed = True
            self._on_moved("unbound")

    def _breaks(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._on_moved("broken")


def _hash(certificate: bytes) -> bytes:
    return hashlib.sha256(certificate).digest()
