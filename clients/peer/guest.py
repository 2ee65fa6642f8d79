"""A guest without a screen: opens an invitation, asks who invited, and is introduced to the rest.

A door. Nobody vouches for a guest but who invited him; he is sent nothing and shown nothing
before all say the same of who is in.

What is said when is in `signaling/PROTOCOL.md`, the seal in `clients/SCEAU.md` §11.
"""

import secrets
import time

from signaling.encoding import encode
from signaling.messages import Accepted, Ended, Envelope, Joined, Refused, ServerMessage

from . import link as links
from .company import Company
from .desk import Clock, Desk, Dice
from .errors import BadLink, FarEndFailed, Over
from .invites import of_secret
from .pairs import undoctored
from .published import Published, Trusted
from .reach import BY_ITS_ADDRESS, Reach
from .records import Records
from .sealed_letters import Far, Role
from .sealing import SEED_BYTES
from .watch import OnStep

ANSWERED_WITHIN_S = 15.0


class Guest:
    """One guest. Its methods are the lines of a dialogue; each returns when it is so.

    Args:
        url: an invitation, as opened or as a page left it behind.
        code: what this guest sends as picture and tone.
        on_step: told of each step, with milliseconds.
        relay_url: which of the relay's addresses; the first that answers unless told.
        relay_only: whether no other path may be tried.
        dice: that many random bytes.
        clock: seconds since 1970.
        reach: by which address, and whose certificate.

    Raises:
        BadLink: not an invitation.
    """

    def __init__(
        self,
        url: str,
        *,
        code: int,
        on_step: OnStep | None = None,
        relay_url: str | None = None,
        relay_only: bool = False,
        dice: Dice = secrets.token_bytes,
        clock: Clock = time.time,
        reach: Reach = BY_ITS_ADDRESS,
    ) -> None:
        link = links.parse(url)
        if link.invitation is None:
            raise BadLink(f"This is a {link.role}'s address, not an invitation.")
        self._url, self._reach, self._link = url, reach, link
        self._invitation, self._seed = link.invitation, link.seed or dice(SEED_BYTES)
        self._trusted = Trusted(
            Published(link.origin, reach), None, lambda: self._desk.socket.now()
        )
        self._desk = Desk(
            link,
            Records(),
            code=code,
            hears=self._hears,
            breaks=self._never,
            dice=dice,
            clock=clock,
            on_step=on_step,
            relay_url=relay_url,
            relay_only=relay_only,
        )
        self.company = Company(self._desk, time.monotonic)
        self.report = self._desk.report
        self.code, self.steps = code, self._desk.steps
        self._lives = 0

    @property
    def address(self) -> str:
        """The invitation as a page would leave it behind: with it the same guest comes back."""
        return links.address(self._url, self._seed, None)

    @property
    def is_in(self) -> bool:
        """Whether this guest has a seat."""
        return self._desk.session is not None

    # The dialogue

    async def enter(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Open the invitation; returns with a seat.

        Raises:
            Turned: the invitation was used, or is too old.
        """
        self._desk.open(
            lambda _: (self._link.token, self._seed),
            is_last=lambda m: isinstance(m, Ended) and m.what == "session",
            fresh_m1=lambda: None,
            uses_pass=True,
            reach=self._reach,
        )
        await self._desk.watch.until(
            lambda: self.is_in, within_s, "The server let nobody in in time."
        )

    async def hang_up(self) -> None:
        """Say good-bye; returns when it is said."""
        await self._desk.leaves()
        await self._desk.is_over("The server did not let the guest go.", ANSWERED_WITHIN_S)

    async def waits_for_the_end(self, within_s: float) -> str:
        """Wait until it is over; returns the outcome."""
        await self._desk.is_over("The consultation goes on.", within_s)
        return self._desk.over.outcome if self._desk.over else ""

    async def sees_step(self, name: str, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Wait until a step has been taken."""
        await self._desk.sees_step(name, within_s)

    async def loses_the_network(self) -> None:
        """Lose the socket, and stay away until `comes_back`."""
        await self._desk.socket.lose()

    async def comes_back(self, within_s: float = ANSWERED_WITHIN_S) -> None:
        """Return by the pass."""
        lives = self._lives
        self._desk.socket.come_back()
        await self._desk.watch.until(
            lambda: self._lives > lives, within_s, "The way back was not found."
        )

    async def close(self) -> None:
        """Close the window. Nothing is left running."""
        await self._desk.close()

    # What the server says

    async def _hears(self, message: ServerMessage) -> None:
        match message:
            case Joined():
                self._lives += 1
                self.steps.mark("joined")
            case Accepted():
                await self._hears_accepted(message)
            case Envelope():
                await self.company.hears(message)
            case Ended(what="session"):
                await self.company.ends()
                self._desk.ends(Over("session", message.outcome))
            case Refused():
                self._desk.refused(message)

    async def _hears_accepted(self, accepted: Accepted) -> None:
        if not self._desk.sits(accepted):
            await self.company.changes(accepted, is_return=accepted.token is not None)
            if accepted.token is not None:
                await self.company.comes_back()
            return
        self.steps.mark("seated")
        self.company.begins(undoctored("guest", self._seed, self._trusted), accepted)
        seat = encode(self._invitation.seat)
        role: Role | None = next(
            (
                "patient" if member.role == "patient" else "doctor"
                for member in accepted.members
                if member.member == seat and member.role != "guest"
            ),
            None,
        )
        if role is None:
            raise FarEndFailed("Whoever invited has left.")
        far = Far(role, self._invitation.key)
        await self.company.asks(seat, far, of_secret(self._invitation.secret))

    async def _never(self) -> None:
        """A guest has no first far end whose path could break."""
