"""A doctor's side of the seal: which M1 is answered, who may come back, which session opens.

Pure: `dice` is an argument, papers and the judgement of links are handed in. It sends
nothing. Each M1 is answered once, and few in a row.

`clients/SCEAU.md`; who may come back into a session is in `clients/README.md`, *Letters*.
"""

import hmac
from dataclasses import dataclass, field

from signaling.ed25519 import is_signed
from signaling.messages import Id

from .channel import Kind
from .records import Message, Records, name_of
from .sealed import Answers, CheckToken, DoctorHandshake, Papers
from .sealed_letters import M1, read_m1
from .sealing import Dice, Refused, hashed, mac, read_kem_public, thumb

# Each handshake whose M4 was lost leaves one secret under which the patient may still sign;
# more in a row than this is not a network.
EARLIER_MAX = 4
# Replays that are passed over without a thought; a session has few handshakes.
ANSWERED_MAX = 64


class Secrets:
    """The resume secrets that a patient may sign an M1 under: the newest, and those before it.

    The patient's page signs under the one before until M4 has come.
    """

    def __init__(self, resume: bytes | None) -> None:
        self.newest = resume
        self._earlier: list[bytes] = []

    def agree(self, resume: bytes) -> None:
        """Note the secret of a handshake whose M3 was in order."""
        if self.newest is not None:
            self._earlier = [self.newest, *self._earlier][:EARLIER_MAX]
        self.newest = resume

    def m4_has_come(self) -> None:
        """Let go of the earlier ones."""
        self._earlier.clear()

    def forget(self) -> None:
        """Let go of all: the session is over."""
        self.newest = None
        self._earlier.clear()

    def of(self, m1: M1) -> bytes | None:
        """Find the secret that an M1 is signed under; None for a stranger's."""
        secrets = [self.newest, *self._earlier] if self.newest is not None else []
        for secret in secrets:
            wanted = mac(secret, hashed("resume", m1.before_resume))
            if hmac.compare_digest(wanted, m1.resume or b""):
                return secret
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """An M1 whose form, signature and link are in order. Nothing else is known of who sent it.

    Attributes:
        resume: the secret of the running session that it is signed under; None for a stranger's.
    """

    m1: bytes = field(repr=False)
    holder: bytes = field(repr=False)
    resume: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    name: bytes
    connection: Id
    holder: bytes
    handshake: DoctorHandshake


class DoctorSeal:
    """The handshakes of one doctor with one patient after the other."""

    def __init__(self, dice: Dice, resume: bytes | None = None) -> None:
        self.records = Records()
        self.secrets = Secrets(resume)
        self.digits = ""
        self._dice = dice
        self._answers = Answers()
        self._answered: dict[bytes, None] = {}
        self._holder: bytes | None = None
        self._under_way: _UnderWay | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether an M2 is out whose M3 has not come."""
        return self._under_way is not None

    @property
    def holder(self) -> bytes | None:
        """Thumbprint of the holder key of the patient who is met."""
        return self._holder

    def begin_call(self) -> None:
        """Forget the patient before: somebody else is called."""
        self.forget()
        self.allow_more()

    def allow_more(self) -> None:
        """Begin the count of answered M1 anew: somebody clicked, or a handshake was completed."""
        self._answers = Answers()

    def examine(self, m1: bytes, check: CheckToken, *, in_session: bool = False) -> Asked:
        """Check what can be checked of an M1 before an answer is prepared.

        Raises:
            Refused: `form`, `signature`, `token`; `twice` for one that was answered before.
        """
        asked = read_m1(m1)
        if not is_signed(hashed("m1", asked.signed), asked.signature, asked.holder):
            raise Refused("signature")
        read_kem_public(asked.public_key)
        holder = thumb(asked.holder)
        check(asked.token, holder)
        if in_session and self._holder not in (None, holder):
            raise Refused("token")
        if name_of(m1) in self._answered:
            raise Refused("twice")
        return Asked(m1, holder, self.secrets.of(asked))

    def answer(
        self,
        asked: Asked,
        papers: Papers,
        check: CheckToken,
        connection: Id,
        offer: str,
        *,
        as_resumed: bool = False,
    ) -> Message:
        """Make M2. What was under way before is void.

        Args:
            as_resumed: answer only who came with the resume secret.

        Raises:
            Refused: the M1 is not answered.
        """
        self._under_way = None
        resume = asked.resume if as_resumed else None
        if as_resumed and resume is None:
            raise Refused("resume")
        handshake = DoctorHandshake(self._dice, papers, check, self._answers, resume)
        m2 = handshake.answer(asked.m1, connection, False, offer)
        name = name_of(asked.m1)
        self._answered[name] = None
        if len(self._answered) > ANSWERED_MAX:
            self._answered.pop(next(iter(self._answered)))
        self._under_way = _UnderWay(name, connection, asked.holder, handshake)
        self._holder = asked.holder
        return Message(Kind.M2, name, m2)

    def is_of(self, name: bytes) -> bool:
        """Tell whether something belongs to the handshake that is under way."""
        return self._under_way is not None and name == self._under_way.name

    def confirm(self, m3: bytes) -> tuple[Message, Id, str]:
        """Check M3: the session is in force. Returns M4, the connection, and its answer.

        Raises:
            Refused: the handshake is over.
        """
        run, self._under_way = self._under_way, None
        if run is None:
            raise Refused("twice")
        confirmation = run.handshake.confirm(m3)
        self.records.begin(run.name, confirmation.channel)
        self.secrets.agree(confirmation.channel.resume)
        self.digits = confirmation.digits
        self.allow_more()
        return Message(Kind.M4, run.name, confirmation.m4), run.connection, confirmation.answer

    def forget(self) -> None:
        """Let go of everything of a session."""
        self._under_way, self._holder, self.digits = None, None, ""
        self._answered.clear()
        self.records.forget()
        self.secrets.forget()
