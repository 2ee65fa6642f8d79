"""Which life of the store this is, and what of an older one must not come back.

Pure. A store may be lost with all that it held: it then lives anew, under another epoch, and
is filled again from the passes that people bring. Whoever was served, left or was shown
out may still have a pass that looks like a place; so the node remembers what is over, until the
passes of it are, and says so to a store that has forgotten.

A node that dies takes what it remembers with it: of what ended there in the last
`wait_pass_s`, passes can then bring somebody back once the store is lost too.
"""

from collections import OrderedDict

from .passes import Pass
from .people import Refusal
from .store import Over, Store

# What ends in ten minutes in a federation of 1,300 doctors is a tenth of it; the oldest go first.
MARKS_MAX = 20_000


class Lives:
    """The lives of one store, as one node has seen them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._epoch: str | None = None
        self._over: OrderedDict[str, Over] = OrderedDict()

    def is_over(self, id_: str, expires_at: float) -> None:
        """Remember that a ticket or a seat is over, until its passes are."""
        self._over[id_] = Over(id_, expires_at)
        if len(self._over) > MARKS_MAX:
            self._over.popitem(last=False)

    async def look(self, now: float) -> None:
        """See which life this is; tell a new one what is over. To be called with each tick."""
        while self._over and next(iter(self._over.values())).expires_at <= now:
            self._over.popitem(last=False)
        epoch = (await self._store.life()).epoch
        if self._epoch not in (None, epoch):
            await self._store.mark_over([*self._over.values()])
        self._epoch = epoch

    async def is_older(self, pass_: Pass, now: float) -> bool:
        """Tell whether a pass is of a life that is lost, and may be taken over into this one.

        Raises:
            Refusal: `rebuilding` while other nodes may still have to say what is over.
        """
        life = await self._store.life()
        if pass_.epoch == life.epoch:
            return False
        if now < life.admits_from:
            raise Refusal("rebuilding", retry_s=life.admits_from - now)
        if life.epoch != self._epoch:
            await self.look(now)
        return True

    async def check_calls(self, now: float) -> None:
        """Let a doctor call, unless those who waited may still be on their way back.

        Raises:
            Refusal: `rebuilding`, and for how long.
        """
        calls_from = (await self._store.life(is_fresh=True)).calls_from
        if now < calls_from:
            raise Refusal("rebuilding", retry_s=calls_from - now)
