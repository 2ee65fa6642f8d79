"""The doctor's side of the handshake: which M1 was answered, and who may come back.

Pure. Sends nothing; what an M1 without the right code leads to is `doctor.py`'s to say.

The letters are in `clients/README.md`.
"""

from dataclasses import dataclass

from signaling.messages import Id

from .letters import M1, M3, BadLetter, read
from .proof import may_resume

# Each handshake whose `ready` was lost leaves one secret under which the patient may still
# sign; more in a row than this is not a network.
EARLIER_MAX = 4


@dataclass(slots=True)
class Handshake:
    """One M1 and the M2 that answers it; `is_done` once its M3 was in order."""

    m1: M1
    connection: Id
    is_done: bool = False


class Secrets:
    """The resume secrets that a patient may sign an M1 under: the newest, and those before it.

    The patient's page signs under the one before until *ready* has come.
    """

    def __init__(self, resume: bytes | None) -> None:
        self.newest = resume
        self._earlier: list[bytes] = []

    def agree(self, resume: bytes) -> None:
        """Note the secret of an M3 that was in order."""
        if self.newest is not None:
            self._earlier = [self.newest, *self._earlier][:EARLIER_MAX]
        self.newest = resume

    def ready_has_come(self) -> None:
        """Let go of the earlier ones."""
        self._earlier.clear()

    def forget(self) -> None:
        """Let go of all: the session is over."""
        self.newest = None
        self._earlier.clear()

    def know(self, m1: M1) -> bool:
        """Tell whether an M1 comes from who agreed on one of them."""
        secrets = [self.newest, *self._earlier] if self.newest is not None else []
        return any(secret and may_resume(secret, m1.nonce, m1.resume) for secret in secrets)


def as_m1(body: str) -> M1 | None:
    """Read a body that should be an M1; None for anything else."""
    try:
        letter = read(body)
    except BadLetter:
        return None
    return letter if isinstance(letter, M1) else None


def as_m3(body: str) -> M3 | None:
    """Read a body that should be an M3; None for anything else."""
    try:
        letter = read(body)
    except BadLetter:
        return None
    return letter if isinstance(letter, M3) else None
