"""`teleconsult relay --open`: what an operator says to open the relay, and what is said to him.

It opens nothing by itself. What an open relay reaches is `relay/policy.py`'s to say.
"""

import argparse
import re
from dataclasses import dataclass

from relay import policy
from relay.core import Settings

from .demo import CannotStart

# Below are the ports of the system's services.
FIRST_MIN, LAST_MAX = 1024, 65535
_DEFAULT = Settings()
_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Open:
    """How the relay is opened.

    Attributes:
        first, last: its UDP ports for peers.
        allowed: networks that are opened besides the public internet.
    """

    first: int
    last: int
    allowed: tuple[policy.Network, ...]

    def sentences(self) -> list[str]:
        """Say what it means, for who starts it."""
        besides = ", ".join(map(str, self.allowed))
        return [
            "It is OPEN: in this machine's name it sends to any public address of the internet "
            "whatever somebody with a relay password asks for, and lets the answers in.",
            "Without --open, the default, it reaches nobody but the members of one consultation.",
            f"Its UDP ports {self.first} to {self.last} are for peers: the firewall lets them in.",
            *([f"Reached besides the internet: {besides}."] if besides else []),
        ]


def add_flags(relay: argparse.ArgumentParser) -> None:
    """Add the flags of an open relay."""
    relay.add_argument(
        "--open",
        action="store_true",
        help="own engine: reach far ends that are not on this relay, anywhere on the internet "
        "(default: closed, members of one consultation only)",
    )
    relay.add_argument(
        "--relayed-ports",
        metavar="FIRST-LAST",
        help="open: UDP ports for peers, one for each allocation "
        f"(default {_DEFAULT.port_first}-{_DEFAULT.port_last})",
    )
    relay.add_argument(
        "--allow-peers",
        action="append",
        metavar="CIDR",
        help="open: a network that is no part of the public internet and is reached all the same; "
        "may be given several times",
    )


def read(arguments: argparse.Namespace) -> Open | None:
    """Read them; None for a closed relay.

    Raises:
        CannotStart: they make no sense. One sentence.
    """
    ports, allowed = arguments.relayed_ports, arguments.allow_peers
    if not arguments.open:
        if ports is not None or allowed:
            raise CannotStart("--relayed-ports and --allow-peers are for --open.")
        return None
    try:
        networks = policy.networks(allowed or ())
    except ValueError as error:
        raise CannotStart(f"--allow-peers: {error}") from None
    if ports is None:
        return Open(_DEFAULT.port_first, _DEFAULT.port_last, networks)
    found = _RANGE.fullmatch(ports)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not FIRST_MIN <= first <= last <= LAST_MAX:
        raise CannotStart(
            f"--relayed-ports is written as {_DEFAULT.port_first}-{_DEFAULT.port_last}, "
            f"within {FIRST_MIN}-{LAST_MAX}."
        )
    return Open(first, last, networks)
