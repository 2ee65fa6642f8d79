"""A relay on loopback for tests: real sockets, a real clock, generous limits unless told."""

import datetime
import ipaddress
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from relay import open_server
from relay.core import Relay, Settings
from relay.credentials import RelayPassword, mint
from relay.open_core import OpenRelay
from relay.open_server import OpenServer
from relay.policy import networks
from relay.server import Address, Limits, Server, serving, tls_context

SECRET = b"s3cret" * 6
LOOPBACK = "127.0.0.1"
# Everybody in a test shares one address, and a flood of tools one tag.
GENEROUS = Settings(
    allocations_per_tag=500,
    bytes_per_s_per_tag=100_000_000,
    loop_bytes_per_s=100_000_000,
    stranger_answers_per_s=100_000.0,
    stranger_burst=100_000.0,
)
# Everything that a relay counts: each a number, and none of anybody.
COUNTED = frozenset(
    "allocations allocations_percent consultations packets bytes bytes_percent dropped unanswered "
    "discarded unsent streams streams_percent streams_refused streams_silent".split()
)
# Every code with which a request is refused; they are counted as `refused_400` and so on.
CODES = frozenset({400, 401, 403, 420, 437, 438, 440, 441, 442, 443, 486, 508})


@dataclass(frozen=True, slots=True)
class Authority:
    """A throwaway authority and what it signed for loopback, as files."""

    root: Path
    certificate: Path
    key: Path

    def trusted(self) -> ssl.SSLContext:
        """What a client needs that trusts this authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.root))


def authority(folder: Path, *addresses: str) -> Authority:
    """Make an authority of an afternoon; its own key is never written.

    It vouches for loopback, or for these addresses.
    """
    now = datetime.datetime.now(datetime.UTC)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests of the relay")])
    root = _certificate(root_name, root_name, root_key.public_key(), now, is_ca=True)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    leaf = _certificate(name, root_name, key.public_key(), now, is_ca=False)
    leaf = leaf.add_extension(
        x509.SubjectAlternativeName(
            [
                x509.DNSName("localhost"),
                *(x509.IPAddress(ipaddress.ip_address(ip)) for ip in addresses or (LOOPBACK,)),
            ]
        ),
        critical=False,
    )
    made = Authority(folder / "root.pem", folder / "certificate.pem", folder / "key.pem")
    pem = serialization.Encoding.PEM
    made.root.write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(pem))
    made.certificate.write_bytes(leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    made.key.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime.datetime,
    *,
    is_ca: bool,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )


def password(tag: str, lifetime_s: int = 600) -> RelayPassword:
    """Mint a relay password as the server does."""
    return mint(SECRET, tag, int(time.time()) + lifetime_s)


@asynccontextmanager
async def relaying(
    made: Authority | None = None,
    settings: Settings = GENEROUS,
    limits: Limits | None = None,
    ip: str = LOOPBACK,
) -> AsyncIterator[Server]:
    """Run a closed relay on free ports: UDP, TCP, and TLS where there is an authority."""
    relay = Relay([ip], [SECRET], secrets.token_bytes, settings, time.time())
    context = tls_context(str(made.certificate), str(made.key)) if made else None
    here = Address(ip, 0)
    async with serving(
        relay,
        time.time,
        udp=[here],
        tcp=[here],
        tls=[here] if context else [],
        context=context,
        limits=limits,
    ) as server:
        yield server


@asynccontextmanager
async def opening(
    made: Authority | None = None,
    settings: Settings = GENEROUS,
    allowed: Sequence[str] = (),
    ip: str = LOOPBACK,
) -> AsyncIterator[OpenServer]:
    """Run an open relay on free ports, as above."""
    relay = OpenRelay(
        [ip], [SECRET], secrets.token_bytes, settings, time.time(), allowed=networks(allowed)
    )
    context = tls_context(str(made.certificate), str(made.key)) if made else None
    here = Address(ip, 0)
    async with open_server.serving(
        relay,
        time.time,
        udp=[here],
        tcp=[here],
        tls=[here] if context else [],
        context=context,
    ) as server:
        yield server


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """Find a port of loopback that nobody uses, neither for UDP nor for TCP.

    Below those that the system gives to whoever wants any: other tests run meanwhile.
    """
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        kinds = (kind, socket.SOCK_DGRAM, socket.SOCK_STREAM)
        with ExitStack() as stack, suppress(OSError):
            for each in dict.fromkeys(kinds):
                stack.enter_context(socket.socket(socket.AF_INET, each)).bind((LOOPBACK, port))
            return port
