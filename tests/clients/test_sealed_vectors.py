"""The frozen vectors of the seal: computed again, opened, and refused as they say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.peer import identity, sealed
from clients.peer.channel import Channel, read_envelope
from clients.peer.descriptions import check_bound
from clients.peer.passkeys import Assertion
from clients.peer.sealed import Answers, DoctorHandshake, Papers, PatientHandshake
from clients.peer.sealed_letters import Link, personal_link, pool_link
from clients.peer.sealing import (
    Refused,
    expand,
    extract,
    hashed,
    kem_key,
    mac,
    pad,
    thumb,
    unpad,
    unseal,
)
from signaling.encoding import decode, encode
from tests.clients.seal_cast import code_of, key

Object = dict[str, Any]

VECTORS: Object = json.loads(
    (Path(__file__).parents[1] / "vectors" / "sealed.json").read_text(encoding="utf-8")
)
PARTS, RUNS = VECTORS["parts"], {run["name"]: run for run in VECTORS["runs"]}
UNIONS = [identity.read_union(json.dumps(union)) for union in VECTORS["trust"]["unions"]]


def said(*texts: bytes) -> Callable[[int], bytes]:
    """Dice that fall as the vectors say."""
    left = list(texts)

    def throw(size: int) -> bytes:
        text = left.pop(0)
        assert size == len(text)
        return text

    return throw


def link_of(run: Object) -> Link:
    link = run["link"]
    if link["secret"] is None:
        return pool_link(link["token"], decode(link["holder_seed"]))
    return personal_link(link["token"], decode(link["secret"]), decode(link["link_public"]))


def patient_of(run: Object) -> PatientHandshake:
    throws = run["patient"]
    return PatientHandshake(
        said(*(decode(throws[name]) for name in ("kem_seed", "r", "seed"))),
        link_of(run),
        lambda credential, revocations: identity.verify(
            credential, revocations, UNIONS, VECTORS["trust"]["now"]
        ),
        None if run["resumes"] is None else decode(run["resumes"]),
    )


def doctor_of(run: Object) -> DoctorHandshake:
    known = {link["token"]: link["own"] for link in VECTORS["links"]}

    def check_token(token: str, holder: bytes) -> bytes | None:
        own = known.get(token)
        if own is None or (own and encode(holder) != run["link"]["holder_thumb"]):
            raise Refused("token")
        # An own link whose PSK is not this run's still has one.
        return decode(run["link"]["psk"] or encode(bytes(32))) if own else None

    throws, trust = run["doctor"], VECTORS["trust"]
    return DoctorHandshake(
        said(*(decode(throws[name]) for name in ("kem_seed", "r", "seed"))),
        Papers(key("doctor"), throws["identity"], trust["list"], gesture_of(throws["passkey"])),
        check_token,
        Answers(),
        None if run["resumes"] is None else decode(run["resumes"]),
    )


def gesture_of(said: dict[str, str] | None) -> Assertion | None:
    if said is None:
        return None
    return Assertion(**{name: decode(part) for name, part in said.items()})


def answered(doctor: DoctorHandshake, run: Object, m1: bytes | None = None) -> bytes:
    letter = json.loads(run["m2_json"])
    return doctor.answer(
        decode(run["m1"]) if m1 is None else m1,
        letter["connection"],
        letter["restarts"],
        letter["offer"],
    )


def with_frozen(monkeypatch: pytest.MonkeyPatch, out: str, wanted: str, signature: str) -> None:
    """Let the next encryption come out as the frozen one, if it is of the same text."""

    def seal(public: bytes, info: bytes, text: bytes) -> bytes:
        plain = unpad(text, (8192, 16384))
        assert wanted == plain[4 : len(plain) - len(decode(signature))].decode()
        assert decode(signature) == plain[len(plain) - len(decode(signature)) :]
        return decode(out)

    monkeypatch.setattr(sealed, "seal", seal)


def test_each_part_is_computed_as_frozen() -> None:
    """§1, one primitive after the other."""
    for x in PARTS["hash"]:
        assert x["out"] == encode(hashed(x["label"], *map(decode, x["parts"])))
    for x in PARTS["mac"]:
        assert x["out"] == encode(mac(decode(x["key"]), decode(x["text"])))
    for x in PARTS["extract"]:
        assert x["out"] == encode(extract(decode(x["salt"]), decode(x["secret"])))
    for x in PARTS["expand"]:
        assert x["out"] == encode(expand(decode(x["key"]), x["label"], x["size"]))
    for x in PARTS["thumb"]:
        assert x["out"] == encode(thumb(decode(x["text"])))
    for x in PARTS["kem"]:
        assert x["public"] == encode(kem_key(decode(x["seed"])).public)
    for x in PARTS["hpke"]:
        opened = unseal(kem_key(decode(x["seed"])), decode(x["info"]), decode(x["sealed"]))
        assert x["text"] == encode(opened)


@pytest.mark.parametrize("x", PARTS["pad"], ids=lambda x: f"{x['length']} of {x['sizes'][-1]}")
def test_padding_has_its_edges_where_frozen(x: Object) -> None:
    """A size that is just full goes to the next; the largest leaves room for one byte."""
    text = b"a" * x["length"]
    if x["size"] is None:
        assert "form" == code_of(lambda: pad(text, x["sizes"]))
        return
    padded = pad(text, x["sizes"])

    assert x["size"] == len(padded)
    assert encode(padded).endswith(x["padded"])
    assert text == unpad(padded, x["sizes"])


@pytest.mark.parametrize("name", RUNS)
def test_a_patient_computes_a_run_as_frozen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the same throws come the same M1, M3, digits and session."""
    run = RUNS[name]
    patient = patient_of(run)
    assert run["m1"] == encode(patient.m1)

    proposal = patient.read(decode(run["m2"]))
    m3_sealed = encode(decode(run["m3"])[:-32])
    with_frozen(monkeypatch, m3_sealed, run["m3_json"], "")
    letter = json.loads(run["m3_json"])
    acceptance = patient.accept(letter["restarts"], letter["answer"])
    channel = patient.confirm(decode(run["m4"]))

    assert run["digits"] == proposal.digits
    assert VECTORS["trust"]["card"] == proposal.card.model_dump()
    assert run["m3"] == encode(acceptance.m3)
    assert run["resume"] == encode(acceptance.resume) == encode(channel.resume)
    check_session(channel, run)


@pytest.mark.parametrize("name", RUNS)
def test_a_doctor_computes_a_run_as_frozen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the same throws come the same M2, M4, digits and session."""
    run = RUNS[name]
    doctor = doctor_of(run)
    with_frozen(monkeypatch, run["m2"], run["m2_json"], run["m2_signature"])
    assert run["m2"] == encode(answered(doctor, run))

    confirmation = doctor.confirm(decode(run["m3"]))

    assert run["m4"] == encode(confirmation.m4)
    assert run["digits"] == confirmation.digits
    assert run["resume"] == encode(confirmation.channel.resume)
    check_session(confirmation.channel, run)


def check_session(channel: Channel, run: Object) -> None:
    """Write our records, read the far end's, prove the certificates: all as frozen."""
    far = "doctor" if channel.role == "patient" else "patient"
    for x in run["records"]:
        if x["from"] == channel.role:
            assert x["record"] == encode(channel.write(x["text"]))
        else:
            assert x["text"] == channel.read(decode(x["record"]))
    hashes = {name: decode(x) for name, x in run["dtls"]["certificates"].items()}
    own_hash, far_hash = hashes[channel.role], hashes[far]
    assert run["dtls"]["proofs"][channel.role] == encode(channel.dtls_proof(own_hash, far_hash))
    channel.check_dtls(decode(run["dtls"]["proofs"][far]), own_hash, far_hash)


@pytest.mark.parametrize("x", VECTORS["refused"], ids=lambda x: f"{x['at']} {x['run']} {x['name']}")
def test_what_must_be_refused_is_refused(x: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row with exactly its code, and its good original with none."""
    run, read = RUNS.get(x["run"], {}), READERS[x["at"]]

    assert x["code"] == code_of(lambda: read(x, run, monkeypatch))


def reads_m1(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(doctor_of(run), run, decode(x["message"]))


def reads_m2(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    patient_of(run).read(decode(x["message"]))


def reads_m3(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = doctor_of(run)
    with_frozen(monkeypatch, run["m2"], run["m2_json"], run["m2_signature"])
    answered(doctor, run)
    doctor.confirm(decode(x["message"]))


def reads_m4(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = patient_of(run)
    patient.read(decode(run["m2"]))
    with_frozen(monkeypatch, encode(decode(run["m3"])[:-32]), run["m3_json"], "")
    letter = json.loads(run["m3_json"])
    patient.accept(letter["restarts"], letter["answer"])
    patient.confirm(decode(x["message"]))


def reads_record(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(decode(run["k"]), x["reader"])
    before = [y["record"] for y in run["records"] if y["from"] != x["reader"]]
    for record in before[: x["counter"]]:
        channel.read(decode(record))
    channel.read(decode(x["message"]))


def reads_dtls(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(decode(run["k"]), x["reader"])
    channel.check_dtls(decode(x["message"]), decode(x["own"]), decode(x["far"]))


def reads_envelope(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    read_envelope(decode(x["message"]))


def reads_identity(x: Object, run: Object, monkeypatch: pytest.MonkeyPatch) -> None:
    identity.verify(x["identity"], x["list"], UNIONS, x["now"])


READERS: dict[str, Callable[[Object, Object, pytest.MonkeyPatch], None]] = {
    "m1": reads_m1,
    "m2": reads_m2,
    "m3": reads_m3,
    "m4": reads_m4,
    "record": reads_record,
    "dtls": reads_dtls,
    "envelope": reads_envelope,
    "identity": reads_identity,
}


@pytest.mark.parametrize("x", VECTORS["descriptions"], ids=lambda x: str(x["name"]))
def test_a_description_is_read_or_refused_as_frozen(x: Object) -> None:
    """§7: one certificate, one transport, no key in the text."""
    assert x["code"] == code_of(lambda: check_bound(x["sdp"]))


@pytest.mark.parametrize("at", READERS)
def test_the_readers_take_what_is_good(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same readers refuse nothing of a run as it was."""
    run, trust = RUNS["personal"], VECTORS["trust"]
    first = next(x["record"] for x in run["records"] if x["from"] == "patient")
    proof, hashes = run["dtls"]["proofs"]["patient"], run["dtls"]["certificates"]
    good = {
        "record": {"message": first, "reader": "doctor", "counter": 0},
        "dtls": {"message": proof, "reader": "doctor"}
        | {"own": hashes["doctor"], "far": hashes["patient"]},
        "envelope": {"message": encode(b"\x06")},
        "identity": {name: trust[name] for name in ("identity", "list", "now")},
    }.get(at, {"message": run.get(at)})

    assert code_of(lambda: READERS[at](good, run, monkeypatch)) is None
