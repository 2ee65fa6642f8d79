"""Links: short, self-certifying, with a secret that the server never sees."""

import pytest

from clients.union import links
from clients.union.encoding import decode, encode, thumbprint
from clients.union.errors import UnionError
from clients.union.keys import public_key
from clients.union.links import Window
from signaling import capability
from tests.dice import Dice
from tests.unions import NOW, ORIGIN, QUEUE, ADevice, AUnion

MASTER, NONCE = b"m" * 32, b"n" * 8
DAY_LONG = Window(NOW, NOW + 86_400, 1)
UNION = AUnion()


def test_a_personal_link_is_what_the_server_reads() -> None:
    """Queue, holder, times and uses, and a signature that holds."""
    token, _, secret = links.personal(MASTER, NONCE, DAY_LONG).rpartition(".")
    link_key = links.link_key(MASTER).public_key().public_bytes_raw()

    cap = capability.parse(token)

    assert cap.is_personal and cap.is_signed_by(link_key)
    assert thumbprint(link_key) == cap.queue
    assert thumbprint(public_key(links.secrets_of(decode(secret)).holder_seed)) == cap.holder
    assert (NOW, NOW + 86_400, 1) == (cap.begins, cap.ends, cap.uses)


def test_a_pool_link_is_what_the_server_reads() -> None:
    """For anybody without a count, or for one holder with a count."""
    anybody = capability.parse(links.pool(UNION.root.key, QUEUE, NONCE, Window(1, 2, 0)))
    fragment = links.pool_for_one(UNION.root.key, QUEUE, NONCE, b"s" * 16, DAY_LONG)
    one = capability.parse(fragment.rpartition(".")[0])

    for cap in (anybody, one):
        assert cap.is_signed_by(UNION.root.public_key) and QUEUE == cap.queue
        assert UNION.id == encode(cap.signer)
    assert ("", 0) == (anybody.holder, anybody.uses)
    assert encode(links.secrets_of(b"s" * 16).holder) == one.holder


def test_the_doctor_makes_a_links_secret_again() -> None:
    """From the master and the nonce in the capability, without a list of links."""
    token, _, secret = links.personal(MASTER, NONCE, DAY_LONG).rpartition(".")
    nonce = capability.parse(token).body[34:42]

    assert decode(secret) == links.secret_of(MASTER, nonce)


def test_holder_key_and_psk_are_two_secrets() -> None:
    """Neither tells the other; both are 32 bytes."""
    made = links.secrets_of(b"s" * 16)

    assert made.holder_seed != made.psk
    assert (32, 32) == (len(made.holder_seed), len(made.psk))
    assert encode(made.psk) not in repr(made)


def test_a_capability_does_not_hold_its_secret() -> None:
    """Nor the master."""
    token, _, secret = links.personal(MASTER, NONCE, DAY_LONG).rpartition(".")
    data = decode(token.removeprefix("cap1."))

    made = links.secrets_of(decode(secret))
    for hidden in (decode(secret), MASTER, made.holder_seed, made.psk):
        assert hidden not in data


@pytest.mark.parametrize("origin", [ORIGIN, "https://teleconsultation.urps-ml-idf.example.fr"])
def test_an_address_is_at_most_260_characters(origin: str) -> None:
    """With the union's id where it fits, without where it does not."""
    personal = links.url(origin, links.personal(MASTER, NONCE, DAY_LONG), UNION.id)
    one = links.pool_for_one(UNION.root.key, QUEUE, NONCE, b"s" * 16, DAY_LONG)

    assert len(personal) <= 260 and len(links.url(origin, one)) <= 260
    assert (origin == ORIGIN) == personal.endswith("." + UNION.id)


def test_an_address_that_is_too_long_is_a_sentence() -> None:
    """Rather than a code that no telephone reads."""
    with pytest.raises(UnionError, match="260"):
        links.url("https://" + "a" * 80, links.personal(MASTER, NONCE, DAY_LONG))


@pytest.mark.parametrize(
    "window",
    [
        Window(NOW, NOW + 86_401, 1),
        Window(NOW, NOW, 1),
        Window(NOW, NOW + 10, 0),
        Window(NOW, NOW + 10, 256),
        Window(NOW, 2**32, 1),
        Window(-1, 10, 1),
    ],
)
def test_a_window_that_no_server_takes_is_a_sentence(window: Window) -> None:
    """Before anybody gets such a link."""
    with pytest.raises(UnionError):
        links.personal(MASTER, NONCE, window)
    with pytest.raises(UnionError):
        links.pool(UNION.root.key, QUEUE, NONCE, Window(1, 2, 1))


def test_two_links_of_one_doctor_have_two_secrets(dice: Dice) -> None:
    """And the same queue."""
    device = ADevice(dice)
    first, second = device.link(), device.link()

    assert first.key != second.key
    assert {device.handle} == {capability.parse(link.token).queue for link in (first, second)}
