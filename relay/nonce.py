"""Nonces that are signed, not remembered: nothing is held for a client before it has proven one.

Pure. A nonce is the time of its making and a MAC over that and over who was given it; it
is good for `NONCE_LIFETIME_S`, for that client alone.

RFC 8489 §9.2. Twenty characters, so that the answer that carries it stays small.
"""

import base64
import hashlib
import hmac

from .effects import Source

NONCE_LIFETIME_S = 600  # a browser renews well within it, and answers 438 by itself
NONCE_BYTES = 20

_TIME_BYTES = 4
_MAC_BYTES = NONCE_BYTES * 3 // 4 - _TIME_BYTES


class Nonces:
    """Gives out nonces and knows them again.

    Args:
        key: at least 32 random bytes of this process.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def give(self, source: Source, now: float) -> bytes:
        """Make a nonce for a client."""
        return self._at(source, int(now))

    def know(self, nonce: bytes, source: Source, now: float) -> bool:
        """Tell whether we gave this client this nonce, not too long ago."""
        try:
            made_at = int.from_bytes(base64.urlsafe_b64decode(nonce)[:_TIME_BYTES], "big")
        except ValueError:
            return False
        # In constant time first: what is told by the time that an answer takes is its age.
        is_ours = hmac.compare_digest(self._at(source, made_at), nonce)
        return is_ours and -1 <= now - made_at <= NONCE_LIFETIME_S

    def _at(self, source: Source, made_at: int) -> bytes:
        stamp = (made_at & 0xFFFFFFFF).to_bytes(_TIME_BYTES, "big")
        said = stamp + repr(tuple(source)).encode()
        mac = hmac.digest(self._key, said, hashlib.sha256)[:_MAC_BYTES]
        return base64.urlsafe_b64encode(stamp + mac)
