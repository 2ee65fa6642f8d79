"""A private and closed configuration for coturn, and what it cannot close.

Pure. It writes text and reads what coturn says of itself; starting, asking and watching it
is `coturn.py`'s. Everything that could keep, log or reach something is off; of the rest each
known hole is told with what it means here.

coturn's own words: its `turnserver(1)`. It only warns about an option that it does not know,
and goes on without it: `ignored_options` finds such warnings, and whoever starts it refuses.
"""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .credentials import REALM

Version: TypeAlias = tuple[int, int, int]
State: TypeAlias = Literal["closed", "residual", "fatal"]
IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

NONCE_LIFETIME_S = 600
ALLOCATION_LIFETIME_MAX_S = 3600
UNAUTHENTICATED_S = 30
ALLOCATIONS_PER_TAG = 24  # as our own relay's: one for each network, transport and restart
ALLOCATIONS_MAX = 1000  # each takes one of its 1024 ports
BYTES_PER_S = 640_000  # per allocation: one picture and one sound, with room to spare
BYTES_PER_S_ALL = 64_000_000
SECRET_PLACEHOLDER = "REPLACE-WITH-WHAT-RELAY-PASSWORDS-ARE-MADE-OF"

# The only addresses that one end may reach are the relay's own, so that both ends meet on it.
# Never `0.0.0.0` or `::` alone: coturn takes either for every address.
_EVERY_IPV4 = "0.0.0.0-255.255.255.255"
# IPv6 in pieces that begin and end on a bit: before 4.16 coturn compares byte by byte. The
# second holds every form in which an IPv4 address hides, ::ffff:0:0/96 among them.
_EVERY_IPV6 = (
    "::1",
    "::ffff:0.0.0.0-::ffff:255.255.255.255",
    "64:ff9b::-64:ff9b::ffff:ffff",
    "64:ff9b:1::-64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    "100::-1ff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "5f00::-5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fec0::-feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)


class ConfigurationError(ValueError):
    """What was asked for cannot be written into a configuration. The sentence says why."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Where coturn finds its certificate, and on which port it speaks TLS."""

    certificate: str
    key: str
    port: int = 5349


@dataclass(frozen=True, slots=True)
class Coturn:
    """What an operator chooses.

    Attributes:
        secret: the relay secret, from which passwords are made; never on a command line.
        ip: the IPv4 address on which it listens and relays.
        public_ip: the address by which people reach it, where a router translates.
        ports: first and last port of relayed addresses, all to be open in the firewall.
    """

    secret: str = field(repr=False)
    ip: str
    port: int = 3478
    public_ip: str | None = None
    ports: tuple[int, int] = (49152, 50175)
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class Hole:
    """A known weakness of a version.

    Attributes:
        name: by which others know it.
        state: *closed* by this configuration, *residual* (it stays, and people are told), or
            *fatal* (do not start).
        sentence: what it means, or how it is closed.
    """

    name: str
    state: State
    sentence: str


@dataclass(frozen=True, slots=True)
class _Known:
    """A hole and the versions that have it: from `since`, before `fixed` (None: in all)."""

    hole: Hole
    fixed: Version | None = None
    since: Version = (0, 0, 0)
    machines: tuple[str, ...] = ()


def _closed(name: str, sentence: str) -> Hole:
    return Hole(name, "closed", sentence)


def _residual(name: str, sentence: str) -> Hole:
    return Hole(name, "residual", sentence)


def _fatal(name: str, sentence: str) -> Hole:
    return Hole(name, "fatal", sentence)


_KNOWN = (
    _Known(
        _fatal("CVE-2020-26262", "0.0.0.0 or ::1 as far end reaches this machine itself"), (4, 5, 2)
    ),
    _Known(
        _fatal(
            "CVE-2025-69217",
            "nonces and relayed ports can be foreseen, so that strangers could forge them",
        ),
        (4, 8, 0),
        (4, 6, 2),
    ),
    _Known(
        _fatal("CVE-2026-40613", "one datagram from anybody stops it on this kind of machine"),
        (4, 10, 0),
        machines=("aarch64", "arm64"),
    ),
    _Known(
        _closed(
            "CVE-2026-27624",
            "IPv4 addresses written as IPv6 pass its lists: it relays IPv4 only, their whole range "
            "is denied, and both are tried before it serves",
        ),
        (4, 9, 0),
    ),
    _Known(
        _closed("CVE-2026-53450", "more such forms: denied, and tried before it serves"), (4, 13, 1)
    ),
    _Known(
        _closed("6c13608c", "IPv6 ranges are compared byte by byte: ours end on whole bits"),
        (4, 16, 0),
    ),
    _Known(_closed("CVE-2026-73214", "state before a DTLS cookie: no DTLS"), (4, 16, 0)),
    _Known(_closed("CVE-2026-62959", "ACME redirect: never set"), (4, 15, 0)),
    _Known(
        _closed(
            "CVE-2026-43994",
            "OAuth, its databases, its metrics and its command line: none is on",
        )
    ),
    _Known(_closed("mobility", "moving an allocation gets round its quotas: off")),
    _Known(
        _residual(
            "ab762f33",
            "obeys what was added to a signed request behind its signature: who sits on the path "
            "of an end can end or shorten that end's allocation",
        ),
        (4, 15, 0),
    ),
    _Known(
        _residual("CVE-2026-68552", "a wrong length can shift the messages of a TCP connection"),
        (4, 15, 0),
    ),
    _Known(
        _residual(
            "#1869",
            "compares signatures in variable time; passwords that live minutes leave little to "
            "measure",
        ),
        (4, 11, 0),
    ),
    _Known(
        _residual("#1932", "who has a password can fill its memory with permissions"), (4, 13, 0)
    ),
    _Known(_residual("4adbd82e", "who has a password can use up its ports"), (4, 17, 0)),
    _Known(
        _residual("#1999", "remembers something of every stranger who asks: a flood costs memory"),
        (4, 17, 0),
    ),
    _Known(
        _residual(
            "unbound",
            "does not know which ends belong to one consultation: who has a password can send "
            "datagrams to any port of the relay's own address; close all others in the firewall",
        )
    ),
    _Known(
        _residual(
            "unended",
            "cannot be told that a consultation is over: an allocation lives on while its owner "
            "refreshes it, even past the end of its password",
        )
    ),
)


def holes(version: Version, machine: str) -> tuple[Hole, ...]:
    """List what is known of a version on a machine (as `uname -m` names it)."""
    return tuple(
        known.hole
        for known in _KNOWN
        if known.since <= version
        and (known.fixed is None or version < known.fixed)
        and (not known.machines or machine in known.machines)
    )


def read_version(text: str) -> Version | None:
    """Find the version in what `turnserver --version` prints; None if it is not there."""
    found = re.search(r"\b(\d+)\.(\d+)\.(\d+)\b", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def ignored_options(log: str) -> tuple[str, ...]:
    """List the options that coturn says it does not understand, each once."""
    found = re.findall(r"Bad configuration format: *(\S*)|[Uu]nrecognized option:? *(\S*)", log)
    return tuple(dict.fromkeys(first or second or "?" for first, second in found))


def configuration(chosen: Coturn, *, is_trial: bool = False) -> str:
    """Write the configuration.

    Args:
        is_trial: let it say on standard output what it thinks of the file. Only while it is
            tried: what it says of people holds their addresses.

    Raises:
        ConfigurationError: a value that cannot be one.
    """
    _refuse(chosen)
    return "".join(f"{line}\n" for line in _lines(chosen, is_trial))


def _lines(chosen: Coturn, is_trial: bool) -> Iterator[str]:
    yield "# Nothing is kept. These come first: until it has read them coturn writes to /var/log."
    yield from ("log-file=stdout",) if is_trial else ("log-file=/dev/null", "no-stdout-log")
    yield from ("simple-log", "pidfile=/dev/null", "userdb=:memory:")
    yield "# Who may use it: passwords made from the secret, valid for minutes."
    yield from (f"realm={REALM}", "use-auth-secret", f"static-auth-secret={chosen.secret}")
    yield f"stale-nonce={NONCE_LIFETIME_S}"
    yield "# Where. IPv4 only: an IPv6 far end could be an IPv4 one in disguise."
    yield from (f"listening-ip={chosen.ip}", f"listening-port={chosen.port}")
    yield f"relay-ip={chosen.ip}"
    if chosen.public_ip:
        yield f"external-ip={chosen.public_ip}/{chosen.ip}"
    yield from (f"min-port={chosen.ports[0]}", f"max-port={chosen.ports[1]}")
    if chosen.tls is None:
        yield "no-tls"
    else:
        yield from (f"cert={chosen.tls.certificate}", f"pkey={chosen.tls.key}")
        yield f"tls-listening-port={chosen.tls.port}"
    yield from ("no-dtls", "no-tlsv1", "no-tlsv1_1")
    yield "# What it says to strangers: little."
    yield from ("no-rfc5780", "no-stun-backward-compatibility", "no-software-attribute")
    yield from ("response-origin-only-with-rfc5780", "fingerprint")
    yield "# Nothing to administer it by, nothing to ask."
    yield from ("no-cli", "no-dynamic-ip-list", "no-dynamic-realms", "no-auth-pings")
    yield "# How much one may take."
    yield from (f"user-quota={ALLOCATIONS_PER_TAG}", f"total-quota={ALLOCATIONS_MAX}")
    yield from (f"max-bps={BYTES_PER_S}", f"bps-capacity={BYTES_PER_S_ALL}")
    yield f"max-allocate-lifetime={ALLOCATION_LIFETIME_MAX_S}"
    yield f"max-allocate-timeout={UNAUTHENTICATED_S}"
    yield "# Whom it reaches: itself, where both ends meet, and nobody else."
    yield from ("no-tcp-relay", "no-multicast-peers")
    yield from (f"denied-peer-ip={addresses}" for addresses in (_EVERY_IPV4, *_EVERY_IPV6))
    yield from (
        f"allowed-peer-ip={ip}" for ip in dict.fromkeys((chosen.ip, chosen.public_ip)) if ip
    )
    if _address(chosen.ip).is_loopback:
        yield "# Its own address is the machine's loopback: for trying out only."
        yield "allow-loopback-peers"


def _refuse(chosen: Coturn) -> None:
    """Make sure that no value could be read as something else.

    Raises:
        ConfigurationError: with a sentence that does not quote the secret.
    """
    if not re.fullmatch(r"[\w+/=-]{32,}", chosen.secret, re.ASCII):
        raise ConfigurationError("The relay secret must be 32 characters of base64 or more.")
    for ip in filter(None, (chosen.ip, chosen.public_ip)):
        address = _address(ip)
        if address.version != 4 or address.is_unspecified or address.is_multicast:
            raise ConfigurationError(f"With coturn the relay needs one IPv4 address; {ip} is not.")
    low, high = chosen.ports
    if not 1024 <= low < high <= 65535:
        raise ConfigurationError(f"Ports {low} to {high} are no range above 1024.")
    files = (chosen.tls.certificate, chosen.tls.key) if chosen.tls else ()
    if any(not name or not name.isprintable() or name != name.strip() for name in files):
        raise ConfigurationError("The name of a certificate's file holds what no line may hold.")


def _address(text: str) -> IPAddress:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise ConfigurationError(f"{text} is no IP address.") from None


def must_be_refused(chosen: Coturn) -> tuple[str, ...]:
    """List far ends of which each must be refused before it may serve."""
    own = {chosen.ip, chosen.public_ip}
    addresses = (
        "127.0.0.1",
        "127.0.0.2",
        "0.0.0.0",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.0.1",
        "224.0.0.1",
        "8.8.8.8",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::1",
        "fd00::1",
        "fe80::1",
        "2001:4860:4860::8888",
    )
    return tuple(address for address in addresses if address not in own)
