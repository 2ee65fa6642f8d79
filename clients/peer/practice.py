"""A doctor's papers: the keys of one seed, and what a union signed for them.

Pure: fetching is `published.py`'s, and `now` is an argument. What a bundle says is checked
before it is used: anybody can seal something to an encryption key. It holds a link master
and signing keys, and shows none.

The forms are in `clients/union/README.md`, the keys in `clients/README.md`, *Keyring*.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clients.union import links
from clients.union.bundles import Bundle
from clients.union.credentials import BEGINS_S, DAY_S, IDENTITY_TYPES, Role
from clients.union.errors import Unreadable
from clients.union.keyring import Keyring
from clients.union.unions import Union
from clients.union.unions import read as read_union
from signaling.encoding import decode

from . import capabilities, cards, identity
from .errors import NotEnrolled, NotVouchedFor
from .identity import TrustedUnion
from .letters import Card
from .proof import public_key, thumbprint
from .published import Published
from .sealed import CheckIdentity, CheckToken, Papers
from .sealing import Dice, Refused, thumb

LIST_AGES_S = 3600.0
# The server says in one breath that somebody is in, and that he has a seat.
SEAT_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """What shows the server on one day that this is a doctor, and the key that proves it."""

    day: int
    begins: int
    ends: int
    token: str = field(repr=False)
    seed: bytes = field(repr=False)


class Practice:
    """One doctor's keys and papers. `fetch` makes it."""

    def __init__(
        self,
        keys: Keyring,
        bundle: Bundle,
        unions: tuple[TrustedUnion, ...],
        union: TrustedUnion,
        published: Published,
    ) -> None:
        self._keys, self._bundle, self._published = keys, bundle, published
        self._unions, self._union = unions, union
        self._entries = _entries(keys, bundle.access)
        self.role = _role(bundle.access)
        self._list, self._list_at = "", float("-inf")
        self.card: Card | None = None

    def entry(self, now: float, day: int | None = None) -> Entry:
        """Give the newest credential that holds now, or that of `day` as long as it does.

        Raises:
            NotEnrolled: none holds.
        """
        return max(self.entries(now), key=lambda entry: (entry.day == day, entry.day))

    def entries(self, now: float) -> list[Entry]:
        """Give all credentials that hold now, of which from four to ten there are two.

        Raises:
            NotEnrolled: none holds.
        """
        valid = [e for e in self._entries if e.begins - identity.SKEW_S <= now < e.ends]
        if not valid:
            raise NotEnrolled("The union's bundle holds no credential for today.")
        return valid

    async def papers(self, now: float) -> Papers:
        """Give what is shown to a patient, with a list that is younger than an hour.

        Raises:
            NotVouchedFor: no patient would take it.
            PeerError: the list cannot be had.
        """
        if not 0 <= now - self._list_at < LIST_AGES_S:
            self._list = await self._published.revocations(self._union.kid)
            self._list_at = now
        try:
            found = identity.verify(
                self._bundle.identity, self._list, [self._union], now, self.role
            )
        except Refused as refused:
            self._list_at = float("-inf")
            raise NotVouchedFor(refused) from None
        own = thumb(links.link_key(self._keys.link_master).public_key().public_bytes_raw())
        device = self._keys.device.public_key().public_bytes_raw()
        if found.device_key != device or found.handle not in (None, own):
            raise NotEnrolled("The bundle for this device names another one.")
        self.card = found.card
        return Papers(self._keys.device, self._bundle.identity, self._list)

    @property
    def device(self) -> bytes:
        """Thumbprint of the key under which this doctor answers."""
        return thumb(self._keys.device.public_key().public_bytes_raw())

    def judges(self, now: float) -> CheckIdentity:
        """Say whose word is taken of a colleague: the own union's."""
        return lambda credential, revocations: identity.verify(
            credential, revocations, [self._union], now, self.role
        )

    async def colleague(self, card: str, now: float) -> cards.Colleague | None:
        """Say whose card this is; None for the own, and for one that cannot be read."""
        papers = await self.papers(now)
        try:
            found = cards.read(card, self._queue_keys(), self.judges(now), papers.revocations, now)
        except Refused:
            return None
        return None if thumb(found.identity.device_key) == self.device else found

    async def write_card(
        self, dice: Dice, entry: Entry, queues: Iterable[str], now: float
    ) -> tuple[str, bytes] | None:
        """Make a card for colleagues on these queues, and its secret; None where none can be made.

        Raises:
            PeerError: the papers cannot be had.
        """
        papers, keys = await self.papers(now), self._queue_keys().get(entry.day, {})
        served = {queue: keys[queue] for queue in queues if queue in keys}
        try:
            return cards.write(dice, papers, entry.day, public_key(entry.seed), served)
        except Refused:
            return None

    def _queue_keys(self) -> cards.QueueKeys:
        return {
            int(day): {queue: decode(key) for queue, key in keys.items()}
            for day, keys in self._bundle.queue_keys.items()
        }

    def check_token(self, now: float) -> CheckToken:
        """Say whose links lead to this doctor at that time."""
        return lambda token, holder: capabilities.psk_of(
            token, holder, self._keys.link_master, self._unions, now
        )


class Choice:
    """Which credential a doctor's page shows whenever it enters.

    The newest; in a call or a session that of the key that is in it. A page that was reloaded
    in a session does not know which that is: it shows the oldest first, and asks again with
    the newest where that one finds no seat.

    Attributes:
        is_newest: whether there was no newer one than that shown last.
    """

    def __init__(self, *, seeks_seat: bool) -> None:
        self.is_newest = True
        self._seeks_seat = seeks_seat
        self._day: int | None = None

    def of(self, practice: Practice, now: float, *, is_busy: bool) -> Entry:
        """Choose one.

        Raises:
            NotEnrolled: none holds.
        """
        entry = newest = practice.entry(now)
        if self._seeks_seat:
            entry = min(practice.entries(now), key=lambda entry: entry.day)
        elif is_busy:
            entry = practice.entry(now, self._day)
        self._day, self.is_newest = entry.day, entry.day == newest.day
        return entry

    def settle(self) -> None:
        """End the search for a seat."""
        self._seeks_seat = False


async def fetch(seed: bytes, published: Published) -> Practice:
    """Find the bundle of a keyring, with whichever trusted union made it.

    Raises:
        NotEnrolled: none did, or it vouches for staff, who serve no queue.
        PeerError: the published files cannot be had.
    """
    keys, unions = Keyring(seed), await published.unions()
    for union in unions:
        bundle = await published.bundle(union.kid, keys.encryption)
        if bundle is not None and _says(bundle, union):
            practice = Practice(keys, bundle, unions, union, published)
            if practice.role == "staff":
                raise NotEnrolled("These keys are union staff's: they open the status page only.")
            return practice
    raise NotEnrolled("No trusted union has a bundle for this doctor's keys.")


def _says(bundle: Bundle, union: TrustedUnion) -> bool:
    try:
        said: Union = read_union(json.dumps(dict(bundle.union)))
    except (Unreadable, ValueError, TypeError):
        return False
    return (said.root, said.audience) == (union.root, union.audience)


def _entries(keys: Keyring, tokens: Iterable[object]) -> tuple[Entry, ...]:
    """Read when each access credential holds; one that is not for our key is passed over.

    Its signature is for the server to check: a wrong one opens nothing there.
    """
    found = []
    for token in tokens:
        claims = _claims(token)
        begins, ends, confirmed = claims.get("nbf"), claims.get("exp"), claims.get("cnf")
        if not isinstance(begins, int) or not isinstance(ends, int):
            continue
        day = (begins - BEGINS_S) // DAY_S
        key = confirmed.get("jkt") if isinstance(confirmed, Mapping) else None
        if key == thumbprint(keys.day_seed(day)):
            found.append(Entry(day, begins, ends, str(token), keys.day_seed(day)))
    return tuple(found)


def _role(tokens: Iterable[object]) -> Role:
    """Read for what the credentials are: one role, and a doctor's where there is none.

    Raises:
        NotEnrolled: of several roles, or of one that is none.
    """
    roles = (_claims(token).get("role") for token in tokens)
    said = {str(role) for role in roles if role is not None}
    for role in IDENTITY_TYPES:
        if said <= {role}:
            return role
    raise NotEnrolled("The bundle for this device is for another kind of use.")


def _claims(token: object) -> Mapping[str, object]:
    try:
        text = str(token).split(".")[1]
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, IndexError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
