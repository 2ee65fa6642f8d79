"""What is published beside the pages: the trusted unions, their lists, a doctor's bundle.

A door. It reads from the origin of the link and from nowhere else, sends nothing but the
names of these files, and keeps of a file of bundles the one slot that is its own. What
does not come is trouble with the network, and says nothing about a doctor.

The names are in `clients/README.md`, under *Published files*.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from clients.union import bundles
from clients.union.bundles import Bundle
from clients.union.credentials import Role
from clients.union.errors import Unreadable

from . import identity
from .errors import NotEnrolled, NotReached, PeerError
from .identity import TOKEN_MAX_CHARS, Identity, TrustedUnion, read_union
from .reach import BY_ITS_ADDRESS, Reach

# Some hundred unions with long names.
UNIONS_MAX_BYTES = 64 * 1024
LIST_MAX_BYTES = TOKEN_MAX_CHARS
# 2,000 doctors in one of the files; it is read slot by slot.
BUNDLES_MAX_BYTES = 64 * 1024 * 1024
WITHIN_S = 10.0
# A file of bundles over a slow line.
BUNDLES_WITHIN_S = 60.0
# As long as a server that is just starting may take.
STARTING_S, AGAIN_AFTER_S = 2.0, 0.2


class Published:
    """The published files of one origin.

    Args:
        origin: of the pages.
        reach: by which address, and whose certificate.
    """

    def __init__(self, origin: str, reach: Reach = BY_ITS_ADDRESS) -> None:
        self._origin, self._reach = origin, reach

    async def unions(self) -> tuple[TrustedUnion, ...]:
        """Fetch the unions that the pages trust. One that cannot be read is passed over.

        Raises:
            PeerError: they cannot be had.
        """
        text = await self._small("/unions.json", UNIONS_MAX_BYTES)
        try:
            value = json.loads(text)
            listed = value["unions"] if value["v"] == 1 else None
        except (ValueError, KeyError, TypeError, RecursionError):
            listed = None
        if not isinstance(listed, list):
            raise PeerError("The server's list of unions could not be read.")
        return tuple(filter(None, map(_union, listed)))

    async def revocations(self, union: str) -> str:
        """Fetch a union's revocation list for patients.

        Raises:
            PeerError: it cannot be had.
        """
        text = await self._small(f"/unions/{union}/list.jwt", LIST_MAX_BYTES)
        try:
            return text.decode("ascii").strip()
        except UnicodeDecodeError:
            raise PeerError("The union's revocation list could not be read.") from None

    async def bundle(self, union: str, key: X25519PrivateKey) -> Bundle | None:
        """Fetch the bundle that a union made for a doctor's encryption key; None if it made none.

        Raises:
            NotEnrolled: it is there, and cannot be opened.
            PeerError: it cannot be had.
        """
        public = key.public_key().public_bytes_raw()
        number = bundles.file_of(public)
        name, found = bundles.slot_id(public), b""
        path = f"/unions/{union}/bundles/{number}.bin"
        async with self._file(path, BUNDLES_MAX_BYTES, BUNDLES_WITHIN_S) as answer:
            if answer is None:
                return None
            try:
                # To the end: when it stops reading, nobody is to learn where its slot was.
                while slot := await answer.content.readexactly(bundles.SLOT_BYTES):
                    found = slot if slot.startswith(name) else found
            except asyncio.IncompleteReadError as end:
                if end.partial:
                    raise NotReached("A file of bundles did not come whole.") from None
        if not found:
            return None
        try:
            return bundles.open_([found] * bundles.FILES, key)
        except Unreadable as unreadable:
            raise NotEnrolled(str(unreadable)) from None

    async def _small(self, path: str, most: int) -> bytes:
        async with self._file(path, most, WITHIN_S) as answer:
            if answer is None:
                raise PeerError("The server does not publish what its unions signed.")
            text = b""
            async for piece in answer.content.iter_any():
                text += piece
                if len(text) > most:
                    raise PeerError("A published file is longer than it can be.")
            return text

    @asynccontextmanager
    async def _file(
        self, path: str, most: int, within_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse | None]:
        """Open a file; None where there is none of that name."""
        starting_until = time.monotonic() + STARTING_S
        try:
            async with (
                asyncio.timeout(within_s),
                aiohttp.ClientSession(
                    connector=self._reach.connector(),
                    cookie_jar=aiohttp.DummyCookieJar(),
                ) as session,
            ):
                while True:
                    try:
                        answer = await session.get(
                            self._reach.url(self._origin, path),
                            allow_redirects=False,
                            server_hostname=self._reach.name(self._origin),
                        )
                        break
                    except aiohttp.ClientConnectorError:
                        if time.monotonic() > starting_until:
                            raise
                        await asyncio.sleep(AGAIN_AFTER_S)
                async with answer:
                    if answer.status == 404:
                        yield None
                        return
                    if answer.status != 200 or (answer.content_length or 0) > most:
                        raise NotReached("The server did not hand out what its unions signed.")
                    yield answer
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise NotReached("The server was not reached in time.") from None


class Trusted:
    """Whose word a patient's end takes of a doctor: that of unions, fetched once.

    Args:
        named: id of the union that the link names, and then of no other. A pool's link always
            does: else whoever serves the list could write a root of his own into it. A personal
            link that names none is bound by its handle.
        now: what time it is.
    """

    def __init__(
        self,
        published: Published,
        named: str | None,
        now: Callable[[], float],
        role: Role = "doctor",
    ) -> None:
        self._published, self._named, self._now, self._role = published, named, now, role
        self.unions: tuple[TrustedUnion, ...] | None = None

    async def learns(self) -> None:
        """Fetch whom to trust, unless it is known.

        Raises:
            PeerError: it cannot be had.
        """
        if self.unions is None:
            self.unions = await self._published.unions()

    def judges(self, credential: str, revocations: str) -> Identity:
        """Say who a doctor is.

        Raises:
            Refused: `identity` or `revoked`.
        """
        unions = [u for u in self.unions or () if self._named in (None, u.kid)]
        return identity.verify(credential, revocations, unions, self._now(), self._role)


def _union(value: object) -> TrustedUnion | None:
    try:
        return read_union(json.dumps(value))
    except (ValueError, AttributeError):
        return None
