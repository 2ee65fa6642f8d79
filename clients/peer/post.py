"""Letters on their way: those that found the far end away go once more, in order.

Pure. Knows nothing of what is inside, and sends nothing itself.

The server refuses an envelope as `away` without saying which. It answers in order, and who
is away stays so until heard of, so that n refusals mean the last n. For that to hold nothing
goes out after a refusal: later letters wait behind the refused ones.
"""

from collections import deque

# More than a handshake and its candidates; beyond it the oldest is worth nothing.
KEPT_MAX = 32


class Post:
    """What was written to the far end and may have to be sent again."""

    def __init__(self) -> None:
        self._sent: deque[str] = deque(maxlen=KEPT_MAX)
        self._held: deque[str] = deque(maxlen=KEPT_MAX)
        self._away = 0

    def takes(self, body: str) -> bool:
        """Note a letter; tell whether it goes to the server now. Otherwise it will be `due`."""
        if self._away:
            self._held.append(body)
            return False
        self._sent.append(body)
        return True

    def away(self) -> None:
        """Note that one was refused because the far end is away."""
        self._away = min(self._away + 1, len(self._sent))

    def due(self) -> tuple[str, ...]:
        """Take what is to go once more, now that the far end may be there."""
        due = (*tuple(self._sent)[len(self._sent) - self._away :], *self._held)
        self.forget()
        return due

    def forget(self) -> None:
        """Begin anew."""
        self._sent.clear()
        self._held.clear()
        self._away = 0
