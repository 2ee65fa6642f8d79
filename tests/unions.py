"""Unions and doctors in memory: keys from dice, tokens by the union's own tool.

Unrealistic: nothing is written to a folder; `tests/clients/union/test_office.py` does that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from clients.union import credentials as signing
from clients.union import links, lists, requests, tokens, unions
from clients.union.encoding import encode, thumbprint
from clients.union.keys import new_root, public_key, signing_key
from signaling.credentials import read_list, read_union
from signaling.union_admission import Trusted, UnionAdmission
from tests.dice import Dice

NOW = 1_800_000_000
"""08:00 UTC of `DAY`, when `Clock` starts."""

DAY = NOW // signing.DAY_S
ORIGIN = "https://visio.example.fr"
QUEUE = "medecine-generale"
WINDOW_S = 86_400.0
INSTALLATION = bytes(range(32))


class AUnion:
    """A union whose root, list key and doctors are at hand."""

    def __init__(self, seed: int = 0, audience: str = ORIGIN) -> None:
        self.dice = Dice(seed)
        self.root = new_root(self.dice)
        self.list_seed = self.dice(32)
        self.public = unions.Union(f"Union {seed}", audience, self.root.public_key)
        self.audience = audience

    @property
    def id(self) -> str:
        return self.root.id

    def delegation(self, now: int = NOW) -> str:
        return lists.delegate(self.root, self.audience, public_key(self.list_seed), now)

    def list(
        self,
        revoked: Iterable[str] = (),
        seq: int = 1,
        now: int = NOW,
        typ: str = tokens.ACCESS_LIST,
    ) -> str:
        """A revocation list of that moment, for servers unless told."""
        return lists.sign(
            self.list_seed,
            self.delegation(now),
            self.id,
            self.audience,
            seq,
            revoked,
            now,
            typ=typ,
        )

    def trusted(self, revoked: Iterable[str] = (), seq: int = 1, now: int = NOW) -> Trusted:
        """This union as a server reads it."""
        union = read_union(unions.write(self.public))
        return Trusted(union, read_list(self.list(revoked, seq, now), union, now))

    def access(
        self,
        seed: bytes,
        queues: Sequence[str] = (QUEUE,),
        handle: str | None = None,
        day: int = DAY,
    ) -> signing.Signed:
        """An access credential for the day key of this seed."""
        key = thumbprint(public_key(seed))
        return signing.access(self.root, self.audience, key, day, queues, handle, self.dice)

    def pool_link(self, queue: str = QUEUE, begins: int = NOW, ends: int = NOW + 3_600) -> str:
        """A capability for anybody."""
        window = links.Window(begins, ends, 0)
        return links.pool(self.root.key, queue, self.dice(8), window)


@dataclass
class ADevice:
    """A doctor's device: what a page makes for itself."""

    dice: Dice

    def __post_init__(self) -> None:
        self.seed = self.dice(32)
        self.encryption = X25519PrivateKey.from_private_bytes(self.dice(32))
        self.master = self.dice(32)
        self.day_seeds = [self.dice(32) for _ in range(signing.DAYS)]

    @property
    def handle(self) -> str:
        """The personal handle and queue."""
        return thumbprint(links.link_key(self.master).public_key().public_bytes_raw())

    def request(self, first_day: int = DAY) -> str:
        """The enrolment request, as the page shows it."""
        return requests.make(
            signing_key(self.seed),
            self.encryption.public_key().public_bytes_raw(),
            links.link_key(self.master),
            first_day,
            tuple(public_key(seed) for seed in self.day_seeds),
        )

    def link(self, begins: int = NOW, ends: int = NOW + 3_600, uses: int = 1) -> "ALink":
        """A personal link."""
        nonce = self.dice(8)
        window = links.Window(begins, ends, uses)
        token, _, _ = links.personal(self.master, nonce, window).rpartition(".")
        return ALink(token, links.secrets_of(links.secret_of(self.master, nonce)).holder_seed)


@dataclass(frozen=True)
class ALink:
    """A link as its holder has it."""

    token: str
    holder_seed: bytes

    @property
    def key(self) -> str:
        """The holder's thumbprint."""
        return key_of(self.holder_seed)


def key_of(seed: bytes) -> str:
    """The thumbprint of a seed's key."""
    return thumbprint(public_key(seed))


def admission_by(*trusted: Trusted) -> UnionAdmission:
    """An admission that trusts these unions."""
    admission = UnionAdmission(INSTALLATION, WINDOW_S)
    admission.trust({one.union.id: one for one in trusted})
    return admission


def some_key(byte: bytes = b"k") -> str:
    """A holder's thumbprint that nobody has the key of."""
    return encode(byte * 16)
