"""Which life of the store this is, and what of an older one must not come back.

Pure. A store may be lost with all that it held: it then lives anew, under another epoch, and
is filled again from the passes that people bring. Whoever was served, left or was shown
out may still have a pass that looks like a place; so the node remembers what is over, until the
passes of it are, and says so to a store that has forgotten. While passes of an older life may
still be shown, what ends in the new one is marked at once: the older pass of it is still out there.

A node that dies takes what it remembers with it: of what ended there in the last
`wait_pass_s`, passes can then bring somebody back once the store is lost too.
"""

from collections import OrderedDict

from .passes import Pass
from .people import Refusal
from .store import Over, Store, WayBack

# What ends in ten minutes in a federation of 1,300 doctors is a tenth of it; the oldest go first.
MARKS_MAX = 20_000


class Lives:
    """The lives of one store, as one node has seen them.

    Args:
        passes_s: no pass lives longer.
    """

    def __init__(self, store: Store, passes_s: float) -> None:
        self._store = store
        self._longest_s = passes_s
        self._epoch: str | None = None
        self._over: OrderedDict[str, Over] = OrderedDict()
        self._ways_back: OrderedDict[str, WayBack] = OrderedDict()
        self._is_telling = self._is_news = False

    async def is_over(self, id_: str, expires_at: float, now: float) -> None:
        """Remember that a ticket or a seat is over, until its passes are."""
        over = Over(id_, expires_at)
        self._over[id_] = over
        if len(self._over) > MARKS_MAX:
            self._over.popitem(last=False)
        if now < (await self._store.life()).began + self._longest_s:
            await self._store.mark_over([over])

    def has_way_back(self, way: WayBack) -> None:
        """Remember a patient who was sent back and is not there yet."""
        self._ways_back[way.key] = way
        if len(self._ways_back) > MARKS_MAX:
            self._ways_back.popitem(last=False)

    def is_back(self, key: str) -> None:
        """Forget that way: it was taken."""
        self._ways_back.pop(key, None)

    async def look(self, now: float) -> None:
        """See which life this is; tell a new one what it does not know, once."""
        while self._over and next(iter(self._over.values())).expires_at <= now:
            self._over.popitem(last=False)
        while self._ways_back and next(iter(self._ways_back.values())).expires_at <= now:
            self._ways_back.popitem(last=False)
        epoch = (await self._store.life()).epoch
        if epoch == self._epoch or self._is_telling:
            return
        self._is_telling = True
        try:
            if self._epoch is not None:
                await self._store.mark_over([*self._over.values()])
                for way in [*self._ways_back.values()]:
                    await self._store.open_way_back(way)
                self._is_news = True
            self._epoch = epoch
        finally:
            self._is_telling = False

    def take_news(self) -> bool:
        """Tell, once, that another life has begun: who is here by the old one is not in it."""
        is_news, self._is_news = self._is_news, False
        return is_news

    async def is_older(self, pass_: Pass, now: float) -> bool:
        """Tell whether a pass is of a life that is lost, and may be taken over into this one.

        Raises:
            Refusal: `rebuilding` while other nodes may still have to say what is over.
        """
        # As of now: who comes in the moment after a loss must not be taken for somebody over.
        life = await self._store.life(is_fresh=True)
        if pass_.epoch == life.epoch:
            return False
        if now < life.admits_from:
            raise Refusal("rebuilding", retry_s=life.admits_from - now)
        await self.look(now)
        if self._is_telling:  # for somebody else who asked
            raise Refusal("rebuilding", retry_s=1.0)
        return True

    async def check_calls(self, now: float) -> None:
        """Let a doctor call, unless those who waited may still be on their way back.

        Raises:
            Refusal: `rebuilding`, and for how long.
        """
        calls_from = (await self._store.life(is_fresh=True)).calls_from
        if now < calls_from:
            raise Refusal("rebuilding", retry_s=calls_from - now)
