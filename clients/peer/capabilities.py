"""Capabilities, as the two ends read them: the signed part of a link.

Pure: `now` is an argument. The server reads the same text in its own file; here a patient's
end learns what it holds, and a doctor's end whether a patient's link leads to it.

The layout is in `clients/union/README.md`, under *Links*.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from clients.union import credentials, links
from clients.union.errors import UnionError
from signaling.ed25519 import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, is_signed
from signaling.encoding import decode, encode

from .identity import SKEW_S, TrustedUnion
from .sealing import THUMBPRINT_BYTES, Refused, thumb

PREFIX = links.PREFIX
_LABEL = b"teleconsult capability v1\n"
_VERSION, _PERSONAL, _POOL = 1, 1, 2
_TAIL = struct.Struct(">16sIIB")
_ANYBODY = bytes(THUMBPRINT_BYTES)


WAITED_MAX_S = 4 * 3600
"""Whoever came while the link was open may have waited so long: the server let him in, once."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What a capability says; nothing of it is checked but that it means something.

    Attributes:
        signer: the link public key of a personal one, the root's thumbprint of a pool's.
        queue: a pool's; "" of a personal one.
        holder: thumbprint of who may present it; None for anybody.
    """

    is_personal: bool
    signer: bytes
    queue: str
    nonce: bytes
    holder: bytes | None
    begins: int
    ends: int
    body: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def is_signed_by(self, public_key: bytes) -> bool:
        """Tell whether the holder of this key signed it."""
        return is_signed(_LABEL + self.body, self.signature, public_key)

    @property
    def union(self) -> str | None:
        """Id of the union whose doctors alone a pool's leads to; None of a personal one."""
        return None if self.is_personal else encode(self.signer)

    @property
    def leads_to(self) -> credentials.Role:
        """Whose identity is expected at its other end."""
        return "probe" if credentials.is_probe(self.queue) else "doctor"


def parse(token: str) -> Capability:
    """Read a capability's text.

    Raises:
        ValueError: another form, or one that means nothing.
    """
    if not token.startswith(PREFIX):
        raise ValueError("not a capability")
    data = decode(token.removeprefix(PREFIX))
    body, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    head, tail = body[: -_TAIL.size], body[-_TAIL.size :]
    if len(head) < 2 or head[0] != _VERSION or head[1] not in (_PERSONAL, _POOL):
        raise ValueError("not a capability of this version")
    is_personal = head[1] == _PERSONAL
    signer_bytes = PUBLIC_KEY_BYTES if is_personal else THUMBPRINT_BYTES
    signer, rest = head[2 : 2 + signer_bytes], head[2 + signer_bytes :]
    name_bytes = 0 if is_personal else 1 + (rest[0] if rest else 0)
    if len(rest) != name_bytes + links.NONCE_BYTES:
        raise ValueError("a capability of another length")
    queue = "" if is_personal else _queue(rest[1 : -links.NONCE_BYTES])
    holder, begins, ends, uses = _TAIL.unpack(tail)
    is_for_anybody = holder == _ANYBODY
    if (is_personal and is_for_anybody) or is_for_anybody != (uses == 0) or begins >= ends:
        raise ValueError("a capability that means nothing")
    return Capability(
        is_personal=is_personal,
        signer=signer,
        queue=queue,
        nonce=rest[name_bytes:],
        holder=None if is_for_anybody else holder,
        begins=begins,
        ends=ends,
        body=body,
        signature=signature,
    )


def psk_of(
    token: str, holder: bytes, link_master: bytes, unions: Iterable[TrustedUnion], now: float
) -> bytes | None:
    """Say what a link leads to: the PSK of one's own, None of a trusted union's pool.

    Args:
        holder: thumbprint of who presents it.
        link_master: makes the secrets of one's own links again.

    Raises:
        Refused: `token`: somebody else's link, or not this holder's, or not at this time.
    """
    try:
        capability = parse(token)
    except ValueError:
        raise Refused("token") from None
    if capability.is_personal:
        signer = links.link_key(link_master).public_key().public_bytes_raw()
        is_ours = capability.signer == signer
    else:
        signer = {thumb(union.root): union.root for union in unions}.get(capability.signer, b"")
        is_ours = signer != b""
    if not is_ours or not capability.is_signed_by(signer):
        raise Refused("token")
    if capability.holder not in (None, holder):
        raise Refused("token")
    if not capability.begins - SKEW_S <= now < capability.ends + WAITED_MAX_S:
        raise Refused("token")
    if not capability.is_personal:
        return None
    return links.secrets_of(links.secret_of(link_master, capability.nonce)).psk


def _queue(name: bytes) -> str:
    """Read what a union can have meant: as the server reads it, and no personal queue."""
    try:
        return credentials.check_queue(name.decode("ascii"))
    except (UnicodeDecodeError, UnionError):
        raise ValueError("a capability for no queue") from None
