"""The handshake of the seal, and what an active attacker tries against it.

Every attack has its control beside it: the same steps without the attack go well.
"""

from dataclasses import replace
from itertools import cycle

import pytest
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from clients.peer import sealed_letters, sealing
from clients.peer.sealed import ANSWERS_MAX, Answers, DoctorHandshake, PatientHandshake
from clients.peer.sealed_letters import LETTER_SIZES, digits_of, personal_link, read_m1
from clients.peer.sealing import framed, hashed, kem_key, pad, read_kem_public
from signaling.encoding import encode
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    DAY_S,
    NOW,
    OFFER,
    SECRET,
    TOKEN,
    UNION,
    Doctor,
    Impostor,
    Intruder,
    Patient,
    Run,
    Union,
    answered,
    code_of,
    compact,
    flipped,
    key,
    personal,
    pool,
    public,
    run,
    sdp,
    seed,
    token,
)

TWO_FINGERPRINTS = sdp(9, 9).replace("AB", "CD", 32)


def check_agreement(done: Run) -> None:
    assert done.proposal.digits == done.confirmation.digits
    assert (OFFER, CONNECTION, True) == (
        done.proposal.offer,
        done.proposal.connection,
        done.proposal.restarts,
    )
    assert (ANSWER, True) == (done.confirmation.answer, done.confirmation.restarts)
    assert done.acceptance.resume == done.patient.resume == done.doctor.resume
    for sends, reads in ((done.patient, done.doctor), (done.doctor, done.patient)):
        assert "à vous" == reads.read(sends.write("à vous"))


# --- nobody in between ---------------------------------------------------------------


def test_two_ends_of_a_personal_link_agree() -> None:
    """Same digits, same session, the right doctor."""
    done = run()

    check_agreement(done)
    assert "Dr Camille Roux" == done.proposal.card.name
    assert public(key("doctor")) == done.proposal.device_key


def test_two_ends_of_a_pool_link_agree() -> None:
    """Without a secret in the link too."""
    check_agreement(run(Patient(pool()).handshake()))


def test_no_two_runs_share_anything() -> None:
    """Each run has its own keys, digits and session."""
    patient, doctor = Patient(), Doctor()
    first, second = (run(patient.handshake(), doctor.handshake()) for _ in range(2))

    assert first.m1 != second.m1
    assert first.proposal.digits != second.proposal.digits
    assert first.acceptance.resume != second.acceptance.resume
    assert "record" == code_of(second.doctor.read, first.patient.write("x"))


def test_sizes_tell_nothing_of_what_is_inside() -> None:
    """M2 and M3 are as long with a long description as with a short one."""
    longer = OFFER + "a=x:" + "y" * 2000 + "\r\n"
    sizes = set()
    for offer in (OFFER, longer):
        patient, doctor = Patient().handshake(), Doctor().handshake()
        m2 = answered(doctor, patient.m1, offer)
        patient.read(m2)
        sizes.add((len(m2), len(patient.accept(True, offer).m3)))

    assert {(1120 + 8192 + 16, 1120 + 8192 + 16 + 32)} == sizes


def test_what_fits_no_letter_is_not_sent() -> None:
    """Longer than the largest size, or no Unicode text: refused before it is sealed."""
    for more in ("a" * 16384, "\ud83e", "\udc80"):
        patient, doctor = Patient().handshake(), Doctor().handshake()
        assert "form" == code_of(answered, doctor, patient.m1, OFFER + more)
        assert "twice" == code_of(answered, doctor, patient.m1)


def test_secrets_are_not_in_a_repr() -> None:
    """What is printed by mistake opens nothing."""
    said = repr(run()) + repr(personal()) + repr(Doctor().papers)

    for secret in (personal().psk, personal().holder_seed, SECRET):
        assert secret is not None
        assert repr(secret) not in said
    assert "PrivateKey" not in said


# --- a relay in between --------------------------------------------------------------


def test_a_relay_that_swaps_the_patients_key_is_refused() -> None:
    """M1 is signed by the holder."""
    patient, relay = Patient().handshake(), kem_key(seed("relay"))
    swapped = patient.m1[:2] + relay.public + patient.m1[1218:]

    assert "signature" == code_of(answered, Doctor().handshake(), swapped)
    assert code_of(answered, Doctor().handshake(), patient.m1) is None


def test_a_relay_that_signs_for_itself_is_refused() -> None:
    """The server sees the capability and its thumbprint, and holds no holder key."""
    relay = Intruder(personal_link(TOKEN, b"guessed, not had", public(key("link"))))

    assert "token" == code_of(answered, Doctor().handshake(), relay.m1)
    assert code_of(answered, Doctor().handshake(), Intruder().m1) is None


def test_an_m1_that_signs_nothing_is_refused() -> None:
    """Nor with a signature for another purpose, nor under a key of small order."""
    patient = Intruder()
    body = patient.body()
    nobody = body[:1250] + bytes(32) + body[1282:]

    for m1 in (
        patient.signed(body, by=key("thief")),
        body + patient.holder.sign(body),
        body + bytes(64),
        nobody + b"\1" + bytes(63),
    ):
        assert "signature" == code_of(answered, Doctor().handshake(), m1)


def test_a_relay_that_changes_any_bit_is_refused() -> None:
    """In whichever of the four messages, wherever."""
    done, doctor = run(), Doctor()

    for at in range(0, len(done.m1), 149):
        assert code_of(answered, doctor.handshake(), flipped(done.m1, at))
    for at in (0, 1088, 1120, 5000, -16, -1):
        patient, doctor_end = Patient().handshake(), doctor.handshake()
        m2 = answered(doctor_end, patient.m1)
        assert "sealed" == code_of(patient.read, flipped(m2, at))
    for at in (0, 1120, 5000, -33):
        patient, doctor_end = Patient().handshake(), doctor.handshake()
        patient.read(answered(doctor_end, patient.m1))
        m3 = patient.accept(True, ANSWER).m3
        assert "sealed" == code_of(doctor_end.confirm, flipped(m3, at))


def test_a_relay_that_cuts_or_lengthens_is_refused() -> None:
    """Lengths are exactly as announced."""
    patient = Patient().handshake()
    for size in (0, 1, 1000, 1283, len(patient.m1) - 1):
        m1 = patient.m1[:size]
        assert "form" == code_of(answered, Doctor().handshake(), m1)
    assert "form" == code_of(answered, Doctor().handshake(), patient.m1 + b"\x00")

    m2 = answered(Doctor().handshake(), patient.m1)
    assert "sealed" == code_of(patient.read, m2[:-1])


def test_a_relay_that_changes_a_confirmation_is_refused() -> None:
    """MAC_P and M4 each confirm the whole transcript, and are not each other."""
    patient, doctor = Patient().handshake(), Doctor().handshake()
    patient.read(answered(doctor, patient.m1))
    m3 = patient.accept(True, ANSWER).m3
    assert "confirmation" == code_of(doctor.confirm, flipped(m3, -1))
    assert "confirmation" == code_of(patient.confirm, m3[-32:])

    for bad in (b"", bytes(32)):
        patient, doctor = Patient().handshake(), Doctor().handshake()
        patient.read(answered(doctor, patient.m1))
        m4 = doctor.confirm(patient.accept(True, ANSWER).m3).m4
        assert "confirmation" == code_of(patient.confirm, bad or m4[:-1])


def test_a_relay_that_reflects_is_refused() -> None:
    """No message is another one."""
    done = run()

    assert "form" == code_of(answered, Doctor().handshake(), done.m2)
    patient = Patient().handshake()
    assert "sealed" == code_of(patient.read, patient.m1)
    patient, doctor = Patient().handshake(), Doctor().handshake()
    m2 = answered(doctor, patient.m1)
    assert "sealed" == code_of(doctor.confirm, m2)


def test_a_relay_that_replays_is_refused() -> None:
    """What was good in an earlier run is not in this one."""
    old = run()

    patient, doctor = Patient().handshake(), Doctor().handshake()
    assert "sealed" == code_of(patient.read, old.m2)
    m1 = Patient().handshake().m1
    answered(doctor, m1)
    assert "sealed" == code_of(doctor.confirm, old.m3)


def two_runs() -> tuple[list[PatientHandshake], list[DoctorHandshake], list[bytes]]:
    """Two patients, each called by a doctor, and the M2 on their way."""
    patients = [Patient().handshake(), Patient(pool()).handshake()]
    doctors = [Doctor().handshake(), Doctor("second").handshake()]
    m2s = [answered(doctor, end.m1) for end, doctor in zip(patients, doctors, strict=True)]
    return patients, doctors, m2s


def test_a_relay_that_mixes_two_sessions_is_refused() -> None:
    """Each message goes with the ones before it, of the same two ends."""
    patients, _, m2s = two_runs()
    assert "sealed" == code_of(patients[0].read, m2s[1])

    patients, doctors, m2s = two_runs()
    for patient, m2 in zip(patients, m2s, strict=True):
        patient.read(m2)
    m3s = [patient.accept(True, ANSWER).m3 for patient in patients]
    m4 = doctors[1].confirm(m3s[1]).m4
    assert "confirmation" == code_of(patients[0].confirm, m4)
    assert "sealed" == code_of(doctors[0].confirm, m3s[1])
    assert code_of(patients[1].confirm, m4) is None


def test_the_transcript_is_all_three_messages() -> None:
    """The keys go with M1, M2, the sealed part of M3, the PSK and both seeds."""
    same = (b"m1", b"m2", b"m3", b"p" * 32, b"d" * 32, b"s" * 32)
    keys = {sealed_letters.agree(*same).key}
    for place in range(6):
        parts = list(same)
        parts[place] = bytes(32)
        keys.add(sealed_letters.agree(*parts).key)

    assert 7 == len(keys)


OURS = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@pytest.mark.parametrize(
    "suite",
    [
        Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM),
        Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
        Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA384, AEAD.AES_256_GCM),
    ],
    ids=["AES-128", "ChaCha20", "SHA-384"],
)
def test_another_suite_is_not_spoken(suite: Suite) -> None:
    """No negotiation: the same letter for the same M1 under another suite does not open."""
    for spoken, code in ((suite, "sealed"), (OURS, None)):
        patient, doctor = Patient().handshake(), Impostor()
        doctor.m2(patient.m1)
        signature = doctor.doctor.device.sign(hashed("m2 signature", patient.m1, doctor.plain))
        text = pad(framed(doctor.plain) + signature, LETTER_SIZES)
        to = read_kem_public(read_m1(patient.m1).public_key)
        assert code == code_of(patient.read, spoken.encrypt(text, to, hashed("m2", patient.m1)))


def test_another_version_or_flag_is_refused() -> None:
    """A newer patient is not half understood."""
    patient = Intruder()
    body = patient.body()

    for head in (b"\0\1", b"\2\1", b"\1\5", b"\1\x81"):
        m1 = patient.signed(head + body[2:])
        assert "form" == code_of(answered, Doctor().handshake(), m1)


# --- once ----------------------------------------------------------------------------


def test_one_m1_opens_one_m2() -> None:
    """A second M2 ends the run, however good, and so the digits are guessed at once."""
    patient, doctors = Patient().handshake(), [Doctor(), Doctor("second")]
    first, second = (answered(doctor.handshake(), patient.m1) for doctor in doctors)
    patient.read(first)

    assert "twice" == code_of(patient.read, second)
    assert "twice" == code_of(patient.accept, True, ANSWER)


def test_one_m2_yields_one_m3_and_one_m4() -> None:
    """Neither end takes a step again."""
    patient, doctor = Patient().handshake(), Doctor().handshake()
    m2 = answered(doctor, patient.m1)
    patient.read(m2)
    m3 = patient.accept(True, ANSWER).m3
    assert "twice" == code_of(patient.accept, True, ANSWER)
    doctor.confirm(m3)
    assert "twice" == code_of(doctor.confirm, m3)
    assert "twice" == code_of(answered, doctor, patient.m1)

    done = Patient().handshake()
    other = Doctor().handshake()
    done.read(answered(other, done.m1))
    m4 = other.confirm(done.accept(True, ANSWER).m3).m4
    done.confirm(m4)
    assert "twice" == code_of(done.confirm, m4)


def test_no_step_comes_before_its_turn() -> None:
    """M3 before M1, an answer before M2, M4 before M3."""
    assert "twice" == code_of(Doctor().handshake().confirm, b"")
    assert "twice" == code_of(Patient().handshake().accept, True, ANSWER)
    assert "twice" == code_of(Patient().handshake().confirm, b"")


def test_a_refusal_ends_the_run() -> None:
    """After something bad even the good message comes too late."""
    patient, doctor = Patient().handshake(), Doctor().handshake()
    m2 = answered(doctor, patient.m1)
    assert "sealed" == code_of(patient.read, flipped(m2, 5))
    assert "twice" == code_of(patient.read, m2)

    assert "sealed" == code_of(doctor.confirm, b"?" * 2000)
    assert "twice" == code_of(doctor.confirm, b"?" * 2000)
    late = Doctor().handshake()
    assert "form" == code_of(answered, late, b"")
    assert "twice" == code_of(answered, late, patient.m1)


def test_a_doctors_page_answers_each_m1_once_and_few() -> None:
    """So many guesses at the digits has a call, and no more."""
    doctor, answers = Doctor(), Answers()
    m1s = [Intruder(name=f"try {n}").m1 for n in range(ANSWERS_MAX + 1)]
    answered(doctor.handshake(answers), m1s[0])
    assert "twice" == code_of(answered, doctor.handshake(answers), m1s[0])
    for m1 in m1s[1:ANSWERS_MAX]:
        answered(doctor.handshake(answers), m1)

    assert "twice" == code_of(answered, doctor.handshake(answers), m1s[-1])
    assert code_of(answered, doctor.handshake(Answers()), m1s[-1]) is None


def test_what_is_refused_counts_for_nothing() -> None:
    """Garbage from the server does not use up the patient's tries."""
    doctor, answers = Doctor(), Answers()
    for n in range(ANSWERS_MAX + 1):
        m1 = Intruder(replace(personal(), token=f"cap1.unknown{n}")).m1
        assert "token" == code_of(answered, doctor.handshake(answers), m1)

    assert code_of(answered, doctor.handshake(answers), Intruder().m1) is None


# --- who plays the doctor ------------------------------------------------------------


def test_another_certified_doctor_cannot_step_into_a_personal_link() -> None:
    """The handle is the hash of the link's key; on a pool's link any doctor will do."""
    other = Doctor("second", claims={"handle": encode(b"another handle!!")})
    other.links = (personal(), pool())
    patient = Patient().handshake()

    assert "handle" == code_of(patient.read, answered(other.handshake(), patient.m1))
    patient = Patient(pool()).handshake()
    assert code_of(patient.read, answered(other.handshake(), patient.m1)) is None


def test_a_credential_without_a_handle_serves_no_personal_link() -> None:
    """What is not said is not taken for a yes."""
    claims = UNION.identity_claims(key("doctor"))
    del claims["handle"]
    identity = token(UNION.root, "identity", claims)
    patient = Patient().handshake()

    m2 = Impostor().m2(patient.m1, identity=identity)
    assert "handle" == code_of(patient.read, m2)
    patient = Patient(pool()).handshake()
    assert code_of(patient.read, Impostor().m2(patient.m1, identity=identity)) is None


def test_whoever_has_the_unions_key_lacks_the_links_secret() -> None:
    """A handle can then be forged; the PSK cannot, and M4 does not come out right."""
    patient, rogue = Patient().handshake(), Impostor()
    patient.read(rogue.m2(patient.m1))
    m3 = patient.accept(True, ANSWER).m3
    assert "confirmation" == code_of(patient.confirm, rogue.agreed(m3).doctor)

    patient, rogue = Patient().handshake(), Impostor()
    patient.read(rogue.m2(patient.m1))
    m3 = patient.accept(True, ANSWER).m3
    known = rogue.agreed(m3, personal().psk).doctor
    assert code_of(patient.confirm, known) is None


def test_a_stolen_credential_without_its_key_is_refused() -> None:
    """M2 is signed by the device that the union vouched for."""
    patient, thief = Patient().handshake(), Impostor(signer=key("thief"))

    assert "signature" == code_of(patient.read, thief.m2(patient.m1))


def test_a_signature_for_another_handshake_is_refused() -> None:
    """A doctor's M2 cannot be opened by one patient and sealed to the next."""
    patient, first = Patient().handshake(), Intruder()
    letter = compact(first.opened(answered(Doctor().handshake(), first.m1)))

    stale = Impostor().m2_of(patient.m1, letter, about=first.m1)
    assert "signature" == code_of(patient.read, stale)
    patient = Patient().handshake()
    assert code_of(patient.read, Impostor().m2_of(patient.m1, letter)) is None


def test_every_field_of_m2_is_signed() -> None:
    """Whoever opens and seals again changes nothing in between."""
    first = Intruder()
    letter = first.opened(answered(Doctor().handshake(), first.m1))
    plain = compact(letter)
    signature = key("doctor").sign(hashed("m2 signature", first.m1, plain))
    # A patient whose dice fall alike asks with the same M1 each time.
    throws = cycle([seed("intruder kem"), seed("intruder r")])
    patient = Patient(dice=lambda size: next(throws))

    for name, value in (("seed", encode(bytes(32))), ("offer", sdp(9)), ("restarts", False)):
        asking = patient.handshake()
        assert first.m1 == asking.m1
        changed = framed(compact(letter | {name: value})) + signature
        m2 = Impostor().m2_sealed(asking.m1, pad(changed, LETTER_SIZES))
        assert "signature" == code_of(asking.read, m2)
    asking = patient.handshake()
    m2 = Impostor().m2_sealed(asking.m1, pad(framed(plain) + signature, LETTER_SIZES))
    assert code_of(asking.read, m2) is None


def test_a_forged_or_foreign_union_is_refused() -> None:
    """Only the unions that the page trusts; several may be."""
    foreign = Union("a foreign union")
    doctor = Doctor(union=foreign)

    patient = Patient().handshake()
    m2 = answered(doctor.handshake(), patient.m1)
    assert "identity" == code_of(patient.read, m2)
    patient = Patient(unions=(UNION, foreign)).handshake()
    m2 = answered(doctor.handshake(), patient.m1)
    assert code_of(patient.read, m2) is None


@pytest.mark.parametrize("what", ["identity", "list"])
def test_an_m2_without_its_papers_is_refused(what: str) -> None:
    """No credential, no list: no card is shown."""
    patient = Patient().handshake()
    assert "form" == code_of(patient.read, Impostor().m2(patient.m1, **{what: None}))

    patient = Patient().handshake()
    code = {"identity": "identity", "list": "revoked"}[what]
    assert code == code_of(patient.read, Impostor().m2(patient.m1, **{what: ""}))


def test_an_expired_or_revoked_doctor_is_refused() -> None:
    """Judged when M2 is read; a list too old counts as none."""
    jti = UNION.identity_claims(key("doctor"))["jti"]

    for now, other, code in (
        (NOW + 31 * DAY_S, {}, "identity"),
        (NOW, {"list": UNION.list(jti)}, "revoked"),
        (NOW + 3600, {}, "revoked"),
        (NOW + 3599, {}, None),
    ):
        patient = Patient(now=now).handshake()
        m2 = Impostor().m2(patient.m1, **other)
        assert code == code_of(patient.read, m2)


def test_whoever_read_the_link_cannot_play_the_doctor() -> None:
    """The link's secret opens nothing of M1 and vouches for nobody."""
    patient = Patient().handshake()
    reader = Impostor(Doctor(union=Union("nobody's union")))

    assert "identity" == code_of(patient.read, reader.m2(patient.m1))


# --- who plays the patient -----------------------------------------------------------


def test_whoever_read_the_link_enters_as_its_bearer() -> None:
    """A link is a link: it can be used by who holds it, which is why it is spent once."""
    reader, doctor = Intruder(), Doctor().handshake()

    assert code_of(doctor.confirm, reader.m3(answered(doctor, reader.m1))) is None


def test_whoever_has_the_holder_key_alone_lacks_the_psk() -> None:
    """Both come from the link's secret, and both are asked for."""
    half = Intruder(replace(personal(), psk=b"guessed".ljust(32)))
    doctor = Doctor().handshake()

    m2 = answered(doctor, half.m1)
    assert "confirmation" == code_of(doctor.confirm, half.m3(m2))


def test_the_psk_is_mixed_in_exactly_on_the_doctors_own_links() -> None:
    """Nobody talks a patient out of it, nor into one that is not there."""
    own, of_pool = Intruder(), Intruder(pool())

    without = own.signed(own.body(flags=0))
    assert "token" == code_of(answered, Doctor().handshake(), without)
    with_one = of_pool.signed(of_pool.body(flags=1))
    assert "token" == code_of(answered, Doctor().handshake(), with_one)
    assert code_of(answered, Doctor().handshake(), of_pool.m1) is None


@pytest.mark.parametrize("text", ["", "a" * 1025, b"\xff" * 8], ids=["none", "long", "no text"])
def test_a_token_that_is_none_is_refused(text: str | bytes) -> None:
    """One to 1024 bytes of ASCII."""
    patient = Intruder()

    m1 = patient.signed(patient.body(text))
    assert "form" == code_of(answered, Doctor().handshake(), m1)
    unknown = patient.signed(patient.body("a" * 1024))
    assert "token" == code_of(answered, Doctor().handshake(), unknown)


def test_a_key_that_is_none_is_refused() -> None:
    """On both sides, before anything is sealed to it."""
    patient = Intruder()
    body = patient.body()
    for bad in (b"\xff" * 1184 + body[1186:1218], body[2:1186] + bytes(32)):
        m1 = patient.signed(body[:2] + bad + body[1218:])
        assert "form" == code_of(answered, Doctor().handshake(), m1)

    asking = Patient().handshake()
    m2 = Impostor().m2(asking.m1, pk=encode(b"\xff" * 1216))
    assert "form" == code_of(asking.read, m2)


def test_the_link_alone_does_not_enter_a_running_session() -> None:
    """Whoever read the SMS lacks the resume secret of the session."""
    session = run()
    doctor, secret = Doctor(), session.doctor.resume
    reader = Intruder()

    assert "resume" == code_of(answered, doctor.handshake(resume=secret), reader.m1)
    guessed = reader.resuming(b"guessed".ljust(16))
    assert "resume" == code_of(answered, doctor.handshake(resume=secret), guessed)
    older = reader.resuming(run().doctor.resume[::-1])
    assert "resume" == code_of(answered, doctor.handshake(resume=secret), older)

    back = Patient().handshake(resume=session.patient.resume)
    again = run(back, doctor.handshake(resume=secret))
    assert secret != again.acceptance.resume


def test_a_resume_mac_goes_with_its_m1_only() -> None:
    """One that passed by is no use in front of another M1."""
    session = run()
    overheard = Patient().handshake(resume=session.patient.resume).m1[-96:-64]
    reader = Intruder()
    m1 = reader.signed(reader.body(flags=3) + overheard)

    secret = session.doctor.resume
    assert "resume" == code_of(answered, Doctor().handshake(resume=secret), m1)
    right = reader.resuming(secret)
    assert code_of(answered, Doctor().handshake(resume=secret), right) is None


def test_outside_a_session_a_resume_mac_is_not_looked_at() -> None:
    """A page that comes back when the session is over just waits again."""
    m1 = Intruder().resuming(b"of a session ago")

    assert code_of(answered, Doctor().handshake(), m1) is None


# --- the digits ----------------------------------------------------------------------


def test_a_nonce_other_than_promised_is_refused() -> None:
    """Otherwise who stands between would try nonces until the digits match."""
    cheat, doctor = Intruder(promised=seed("another")), Doctor().handshake()
    m2 = answered(doctor, cheat.m1)
    assert "commitment" == code_of(doctor.confirm, cheat.m3(m2))

    honest, doctor = Intruder(), Doctor().handshake()
    m2 = answered(doctor, honest.m1)
    assert code_of(doctor.confirm, honest.m3(m2)) is None


def test_a_promise_goes_with_its_key() -> None:
    """A commitment that was overheard is no use under another key."""
    patient = Intruder()
    commitment = Intruder(name="victim").m1[1218:1250]
    body = patient.body()
    m1 = patient.signed(body[:1218] + commitment + body[1250:])
    doctor = Doctor().handshake()

    m2 = answered(doctor, m1)
    nonce = encode(seed("victim r"))
    assert "commitment" == code_of(doctor.confirm, patient.m3(m2, m1, r=nonce))


def test_the_digits_go_with_everything_before_them() -> None:
    """Both nonces, the whole M1 and the whole letter of M2."""
    same = (b"p" * 32, b"d" * 32, b"m1", b"m2")
    found = {digits_of(*same)}
    for place in range(4):
        parts = list(same)
        parts[place] = bytes(32)
        found.add(digits_of(*parts))

    assert 5 == len(found)
    assert all(6 == len(digits) and digits.isdecimal() for digits in found)
    many = [digits_of(bytes((n,)), b"d", b"m1", b"m2") for n in range(200)]
    assert all(len({digits[place] for digits in many}) == 10 for place in range(6))


def test_a_certified_doctor_in_between_does_not_match_the_digits() -> None:
    """Full power: a credential of his own towards the patient, a link towards the doctor."""
    games = 12
    matched = 0
    for game in range(games):
        patient, doctor = Patient(pool(f"holder {game}")).handshake(), Doctor().handshake()
        front, back = Impostor(name=f"front {game}"), Intruder(pool(), name=f"back {game}")
        theirs = patient.read(front.m2(patient.m1)).digits
        front.opened(patient.accept(True, ANSWER).m3)
        ours = doctor.confirm(back.m3(answered(doctor, back.m1))).digits
        matched += theirs == ours

    assert 0 == matched


def test_trying_again_for_the_digits_is_seen() -> None:
    """Grinding M1 in front of one doctor ends at the third, in front of the patient at once."""
    doctor, answers, target = Doctor(), Answers(), None
    tries = 0
    for n in range(20):
        back, end = Intruder(pool(), name=f"try {n}"), doctor.handshake(answers)
        try:
            digits = end.confirm(back.m3(answered(end, back.m1))).digits
        except sealing.Refused as refused:
            assert "twice" == refused.code
            break
        tries += 1
        assert digits != target

    assert ANSWERS_MAX == tries


# --- descriptions --------------------------------------------------------------------


def test_a_description_that_would_not_bind_the_call_is_refused() -> None:
    """In M2 and in M3 alike."""
    patient = Patient().handshake()
    m2 = Impostor().m2(patient.m1, offer=TWO_FINGERPRINTS)
    assert "description" == code_of(patient.read, m2)

    other, doctor = Intruder(), Doctor().handshake()
    m2 = answered(doctor, other.m1)
    assert "description" == code_of(doctor.confirm, other.m3(m2, answer=TWO_FINGERPRINTS))


# --- refusals ------------------------------------------------------------------------


def test_a_refusal_quotes_nothing() -> None:
    """Its sentence is one of the code's, and no cause with the input in it is chained."""
    patient = Patient().handshake()
    with pytest.raises(sealing.Refused) as refused:
        patient.read(Impostor().m2(patient.m1, r="private words"))

    error: BaseException | None = refused.value
    assert "private" not in str(error)
    assert error is not None and (error.__suppress_context__ or error.__context__ is None)
