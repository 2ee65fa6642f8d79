"""A journalist's test: read all that the server got and kept, and look for people in it."""

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.union.credentials import Card
from signaling.messages import Accept, Accepted, Duty, Envelope, Proposed
from tests.serving import Signaling, serving
from tests.system.ends import DoctorOnPage, PatientOnPage, chromium
from tests.system.wiretap import content_of, found, tapped, watch

PAGES = Path("clients/web/dist")
CARD = Card("Dr Apolline Vérité", "Rhumatologie interventionnelle")
Secrets = dict[str, list[str | bytes]]
HIDDEN: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "hex": lambda text: text.encode().hex().encode(),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64url of UTF-16": lambda text: base64.urlsafe_b64encode(text.encode("utf-16-be")),
}

# Before the page loads: remember its connections, to be asked afterwards what they said.
REMEMBER = """
globalThis.kept = [];
const Real = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Real {
  constructor(...given) {
    super(...given);
    globalThis.kept.push(this);
  }
};
"""
SAID = "() => kept.flatMap((pc) => [pc.localDescription, pc.remoteDescription]).map((d) => d?.sdp)"


def secrets_in(descriptions: list[str | None]) -> Secrets:
    """What the pages said about their connections, by kind."""
    lines = [line for text in descriptions if text for line in text.splitlines()]

    def after(start: str) -> list[str | bytes]:
        return list({line.removeprefix(start) for line in lines if line.startswith(start)})

    fingerprints = [str(value) for value in after("a=fingerprint:sha-256 ")]
    return {
        "SDP": ["a=group:BUNDLE", "a=setup:actpass", *after("a=ice-pwd:"), *after("a=msid:")],
        "candidate": ["candidate:", *after("a=candidate:"), "typ host"],
        "fingerprint": [
            *fingerprints,
            *(bytes.fromhex(value.replace(":", "")) for value in fingerprints),
        ],
        "name": [CARD.name, "Apolline", CARD.specialty],
    }


def everything(signaling: Signaling, heard: bytes, held: list[bytes]) -> bytes:
    """All that was received, held at any time, and written to the log."""
    log = "\n".join(signaling.written).encode()
    return b"\n".join((heard, *held, content_of(signaling.store), log))


async def test_nothing_of_a_consultation_is_in_what_the_server_received_or_held(
    tmp_path: Path,
) -> None:
    """Neither names, SDP, candidates nor fingerprints, plain, in UTF-16, hex or base64."""
    async with (
        tapped() as tap,
        serving(PAGES, reached_at=tap.port) as signaling,
        chromium(0x1234, tmp_path) as (_, patients_tab),
        chromium(0x4321, tmp_path) as (_, doctors_tab),
    ):
        tap.server_port = signaling.port
        held = watch(signaling.store)
        address = signaling.doctor_address(card=CARD)
        patient = PatientOnPage(patients_tab, signaling.pool_link(), 0x1234)
        doctor = DoctorOnPage(doctors_tab, address, 0x4321)
        for tab in (patients_tab, doctors_tab):
            await tab.add_init_script(REMEMBER)
        await patient.waits()
        await doctor.goes_on_duty()
        await doctor.calls_next()
        await patient.accepts()
        await asyncio.gather(patient.sees(0x4321), doctor.sees(0x1234))
        shown = await patients_tab.inner_text("main")
        secrets = secrets_in(
            [*await patients_tab.evaluate(SAID), *await doctors_tab.evaluate(SAID)]
        )
        secrets["link"] = [address.rpartition(".")[2]]
        for tab in (patients_tab, doctors_tab):
            secrets["link"] += [await tab.evaluate("() => /~r=([^~]+)/.exec(location.hash)[1]")]
        await patient.hangs_up()
        await asyncio.gather(patient.is_over(), doctor.is_over())
        await asyncio.gather(patients_tab.close(), doctors_tab.close())

    assert CARD.name in shown, "the patient did see who it was"
    assert all(len(values) > 1 for values in secrets.values()), "something was looked for"
    where = everything(signaling, tap.everything, held)
    assert b'"type":"propose"' in where and b'"type":"envelope"' in where, "something was heard"
    assert set() == found(secrets, where)
    assert await found_unsealed(secrets) == set(secrets)


async def found_unsealed(secrets: Secrets) -> set[str]:
    """Control: let two people say the same without a seal, and search what the server got."""

    def unsealed(*kinds: str) -> str:
        said = {kind: [str(value) for value in secrets[kind]] for kind in kinds}
        return (
            base64.urlsafe_b64encode(json.dumps(said, ensure_ascii=False).encode())
            .decode()
            .rstrip("=")
        )

    async with tapped() as tap, serving(PAGES, reached_at=tap.port) as signaling:
        tap.server_port = signaling.port
        held = watch(signaling.store)
        patient, doctor = signaling.cast.patient(), signaling.cast.doctor()
        await patient.joins(m1=unsealed("link"))
        await doctor.joins()
        # What the store keeps for colleagues, as it is.
        await doctor.says(Duty(state="on", queues=signaling.settings.queues, card=unsealed("name")))
        called = await doctor.calls(signaling.settings.queues[0])
        assert "name" in found(secrets, content_of(signaling.store))
        proposed = await doctor.proposes(called, unsealed("name", "SDP", "fingerprint"))
        await patient.hears(Proposed)
        await patient.says(Accept(call=proposed.call, m3=unsealed("SDP", "fingerprint")))
        accepted = await patient.hears(Accepted)
        [far] = [one.member for one in accepted.members if one.role == "doctor"]
        await patient.says(Envelope(member=far, body=unsealed("candidate")))
        await patient.settled()
    return found(secrets, everything(signaling, tap.everything, held))


@pytest.mark.parametrize("hide", HIDDEN.values(), ids=HIDDEN)
def test_search_finds_what_is_hidden_in(hide: Callable[[str], bytes]) -> None:
    """Control: in each form, wherever it begins."""
    for before in range(4):
        text = "x" * before + CARD.name + "y" * before
        assert {"name"} == found({"name": [CARD.name]}, hide(text))


def test_search_finds_nothing_where_nothing_is() -> None:
    assert set() == found({"name": [CARD.name]}, b"Dr Camille Martin" * 100)
