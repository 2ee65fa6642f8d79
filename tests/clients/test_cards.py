"""A card says truly who is on duty, to those of the queue and to nobody else."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from clients.peer import cards
from clients.peer.cards import Colleague
from clients.peer.invites import Expected, of_secret
from clients.peer.sealed import Papers
from clients.peer.sealing import hashed, pad, thumb
from signaling.encoding import decode, encode
from tests.clients.authenticator import AUTHENTICATORS, Authenticator
from tests.clients.gathering_vectors import VECTORS, read_card
from tests.clients.seal_cast import (
    DAY_S,
    TODAY,
    UNION,
    Doctor,
    check_identity,
    code_of,
    flipped,
    key,
    public,
    seed,
)
from tests.dice import Dice

NOON = TODAY * DAY_S + DAY_S // 2
DAY_KEY = public(key("day key"))
KEYS = {"garde": seed("garde"), "nuit": seed("nuit")}
SECRETS = Dice(3)


def papers(name: str = "colleague", authenticator: Authenticator | None = None) -> Papers:
    return Doctor(name, authenticator=authenticator).papers


def written(
    of: Papers | None = None,
    day: int = TODAY,
    keys: dict[str, bytes] = KEYS,
    day_key: bytes = DAY_KEY,
) -> str:
    return cards.write(SECRETS, of or papers(), day, day_key, keys)[0]


def read(
    card: str,
    keys: dict[str, bytes] = KEYS,
    now: float = NOON,
    revoked: tuple[str, ...] = (),
    day: int = TODAY,
) -> Colleague:
    listed = UNION.list(*revoked, iat=int(now) - 3600, exp=int(now) + 3600)
    return cards.read(card, {day: keys}, check_identity(now=now), listed, now)


def test_every_frozen_card_is_read_so() -> None:
    """Whose it is, or the code with which it is refused."""
    for x in VECTORS["cards"]:
        assert x["code"] == code_of(read_card, x), x["name"]
        if x["code"] is None:
            colleague = read_card(x)
            assert x["says"]["to"] == encode(colleague.to)
            assert x["says"]["secret"] == encode(colleague.secret)


def test_colleagues_of_a_queue_recognise_each_other() -> None:
    """Who it is, which key the server's invitation goes to, and what M1 will say."""
    card, secret = cards.write(SECRETS, papers(), TODAY, DAY_KEY, KEYS)
    for queue, one in KEYS.items():
        colleague = read(card, {queue: one})

        assert colleague.identity.device_key == public(key("colleague"))
        assert (colleague.to, colleague.secret) == (thumb(DAY_KEY), secret)
        assert colleague.expected == Expected(
            of_secret(secret), "doctor", thumb(DAY_KEY), None, thumb(public(key("colleague")))
        )


def test_all_cards_look_alike() -> None:
    """One size, whatever the name, the queues and the passkey; no two alike in any part."""
    made = [
        written(keys={"garde": seed("garde")}),
        written(),
        written(papers(authenticator=AUTHENTICATORS[0])),
        written(Doctor("x", claims={"card": {"name": "N" * 150, "specialty": "S"}}).papers),
    ]

    assert {2048} == {len(card) for card in made}
    assert len({card[2:24] for card in made}) == len(made)
    # The slots of one card, the empty ones among them, are all different.
    slots = decode(made[0])[17:273]
    assert 8 == len({slots[n : n + 32] for n in range(0, 256, 32)})


def test_who_has_no_key_of_the_queue_reads_nothing() -> None:
    """Neither the server nor a doctor of other queues; the control has one."""
    card = written(keys={"garde": seed("garde")})

    assert "card" == code_of(read, card, {"nuit": seed("nuit")})
    assert "card" == code_of(read, card, {})
    assert b"Camille" not in decode(card)
    assert code_of(read, card, {"jour": seed("jour"), "garde": seed("garde")}) is None


def test_a_doctor_of_the_queue_passes_for_no_other() -> None:
    """He has every queue key, and the credential that another's card holds; not its device key."""
    stolen = papers()
    forged = Papers(key("another doctor"), stolen.identity, stolen.revocations)

    assert "card" == code_of(read, written(forged))
    assert code_of(read, written(stolen)) is None


def test_a_card_is_made_over_for_no_other_queue() -> None:
    """Who can open it seals the same text under another queue's key: the device signed slots."""
    mine, foreign = {"garde": seed("garde")}, {"jour": seed("jour")}
    original, other = decode(written(keys=mine)), decode(written(keys=foreign))
    nonce, slots = original[1:17], original[17:273]
    card_key = cards._masked(slots[:32], mine["garde"], nonce)
    moved = cards._masked(card_key, foreign["jour"], nonce) + slots[32:]
    made_over = encode(original[:17] + moved + original[273:])

    assert "card" == code_of(read, made_over, foreign)
    assert code_of(read, encode(original), mine) is None
    assert code_of(read, encode(other), foreign) is None


def test_a_card_is_of_its_day() -> None:
    """Yesterday's is over at ten; under today's key it still says yesterday."""
    old = written(day=TODAY - 1)

    assert "card" == code_of(read, old)
    assert "card" == code_of(read, old, KEYS, NOON, (), TODAY - 1)
    assert code_of(read, old, KEYS, TODAY * DAY_S + 9 * 3600, (), TODAY - 1) is None


@pytest.mark.parametrize(
    "case",
    [(4 * 3600 - 61, False), (4 * 3600 - 60, True), (34 * 3600 - 1, True), (34 * 3600, False)],
)
def test_a_day_is_on_from_four_to_ten(case: tuple[float, bool]) -> None:
    """As its access credential is, a minute of skew at the beginning."""
    into_day, is_on = case

    assert is_on == cards.is_on(TODAY, TODAY * DAY_S + into_day)


def test_who_was_revoked_is_no_colleague() -> None:
    """By the reader's own list, not by one that the card brings."""
    card = written()
    claims = json.loads(decode(papers().identity.split(".")[1]))

    assert "revoked" == code_of(read, card, KEYS, NOON, (claims["jti"],))
    assert code_of(read, card) is None


def test_a_card_needs_the_gesture_of_the_day() -> None:
    """Where the union says so: who copied a device key is no colleague without it."""
    gestured = papers(authenticator=AUTHENTICATORS[0])
    bare = Papers(gestured.device_key, gestured.identity, gestured.revocations)

    assert "passkey" == code_of(read, written(bare))
    assert code_of(read, written(gestured)) is None


@pytest.mark.parametrize("at", [1, 17, 40, 273, 1535])
def test_a_changed_card_is_nobodys(at: int) -> None:
    """Nonce, slots, text and tag."""
    card = encode(flipped(decode(written()), at))

    assert "card" == code_of(read, card, {"garde": seed("garde")})


def test_a_long_credential_makes_no_card() -> None:
    """It would not fit; nothing is cut."""
    long = Doctor("x", claims={"card": {"name": "N" * 200, "specialty": "S" * 200}})
    gestured = Doctor(
        "x", claims={"aud": "x" * 400, **long.claims}, authenticator=AUTHENTICATORS[0]
    )

    assert "form" == code_of(written, gestured.papers)


def test_more_than_eight_queues_are_not_shown() -> None:
    """The first eight in order of name can open it."""
    many = {f"q{n}": seed(f"q{n}") for n in range(9)}
    card = written(keys=many)

    assert code_of(read, card, {"q7": many["q7"]}) is None
    assert "card" == code_of(read, card, {"q8": many["q8"]})


def test_a_credential_comes_back_as_it_was() -> None:
    """Taken apart and put together: the very same text, or none."""
    assert "form" == code_of(written, Papers(key("colleague"), "a.b.c", ""))


def resealed(card: str, change: Any) -> str:
    """The same card with its text changed by its own author, signature and all."""
    data = decode(card)
    nonce, slots = data[1:17], data[17:273]
    card_key = cards._masked(slots[:32], KEYS["garde"], nonce)
    aead = AESGCM(card_key)
    about = b"sceau/1" + b"card" + nonce
    text = aead.decrypt(bytes(12), data[273:], about).rstrip(b"\0")[:-1]
    text = change(text[:-64])
    text += key("colleague").sign(hashed("card", nonce, slots, text))
    return encode(data[:273] + aead.encrypt(bytes(12), pad(text, (1247,)), about))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + b"x",
        lambda text: text[:-1],
        lambda text: text[:40],
        lambda text: b"",
        lambda text: text[:-12] + b"".join((b"\0\0\0\1x", b"\0\0\0\1x", b"\0\0\0\x08" + bytes(8))),
        lambda text: text[:-12] + b"\0\0\0\x25" + bytes(37) + bytes(4) + b"\0\0\0\x08" + bytes(8),
        lambda text: text[:-12] + b"\0\0\0\x25" + bytes(37) + b"\0\0\0\1x" + b"\0\0\0\1x",
        lambda text: text[:-12] + b"\0\0\0\x25" + bytes(37) + bytes(8),
        lambda text: text[:-12] + bytes(4) + b"\0\0\0\1x" + bytes(4),
        lambda text: text[:-12] + bytes(8) + b"\0\0\0\x08" + bytes(8),
        lambda text: text[:-12] + b"\xff\xff\xff\xff" + bytes(8),
    ],
)
def test_a_card_is_read_strictly(change: Any) -> None:
    """What its own author signed, and nobody could have meant."""
    assert "form" == code_of(read, resealed(written(), change))


@given(st.binary(max_size=1200))
def test_any_text_is_read_or_refused(text: bytes) -> None:
    """A colleague of the queue can sign anything at all into a card."""
    assert code_of(read, resealed(written(), lambda _: text)) in ("form", "card", "identity")


@given(st.binary(max_size=1600) | st.binary(min_size=1536, max_size=1536))
def test_any_card_is_read_or_refused(data: bytes) -> None:
    """The server can put anything at all on the board."""
    assert code_of(read, encode(data)) in ("form", "card")


def test_a_card_that_its_author_changed_is_read() -> None:
    """The control: the same hands, and no change."""
    assert code_of(read, resealed(written(), lambda text: text)) is None
