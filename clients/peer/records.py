"""What travels in an envelope, and the records of the session that is in force.

Pure. A name or a kind is nobody's word: what bears another name than the handshake or
session that an end is in is passed over like what was lost. What bears the right one and
does not open is refused, and the session's keys are gone.

`clients/SCEAU.md` §6.
"""

from dataclasses import dataclass, field

from signaling.encoding import decode, encode

from . import letters
from .channel import Channel, Kind, read_envelope, write_envelope
from .letters import Letter
from .sealing import THUMBPRINT_BYTES, Refused, thumb

NAME_BYTES = THUMBPRINT_BYTES
_NAMED = {Kind.M2, Kind.M3, Kind.M4, Kind.RECORD}


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the seal out of its envelope; M1 and a knock bear no name."""

    kind: Kind
    name: bytes = b""
    body: bytes = field(default=b"", repr=False)


def name_of(m1: bytes) -> bytes:
    """Name a handshake by its M1."""
    return thumb(m1)


def put(message: Message) -> str:
    """Write a message as the body of an envelope."""
    return encode(write_envelope(message.kind, message.name + message.body))


def take(body: str) -> Message:
    """Read the body of an envelope.

    Raises:
        Refused: `form`.
    """
    kind, rest = read_envelope(_bytes(body))
    if kind not in _NAMED:
        return Message(kind, b"", rest)
    return Message(kind, *_cut(rest))


def put_named(name: bytes, body: bytes) -> str:
    """Write M2 or M3 as `propose` and `accept` carry it."""
    return encode(name + body)


def take_named(text: str) -> tuple[bytes, bytes]:
    """Read what `proposed` or `accepted` carries: name, and M2 or M3.

    Raises:
        Refused: `form`.
    """
    return _cut(_bytes(text))


def put_m1(m1: bytes) -> str:
    """Write M1 as `join` and `renew` carry it."""
    return encode(m1)


def take_m1(text: str) -> bytes:
    """Read the M1 that `called` carries.

    Raises:
        Refused: `form`.
    """
    return _bytes(text)


class Records:
    """The session in force, of the last handshake that was completed; none at first."""

    def __init__(self) -> None:
        self._name = b""
        self.channel: Channel | None = None
        self.may_write = False

    def begin(self, name: bytes, channel: Channel) -> None:
        """Go over to the session of a handshake: keys and counters are replaced together."""
        if self.channel is not None:
            self.channel.close()
        self._name, self.channel, self.may_write = name, channel, True

    def hold(self) -> None:
        """Write no more until the next session begins. What still comes is read."""
        self.may_write = False

    def forget(self) -> None:
        """Forget the keys."""
        if self.channel is not None:
            self.channel.close()
        self._name, self.channel, self.may_write = b"", None, False

    def write(self, letter: Letter) -> str | None:
        """Seal a letter as the body of an envelope; None while nothing may be written.

        Raises:
            Refused: it cannot be sealed; the session is over.
        """
        return self.write_text(letters.write(letter))

    def write_text(self, text: str) -> str | None:
        """Seal any text so, as `write` does.

        Raises:
            Refused: as `write` does.
        """
        if self.channel is None or not self.may_write:
            return None
        try:
            record = self.channel.write(text)
        except Refused:
            self.forget()
            raise
        return put(Message(Kind.RECORD, self._name, record))

    def is_of(self, message: Message) -> bool:
        """Tell whether a record is of the session in force."""
        return self.channel is not None and message.name == self._name

    def read(self, message: Message) -> Letter | None:
        """Open a record; None where it is of another session, or of a newer far end's kind.

        Raises:
            Refused: the session is over.
        """
        text = self.read_text(message)
        return None if text is None else letters.understood(text)

    def read_text(self, message: Message) -> str | None:
        """Open a record; None where it is of another session.

        Raises:
            Refused: the session is over.
        """
        if self.channel is None or message.name != self._name:
            return None
        try:
            return self.channel.read(message.body)
        except Refused:
            self.forget()
            raise


def _cut(text: bytes) -> tuple[bytes, bytes]:
    if len(text) < NAME_BYTES:
        raise Refused("form")
    return text[:NAME_BYTES], text[NAME_BYTES:]


def _bytes(text: str) -> bytes:
    try:
        return decode(text)
    except ValueError:
        raise Refused("form") from None
