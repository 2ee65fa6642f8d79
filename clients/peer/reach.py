"""By which address the service is reached, and whose word is taken for its certificate.

A door. It opens nothing by itself: it says how whoever opens a connection is to do so.
"""

import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import aiohttp

SOCKET_PATH = "/v1"

_SOCKET_SCHEMES = {"http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Reach:
    """A way to the service.

    Attributes:
        trust: for a certificate that only this machine knows.
        at: scheme, host and port of one node, where it is not reached by the pages' own
            address. What is said there is said as to the pages' origin, and its certificate
            is to be the origin's all the same.
    """

    trust: ssl.SSLContext | None = None
    at: str | None = None

    def url(self, origin: str, path: str) -> str:
        """Say where something of this origin is asked for."""
        return (self.at or origin).rstrip("/") + path

    def socket_url(self, origin: str) -> str:
        """Say where a socket to this origin is opened."""
        scheme, _, rest = self.url(origin, SOCKET_PATH).partition("://")
        return f"{_SOCKET_SCHEMES[scheme]}://{rest}"

    def name(self, origin: str) -> str | None:
        """Say whose certificate it is to be, where that is not the host that is asked."""
        return urlsplit(origin).hostname if self.at is not None else None

    def connector(self) -> aiohttp.TCPConnector:
        """Make what opens connections."""
        return aiohttp.TCPConnector(ssl=self.trust or True)


BY_ITS_ADDRESS: Final = Reach()
