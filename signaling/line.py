"""One socket: what its person may say, what he is told, and in which order.

A door: it owns the WebSocket. Everything about queues and calls is the waiting room's;
a line turns text into messages, checks pace and turn, and carries answers out.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import WebSocketError, WSCloseCode, WSMsgType, web

from .admission import Admission, NotAdmitted, holder_of
from .broker import Desk, NoSession
from .conversation import Conversation
from .journal import Journal
from .limits import Networks
from .messages import (
    Accepted,
    Board,
    Call,
    ClientMessage,
    Duty,
    Ended,
    Envelope,
    Hello,
    Join,
    Malformed,
    RefusalCode,
    Refused,
    Renew,
    ServerMessage,
    parse,
    serialise,
)
from .pace import Bucket
from .passes import PREFIX as PASS_PREFIX
from .passes import claimed_kind
from .people import Entered, Person, Refusal
from .settings import Settings
from .store import Store, StoreAway
from .waiting_room import WaitingRoom

_LAST_WORDS_S = 2.0
"""A socket that is closing may take this long to read what it is told last."""

SENTENCES: dict[RefusalCode, str] = {
    "malformed": "This is not a message of this protocol.",
    "out-of-turn": "This message does not fit here and changed nothing.",
    "unproven": "The proof does not go with this challenge, origin and token.",
    "not-admitted": "This token opens nothing here.",
    "ended": "What this pass stood for is over.",
    "expired": "The time of this token is over.",
    "early": "The time of this token has not come yet.",
    "revoked": "The union does not vouch for this credential at the moment.",
    "spent": "This link was used already.",
    "full": "There is no place left.",
    "off-duty": "That needs a doctor on duty for this queue.",
    "no-patient": "Nobody can be called at the moment.",
    "no-call": "There is no such call, or it is over.",
    "no-session": "There is no such session, or no such member in it.",
    "away": "The far end is not connected at the moment. Send it again later.",
    "rebuilding": "The queue was lost and is coming back, in its order. Nobody can be called yet.",
    "unavailable": "The waiting room does not answer at the moment. Nothing may have changed.",
    "too-fast": "Too much at once, from here or from this network. Come back slower.",
    "internal": "Something went wrong here. It was counted, without any content.",
}


_FAILED: frozenset[RefusalCode] = frozenset(
    ("unproven", "not-admitted", "ended", "expired", "early", "revoked", "spent")
)
"""How an entry fails by what was presented. The others are nobody's fault."""

_PACED = frozenset({WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG})
"""Frames that cost their sender one of his pace: all that he can send without an end."""


class Line:
    """One live socket and the person behind it.

    Args:
        ws: a prepared WebSocket.
        origin: its Origin header, already found allowed.
        challenge: fresh random bytes, base64url, for this socket only.
        network: from which it came, as `limits.network_of` cuts it.
    """

    def __init__(
        self,
        ws: web.WebSocketResponse,
        origin: str,
        challenge: str,
        network: bytes,
        *,
        room: WaitingRoom,
        store: Store,
        admission: Admission,
        settings: Settings,
        journal: Journal,
        networks: Networks,
        clock: Callable[[], float],
        entered: Callable[["Line"], Awaitable[None]],
    ) -> None:
        self.person: Person | None = None
        self.board: Board | None = None
        self.board_at = 0.0
        self.network = network
        self._ws = ws
        self._origin = origin
        self._challenge = challenge
        self._room = room
        self._store = store
        self._admission = admission
        self._settings = settings
        self._journal = journal
        self._networks = networks
        self._clock = clock
        self._entered = entered
        self._credential: str | None = None
        self._conversation = Conversation()
        self._desk = Desk()
        self._bucket = Bucket(settings.burst, settings.messages_per_s, clock())
        self._outbox: deque[ServerMessage] = deque()
        self._flusher: asyncio.Task[None] | None = None
        self._addresses: set[str] = set()
        self._attending: asyncio.Task[None] | None = None
        self._close_code: int | None = None
        self._is_replaced = False

    # The life of a line

    async def talk(self) -> None:
        """Speak with the person until the socket closes. The caller then calls `over`."""
        self.tell(Hello(challenge=self._challenge, now=self._clock()))
        try:
            async with asyncio.timeout(self._settings.join_within_s):
                while self.person is None and await self._hears_one():
                    pass
        except TimeoutError:
            self._journal.count("closed", "silent")
            self.close(WSCloseCode.POLICY_VIOLATION)
        while await self._hears_one():
            pass

    async def over(self) -> None:
        """Tell the waiting room, unless a newer socket took over, and leave the post.

        At once, while the address is still this line's: whoever comes back later must not
        be taken for lost.
        """
        person, self.person = self.person, None
        try:
            if person is not None and not self._is_replaced:
                with suppress(StoreAway):  # as if the socket hung: silence ends what it held
                    await self._room.lost(person, self._clock())
        finally:
            # Whatever fails: who listens here hears nothing any more, and must not be taken for
            # somebody who does.
            self._desk.clear()
            await self._attend()
        if self._flusher is not None and not self._flusher.done():
            # What was told last, and the close itself, may still be on their way.
            await asyncio.wait({self._flusher}, timeout=_LAST_WORDS_S)
            self._flusher.cancel()

    async def _hears_one(self) -> bool:
        """Take one frame. False when there will be no more."""
        if self._close_code is not None:
            return False
        frame = await self._ws.receive()
        if frame.type in _PACED and not self._bucket.take(self._clock()):
            self._refuse("too-fast", None, retry_s=1 / self._settings.messages_per_s)
            self.close(WSCloseCode.POLICY_VIOLATION)
            return False
        match frame.type:
            case WSMsgType.TEXT:
                await self._hears(frame.data)
            case WSMsgType.PING:
                await self._ws.pong(frame.data)
            case WSMsgType.PONG:
                pass
            case WSMsgType.BINARY:
                self._journal.count("closed", "binary")
                self.close(WSCloseCode.UNSUPPORTED_DATA)
            case WSMsgType.ERROR:
                # Too large a frame or broken framing, which aiohttp has answered by 1009 or
                # 1002; anything else is a lost network and nobody's fault.
                if isinstance(frame.data, WebSocketError):
                    self._journal.count("refused", "malformed")
                return False
            case _:
                return False
        return True

    def close(self, code: int = WSCloseCode.OK) -> None:
        """Close the socket once everything told has been sent."""
        if self._close_code is None:
            self._close_code = code
            self._start_flushing()

    # Hearing

    async def _hears(self, text: str) -> None:
        try:
            message = parse(text)
        except Malformed:
            self._refuse("malformed", None)
            return
        if not self._conversation.may_say(message):
            self._refuse("out-of-turn", message)
            return
        try:
            await self._does(message)
        except (Refusal, NotAdmitted) as refusal:
            self._refuse(refusal.code, message, getattr(refusal, "retry_s", None))
            if refusal.code == "too-fast":
                self.close(WSCloseCode.POLICY_VIOLATION)
        except NoSession:
            self._refuse("no-session", message)
        except StoreAway:
            self._refuse("unavailable", message, self._settings.store_answer_s)
        except Exception as error:
            self._journal.fault(error)
            self._refuse("internal", message)
            self.close(WSCloseCode.INTERNAL_ERROR)

    async def _does(self, message: ClientMessage) -> None:
        if isinstance(message, Join):
            await self._joins(message)
        elif isinstance(message, Envelope):
            address, readdressed = self._desk.forward(message)
            await self._room.forward(address, readdressed)
        elif self.person is not None:
            self.person = await self._check_again(message, self.person)
            answers = await self._room.ask(self.person, message, self._clock())
            self._conversation.says(message)
            for answer in answers:
                self.tell(answer)

    async def _joins(self, join: Join) -> None:
        now = self._clock()
        try:
            entered = await self._enters(join, now)
        except (Refusal, NotAdmitted) as refusal:
            if refusal.code in _FAILED:
                self._networks.failed(self.network, now)
            raise
        if (person := entered.person).ticket is not None:
            self._networks.holds(self.network, person.queues[0], person.key)
        await self._takes_over(entered)

    async def _enters(self, join: Join, now: float) -> Entered:
        is_pass = join.token.startswith(PASS_PREFIX)
        # A pass is always looked at, so that no flood keeps out who has a place or a seat. When
        # it is none, the socket closes: to open another costs both ends more than the look.
        may_fail = self._networks.may_try(self.network, now)
        if not (may_fail or is_pass):
            raise self._too_many()
        try:
            key = holder_of(join.proof, self._challenge, self._origin, join.token)
            if self.person is not None and self.person.key != key:
                raise Refusal("out-of-turn")  # one socket, one person
            if is_pass:
                return await self._enters_by_pass(join, key, now)
            entrant = self._admission.admit(join.token, key, now)
            self._credential = join.token if entrant.role == "doctor" else None
            if entrant.role == "patient" and await self._store.held_by(key) is None:
                if not self._networks.may_take(self.network, entrant.queues[0], now):
                    raise self._too_many()
            return await self._room.enter(join, entrant, now)
        except (Refusal, NotAdmitted) as refusal:
            if refusal.code in _FAILED and not may_fail:
                raise self._too_many() from None
            raise

    async def _enters_by_pass(self, join: Join, key: str, now: float) -> Entered:
        is_place = claimed_kind(join.token) == "wait"
        if is_place and not self._networks.may_return(self.network, key):
            raise self._too_many()
        return await self._room.enter_by_pass(join, key, now, self.person)

    def _too_many(self) -> Refusal:
        """Say no to a network, without counting which."""
        self._journal.count("turned-away", "network")
        return Refusal("too-fast", retry_s=self._settings.cooldown_s)

    async def _check_again(self, message: ClientMessage, person: Person) -> Person:
        """Look at a doctor's credential again where it gives patients: it may be revoked.

        It may also give fewer queues than it did, where the directory changed. Duty that is
        not renewed ends by itself. A socket that came by a seat's pass has shown no credential
        and takes nobody: its page joins again by the credential.
        """
        takes = isinstance(message, Call) or (isinstance(message, Duty) and message.state == "on")
        renews = isinstance(message, Renew) and person.session is None
        if not person.is_doctor or not (takes or renews):
            return person
        if self._credential is not None:
            now = self._clock()
            entrant = self._admission.admit(self._credential, person.key, now)
            if not set(person.queues) <= set(entrant.queues):
                return await self._room.narrow(person, entrant.queues)
        elif takes:
            raise Refusal("not-admitted")
        return person

    async def _takes_over(self, entered: Entered) -> None:
        """Let the older sockets of this person go, and listen in their place."""
        self.person = entered.person
        self._conversation.entered(entered.state)
        if entered.accepted is not None:
            self._desk.seat(entered.accepted)
        try:
            for address in self._wanted() - self._addresses:
                await self._store.post(address, Ended(what="socket", outcome="replaced"))
        except StoreAway:
            # He is not in: told so, he joins again, by this socket or another.
            self.person = None
            self._conversation = Conversation()
            self._desk.clear()
            raise
        await self._attend()
        for answer in entered.answers:
            self.tell(answer)
        await self._entered(self)

    def _wanted(self) -> set[str]:
        """The addresses whose post is this person's now."""
        own = self.person.address if self.person is not None else None
        return {address for address in (own, self._desk.address) if address is not None}

    async def _attend(self) -> None:
        """Listen where this person's post goes now, and nowhere else any more."""
        while (wanted := self._wanted()) != self._addresses:
            for address in wanted - self._addresses:
                self._addresses.add(address)
                await self._store.listen(address, self.tell)
            for address in self._addresses - wanted:
                self._addresses.discard(address)
                await self._store.hush(address, self.tell)

    # Telling

    def tell(self, message: ServerMessage) -> None:
        """Send a message, after all that came before it, and move the conversation."""
        if self._close_code is not None or self._is_replaced:
            # Also of somebody who is just going: who came in by another socket is not lost.
            self._is_replaced |= isinstance(message, Ended) and message.outcome == "replaced"
            return
        if len(self._outbox) >= self._settings.outbox_max:
            self._journal.count("closed", "slow-reader")
            self._outbox.clear()
            self.close(WSCloseCode.POLICY_VIOLATION)
            return
        self._conversation.hears(message)
        if self.person is not None:
            if self.person.ticket is not None and _is_end_of_wait(message):
                self._networks.over(self.person.key)
            self.person = self.person.told(message)
        if isinstance(message, Accepted):
            self._desk.seat(message)
        elif isinstance(message, Ended):
            self._told_of_end(message)
        self._outbox.append(message)
        if self._wanted() != self._addresses and not _is_running(self._attending):
            self._attending = asyncio.create_task(self._attend())
        self._start_flushing()

    def _told_of_end(self, ended: Ended) -> None:
        if ended.what == "session":
            self._desk.clear()
        if ended.what == "socket":
            self._is_replaced = ended.outcome == "replaced"
        if ended.what == "socket" or self._conversation.state == "gone":
            asyncio.get_running_loop().call_soon(self.close)

    def _refuse(
        self, code: RefusalCode, of: ClientMessage | None, retry_s: float | None = None
    ) -> None:
        self._journal.count_refusal(code)
        self.tell(
            Refused(
                code=code,
                text=SENTENCES[code],
                of=of.type if of else None,
                # Of several far ends the sender could not tell which one is away.
                member=of.member if isinstance(of, Envelope) else None,
                retry_s=retry_s,
            )
        )

    def _start_flushing(self) -> None:
        # A task only while there is something to send: an idle socket costs one task less.
        if not _is_running(self._flusher):
            self._flusher = asyncio.create_task(self._flush())

    async def _flush(self) -> None:
        try:
            while self._outbox:
                if self._attending is not None:
                    # Whoever is told of a seat must find his post delivered there.
                    await asyncio.wait({self._attending})
                await self._ws.send_str(serialise(self._outbox.popleft()))
            if self._close_code is not None:
                await self._ws.close(code=self._close_code)
        except (ConnectionError, RuntimeError):
            # The socket went away under our hands: the reading side notices and ends it.
            self._outbox.clear()


def _is_end_of_wait(message: ServerMessage) -> bool:
    return isinstance(message, Accepted) or (isinstance(message, Ended) and message.what == "queue")


def _is_running(task: asyncio.Task[None] | None) -> bool:
    return task is not None and not task.done()
