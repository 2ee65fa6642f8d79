"""What counted links have cost, on Redis.

Pure; `redis_keys.py` is the door. A link's account and a ticket are two values, so paying is two
steps: a use is *set aside* for a call, the call becomes a session, and the use is *paid*. A
use that is set aside counts as used. If the process dies between, whoever meets the link at its
limit looks what has become of the call, and pays or frees the use.
"""

from dataclasses import replace

from . import transitions
from .records import Account
from .redis_kept import Kept, at
from .store import Spend, Spent


class RedisLinks(Kept):
    """The part of `store.Store` that is about counted links."""

    async def spent(self, spend: Spend) -> int:
        accounts = await self._read_all(Account, (at("link", mark) for mark in _marks(spend)))
        return sum(account.spent.uses for account in accounts if account is not None)

    async def _set_aside(self, spend: Spend, call: str, ticket: str) -> bool:
        """Set a use aside for a call. False when there is none left."""
        tries = self._tries()
        while True:
            await tries.again()
            raw, account = await self._read(Account, at("link", spend.mark))
            account = account or Account(Spent(spend.mark, 0, spend.expires_at))
            if (call, ticket) in account.pending:
                return True
            uses = await self.spent(spend) + len(account.pending)
            if transitions.is_used_up(spend, uses):
                if not await self._settle(spend, account):
                    return False
                continue
            after = replace(account, pending=(*account.pending, (call, ticket)))
            await self._redis.run(*self._due(f"link {spend.mark}", spend.expires_at))
            if await self._keep(raw, after):
                return True

    async def _close(self, spend: Spend, call: str, *, is_paid: bool) -> bool:
        """Pay the use that was set aside for a call, or free it; False if there is none."""
        tries = self._tries()
        while True:
            await tries.again()
            raw, account = await self._read(Account, at("link", spend.mark))
            if account is None or call not in {one for one, _ in account.pending}:
                return False
            left = tuple(one for one in account.pending if one[0] != call)
            spent = transitions.paid(account.spent, spend) if is_paid else account.spent
            if await self._keep(raw, Account(spent, left)):
                return True

    async def _settle(self, spend: Spend, account: Account) -> bool:
        """See what has become of the calls that uses were set aside for; False: all are open."""
        is_changed = False
        for call, ticket in account.pending:
            if not await self._is_open(call, ticket):
                is_changed |= await self._close(spend, call, is_paid=False)
        return is_changed

    async def _keep(self, raw: str | None, account: Account) -> bool:
        spent = account.spent
        is_empty = not spent.uses and not account.pending
        kept = None if is_empty else account
        return await self._swap(at("link", spent.mark), raw, kept, spent.expires_at)

    async def _is_open(self, call: str, ticket: str) -> bool:
        """Tell whether a call is open, and finish it if it was accepted: `redis_calls.py`."""
        raise NotImplementedError


def _marks(spend: Spend) -> set[str]:
    return {spend.mark, spend.former} - {""}
