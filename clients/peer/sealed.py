"""The handshake of the seal, Sceau/1: M1 to M4, both roles.

Pure: `dice` is an argument, and so is whoever judges tokens and credentials. Each handshake
is one object for one run: each of its steps is taken once, and any refusal ends it and
forgets its keys. Nothing of what was read is put into an exception.

`clients/SCEAU.md` §2 to §5 decides; `tests/vectors/sealed.json` ties it to the pages'.
"""

import hmac
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signaling.ed25519 import is_signed

from . import passkeys
from .channel import Channel
from .descriptions import check_bound
from .identity import Identity
from .letters import Card
from .passkeys import Assertion
from .sealed_letters import (
    LETTER_SIZES,
    M1,
    VERSION,
    Link,
    M2Letter,
    M3Letter,
    MemberLetter,
    MemberRole,
    Value,
    agree,
    cut,
    digits_of,
    read_letter,
    read_m1,
    write_letter,
    write_m1,
)
from .sealing import (
    HASH_BYTES,
    SEED_BYTES,
    SIGNATURE_BYTES,
    Dice,
    KemKey,
    Refused,
    framed,
    hashed,
    kem_key,
    mac,
    pad,
    read_kem_public,
    seal,
    thumb,
    unpad,
    unseal,
)

CheckToken = Callable[[str, bytes], bytes | None]
"""(token, thumbprint of the holder) -> the PSK of an own link, None of a pool's.

Raises Refused("token").
"""

CheckIdentity = Callable[[str, str], Identity]
"""(identity credential, revocation list) -> who that is. `identity.verify`, with its clock."""

ANSWERS_MAX = 3  # M1 that a doctor's page answers a call: retries after lost networks

T = TypeVar("T")


# --- the patient's end ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a patient may be shown, and say yes to. The doctor has been vouched for."""

    card: Card
    device_key: bytes
    digits: str
    connection: str
    restarts: bool
    offer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MemberProposal:
    """What a patient or a guest answers with. Nobody vouched for him but who named his key."""

    role: MemberRole
    digits: str
    connection: str
    restarts: bool
    offer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """M3, and the resume secret that goes into the address before it is sent."""

    m3: bytes
    resume: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    kem: KemKey
    nonce: bytes


@dataclass(frozen=True, slots=True)
class _Proposed:
    nonce: bytes
    m2: bytes
    letter: M2Letter | MemberLetter


class PatientHandshake:
    """A patient's run: `m1`, then `read` M2, `accept` with M3, `confirm` M4.

    In a session of more than two it is the run of each who asks.
    """

    def __init__(
        self,
        dice: Dice,
        link: Link,
        check_identity: CheckIdentity,
        resume: bytes | None = None,
    ) -> None:
        """Make a fresh M1.

        Args:
            resume: secret of the running session that the page comes back into.
        """
        kem, nonce = kem_key(dice(SEED_BYTES)), dice(SEED_BYTES)
        self._dice, self._link, self._check_identity = dice, link, check_identity
        self.m1 = write_m1(kem, nonce, link, resume)
        self._state: _Asked | _Proposed | Channel | None = _Asked(kem, nonce)
        self._m4 = b""

    def read(self, m2: bytes) -> Proposal:
        """Check the doctor's answer: union, doctor, this handshake, this link.

        Raises:
            Refused: `sealed`, `form`, `identity`, `revoked`, `signature`, `handle`,
                `passkey`, `description`, `twice`.
        """
        asked, plain, signature = self._opened(m2)
        far = self._link.far
        if far is not None and far.role != "doctor":
            raise Refused("form")
        letter = read_letter(M2Letter, plain)
        read_kem_public(letter.pk)
        doctor = self._check_identity(letter.identity, letter.revocations)
        if not is_signed(hashed("m2 signature", self.m1, plain), signature, doctor.device_key):
            raise Refused("signature")
        if self._link.handle is not None and doctor.handle != self._link.handle:
            raise Refused("handle")
        if far is not None and far.key not in (None, thumb(doctor.device_key)):
            raise Refused("handle")
        passkeys.check(
            letter.assertion, doctor.passkey, doctor.device_key, doctor.audience, doctor.judged_at
        )
        check_bound(letter.offer)
        self._state = _Proposed(asked.nonce, m2, letter)
        digits = digits_of(asked.nonce, letter.r, self.m1, plain)
        return Proposal(
            doctor.card,
            doctor.device_key,
            digits,
            letter.connection,
            letter.restarts,
            letter.offer,
        )

    def read_member(self, m2: bytes) -> MemberProposal:
        """Check the answer of a patient or a guest: only of whom the link names as that.

        Raises:
            Refused: `sealed`, `form`, `handle`, `signature`, `description`, `twice`.
        """
        asked, plain, signature = self._opened(m2)
        far = self._link.far
        letter = read_letter(MemberLetter, plain)
        if far is None or letter.member != far.role:
            raise Refused("form")
        read_kem_public(letter.pk)
        if thumb(letter.holder) != far.key:
            raise Refused("handle")
        if not is_signed(hashed("m2 member signature", self.m1, plain), signature, letter.holder):
            raise Refused("signature")
        check_bound(letter.offer)
        self._state = _Proposed(asked.nonce, m2, letter)
        digits = digits_of(asked.nonce, letter.r, self.m1, plain)
        return MemberProposal(
            letter.member, digits, letter.connection, letter.restarts, letter.offer
        )

    def accept(self, restarts: bool, answer: str) -> Acceptance:
        """Make M3. The resume secret is written into the address before it is sent.

        Raises:
            Refused: `twice`; `form` for an answer that is too long.
        """
        proposed = self._take(_Proposed)
        seed = self._dice(SEED_BYTES)
        plain = write_letter(
            v=VERSION, r=proposed.nonce, seed=seed, restarts=restarts, answer=answer
        )
        info = hashed("m3", self.m1, proposed.m2)
        sealed = seal(proposed.letter.pk, info, pad(framed(plain), LETTER_SIZES))
        agreed = agree(self.m1, proposed.m2, sealed, self._link.psk, proposed.letter.seed, seed)
        self._m4 = agreed.doctor
        channel = self._state = Channel(agreed.key, "patient")
        return Acceptance(sealed + agreed.patient, channel.resume)

    def confirm(self, m4: bytes) -> Channel:
        """Check M4; only then may anything that names or locates the patient be sent.

        Raises:
            Refused: `confirmation`, `twice`.
        """
        channel = self._take(Channel)
        if not hmac.compare_digest(self._m4, m4):
            raise Refused("confirmation")
        return channel

    def _opened(self, m2: bytes) -> tuple[_Asked, bytes, bytes]:
        asked = self._take(_Asked)
        text = unpad(unseal(asked.kem, hashed("m2", self.m1), m2), LETTER_SIZES)
        return asked, *cut(text, SIGNATURE_BYTES)

    def _take(self, kind: type[T]) -> T:
        """Take the state out, so that whatever fails now leaves nothing behind."""
        state, self._state = self._state, None
        if not isinstance(state, kind):
            raise Refused("twice")
        return state


# --- the doctor's end ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Papers:
    """What a doctor shows to patients, and signs with.

    Attributes:
        passkey: the gesture of the day, exactly where the identity names a passkey.
    """

    device_key: Ed25519PrivateKey = field(repr=False)
    identity: str
    revocations: str
    passkey: Assertion | None = None

    def letter(self, **fields: Value) -> bytes:
        """Write M2's letter around what is fresh in it."""
        gesture = self.passkey
        return write_letter(
            v=VERSION,
            identity=self.identity,
            list=self.revocations,
            **fields,
            passkey=None if gesture is None else asdict(gesture),
        )

    def sign(self, m1: bytes, plain: bytes) -> bytes:
        """Sign it for one M1."""
        return self.device_key.sign(hashed("m2 signature", m1, plain))


@dataclass(frozen=True, slots=True)
class MemberPapers:
    """What a patient or a guest answers with: his holder key, and no credential."""

    role: MemberRole
    holder_key: Ed25519PrivateKey = field(repr=False)

    def letter(self, **fields: Value) -> bytes:
        """Write M2's letter around what is fresh in it."""
        holder = self.holder_key.public_key().public_bytes_raw()
        return write_letter(v=VERSION, member=self.role, holder=holder, **fields)

    def sign(self, m1: bytes, plain: bytes) -> bytes:
        """Sign it for one M1, under a label that makes it nobody's word for a doctor."""
        return self.holder_key.sign(hashed("m2 member signature", m1, plain))


class Answers:
    """Which M1 a doctor's page answered in one call: each once, and few."""

    def __init__(self) -> None:
        self._answered: set[bytes] = set()

    def admit(self, m1: bytes) -> None:
        """Note an M1 that is about to be answered.

        Raises:
            Refused: `twice`.
        """
        name = hashed("m1", m1)
        if name in self._answered or len(self._answered) >= ANSWERS_MAX:
            raise Refused("twice")
        self._answered.add(name)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """M4, which goes out first, and the session that it opens."""

    m4: bytes = field(repr=False)
    channel: Channel
    digits: str
    restarts: bool
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Waiting:
    pass


@dataclass(frozen=True, slots=True)
class _Answered:
    asked: M1
    m1: bytes
    m2: bytes
    json: bytes
    psk: bytes | None
    kem: KemKey
    nonce: bytes
    seed: bytes


class DoctorHandshake:
    """A doctor's run: `answer` M1 with M2, `confirm` M3 with M4."""

    def __init__(
        self,
        dice: Dice,
        papers: Papers | MemberPapers,
        check_token: CheckToken,
        answers: Answers,
        resume: bytes | None = None,
    ) -> None:
        """Wait for an M1.

        Args:
            answers: of the present call, or of the re-entry into a session.
            resume: secret of the running session that the M1 must come back into.
        """
        self._dice, self._papers, self._check_token = dice, papers, check_token
        self._answers, self._resume = answers, resume
        self._state: _Waiting | _Answered | None = _Waiting()

    def answer(self, m1: bytes, connection: str, restarts: bool, offer: str) -> bytes:
        """Check the patient's M1 and make M2.

        Raises:
            Refused: `form`, `signature`, `token`, `resume`, `twice`.
        """
        self._take(_Waiting)
        asked = read_m1(m1)
        if not is_signed(hashed("m1", asked.signed), asked.signature, asked.holder):
            raise Refused("signature")
        read_kem_public(asked.public_key)
        psk = self._check_token(asked.token, thumb(asked.holder))
        if asked.has_psk != (psk is not None):
            raise Refused("token")
        if self._resume is not None:
            wanted = mac(self._resume, hashed("resume", asked.before_resume))
            if not hmac.compare_digest(wanted, asked.resume or b""):
                raise Refused("resume")
        self._answers.admit(m1)

        kem, nonce, seed = (
            kem_key(self._dice(SEED_BYTES)),
            self._dice(SEED_BYTES),
            self._dice(SEED_BYTES),
        )
        plain = self._papers.letter(
            pk=kem.public,
            r=nonce,
            seed=seed,
            connection=connection,
            restarts=restarts,
            offer=offer,
        )
        text = pad(framed(plain) + self._papers.sign(m1, plain), LETTER_SIZES)
        m2 = seal(asked.public_key, hashed("m2", m1), text)
        self._state = _Answered(asked, m1, m2, plain, psk, kem, nonce, seed)
        return m2

    def confirm(self, m3: bytes) -> Confirmation:
        """Check the patient's M3 and make M4.

        Raises:
            Refused: `sealed`, `form`, `commitment`, `confirmation`, `description`, `twice`.
        """
        held = self._take(_Answered)
        sealed, confirmation = m3[:-HASH_BYTES], m3[-HASH_BYTES:]
        text = unpad(unseal(held.kem, hashed("m3", held.m1, held.m2), sealed), LETTER_SIZES)
        letter = read_letter(M3Letter, cut(text, 0)[0])
        committed = hashed("commit", letter.r, held.asked.public_key)
        if not hmac.compare_digest(committed, held.asked.commitment):
            raise Refused("commitment")
        agreed = agree(held.m1, held.m2, sealed, held.psk, held.seed, letter.seed)
        if not hmac.compare_digest(agreed.patient, confirmation):
            raise Refused("confirmation")
        check_bound(letter.answer)
        return Confirmation(
            agreed.doctor,
            Channel(agreed.key, "doctor"),
            digits_of(letter.r, held.nonce, held.m1, held.json),
            letter.restarts,
            letter.answer,
        )

    def _take(self, kind: type[T]) -> T:
        """Take the state out, so that whatever fails now leaves nothing behind."""
        state, self._state = self._state, None
        if not isinstance(state, kind):
            raise Refused("twice")
        return state
