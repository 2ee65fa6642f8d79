"""Capabilities: the signed part of a link, which certifies itself.

Pure, and without memory: no database of links exists. A personal capability is signed by
the link key that it carries, and its queue *is* that key's thumbprint; a pool capability
is signed by a union's root. The secret beside it never comes here.

Layout, big-endian, after `cap1.` in base64url: version 1, kind 1; personal: link public
key 32, nonce 8; pool: signer's thumbprint 16, length 1, queue, nonce 8; both: holder's
thumbprint 16 (zeros: anybody), not before 4, end 4, uses 1, Ed25519 signature 64.
"""

import re
import struct
from dataclasses import dataclass

from .admission import NotAdmitted, thumbprint
from .ed25519 import PUBLIC_KEY_BYTES, SIGNATURE_BYTES, is_signed
from .encoding import decode, encode

PREFIX = "cap1."
_LABEL = b"teleconsult capability v1\n"
_VERSION, _PERSONAL, _POOL = 1, 1, 2
_THUMBPRINT_BYTES, _NONCE_BYTES = 16, 8
_TAIL = struct.Struct(">16sIIB")
_ANYBODY = bytes(_THUMBPRINT_BYTES)
_QUEUE = re.compile(r"[A-Za-z0-9_-]{1,63}")
_HANDLE = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")


@dataclass(frozen=True, slots=True)
class Capability:
    """What a capability says, and what its signature covers. Nothing is checked yet.

    Attributes:
        signer: the link public key (personal), or a thumbprint (pool).
        holder: thumbprint of who may present it; empty for anybody.
        uses: how many sessions it may start; 0 is not counted.
    """

    is_personal: bool
    signer: bytes
    queue: str
    holder: str
    begins: int
    ends: int
    uses: int
    body: bytes
    signature: bytes

    def is_signed_by(self, public_key: bytes) -> bool:
        """Tell whether the holder of this key signed it."""
        return is_signed(_LABEL + self.body, self.signature, public_key)


def parse(token: str) -> Capability:
    """Read a capability's text.

    Raises:
        NotAdmitted: another form, or a combination that means nothing: a personal link
            for anybody, a count without a holder, a holder without a count, an end that
            is not after the beginning, a pool queue that looks like a personal one.
    """
    if not token.startswith(PREFIX):
        raise NotAdmitted("not-admitted")
    try:
        data = decode(token.removeprefix(PREFIX))
    except ValueError:
        raise NotAdmitted("not-admitted") from None
    body, signature = data[:-SIGNATURE_BYTES], data[-SIGNATURE_BYTES:]
    head, tail = body[: -_TAIL.size], body[-_TAIL.size :]
    if len(head) < 2 or head[0] != _VERSION or head[1] not in (_PERSONAL, _POOL):
        raise NotAdmitted("not-admitted")
    is_personal = head[1] == _PERSONAL
    signer, queue = _personal(head[2:]) if is_personal else _pool(head[2:])
    holder, begins, ends, uses = _TAIL.unpack(tail)
    is_for_anybody = holder == _ANYBODY
    if (is_personal and is_for_anybody) or is_for_anybody != (uses == 0) or begins >= ends:
        raise NotAdmitted("not-admitted")
    return Capability(
        is_personal=is_personal,
        signer=signer,
        queue=queue,
        holder="" if is_for_anybody else encode(holder),
        begins=begins,
        ends=ends,
        uses=uses,
        body=body,
        signature=signature,
    )


def looks_personal(queue: str) -> bool:
    """Tell whether a queue's name could be the hash of a link key, which a union's may not."""
    return _HANDLE.fullmatch(queue) is not None


def _personal(head: bytes) -> tuple[bytes, str]:
    if len(head) != PUBLIC_KEY_BYTES + _NONCE_BYTES:
        raise NotAdmitted("not-admitted")
    key = head[:PUBLIC_KEY_BYTES]
    return key, thumbprint(key)


def _pool(head: bytes) -> tuple[bytes, str]:
    signer, rest = head[:_THUMBPRINT_BYTES], head[_THUMBPRINT_BYTES:]
    if not rest or len(rest) != 1 + rest[0] + _NONCE_BYTES:
        raise NotAdmitted("not-admitted")
    queue = rest[1 : 1 + rest[0]].decode("ascii", errors="replace")
    if not _QUEUE.fullmatch(queue) or looks_personal(queue):
        raise NotAdmitted("not-admitted")
    return signer, queue
