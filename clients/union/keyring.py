"""A doctor's keys, all of one seed: for a demonstration, and for peers without a screen.

Pure. A doctor's own device makes keys of its own, out of reach where its browser has the
curves; whoever reads this seed is that doctor, until the union takes the credential back.

The names are in `clients/README.md`, under *Keyring*.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from . import requests
from .encoding import decode, derive, encode
from .keys import public_key, signing_key
from .links import link_key

PREFIX = "key1."
SEED_BYTES = 32
_INFO = b"teleconsult keyring v1\n"


class Keyring:
    """The keys of a seed. None of them is in its `repr`."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self.device: Ed25519PrivateKey = signing_key(self._key("device"))
        self.encryption = X25519PrivateKey.from_private_bytes(self._key("encryption"))
        self.link_master = self._key("link master")

    def day_seed(self, day: int) -> bytes:
        """Make the seed of a day's key; `day` is counted from 1970."""
        return self._key(f"day {day}")

    def request(self, first_day: int, days: int) -> str:
        """Write the enrolment request for so many days."""
        return requests.make(
            self.device,
            self.encryption.public_key().public_bytes_raw(),
            link_key(self.link_master),
            first_day,
            tuple(public_key(self.day_seed(first_day + day)) for day in range(days)),
        )

    def _key(self, name: str) -> bytes:
        return derive(self._seed, _INFO + name.encode(), 32)


def write(seed: bytes) -> str:
    """Write a keyring, as it stands after the # of a doctor's address."""
    return PREFIX + encode(seed)


def read(fragment: str) -> bytes:
    """Read the seed of a keyring.

    Raises:
        Unreadable: it is none.
    """
    return decode(fragment.removeprefix(PREFIX), SEED_BYTES)
