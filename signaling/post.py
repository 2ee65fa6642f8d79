"""Post: messages for whoever listens at an address, kept nowhere.

Pure. `LocalPost` reaches the sockets of one process; it is all the post that a process alone
needs, and the last step of any other.
"""

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

    async def post(self, address: str, message: ServerMessage) -> bool:
        deliver = self._listeners.get(address)
        if deliver is None:
            return False
        deliver(message)
        return True

    async def listen(self, address: str, deliver: Deliver) -> None:
        self._listeners[address] = deliver

    async def hush(self, address: str, deliver: Deliver) -> None:
        if self._listeners.get(address) == deliver:
            del self._listeners[address]
