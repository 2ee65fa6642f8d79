"""Letters on their way: those that found the far end away go once more.

Pure. Knows nothing of what is inside, and sends nothing itself.

The server refuses an envelope as `away` without saying which; it answers in order, so n
refusals mean the last n.
"""

from collections import deque

# More than a handshake and its candidates; beyond it the oldest is worth nothing.
KEPT_MAX = 32


class Post:
    """What was sent to the far end and may have to be sent again."""

    def __init__(self) -> None:
        self._sent: deque[str] = deque(maxlen=KEPT_MAX)
        self._away = 0

    def sent(self, body: str) -> None:
        """Note a letter that went to the server."""
        self._sent.append(body)

    def away(self) -> None:
        """Note that one was refused because the far end is away."""
        self._away = min(self._away + 1, len(self._sent))

    def due(self) -> tuple[str, ...]:
        """Take what is to go once more, now that the far end is there."""
        due = tuple(self._sent)[len(self._sent) - self._away :]
        self.forget()
        return due

    def forget(self) -> None:
        """Begin anew."""
        self._sent.clear()
        self._away = 0
