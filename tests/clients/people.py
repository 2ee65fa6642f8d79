"""Headless peers for whole consultations, and a server that does not keep to its word.

Unrealistic: what a server does wrong is done where a peer receives, so that the real server
need not be able to do it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import aiohttp
import pytest

from clients.peer import socket as sockets
from clients.peer.channel import Kind
from clients.peer.connection import MediaConnection
from clients.peer.media import Sink
from clients.peer.peer import Doctor, Guest, Patient
from clients.peer.records import take
from signaling.encoding import encode
from signaling.messages import Envelope, ServerMessage
from tests.serving import Signaling

PATIENT, DOCTOR, GUEST, COLLEAGUE = 0x9A7E, 0xD0C7, 0x6E58, 0xC011

Meddle = Callable[[ServerMessage], Awaitable[Iterable[ServerMessage]]]
"""What a server hands on instead of one message: nothing, another one, or several."""


class Windows:
    """Opens patients', doctors' and guests' windows.

    Args:
        relay_only: whether no path but through the relay may be tried.
    """

    def __init__(self, *, relay_only: bool = False) -> None:
        self._relay_only = relay_only
        self._open: list[Patient | Doctor | Guest] = []

    def patient(self, url: str, code: int = PATIENT) -> Patient:
        patient = Patient(url, code=code, relay_only=self._relay_only)
        self._open.append(patient)
        return patient

    def doctor(self, url: str, code: int = DOCTOR) -> Doctor:
        doctor = Doctor(url, code=code, relay_only=self._relay_only)
        self._open.append(doctor)
        return doctor

    def guest(self, url: str, code: int = GUEST) -> Guest:
        guest = Guest(url, code=code, relay_only=self._relay_only)
        self._open.append(guest)
        return guest

    async def close(self) -> None:
        # At once: whoever is left would look for the others, and be stopped in the middle of it.
        await asyncio.gather(*(window.close() for window in self._open))


@asynccontextmanager
async def windows(*, relay_only: bool = False) -> AsyncIterator[Windows]:
    """Yield what opens windows, and close them all afterwards."""
    made = Windows(relay_only=relay_only)
    try:
        yield made
    finally:
        await made.close()


async def both_wait(patient: Patient, doctor: Doctor) -> None:
    await patient.enter()
    await doctor.enter()
    await doctor.goes_on_duty()


async def they_meet(patient: Patient, doctor: Doctor) -> None:
    await both_wait(patient, doctor)
    await doctor.calls_next()
    await patient.waits_for_call()
    await asyncio.gather(patient.accepts(), doctor.is_accepted())
    await they_see_and_hear(patient, doctor)


async def they_see_and_hear(patient: Patient, doctor: Doctor) -> None:
    await asyncio.gather(
        patient.sink.saw(doctor.code),
        patient.sink.heard(doctor.code),
        doctor.sink.saw(patient.code),
        doctor.sink.heard(patient.code),
    )


async def two_who_have_met(open_: Windows, signaling: Signaling) -> tuple[Patient, Doctor]:
    """A patient and a doctor in a consultation."""
    patient = open_.patient(signaling.pool_link())
    doctor = open_.doctor(signaling.doctor_address())
    await they_meet(patient, doctor)
    return patient, doctor


class Server:
    """Hands everything on as it came, until `meddle` says otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.meddle: Meddle | None = None
        self._receive = sockets._receive
        self._next: dict[aiohttp.ClientWebSocketResponse, list[ServerMessage]] = {}
        monkeypatch.setattr(sockets, "_receive", self._hands_on)

    async def _hands_on(
        self, ws: aiohttp.ClientWebSocketResponse, within_s: float | None = None
    ) -> ServerMessage:
        while not self._next.get(ws):
            message = await self._receive(ws, within_s)
            self._next[ws] = list(await self.meddle(message) if self.meddle else [message])
        return self._next[ws].pop(0)


def is_envelope(message: ServerMessage, kind: Kind) -> bool:
    """Tell whether a message is an envelope that carries this kind."""
    return isinstance(message, Envelope) and take(message.body).kind is kind


async def a_real_offer() -> str:
    """One that a patient's end can answer, of a connection that is gone."""
    sink = Sink()
    connection = MediaConnection(
        encode(bytes(16)), offers=True, code=1, sink=sink, on_moved=lambda what: None
    )
    try:
        return await connection.offer()
    finally:
        await connection.close()
        await sink.close()
