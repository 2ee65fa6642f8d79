"""Make `gathering.json`: what both implementations must do where more than two are sealed.

Run once, by hand: `python -m tests.vectors.make_gathering`. HPKE draws randomness of its own,
so that a second run writes other ciphertexts; the file is frozen. Handshakes and cards are
written out here step by step, and not by the code under test.

The shape is in `README.md` beside it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clients.peer.sealed_letters import LETTER_SIZES
from clients.peer.sealing import (
    NAME,
    expand,
    extract,
    framed,
    hashed,
    kem_key,
    mac,
    pad,
    seal,
    thumb,
)
from signaling.encoding import decode, encode
from tests.clients.authenticator import AUTHENTICATORS
from tests.clients.seal_cast import (
    ANSWER,
    CONNECTION,
    DAY_S,
    NOW,
    OFFER,
    TODAY,
    UNION,
    compact,
    flipped,
    key,
    public,
    seed,
    written,
)
from tests.vectors.gathering_rosters import rosters

FILE = Path(__file__).with_name("gathering.json")

Object = dict[str, Any]


def b(text: bytes) -> str:
    return encode(text)


# --- invitations -------------------------------------------------------------------------


def invites() -> list[Object]:
    rows = []
    for secret in (b"secret of a card", b"a guest's secret"):
        e = extract(NAME, secret)
        name = expand(e, "invite", 16)
        rows.append(
            {
                "secret": b(secret),
                "id": b(name),
                "psk": b(expand(e, "psk", 32)),
                "token": f"inv1.{b(name)}",
            }
        )
    return rows


def addresses() -> list[Object]:
    parts = (b"a guest's secret", b"seat of inviter!", b"key of inviter!!")
    good = "inv1.pass1.AQIDZXhhbXBsZQ." + b(b"".join(parts))
    names = ("secret", "seat", "key")
    said = {"pass": "pass1.AQIDZXhhbXBsZQ"} | dict(zip(names, map(b, parts), strict=True))
    bad = (
        "",
        "inv1.",
        good[:-1],
        good + "A",
        good.replace("inv1", "inv2"),
        "inv1.." + good.rpartition(".")[2],
        "inv1." + good.rpartition(".")[2],
        good.replace("AQIDZXhhbXBsZQ.", "AQIDZXhhbXBsZQ."[:-1]),
    )
    return [{"fragment": good, "says": said}, *({"fragment": x, "says": None} for x in bad)]


# --- handshakes of a pair -----------------------------------------------------------------


def answer(role: str, signer: Ed25519PrivateKey, m1: bytes, name: str, **other: Any) -> bytes:
    """M2's text, sealed: each keyword replaces a field, None leaves it out."""
    return seal_m2(m1, name, *m2_text(role, signer, m1, name, **other))


def m2_text(
    role: str, signer: Ed25519PrivateKey, m1: bytes, name: str, label: str = "", **other: Any
) -> tuple[bytes, bytes]:
    kem = kem_key(seed(f"{name} kem d"))
    shown = {"member": role, "holder": b(public(signer))}
    if role == "doctor":
        shown = {"identity": UNION.identity(signer), "list": UNION.list()}
    fresh = {
        "pk": b(kem.public),
        "r": b(seed(f"{name} r d")),
        "seed": b(seed(f"{name} seed d")),
        "connection": CONNECTION,
        "restarts": True,
        "offer": OFFER,
    }
    plain = compact({"v": 1} | shown | fresh | other)
    label = label or ("m2 signature" if role == "doctor" else "m2 member signature")
    return plain, signer.sign(hashed(label, m1, plain))


def seal_m2(m1: bytes, name: str, plain: bytes, signature: bytes) -> bytes:
    public_key = kem_key(seed(f"{name} kem p")).public
    text = pad(framed(plain) + signature, LETTER_SIZES)
    return seal(public_key, hashed("m2", m1), text)


def a_run(name: str, holder: str, role: str, signer: str, *, is_known: bool = True) -> Object:
    """Hold a handshake of who asks, by this holder key, with who answers in this role."""
    invite = invites()[1]
    psk, token = decode(invite["psk"]), invite["token"]
    kem_p, kem_d = kem_key(seed(f"{name} kem p")), kem_key(seed(f"{name} kem d"))
    r_p, r_d = seed(f"{name} r p"), seed(f"{name} r d")
    seed_p, seed_d = seed(f"{name} seed p"), seed(f"{name} seed d")
    m1 = bytes((1, 1)) + kem_p.public + hashed("commit", r_p, kem_p.public) + public(key(holder))
    m1 += len(token).to_bytes(2, "big") + token.encode()
    m1 += key(holder).sign(hashed("m1", m1))
    plain, signature = m2_text(role, key(signer), m1, name)
    m2 = seal_m2(m1, name, plain, signature)
    m3_json = compact({"v": 1, "r": b(r_p), "seed": b(seed_p), "restarts": True, "answer": ANSWER})
    sealed = seal(kem_d.public, hashed("m3", m1, m2), pad(framed(m3_json), LETTER_SIZES))
    transcript = hashed("transcript", m1, m2, sealed)
    k = extract(transcript, psk + seed_d + seed_p)
    mac_p, m4 = (mac(expand(k, f"confirm {part}"), transcript) for part in ("patient", "doctor"))
    digits = int.from_bytes(mac(r_p + r_d, hashed("digits", m1, plain))[:8], "big") % 1_000_000
    return {
        "name": name,
        "invite": {"id": invite["id"], "psk": invite["psk"], "token": token},
        "far": {"role": role, "key": b(thumb(public(key(signer)))) if is_known else None},
        "asks": {
            "holder_seed": b(seed(holder)),
            "holder_thumb": b(thumb(public(key(holder)))),
            "kem_seed": b(seed(f"{name} kem p")),
            "r": b(r_p),
            "seed": b(seed_p),
        },
        "answers": {
            "signing_seed": b(seed(signer)),
            "identity": UNION.identity(key(signer)) if role == "doctor" else None,
            "kem_seed": b(seed(f"{name} kem d")),
            "r": b(r_d),
            "seed": b(seed_d),
        },
        "m1": b(m1),
        "m2_json": plain.decode(),
        "m2_signature": b(signature),
        "m2": b(m2),
        "m3_json": m3_json.decode(),
        "m3": b(sealed + mac_p),
        "k": b(k),
        "m4": b(m4),
        "digits": f"{digits:06d}",
        "resume": b(expand(k, "resume", 16)),
    }


RUNS = (
    ("a guest asks the doctor", "guest holder", "doctor", "doctor"),
    ("a guest asks the patient", "guest holder", "patient", "patient holder"),
    ("a guest asks a guest", "guest holder", "guest", "first guest holder"),
    ("the patient asks a colleague", "patient holder", "doctor", "colleague"),
)


def runs() -> list[Object]:
    unknown = ("a colleague asks his inviter", "day key", "doctor", "doctor")
    return [*(a_run(*row) for row in RUNS), a_run(*unknown, is_known=False)]


def refusals(by_name: Mapping[str, Object]) -> list[Object]:
    """List M2s that who asks must refuse; `far` is whom he expects."""
    doctor, patient = by_name["a guest asks the doctor"], by_name["a guest asks the patient"]
    rows: list[Object] = []

    def row(name: str, run: Object, m2: bytes, code: str, far: Object | None = None) -> None:
        rows.append(
            {"name": name, "run": run["name"], "far": far or run["far"], "m2": b(m2), "code": code}
        )

    def by(run: Object, role: str, signer: str, **other: Any) -> bytes:
        return answer(role, key(signer), decode(run["m1"]), run["name"], **other)

    member = {"member": "patient", "holder": b(public(key("doctor")))}
    nothing = {"identity": None, "list": None}
    row("another certified doctor", doctor, by(doctor, "doctor", "another"), "handle")
    row("no identity", doctor, by(doctor, "doctor", "doctor", **nothing), "form")
    row("a member's letter", doctor, by(doctor, "guest", "doctor"), "form")
    row(
        "a doctor's key in a member's letter, for a patient",
        doctor,
        by(doctor, "doctor", "doctor", **nothing, **member),
        "signature",
        {"role": "patient", "key": doctor["far"]["key"]},
    )
    row("a guest for the doctor", doctor, by(doctor, "guest", "first guest holder"), "form")
    row(
        "a doctor for the patient",
        patient,
        by(patient, "doctor", "doctor"),
        "form",
    )
    row("a guest for the patient", patient, by(patient, "guest", "patient holder"), "form")
    row(
        "a doctor by role",
        patient,
        by(patient, "patient", "patient holder", member="doctor"),
        "form",
    )
    row("another key", patient, by(patient, "patient", "guest holder"), "handle")
    row(
        "another's signature",
        patient,
        by(patient, "patient", "guest holder", holder=b(public(key("patient holder")))),
        "signature",
    )
    row(
        "signed as a doctor signs",
        patient,
        by(patient, "patient", "patient holder", label="m2 signature"),
        "signature",
    )
    for name in ("identity", "list", "passkey"):
        row(
            f"a member with {name}",
            patient,
            by(patient, "patient", "patient holder", **{name: "x"}),
            "form",
        )
    row("no holder", patient, by(patient, "patient", "patient holder", holder=None), "form")
    row("a short holder", patient, by(patient, "patient", "patient holder", holder="AAAA"), "form")
    small = (1).to_bytes(32, "little")
    row(
        "a key of small order",
        patient,
        by(patient, "patient", "patient holder", holder=b(small)),
        "signature",
        {"role": "patient", "key": b(thumb(small))},
    )
    row(
        "a weak description",
        patient,
        by(patient, "patient", "patient holder", offer=OFFER.replace("sha-256", "sha-1")),
        "description",
    )
    row("changed on its way", patient, flipped(decode(patient["m2"]), -1), "sealed")
    return rows


# --- introductions -------------------------------------------------------------------------


def entry(name: str, role: str) -> Object:
    return {
        "member": b(thumb(name.encode())),
        "role": role,
        "key": b(thumb(f"{name} key".encode())),
    }


def introductions() -> list[Object]:
    """Who is told what, where a newcomer is introduced to a member."""
    patient, doctor = entry("patient", "patient"), entry("doctor", "doctor")
    guest, colleague = entry("guest", "guest"), entry("colleague", "doctor")
    second, third = entry("another guest", "guest"), entry("another colleague", "doctor")
    day_key = b(thumb(b"day key"))
    rows = []
    for newcomer, other, newcomer_asks in (
        (guest, patient, True),
        (guest, doctor, True),
        (second, guest, True),
        (colleague, patient, False),
        (colleague, guest, False),
        (third, colleague, True),
    ):
        asks, answers = (newcomer, other) if newcomer_asks else (other, newcomer)
        shared = {"invite": b(b"name of invite 1"), "psk": b(seed("psk"))}
        signs = {"holder": day_key} if asks["role"] == "doctor" else {}
        rows.append(
            {
                "newcomer": newcomer,
                "other": other,
                "holder": day_key if newcomer["role"] == "doctor" else newcomer["key"],
                **shared,
                "asks": asks["member"],
                "ask": {"t": "ask", **answers, **shared},
                "answers": answers["member"],
                "expect": {"t": "expect", **asks, **shared, **signs},
            }
        )
    return rows


def letters() -> list[Object]:
    """Letters as texts: what they say, null for another kind, or the code of the refusal."""
    told = introductions()
    ask, expect = told[0]["ask"], told[5]["expect"]
    members = [entry(name, "guest") for name in "ab"]
    good: list[Object] = [
        ask,
        expect,
        told[0]["expect"],
        {"t": "declined", "member": ask["member"]},
        {"t": "roster", "members": members},
        {"t": "roster", "members": []},
    ]
    bad: list[Any] = [
        [],
        {},
        {"t": 1},
        ask | {"role": "nurse"},
        ask | {"member": "short"},
        ask | {"psk": "AAAA"},
        {name: x for name, x in ask.items() if name != "invite"},
        {name: x for name, x in expect.items() if name != "holder"},
        told[0]["expect"] | {"holder": expect["holder"]},
        {"t": "declined"},
        {"t": "roster"},
        {"t": "roster", "members": [{"member": ask["member"]}]},
        {"t": "roster", "members": "all"},
    ]
    rows = [{"text": compact(x).decode(), "says": x, "code": None} for x in good]
    rows += [{"text": json.dumps(ask | {"more": 1}), "says": ask, "code": None}]
    rows += [{"text": '{"t":"again"}', "says": None, "code": None}]
    rows += [{"text": json.dumps(x), "says": None, "code": "form"} for x in bad]
    return [*rows, {"text": "{", "says": None, "code": "form"}]


# --- cards ---------------------------------------------------------------------------------


def a_card(
    identity: str,
    device: str = "colleague",
    *,
    day: int = TODAY,
    queues: Mapping[str, bytes],
    gesture: tuple[bytes, bytes, bytes] = (b"", b"", b""),
    more: bytes = b"",
    signed_slots: bytes | None = None,
    of: str = "card",
) -> str:
    nonce, card_key = seed(f"{of} nonce")[:16], seed(f"{of} key")
    slots = b"".join(
        bytes(
            x ^ y
            for x, y in zip(
                card_key, expand(extract(nonce, queues[name]), "card slot"), strict=True
            )
        )
        for name in sorted(queues)
    )
    slots += b"".join(seed(f"slot {n}") for n in range(8))[: 256 - len(slots)]
    header, claims, signature = map(decode, identity.split("."))
    text = day.to_bytes(4, "big") + public(key("day key")) + b"secret of a card"
    text += framed(header) + framed(claims) + signature + b"".join(map(framed, gesture)) + more
    signed = slots if signed_slots is None else signed_slots
    text += key(device).sign(hashed("card", nonce, signed, text))
    about = NAME + b"card" + nonce
    return b(b"\1" + nonce + slots + AESGCM(card_key).encrypt(bytes(12), pad(text, (1247,)), about))


def queue_key(queue: str, day: int = TODAY) -> bytes:
    return seed(f"{queue} {day}")


def cards() -> list[Object]:
    """Cards, read by who serves `garde` and `nuit`, today and yesterday."""
    device = key("colleague")
    identity = UNION.identity(device)
    noon = TODAY * DAY_S + DAY_S // 2
    both = {name: queue_key(name) for name in ("garde", "nuit")}
    yesterdays = {name: queue_key(name, TODAY - 1) for name in ("garde", "nuit")}
    keys = {TODAY: both, TODAY - 1: yesterdays}
    garde, foreign = {"garde": both["garde"]}, {"jour": queue_key("jour")}
    shown = {"name": "Dr Camille Roux", "specialty": "Médecine générale"}
    says = {
        "to": b(thumb(public(key("day key")))),
        "device": b(public(device)),
        "secret": b(b"secret of a card"),
        "card": shown,
    }
    many = {f"q{n}": seed(f"q{n}") for n in range(7)} | {"nuit": both["nuit"]}
    authenticator = AUTHENTICATORS[0]
    gestured = UNION.identity(device, passkey=authenticator.jwk)
    gesture = written(authenticator.asserts(TODAY, public(device))) or {}
    made = (decode(gesture["data"]), decode(gesture["client"]), decode(gesture["signature"]))
    good = a_card(identity, queues=garde)
    raw = decode(good)
    jti = json.loads(decode(identity.split(".")[1]))["jti"]
    rows: list[Object] = []

    def row(name: str, card: str, code: str | None = None, **other: Any) -> None:
        said = {
            "now": noon,
            "list": UNION.list(iat=noon - 3600, exp=noon + 3600),
            "keys": {
                str(day): {queue: b(x) for queue, x in queues.items()}
                for day, queues in keys.items()
            },
        }
        rows.append(
            {"name": name, "card": card}
            | said
            | other
            | {"says": None if code else says, "code": code}
        )

    def at(now: int) -> Object:
        return {"now": now, "list": UNION.list(iat=now - 3600, exp=now + 3600)}

    begins, ends = TODAY * DAY_S + 4 * 3600, TODAY * DAY_S + 34 * 3600
    old = a_card(identity, queues={"garde": yesterdays["garde"]}, day=TODAY - 1)
    row("one queue", good)
    row("the second of two", a_card(identity, queues=foreign | {"nuit": both["nuit"]}))
    row("eight queues", a_card(identity, queues=many))
    row("a gesture", a_card(gestured, queues=garde, gesture=made))
    row("its first second", good, **at(begins - 60))
    row("its last second", good, **at(ends - 1))
    row("before its day", good, "card", **at(begins - 61))
    row("after its day", good, "card", **at(ends))
    row("yesterday's, in the morning", old, **at(begins))
    row("yesterday's, at noon", old, "card")
    row("yesterday's, under today's key", a_card(identity, queues=garde, day=TODAY - 1), "card")
    row("another queue's", a_card(identity, queues=foreign), "card")
    row(
        "made over for another queue",
        a_card(
            identity, queues=garde, signed_slots=decode(a_card(identity, queues=foreign))[17:273]
        ),
        "card",
    )
    row("another device's", a_card(identity, "another", queues=garde), "card")
    stranger = UNION.identity(device, iss="AAAAAAAAAAAAAAAAAAAAAA")
    row("of no trusted union", a_card(stranger, queues=garde), "identity")
    row("revoked", good, "revoked", list=UNION.list(jti, iat=noon - 3600, exp=noon + 3600))
    row("no gesture", a_card(gestured, queues=garde), "passkey")
    row("a gesture of nothing", a_card(identity, queues=garde, gesture=made), "passkey")
    row("half a gesture", a_card(gestured, queues=garde, gesture=(made[0], b"", b"")), "form")
    row("something after", a_card(identity, queues=garde, more=b"x"), "form")
    row("changed", b(flipped(raw, -1)), "card")
    row("another version", b(b"\2" + raw[1:]), "form")
    row("too short", b(raw[:-1]), "form")
    row("too long", b(raw + b"x"), "form")
    row("no base64url", good[:-1] + "+", "form")
    row("nothing", "", "form")
    return rows


def make() -> Object:
    held = runs()
    return {
        "trust": {
            "now": NOW,
            "unions": [
                {
                    "v": 1,
                    "name": UNION.name,
                    "audience": UNION.audience,
                    "root": b(UNION.trusted.root),
                }
            ],
            "list": UNION.list(),
        },
        "invites": invites(),
        "addresses": addresses(),
        "runs": held,
        "refused": refusals({run["name"]: run for run in held}),
        "introductions": introductions(),
        "letters": letters(),
        "rosters": rosters(),
        "cards": cards(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
