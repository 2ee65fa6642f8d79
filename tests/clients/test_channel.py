"""A session: the next record and no other, and a call bound to the handshake."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from clients.peer.channel import (
    RECORD_SIZES,
    Channel,
    Kind,
    Role,
    read_envelope,
    write_envelope,
)
from clients.peer.sealing import NAME, expand
from tests.clients.seal_cast import code_of, flipped, seed

K = seed("k")
A, B, C = seed("certificate a"), seed("certificate b"), seed("certificate c")


def ends(key: bytes = K) -> tuple[Channel, Channel]:
    """Both ends of a session."""
    return Channel(key, "patient"), Channel(key, "doctor")


def sealed(padded: bytes, sender: Role = "patient", counter: int = 0) -> bytes:
    """A record as the far end would make it, padded or not."""
    nonce = int.from_bytes(expand(K, f"iv {sender}", 12), "big") ^ counter
    key, about = expand(K, f"key {sender}", 32), NAME + expand(K, "session", 16)
    return AESGCM(key).encrypt(nonce.to_bytes(12, "big"), padded, about)


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=300)), max_size=6))
def test_what_is_written_is_read_in_order(texts: list[tuple[bool, str]]) -> None:
    """Each way, however the two take turns."""
    patient, doctor = ends()
    for by_patient, text in texts:
        writes, reads = (patient, doctor) if by_patient else (doctor, patient)
        assert text == reads.read(writes.write(text))


def test_a_changed_record_is_refused() -> None:
    """Any bit of it."""
    for at in (0, 100, 255, 256, -1):
        patient, doctor = ends()
        assert "record" == code_of(doctor.read, flipped(patient.write("x"), at))


def test_a_repeated_record_is_refused() -> None:
    """Each is read once."""
    patient, doctor = ends()
    record = patient.write("x")
    doctor.read(record)

    assert "record" == code_of(doctor.read, record)


def test_records_out_of_order_or_left_out_are_refused() -> None:
    """The reader expects exactly the next."""
    patient, doctor = ends()
    _, second = patient.write("first"), patient.write("second")

    assert "record" == code_of(doctor.read, second)


def test_a_reflected_record_is_refused() -> None:
    """Nobody hears himself: each direction has its key."""
    patient, _ = ends()

    assert "record" == code_of(patient.read, patient.write("x"))


def test_a_record_of_another_session_is_refused() -> None:
    """Keys go with one handshake."""
    _, doctor = ends()
    other, _ = ends(seed("another"))

    assert "record" == code_of(doctor.read, other.write("x"))


def test_a_record_goes_with_its_session_id() -> None:
    """The name of the seal and the session are authenticated with each record."""
    key, iv = expand(K, "key patient", 32), expand(K, "iv patient", 12)
    for about in (None, NAME, NAME + bytes(16)):
        record = AESGCM(key).encrypt(iv, b"\x80" + bytes(255), about)
        assert "record" == code_of(Channel(K, "doctor").read, record)


def test_a_refusal_ends_the_session() -> None:
    """After a bad record no good one is read or written."""
    patient, doctor = ends()
    record = patient.write("x")
    assert "record" == code_of(doctor.read, flipped(record, 0))

    assert "record" == code_of(doctor.read, record)
    assert "record" == code_of(doctor.write, "x")
    assert "record" == code_of(doctor.dtls_proof, A, B)
    assert "record" == code_of(doctor.check_dtls, b"", A, B)


def test_a_closed_session_reads_and_writes_nothing() -> None:
    """After good-bye the keys are gone."""
    patient, doctor = ends()
    record = patient.write("x")
    doctor.close()

    assert "record" == code_of(doctor.read, record)


def test_sizes_tell_only_a_class() -> None:
    """Records come in four lengths."""
    patient, _ = ends()
    lengths = {len(patient.write("x" * n)) for n in range(0, 16384, 97)}

    assert {size + 16 for size in RECORD_SIZES} == lengths


@pytest.mark.parametrize("text", ["x" * 16384, "é" * 8192, "\ud83e", "a\udc80"], ids=range(4))
def test_what_no_record_holds_ends_the_session(text: str) -> None:
    """Too long, or no Unicode text: nothing is sent in its place, and no key is left."""
    patient, doctor = ends()
    record = doctor.write("x")

    assert "form" == code_of(patient.write, text)
    assert "record" == code_of(patient.write, "x")
    assert "record" == code_of(patient.read, record)


def test_a_record_of_another_size_is_refused() -> None:
    """Even if it opens."""
    for size in (0, 1, 32, 255, 512):
        padded = b"a\x80".ljust(size, b"\0")[:size]
        assert "record" == code_of(Channel(K, "doctor").read, sealed(padded))


def test_a_record_of_no_text_is_refused() -> None:
    """No mark of padding, or no UTF-8."""
    for padded in (bytes(256), b"\xff\x80" + bytes(254), b"a" * 256):
        assert "form" == code_of(Channel(K, "doctor").read, sealed(padded))
    assert "a" == Channel(K, "doctor").read(sealed(b"a\x80" + bytes(254)))


@given(st.binary(max_size=300) | st.sampled_from([bytes(n + 16) for n in RECORD_SIZES]))
def test_any_bytes_as_a_record_are_refused(record: bytes) -> None:
    """Nothing but Refused comes of them."""
    assert "record" == code_of(Channel(K, "doctor").read, record)


def test_the_call_is_bound_to_both_certificates() -> None:
    """Each end proves what it sees on the live transport."""
    patient, doctor = ends()

    doctor.check_dtls(patient.dtls_proof(A, B), B, A)
    patient.check_dtls(doctor.dtls_proof(B, A), A, B)
    assert patient.resume == doctor.resume


def test_another_certificate_at_either_end_is_refused() -> None:
    """A call that ends in somebody else's transport is not enabled."""
    for own, far in ((B, C), (C, A), (A, B), (B, B)):
        patient, doctor = ends()
        assert "certificate" == code_of(doctor.check_dtls, patient.dtls_proof(A, B), own, far)


def test_a_reflected_proof_is_refused() -> None:
    """Each end proves in its own role, also where both show one certificate."""
    patient, _ = ends()
    assert "certificate" == code_of(patient.check_dtls, patient.dtls_proof(A, B), A, B)
    patient, _ = ends()
    assert "certificate" == code_of(patient.check_dtls, patient.dtls_proof(A, A), A, A)


def test_an_unknown_key_share_is_refused() -> None:
    """Who has a session with each of two, and lets them connect to each other, is found out.

    The one in the middle shows each the other's fingerprint, so that DTLS holds; but each
    proves under the keys of a session with the one in the middle.
    """
    patient, _ = ends(seed("patient and the one in the middle"))
    _, doctor = ends(seed("doctor and the one in the middle"))

    assert "certificate" == code_of(doctor.check_dtls, patient.dtls_proof(A, B), B, A)


def test_a_wrong_proof_ends_the_session() -> None:
    """Nothing is sent to whom the call is not bound."""
    _, doctor = ends()
    assert "certificate" == code_of(doctor.check_dtls, bytes(32), B, A)

    assert "record" == code_of(doctor.write, "x")


@pytest.mark.parametrize("kind", Kind)
def test_an_envelope_says_what_it_carries(kind: Kind) -> None:
    """Its first byte, and nothing more in a knock."""
    body = b"" if kind is Kind.KNOCK else b"body"

    assert (kind, body) == read_envelope(write_envelope(kind, body))
    assert bytes((kind,)) == write_envelope(kind, body)[:1]


def test_an_envelope_of_no_kind_is_refused() -> None:
    """Nothing, kinds that are none, and a knock that says more."""
    for envelope in (b"", b"\0a", b"\7a", b"\xff", b"\6a"):
        assert "form" == code_of(read_envelope, envelope)


@given(st.binary(max_size=4))
def test_any_envelope_is_read_or_refused(envelope: bytes) -> None:
    """Kinds one to six; a knock stands alone."""
    known = bool(envelope) and 1 <= envelope[0] <= 6
    alone = not envelope.startswith(b"\x06") or len(envelope) == 1

    assert (None if known and alone else "form") == code_of(read_envelope, envelope)
