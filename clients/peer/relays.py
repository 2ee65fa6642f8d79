"""Which of a relay's addresses can be reached from here.

A door. Browsers try all of them at once; aiortc takes one, so that somebody must choose. Each
is asked for nothing but an answer, in the order in which the server names them.

RFC 8489 §6.2 (a Binding request over UDP); over TCP and TLS a connection is answer enough.
"""

import asyncio
import re
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal

from aioice import stun, turn

from signaling.messages import Relay

from .errors import PeerError

ANSWERS_WITHIN_S = 1.5
ASK_AGAIN_S = 0.3
_URL = re.compile(r"(turns?):(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d+)\?transport=(udp|tcp)")


async def first_reached(
    urls: Sequence[str],
    trust: ssl.SSLContext | None = None,
    *,
    within_s: float = ANSWERS_WITHIN_S,
) -> str:
    """Return the first address that answers.

    Args:
        trust: for a certificate that only this machine knows.

    Raises:
        PeerError: none does.
    """
    for url in urls:
        found = _URL.fullmatch(url)
        if found is None:
            continue
        scheme, ip, name, port, over = found.groups()
        host = ip or name
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(within_s):
                if over == "udp":
                    await _asked(host, int(port))
                else:
                    await _connected(host, int(port), scheme == "turns", trust)
                return url
    raise PeerError("The relay cannot be reached from here, by none of its addresses.")


Space = Literal["given", "full", "refused", "unreached", "silent", "certificate", "none"]
"""What a relay answers to whoever asks for an address there; `none`: there is nobody to ask."""

# RFC 8656 §7.2 and §19: Allocation Quota Reached, Insufficient Capacity.
_FULL = (486, 508)


async def space_at(
    url: str, relay: Relay, trust: ssl.SSLContext | None = None, *, within_s: float
) -> Space:
    """Ask one of a relay's addresses for what a connection asks of it; give it back at once."""
    found = _URL.fullmatch(url)
    if found is None:
        return "none"
    scheme, ip, name, port, over = found.groups()
    context = (trust or ssl.create_default_context()) if scheme == "turns" else None
    lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    try:
        async with asyncio.timeout(within_s):
            transport, _ = await turn.create_turn_endpoint(
                lambda: _Held(lost),
                server_addr=(ip or name, int(port)),
                username=relay.username,
                password=relay.password,
                ssl=context,
                transport=over,
            )
            transport.close()
            await lost
    except stun.TransactionFailed as failed:
        return "full" if failed.response.attributes["ERROR-CODE"][0] in _FULL else "refused"
    except ssl.SSLCertVerificationError:
        return "certificate"
    except (TimeoutError, stun.TransactionError):
        return "silent"
    except OSError:
        return "unreached"
    return "given"


class _Held(asyncio.DatagramProtocol):
    """What a relay gives, until it is given back."""

    def __init__(self, lost: asyncio.Future[None]) -> None:
        self._lost = lost

    def connection_lost(self, error: Exception | None) -> None:
        if not self._lost.done():
            self._lost.set_result(None)


async def _connected(host: str, port: int, is_tls: bool, trust: ssl.SSLContext | None) -> None:
    context = (trust or ssl.create_default_context()) if is_tls else None
    _, writer = await asyncio.open_connection(host, port, ssl=context)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _asked(host: str, port: int) -> None:
    """Ask until there is an answer, whatever it is."""
    loop = asyncio.get_running_loop()
    transport, asking = await loop.create_datagram_endpoint(_Asking, remote_addr=(host, port))
    try:
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        while not asking.answered.is_set():
            transport.sendto(bytes(request))
            with suppress(TimeoutError):
                await asyncio.wait_for(asking.answered.wait(), ASK_AGAIN_S)
    finally:
        transport.close()


class _Asking(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answered = asyncio.Event()

    def datagram_received(self, data: bytes, address: object) -> None:
        self.answered.set()

    def error_received(self, error: Exception) -> None:
        """Nobody listens there; the next address is tried when time is up."""
