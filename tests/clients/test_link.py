"""An address is taken apart, or refused in a plain sentence that repeats none of it."""

import pytest

from clients.peer.errors import BadLink
from clients.peer.letters import to_base64url
from clients.peer.link import parse

CAPABILITY = "demo1.p.medecine-generale.1790000000.AAAAAAAAAAAAAAAAAAAAAA"
SECRET = bytes(range(32))
DOCTOR = f"demo1.d.{to_base64url(SECRET)}"


def test_a_patients_link_gives_socket_origin_and_capability() -> None:
    """The capability is sent as it is."""
    link = parse(f"http://localhost:8080/#{CAPABILITY}")

    assert "patient" == link.role
    assert "http://localhost:8080" == link.origin
    assert link.socket_url.startswith("ws://localhost:8080/")
    assert CAPABILITY == link.capability
    assert (None, None) == (link.seed, link.resume)


def test_a_doctors_address_gives_the_secret() -> None:
    """Which is not a token: it never travels."""
    link = parse(f"https://visio.example/doctor#{DOCTOR}")

    assert ("doctor", "https://visio.example") == (link.role, link.origin)
    assert link.socket_url.startswith("wss://visio.example/")
    assert SECRET == link.doctor_secret
    assert "" == link.capability


def test_what_the_page_added_is_read() -> None:
    """The same holder comes back with the same address."""
    seed, resume = b"h" * 32, b"r" * 16
    url = f"http://localhost/#{CAPABILITY}~h={to_base64url(seed)}~r={to_base64url(resume)}"

    link = parse(url)

    assert (CAPABILITY, seed, resume) == (link.capability, link.seed, link.resume)


@pytest.mark.parametrize(
    "url, origin",
    [
        ("http://localhost:80/#x", "http://localhost"),
        ("https://a.example:443/#x", "https://a.example"),
        ("https://a.example:8443/#x", "https://a.example:8443"),
        ("http://[::1]:8080/#x", "http://[::1]:8080"),
    ],
)
def test_the_origin_is_a_browsers(url: str, origin: str) -> None:
    """RFC 6454 §6.2: without the scheme's own port."""
    assert origin == parse(url).origin


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("", "must begin with http"),
        ("ftp://localhost/#x", "must begin with http"),
        ("http:///#x", "must begin with http"),
        ("http://localhost:99999/#x", "not an address"),
        ("http://[::1/#x", "not an address"),
        (f"http://localhost/{CAPABILITY}", "nothing after its #"),
        (f"http://localhost/doctor#{CAPABILITY}", "not a doctor's address"),
        (f"http://localhost/#{DOCTOR}", "on a patient's address"),
        ("http://localhost/doctor#demo1.d.AAAA", "cut short"),
        (f"http://localhost/#{CAPABILITY}~h=AAAA", "cut short"),
        (f"http://localhost/#{CAPABILITY}~r=*", "damaged"),
    ],
)
def test_a_wrong_address_is_refused(url: str, sentence: str) -> None:
    """One sentence per cause."""
    with pytest.raises(BadLink, match=sentence):
        parse(url)


def test_a_link_says_nothing_secret_of_itself() -> None:
    """Neither capability nor keys reach a log by accident."""
    said = repr(parse(f"http://localhost/doctor#{DOCTOR}~h={to_base64url(b'h' * 32)}"))

    assert "secret" not in said
    assert "seed" not in said
