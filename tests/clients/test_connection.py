"""Two media connections joined in memory: what one sends, the other sees and hears."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import ClassVar, Self

import pytest
from aiortc import RTCBundlePolicy, RTCPeerConnection
from aiortc.rtcicetransport import RTCIceGatherer

from clients.peer.connection import MediaConnection, configuration
from clients.peer.errors import FarEndFailed, PeerError
from clients.peer.letters import Candidate
from clients.peer.media import Sink
from signaling.messages import Relay

DOCTOR, PATIENT = 0xD0C7, 0x9A7E
NAME = "c" * 22
RELAY = Relay(
    urls=("turn:relay.invalid:3478?transport=udp", "turns:relay.invalid:5349?transport=tcp"),
    username="1790000000",
    password="secret",
    expires_at=1_790_000_000.0,
)


class End:
    """One end without a wire: a connection, its sink, and how it moved."""

    def __init__(self, code: int, *, offers: bool) -> None:
        self.sink = Sink()
        self.moved: asyncio.Queue[str] = asyncio.Queue()
        self.connection = MediaConnection(
            NAME, offers=offers, code=code, sink=self.sink, on_moved=self.moved.put_nowait
        )

    async def close(self) -> None:
        await self.connection.close()
        await self.sink.close()


@pytest.fixture
async def ends() -> AsyncIterator[tuple[End, End]]:
    doctor, patient = End(DOCTOR, offers=True), End(PATIENT, offers=False)
    before = asyncio.all_tasks()
    yield doctor, patient
    await doctor.close()
    await patient.close()
    assert set() == asyncio.all_tasks() - before - {asyncio.current_task()}


async def meet(doctor: End, patient: End) -> None:
    offer = await doctor.connection.offer()
    answer = await patient.connection.answer(offer)
    await doctor.connection.take_answer(answer)
    await patient.connection.add(doctor.connection.candidates)
    await doctor.connection.add(patient.connection.candidates)


async def test_each_end_sees_and_hears_the_other(ends: tuple[End, End]) -> None:
    """By content: the far end's own code and tone, decoded from what arrived."""
    doctor, patient = ends

    await meet(doctor, patient)

    await asyncio.gather(
        doctor.sink.saw(PATIENT),
        doctor.sink.heard(PATIENT),
        patient.sink.saw(DOCTOR),
        patient.sink.heard(DOCTOR),
    )
    assert DOCTOR == await patient.sink.first_code()
    assert doctor.sink.read_ok > 0
    assert ["ice", "dtls"] == [doctor.moved.get_nowait(), doctor.moved.get_nowait()]


async def test_an_end_that_leaves_breaks_the_path(ends: tuple[End, End]) -> None:
    """The far end is told once, and the connection that was left is not called broken."""
    doctor, patient = ends
    await meet(doctor, patient)
    await asyncio.gather(doctor.sink.saw(PATIENT), patient.sink.saw(DOCTOR))

    await patient.connection.close()

    while await doctor.moved.get() != "broken":
        pass
    assert doctor.moved.empty()
    assert "broken" not in [patient.moved.get_nowait() for _ in range(patient.moved.qsize())]


async def test_no_address_leaves_in_a_description(ends: tuple[End, End]) -> None:
    """Addresses travel in candidates alone, which wait for *ready*."""
    doctor, patient = ends

    offer = await doctor.connection.offer()
    answer = await patient.connection.answer(offer)

    for sdp, end in ((offer, doctor), (answer, patient)):
        own = {c.candidate.split()[4] for c in end.connection.candidates}
        assert own
        assert not [address for address in own if address in sdp]
        assert "a=candidate" not in sdp


@pytest.mark.parametrize("sdp", ["x", "v=0\r\n", "v=0\r\nm=audio\r\n", "v=0\r\nm=audio 9 X 0\r\n"])
async def test_a_description_that_is_not_in_order_is_refused(
    ends: tuple[End, End], sdp: str
) -> None:
    """With one sentence, that quotes nothing; whatever aiortc makes of it."""
    _, patient = ends

    with pytest.raises(FarEndFailed, match="not in order"):
        await patient.connection.take_answer(sdp)


async def test_candidates_that_make_no_sense_are_passed_over(ends: tuple[End, End]) -> None:
    """One of them does not cost the others."""
    doctor, patient = ends
    nonsense = ("", "candidate:", "candidate:1 x", "candidate:1 1 udp x 192.0.2.1 1 typ host")

    await patient.connection.add(tuple(Candidate(candidate=c, sdpMid="0") for c in nonsense))
    await meet(doctor, patient)

    await patient.sink.saw(DOCTOR)


class Outside:
    """Records every look-up and every destination, beneath any library, and refuses them all.

    An audit hook cannot be taken away again; it is installed once and switched on and off.
    """

    _on: ClassVar["Outside | None"] = None
    _is_installed: ClassVar[bool] = False
    # Event -> where its arguments name a host or an address (Python's audit events table).
    _WATCHED: ClassVar[dict[str, int]] = {
        "socket.getaddrinfo": 0,
        "socket.gethostbyname": 0,
        "socket.connect": 1,
        "socket.sendto": 1,
        "socket.sendmsg": 1,
    }

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __enter__(self) -> Self:
        if not Outside._is_installed:
            sys.addaudithook(Outside._hook)
        Outside._is_installed, Outside._on = True, self
        return self

    def __exit__(self, *_: object) -> None:
        Outside._on = None

    @staticmethod
    def _hook(event: str, arguments: tuple[object, ...]) -> None:
        if Outside._on is not None and event in Outside._WATCHED:
            Outside._on.asked.append(str(arguments[Outside._WATCHED[event]]))
            raise OSError("refused by the test")


@pytest.mark.parametrize("offers", [True, False])
async def test_nobody_is_asked_for_addresses(ends: tuple[End, End], offers: bool) -> None:
    """Without a relay, gathering looks up no name and sends no packet."""
    doctor, patient = ends
    offer = "" if offers else await doctor.connection.offer()

    with Outside() as outside:
        await (doctor.connection.offer() if offers else patient.connection.answer(offer))

    assert [] == outside.asked
    assert (doctor if offers else patient).connection.candidates


async def test_the_recorder_would_have_seen_a_default_stun_server() -> None:
    """The negative control: a bare connection asks one, and is stopped at the door."""
    rtc = RTCPeerConnection()
    rtc.createDataChannel("x")

    with Outside() as outside:
        await rtc.setLocalDescription(await rtc.createOffer())
    await rtc.close()

    [server] = RTCIceGatherer.getDefaultIceServers()
    assert outside.asked
    assert all(host in str(server.urls) for host in outside.asked)


@pytest.mark.parametrize("bundle", list(RTCBundlePolicy))
def test_the_list_of_servers_is_always_explicit(bundle: RTCBundlePolicy) -> None:
    """None would mean aiortc's own choice."""
    assert [] == configuration(None, None, bundle=bundle).iceServers


def test_one_relay_is_asked_a_run() -> None:
    """The first one handed, unless the caller chose another; aiortc takes only one."""
    bundle = RTCBundlePolicy.MAX_BUNDLE

    first = configuration(RELAY, None, bundle=bundle).iceServers
    chosen = configuration(RELAY, RELAY.urls[1], bundle=bundle).iceServers

    assert [RELAY.urls[0]] == [s.urls for s in first or []]
    assert [RELAY.urls[1]] == [s.urls for s in chosen or []]
    with pytest.raises(PeerError, match="Only the relay"):
        configuration(None, None, bundle=bundle, relay_only=True)
