"""coturn's configuration: what it says, whom it lets through, which holes stay."""

import ipaddress
from dataclasses import replace

import pytest

from relay.coturn_config import (
    ALLOCATIONS_MAX,
    ALLOCATIONS_PER_TAG,
    ConfigurationError,
    Coturn,
    Tls,
    configuration,
    holes,
    ignored_options,
    must_be_refused,
    read_version,
)
from relay.settings import Settings
from tests.house.documents import table
from tests.house.tree import ROOT

SECRET = "s3cret" * 6
CHOSEN = Coturn(secret=SECRET, ip="192.0.2.10")
OLD_LOG = "0: : Bad configuration format: prometheus\n" * 3


def options(chosen: Coturn = CHOSEN, *, is_trial: bool = False) -> list[str]:
    lines = configuration(chosen, is_trial=is_trial).splitlines()
    return [line for line in lines if not line.startswith("#")]


def denied(chosen: Coturn = CHOSEN) -> list[tuple[int, int, int]]:
    """List the denied ranges: version, first, last."""
    found: list[tuple[int, int, int]] = []
    for line in options(chosen):
        name, _, value = line.partition("=")
        if name == "denied-peer-ip":
            first, _, last = value.partition("-")
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(last or first)
            found.append((low.version, int(low), int(high)))
    return found


def test_nothing_is_logged_kept_or_administered() -> None:
    """The places where coturn writes, and those where it can be told something, are off."""
    assert {
        "log-file=/dev/null",
        "no-stdout-log",
        "userdb=:memory:",
        "pidfile=/dev/null",
        "no-cli",
        "no-tcp-relay",
        "no-dtls",
        "no-tls",
    } <= set(options())
    names = {option.partition("=")[0] for option in options()}
    assert not names & {"verbose", "syslog", "log-binding", "prometheus", "mobility", "oauth"}


def test_the_log_is_the_first_thing_that_it_reads() -> None:
    """Before it has read where its log goes, coturn opens one below /var/log."""
    assert "log-file=/dev/null" == options()[0]
    assert "log-file=stdout" == options(is_trial=True)[0]


def test_a_trial_differs_in_its_log_only() -> None:
    """What is tried is what serves."""
    assert options()[2:] == options(is_trial=True)[1:]


def test_every_address_is_denied_but_its_own() -> None:
    """Two ends meet on the relay; nothing else is to be reached through it."""
    assert (4, 0, 2**32 - 1) in denied()
    for address in must_be_refused(CHOSEN):
        ip = ipaddress.ip_address(address)
        if address in ("::", "2002:7f00:1::1"):
            continue  # `::` is refused as no address at all; the other is in 2000::/3, below
        assert any(v == ip.version and low <= int(ip) <= high for v, low, high in denied()), address
    assert ["allowed-peer-ip=192.0.2.10"] == [o for o in options() if o.startswith("allowed")]


def test_no_range_is_every_address_by_mistake() -> None:
    """To coturn `::` or `0.0.0.0` alone is any address, and any IPv4 range has an end."""
    written = {option.partition("=")[2] for option in options() if option.startswith("denied")}

    assert not written & {"::", "0.0.0.0"}


def test_ipv6_ranges_hold_when_compared_byte_by_byte() -> None:
    """Before 4.16 a range is compared byte by byte: each byte's own range must say the same."""
    for version, low, high in denied():
        if version == 6 and low != high:
            first, last = low.to_bytes(16), high.to_bytes(16)
            differing = next(i for i in range(16) if first[i] != last[i])
            assert bytes(15 - differing) == first[differing + 1 :]
            assert b"\xff" * (15 - differing) == last[differing + 1 :]


def test_behind_a_router_it_says_the_public_address_and_reaches_both() -> None:
    """A far end's relayed address is the public one, which coturn turns into its own."""
    written = options(replace(CHOSEN, public_ip="198.51.100.7"))

    assert "external-ip=198.51.100.7/192.0.2.10" in written
    assert {"allowed-peer-ip=192.0.2.10", "allowed-peer-ip=198.51.100.7"} <= set(written)


def test_loopback_is_reached_only_where_it_is_the_relays_own_address() -> None:
    """On a real address the machine behind it stays out of reach."""
    assert "allow-loopback-peers" not in options()
    assert "allow-loopback-peers" in options(replace(CHOSEN, ip="127.0.0.1"))
    assert "127.0.0.1" in must_be_refused(CHOSEN)


def test_tls_is_spoken_where_there_is_a_certificate() -> None:
    """And never its old versions."""
    written = options(replace(CHOSEN, tls=Tls("/a/chain.pem", "/a/key.pem", 443)))

    assert {"cert=/a/chain.pem", "pkey=/a/key.pem", "tls-listening-port=443"} <= set(written)
    assert {"no-tlsv1", "no-tlsv1_1", "no-dtls"} <= set(written)
    assert "no-tls" not in written


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (replace(CHOSEN, secret="short"), "The relay secret must be 32"),
        (replace(CHOSEN, secret=SECRET + "\ncli"), "The relay secret must be 32"),
        (replace(CHOSEN, ip="::1"), "needs one IPv4 address"),
        (replace(CHOSEN, ip="0.0.0.0"), "needs one IPv4 address"),
        (replace(CHOSEN, ip="here"), "no IP address"),
        (replace(CHOSEN, public_ip="192.0.2.1\nverbose"), "no IP address"),
        (replace(CHOSEN, ports=(1, 2)), "no range above 1024"),
        (replace(CHOSEN, ports=(50000, 49000)), "no range above 1024"),
        (replace(CHOSEN, tls=Tls("a\nverbose", "b")), "may hold"),
    ],
)
def test_a_value_that_cannot_be_one_is_refused(wrong: Coturn, sentence: str) -> None:
    """No value becomes a line of its own, and the sentence does not tell the secret."""
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        configuration(wrong)

    assert SECRET not in str(refused.value)
    assert SECRET not in repr(wrong)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("4.6.1\n", (4, 6, 1)),
        ("Version Coturn-4.17.1 'Gorst'", (4, 17, 1)),
        ("turnserver", None),
    ],
)
def test_the_version_is_read(text: str, version: object) -> None:
    """What does not tell its version has none."""
    assert version == read_version(text)


def test_ignored_options_are_found() -> None:
    """coturn goes on without what it does not understand."""
    assert ("prometheus",) == ignored_options(OLD_LOG)
    assert () == ignored_options("0: : Listener address to use: 127.0.0.1\n")


@pytest.mark.parametrize(
    ("version", "machine", "name", "state"),
    [
        ((4, 6, 1), "x86_64", "CVE-2026-27624", "closed"),
        ((4, 6, 1), "x86_64", "ab762f33", "residual"),
        ((4, 6, 1), "x86_64", "CVE-2025-69217", None),
        ((4, 6, 2), "x86_64", "CVE-2025-69217", "fatal"),
        ((4, 8, 0), "x86_64", "CVE-2025-69217", None),
        ((4, 5, 1), "x86_64", "CVE-2020-26262", "fatal"),
        ((4, 6, 1), "aarch64", "CVE-2026-40613", "fatal"),
        ((4, 6, 1), "x86_64", "CVE-2026-40613", None),
        ((4, 15, 0), "x86_64", "ab762f33", None),
        ((99, 0, 0), "x86_64", "unbound", "residual"),
        ((99, 0, 0), "x86_64", "unended", "residual"),
    ],
)
def test_holes_are_told_by_version(
    version: tuple[int, int, int], machine: str, name: str, state: str | None
) -> None:
    """Each known hole is closed, residual or fatal, for the versions that have it."""
    found = {hole.name: hole.state for hole in holes(version, machine)}

    assert state == found.get(name)


def test_what_stays_open_is_in_the_rooms_readme() -> None:
    """Every hole of Debian's version that stays, word for word, and no other."""
    text = (ROOT / "relay" / "README.md").read_text(encoding="utf-8")
    stay = [
        [hole.name, hole.sentence]
        for hole in holes((4, 6, 1), "x86_64")
        if hole.state == "residual"
    ]

    assert stay == table(text, "of coturn 4.6.1 stays open")


def test_a_page_has_as_many_allocations_with_either_engine() -> None:
    """What a browser gathers for a call and its restart fits, and everybody has a port."""
    low, high = CHOSEN.ports

    assert ALLOCATIONS_PER_TAG == Settings().allocations_per_tag
    assert ALLOCATIONS_MAX <= high - low + 1
