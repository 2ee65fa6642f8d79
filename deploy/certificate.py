"""A certificate for an afternoon, so that a real phone can join over the local network.

It is signed by nobody: a browser warns, and whoever clicks the warning away trusts the
network he is on, unless he compares the fingerprint. It is for `LAN=1` only and may not serve
patients. Nothing of it outlives the process: the key is on disk only while OpenSSL reads it,
in a folder that only its owner can enter.

RFC 5280 for the certificate's fields; RFC 5737 for the address that `lan_address` names.
"""

import datetime
import hashlib
import ipaddress
import os
import pathlib
import socket
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = datetime.timedelta(days=7)
# A phone whose clock is slow should not find the certificate too young.
CLOCK_SLACK = datetime.timedelta(hours=1)
# RFC 5737: an address for documentation, which no network carries.
NOWHERE = "192.0.2.1"


class NoLanAddress(Exception):
    """This machine is on no network that a phone could share."""


@dataclass(frozen=True, slots=True)
class SelfSigned:
    """A certificate and its key, as PEM."""

    certificate: bytes
    key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 as browsers show it, to be compared when they warn."""
        der = ssl.PEM_cert_to_DER_cert(self.certificate.decode())
        return hashlib.sha256(der).digest().hex(":").upper()


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def self_signed(
    addresses: Iterable[str], key: ec.EllipticCurvePrivateKey, now: datetime.datetime
) -> SelfSigned:
    """Sign a certificate for localhost and these IP addresses; `now` knows its time zone."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "teleconsult (self-signed)")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    ips = {ipaddress.ip_address(address) for address in addresses}
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ip) for ip in sorted(ips, key=str)]

    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        # §4.1.2.2: positive and of at most 20 bytes; one key signs one certificate.
        .serial_number(int.from_bytes(identifier.digest[:16]))
        .not_valid_before(now - CLOCK_SLACK)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_SIGNS_ONLY, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )
    return SelfSigned(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def server_context(pair: SelfSigned) -> ssl.SSLContext:
    """Return what a server needs to speak TLS with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="teleconsult-") as folder:
        # OpenSSL reads keys from files only.
        context.load_cert_chain(written(pair, folder))
    return context


def written(pair: SelfSigned, folder: str) -> pathlib.Path:
    """Write both into one file that only its owner can read; return its path."""
    path = pathlib.Path(folder, "pair.pem")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pair.key + pair.certificate)
    return path


def lan_address(towards: str = NOWHERE) -> str:
    """Return this machine's IPv4 address on its network; not a packet is sent.

    Raises:
        NoLanAddress: there is no network, or only the machine's own loopback.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # To connect a datagram socket only asks which way a packet would leave.
            probe.connect((towards, 9))
        except OSError:
            raise NoLanAddress(NO_NETWORK) from None
        address = str(probe.getsockname()[0])
    if ipaddress.ip_address(address).is_loopback:
        raise NoLanAddress(NO_NETWORK)
    return address


NO_NETWORK = (
    "This machine has no IPv4 address on a local network, so that no phone could reach it. "
    "Join the phone's Wi-Fi, or start without LAN=1."
)

_SIGNS_ONLY = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
