"""An open relay reaches public hosts only, however an address is written."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.policy import DENIED, inside, may_reach, networks

# Each stands for a way in that somebody found in another relay.
NEVER = """
0.0.0.0 0.1.2.3 127.0.0.1 127.255.255.255 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255
192.168.0.1 100.64.0.1 100.127.255.255 169.254.169.254 169.254.0.1 192.0.0.1 192.0.2.1
198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 192.88.99.1 :: ::1 fe80::1 febf::1 fec0::1 fc00::1 fd00:ec2::254 ff02::1
2001:db8::1 100::1 2001::1 2001:2::1 2001:20::1 3fff::1 5f00::1 64:ff9b:1::1
""".split()
# RFC 4291 mapped, the older compatible form, NAT64 in two prefixes, 6to4.
FORMS = ("::ffff:{}", "::{}", "64:ff9b::{}", "64:ff9b:1::{}", "6to4 {}", "teredo {}")


def hidden(form: str, ip: str) -> str:
    """Write an IPv4 address in an IPv6 one."""
    four = int(IPv4Address(ip))
    if form.startswith("6to4"):
        return str(IPv6Address(0x2002 << 112 | four << 80 | 1))
    if form.startswith("teredo"):
        return str(IPv6Address(0x20010000 << 96 | ~four & 0xFFFFFFFF))
    return str(IPv6Address(form.format(ip)))


@pytest.mark.parametrize("ip", NEVER)
def test_what_is_no_public_host_is_never_reached(ip: str) -> None:
    """CVE-2020-26262 (0.0.0.0, ::, ::1), metadata services, and the rest of the registries."""
    assert not may_reach(ip)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("ip", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "0.0.0.0", "8.8.8.8"])
def test_ipv4_in_ipv6_is_judged_by_what_it_means_and_refused(form: str, ip: str) -> None:
    """CVE-2026-27624 and what its repairs missed: also where the host is a public one."""
    address = hidden(form, ip)

    assert not may_reach(address)
    assert IPv4Address(ip) in inside(ip_address(address))


@pytest.mark.parametrize("form", FORMS)
def test_an_operator_who_opens_a_network_does_not_open_its_disguises(form: str) -> None:
    """Only the plain form."""
    everything = [ip_network("0.0.0.0/0"), ip_network("::/0")]

    assert may_reach("10.0.0.1", allowed=everything)
    assert not may_reach(hidden(form, "10.0.0.1"), allowed=everything)


@pytest.mark.parametrize("ip", ["8.8.8.8", "1.0.0.1", "223.255.255.254", "2001:4860:4860::8888"])
def test_public_hosts_are_reached(ip: str) -> None:
    """The list does not deny everybody."""
    assert may_reach(ip)


def test_the_relay_itself_is_never_reached_through_a_socket() -> None:
    """In no form, and whatever an operator opens."""
    own = ["8.8.4.4", "2001:4860:4860::8844"]
    everything = [ip_network("0.0.0.0/0"), ip_network("::/0")]

    for ip in (*own, *(hidden(form, "8.8.4.4") for form in FORMS)):
        assert not may_reach(ip, own)
        assert not may_reach(ip, own, everything)
    assert may_reach("8.8.8.8", own)


@pytest.mark.parametrize("ip", ["", "x", "1.2.3", "01.2.3.4", "1.2.3.4/8", "fe80::1%eth0"])
def test_what_is_no_public_address_is_not_reached(ip: str) -> None:
    """And never an exception. Nor is port 0."""
    assert not may_reach(ip)
    assert not may_reach("8.8.8.8", port=0)


@pytest.mark.parametrize("network", DENIED, ids=str)
def test_a_network_is_denied_from_its_first_address_to_its_last(network: object) -> None:
    """coturn 6c13608c: ranges compared byte by byte let some of the middle through."""
    first, last = network[0], network[-1]  # type: ignore[index]
    middle = type(first)((int(first) + int(last)) // 2)

    assert not any(may_reach(str(ip)) for ip in (first, middle, last))


def test_an_operator_writes_networks_as_one_does() -> None:
    """Of both families, down to a single address."""
    assert (ip_network("10.1.2.0/24"), ip_network("fd00:1::/64"), ip_network("8.8.8.8/32")) == (
        networks(["10.1.2.0/24", "fd00:1::/64", "8.8.8.8"])
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not a network"),
        ("internal", "is not a network"),
        ("10.1.2.3/24", "with zeros behind its prefix"),
        ("10.0.0.0/33", "is not a network"),
        ("::ffff:10.0.0.0/104", "IPv4 written in IPv6"),
        ("64:ff9b::/96", "IPv4 written in IPv6"),
        ("2002:a00::/24", "IPv4 written in IPv6"),
        ("2001::/32", "IPv4 written in IPv6"),
        ("::1", "IPv4 written in IPv6"),
    ],
)
def test_what_would_open_nothing_is_not_taken(text: str, sentence: str) -> None:
    """An operator is told, who would else think that it is open."""
    with pytest.raises(ValueError, match=sentence):
        networks(["10.0.0.0/8", text])


@given(st.ip_addresses(v=4))
def test_no_form_opens_what_the_plain_one_does_not(ip: IPv4Address) -> None:
    """For every address."""
    assert not any(may_reach(hidden(form, str(ip))) for form in FORMS)
    if not ip.is_global:
        assert not may_reach(str(ip))


@given(st.text(max_size=50))
def test_any_text_is_reached_or_not(text: str) -> None:
    """Never an exception."""
    assert may_reach(text) in (True, False)
