"""Admission for `teleconsult demo`, until unions sign links and doctors.

Pure. One throwaway secret, made at start and gone with the process, stands for the
union. `teleconsult serve` cannot be given it: it takes no demo secret at all, and its
tokens open nothing there.

Tokens: `demo1.p.<queue>.<expiry, Unix seconds>.<mac>` for a patient's link, and
`demo1.d.<thumbprint>.<mac>` for a doctor, which the page mints for its own key from the
secret in the printed address. A mac is the first 16 bytes of HMAC-SHA256, base64url.
"""

import hashlib
import hmac
from collections.abc import Sequence

from .admission import Entrant, NotAdmitted
from .encoding import encode

PREFIX = "demo1."


class DemoAdmission:
    """Admits whoever holds one of the addresses that `teleconsult demo` printed.

    Args:
        secret: 32 random bytes.
        queues: every queue of the demonstration; its doctors may serve them all.
    """

    def __init__(self, secret: bytes, queues: Sequence[str]) -> None:
        self._patients = hmac.digest(secret, b"demo patients", hashlib.sha256)
        self._doctors = hmac.digest(secret, b"demo doctors", hashlib.sha256)
        self._queues = tuple(queues)

    def patient_fragment(self, queue: str, expires_at: float) -> str:
        """Return the fragment of a patient's link, which is the capability itself."""
        stem = f"{PREFIX}p.{queue}.{int(expires_at)}"
        return f"{stem}.{_mac(self._patients, stem)}"

    def doctor_fragment(self) -> str:
        """Return the fragment of the doctor's address, which carries the secret."""
        return f"{PREFIX}d.{encode(self._doctors)}"

    def doctor_token(self, key: str) -> str:
        """Mint a doctor's token for a key, as the page does from the secret."""
        stem = f"{PREFIX}d.{key}"
        return f"{stem}.{_mac(self._doctors, stem)}"

    def admit(self, token: str, key: str, now: float) -> Entrant:
        stem, _, mac = token.rpartition(".")
        if stem.startswith(f"{PREFIX}d.") and _same(token, self.doctor_token(key)):
            return Entrant("doctor", key, self._queues)
        match stem.split("."):
            case ["demo1", "p", queue, expiry] if _same(mac, _mac(self._patients, stem)):
                if int(expiry) <= now:
                    raise NotAdmitted("expired")
                return Entrant("patient", key, (queue,))
        raise NotAdmitted("not-admitted")


def _mac(key: bytes, stem: str) -> str:
    return encode(hmac.digest(key, stem.encode(), hashlib.sha256)[:16])


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())
