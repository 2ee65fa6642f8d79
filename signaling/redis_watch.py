"""Asks every server of the store whether it can keep anything, at start and ever after.

A door: it asks, `memory_only.py` judges. The masters are asked, and whoever they fill, and
whoever those fill: nobody else gets anything of what is written. A replica that is down gets
nothing either, and is asked once it is back. Between two looks somebody with more rights could
change a server: `store_check_s` is how long that goes unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import redis.asyncio
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    NoPermissionError,
    RedisError,
    ResponseError,
)

from .memory_only import (
    CONFIG,
    ENDS,
    FORBIDDEN,
    INFO_SECTIONS,
    WHAT_TO_DO,
    Facts,
    judge,
    replicas_of,
)
from .redis_connection import AWAY, Connection
from .store_address import Place

SERVERS_MAX = 100
"""More than that are no store of ours: a list that leads in circles ends here."""

SAID_MAX = 12
"""Reasons that are said; somebody who reads ten of them knows what to do."""


SILENT = "it does not answer"
SILENT_MAX = 3
"""So many looks in a row without an answer count as a reason: one may be a busy moment."""


class MayKeep(Exception):
    """The store could keep what it is given. The sentence lists why, and what to do."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found.

    Attributes:
        reasons: what speaks against the store, a sentence each.
        silent: which servers gave no answer, a sentence each: of them nothing is known.
    """

    reasons: Sequence[str] = ()
    silent: Sequence[str] = ()


async def check(connection: Connection) -> None:
    """Make sure that no server of the store can keep anything.

    Raises:
        MayKeep: with every reason found. A server that does not answer is one.
    """
    verdict = await asked(connection)
    reasons = [*verdict.silent, *verdict.reasons]
    if reasons:
        shown = reasons[:SAID_MAX]
        if len(reasons) > SAID_MAX:
            shown.append(f"and {len(reasons) - SAID_MAX} more")
        raise MayKeep(
            "The store could keep what it is given, and nothing may be kept:\n"
            + "".join(f"  {reason}\n" for reason in shown)
            + WHAT_TO_DO
        )


async def asked(connection: Connection) -> Verdict:
    """Ask every server of a store."""
    try:
        masters = await connection.masters()
    except (AuthenticationError, AuthorizationError, NoPermissionError):
        return Verdict(reasons=["the store refuses this user and password"])
    except AWAY:
        return Verdict(silent=["the store does not answer"])
    left = [(place, "master") for place in masters]
    reasons: list[str] = []
    silent: list[str] = [] if left else ["nobody says where the store is"]
    seen: set[Place] = set()
    while left:
        place, role = left.pop()
        if place in seen:
            continue
        if len(seen) == SERVERS_MAX:
            reasons.append(f"there are more than {SERVERS_MAX} servers")
            break
        seen.add(place)
        facts = await facts_of(connection, place, role)
        if facts.trouble == SILENT:
            silent += judge(facts)
        else:
            reasons += judge(facts)
        left += [(Place(*replica), "slave") for replica in replicas_of(facts.info)]
    return Verdict(reasons, silent)


async def facts_of(connection: Connection, place: Place, role: str) -> Facts:
    """Ask one server all that is to be judged."""
    name = f"{'master' if role == 'master' else 'replica'} {place}"
    server = connection.to(place)
    try:
        return Facts(
            name,
            role,
            info=await _info(server),
            config=await _config(server),
            may=await _rights(server),
            is_open=await _is_open(connection, place),
        )
    except (AuthenticationError, AuthorizationError):
        return Facts(name, role, trouble="it refuses this user and password")
    except (*AWAY, RedisError):
        return Facts(name, role, trouble=SILENT)
    finally:
        await server.aclose()


async def _info(server: redis.asyncio.Redis) -> dict[str, object]:
    found: dict[str, object] = {}
    try:
        for section in INFO_SECTIONS:
            found |= await server.info(section)
    except NoPermissionError:
        pass  # what is missing speaks against it
    return found


async def _config(server: redis.asyncio.Redis) -> dict[str, str]:
    try:
        said = await server.config_get(*CONFIG, *ENDS)
    except ResponseError:
        return {}
    return {str(name): str(value) for name, value in said.items()}


async def _rights(server: redis.asyncio.Redis) -> dict[str, bool]:
    """Find out what our account may do, without doing it (ACL DRYRUN, since Redis 7)."""
    try:
        user = await server.acl_whoami()
        async with server.pipeline(transaction=False) as asking:
            for command in FORBIDDEN:
                asking.execute_command("ACL DRYRUN", user, *command)
            answers = await asking.execute(raise_on_error=False)
    except ResponseError:
        return {}
    found = {}
    for command, answer in zip(FORBIDDEN, answers, strict=True):
        is_unknown = isinstance(answer, ResponseError) and "not found" in str(answer)
        if is_unknown or not isinstance(answer, Exception):
            found[" ".join(command)] = answer in ("OK", True)
    return found


async def _is_open(connection: Connection, place: Place) -> bool:
    """Tell whether somebody who has no password gets in."""
    stranger = connection.to(place, is_known=False)
    try:
        await stranger.ping()
    except NoPermissionError:
        return True  # he is in, and may do something else
    except (AuthenticationError, ResponseError):
        return False
    finally:
        await stranger.aclose()
    return True


class Watch:
    """What was found last. `look` is to be called on a timer, by `store_check_s`.

    Attributes:
        is_good: people may be let in: nothing speaks against it, and it is not silent.
        is_memory_only: nothing was found that could keep what it is given. Silence is not found:
            whoever is told otherwise searches a disk that has nothing on it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._silent_looks = 0
        self.is_good = True
        self.is_memory_only = True

    async def look(self) -> None:
        """Ask again. A store that is away as a whole is noticed elsewhere, and sooner."""
        verdict = await asked(self._connection)
        self._silent_looks = self._silent_looks + 1 if verdict.silent else 0
        if verdict.reasons:
            self.is_memory_only = False
        elif not verdict.silent:
            self.is_memory_only = True
        if verdict.reasons or self._silent_looks >= SILENT_MAX:
            self.is_good = False
        elif not verdict.silent:
            self.is_good = True
