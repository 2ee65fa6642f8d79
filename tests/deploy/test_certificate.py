"""A certificate of one's own: trusted by whoever has it, by nobody else."""

import asyncio
import contextlib
import datetime
import ipaddress
import pathlib
import ssl
import stat
import tempfile
from collections.abc import AsyncIterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from deploy.certificate import (
    LIFETIME,
    NoLanAddress,
    SelfSigned,
    lan_address,
    new_key,
    self_signed,
    server_context,
    written,
)

NOW = datetime.datetime.now(datetime.UTC)
ADDRESS = "192.0.2.7"


@pytest.fixture(scope="module")
def pair() -> SelfSigned:
    return self_signed([ADDRESS, "127.0.0.1"], new_key(), NOW)


@contextlib.asynccontextmanager
async def serving(pair: SelfSigned) -> AsyncIterator[int]:
    """Run a TLS server on loopback that greets and hangs up; yield its port."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bonjour")
        await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=server_context(pair))
    async with server:
        yield server.sockets[0].getsockname()[1]


async def greeting(port: int, trusted: SelfSigned, name: str) -> bytes:
    """Connect, trusting one certificate, and expecting this name in it."""
    context = ssl.create_default_context(cadata=trusted.certificate.decode())
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname=name
    )
    try:
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", ADDRESS])
async def test_who_trusts_the_certificate_is_greeted(pair: SelfSigned, name: str) -> None:
    """The handshake holds for localhost and for every address of the machine."""
    async with serving(pair) as port:
        assert b"bonjour" == await greeting(port, pair, name)


async def test_who_trusts_another_certificate_is_not_deceived(pair: SelfSigned) -> None:
    """A second certificate of the same names does not vouch for the first."""
    other = self_signed([ADDRESS, "127.0.0.1"], new_key(), NOW)

    async with serving(pair) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await greeting(port, other, "localhost")


async def test_another_name_is_refused(pair: SelfSigned) -> None:
    """The certificate vouches for this machine alone."""
    async with serving(pair) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
            await greeting(port, pair, "192.0.2.8")


async def test_an_expired_certificate_is_refused() -> None:
    """Its life is a week, not a habit."""
    old = self_signed(["127.0.0.1"], new_key(), NOW - LIFETIME - datetime.timedelta(minutes=1))

    async with serving(old) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await greeting(port, old, "localhost")


def test_the_certificate_says_what_it_is_for(pair: SelfSigned) -> None:
    """It may serve TLS for its names, and sign nothing else."""
    certificate = x509.load_pem_x509_certificate(pair.certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    limits = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value

    assert ["localhost"] == names.get_values_for_type(x509.DNSName)
    assert [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address(ADDRESS)] == (
        names.get_values_for_type(x509.IPAddress)
    )
    assert not limits.ca
    assert LIFETIME >= certificate.not_valid_after_utc - NOW


def test_the_fingerprint_is_the_one_that_browsers_show(pair: SelfSigned) -> None:
    """SHA-256 over the certificate, in pairs of hexadecimal digits."""
    digest = x509.load_pem_x509_certificate(pair.certificate).fingerprint(hashes.SHA256())

    assert ":".join(f"{byte:02X}" for byte in digest) == pair.fingerprint


def test_the_key_on_disk_is_its_owners_alone(pair: SelfSigned, tmp_path: pathlib.Path) -> None:
    """Nobody else on the machine reads the key while OpenSSL does."""
    path = written(pair, str(tmp_path))

    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_no_key_stays_on_disk(
    pair: SelfSigned, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the context is made, its file is gone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    server_context(pair)

    assert [] == list(tmp_path.iterdir())


def test_the_key_is_not_shown(pair: SelfSigned) -> None:
    """A pair that ends in a message or a traceback does not tell its key."""
    assert "PRIVATE" not in repr(pair)


def test_a_machine_alone_is_told_so() -> None:
    """Loopback is no address for a phone, and the sentence says what to do."""
    with pytest.raises(NoLanAddress, match="without LAN=1"):
        lan_address(towards="127.0.0.1")


def test_a_machine_without_a_way_out_is_told_so() -> None:
    """Where no packet could leave, there is no address either."""
    with pytest.raises(NoLanAddress):
        lan_address(towards="255.255.255.255")


def test_an_address_on_a_network_is_an_address() -> None:
    """What is found is an IPv4 address that others may reach, or a clear refusal."""
    try:
        found = lan_address()
    except NoLanAddress:
        return

    assert not ipaddress.IPv4Address(found).is_loopback
