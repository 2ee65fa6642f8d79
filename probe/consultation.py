"""Holds one real consultation over one path, and says how each step of it went.

A door. It never raises and always returns a round: whatever the service does, or does not do,
is a step that failed, and why. Each step has a deadline and so has the whole; afterwards no
task, socket or place in the queue is left behind.

The steps are those of `rounds.py`; which is under way is `steps.py`'s.
"""

import asyncio
import hashlib
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import aiohttp

from clients.peer import link as links
from clients.peer.errors import PeerError
from clients.peer.measuring import NO_RELAY
from clients.peer.peer import Doctor, Patient
from clients.peer.probe_keys import ProbeKeys
from clients.peer.reach import BY_ITS_ADDRESS, Reach
from clients.peer.run import goes_home, leaves, two_codes

from .failures import WHY_NO_SPACE, Failed, why_of
from .paths import paths_of, url_for
from .rounds import Path, Round, Step, Why
from .steps import Stopwatch, is_gathering, step_of

PAGES = ("/", "/doctor")
PAGE_MAX_BYTES = 1024 * 1024
"""Far above what a page weighs: what sends more than this is none of ours."""

ASK_RELAY_S = 2.0
"""For a relay to say why it gave no address: one round trip, or three over TLS."""

_SEED = b"teleconsult probe's patient v1\n"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long what may take, in seconds.

    Attributes:
        step_s: one step. Looking for addresses ends by itself after five.
        round_s: all of them, media not counted.
        media_s: for how long picture and tone are measured.
    """

    step_s: float = 6.0
    round_s: float = 20.0
    media_s: float = 5.0


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Held:
    """What came of it.

    Attributes:
        round: how it went.
        paths: those that the service offers now; None where it did not come to say so.
    """

    round: Round
    paths: frozenset[Path] | None


async def hold(
    path: Path,
    node: str,
    at: float,
    keys: ProbeKeys,
    reach: Reach = BY_ITS_ADDRESS,
    limits: Limits = USUAL,
) -> Held:
    """Hold one consultation over one path of one node. It raises only if it is cancelled.

    Args:
        at: what time it is, in seconds since 1970.
    """
    return await _Consultation(path, node, at, keys, reach, limits).held()


class _Consultation:
    def __init__(
        self, path: Path, node: str, at: float, keys: ProbeKeys, reach: Reach, limits: Limits
    ) -> None:
        self._path, self._keys, self._reach, self._limits = path, keys, reach, limits
        self._origin = links.parse(keys.link).origin
        self._round = Round(path, node, at)
        self._paths: frozenset[Path] | None = None
        self._limit = asyncio.timeout(None)
        self._watch = Stopwatch(time.monotonic, self._begins)
        self._is_meeting = self._is_lost = False
        self._doctor: Doctor | None = None
        self._patient: Patient | None = None

    async def held(self) -> Held:
        failed: Step | None = None
        why: Why | None = None
        try:
            try:
                async with asyncio.timeout(self._limits.round_s + self._limits.media_s):
                    async with self._limit:
                        self._begins("page")
                        await self._goes_through()
            except Exception as error:  # whatever it was: a red row, and not the probe's end
                failed = self._watch.step
                why = await self._why(failed, why_of(error))
            steps = self._watch.taken_ms(but=failed)
        finally:
            is_left = await self._is_left()
        if failed is None and not is_left:
            failed, why = "nothing-left", "internal"
        return Held(replace(self._round, steps=steps, failed=failed, why=why), self._paths)

    async def _goes_through(self) -> None:
        await self._fetches_pages()
        self._watch.turns_to("socket")
        patient_code, doctor_code = two_codes()
        doctor = self._doctor = self._opens_doctor(doctor_code)
        await doctor.enter(self._limits.step_s)
        await doctor.goes_on_duty()
        self._watch.turns_to("queue")
        patient = await self._takes_place(patient_code)
        self._chooses(patient, doctor)
        await doctor.sees_board(lambda board: bool(board.tickets), self._limits.step_s)
        self._watch.turns_to("claim")
        await self._meet(patient, doctor)
        self._watch.turns_to("media")
        await self._listen(patient, doctor)
        self._watch.turns_to("hang-up")
        await patient.hang_up()
        await doctor.waits_for_the_end(self._limits.step_s)
        self._watch.turns_to("nothing-left")
        await self._looks_round(doctor)

    def _begins(self, step: Step) -> None:
        """Give a step its time, unless it is lost already."""
        if self._is_lost:
            return
        within_s = self._limits.step_s + (self._limits.media_s if step == "media" else 0.0)
        self._limit.reschedule(asyncio.get_running_loop().time() + within_s)

    # The steps

    async def _fetches_pages(self) -> None:
        origin, reach = self._origin, self._reach
        try:
            await self._reads_certificate()
            async with aiohttp.ClientSession(
                connector=reach.connector(), cookie_jar=aiohttp.DummyCookieJar()
            ) as session:
                for page in PAGES:
                    url, name = reach.url(origin, page), reach.name(origin)
                    async with session.get(
                        url, allow_redirects=False, server_hostname=name
                    ) as answer:
                        await _reads_page(answer)
        except ssl.SSLError:
            raise Failed("certificate") from None
        except (ConnectionResetError, aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError):
            raise Failed("closed") from None
        except TimeoutError:
            raise
        except (OSError, aiohttp.ClientError):
            raise Failed("unreached") from None

    async def _reads_certificate(self) -> None:
        """Shake hands as a browser does, and note until when the certificate is good."""
        url = urlsplit(self._reach.url(self._origin, "/"))
        if url.scheme != "https":
            return
        name = self._reach.name(self._origin) or url.hostname
        context = self._reach.trust or ssl.create_default_context()
        _, writer = await asyncio.open_connection(
            url.hostname, url.port or 443, ssl=context, server_hostname=name
        )
        try:
            shown = writer.get_extra_info("peercert") or {}
            ends = ssl.cert_time_to_seconds(shown["notAfter"]) if "notAfter" in shown else None
            self._round = replace(self._round, certificate_ends=ends)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _takes_place(self, code: int) -> Patient:
        """Wait in the queue, and be alone in it."""
        patient = self._patient = self._opens_patient(code)
        await patient.enter(self._limits.step_s)
        if patient.state == "session":  # of a round that was killed
            await leaves(patient)
            patient = self._patient = self._opens_patient(code)
            await patient.enter(self._limits.step_s)
        if patient.place != 1:
            raise Failed("not-empty")
        return patient

    def _chooses(self, patient: Patient, doctor: Doctor) -> None:
        """Go by the relay's address for this path, or by none."""
        relay = doctor.measuring.relay
        self._paths = paths_of(relay)
        if self._path not in self._paths:
            raise Failed("no-relay")
        url = url_for(self._path, relay) if relay is not None else None
        for end in (patient, doctor):
            end.measuring.goes_by(url or NO_RELAY)

    async def _meet(self, patient: Patient, doctor: Doctor) -> None:
        """From the call until each has seen the other's picture."""
        self._is_meeting = True
        await doctor.calls_next(within_s=self._limits.round_s)
        await patient.waits_for_call(self._limits.round_s)
        async with asyncio.TaskGroup() as both:
            both.create_task(patient.accepts(self._limits.round_s))
            both.create_task(doctor.is_accepted(self._limits.round_s))
        if patient.digits != doctor.digits:
            raise Failed("unsealed")
        async with asyncio.TaskGroup() as both:
            both.create_task(patient.sink.saw(doctor.code, self._limits.round_s))
            both.create_task(doctor.sink.saw(patient.code, self._limits.round_s))
        self._is_meeting = False

    def _marks(self, name: str, _: float) -> None:
        """Go on with the step that both ends are at."""
        patient, doctor = self._patient, self._doctor
        if not self._is_meeting or self._is_lost or patient is None or doctor is None:
            return
        self._watch.turns_to(step_of(doctor.steps.at, patient.steps.at))
        if name == "gathered" and self._path != "direct":
            if _has_none(doctor) or _has_none(patient):
                # The relay gave no address: ICE would wait for what cannot come.
                self._watch.turns_to("ice")
                self._is_lost = True
                self._limit.reschedule(asyncio.get_running_loop().time())

    async def _listen(self, patient: Patient, doctor: Doctor) -> None:
        """Measure what arrives, and whether it is still the other's picture and tone."""
        ends: list[tuple[Patient | Doctor, int]]
        ends = [(patient, doctor.code), (doctor, patient.code)]
        before = [(await end.measuring.arrived(), end.sink.read_ok) for end, _ in ends]
        await asyncio.sleep(self._limits.media_s)
        losses, jitters = [], []
        for number, (end, far_code) in enumerate(ends):
            earlier, seen = before[number]
            await end.sink.heard(far_code, self._limits.step_s)
            now = await end.measuring.arrived()
            loss = now.loss_since(earlier) if now is not None and earlier is not None else None
            if now is None or loss is None or end.sink.read_ok == seen:
                raise Failed("timeout")
            losses.append(loss)
            jitters.append(now.jitter_ms)
        self._round = replace(self._round, loss=max(losses), jitter_ms=max(jitters))

    async def _looks_round(self, doctor: Doctor) -> None:
        """Ask what is left. Who goes off duty changes the board, so that it is made anew."""
        doctor.board = None
        await doctor.goes_off_duty()
        try:
            await doctor.sees_board(lambda board: not board.waiting, self._limits.step_s)
        except PeerError:
            raise Failed("timeout" if doctor.board is None else "not-empty") from None

    # Beside the steps

    def _opens_patient(self, code: int) -> Patient:
        return Patient(
            one_patient(self._keys),
            code=code,
            on_step=self._marks,
            relay_only=self._path != "direct",
            reach=self._reach,
        )

    def _opens_doctor(self, code: int) -> Doctor:
        return Doctor(
            self._keys.doctor,
            code=code,
            on_step=self._marks,
            relay_only=self._path != "direct",
            reach=self._reach,
        )

    async def _why(self, failed: Step, why: Why) -> Why:
        """Look closer at what failed, while both ends are still there."""
        patient, doctor = self._patient, self._doctor
        if patient is None or doctor is None:
            return why
        if failed == "frame" and why == "timeout":
            sees = (patient.sink.has_seen(doctor.code), doctor.sink.has_seen(patient.code))
            saw_any = (patient.sink.read_ok, doctor.sink.read_ok)
            wrong = any(some and not right for right, some in zip(sees, saw_any, strict=True))
            return "wrong-picture" if wrong else why
        if failed == "ice" and self._path != "direct":
            for end in (doctor, patient):
                if end.measuring.found == 0:
                    space = await end.measuring.asks_for_space(ASK_RELAY_S)
                    return WHY_NO_SPACE.get(space, why)
        return why

    async def _is_left(self) -> bool:
        """Give place and duty back, and close both windows; tell whether that went well."""
        leaving = [leaves(self._patient)] if self._patient is not None else []
        leaving += [goes_home(self._doctor)] if self._doctor is not None else []
        ends = await asyncio.gather(*leaving, return_exceptions=True)
        return not any(isinstance(end, Exception) for end in ends)


def _has_none(end: Patient | Doctor) -> bool:
    """Tell whether an end has looked for addresses, and found none."""
    at = end.steps.at
    return "gathered" in at and not is_gathering(at) and end.measuring.found == 0


async def _reads_page(answer: aiohttp.ClientResponse) -> None:
    if answer.status != 200 or answer.content_type != "text/html":
        raise Failed("refused")
    left = PAGE_MAX_BYTES
    async for piece in answer.content.iter_any():
        left -= len(piece)
        if left < 0:
            raise Failed("refused")


def one_patient(keys: ProbeKeys) -> str:
    """Give the link as always the same patient opens it.

    Who was killed in mid-round left a place or a seat; the next round finds it and gives it
    back.
    """
    return links.address(keys.link, hashlib.sha256(_SEED + keys.seed).digest(), None)
