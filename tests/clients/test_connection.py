"""Two media connections joined in memory: what one sends, the other sees and hears."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import ClassVar, Self

import pytest
from aiortc import RTCBundlePolicy, RTCPeerConnection
from aiortc.rtcicetransport import RTCIceGatherer

from clients.peer import connection as connections
from clients.peer.channel import Channel, Role
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
    only=False,
)


KEY = b"k" * 32


class End:
    """One end without a wire: a connection, its sink, and how it moved."""

    def __init__(self, code: int, *, offers: bool) -> None:
        self.role: Role = "doctor" if offers else "patient"
        self.sink = Sink()
        self.moved: asyncio.Queue[str] = asyncio.Queue()
        self.connection = MediaConnection(
            NAME, offers=offers, code=code, sink=self.sink, on_moved=self.moved.put_nowait
        )

    async def moves(self, what: str) -> list[str]:
        """Wait until it has moved so; returns how it moved on the way there."""
        moved: list[str] = []
        while what not in moved:
            moved.append(await self.moved.get())
        return moved

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


async def meet(
    doctor: End, patient: End, doctors_key: bytes | None = KEY, patients_key: bytes | None = KEY
) -> None:
    """Connect; each end binds the connection under its key, if it has one."""
    offer = await doctor.connection.offer()
    answer = await patient.connection.answer(offer)
    await doctor.connection.take_answer(answer)
    for end, key in ((doctor, doctors_key), (patient, patients_key)):
        if key is not None:
            end.connection.bind(Channel(key, end.role))
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
    steps = ["gathers", "gathered", "ice", "dtls", "bound"]
    assert steps == await doctor.moves("bound")


async def test_nothing_is_sent_or_seen_before_both_certificates_are_proved(
    ends: tuple[End, End],
) -> None:
    """An end that waits for the handshake's keys neither plays nor sends, for all it is connected.

    Afterwards both do: what comes late is late, and not lost.
    """
    doctor, patient = ends
    await meet(doctor, patient, patients_key=None)
    await asyncio.gather(doctor.moves("dtls"), patient.moves("dtls"))

    assert not doctor.connection.has_media and not patient.connection.has_media
    assert (0, 0) == (doctor.sink.frames, patient.sink.frames)

    patient.connection.bind(Channel(KEY, "patient"))
    await asyncio.gather(doctor.sink.saw(PATIENT), patient.sink.saw(DOCTOR))


async def test_a_far_end_of_another_handshake_is_shown_nothing(ends: tuple[End, End]) -> None:
    """Whoever does not hold the handshake's keys cannot prove certificates, though connected."""
    doctor, patient = ends

    await meet(doctor, patient, patients_key=b"another key".ljust(32))

    assert "bound" not in await doctor.moves("unbound")
    assert "bound" not in await patient.moves("unbound")
    assert not doctor.connection.has_media and not patient.connection.has_media
    assert (0, 0) == (doctor.sink.frames, patient.sink.frames)


async def test_a_far_end_that_proves_nothing_is_not_waited_for(
    ends: tuple[End, End], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a few seconds silence is an answer."""
    monkeypatch.setattr(connections, "BOUND_WITHIN_S", 0.2)
    doctor, patient = ends

    await meet(doctor, patient, patients_key=None)

    assert "bound" not in await doctor.moves("unbound")
    assert 0 == doctor.sink.frames


@pytest.mark.parametrize("said", ["x" * 32, b"x" * 31, b"", b"x" * 32])
async def test_the_first_word_over_the_data_channel_is_the_proof_or_the_last_one(
    ends: tuple[End, End], said: str | bytes
) -> None:
    """Text, another length, another code: there is no second try."""
    doctor, patient = ends
    rtc = patient.connection._data
    rtc.on("open", lambda: rtc.send(said))

    await meet(doctor, patient, patients_key=None)

    assert "bound" not in await doctor.moves("unbound")


async def test_an_own_proof_sent_back_proves_nothing(ends: tuple[End, End]) -> None:
    """Each role has a proof of its own."""
    doctor, patient = ends
    data = patient.connection._data
    data.remove_all_listeners("message")
    data.on("message", data.send)

    await meet(doctor, patient, patients_key=None)

    assert "bound" not in await doctor.moves("unbound")


async def test_an_end_that_is_silent_stays_so_when_bound(ends: tuple[End, End]) -> None:
    """A doctor who waits for a click sends nothing, however late the connection comes about."""
    doctor, patient = ends
    doctor.connection.sends_nothing()

    await meet(doctor, patient)

    await doctor.sink.saw(PATIENT)
    assert not doctor.connection.has_media
    assert 0 == patient.sink.frames


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ("a=group:BUNDLE", "a=group:LS"),
        ("t=0 0", "t=0 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x"),
    ],
)
async def test_a_description_that_binds_nothing_is_not_read(
    ends: tuple[End, End], line: str, other: str
) -> None:
    """One certificate, one transport, no key beside it; and the untouched offer is fine."""
    doctor, patient = ends
    offer = await doctor.connection.offer()
    assert line in offer

    with pytest.raises(FarEndFailed, match="not in order"):
        await patient.connection.answer(offer.replace(line, other))
    assert await patient.connection.answer(offer)


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
    """Addresses travel in candidates alone, which wait for M4."""
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
