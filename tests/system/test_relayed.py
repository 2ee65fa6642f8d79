"""Whole consultations forced through the relay: by each transport, by both engines, and cut off.

Certificates are of an authority that was made for an afternoon and that the profile of each
browser trusts; that nothing else would be believed is a test of its own.
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.demo import demonstration
from signaling.journal import Journal
from tests.children import child
from tests.relay.serving import Authority, authority, free_port, password, relaying
from tests.system.ends import (
    DoctorOnPage,
    Kind,
    PatientOnPage,
    a_tab,
    doctor_end,
    listens_to_good_byes,
    paths_said,
    patient_end,
    until,
)

RUNS_ON = "uvloop"
"""The loop that the service and the relay run on."""

PATIENT_CODE, DOCTOR_CODE = 0x5A31, 0xC3E6
GATHERED = """async () => {
  const connection = new RTCPeerConnection({ iceServers: [%s], iceTransportPolicy: 'relay' });
  connection.createDataChannel('data');
  const found = [];
  const done = new Promise((resolve) => {
    connection.onicecandidate = ({ candidate }) => {
      if (candidate === null) resolve();
      else if (candidate.candidate) found.push(candidate.type);
    };
  });
  await connection.setLocalDescription();
  await done;
  connection.close();
  return [...new Set(found)];
}"""
DECODED = """async () => {
  let frames = 0;
  for (const connection of globalThis.connections ?? []) {
    for (const stats of (await connection.getStats()).values()) {
      if (stats.type === 'inbound-rtp' && stats.kind === 'video') frames += stats.framesDecoded;
    }
  }
  return frames;
}"""
PAIRS: list[tuple[Kind, Kind]] = [("chromium", "chromium"), ("firefox", "chromium")]


@pytest.fixture
def made(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def flags(made: Authority, transport: str) -> dict[str, object]:
    """What a demonstration is started with so that only this transport is handed out."""
    chosen: dict[str, object] = {"port": "0", "relay_transports": transport}
    if transport == "tls":
        chosen |= {"certificate": str(made.certificate), "certificate_key": str(made.key)}
    return chosen


async def consult(
    pair: tuple[Kind, Kind], given: dict[str, object], root: Path | None, folder: Path
) -> list[str]:
    """Hold a consultation with content both ways; returns what both ends' media went over."""
    async with (
        demonstration(given, Journal()) as addresses,
        patient_end(pair[0], addresses.patient, PATIENT_CODE, folder, root) as patient,
        doctor_end(pair[1], addresses.doctor, DOCTOR_CODE, folder, root) as doctor,
    ):
        await listens_to_good_byes(patient)
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.accepts()
        await asyncio.gather(patient.sees(DOCTOR_CODE), doctor.sees(PATIENT_CODE))
        await asyncio.gather(patient.hears(DOCTOR_CODE), doctor.hears(PATIENT_CODE))
        over = []
        for end in (patient, doctor):
            assert isinstance(end, PatientOnPage | DoctorOnPage)
            (path,) = await end.paths()
            assert ("relay", "relay") == (path["local"], path["far"])
            assert ["relay"] == path["found"] and set(path["told"]) <= {"relay", "prflx"}
            over.append(path["over"])
        assert await patient.digits() == await doctor.digits() != ""
        await patient.hangs_up()
        await asyncio.gather(patient.is_over(), doctor.is_over())
        assert ["relayed"] == await paths_said(patient)
    return over


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
async def test_a_consultation_goes_through_our_relay(
    pair: tuple[Kind, Kind], transport: str, made: Authority, tmp_path: Path
) -> None:
    """No other candidate is found, told or used; by TLS it shares the port of the pages."""
    root = made.root if transport == "tls" else None

    over = await consult(pair, flags(made, transport), root, tmp_path)

    assert [transport, transport] == over


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
async def test_a_consultation_goes_through_coturn(pair: tuple[Kind, Kind], tmp_path: Path) -> None:
    """The same pages, the same passwords, the other engine."""
    given: dict[str, object] = {"port": "0", "relay": "coturn", "relay_port": str(free_port())}

    over = await consult(pair, given, None, tmp_path)

    assert set(over) <= {"udp", "tcp"}  # whichever was found first


async def test_without_a_relay_the_ends_connect_directly(tmp_path: Path) -> None:
    """An installation may do without, and says so."""
    async with (
        demonstration({"port": "0", "relay": "none"}, Journal()) as addresses,
        patient_end("firefox", addresses.patient, PATIENT_CODE, tmp_path) as patient,
        doctor_end("chromium", addresses.doctor, DOCTOR_CODE, tmp_path) as doctor,
    ):
        await listens_to_good_byes(doctor)
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.accepts()

        await asyncio.gather(patient.sees(DOCTOR_CODE), doctor.sees(PATIENT_CODE))

        assert isinstance(doctor, DoctorOnPage)
        (path,) = await doctor.paths()
        assert "relay" not in (path["local"], path["far"])
        await doctor.hangs_up()
        await doctor.is_over()
        assert ["direct"] == await paths_said(doctor)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
async def test_a_call_outlives_the_death_of_the_relay(
    pair: tuple[Kind, Kind], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Killed in mid-call, the relay comes back, is told anew, and both ends find it again."""
    async with (
        demonstration({"port": "0"}, Journal(lambda _: None)) as addresses,
        patient_end(pair[0], addresses.patient, PATIENT_CODE, tmp_path) as patient,
        doctor_end(pair[1], addresses.doctor, DOCTOR_CODE, tmp_path) as doctor,
    ):
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.accepts()
        await asyncio.gather(patient.sees(DOCTOR_CODE), doctor.sees(PATIENT_CODE))
        ends = (patient, doctor)
        loop = asyncio.get_running_loop()
        killed_at = loop.time()

        os.kill(child("deploy.relay_child"), signal.SIGKILL)

        async def is_noticed() -> bool:
            return "interrupted" in [await flow_of(end) for end in ends]

        async def is_found() -> bool:
            return ["live", "live"] == [await flow_of(end) for end in ends]

        # By one end at least: the other may hear of the new path before it misses the old one.
        await until(is_noticed, "nobody noticed", within_s=50)
        await until(is_found, "it was not found again", within_s=50)
        await asyncio.gather(*(pictures_come(end) for end in ends))
        record_property("seconds", round(loop.time() - killed_at, 1))
        await asyncio.gather(patient.hears(DOCTOR_CODE), doctor.hears(PATIENT_CODE))
        await patient.hangs_up()
        await asyncio.gather(patient.is_over(), doctor.is_over())


async def flow_of(end: object) -> str:
    """What a page says of its path."""
    assert isinstance(end, PatientOnPage | DoctorOnPage)
    return str(await end.page.evaluate("() => document.querySelector('.call')?.dataset.flow"))


async def pictures_come(end: object) -> None:
    """Wait until further pictures of the far end have been decoded."""
    assert isinstance(end, PatientOnPage | DoctorOnPage)
    before = await end.page.evaluate(DECODED)

    async def holds() -> bool:
        return bool(await end.page.evaluate(DECODED) > before)

    await until(holds, "no further picture came")


@pytest.mark.parametrize("is_trusted", [True, False], ids=["trusted", "stranger"])
@pytest.mark.parametrize("kind", ["chromium", "firefox"])
async def test_a_relay_is_believed_only_with_a_certificate_that_holds(
    kind: Kind, is_trusted: bool, made: Authority, tmp_path: Path
) -> None:
    """The other side of the tests over TLS: they pass because the authority is trusted."""
    root = made.root if is_trusted else None
    async with relaying(made) as relay, a_tab(kind, PATIENT_CODE, tmp_path, root) as (page, _):
        (tls,) = relay.addresses("tls")
        given = password("tag")
        server = {
            "urls": [f"turns:localhost:{tls.port}?transport=tcp"],
            "username": given.username,
            "credential": given.password,
        }

        await page.goto("about:blank")
        found = await page.evaluate(GATHERED % json.dumps(server))

        assert (["relay"] if is_trusted else []) == found
        assert is_trusted == bool(relay.relay.counters().refused)  # a stranger's first request
