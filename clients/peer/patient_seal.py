"""A patient's side of the seal: which M1 is out, what an M2 proposes, which session it opens.

Pure: `dice` is an argument, and so is whoever judges credentials. It sends nothing. One M1
opens one M2 and yields one M3; a fresh M1 makes the one before worthless.

`clients/SCEAU.md`; how a page keeps the resume secret is in `clients/README.md`.
"""

import hmac
from dataclasses import dataclass, field

from signaling.messages import Id

from .identity import Identity
from .letters import Card
from .records import Records, name_of
from .sealed import CheckIdentity, PatientHandshake
from .sealed_letters import Link
from .sealing import Dice, Refused, hashed, mac

MARK_BYTES = 16


def mark_of(resume: bytes, device_key: bytes) -> bytes:
    """Mark the doctor who was accepted: who has not the resume secret learns nothing by it."""
    return mac(resume, hashed("doctor", device_key))[:MARK_BYTES]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a patient is shown of the doctor who calls, and may say yes to.

    Attributes:
        union: name of the union that vouches for the doctor.
        digits: six, the same at both ends if nobody is in between.
        is_known: whether this is the doctor whom the patient had accepted in this session.
    """

    card: Card
    union: str
    digits: str
    connection: Id
    is_known: bool
    offer: str = field(repr=False)
    device_key: bytes = field(repr=False)
    name: bytes = field(repr=False)


class PatientSeal:
    """The handshakes of one patient, one after the other.

    Attributes:
        name: of the handshake that is under way; empty where there is none.
        resume: the secret that is to stand in the address.
        doctor: device key of the doctor who was accepted; a session is with no other.
        digits: of the handshake that was accepted last.

    Args:
        check: judges a credential and a list.
        resume: secret that stood in the address.
        mark: of the doctor, that stood beside it.
    """

    def __init__(
        self,
        link: Link,
        dice: Dice,
        check: CheckIdentity,
        resume: bytes | None = None,
        mark: bytes | None = None,
    ) -> None:
        self.records = Records()
        self.digits = ""
        self.resume, self._mark = resume, mark
        self._link, self._dice, self._check = link, dice, check
        self._union = ""
        self.doctor: bytes | None = None
        self._handshake: PatientHandshake | None = None
        self.name = b""

    @property
    def mark(self) -> bytes | None:
        """What is to stand beside the resume secret: by it a reloaded page knows the doctor."""
        if self.resume is None:
            return None
        return self._mark if self.doctor is None else mark_of(self.resume, self.doctor)

    def fresh_m1(self, *, in_session: bool = False) -> bytes:
        """Begin anew. Inside a session M1 is signed under the resume secret of the address."""
        resume = self.resume if in_session else None
        if in_session:
            self.records.hold()
        self._handshake = PatientHandshake(self._dice, self._link, self._judge, resume)
        self.name = name_of(self._handshake.m1)
        return self._handshake.m1

    def is_of(self, name: bytes) -> bool:
        """Tell whether something answers the last M1."""
        return self._handshake is not None and name == self.name

    def read(self, m2: bytes, *, in_session: bool = False) -> Proposal:
        """Check the doctor's M2; only what it returns may be shown.

        Inside a session whoever is not known was accepted by nobody: he waits for the patient's
        word, as in a call.

        Raises:
            Refused: the handshake is over.
        """
        found = self._running().read(m2)
        is_known = in_session and self._is_accepted(found.device_key)
        return Proposal(
            found.card,
            self._union,
            found.digits,
            found.connection,
            is_known,
            found.offer,
            found.device_key,
            self.name,
        )

    def accept(self, proposal: Proposal, answer: str, *, in_session: bool = False) -> bytes:
        """Make M3. The address is to be kept before it is sent: it has the resume secret.

        Raises:
            Refused: the handshake is over, or was for another proposal.
        """
        if proposal.name != self.name:
            raise Refused("twice")
        acceptance = self._running().accept(False, answer)
        if not in_session or self.resume is None:
            # Inside a session the secret before stays until M4 is here: should this M3 be
            # lost, the doctor knows no other.
            self.resume = acceptance.resume
        self.doctor, self.digits = proposal.device_key, proposal.digits
        return acceptance.m3

    def confirm(self, m4: bytes) -> None:
        """Check the doctor's M4: the session is in force, and records may be written.

        Raises:
            Refused: the handshake is over.
        """
        handshake, name = self._running(), self.name
        self.drop()
        channel = handshake.confirm(m4)
        self.records.begin(name, channel)
        self.resume = channel.resume

    def drop(self) -> None:
        """Let go of the handshake that is under way."""
        self._handshake, self.name = None, b""

    def forget(self) -> None:
        """Let go of everything of a session."""
        self.drop()
        self.records.forget()
        self.resume, self.doctor, self.digits = None, None, ""
        self._mark = None

    def _is_accepted(self, device_key: bytes) -> bool:
        """Tell whether this is the doctor who was accepted; False where nobody is known to be.

        Raises:
            Refused: `handle`: it is another one. Of a pool he would do, but nobody has asked.
        """
        if self.doctor is not None:
            is_same = device_key == self.doctor
        elif self.resume is not None and self._mark is not None:
            is_same = hmac.compare_digest(self._mark, mark_of(self.resume, device_key))
        else:
            return False
        if not is_same:
            self.drop()
            raise Refused("handle")
        return True

    def _running(self) -> PatientHandshake:
        if self._handshake is None:
            raise Refused("twice")
        return self._handshake

    def _judge(self, credential: str, revocations: str) -> Identity:
        vouched = self._check(credential, revocations)
        self._union = vouched.union
        return vouched
