"""Make `union.json`: what the union's tool and a doctor's page must both compute and open.

Run once, by hand: `python -m tests.vectors.make_union`. HPKE draws randomness of its own, so
that a second run writes another slot; the file is frozen, and `test_union_vectors.py` computes
everything else in it again.

The shape is in `README.md` beside it.
"""

import json
from pathlib import Path
from typing import Any

from clients.union import bundles, credentials, keyring, links, requests, tokens, unions
from clients.union.encoding import encode, thumbprint
from clients.union.keys import public_key
from clients.union.requests import Algorithm, Passkey
from tests.unions import CARD, DAY, NOW, ORIGIN, QUEUE, AUnion

FILE = Path(__file__).with_name("union.json")
SEED = bytes(range(32))
OTHER_SEED = bytes(range(32, 64))
DAYS = 2
PASSKEYS = (
    (Algorithm.ES256, bytes.fromhex(
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )),
    (Algorithm.EDDSA, public_key(bytes(range(64, 96)))),
)  # fmt: skip
"""The base point of P-256, a key like any other, and a key of Ed25519."""

Object = dict[str, Any]


def keys_of(seed: bytes) -> Object:
    """What a seed makes, in public halves; and the master, by which links are compared."""
    keys = keyring.Keyring(seed)
    return {
        "seed": encode(seed),
        "fragment": keyring.write(seed),
        "device": encode(keys.device.public_key().public_bytes_raw()),
        "encryption": encode(keys.encryption.public_key().public_bytes_raw()),
        "link_master": encode(keys.link_master),
        "link": encode(links.link_key(keys.link_master).public_key().public_bytes_raw()),
        "days": {str(day): encode(public_key(keys.day_seed(day))) for day in (DAY, DAY + 1)},
    }


def requests_of(seed: bytes) -> list[Object]:
    """Requests of a seed's keys: without a passkey, and with each kind."""
    keys = keyring.Keyring(seed)
    rows: list[Object] = []
    for passkey in (None, *(Passkey(algorithm, key) for algorithm, key in PASSKEYS)):
        text = requests.make(
            keys.device,
            keys.encryption.public_key().public_bytes_raw(),
            links.link_key(keys.link_master),
            DAY,
            tuple(public_key(keys.day_seed(DAY + day)) for day in range(DAYS)),
            passkey,
        )
        named = None if passkey is None else {"alg": passkey.algorithm, "key": encode(passkey.key)}
        rows.append({"first_day": DAY, "days": DAYS, "passkey": named, "text": text})
    return rows


def personal_of(master: bytes, nonce: bytes, window: links.Window, union: unions.Union) -> Object:
    """A personal link, with what its secret makes."""
    secret = links.secret_of(master, nonce)
    made = links.secrets_of(secret)
    fragment = links.personal(master, nonce, window)
    return {
        "nonce": encode(nonce),
        "begins": window.begins,
        "ends": window.ends,
        "uses": window.uses,
        "token": fragment.rpartition(".")[0],
        "secret": encode(secret),
        "holder": encode(made.holder),
        "psk": encode(made.psk),
        "url": links.url(union.audience, fragment, union.id),
    }


def roles_of(union: AUnion, request: str, role: credentials.Role) -> Object:
    """What a union signs for a probe or staff, which is no doctor."""
    queues = ("probe-2",) if role == "probe" else ()
    bundle = union.vouch(request, queues=queues, has_links=False, now=NOW, role=role)
    window = links.Window(NOW, NOW + 7 * 86_400, 0)
    link = links.pool(union.root.key, "probe-2", bytes(8), window)
    more = {"link": link} if role == "probe" else {}
    return {"identity": bundle.identity, "access": list(bundle.access), **more}


def vectors() -> Object:
    """All of it."""
    union, foreign = AUnion(), AUnion(1)
    keys, other = keyring.Keyring(SEED), keyring.Keyring(OTHER_SEED)
    request = keys.request(DAY, DAYS)
    bundle = union.vouch(request, now=NOW)
    encryption = keys.encryption.public_key().public_bytes_raw()
    slot = bundles.seal(bundle, encryption)
    other_bundle = union.vouch(other.request(DAY, DAYS), now=NOW)
    window, pool = links.Window(NOW, NOW + 3600, 1), links.Window(NOW, NOW + 7 * 86_400, 0)
    secret = union.dice(16)
    counted = links.pool_for_one(union.root.key, QUEUE, union.dice(8), secret, window)
    return {
        "now": NOW,
        "day": DAY,
        "union": {**unions.as_json(union.public), "id": union.id},
        "foreign": {**unions.as_json(foreign.public), "id": foreign.id},
        "list": union.list(now=NOW, typ=tokens.LIST),
        "keyrings": [keys_of(SEED), keys_of(OTHER_SEED)],
        "requests": requests_of(SEED),
        "bundle": {
            "card": {"name": CARD.name, "specialty": CARD.specialty},
            "file": bundles.file_of(encryption),
            "slot_id": encode(bundles.slot_id(encryption)),
            "slot": encode(slot),
            "says": {
                "identity": bundle.identity,
                "access": list(bundle.access),
                "queue_keys": bundle.queue_keys,
                "root": encode(union.public.root),
            },
        },
        "others": {
            "identity": other_bundle.identity,
            "access": other_bundle.access[0],
            "foreign_identity": foreign.vouch(request, now=NOW).identity,
            "foreign_handle": union.access_of(
                thumbprint(public_key(keys.day_seed(DAY))),
                handle=thumbprint(
                    links.link_key(other.link_master).public_key().public_bytes_raw()
                ),
            ).token,
            "no_links": list(union.vouch(request, has_links=False, now=NOW).access),
        },
        "roles": {role: roles_of(foreign, request, role) for role in ("probe", "staff")},
        "links": {
            "origin": ORIGIN,
            "personal": [
                personal_of(keys.link_master, bytes(range(8)), window, union.public),
                personal_of(
                    keys.link_master,
                    b"\xff" * 8,
                    links.Window(NOW + 86_400, NOW + 2 * 86_400, 255),
                    union.public,
                ),
            ],
            "others": personal_of(other.link_master, bytes(range(8)), window, union.public),
            "pools": [
                {
                    "token": links.pool(union.root.key, QUEUE, union.dice(8), pool),
                    "holder": None,
                    "begins": pool.begins,
                    "ends": pool.ends,
                },
                {
                    "token": counted.rpartition(".")[0],
                    "holder": encode(links.secrets_of(secret).holder),
                    "begins": window.begins,
                    "ends": window.ends,
                },
            ],
            "foreign_pool": links.pool(foreign.root.key, QUEUE, union.dice(8), pool),
        },
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
