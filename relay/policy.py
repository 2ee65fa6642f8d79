"""Which addresses nobody may be reached at through a relay that is open. Closed, none of this asks.

Pure. For mixed deployments, in which a client's far end is not on this relay (coturn's
configuration is made of the same list). Denied by default: everything that is not a public
host, in every way of writing it.

RFC 8656 §21.4; IANA's special-purpose address registries; the ways of putting IPv4 into
IPv6: RFC 4291 §2.5.5, RFC 6052, RFC 8215, RFC 3056, RFC 4380.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IP = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Written out, and not left to `is_global` alone: what that says has changed with versions.
DENIED: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and where clouds tell a machine its secrets
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/96",  # unspecified, loopback, and IPv4 as it was once written
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    )
)

# Prefix, and the bit of the IPv6 address after which the IPv4 address stands.
_EMBEDDED: tuple[tuple[IPv6Network, int], ...] = tuple(
    (IPv6Network(text), bit)
    for text, bit in (
        ("::ffff:0:0/96", 96),
        ("::/96", 96),
        ("64:ff9b::/96", 96),
        ("64:ff9b:1::/48", 96),
        ("2002::/16", 16),
    )
)
_TEREDO = IPv6Network("2001::/32")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read the networks that an operator opens.

    Raises:
        ValueError: one is none, or would open nothing. A sentence for who typed it.
    """
    return tuple(map(_network, texts))


def _network(text: str) -> Network:
    try:
        network = ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(
            f"{text} is not a network: one is written as 10.1.2.0/24 or fd00:1::/64, "
            "with zeros behind its prefix."
        ) from None
    hides = [*(each for each, _ in _EMBEDDED), _TEREDO]
    if isinstance(network, IPv6Network) and any(map(network.subnet_of, hides)):
        raise ValueError(f"{text} is IPv4 written in IPv6, which no peer is reached by.")
    return network


def inside(ip: IP) -> list[IP]:
    """List what an address stands for: itself, and every IPv4 address written in it.

    `::` and `::1` are themselves, and 0.0.0.0 and 0.0.0.1 besides: denied either way.
    """
    found: list[IP] = [ip]
    if isinstance(ip, IPv4Address):
        return found
    for network, bit in _EMBEDDED:
        if ip in network:
            found.append(IPv4Address(int(ip) >> (96 - bit) & 0xFFFFFFFF))
    if ip in _TEREDO:
        server, client = int(ip) >> 64 & 0xFFFFFFFF, ~int(ip) & 0xFFFFFFFF
        found += [IPv4Address(server), IPv4Address(client)]
    return found


def may_reach(
    peer: str, own: Iterable[str] = (), allowed: Sequence[Network] = (), port: int = 1
) -> bool:
    """Tell whether an open relay may send to a peer.

    Args:
        own: the relay's own addresses, which are never reached through a socket: two ends
            that are both relayed meet inside.
        allowed: networks that an operator opens on purpose. They never open `own`, nor an
            IPv4 address hidden in an IPv6 one.

    Returns:
        False also for what is no address.
    """
    try:
        ip = ipaddress.ip_address(peer)
        mine = {each for text in own for each in inside(ipaddress.ip_address(text))}
    except ValueError:
        return False
    meant = inside(ip)
    if port == 0 or not mine.isdisjoint(meant):
        return False
    if len(meant) == 1 and any(ip in network for network in allowed):
        return True
    return all(each.is_global and not _is_denied(each) for each in meant)


def _is_denied(ip: IP) -> bool:
    return any(ip in network for network in DENIED)
