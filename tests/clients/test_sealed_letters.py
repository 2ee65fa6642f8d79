"""Letters of the handshake: exact types and lengths, and of any other bytes a refusal."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.peer.sealed_letters import LETTER_SIZES, read_m1
from clients.peer.sealing import framed, hashed, pad
from signaling.encoding import encode
from tests.clients.seal_cast import (
    ANSWER,
    POOL_TOKEN,
    TOKEN,
    Doctor,
    Impostor,
    Intruder,
    Patient,
    answered,
    code_of,
    compact,
    public,
)


def test_an_m1_is_read_as_it_was_written() -> None:
    """Each field in its place."""
    patient = Intruder()
    asked = read_m1(patient.m1)

    assert (TOKEN, True, None) == (asked.token, asked.has_psk, asked.resume)
    assert patient.kem.public == asked.public_key
    assert public(patient.holder) == asked.holder
    assert hashed("commit", patient.nonce, patient.kem.public) == asked.commitment
    assert patient.m1 == asked.signed + asked.signature
    assert asked.before_resume == asked.signed

    back = read_m1(patient.resuming(b"r" * 16))
    assert back.signed == back.before_resume + (back.resume or b"")
    assert 32 == len(back.resume or b"")


# --- letters that are none -----------------------------------------------------------

GESTURE = {name: encode(bytes(64)) for name in ("data", "client", "signature")}
BAD_FIELDS = [
    {"v": 2},
    {"v": True},
    {"v": "1"},
    {"r": None},
    {"r": "AAAA"},
    {"r": "A" * 42 + "B"},
    {"seed": "A" * 43 + "="},
    {"seed": 1},
    {"restarts": "true"},
    {"restarts": 1},
    {"connection": "short"},
    {"offer": ""},
    {"offer": "\ud800"},
    {"passkey": "x"},
    {"passkey": {}},
    {"passkey": GESTURE | {"data": encode(bytes(36))}},
    {"passkey": GESTURE | {"data": encode(bytes(129))}},
    {"passkey": GESTURE | {"client": ""}},
    {"passkey": GESTURE | {"client": encode(bytes(513))}},
    {"passkey": GESTURE | {"signature": encode(bytes(7))}},
    {"passkey": GESTURE | {"signature": encode(bytes(73))}},
    {"passkey": GESTURE | {"signature": 7}},
]


@pytest.mark.parametrize("fields", BAD_FIELDS, ids=str)
def test_a_letter_with_a_wrong_field_is_refused(fields: dict[str, object]) -> None:
    """Types and lengths are exact; an unknown key is ignored."""
    patient = Patient().handshake()
    letter = Intruder().opened(answered(Doctor().handshake(), Intruder().m1)) | fields
    plain = compact(letter) if "\ud800" != fields.get("offer") else b'{"offer":"\\ud800"}'
    assert "form" == code_of(patient.read, Impostor().m2_of(patient.m1, plain))

    patient = Patient().handshake()
    assert code_of(patient.read, Impostor().m2(patient.m1, later=[1])) is None


def a_letter(**more: object) -> bytes:
    """A whole letter of M2, with some members more."""
    patient, doctor = Patient().handshake(), Impostor()
    doctor.m2(patient.m1, **more)
    return doctor.plain


WHOLE = a_letter()


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"[]",
        b"1",
        WHOLE[:-1],
        b"[" + WHOLE + b"]",
        WHOLE[:-1] + b',"x":NaN}',
        WHOLE[:-1] + b',"x":-Infinity}',
        WHOLE[:-1] + b',"x":"\xff"}',
        WHOLE[:-1] + b',"passkey":null}',
        WHOLE[:-1] + b',"x":' + b"[" * 8000 + b"}",
        WHOLE[:-1] + b',"x":' + b"9" * 5000 + b"}",
        b"\xef\xbb\xbf" + WHOLE,
        WHOLE.decode().encode("utf-16"),
    ],
    ids="empty list number cut listed NaN infinite bytes null deep long marked UTF-16".split(),
)
def test_a_letter_that_is_no_json_is_refused(plain: bytes) -> None:
    """UTF-8, an object, and nothing that only Python takes for JSON."""
    patient = Patient().handshake()
    assert "form" == code_of(patient.read, Impostor().m2_of(patient.m1, plain))

    patient = Patient().handshake()
    assert code_of(patient.read, Impostor().m2_of(patient.m1, a_letter(x=1.5))) is None


def test_a_letter_has_nothing_behind_it() -> None:
    """Lengths say where json ends; padding where the rest does."""
    for change in (
        lambda text: pad(text, (4096, 8192)) if len(text) < 4096 else pad(text, (12000,)),
        lambda text: text.ljust(8192, b"\0")[:-1] + b"\1",
        lambda text: bytes(8192),
        lambda text: pad(text + b"x", LETTER_SIZES),
        lambda text: pad(b"\xff" * 4 + text[4:], LETTER_SIZES),
        lambda text: pad(text[:3], LETTER_SIZES),
    ):
        patient, doctor = Patient().handshake(), Impostor()
        doctor.m2(patient.m1)
        signature = doctor.doctor.device.sign(hashed("m2 signature", patient.m1, doctor.plain))
        m2 = doctor.m2_sealed(patient.m1, change(framed(doctor.plain) + signature))
        assert "form" == code_of(patient.read, m2)


def test_an_m3_letter_is_as_strict() -> None:
    """The doctor's end reads as the patient's does."""
    for fields in ({"v": 2}, {"r": None}, {"seed": "A"}, {"restarts": 0}, {"answer": ""}):
        patient, doctor = Intruder(), Doctor().handshake()
        m2 = answered(doctor, patient.m1)
        m3 = patient.m3(m2, **fields)
        assert "form" == code_of(doctor.confirm, m3)


# --- any bytes -----------------------------------------------------------------------

SOME = settings(max_examples=60)
BYTES = st.binary(max_size=3000) | st.integers(0, 2000).map(lambda n: bytes((1, 1)) + bytes(n))


@SOME
@given(BYTES)
def test_any_bytes_as_m1_are_refused(message: bytes) -> None:
    """Nothing but Refused comes of them."""
    assert code_of(answered, Doctor().handshake(), message)


@SOME
@given(st.binary(max_size=1040), st.integers(0, 3))
def test_any_token_well_signed_is_refused(text: bytes, flags: int) -> None:
    """Whatever stands where the token should, the signature being right."""
    patient = Intruder()
    if text.decode("latin-1") not in (TOKEN, POOL_TOKEN):
        m1 = patient.signed(patient.body(text, flags))
        assert code_of(answered, Doctor().handshake(), m1) in {"form", "token"}


@SOME
@given(BYTES)
def test_any_bytes_as_m2_are_refused(message: bytes) -> None:
    """Nothing but Refused comes of them."""
    assert "sealed" == code_of(Patient().handshake().read, message)


@SOME
@given(BYTES)
def test_any_bytes_sealed_as_m2_are_refused(text: bytes) -> None:
    """Nor when they were sealed well."""
    patient = Patient().handshake()
    m2 = Impostor().m2_sealed(patient.m1, text)
    assert "form" == code_of(patient.read, m2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = ["v", "identity", "list", "pk", "r", "seed", "connection", "restarts", "offer"]


@SOME
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1))
def test_any_value_in_a_letter_is_refused_or_read(fields: dict[str, object]) -> None:
    """Of any kind, nested in any way."""
    patient = Patient().handshake()
    m2 = Impostor().m2(patient.m1, **fields)
    code_of(patient.read, m2)


@SOME
@given(BYTES)
def test_any_bytes_as_m3_and_m4_are_refused(message: bytes) -> None:
    """Nothing but Refused comes of them."""
    patient, doctor = Patient().handshake(), Doctor().handshake()
    patient.read(answered(doctor, patient.m1))
    patient.accept(True, ANSWER)

    assert "sealed" == code_of(doctor.confirm, message)
    assert "confirmation" == code_of(patient.confirm, message)
