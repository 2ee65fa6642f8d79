"""Admission by unions: whoever holds what one of them, or one of its doctors, signed.

Pure: `now` is an argument; what is trusted and which queues there are is handed in
(`trust.py` and `directory_file.py` read it). No link and no doctor is known beforehand; a
token and a key are all that it takes.

Of the three roles of a credential doctors and probes enter here. Staff serve no queue: no
socket lets them in, and `staff` is for the status page alone.

The forms are in `clients/union/README.md`. Several unions may be trusted at once; each
vouches for its own doctors only, by its own list.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import capability
from .admission import Entrant, NotAdmitted
from .capability import Capability
from .credentials import SKEW_S, Access, RevocationList, Union, issuer_of, read_access
from .directory import Directory
from .encoding import decode, encode
from .probing import is_probe
from .store import Spend

_MARK_LABEL = b"teleconsult spent mark v1"
_MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Trusted:
    """A union and the newest of its lists. Without a list none of its doctors enters."""

    union: Union
    listed: RevocationList | None


@dataclass(frozen=True, slots=True)
class StaffEntry:
    """Union staff who may read the status page: of which union, by which key, until when."""

    union: str
    key: str
    ends: int


class UnionAdmission:
    """Admits by trusted unions: none at first.

    Args:
        secrets: the installation secrets, from which the keys of spent marks are made; the
            current one first, then the previous one while it is being replaced.
        link_window_s: how long a counted link may be open.
        queues: their names, as long as no directory is followed.
    """

    def __init__(
        self, secrets: Sequence[bytes], link_window_s: float, queues: Iterable[str] = ()
    ) -> None:
        self._mark_keys = [hmac.digest(one, _MARK_LABEL, hashlib.sha256) for one in secrets]
        self._window_s = link_window_s
        self._trusted: Mapping[str, Trusted] = {}
        self._directory = Directory.of_names(queues)

    @property
    def unions(self) -> tuple[Union, ...]:
        """The unions that are trusted."""
        return tuple(one.union for one in self._trusted.values())

    def lists_fresh(self, now: float) -> int:
        """Count the trusted unions whose list holds: the doctors of the others are refused."""
        lists = (one.listed for one in self._trusted.values())
        return sum(listed is not None and now < listed.ends for listed in lists)

    def trust(self, trusted: Mapping[str, Trusted]) -> None:
        """Trust these unions, by their id, and no others.

        A list never gives way to an older one, or to none, as long as its union is trusted.
        """
        self._trusted = {
            id_: Trusted(one.union, _newer(self._trusted[id_].listed, one.listed))
            if id_ in self._trusted
            else one
            for id_, one in trusted.items()
        }

    @property
    def directory(self) -> Directory:
        """Say which queues there are now."""
        return self._directory

    def follow(self, directory: Directory) -> None:
        """Let a directory say from now on who may serve and enter which queue.

        A queue that it has no more is closed: nobody new enters, who waits there is served.
        """
        self._directory = directory.after(self._directory)

    def admit(self, token: str, key: str, now: float) -> Entrant:
        """See `Admission.admit`."""
        if token.startswith(capability.PREFIX):
            return self._patient(capability.parse(token), key, now)
        return self._doctor(token, key, now)

    def staff(self, token: str, key: str, now: float) -> StaffEntry:
        """Say until when the holder of `key` may read the status page.

        Ask again whenever something is shown: a credential may have been revoked since.

        Raises:
            NotAdmitted: `not-admitted`, `expired`, `early` or `revoked`.
        """
        union, access = self._vouched(token, key, now)
        if access.role != "staff":
            raise NotAdmitted("not-admitted")
        return StaffEntry(union, key, access.ends)

    def _patient(self, cap: Capability, key: str, now: float) -> Entrant:
        """Check who signed and who holds before when: a stranger learns nothing of times."""
        if not self._trusted:
            raise NotAdmitted("not-admitted")  # a personal link vouches for itself alone
        if not cap.is_signed_by(cap.signer if cap.is_personal else self._root_of(cap.signer)):
            raise NotAdmitted("not-admitted")
        if cap.holder not in ("", key):
            raise NotAdmitted("not-admitted")
        if cap.uses and cap.ends - cap.begins > self._window_s:
            raise NotAdmitted("not-admitted")
        if cap.ends <= now:
            raise NotAdmitted("expired")
        if now < cap.begins - SKEW_S:
            raise NotAdmitted("early")
        return Entrant("patient", key, (cap.queue,), self._cost_of(cap), self._is_late(cap))

    def _is_late(self, cap: Capability) -> bool:
        """Ask the directory, which lists neither a doctor's own queue nor a probe's."""
        if is_probe(cap.queue):
            if cap.is_personal:
                raise NotAdmitted("not-admitted")  # nobody makes his own way out of the figures
            return False
        if cap.is_personal:
            return False
        entry = self._directory.entry(cap.queue, encode(cap.signer))
        if entry == "nobody":
            raise NotAdmitted("not-admitted")
        return entry == "who was here"

    def _root_of(self, signer: bytes) -> bytes:
        trusted = self._trusted.get(encode(signer))
        if trusted is None:
            raise NotAdmitted("not-admitted")
        return trusted.union.root

    def _cost_of(self, cap: Capability) -> Spend | None:
        if not cap.uses:
            return None
        holder = decode(cap.holder)
        mark, *former = (
            encode(hmac.digest(key, holder, hashlib.sha256)[:_MARK_BYTES])
            for key in self._mark_keys
        )
        return Spend(mark, cap.uses, cap.ends, "".join(former))

    def _doctor(self, token: str, key: str, now: float) -> Entrant:
        union, access = self._vouched(token, key, now)
        if access.role == "probe":
            return Entrant("doctor", key, access.queues)  # in whatever directory
        queues = self._directory.served(access.queues, union)
        if access.handle:
            queues = (*queues, access.handle)
        if access.role == "staff" or not queues:
            raise NotAdmitted("not-admitted")
        return Entrant("doctor", key, queues)

    def _vouched(self, token: str, key: str, now: float) -> tuple[str, Access]:
        """Check a credential by its union and the union's list; say which union that is."""
        trusted = self._trusted.get(issuer_of(token))
        if trusted is None:
            raise NotAdmitted("not-admitted")
        access = read_access(token, trusted.union, now)
        if access.key != key:
            raise NotAdmitted("not-admitted")
        # A list that is over might have named this credential: silence is not consent.
        listed = trusted.listed
        if listed is None or listed.ends <= now or access.jti in listed.revoked:
            raise NotAdmitted("revoked")
        return trusted.union.id, access


def _newer(held: RevocationList | None, read: RevocationList | None) -> RevocationList | None:
    if held is None or read is None:
        return held or read
    return read if read.seq >= held.seq else held
