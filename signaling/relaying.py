"""What the server knows of the relay: whose password it makes, and who is together there.

Pure. It makes relay passwords and says which tags are one session; packets, addresses and
sockets of the relay are never seen here. Orders go out by a door that the process was given.

A *tag* is a keyed hash of the ticket, call or seat that a password was made for: the relay
learns which tags are together, and cannot tell what they stand for. `relay/README.md` says
what it does with them.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from relay import credentials

from .encoding import encode
from .messages import Relay
from .store import Seat, Session

_SECRET_LABEL = b"teleconsult relay passwords v1"
_TAG_LABEL = b"teleconsult relay tags v1"
_TAG_BYTES = 16

Of = Literal["ticket", "call", "seat", "doctor"]


class Orders(Protocol):
    """Takes orders for the relay. Never waits and never fails: a call goes on without."""

    def bind(self, tags: Sequence[str]) -> None: ...
    def end(self, tags: Sequence[str]) -> None: ...


class NoOrders:
    """For a relay that cannot be told anything, or none at all."""

    def bind(self, tags: Sequence[str]) -> None:
        """Bind nothing."""

    def end(self, tags: Sequence[str]) -> None:
        """End nothing: passwords end by themselves."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Which relay is handed out.

    Attributes:
        urls: in the order in which pages try them.
        only: no path but through the relay may be tried.
        password_s: how long a password lives.
    """

    urls: tuple[str, ...]
    only: bool
    password_s: float


class Relaying:
    """Relay passwords and orders of one service.

    Args:
        installation_secret: what passwords and tags are made of.
        offer: which relay; none for direct paths only.
        orders: where it is said who is together.
    """

    def __init__(
        self,
        installation_secret: bytes,
        offer: Offer | None = None,
        orders: Orders | None = None,
    ) -> None:
        self._secret = password_secret(installation_secret).encode()
        self._tag_key = hmac.digest(installation_secret, _TAG_LABEL, hashlib.sha256)
        self._offer = offer
        self._orders: Orders = orders or NoOrders()

    def tag(self, of: Of, id_: str) -> str:
        """Say the tag of a ticket, call or seat; of a doctor (by key) outside calls."""
        said = f"{of} {id_}".encode()
        return encode(hmac.digest(self._tag_key, said, hashlib.sha256)[:_TAG_BYTES])

    def for_(self, of: Of, id_: str, now: float) -> Relay | None:
        """Make what a page is handed for a ticket, a call, or a doctor's device check."""
        return self.password(self.tag(of, id_), now)

    def password(self, tag: str, now: float) -> Relay | None:
        """Make what a page is handed under a tag; None where there is no relay."""
        if self._offer is None:
            return None
        expires_at = int(now + self._offer.password_s)
        made = credentials.mint(self._secret, tag, expires_at)
        return Relay(
            urls=self._offer.urls,
            username=made.username,
            password=made.password,
            expires_at=expires_at,
            only=self._offer.only,
        )

    def bind(self, session: Session) -> None:
        """Say that the members of a session, and nobody else, may reach each other."""
        self._orders.bind([seat.tag for seat in session.seats])

    def over(self, of: Of, id_: str) -> None:
        """Say that a ticket or a call is over, of which no session came."""
        self._orders.end([self.tag(of, id_)])

    def end(self, seats: Iterable[Seat]) -> None:
        """Say that these seats are empty: their packets end, their passwords too."""
        self._orders.end([seat.tag for seat in seats])


def password_secret(installation_secret: bytes) -> str:
    """Make of an installation secret what relay passwords are made of, as relays take it."""
    return encode(hmac.digest(installation_secret, _SECRET_LABEL, hashlib.sha256))
