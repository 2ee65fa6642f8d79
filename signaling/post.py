"""Post: messages for whoever listens at an address, kept nowhere.

Pure. `LocalPost` reaches the sockets of one process; it is all the post that a process alone
needs, and the last step of any other.
"""

from collections.abc import Collection
from typing import Protocol

from .messages import ServerMessage
from .store import Deliver


class Post(Protocol):
    """What a store does for post; `store.Store` says what each promises."""

    async def post(self, address: str, message: ServerMessage) -> bool: ...

    async def listen(self, address: str, deliver: Deliver) -> None: ...

    async def hush(self, address: str, deliver: Deliver) -> None: ...


class LocalPost:
    """`Post` within one process: an address, and who listens there."""

    def __init__(self) -> None:
        self._listeners: dict[str, Deliver] = {}

    @property
    def addresses(self) -> Collection[str]:
        """Where somebody listens."""
        return self._listeners.keys()

    def hand(self, address: str, message: ServerMessage) -> bool:
        """Hand a message over at once, if somebody listens."""
        deliver = self._listeners.get(address)
        if deliver is None:
            return False
        deliver(message)
        return True

    async def post(self, address: str, message: ServerMessage) -> bool:
        return self.hand(address, message)

    async def listen(self, address: str, deliver: Deliver) -> None:
        self._listeners[address] = deliver

    async def hush(self, address: str, deliver: Deliver) -> None:
        if self._listeners.get(address) == deliver:
            del self._listeners[address]
