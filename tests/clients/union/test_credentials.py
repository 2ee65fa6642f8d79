"""Credentials: who, until when, and nothing more than needed."""

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clients.union import credentials, requests, tokens
from clients.union.credentials import Card
from clients.union.encoding import decode, encode
from clients.union.errors import UnionError
from clients.union.requests import Passkey
from signaling import probing
from tests.clients.authenticator import AUTHENTICATORS
from tests.dice import Dice
from tests.unions import DAY, NOW, ORIGIN, ADevice, AUnion

UNION, DEVICE = AUnion(), ADevice(Dice(1))
REQUEST = requests.read(DEVICE.request())
CARD = Card("Dr Camille Martin", "Médecine générale")
IDENTITY = credentials.identity(UNION.root, ORIGIN, REQUEST, CARD, 30, NOW, Dice())


def test_an_identity_shows_the_card_and_the_device() -> None:
    """Until its last access credential ends."""
    claims = tokens.check(
        IDENTITY.token, tokens.IDENTITY, UNION.root.public_key, ORIGIN, UNION.id, NOW
    )

    assert {"name": CARD.name, "specialty": CARD.specialty} == claims["card"]
    assert encode(REQUEST.device_key) == claims["cnf"]["jwk"]["x"]
    assert DEVICE.handle == claims["handle"]
    assert (DAY + 30) * 86_400 + 10 * 3_600 == claims["exp"] == IDENTITY.ends


@pytest.mark.parametrize("passkey", [one.passkey for one in AUTHENTICATORS], ids=["ES256", "EdDSA"])
def test_an_identity_names_the_passkey(passkey: Passkey) -> None:
    """Where the request has one; else the claim is not there."""
    signed = credentials.identity(
        UNION.root, ORIGIN, replace(REQUEST, passkey=passkey), CARD, 30, NOW, Dice()
    )
    jwk = tokens.unchecked(signed.token)["passkey"]["jwk"]

    assert passkey.key == decode(jwk["x"]) + decode(jwk.get("y", ""))
    kind = {"ES256": ("EC", "P-256"), "EDDSA": ("OKP", "Ed25519")}[passkey.algorithm.name]
    assert kind == (jwk["kty"], jwk["crv"])
    assert "passkey" not in tokens.unchecked(IDENTITY.token)


def test_an_access_credential_is_for_one_day() -> None:
    """From 04:00 to 10:00 of the next, UTC."""
    token = UNION.access(b"d" * 32, day=DAY).token

    claims = tokens.unchecked(token)
    assert DAY * 86_400 + 4 * 3_600 == claims["nbf"]
    assert (DAY + 1) * 86_400 + 10 * 3_600 == claims["exp"]


def test_an_access_credential_names_nobody() -> None:
    """Neither card nor device, nor a handle unless the doctor wants links."""
    claims = tokens.unchecked(UNION.access(b"d" * 32).token)

    assert {"iss", "aud", "nbf", "exp", "jti", "role", "queues", "cnf"} == claims.keys()
    assert "handle" in tokens.unchecked(UNION.access(b"d" * 32, handle=DEVICE.handle).token)


def test_two_days_share_nothing_of_the_doctor() -> None:
    """Whoever sees both cannot tell that it is one."""
    first, second = (
        tokens.unchecked(UNION.access(seed, day=day).token)
        for seed, day in ((b"a" * 32, DAY), (b"b" * 32, DAY + 1))
    )

    same = {name for name in first if first[name] == second[name]}
    assert {"iss", "aud", "role", "queues"} == same


def test_more_queues_than_a_token_holds_are_refused() -> None:
    """In a sentence, before anything is signed away."""
    with pytest.raises(UnionError):
        UNION.access(b"d" * 32, queues=[f"medecine-generale-{n}" for n in range(40)])
    assert len(UNION.access(b"d" * 32, queues=["q" * 63]).token) <= 1024


@pytest.mark.parametrize("name", ["", "é", "a b", "q" * 64, "cardiologie-strasbourg", "a.b"])
def test_a_name_that_is_no_queue_is_refused(name: str) -> None:
    """What the wire cannot carry, and what could be a doctor's personal queue."""
    with pytest.raises(UnionError):
        credentials.check_queue(name)


def test_an_identity_holds_no_secret() -> None:
    """A search of what a patient gets finds no queue key, no link master, no seed."""
    listed = UNION.list([IDENTITY.jti])
    shown = json.dumps([tokens.unchecked(IDENTITY.token), tokens.unchecked(listed)])
    secrets = [DEVICE.master, DEVICE.seed, UNION.root.seed, UNION.root.queue_master]
    secrets += [UNION.root.queue_key("medecine-generale", DAY + n) for n in range(30)]
    secrets += [UNION.list_seed, *DEVICE.day_seeds]

    everything = IDENTITY.token + listed + shown
    assert [] == [secret for secret in secrets if encode(secret) in everything]
    assert not any(secret.hex() in everything for secret in secrets)
    assert encode(REQUEST.device_key) in everything, "the control: what is there is found"


@given(st.sampled_from(["", "probe", "prob", "Probe", "ma-probe"]), st.text(max_size=8))
@example("probe", "")
@example("probe", "-")
@example("probe", "s")
def test_names_reserved_for_probes_are_the_servers(begins: str, ends: str) -> None:
    """The two rooms say it each by itself: neither may import the other's word for it."""
    queue = begins + ends

    assert credentials.PROBE_QUEUE == probing.RESERVED
    assert credentials.is_probe(queue) == probing.is_probe(queue)
