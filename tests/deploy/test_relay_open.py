"""What an operator may say to open the relay."""

import argparse
from ipaddress import ip_network

import pytest

from deploy.demo import CannotStart
from deploy.relay_open import Open, add_flags, read


def said(words: str) -> argparse.Namespace:
    """What the command makes of its flags."""
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return parser.parse_args(words.split())


def test_a_relay_is_closed_unless_it_is_opened() -> None:
    """Nothing has to be said for it."""
    assert read(said("")) is None


def test_an_open_relay_reaches_the_internet_and_what_is_allowed() -> None:
    """Its ports are those of RFC 8656 unless others are given."""
    ten, own = ip_network("10.0.0.0/8"), ip_network("fd00:1::/64")

    assert Open(49152, 65535, ()) == read(said("--open"))
    assert Open(1024, 1024, ()) == read(said("--open --relayed-ports 1024-1024"))
    assert Open(49152, 65535, (ten, own)) == read(
        said("--open --allow-peers 10.0.0.0/8 --allow-peers fd00:1::/64")
    )


def test_what_is_opened_is_said() -> None:
    """The internet first, the ports, and networks where there are any."""
    without, with_ = Open(50_000, 50_999, ()), Open(1024, 2048, (ip_network("10.0.0.0/8"),))

    assert "any public address of the internet" in without.sentences()[0]
    assert "50000 to 50999" in " ".join(without.sentences())
    assert "besides" not in " ".join(without.sentences())
    assert "10.0.0.0/8" in with_.sentences()[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--allow-peers 10.0.0.0/8", "are for --open"),
        ("--relayed-ports 50000-50999", "are for --open"),
        ("--open --allow-peers 10.0.0.1/8", "10.0.0.1/8 is not a network"),
        ("--open --allow-peers ::ffff:10.0.0.0/104", "IPv4 written in IPv6"),
        ("--open --relayed-ports 50000", "is written as"),
        ("--open --relayed-ports 80-90", "within 1024-65535"),
        ("--open --relayed-ports 50999-50000", "is written as"),
        ("--open --relayed-ports 50000-70000", "within 1024-65535"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(words: str, sentence: str) -> None:
    """Rather than a relay that is more closed, or more open, than its operator thinks."""
    with pytest.raises(CannotStart, match=sentence) as refused:
        read(said(words))

    assert 1 == len(str(refused.value).splitlines())
