"""Wire messages: one strict table each way between JSON text and values.

Pure, and without knowledge of queues: a message that parses is well-formed, not
allowed. What may be said when is in `conversation.py`; what it does, in
`waiting_room.py`.

`PROTOCOL.md` is the same table in words; its examples are run through this file.
Sizes are counted in characters of base64url (RFC 4648 §5, without padding), the only
alphabet in which a body may travel.
"""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

# A whole frame. The largest message is `accepted` with an M3, below 34 KiB.
FRAME_MAX_BYTES = 48 * 1024
# M1 carries an X-Wing public key (1216 bytes), a capability and padding.
M1_MAX_CHARS = 4 * 1024
# M2 and M3 carry a session description: 7 KiB from Chromium for audio, video and data,
# padded to 16 KiB before it is sealed, and base64url.
M2_MAX_CHARS = M3_MAX_CHARS = 32 * 1024
# One record: a description or a handful of candidates, padded.
ENVELOPE_MAX_CHARS = 32 * 1024
# A sealed card by which colleagues recognise each other.
CARD_MAX_CHARS = 2 * 1024
# A federation has 63 queues; a doctor serves one territory and a few more.
QUEUES_MAX = 64
# What a doctor's board shows; the rest is a number.
BOARD_TICKETS_MAX = 50
# Patient, doctor, and two more (relative, interpreter, colleague).
MEMBERS_MAX = 4
# UDP, TCP and TLS over two families, and two to spare.
RELAY_URLS_MAX = 8

_BASE64URL = r"[A-Za-z0-9_-]"

# Sixteen bytes leave four bits of the last character unused: they are zero, so that no two
# spellings mean the same bytes.
_SIXTEEN_BYTES = rf"^{_BASE64URL}{{21}}[AQgw]$"

Id = Annotated[str, StringConstraints(pattern=_SIXTEEN_BYTES)]
"""Sixteen random bytes, base64url."""

Key = Annotated[str, StringConstraints(pattern=_SIXTEEN_BYTES)]
"""Thumbprint of a public key: SHA-256, first sixteen bytes, base64url."""

QueueName = Annotated[str, StringConstraints(pattern=rf"^{_BASE64URL}{{1,63}}$")]
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,1024}$")]
RelayUrl = Annotated[
    str,
    StringConstraints(
        pattern=r"^turns?:([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):[0-9]{1,5}"
        r"\?transport=(udp|tcp)$"
    ),
]
"""RFC 7065, with port and transport always said."""

Proof = Annotated[str, StringConstraints(pattern=rf"^{_BASE64URL}{{128}}$")]
"""An Ed25519 public key (32 bytes) and its signature (64 bytes), base64url."""

M1 = Annotated[str, StringConstraints(pattern=rf"^{_BASE64URL}+$", max_length=M1_MAX_CHARS)]
M2 = Annotated[str, StringConstraints(pattern=rf"^{_BASE64URL}+$", max_length=M2_MAX_CHARS)]
M3 = Annotated[str, StringConstraints(pattern=rf"^{_BASE64URL}+$", max_length=M3_MAX_CHARS)]
Body = Annotated[str, StringConstraints(pattern=rf"^{_BASE64URL}+$", max_length=ENVELOPE_MAX_CHARS)]
Card = Annotated[str, StringConstraints(pattern=rf"^{_BASE64URL}+$", max_length=CARD_MAX_CHARS)]

Seconds = Annotated[
    float,
    Field(ge=0, lt=1e11, allow_inf_nan=False),
    AfterValidator(lambda seconds: round(seconds, 3)),
]
"""Seconds since 1970 on the server's clock, to the millisecond."""

DutyState = Literal["on", "draining", "off"]
MemberRole = Literal["patient", "doctor", "guest", "colleague"]
InviteRole = Literal["guest", "colleague"]
MediaPath = Literal["direct", "relayed", "unconnected"]
"""How a member's media went to the first far end; unconnected where none ever came."""

Outcome = Literal[
    "declined",  # the patient asked for another doctor
    "late",  # the doctor's M2 or the patient's answer came after the deadline
    "lost",  # the other's socket was lost while calling
    "withdrawn",  # the doctor took the call back
    "left",  # somebody said good-bye
    "excluded",  # a member was shown out
    "requeued",  # the patient is back in the queue, at the old place
    "expired",  # nobody renewed the pass
    "drained",  # the last patient was served; the doctor is off duty
    "replaced",  # a newer socket took over
    "closing",  # the server is stopping
]

RefusalCode = Literal[
    "malformed",
    "out-of-turn",
    "unproven",
    "not-admitted",
    "ended",
    "expired",
    "early",
    "revoked",
    "spent",
    "full",
    "off-duty",
    "no-patient",
    "no-call",
    "no-session",
    "away",
    "rebuilding",
    "unavailable",
    "too-fast",
    "internal",
]


class Malformed(ValueError):
    """The text is not a message of the table. Its sentence carries nothing of the text."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# --- to the server -------------------------------------------------------------------


class Join(_Message):
    """Enter with a capability, an access credential or a pass, proven over the challenge."""

    type: Literal["join"] = "join"
    token: Token
    proof: Proof
    keep_pass: Token | None = None
    m1: M1 | None = None


class Renew(_Message):
    """Sign of life: slides the pass and may bring a fresh M1."""

    type: Literal["renew"] = "renew"
    m1: M1 | None = None


class Duty(_Message):
    """Go on duty for these queues, finish with the last patient, or stop."""

    type: Literal["duty"] = "duty"
    state: DutyState
    queues: Annotated[tuple[QueueName, ...], Field(max_length=QUEUES_MAX, strict=False)] = ()
    card: Card | None = None


class Call(_Message):
    """Call the first of all one's queues, of one queue, or one ticket."""

    type: Literal["call"] = "call"
    queue: QueueName | None = None
    ticket: Id | None = None

    @model_validator(mode="after")
    def _names_one_at_most(self) -> Self:
        if self.queue is not None and self.ticket is not None:
            raise ValueError("call names a queue or a ticket, not both")
        return self


class Propose(_Message):
    type: Literal["propose"] = "propose"
    call: Id
    m2: M2


class Accept(_Message):
    type: Literal["accept"] = "accept"
    call: Id
    m3: M3


class Envelope(_Message):
    """Address and sealed body. To the server `member` is the far end, from it the sender."""

    type: Literal["envelope"] = "envelope"
    member: Id
    body: Body


class Invite(_Message):
    """Ask for a single-use seat: for a guest, or for the colleague `to`."""

    type: Literal["invite"] = "invite"
    role: InviteRole
    to: Key | None = None

    @model_validator(mode="after")
    def _colleague_is_named(self) -> Self:
        if (self.role == "colleague") != (self.to is not None):
            raise ValueError("an invited colleague is named, a guest is not")
        return self


class Leave(_Message):
    """Decline or withdraw a call, give up a place, or end a session."""

    type: Literal["leave"] = "leave"
    what: Literal["call", "queue", "session"]
    member: Id | None = None
    then: Literal["end", "requeue"] = "end"
    path: MediaPath | None = None

    @model_validator(mode="after")
    def _only_sessions_have_members(self) -> Self:
        is_more = self.member is not None or self.then != "end" or self.path is not None
        if self.what != "session" and is_more:
            raise ValueError("member, then and path belong to a session")
        return self


ClientMessage = Annotated[
    Join | Renew | Duty | Call | Propose | Accept | Envelope | Invite | Leave,
    Field(discriminator="type"),
]

# --- from the server -----------------------------------------------------------------


class Relay(_Message):
    """A relay and its time-limited password (TURN REST); whether no other path may be tried."""

    urls: Annotated[
        tuple[RelayUrl, ...], Field(min_length=1, max_length=RELAY_URLS_MAX, strict=False)
    ]
    username: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    expires_at: Seconds
    only: bool


class Member(_Message):
    member: Id
    role: MemberRole


class Waiting(_Message):
    """One ticket on a doctor's board."""

    ticket: Id
    queue: QueueName
    place: Annotated[int, Field(ge=1)]
    since: Seconds
    awake: bool


class Hello(_Message):
    type: Literal["hello"] = "hello"
    challenge: Id
    now: Seconds


class Joined(_Message):
    """Entered, or renewed. A doctor on duty holds no pass: the credential is the way back."""

    type: Literal["joined"] = "joined"
    token: Token | None = Field(default=None, alias="pass")
    queues: Annotated[tuple[QueueName, ...], Field(max_length=QUEUES_MAX, strict=False)] = ()
    relay: Relay | None = None
    now: Seconds

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True
    )


class Board(_Message):
    """The queue as its reader may see it: a place for a patient, tickets for a doctor.

    `band`: one of `bands.Band`, or a word that a newer server says. `closed`: the patient's
    queue takes nobody new; who waits in it is still called.
    """

    type: Literal["board"] = "board"
    doctors: Annotated[int, Field(ge=0)]
    place: Annotated[int, Field(ge=1)] | None = None
    band: Annotated[str, Field(max_length=16)] | None = None
    closed: bool | None = None
    waiting: Annotated[int, Field(ge=0)] | None = None
    tickets: (
        Annotated[tuple[Waiting, ...], Field(max_length=BOARD_TICKETS_MAX, strict=False)] | None
    ) = None
    colleagues: Annotated[tuple[Card, ...], Field(max_length=QUEUES_MAX, strict=False)] | None = (
        None
    )


class Called(_Message):
    type: Literal["called"] = "called"
    call: Id
    ticket: Id
    m1: M1
    relay: Relay | None = None
    deadline: Seconds


class Proposed(_Message):
    """To the patient the M2; to the doctor, without it, that it is on its way and until when."""

    type: Literal["proposed"] = "proposed"
    call: Id
    m2: M2 | None = None
    deadline: Seconds


class Accepted(_Message):
    """The session starts, or its members changed (then without a pass), or you are back."""

    type: Literal["accepted"] = "accepted"
    session: Id
    token: Token | None = Field(default=None, alias="pass")
    relay: Relay | None = None
    member: Id
    members: Annotated[tuple[Member, ...], Field(max_length=MEMBERS_MAX, strict=False)]
    m3: M3 | None = None

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True
    )


class Invited(_Message):
    type: Literal["invited"] = "invited"
    token: Token = Field(alias="pass")
    role: InviteRole

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, populate_by_name=True, serialize_by_alias=True
    )


class Ended(_Message):
    type: Literal["ended"] = "ended"
    what: Literal["call", "queue", "session", "duty", "socket"]
    outcome: Outcome


class Refused(_Message):
    """A code for machines, a sentence for people, and what was refused; of an envelope, whose."""

    type: Literal["refused"] = "refused"
    code: RefusalCode
    text: str
    of: str | None = None
    member: Id | None = None
    retry_s: Annotated[float, Field(ge=0)] | None = None


ServerMessage = Annotated[
    Hello | Joined | Board | Called | Proposed | Accepted | Envelope | Invited | Ended | Refused,
    Field(discriminator="type"),
]

_M = TypeVar("_M")

_FROM_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)
_FROM_SERVER: TypeAdapter[ServerMessage] = TypeAdapter(ServerMessage)


def parse(text: str | bytes) -> ClientMessage:
    """Read what a client said.

    Raises:
        Malformed: not JSON, an unknown type or key, a wrong type, or over its bound.
    """
    return _parsed(_FROM_CLIENT, text, "forbid")


def parse_from_server(text: str | bytes) -> ServerMessage:
    """Read what the server said, ignoring keys that a newer server may have added.

    Raises:
        Malformed: as `parse` does.
    """
    return _parsed(_FROM_SERVER, text, "ignore")


def serialise(message: BaseModel) -> str:
    """Write a message as it travels; absent fields are left out."""
    return message.model_dump_json(exclude_none=True)


def _parsed(adapter: TypeAdapter[_M], text: str | bytes, extra: Literal["forbid", "ignore"]) -> _M:
    try:
        return adapter.validate_json(text, extra=extra)
    except (ValidationError, UnicodeError):
        # `from None`: pydantic's error quotes the input.
        raise Malformed("not a message of this protocol") from None
