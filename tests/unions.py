"""Unions and doctors in memory: keys from dice, tokens by the union's own tool.

Unrealistic: it keeps no register, and its folder holds only what a server's does;
`tests/clients/union/test_office.py` is about a real one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from clients.union import bundles, links, lists, requests, tokens, unions
from clients.union import credentials as signing
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
CARD = signing.Card("Dr Camille Essai", "Médecine générale")


class AUnion:
    """A union whose root, list key and doctors are at hand."""

    def __init__(self, seed: int = 0, audience: str = ORIGIN) -> None:
        self.dice = Dice(seed)
        self.root = new_root(self.dice)
        self.list_seed = self.dice(32)
        self.public = unions.Union(f"Union {seed}", audience, self.root.public_key)
        self.audience = audience
        self._slots: dict[bytes, bytes] = {}
        self._files: list[bytes] = []

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
        role: signing.Role = "doctor",
    ) -> signing.Signed:
        """An access credential for the day key of this seed."""
        return self.access_of(key_of(seed), queues, handle, day, role)

    def access_of(
        self,
        key: str,
        queues: Sequence[str] = (QUEUE,),
        handle: str | None = None,
        day: int = DAY,
        role: signing.Role = "doctor",
    ) -> signing.Signed:
        """An access credential for the day key of this thumbprint."""
        return signing.access(self.root, self.audience, key, day, queues, handle, self.dice, role)

    def vouch(
        self,
        request_text: str,
        card: signing.Card = CARD,
        queues: Sequence[str] = (QUEUE,),
        has_links: bool = True,
        now: int = NOW,
        role: signing.Role = "doctor",
    ) -> bundles.Bundle:
        """Enrol a device for all the days of its request; `publish` hands the bundle out."""
        request = requests.read(request_text)
        days = range(request.first_day, request.first_day + len(request.day_keys))
        handle = request.handle if has_links else None
        identity = signing.identity(
            self.root, self.audience, request, card, len(days), now, self.dice, role
        )
        bundle = bundles.Bundle(
            identity.token,
            tuple(
                self.access_of(thumbprint(key), queues, handle, day, role).token
                for day, key in zip(days, request.day_keys, strict=True)
            ),
            {
                str(day): {queue: encode(self.root.queue_key(queue, day)) for queue in queues}
                for day in days
            },
            unions.as_json(self.public),
        )
        self._slots[request.encryption_key] = bundles.seal(bundle, request.encryption_key)
        return bundle

    def publish(self, folder: Path, revoked: Iterable[str] = (), now: int = NOW) -> Path:
        """Write what a server needs and hands out into its folder of trusted unions."""
        place = folder / self.id
        (place / "bundles").mkdir(parents=True, exist_ok=True)
        (place / "union.json").write_text(unions.write(self.public), encoding="utf-8")
        (place / "access-list.jwt").write_text(self.list(now=now))
        (place / "list.jwt").write_text(self.list(revoked, now=now, typ=tokens.LIST))
        self._files = bundles.pack(self._files, self._slots, (), self._slots, self.dice)
        for number, data in enumerate(self._files):
            (place / "bundles" / f"{number}.bin").write_bytes(data)
        return place

    def pool_link(self, queue: str = QUEUE, begins: int = NOW, ends: int = NOW + 3_600) -> str:
        """A capability for anybody."""
        window = links.Window(begins, ends, 0)
        return links.pool(self.root.key, queue, self.dice(8), window)

    def counted_link(
        self, queue: str = QUEUE, begins: int = NOW, ends: int = NOW + 3_600, uses: int = 1
    ) -> str:
        """The fragment of a link for one holder: capability and secret."""
        window = links.Window(begins, ends, uses)
        return links.pool_for_one(self.root.key, queue, self.dice(8), self.dice(16), window)


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
    admission = UnionAdmission([INSTALLATION], WINDOW_S)
    admission.trust({one.union.id: one for one in trusted})
    return admission


def some_key(byte: bytes = b"k") -> str:
    """A holder's thumbprint that nobody has the key of."""
    return encode(byte * 16)
