"""Consultations in progress, with real pictures: who notices when the signaling fails?

Two headless peers each, on aiortc, as `teleconsult peer` runs them.
"""

import asyncio
import time
from contextlib import suppress
from typing import Self

from clients.peer.doctor import Doctor
from clients.peer.errors import PeerError
from clients.peer.patient import Patient

LOOK_EVERY_S = 0.1
# A picture that stands for longer has stopped for who looks at it.
STANDS_S = 3.0
CALL_WITHIN_S = 120.0


class Talk:
    """One consultation and how long its pictures ever stood still.

    Args:
        patient, doctor: addresses, as they are opened.
        number: tells this talk's pictures from others'.
    """

    def __init__(self, patient: str, doctor: str, number: int) -> None:
        self._codes = 0x1000 + 2 * number, 0x8001 + 2 * number
        self.patient = Patient(patient, code=self._codes[0])
        self.doctor = Doctor(doctor, code=self._codes[1])
        self.longest_s = 0.0
        self._watching: asyncio.Task[None] | None = None

    async def begin(self) -> Self:
        """Lead both into the consultation, until each sees the other's own picture."""
        await self.doctor.enter()
        await self.doctor.goes_on_duty()
        await self.patient.enter()
        await self.doctor.calls_next(within_s=CALL_WITHIN_S)
        await self.patient.waits_for_call()
        await asyncio.gather(self.patient.accepts(), self.doctor.is_accepted())
        await asyncio.gather(
            self.patient.sink.saw(self._codes[1]), self.doctor.sink.saw(self._codes[0])
        )
        self._watching = asyncio.create_task(self._watch())
        return self

    @property
    def is_undisturbed(self) -> bool:
        """Tell whether both are still in it, and neither picture ever stood."""
        states = self.patient.state, self.doctor.state
        return states == ("session", "session") and self.longest_s < STANDS_S

    async def end(self) -> None:
        """Say good-bye, if anybody still hears it."""
        if self._watching is not None:
            self._watching.cancel()
        with suppress(PeerError, TimeoutError):
            async with asyncio.timeout(5):
                await self.patient.hang_up()
                await self.doctor.waits_for_the_end(5)
        await self.patient.close()
        await self.doctor.close()

    async def _watch(self) -> None:
        sinks = self.patient.sink, self.doctor.sink
        frames, since = [sink.frames for sink in sinks], [time.monotonic()] * 2
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now = time.monotonic()
            for side, sink in enumerate(sinks):
                self.longest_s = max(self.longest_s, now - since[side])
                if sink.frames != frames[side]:
                    frames[side], since[side] = sink.frames, now
