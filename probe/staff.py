"""Who of the union's staff has entered: challenges, passes, and how both end.

Pure: dice and time are arguments. There is no password and no list of people: whoever holds the
key of a credential that a trusted union signed for staff enters, as doctors do. The credential is
looked at again at each request, so a pass ends with it, or with its revocation.

A challenge is not held: it says itself until when it is good, under a key of this process. Held is
only which were spent, and nobody who has no credential can spend one.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from signaling.admission import NotAdmitted, holder_of
from signaling.encoding import decode, encode

CHALLENGE_S: Final = 60.0
"""From the page's question to its proof: a passkey asks a person."""

PASS_S: Final = 12 * 3_600.0
"""At most, however long the credential lives: a day's work. Whoever stays proves it again."""

PASSES_MAX: Final = 256
PASSES_OF_ONE_MAX: Final = 4
"""Windows of one person; the oldest gives way to a fifth, so that nobody shuts others out."""

SPENT_MAX: Final = 2 * PASSES_MAX
"""Entries within a minute, of everybody."""

ENTRIES_OF_ONE_MAX: Final = 8
"""Entries within a minute with one key: nobody fills the places of all others."""
PASS_BYTES: Final = 32
_NONCE_BYTES: Final = 16
_TIME_BYTES: Final = 8
_MAC_BYTES: Final = 16
_CHALLENGE_BYTES: Final = _NONCE_BYTES + _TIME_BYTES + _MAC_BYTES


class Checked(Protocol):
    """What a check says of a credential: when it ends, in seconds since 1970."""

    @property
    def ends(self) -> float: ...


Check = Callable[[str, str, float], Checked]
"""Token, thumbprint of its holder's key, now; raises `NotAdmitted`."""


class Crowded(Exception):
    """More people have entered than there are places for."""


class TooOften(Exception):
    """This key has entered again and again just now."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody who entered gets: his pass, and until when it is good."""

    pass_: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class _Held:
    digest: bytes
    token: str
    key: str
    ends: float


class Staff:
    """Those who have entered.

    Args:
        check: what a trusted union's word for staff is looked at with.
        new_bytes: dice: that many random bytes.
    """

    def __init__(self, check: Check, new_bytes: Callable[[int], bytes]) -> None:
        self._check = check
        self._new_bytes = new_bytes
        self._challenge_key = new_bytes(32)
        self._spent: dict[str, tuple[float, str]] = {}
        self._passes: dict[bytes, _Held] = {}

    def challenge(self, now: float) -> str:
        """Make a challenge, good for one entry within `CHALLENGE_S`."""
        ends = int(now + CHALLENGE_S)
        said = self._new_bytes(_NONCE_BYTES) + ends.to_bytes(_TIME_BYTES, "big")
        return encode(said + self._mac(said))

    def enter(self, token: str, proof: str, challenge: str, origin: str, now: float) -> Entry:
        """Let somebody in who proves that a credential is his.

        Raises:
            NotAdmitted: `unproven`, or as the check says it.
            TooOften: he, within a minute.
            Crowded: nobody more.
        """
        self._forget(now)
        self._must_be_fresh(challenge, now)
        key = holder_of(proof, challenge, origin, token)
        ends = min(self._check(token, key, now).ends, now + PASS_S)
        if sum(spender == key for _, spender in self._spent.values()) >= ENTRIES_OF_ONE_MAX:
            raise TooOften
        own = [held for held in self._passes.values() if held.key == key]
        makes_room = len(own) >= PASSES_OF_ONE_MAX
        if len(self._passes) - makes_room >= PASSES_MAX or len(self._spent) >= SPENT_MAX:
            raise Crowded
        if makes_room:
            del self._passes[own[0].digest]
        self._spent[challenge] = now + CHALLENGE_S, key
        fresh = self._new_bytes(PASS_BYTES)
        digest = hashlib.sha256(fresh).digest()
        self._passes[digest] = _Held(digest, token, key, ends)
        return Entry(encode(fresh), ends)

    def is_in(self, pass_: str, now: float) -> bool:
        """Tell whether a pass is good, and its credential still is."""
        held = self._held(pass_)
        if held is None:
            return False
        try:
            is_good = now < held.ends and now < self._check(held.token, held.key, now).ends
        except NotAdmitted:
            is_good = False
        if not is_good:
            del self._passes[held.digest]
        return is_good

    def leave(self, pass_: str) -> None:
        """Make a pass void; one that is none is none."""
        if (held := self._held(pass_)) is not None:
            del self._passes[held.digest]

    def _held(self, pass_: str) -> _Held | None:
        """Find a pass. By its digest, so that no time tells how much of a guess was right."""
        try:
            digest = hashlib.sha256(decode(pass_)).digest()
        except ValueError:
            return None
        found = None
        for held in self._passes.values():
            if hmac.compare_digest(held.digest, digest):
                found = held
        return found

    def _must_be_fresh(self, challenge: str, now: float) -> None:
        try:
            data = decode(challenge)
        except ValueError:
            raise NotAdmitted("unproven") from None
        said, mac = data[:-_MAC_BYTES], data[-_MAC_BYTES:]
        if len(data) != _CHALLENGE_BYTES or not hmac.compare_digest(self._mac(said), mac):
            raise NotAdmitted("unproven")
        ends = int.from_bytes(said[_NONCE_BYTES:], "big")
        if not now < ends <= now + CHALLENGE_S or challenge in self._spent:
            raise NotAdmitted("unproven")

    def _mac(self, said: bytes) -> bytes:
        return hmac.digest(self._challenge_key, said, hashlib.sha256)[:_MAC_BYTES]

    def _forget(self, now: float) -> None:
        self._spent = {one: by for one, by in self._spent.items() if by[0] > now}
        self._passes = {d: held for d, held in self._passes.items() if held.ends > now}
