"""What the handshake of the seal writes and reads: M1, and the letters in M2 and M3.

Pure. What parses is well-formed, not to be believed: signatures, tokens and commitments are
`sealed.py`'s to check. Here too is what both ends compute alike: the key and the digits.

`clients/SCEAU.md` §3 to §5. Unknown keys in a letter are ignored.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from signaling import encoding
from signaling.ed25519 import PUBLIC_KEY_BYTES
from signaling.messages import ENVELOPE_MAX_CHARS, Id

from .passkeys import (
    CLIENT_MAX_BYTES,
    DATA_MAX_BYTES,
    DATA_MIN_BYTES,
    LEFT_OUT,
    SIGNATURE_MAX_BYTES,
    SIGNATURE_MIN_BYTES,
    Assertion,
)
from .sealing import (
    HASH_BYTES,
    KEM_PUBLIC_BYTES,
    NAME,
    SEED_BYTES,
    SIGNATURE_BYTES,
    KemKey,
    Refused,
    expand,
    extract,
    hashed,
    mac,
    read_object,
    thumb,
    utf8,
)

VERSION = 1
LETTER_SIZES = (8192, 16384)
TOKEN_MAX_BYTES = 1024
PSK_BYTES = 32
NO_PSK = bytes(PSK_BYTES)

_HAS_PSK = 0b01
_HAS_RESUME = 0b10
_FIXED_BYTES = 2 + KEM_PUBLIC_BYTES + HASH_BYTES + PUBLIC_KEY_BYTES + 2


MemberRole = Literal["patient", "guest"]
Role = Literal["patient", "doctor", "guest"]


@dataclass(frozen=True, slots=True)
class Far:
    """Who must answer, in a session of more than two.

    Attributes:
        key: thumbprint of a doctor's device key, of anybody else's holder key; None for a
            doctor of whom nothing is known yet.
    """

    role: Role
    key: bytes | None


@dataclass(frozen=True, slots=True)
class Link:
    """What one who asks has beforehand: of a link, or of an invitation.

    Attributes:
        handle: of the doctor whose own link it is.
        far: who was named, where it is an invitation; a patient's link names nobody.
    """

    token: str
    holder_seed: bytes = field(repr=False)
    psk: bytes | None = field(default=None, repr=False)
    handle: bytes | None = None
    far: Far | None = None


def personal_link(token: str, secret: bytes, link_public_key: bytes) -> Link:
    """A doctor's own link: its secret gives the holder key and the PSK."""
    key = extract(NAME, secret)
    return Link(token, expand(key, "holder"), expand(key, "psk"), thumb(link_public_key))


def pool_link(token: str, holder_seed: bytes) -> Link:
    """A link without a secret: the page made its own holder seed."""
    return Link(token, holder_seed)


def counted_pool_link(token: str, secret: bytes) -> Link:
    """A pool's link for one holder: the secret gives the holder key and no PSK."""
    return Link(token, expand(extract(NAME, secret), "holder"))


@dataclass(frozen=True, slots=True)
class M1:
    """What a patient asks with. `signed` is all of it before the signature."""

    has_psk: bool
    public_key: bytes
    commitment: bytes
    holder: bytes
    token: str
    resume: bytes | None
    before_resume: bytes
    signed: bytes
    signature: bytes


def read_m1(message: bytes) -> M1:
    """Take an M1 apart; nothing in it is believed yet.

    Raises:
        Refused: `form`.
    """
    if len(message) < _FIXED_BYTES or message[0] != VERSION:
        raise Refused("form")
    flags = message[1]
    if flags & ~(_HAS_PSK | _HAS_RESUME):
        raise Refused("form")
    size = int.from_bytes(message[_FIXED_BYTES - 2 : _FIXED_BYTES], "big")
    resume_at = _FIXED_BYTES + size
    signature_at = resume_at + (HASH_BYTES if flags & _HAS_RESUME else 0)
    if not 1 <= size <= TOKEN_MAX_BYTES or len(message) != signature_at + SIGNATURE_BYTES:
        raise Refused("form")
    try:
        token = message[_FIXED_BYTES:resume_at].decode("ascii")
    except UnicodeDecodeError:
        raise Refused("form") from None
    commitment_at = 2 + KEM_PUBLIC_BYTES
    holder_at = commitment_at + HASH_BYTES
    return M1(
        has_psk=bool(flags & _HAS_PSK),
        public_key=message[2:commitment_at],
        commitment=message[commitment_at:holder_at],
        holder=message[holder_at : _FIXED_BYTES - 2],
        token=token,
        resume=message[resume_at:signature_at] or None,
        before_resume=message[:resume_at],
        signed=message[:signature_at],
        signature=message[signature_at:],
    )


def _of_base64url(size: int, most: int = 0) -> BeforeValidator:
    """Bytes of `size`, or of anything between `size` and `most`."""

    def decoded(text: Any) -> bytes:
        data = encoding.decode(text) if isinstance(text, str) else b""
        if not size <= len(data) <= (most or size):
            raise ValueError("another length")
        return data

    return BeforeValidator(decoded)


_Random = Annotated[bytes, _of_base64url(SEED_BYTES)]
_KemPublic = Annotated[bytes, _of_base64url(KEM_PUBLIC_BYTES)]
Psk = Annotated[bytes, _of_base64url(PSK_BYTES)]
_Sdp = Annotated[str, Field(min_length=1, max_length=ENVELOPE_MAX_CHARS)]


class _Letter(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    v: Literal[1]


class _Passkey(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    data: Annotated[bytes, _of_base64url(DATA_MIN_BYTES, DATA_MAX_BYTES)]
    client: Annotated[bytes, _of_base64url(1, CLIENT_MAX_BYTES)]
    signature: Annotated[bytes, _of_base64url(SIGNATURE_MIN_BYTES, SIGNATURE_MAX_BYTES)]


class _Answer(_Letter):
    pk: _KemPublic
    r: _Random
    seed: _Random
    connection: Id
    restarts: bool
    offer: _Sdp


class M2Letter(_Answer):
    identity: str
    revocations: str = Field(alias="list")
    passkey: Annotated[_Passkey | None, LEFT_OUT] = None

    @property
    def assertion(self) -> Assertion | None:
        """The doctor's gesture, if there is one."""
        if self.passkey is None:
            return None
        return Assertion(self.passkey.data, self.passkey.client, self.passkey.signature)


def _present(value: Any) -> None:
    raise ValueError("has no place here")


_Absent = Annotated[None, BeforeValidator(_present)]


class MemberLetter(_Answer):
    """What a patient or a guest answers with: nobody vouches for him."""

    member: MemberRole
    holder: Annotated[bytes, _of_base64url(PUBLIC_KEY_BYTES)]
    identity: _Absent = None
    revocations: _Absent = Field(default=None, alias="list")
    passkey: _Absent = None


class M3Letter(_Letter):
    r: _Random
    seed: _Random
    restarts: bool
    answer: _Sdp


L = TypeVar("L", bound=_Letter)


def read_letter(kind: type[L], text: bytes) -> L:
    value = read_object(text)
    # In JSON true is not 1, in Python it is.
    if isinstance(value.get("v"), bool):
        raise Refused("form")
    try:
        return kind.model_validate(value)
    except ValidationError:
        raise Refused("form") from None


Value = str | int | bool | bytes | Mapping[str, bytes]


def write_letter(**fields: Value | None) -> bytes:
    """Write a letter; what is None is left out."""
    plain = {name: _written(value) for name, value in fields.items() if value is not None}
    return utf8(json.dumps(plain, ensure_ascii=False, separators=(",", ":")))


def _written(value: Value) -> object:
    if isinstance(value, Mapping):
        return {name: encoding.encode(part) for name, part in value.items()}
    return encoding.encode(value) if isinstance(value, bytes) else value


def cut(text: bytes, after: int) -> tuple[bytes, bytes]:
    """Cut lp(json) and exactly `after` bytes more apart."""
    size = int.from_bytes(text[:4], "big")
    if len(text) != 4 + size + after:
        raise Refused("form")
    return text[4 : 4 + size], text[4 + size :]


def digits_of(patient: bytes, doctor: bytes, m1: bytes, m2_json: bytes) -> str:
    """Six digits, of nothing but what was fixed before either nonce was seen."""
    code = mac(patient + doctor, hashed("digits", m1, m2_json))
    return f"{int.from_bytes(code[:8], 'big') % 1_000_000:06d}"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both ends hold once M3 is made: `k`, and the two confirmations."""

    key: bytes = field(repr=False)
    patient: bytes = field(repr=False)
    doctor: bytes = field(repr=False)


def agree(
    m1: bytes, m2: bytes, sealed: bytes, psk: bytes | None, doctor: bytes, patient: bytes
) -> Agreed:
    transcript = hashed("transcript", m1, m2, sealed)
    key = extract(transcript, (psk or NO_PSK) + doctor + patient)
    return Agreed(
        key,
        mac(expand(key, "confirm patient"), transcript),
        mac(expand(key, "confirm doctor"), transcript),
    )


def write_m1(kem: KemKey, nonce: bytes, link: Link, resume: bytes | None) -> bytes:
    holder = Ed25519PrivateKey.from_private_bytes(link.holder_seed)
    token = link.token.encode("ascii")
    flags = (_HAS_PSK if link.psk is not None else 0) | (_HAS_RESUME if resume else 0)
    message = bytes((VERSION, flags)) + kem.public + hashed("commit", nonce, kem.public)
    message += holder.public_key().public_bytes_raw() + len(token).to_bytes(2, "big") + token
    if resume:
        message += mac(resume, hashed("resume", message))
    return message + holder.sign(hashed("m1", message))
