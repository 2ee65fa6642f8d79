"""Who takes part in a seal's tests: unions, doctors, patients with links.

Everything is what the real thing would be: real keys, real tokens, real encryption. Only
seeds and the clock are known beforehand.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import count
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.peer import identity
from clients.peer.channel import Channel
from clients.peer.identity import Identity, TrustedUnion
from clients.peer.passkeys import Assertion
from clients.peer.sealed import (
    Acceptance,
    Answers,
    Confirmation,
    DoctorHandshake,
    Papers,
    PatientHandshake,
    Proposal,
)
from clients.peer.sealed_letters import (
    LETTER_SIZES,
    Agreed,
    Link,
    M3Letter,
    agree,
    personal_link,
    pool_link,
    read_m1,
)
from clients.peer.sealing import (
    KemKey,
    Refused,
    framed,
    hashed,
    kem_key,
    mac,
    pad,
    seal,
    thumb,
    unpad,
    unseal,
)
from signaling.encoding import decode, encode
from tests.clients.authenticator import Authenticator
from tests.dice import Dice

NOW = 1_790_000_000
DAY_S = 24 * 3600
TODAY = NOW // DAY_S
AUDIENCE = "https://exemple.fr"
CONNECTION = encode(b"c" * 16)
FINGERPRINT = ":".join(["AB"] * 32)


def sdp(*ports: int, fingerprint: str = FINGERPRINT) -> str:
    """The smallest description that a browser would write, one section a port."""
    mids = " ".join(str(mid) for mid in range(len(ports)))
    lines = ["v=0", "o=- 1 2 IN IP4 0.0.0.0", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for mid, port in enumerate(ports):
        lines += [
            f"m=audio {port} UDP/TLS/RTP/SAVPF 111",
            "c=IN IP4 0.0.0.0",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:abcdefghijklmnopqrstuv",
            f"a=fingerprint:sha-256 {fingerprint}",
            "a=setup:actpass",
            f"a=mid:{mid}",
        ]
    return "".join(f"{line}\r\n" for line in lines)


OFFER, ANSWER = sdp(9, 9), sdp(9)


def code_of(action: Callable[..., object], *arguments: object) -> str | None:
    """Say with which code something is refused; None if it is not."""
    try:
        action(*arguments)
    except Refused as refused:
        return refused.code
    return None


def flipped(text: bytes, at: int) -> bytes:
    """The same bytes but for one bit."""
    at %= len(text)
    return text[:at] + bytes((text[at] ^ 1,)) + text[at + 1 :]


def key(name: str) -> Ed25519PrivateKey:
    """A signing key, the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(seed(name))


def seed(name: str) -> bytes:
    """The 32 bytes that go by a name."""
    return name.encode().ljust(32, b"-")[:32]


def public(of: Ed25519PrivateKey) -> bytes:
    return of.public_key().public_bytes_raw()


def kid(of: Ed25519PrivateKey) -> str:
    return encode(thumb(public(of)))


def token(
    signer: Ed25519PrivateKey, typ: str, claims: Mapping[str, Any], header: Mapping[str, Any] = {}
) -> str:
    """Sign a token as a union would; `header` adds to its header, or replaces."""
    headers = {"typ": f"teleconsult-{typ}+jwt", "kid": kid(signer), **header}
    return jwt.encode(dict(claims), signer, algorithm="EdDSA", headers=headers)


@dataclass
class Union:
    """A union and what it signs. Each keyword replaces a claim; None leaves it out."""

    name: str = "union"
    audience: str = AUDIENCE

    def __post_init__(self) -> None:
        self.root, self.list_key = key(f"{self.name} root"), key(f"{self.name} list")
        self.trusted = TrustedUnion(self.name, self.audience, public(self.root))

    def identity(self, device: Ed25519PrivateKey, **other: Any) -> str:
        return token(self.root, "identity", self.identity_claims(device, **other))

    def identity_claims(self, device: Ed25519PrivateKey, **other: Any) -> dict[str, Any]:
        return _claims(
            iss=kid(self.root),
            aud=self.audience,
            nbf=NOW - DAY_S,
            exp=NOW + 30 * DAY_S,
            jti=encode(thumb(b"jti" + public(device))),
            card={"name": "Dr Camille Roux", "specialty": "Médecine générale"},
            handle=encode(thumb(public(key("link")))),
            cnf=jwk(device),
        ) | _claims(**other)

    def delegation(self, **other: Any) -> str:
        claims = _claims(
            iss=kid(self.root),
            aud=self.audience,
            nbf=NOW - DAY_S,
            exp=NOW + 90 * DAY_S,
            cnf=jwk(self.list_key),
        )
        return token(self.root, "list-key", claims | other)

    def list(self, *revoked: str, **other: Any) -> str:
        claims = _claims(
            iss=kid(self.root),
            aud=self.audience,
            iat=NOW - 3600,
            exp=NOW + 3600,
            seq=7,
            key=self.delegation(),
            revoked=list(revoked),
            pad="",
        )
        return token(self.list_key, "list", claims | other)


def _claims(**claims: Any) -> dict[str, Any]:
    return claims


def jwk(of: Ed25519PrivateKey) -> dict[str, Any]:
    return {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": encode(public(of))}}


UNION = Union()
_SEEDS = count()
SECRET = b"secret of a link"
TOKEN = "cap1.personal"
POOL_TOKEN = "cap1.pool"


def personal(secret: bytes = SECRET, token: str = TOKEN) -> Link:
    """The doctor's own link, as a patient opens it."""
    return personal_link(token, secret, public(key("link")))


def pool(name: str = "holder") -> Link:
    """A pool's link, whose page made its own holder seed."""
    return pool_link(POOL_TOKEN, seed(name))


def check_identity(*unions: Union, now: float = NOW) -> Callable[[str, str], Identity]:
    """The real check, at this time, for a page that trusts these unions."""
    trusted = [union.trusted for union in unions or (UNION,)]
    return lambda credential, revocations: identity.verify(credential, revocations, trusted, now)


def check_token(links: Iterable[Link]) -> Callable[[str, bytes], bytes | None]:
    """A doctor's check of capabilities: knows these links, and each holder where one is named.

    Unrealistic: it looks the capability up where the real one verifies a signature.
    """
    return partial(_check_token, {link.token: link for link in links})


def _check_token(links: Mapping[str, Link], token: str, holder: bytes) -> bytes | None:
    link = links.get(token)
    if link is None or (link.psk is not None and holder != holder_of(link)):
        raise Refused("token")
    return link.psk


def holder_of(link: Link) -> bytes:
    return thumb(public(Ed25519PrivateKey.from_private_bytes(link.holder_seed)))


@dataclass
class Doctor:
    """A doctor with a device key, vouched for by a union."""

    name: str = "doctor"
    union: Union = field(default_factory=lambda: UNION)
    links: tuple[Link, ...] = field(default_factory=lambda: (personal(), pool()))
    claims: dict[str, Any] = field(default_factory=dict)
    authenticator: Authenticator | None = None

    def __post_init__(self) -> None:
        self.device = key(self.name)
        self.dice = Dice(next(_SEEDS))
        claims, gesture = dict(self.claims), None
        if self.authenticator is not None:
            claims["passkey"] = self.authenticator.jwk
            gesture = self.authenticator.asserts(TODAY, public(self.device))
        self.papers = Papers(
            self.device, self.union.identity(self.device, **claims), self.union.list(), gesture
        )

    def handshake(
        self, answers: Answers | None = None, resume: bytes | None = None
    ) -> DoctorHandshake:
        return DoctorHandshake(
            self.dice, self.papers, check_token(self.links), answers or Answers(), resume
        )


@dataclass
class Patient:
    """A patient's page with a link."""

    link: Link = field(default_factory=personal)
    unions: tuple[Union, ...] = (UNION,)
    now: float = NOW
    dice: Callable[[int], bytes] = field(default_factory=lambda: Dice(next(_SEEDS)))

    def handshake(self, resume: bytes | None = None) -> PatientHandshake:
        return PatientHandshake(
            self.dice, self.link, check_identity(*self.unions, now=self.now), resume
        )


def answered(doctor: DoctorHandshake, m1: bytes, offer: str = OFFER) -> bytes:
    return doctor.answer(m1, CONNECTION, True, offer)


@dataclass
class Run:
    """One honest handshake, with everything that passed."""

    m1: bytes
    m2: bytes
    m3: bytes
    m4: bytes
    proposal: Proposal
    acceptance: Acceptance
    confirmation: Confirmation
    patient: Channel
    doctor: Channel


def run(patient: PatientHandshake | None = None, doctor: DoctorHandshake | None = None) -> Run:
    """Hold a handshake with nobody in between."""
    patient, doctor = patient or Patient().handshake(), doctor or Doctor().handshake()
    m2 = answered(doctor, patient.m1)
    proposal = patient.read(m2)
    acceptance = patient.accept(True, ANSWER)
    confirmation = doctor.confirm(acceptance.m3)
    channel = patient.confirm(confirmation.m4)
    return Run(
        patient.m1,
        m2,
        acceptance.m3,
        confirmation.m4,
        proposal,
        acceptance,
        confirmation,
        channel,
        confirmation.channel,
    )


# --- who does not keep to the rules ----------------------------------------------------


@dataclass
class Impostor:
    """Plays the doctor with whatever he has, and checks nothing.

    Each keyword of `m2` replaces a field of the letter; None leaves it out.
    """

    doctor: Doctor = field(default_factory=Doctor)
    signer: Ed25519PrivateKey | None = None
    name: str = "impostor"

    def __post_init__(self) -> None:
        self.kem: KemKey = kem_key(seed(f"{self.name} kem"))
        self.nonce, self.seed = seed(f"{self.name} r"), seed(f"{self.name} seed")

    def m2(self, m1: bytes, **other: Any) -> bytes:
        papers = self.doctor.papers
        letter = {
            "v": 1,
            "identity": papers.identity,
            "list": papers.revocations,
            "pk": encode(self.kem.public),
            "r": encode(self.nonce),
            "seed": encode(self.seed),
            "connection": CONNECTION,
            "restarts": True,
            "offer": OFFER,
            "passkey": written(papers.passkey),
        } | other
        return self.m2_of(m1, compact(letter))

    def m2_of(self, m1: bytes, plain: bytes, about: bytes | None = None) -> bytes:
        signer = self.signer or self.doctor.device
        signature = signer.sign(hashed("m2 signature", m1 if about is None else about, plain))
        self.plain = plain
        return self.m2_sealed(m1, pad(framed(plain) + signature, LETTER_SIZES))

    def m2_sealed(self, m1: bytes, text: bytes) -> bytes:
        self.m1, self.sent = m1, seal(read_m1(m1).public_key, hashed("m2", m1), text)
        return self.sent

    def opened(self, m3: bytes) -> M3Letter:
        """What the patient wrote into M3."""
        info = hashed("m3", self.m1, self.sent)
        text = unpad(unseal(self.kem, info, m3[:-32]), LETTER_SIZES)
        return M3Letter.model_validate_json(text[4:])

    def agreed(self, m3: bytes, psk: bytes | None = None) -> Agreed:
        """The keys, as far as the PSK is known."""
        letter = self.opened(m3)
        return agree(self.m1, self.sent, m3[:-32], psk, self.seed, letter.seed)


def written(gesture: Assertion | None) -> dict[str, str] | None:
    """An assertion as M2 says it."""
    if gesture is None:
        return None
    return {name: encode(part) for name, part in asdict(gesture).items()}


def compact(letter: Mapping[str, Any]) -> bytes:
    present = {name: value for name, value in letter.items() if value is not None}
    return json.dumps(present, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Intruder:
    """Plays the patient with whatever he has, and checks nothing."""

    link: Link = field(default_factory=personal)
    name: str = "intruder"
    promised: bytes | None = None

    def __post_init__(self) -> None:
        self.kem: KemKey = kem_key(seed(f"{self.name} kem"))
        self.nonce, self.seed = seed(f"{self.name} r"), seed(f"{self.name} seed")
        self.m1 = self.signed(self.body())

    def body(self, token: str | bytes | None = None, flags: int | None = None) -> bytes:
        """M1 before the resume MAC and the signature."""
        text = self.link.token if token is None else token
        text = text.encode() if isinstance(text, str) else text
        flags = (1 if self.link.psk else 0) if flags is None else flags
        commitment = hashed("commit", self.promised or self.nonce, self.kem.public)
        message = bytes((1, flags)) + self.kem.public + commitment
        return message + public(self.holder) + len(text).to_bytes(2, "big") + text

    @property
    def holder(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.link.holder_seed)

    def signed(self, body: bytes, by: Ed25519PrivateKey | None = None) -> bytes:
        return body + (by or self.holder).sign(hashed("m1", body))

    def resuming(self, resume: bytes) -> bytes:
        """M1 that comes back into a session."""
        body = self.body(flags=3 if self.link.psk else 2)
        return self.signed(body + mac(resume, hashed("resume", body)))

    def m3(self, m2: bytes, m1: bytes | None = None, **other: Any) -> bytes:
        """M3 under this PSK, each keyword replacing a field of the letter."""
        m1 = self.m1 if m1 is None else m1
        got = self.opened(m2, m1)
        letter = {
            "v": 1,
            "r": encode(self.nonce),
            "seed": encode(self.seed),
            "restarts": True,
            "answer": ANSWER,
        } | other
        info, text = hashed("m3", m1, m2), pad(framed(compact(letter)), LETTER_SIZES)
        sealed = seal(decode(got["pk"]), info, text)
        agreed = agree(m1, m2, sealed, self.link.psk, decode(got["seed"]), self.seed)
        return sealed + agreed.patient

    def opened(self, m2: bytes, m1: bytes | None = None) -> dict[str, Any]:
        """What the doctor wrote into M2."""
        info = hashed("m2", self.m1 if m1 is None else m1)
        text = unpad(unseal(self.kem, info, m2), LETTER_SIZES)
        letter: dict[str, Any] = json.loads(text[4:-64])
        return letter
