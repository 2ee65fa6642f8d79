"""The frozen vectors of the union's files, computed and opened again by the union's tool."""

import json
from pathlib import Path
from typing import Any

import pytest

from clients.union import bundles, credentials, keyring, links, requests, tokens, unions
from clients.union.encoding import decode
from clients.union.errors import Unreadable
from clients.union.requests import Algorithm, Passkey
from tests.vectors.make_union import keys_of, personal_of

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "union.json").read_text(encoding="utf-8")
)
KEYS = [keyring.Keyring(decode(row["seed"])) for row in VECTORS["keyrings"]]
UNION = unions.read(json.dumps(VECTORS["union"]))
NOW: int = VECTORS["now"]


@pytest.mark.parametrize("row", VECTORS["keyrings"], ids=["first", "second"])
def test_a_seed_makes_these_keys(row: dict[str, Any]) -> None:
    assert keys_of(decode(row["seed"])) == row


@pytest.mark.parametrize("row", VECTORS["requests"], ids=["plain", "es256", "eddsa"])
def test_a_request_reads_as_what_it_was_made_of(row: dict[str, Any]) -> None:
    request = requests.read(row["text"])
    key = row["passkey"]

    assert (request.first_day, len(request.day_keys)) == (row["first_day"], row["days"])
    assert request.passkey == (key and Passkey(Algorithm(key["alg"]), decode(key["key"])))
    if key is None:
        assert KEYS[0].request(row["first_day"], row["days"]) == row["text"]


def test_the_slot_opens_to_what_it_says_and_for_nobody_else() -> None:
    vector = VECTORS["bundle"]
    slot, says = decode(vector["slot"]), vector["says"]
    files = [b""] * bundles.FILES
    files[vector["file"]] = slot

    bundle = bundles.open_(files, KEYS[0].encryption)

    assert (bundle.identity, list(bundle.access)) == (says["identity"], says["access"])
    assert (bundle.queue_keys, bundle.union["root"]) == (says["queue_keys"], says["root"])
    assert slot.startswith(decode(vector["slot_id"]))
    with pytest.raises(Unreadable):
        bundles.open_([slot] * bundles.FILES, KEYS[1].encryption)


def test_the_list_and_the_identity_are_of_the_union() -> None:
    for token, typ in (
        (VECTORS["list"], tokens.LIST),
        (VECTORS["bundle"]["says"]["identity"], tokens.IDENTITY),
    ):
        key = (
            UNION.root
            if typ == tokens.IDENTITY
            else decode(tokens.unchecked(tokens.unchecked(token)["key"])["cnf"]["jwk"]["x"])
        )
        assert tokens.check(token, typ, key, UNION.audience, UNION.id, NOW)["iss"] == UNION.id


@pytest.mark.parametrize("role", ["probe", "staff"])
def test_a_probe_and_staff_have_tokens_of_their_own(role: credentials.Role) -> None:
    foreign = unions.read(json.dumps(VECTORS["foreign"]))
    says = VECTORS["roles"][role]

    for token, typ in (
        (says["identity"], credentials.IDENTITY_TYPES[role]),
        (says["access"][0], tokens.ACCESS),
    ):
        claims = tokens.check(token, typ, foreign.root, foreign.audience, foreign.id, NOW)
        assert claims.get("role", role) == role and "handle" not in claims


@pytest.mark.parametrize("row", VECTORS["links"]["personal"], ids=["short", "long"])
def test_a_nonce_makes_this_link(row: dict[str, Any]) -> None:
    window = links.Window(row["begins"], row["ends"], row["uses"])

    assert personal_of(KEYS[0].link_master, decode(row["nonce"]), window, UNION) == row
